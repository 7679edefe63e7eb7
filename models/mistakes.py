"""The worst judgements of an evaluation, each with what it was made of: what a coordinator reads to mend the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.metrics import Scores

#: From this grade on an item is right for a community.
RIGHT_GRADE = 2
WORST = 20

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """One item x community judged most wrongly: ``error`` is |score - 1| if right for it, else score.

    ``words``: (label, place) of each concept met, strongest first; the place is "title", "lead", "body", or "sense"
    for a nearness of meaning. ``reasons``: as the desk shows them. ``said_lead``: the community that leads as judged,
    ``gold_lead`` as labelled.
    """

    id: str
    title: str
    community: str
    grade: int
    score: float
    error: float
    selected: bool = False
    words: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    said_lead: str | None = None
    gold_lead: str | None = None


def worst_mistakes(pairs: Sequence[tuple[Record, Record]], scores: Scores, names: Sequence[str]) -> tuple[Mistake, ...]:
    """The worst community of each item, then the worst items; a missed grade 3 before a missed grade 2.

    ``pairs``: (gold, judgement); ``scores``: (n, c), columns in the order of ``names``.
    """
    mistakes = []
    for (item, judgement), row in zip(pairs, scores, strict=True):
        grades = [int((item.get("rel") or {}).get(name, 0)) for name in names]
        errors = [1 - score if grade >= RIGHT_GRADE else score for score, grade in zip(row, grades, strict=True)]
        at = int(np.argmax(errors))
        found: Record = next((c for c in judgement["communities"] if c["id"] == names[at]), {})
        mistakes.append(
            Mistake(
                str(item["id"]), str(item.get("title") or ""), names[at], grades[at], float(row[at]), float(errors[at]),
                selected=bool(found.get("selected")),
                words=tuple((str(e["label"]), str(e["where"])) for e in found.get("evidence") or ()),
                reasons=tuple(str(reason) for reason in found.get("reasons") or ()),
                said_lead=judgement.get("lead"),
                gold_lead=item.get("lead"),
            )
        )  # fmt: skip
    mistakes.sort(key=lambda mistake: (-mistake.error, -abs(mistake.grade - 1.5), mistake.id))
    return tuple(mistakes[:WORST])
