"""Signals -> a calibrated score per community, the lead, the proposals, the dossier, with reasons in French.

One scorer for every community (its features say « how well this item meets this taxonomy »), so that it carries over
to a ninth community; see ``features`` and ``docs/judgement.md``. Nothing here reads a label, a clock or a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.decide.arbitrate import arbitrate
from curation.decide.features import COLUMNS, LinearForm, Met, Scorer, features
from curation.decide.place import place
from curation.decide.reading import Reading, Words, met, read
from curation.decide.signals import Floats, Semantics
from curation.types import CommunityScore, Evidence, Item, Judgement
from taxonomy.types import Taxonomy

#: Bumped when a rule or a weight of this package changes: articles become « to classify » again.
RULES_VERSION = "8"

_SENSE = COLUMNS.index("sense")
_PLACE_FR = {"title": "dans le titre", "lead": "dans le chapeau", "body": "dans le texte"}


@dataclass(frozen=True, slots=True)
class Weighing:
    """A batch, weighed: ``rows`` (n, communities, len(features.COLUMNS)), ``scores`` (n, communities)."""

    rows: Floats
    scores: NDArray[np.float64]


def weigh(
    texts: Met,
    vectors: Floats,
    *,
    communities: Sequence[str],
    semantics: Semantics,
    scorer: Scorer,
    affinity: Floats | None = None,
) -> Weighing:
    """Score a batch (n) from what its texts show and its vectors (n, d). ``affinity``: (n, communities) log-odds."""
    order = [semantics.communities.index(c) for c in communities]
    rows = features(texts, semantics.scores(vectors)[:, order], affinity)
    return Weighing(rows, scorer.probabilities(rows, vectors, communities))


def judge(
    items: Sequence[Item],
    vectors: Floats,
    *,
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
    scorer: Scorer | None = None,
    affinity: Floats | None = None,
) -> list[Judgement]:
    """Judge ``items`` (n) with their passage vectors (n, d); one judgement each, same order.

    ``thresholds``: community id -> score from which it is selected. ``scorer``: the shipped form unless given.
    """
    if not items:
        return []
    readings = read(items, words)
    weighing = weigh(
        met(readings), vectors, communities=words.communities, semantics=semantics,
        scorer=scorer or LinearForm(), affinity=affinity,
    )  # fmt: skip
    ids = [item.id for item in items]
    return conclude(ids, readings, weighing, vectors, words, semantics, thresholds, proposal_threshold)


def conclude(
    ids: Sequence[str],
    readings: Sequence[Reading],
    weighing: Weighing,
    vectors: Floats,
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
) -> list[Judgement]:
    """From scores to judgements: evidence in words, lead, proposals, dossier; one for each reading."""
    order = [semantics.communities.index(c) for c in words.communities]
    return [
        _judgement(
            ids[i], vectors[i], reading, weighing.rows[i], weighing.scores[i], order, words, semantics, thresholds,
            proposal_threshold,
        )
        for i, reading in enumerate(readings)
    ]  # fmt: skip


def _judgement(
    identity: str,
    vector: Floats,
    reading: Reading,
    rows: Floats,
    scores: NDArray[np.float64],
    order: Sequence[int],
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
) -> Judgement:
    communities = []
    for k, taxonomy in enumerate(words.taxonomies):
        near = _sense(taxonomy, vector, semantics, order[k], float(rows[k, _SENSE]))
        evidence = (*reading.found[k].evidence[:8], *near)
        communities.append(
            CommunityScore(
                id=taxonomy.id,
                score=round(float(scores[k]), 4),
                selected=bool(scores[k] >= thresholds[taxonomy.id]),
                evidence=evidence,
                reasons=_reasons(taxonomy, evidence),
            )
        )
    communities.sort(key=lambda c: (-c.score, c.id))
    neighbours = {t.id: t.neighbours for t in words.taxonomies}
    lead, proposals = arbitrate(communities, neighbours, proposal_threshold)
    dossier = None
    if lead is not None:
        k = words.communities.index(lead)
        dossier = place(words.taxonomies[k], reading.found[k].evidence, *semantics.nearest(vector, order[k]))
    return Judgement(
        id=identity,
        communities=tuple(communities),
        lead=lead,
        proposals=proposals,
        dossier=dossier,
        kind=reading.kind,
        event=reading.event,
        deadline=reading.deadline,
    )


def _sense(taxonomy: Taxonomy, vector: Floats, semantics: Semantics, index: int, z: float) -> tuple[Evidence, ...]:
    """The concept nearest in meaning, when the whole item leans that way."""
    if z < 1.0 or not taxonomy.concepts:
        return ()
    near, _ = semantics.nearest(vector, index)
    best = int(np.argmax(near))
    concept = taxonomy.concepts[best]
    return (Evidence(concept.id, concept.pref_label, "sense", round(float(near[best]), 4)),)


def _reasons(taxonomy: Taxonomy, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """Why, in French words: the strongest three."""
    reasons = [f"« {e.label} » {_PLACE_FR[e.where]}" for e in evidence if e.where in _PLACE_FR][:3]
    reasons += [f"proche par le sens de « {e.label} »" for e in evidence if e.where == "sense"][: 3 - len(reasons)]
    return tuple(reasons) or (f"peu de chose relie ce contenu à « {taxonomy.pref_label} »",)
