"""Floors: what a judgement must still reach on the gold of the project, and what has moved where it does not.

A floor stands a little under what was measured when it was recorded: one standard error (``SLACK``), read from the
95 % bootstrap interval of the measure; a ceiling (calibration error) as much above. On the same items and the same
processor nothing moves by chance; the slack is what another arithmetic may round otherwise (``models.bert``: bfloat16
or float32), and what one change may cost on one measure without a word. Nothing here reads or writes a file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import metrics
from models.evaluate import Measure, Record, answers
from models.render import number

#: Standard errors between a figure and its limit.
SLACK = 1.0
#: Measures that must stay under their limit.
CEILINGS = frozenset({"calibration_error"})
#: Figures that have a floor; the others of ``evaluate`` follow from them.
GUARDED = (
    "map", "lead", "lead_strict", "relevance_auc", "micro_f1", "dossier_given_lead", "kind", "calibration_error",
    "event_start", "event_place", "deadline_precision", "deadline_recall",
)  # fmt: skip
_DIGITS = 3
_NORMAL = 2 * 1.96  # standard errors in a 95 % interval
_SHOWN = 12  # moved verdicts named under one measure
_MOVED = 0.05  # a score that moved less is not named


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a measure may not fall below (or, ``ceiling``, rise above); ``measured``: when it was recorded."""

    at: float
    measured: float
    ceiling: bool = False

    def holds(self, value: float | None) -> bool:
        """Whether ``value`` is on the right side; a measure that has lost its meaning is not."""
        return value is not None and (value <= self.at if self.ceiling else value >= self.at)

    def stricter(self, other: Limit | None) -> Limit:
        """The more demanding of two limits."""
        if other is None:
            return self
        return min(self, other, key=lambda limit: limit.at if self.ceiling else -limit.at)


@dataclass(frozen=True, slots=True)
class Breach:
    """A measure beyond its limit; ``moved``: in French, the verdicts that explain it, worst first."""

    section: str
    label: str
    limit: Limit
    value: float | None
    moved: tuple[str, ...]

    def render(self) -> str:
        """Several lines of French."""
        name = "plafond" if self.limit.ceiling else "plancher"
        gap = "" if self.value is None else f", écart {number(abs(self.value - self.limit.at))}"
        head = (
            f"{self.section} : {self.label} à {number(self.value)}, {name} {number(self.limit.at)}{gap} "
            f"(mesuré {number(self.limit.measured)} lors de l’enregistrement)"
        )
        shown = self.moved[:_SHOWN]
        rest = [f"    … et {len(self.moved) - _SHOWN} autres"] if len(self.moved) > _SHOWN else []
        none = [] if shown else ["    aucun verdict enregistré n’est devenu faux : le jeu annoté a changé"]
        return "\n".join([head, *(f"    {line}" for line in shown), *rest, *none])


def limit_of(measure: Measure) -> Limit:
    """The limit of a measure as it stands. Raises ``ValueError`` when it has no value or no interval."""
    if measure.value is None or measure.low is None or measure.high is None:
        raise ValueError(f"{measure.name} has no value: no limit can be recorded")
    ceiling = measure.name in CEILINGS
    slack = SLACK * (measure.high - measure.low) / _NORMAL
    scale = 10**_DIGITS
    at = math.ceil((measure.value + slack) * scale) if ceiling else math.floor((measure.value - slack) * scale)
    return Limit(at / scale, round(measure.value, _DIGITS), ceiling)


def compact(judgement: Record) -> dict[str, Any]:
    """What a record keeps of a judgement: verdicts and scores that count, no evidence, nothing empty."""
    event = {key: value for key, value in (judgement.get("event") or {}).items() if value}
    scores = {c["id"]: round(float(c["score"]), 2) for c in judgement["communities"]}
    best = max(scores, key=lambda name: scores[name], default=None)
    kept = {
        "lead": judgement.get("lead"),
        "dossier": (judgement.get("dossier") or {}).get("id"),
        "kind": judgement.get("kind"),
        "event": event,
        "deadline": judgement.get("deadline"),
        "selected": [c["id"] for c in judgement["communities"] if c["selected"]],
        "scores": {name: score for name, score in scores.items() if score >= _MOVED or name == best},
    }
    return {key: value for key, value in kept.items() if value}


def moved(name: str, items: Iterable[Record], before: Mapping[str, Record], now: Mapping[str, Record]) -> list[str]:
    """The verdicts behind the fall of measure ``name``: right before, wrong now.

    ``before``, ``now``: what ``compact`` made of the judgements, by id.
    """
    lines: list[tuple[float, str]] = []
    for item in items:
        key = str(item["id"])
        if key in before and key in now:
            lines += _moves(name, item, before[key], now[key])
    return [line for _, line in sorted(lines, key=lambda pair: (-pair[0], pair[1]))]


def _moves(name: str, item: Record, before: Record, now: Record) -> list[tuple[float, str]]:
    """(weight, line) for one item."""
    if name in ("map", "relevance_auc", "calibration_error"):
        return _score_moves(item, before, now)
    if name == "micro_f1":
        return _selection_moves(item, before, now)
    aspect, said, wanted = _ASPECTS[name]
    if name.startswith("deadline"):
        fell = before.get("deadline") == item.get("deadline") != now.get("deadline")
    else:
        fell = answers(item, _whole(before))[aspect] and not answers(item, _whole(now))[aspect]
    if not fell:
        return []
    return [(1.0, f"{_title(item)} : {said(before)} → {said(now)} (attendu : {wanted(item)})")]


def _score_moves(item: Record, before: Record, now: Record) -> list[tuple[float, str]]:
    """Scores that went the wrong way."""
    lines = []
    for community in {**before.get("scores", {}), **now.get("scores", {})}:
        old, new = (float(one.get("scores", {}).get(community, 0)) for one in (before, now))
        grade = int((item.get("rel") or {}).get(community, 0))
        shift = old - new if grade >= 2 else new - old
        if shift >= _MOVED:
            said = f"{community} {number(old, 2)} → {number(new, 2)} (note {grade})"
            lines.append((shift, f"{_title(item)} : {said}"))
    return lines


def _selection_moves(item: Record, before: Record, now: Record) -> list[tuple[float, str]]:
    old, new = set(before.get("selected", ())), set(now.get("selected", ()))
    lines = []
    for community in sorted(old ^ new):
        grade = int((item.get("rel") or {}).get(community, 0))
        if (grade >= 2) != (community in new):
            turn = "n’est plus retenu" if community in old else "est retenu à tort"
            lines.append((1.0, f"{_title(item)} : {turn} pour {community} (note {grade})"))
    return lines


def _whole(kept: Record) -> dict[str, Any]:
    """The judgement that ``compact`` was made of, as far as it is needed to check its answers."""
    scores: Mapping[str, float] = kept.get("scores") or {}
    return {
        **kept,
        "dossier": {"id": kept.get("dossier")},
        "communities": [{"id": name, "score": score} for name, score in scores.items()],
    }


def _title(item: Record) -> str:
    title = " ".join(str(item.get("title") or "").split())
    return f"« {title if len(title) <= 60 else title[:59] + '…'} » [{item['id']}]"


def _lead(kept: Record) -> str:
    scores: Mapping[str, float] = kept.get("scores") or {}
    if kept.get("lead"):
        return str(kept["lead"])
    return f"aucune, {max(scores, key=lambda name: scores[name])} en tête" if scores else "aucune"


def _leads(item: Record) -> str:
    return " ou ".join([str(item.get("lead") or "aucune"), *item.get("also_lead", [])])


def _either(key: str, more: str) -> Callable[[Record], str]:
    return lambda item: " ou ".join([str(item.get(key) or "aucun"), *item.get(more, [])])


def _plain(*path: str) -> Callable[[Record], str]:
    def said(record: Record) -> str:
        value: Any = record
        for key in path:
            value = (value or {}).get(key)
        return str(value or "aucun")

    return said


#: measure -> the row of ``answers`` it counts, what a verdict says of it, what is expected
_ASPECTS: dict[str, tuple[str, Callable[[Record], str], Callable[[Record], str]]] = {
    "lead": ("lead_or_best", _lead, _leads),
    "lead_strict": ("lead_strict", _lead, _leads),
    "dossier_given_lead": ("dossier", _plain("dossier"), _either("dossier", "dossier_alt")),
    "kind": ("kind", _plain("kind"), _either("kind", "kind_alt")),
    "event_start": ("start", _plain("event", "start"), _plain("event", "start")),
    "event_place": ("place", _plain("event", "place"), _plain("event", "place")),
    "deadline_precision": ("deadline", _plain("deadline"), _plain("deadline")),
    "deadline_recall": ("deadline", _plain("deadline"), _plain("deadline")),
}


def pair_measures(
    pairs: Sequence[Record], groups: Mapping[str, str], draws: int = 500, seed: int = 0
) -> tuple[Measure, ...]:
    """Precision and recall of grouping: ``dup`` pairs must share a group, ``diff`` pairs must not.

    ``groups``: item id -> group id. ``related`` pairs count on neither side: both answers can be defended.
    Intervals: bootstrap over the pairs.
    """
    told = [pair for pair in pairs if pair["label"] != "related"]
    same = np.array([pair["label"] == "dup" for pair in told])
    found = np.array([groups[pair["a"]] == groups[pair["b"]] for pair in told])
    dice = np.random.default_rng(seed)
    drawn = [
        metrics.precision_recall_f1(found[rows], same[rows])
        for rows in (dice.integers(len(told), size=len(told)) for _ in range(draws))
    ]
    measures = []
    names = (("duplicates_precision", "doublons, précision"), ("duplicates_recall", "doublons, rappel"))
    for place, (name, label) in enumerate(names):
        value = metrics.precision_recall_f1(found, same)[place]
        known = [row[place] for row in drawn if not math.isnan(row[place])]
        low, high = (float(edge) for edge in np.percentile(known, [2.5, 97.5])) if known else (None, None)
        n = int((same if place else found).sum())
        measures.append(Measure(name, label, None if math.isnan(value) else value, low, high, n))
    return tuple(measures)


def moved_pairs(pairs: Iterable[Record], titles: Mapping[str, str], before: set[str], now: set[str]) -> list[str]:
    """Pairs grouped rightly before and wrongly now. ``before``, ``now``: the keys (``pair_key``) of united pairs."""
    lines = []
    for pair in pairs:
        key, wanted = pair_key(pair), pair["label"] == "dup"
        if pair["label"] != "related" and (key in before) == wanted != (key in now):
            turn = "ne sont plus réunis" if wanted else "sont réunis à tort"
            lines.append(f"« {titles[pair['a']]} » et « {titles[pair['b']]} » {turn} [{key}]")
    return lines


def pair_key(pair: Record) -> str:
    """One name for a pair."""
    return f"{pair['a']} + {pair['b']}"
