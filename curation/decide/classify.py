"""Signals -> a calibrated score per community, the lead, the proposals, the dossier, with reasons in French.

One logistic form for every community (its features say « how well this item meets this taxonomy »), so that it
carries over to a ninth community. Its few weights were tuned on labelled items and rounded; see
``docs/judgement.md``. Nothing here reads a label, a clock or a file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curation.decide.arbitrate import arbitrate
from curation.decide.kinds import Nature, describe
from curation.decide.place import place
from curation.decide.signals import Floats, Lexical, Semantics, lexical
from curation.types import CommunityScore, Evidence, Item, Judgement, Kind
from taxonomy.match import Matcher
from taxonomy.types import Match, Taxonomy

#: Bumped when a rule or a weight of this package changes: articles become « to classify » again.
RULES_VERSION = "3"

_PLACE_FR = {"title": "dans le titre", "lead": "dans le chapeau", "body": "dans le texte"}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the logistic form, on the logit scale."""

    intercept: float = -3.6
    words: float = 1.7  # 1 - exp(-lexical total)
    words_linear: float = 1.0  # lexical total, cut at 3, over 3
    title: float = 0.8  # 1 - exp(-title part)
    sense: float = 0.5  # mean z-score
    nearest: float = 0.85  # z-score of the nearest concepts
    sense_lead: float = -0.2  # mean z-score minus the best other community's
    words_lead: float = 0.7  # words minus the best other community's
    territorial: float = 0.5
    offtopic: float = -2.0
    sense_any: float = -0.7  # best mean z-score over communities: the item is close to everything
    words_any: float = 0.35
    job: float = -2.0  # a job offer is rarely published


@dataclass(frozen=True, slots=True)
class Words:
    """Everything classification needs of the words: built once per process, picklable."""

    taxonomies: tuple[Taxonomy, ...]
    territorial: Taxonomy | None
    offtopic: Taxonomy | None
    matcher: Matcher


def judge(
    items: Sequence[Item],
    vectors: Floats,
    *,
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
    weights: Weights | None = None,
) -> list[Judgement]:
    """Judge ``items`` (n) with their passage vectors (n, d); one judgement each, same order.

    ``thresholds``: community id -> score from which it is selected.
    """
    weights = weights or Weights()
    z = semantics.scores(vectors)
    order = [semantics.communities.index(t.id) for t in words.taxonomies]
    return [
        _judge_one(item, vectors[i], z[i][order], order, words, semantics, thresholds, proposal_threshold, weights)
        for i, item in enumerate(items)
    ]


def _judge_one(
    item: Item,
    vector: Floats,
    z: Floats,
    order: Sequence[int],
    words: Words,
    semantics: Semantics,
    thresholds: Mapping[str, float],
    proposal_threshold: float,
    weights: Weights,
) -> Judgement:
    nature = describe(item)
    in_title, in_text = _by_taxonomy(words.matcher.match(item.title)), _by_taxonomy(words.matcher.match(item.text))

    def met(taxonomy: Taxonomy | None) -> Lexical:
        if taxonomy is None:
            return Lexical((), 0.0, 0.0)
        return lexical(taxonomy, in_title.get(taxonomy.id, ()), in_text.get(taxonomy.id, ()))

    found = [met(t) for t in words.taxonomies]
    logits = _logits(found, z, met(words.territorial).total, met(words.offtopic).total, nature, weights)
    scores = [1 / (1 + math.exp(-x)) for x in logits]
    communities = []
    for k, taxonomy in enumerate(words.taxonomies):
        evidence = (*found[k].evidence[:8], *_sense(taxonomy, vector, semantics, order[k], float(z[k].mean())))
        communities.append(
            CommunityScore(
                id=taxonomy.id,
                score=round(scores[k], 4),
                selected=scores[k] >= thresholds[taxonomy.id],
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


def _logits(
    found: Sequence[Lexical], z: Floats, territorial: float, offtopic: float, nature: Nature, w: Weights
) -> list[float]:
    """One logit per community; ``z`` is (communities, 3)."""
    sense = z.mean(axis=1)
    met = np.array([_saturate(f.total) for f in found])
    common = (
        w.intercept
        + w.territorial * _saturate(territorial)
        + w.offtopic * _saturate(offtopic)
        + w.sense_any * float(sense.max())
        + w.words_any * float(met.max())
        + (w.job if nature.verdict.kind is Kind.JOB else 0.0)
    )
    logits = []
    for k, f in enumerate(found):
        others = np.arange(len(found)) != k
        sense_others = float(sense[others].max()) if others.any() else 0.0
        words_others = float(met[others].max()) if others.any() else 0.0
        logits.append(
            common
            + w.words * float(met[k])
            + w.words_linear * min(f.total, 3.0) / 3
            + w.title * _saturate(f.title)
            + w.sense * float(sense[k])
            + w.nearest * float(z[k, 0])
            + w.sense_lead * (float(sense[k]) - sense_others)
            + w.words_lead * (float(met[k]) - words_others)
        )
    return logits


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


def _saturate(value: float) -> float:
    return 1 - math.exp(-value)
