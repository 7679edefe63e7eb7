"""The dossier of an item: words that speak for a dossier, and nearness in meaning to the dossier and its concepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

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
