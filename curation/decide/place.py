"""The dossier of an item: words that speak for a dossier, and nearness in meaning to the dossier and its concepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from curation.decide.occurrences import Seen, discounted
from curation.decide.signals import DISCOUNT, Floats
from curation.types import Evidence, Placement
from taxonomy.types import Taxonomy

#: Weights of a conditional logit (McFadden 1974) fitted on labelled items: words, nearness to the dossier, nearness to
#: the closest of its concepts. Its softmax is the score shown.
WORDS, NEAR_DOSSIER, NEAR_CONCEPT = 1.2, 11.0, 7.0


def place(taxonomy: Taxonomy, evidence: Sequence[Evidence], concepts: Floats, dossiers: Floats) -> Placement | None:
    """Best dossier of ``taxonomy``; None when it has none. Arguments: see ``merits``.

    The score is the softmax share of the best dossier, 0..1.
    """
    if not taxonomy.dossiers:
        return None
    total = merits(taxonomy, evidence, concepts, dossiers)
    best = int(np.argmax(total))
    share = np.exp(total - total.max())
    return Placement(taxonomy.id, taxonomy.dossiers[best].id, round(float(share[best] / share.sum()), 4))


def place_all(
    taxonomy: Taxonomy,
    seen: Seen,
    weight: NDArray[np.float64],
    rows: NDArray[np.intp],
    concepts: Floats,
    dossiers: Floats,
) -> list[tuple[str, float] | None]:
    """``place`` for many items: dossier and score of each of ``rows`` (n, in order). ``seen``: sightings in them alone,
    and what each weighs; ``concepts`` (n, c), ``dossiers`` (n, k)."""
    n, k = len(rows), len(taxonomy.dossiers)
    if not k or not n:
        return [None] * n
    index, at = {d.id: i for i, d in enumerate(taxonomy.dossiers)}, np.searchsorted(rows, seen.row)
    speaks_for = {c.id: [index[d] for d in c.dossiers] for c in taxonomy.concepts}
    shelves = [speaks_for[c] for c in seen.concepts]
    times = np.array([len(s) for s in shelves], np.intp)
    pair = np.repeat(np.arange(len(at)), times[seen.concept])
    shelf = np.array([d for c in seen.concept.tolist() for d in shelves[c]], np.intp)
    group = at[pair] * k + shelf
    order = np.lexsort((-weight[pair], group))
    lexical = discounted(group[order], weight[pair][order], n * k).reshape(n, k)
    nearest = np.full((n, k), -1.0)
    for at_concept, concept in enumerate(taxonomy.concepts):
        for dossier in concept.dossiers:
            column = nearest[:, index[dossier]]
            np.maximum(column, concepts[:, at_concept], out=column)
    total = WORDS * lexical + NEAR_DOSSIER * dossiers + NEAR_CONCEPT * nearest
    best = total.argmax(axis=1)
    share = np.exp(total - total.max(axis=1, keepdims=True))
    exact = share[np.arange(n), best] / share.sum(axis=1)
    ids = [taxonomy.dossiers[b].id for b in best.tolist()]
    found: list[tuple[str, float] | None] = list(zip(ids, np.round(exact, 4).tolist(), strict=True))
    second = np.partition(total, -2, axis=1)[:, -2] if k > 1 else np.full(n, -np.inf)
    doubtful = total[np.arange(n), best] - second < 1e-9
    doubtful |= np.abs(exact * 1e4 - np.floor(exact * 1e4) - 0.5) < 1e-6
    for i in np.flatnonzero(doubtful).tolist():  # the last bits of sums made in another order could tell there
        mine = np.flatnonzero(at == i).tolist()
        evidence = [Evidence(seen.concepts[seen.concept[m]], "", "", float(weight[m])) for m in mine]
        one = place(taxonomy, evidence, concepts[i], dossiers[i])
        found[i] = (one.id, one.score) if one else None
    return found


def merits(taxonomy: Taxonomy, evidence: Sequence[Evidence], concepts: Floats, dossiers: Floats) -> NDArray[np.float64]:
    """How well an item stands in each dossier, (k,), on the scale of log-odds.

    ``concepts`` (n,) and ``dossiers`` (k,): centred cosines of the item with each, in the taxonomy's order.
    """
    index = {d.id: i for i, d in enumerate(taxonomy.dossiers)}
    words: list[list[float]] = [[] for _ in index]
    speaks_for = {c.id: c.dossiers for c in taxonomy.concepts}
    for e in evidence:
        for dossier in speaks_for.get(e.concept, ()):
            words[index[dossier]].append(e.weight)
    lexical = np.array([sum(w * DISCOUNT**i for i, w in enumerate(sorted(ws, reverse=True))) for ws in words])
    nearest = np.full(len(index), -1.0)
    for concept, near in zip(taxonomy.concepts, concepts, strict=True):
        for dossier in concept.dossiers:
            nearest[index[dossier]] = max(nearest[index[dossier]], float(near))
    return np.asarray(WORDS * lexical + NEAR_DOSSIER * np.asarray(dossiers) + NEAR_CONCEPT * nearest, np.float64)
