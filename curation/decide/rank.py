"""The order of a queue: signals in 0..1, weights of the configuration, variety within the top, reasons in French.

Variety is maximal marginal relevance (Carbonell & Goldstein 1998): a draft that looks like one ranked above it
gives way.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from curation.types import Draft, Duplicate, Kind, Role

#: How useful a kind is to a community that publishes twenty contributions a month.
KIND_VALUE = {
    Kind.REGULATION: 1.0,
    Kind.CALL: 1.0,
    Kind.PRACTICE: 0.9,
    Kind.RESOURCE: 0.8,
    Kind.EVENT: 0.7,
    Kind.NEWS: 0.5,
    Kind.OTHER: 0.2,
    Kind.JOB: 0.0,
}
#: Centred cosine from which two drafts begin to look alike, and at which they say nearly the same.
ALIKE_FROM, ALIKE = 0.6, 0.9
#: How many drafts of a queue are arranged for variety; below, the plain order stands.
TOP = 60


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of one draft besides itself; every figure in 0..1."""

    priority: float = 0.0  # share of the evidence that belongs to the year's priorities
    priority_label: str = ""
    authority: float = 0.5
    audience: float = 0.0  # the text names the readers' trades, or the territories
    novelty: float = 1.0  # 1 - likeness to what the community published
    provenances: int = 1


def rank(
    drafts: Sequence[Draft],
    signals: Sequence[Signals],
    vectors: NDArray[np.float32],
    *,
    today: date,
    weights: Mapping[str, float],
) -> list[Draft]:
    """Drafts of one community with score (0..1) and reasons, best first.

    ``vectors``: (n, d) centred unit vectors (``signals.Semantics.centred``), for variety.
    ``weights``: names of ``config.RankWeights``.
    """
    if not drafts:
        return []
    scored = [_score(d, s, today, weights) for d, s in zip(drafts, signals, strict=True)]
    order = _varied([s for s, _ in scored], [d.article for d in drafts], vectors, weights["variety"])
    return [
        replace(drafts[i], score=round(value, 4), reasons=(*drafts[i].reasons, *scored[i][1])) for i, value in order
    ]


def one_per_story(
    ids: Sequence[str], places: Mapping[str, Duplicate], alone: Container[str], merit: Mapping[str, float]
) -> list[str]:
    """One article per duplicate group, so that nobody gets the same story twice.

    The representative when it is among ``ids`` (those that concern somebody), else the member of most ``merit``: its
    best score. What a person separated from its group (``alone``) stands by itself.
    """
    groups: dict[str, list[str]] = {}
    for i in ids:
        groups.setdefault(places[i].group if i in places and i not in alone else i, []).append(i)

    def place(i: str) -> tuple[bool, float, str]:
        represents = i not in places or places[i].role is Role.REPRESENTATIVE
        return (not represents, -merit[i], i)

    return sorted(min(members, key=place) for members in groups.values())


def freshness(published: date | None, today: date, half_life_days: float) -> float:
    """1 today, 0.5 after one half-life; 0.3 for an undated item."""
    if published is None:
        return 0.3
    return float(0.5 ** (max(0, (today - published).days) / half_life_days))


def likeness(cosines: NDArray[np.floating]) -> NDArray[np.float64]:
    """Centred cosines -> 0 for two items of one dossier, 1 for two accounts of one fact (``Semantics.centred``)."""
    return np.asarray(np.clip((cosines - ALIKE_FROM) / (ALIKE - ALIKE_FROM), 0, 1), dtype=np.float64)


def urgency(draft: Draft, today: date) -> float:
    """Near deadlines and events first: 1 within a week, 0 beyond two months or in the past."""
    days = [(d - today).days for d in (draft.deadline, draft.event.start if draft.event else None) if d and d >= today]
    if not days:
        return 0.0
    return max(0.0, min(1.0, 1 - (min(days) - 7) / 53))


def _score(draft: Draft, s: Signals, today: date, w: Mapping[str, float]) -> tuple[float, list[str]]:
    published = draft.published.date() if draft.published else None
    fresh, near = freshness(published, today, w["half_life_days"]), urgency(draft, today)
    parts = {
        "relevance": draft.relevance,
        "priority": s.priority,
        "freshness": fresh,
        "authority": s.authority,
        "audience": s.audience,
        "novelty": s.novelty,
        "kind": KIND_VALUE[draft.kind],
        "urgency": near,
    }
    total = sum(w[name] for name in parts)
    value = sum(w[name] * part for name, part in parts.items()) / total if total else 0.0
    reasons = []
    if s.priority > 0.3 and s.priority_label:
        reasons.append(f"priorité de l’année : {s.priority_label}")
    if near > 0 and draft.deadline and draft.deadline >= today:
        reasons.append(f"échéance {_in_days((draft.deadline - today).days)}")
    elif near > 0 and draft.event and draft.event.start:
        reasons.append(f"événement {_in_days((draft.event.start - today).days)}")
    if fresh > 0.8:
        reasons.append("publié ces derniers jours")
    if s.authority >= 0.8:
        reasons.append("source de référence")
    if s.provenances > 1:
        reasons.append(f"signalé par {s.provenances} sources")
    if s.novelty < 0.3:
        reasons.append("proche d’une contribution déjà publiée")
    return value, reasons


def _in_days(days: int) -> str:
    return ("aujourd'hui", "demain")[days] if days < 2 else f"dans {days} jours"


def _varied(
    values: Sequence[float], ids: Sequence[str], vectors: NDArray[np.float32], penalty: float
) -> list[tuple[int, float]]:
    """Indices and adjusted scores, best first; equal scores fall back on the id, so the order is total."""
    plain = sorted(range(len(values)), key=lambda i: (-values[i], ids[i]))
    top, rest = plain[:TOP], plain[TOP:]
    like = likeness(vectors[top] @ vectors[top].T) if top else np.zeros((0, 0))
    remaining, worst = list(range(len(top))), np.zeros(len(top))
    chosen: list[tuple[int, float]] = []
    while remaining:
        best = min(remaining, key=lambda k: (-(values[top[k]] - penalty * 0.5 * worst[k]), ids[top[k]]))
        value = values[top[best]] - penalty * 0.5 * float(worst[best])
        if chosen:
            value = min(value, chosen[-1][1])
        chosen.append((top[best], max(0.0, value)))
        remaining.remove(best)
        worst = np.maximum(worst, like[best])
    floor = chosen[-1][1] if chosen else 1.0
    return chosen + [(i, min(values[i], floor)) for i in rest]
