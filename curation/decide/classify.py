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
from curation.decide.features import COLUMNS, LinearForm, Scorer, features
from curation.decide.kinds import Nature, describe
from curation.decide.place import place
from curation.decide.signals import Floats, Lexical, Semantics, lexical
from curation.types import CommunityScore, Evidence, Item, Judgement
from taxonomy.match import Matcher
from taxonomy.types import Match, Taxonomy

#: Bumped when a rule or a weight of this package changes: articles become « to classify » again.
RULES_VERSION = "5"

_SENSE = COLUMNS.index("sense")
_PLACE_FR = {"title": "dans le titre", "lead": "dans le chapeau", "body": "dans le texte"}


@dataclass(frozen=True, slots=True)
class Words:
    """Everything classification needs of the words: built once per process, picklable."""

    taxonomies: tuple[Taxonomy, ...]
    territorial: Taxonomy | None
    offtopic: Taxonomy | None
    matcher: Matcher


@dataclass(frozen=True, slots=True)
class Reading:
    """What one item shows before it is scored: words met per taxonomy, its nature, and its rows of features."""

    found: tuple[Lexical, ...]
    nature: Nature
    rows: NDArray[np.float32]  # (communities, len(features.COLUMNS))


def read(items: Sequence[Item], vectors: Floats, *, words: Words, semantics: Semantics) -> list[Reading]:
    """Read ``items`` (n) with their passage vectors (n, d), communities in the order of ``words.taxonomies``."""
    order = _order(words, semantics)
    z = semantics.scores(vectors)
    return [_read(item, z[i][order], words) for i, item in enumerate(items)]


def judge(
    items: Sequence[Item],
    vectors: Floats,
    *,
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
    scorer: Scorer | None = None,
) -> list[Judgement]:
    """Judge ``items`` (n) with their passage vectors (n, d); one judgement each, same order.

    ``thresholds``: community id -> score from which it is selected. ``scorer``: the shipped form unless given.
    """
    if not items:
        return []
    readings = read(items, vectors, words=words, semantics=semantics)
    rows = np.concatenate([r.rows for r in readings])
    scores = (scorer or LinearForm()).probabilities(rows).reshape(len(items), -1)
    order = _order(words, semantics)
    return [
        _judgement(item, vectors[i], readings[i], scores[i], order, words, semantics, thresholds, proposal_threshold)
        for i, item in enumerate(items)
    ]


def _order(words: Words, semantics: Semantics) -> list[int]:
    return [semantics.communities.index(t.id) for t in words.taxonomies]


def _read(item: Item, z: Floats, words: Words) -> Reading:
    nature = describe(item)
    in_title, in_text = _by_taxonomy(words.matcher.match(item.title)), _by_taxonomy(words.matcher.match(item.text))

    def met(taxonomy: Taxonomy | None) -> Lexical:
        if taxonomy is None:
            return Lexical((), 0.0, 0.0)
        return lexical(taxonomy, in_title.get(taxonomy.id, ()), in_text.get(taxonomy.id, ()))

    found = tuple(met(t) for t in words.taxonomies)
    rows = features(
        found, z, met(words.territorial).total, met(words.offtopic).total, nature.verdict.kind, len(item.text)
    )
    return Reading(found, nature, rows)


def _judgement(
    item: Item,
    vector: Floats,
    reading: Reading,
    scores: NDArray[np.float64],
    order: Sequence[int],
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
) -> Judgement:
    found, nature = reading.found, reading.nature
    communities = []
    for k, taxonomy in enumerate(words.taxonomies):
        sense = float(reading.rows[k, _SENSE])
        evidence = (*found[k].evidence[:8], *_sense(taxonomy, vector, semantics, order[k], sense))
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
        k = next(i for i, t in enumerate(words.taxonomies) if t.id == lead)
        dossier = place(words.taxonomies[k], found[k].evidence, *semantics.nearest(vector, order[k]))
    return Judgement(
        id=item.id,
        communities=tuple(communities),
        lead=lead,
        proposals=proposals,
        dossier=dossier,
        kind=nature.verdict.kind,
        event=nature.event,
        deadline=nature.deadline,
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


def _by_taxonomy(matches: Sequence[Match]) -> dict[str, list[Match]]:
    result: dict[str, list[Match]] = {}
    for match in matches:
        result.setdefault(match.taxonomy, []).append(match)
    return result
