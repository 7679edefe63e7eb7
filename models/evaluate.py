"""How good are the judgements, against labelled items: the figures of ``veille evaluate``.

Gold records and judgements are the JSON objects of the interface, as dicts.
A community is *right* for an item when its grade is 2 or 3. Confidence
intervals: percentile bootstrap over items (Efron & Tibshirani 1993), 95 %.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import metrics
from models.concepts import ConceptFigures, concept_figures
from models.errors import ModelError
from models.metrics import Flags, Scores
from models.mistakes import RIGHT_GRADE, Mistake, worst_mistakes
from models.queues import Queue, QueueFigures, queue_figures

Record = Mapping[str, Any]
Draws = Sequence[NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: ``value`` and its 95 % interval, over ``n`` cases; None where it has no meaning."""

    name: str
    label: str  # French
    value: float | None
    low: float | None
    high: float | None
    n: int


Interval = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class CommunityFigures:
    """One community: ``n`` items with grade >= 2, average precision, and the effect of its threshold.

    Each ``…_interval`` is the 95 % interval of the figure before it.
    """

    id: str
    n: int
    average_precision: float | None
    average_precision_interval: Interval
    precision: float | None
    precision_interval: Interval
    recall: float | None
    recall_interval: Interval
    f1: float | None
    f1_interval: Interval


@dataclass(frozen=True, slots=True)
class Report:
    """Everything ``evaluate`` found. ``best_threshold``: the one threshold that gives the best micro-F1.

    ``concepts``: most to mend first; ``queues``: empty unless queues were given.
    """

    items: int
    measures: tuple[Measure, ...]
    communities: tuple[CommunityFigures, ...]
    concepts: tuple[ConceptFigures, ...]
    queues: tuple[QueueFigures, ...]
    worst: tuple[Mistake, ...]
    best_threshold: float | None

    def __getitem__(self, name: str) -> float | None:
        """The value of a measure by its name, e.g. ``report["map"]``."""
        for measure in self.measures:
            if measure.name == name:
                return measure.value
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``; measures by name."""
        return {
            "items": self.items,
            "best_threshold": self.best_threshold,
            "measures": {measure.name: asdict(measure) for measure in self.measures},
            "communities": [asdict(figures) for figures in self.communities],
            "concepts": [asdict(figures) for figures in self.concepts],
            "queues": [asdict(figures) for figures in self.queues],
            "worst": [asdict(mistake) for mistake in self.worst],
        }

    def render(self) -> str:
        """The report as a text in French, for a terminal."""
        from models.render import render_report

        return render_report(self)


@dataclass(frozen=True)
class _Table:
    """Gold and judgements side by side; row = item, column = community. None of it is recomputed by a bootstrap."""

    scores: Scores  # (n, c)
    right: Flags  # (n, c), grade >= 2
    selected: Flags  # (n, c)
    relevant: Flags  # (n,), right for any community
    led: Flags  # (n,), gold lead not null
    lead_or_best: Flags  # (n,), the judged lead (else the best community) is an accepted lead
    lead_strict: Flags  # (n,), the judged lead alone
    best: Flags  # (n,), the community of best score alone
    lead_exact: Flags  # (n,), lead_or_best is the gold lead itself: its dossiers are comparable
    has_dossier: Flags
    dossier: Flags
    has_kind: Flags
    kind: Flags
    has_start: Flags
    start: Flags
    has_end: Flags
    end: Flags
    has_place: Flags
    place: Flags
    has_deadline: Flags
    says_deadline: Flags
    deadline: Flags

    def take(self, rows: NDArray[np.intp]) -> _Table:
        """The table of the rows drawn, repetitions included."""
        return replace(self, **{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    @cached_property
    def average_precisions(self) -> tuple[float, ...]:
        """Of each community; the costly part of an interval, used by two tables."""
        columns = range(self.scores.shape[1])
        return tuple(metrics.average_precision(self.scores[:, k], self.right[:, k]) for k in columns)


#: name, French label, figure, number of cases
_MEASURES: tuple[tuple[str, str, Callable[[_Table], float], Callable[[_Table], int]], ...] = (
    ("map", "mAP (moyenne des communautés)",
     lambda t: metrics.known_mean(t.average_precisions), lambda t: len(t.led)),
    ("lead", "chef de file, à défaut la mieux notée",
     lambda t: metrics.share(t.lead_or_best[t.led]), lambda t: int(t.led.sum())),
    ("lead_strict", "chef de file désigné seulement",
     lambda t: metrics.share(t.lead_strict[t.led]), lambda t: int(t.led.sum())),
    ("lead_best", "communauté la mieux notée",
     lambda t: metrics.share(t.best[t.led]), lambda t: int(t.led.sum())),
    ("relevance_auc", "AUC de pertinence (note ≥ 2)",
     lambda t: metrics.auc(t.scores.max(axis=1), t.relevant), lambda t: len(t.led)),
    ("relevance_auc_lead", "AUC de pertinence (chef de file)",
     lambda t: metrics.auc(t.scores.max(axis=1), t.led), lambda t: len(t.led)),
    ("micro_precision", "précision aux seuils",
     lambda t: metrics.precision_recall_f1(t.selected, t.right)[0], lambda t: int(t.selected.sum())),
    ("micro_recall", "rappel aux seuils",
     lambda t: metrics.precision_recall_f1(t.selected, t.right)[1], lambda t: int(t.right.sum())),
    ("micro_f1", "micro-F1 aux seuils",
     lambda t: metrics.precision_recall_f1(t.selected, t.right)[2], lambda t: t.right.size),
    ("best_micro_f1", "micro-F1 au meilleur seuil unique",
     lambda t: metrics.best_f1(t.scores, t.right)[0], lambda t: t.right.size),
    ("dossier_given_lead", "dossier, chef de file juste",
     lambda t: metrics.share(t.dossier[t.has_dossier & t.lead_exact]),
     lambda t: int((t.has_dossier & t.lead_exact).sum())),
    ("dossier", "dossier, tous items menés",
     lambda t: metrics.share(t.dossier[t.has_dossier]), lambda t: int(t.has_dossier.sum())),
    ("kind", "type", lambda t: metrics.share(t.kind[t.has_kind]), lambda t: int(t.has_kind.sum())),
    ("calibration_error", "erreur de calibration (ECE)",
     lambda t: metrics.calibration_error(t.scores, t.right), lambda t: t.right.size),
    ("event_start", "début d’événement",
     lambda t: metrics.share(t.start[t.has_start]), lambda t: int(t.has_start.sum())),
    ("event_end", "fin d’événement", lambda t: metrics.share(t.end[t.has_end]), lambda t: int(t.has_end.sum())),
    ("event_place", "lieu d’événement",
     lambda t: metrics.share(t.place[t.has_place]), lambda t: int(t.has_place.sum())),
    ("deadline_precision", "échéance, précision",
     lambda t: metrics.share(t.deadline[t.says_deadline]) if t.has_deadline.any() else float("nan"),
     lambda t: int(t.says_deadline.sum())),
    ("deadline_recall", "échéance, rappel",
     lambda t: metrics.share(t.deadline[t.has_deadline]), lambda t: int(t.has_deadline.sum())),
)  # fmt: skip


def evaluate(
    gold: Iterable[Record],
    judgements: Iterable[Record],
    *,
    queues: Mapping[str, Queue] | None = None,
    bootstrap: int = 500,
    seed: int = 0,
) -> Report:
    """Compare ``judgements`` with ``gold``, matched by id; judgements without gold are ignored.

    ``queues``: community -> its drafts in order (``models.queues``), whose order is then measured too.
    ``bootstrap``: draws for the intervals, 0 for none; ``seed`` makes them repeatable.
    Raises ``ModelError`` when there is no gold, or a gold item has no judgement.
    """
    try:
        pairs, names = _paired(gold, judgements)
        table = _table(pairs, names)
        generator = np.random.default_rng(seed)
        draws = [generator.integers(len(pairs), size=len(pairs)) for _ in range(bootstrap)]
        ordered, mean = _queues(pairs, queues, draws)
        concepts = concept_figures(pairs, draws)
        worst = worst_mistakes(pairs, table.scores, names)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelError(f"Une étiquette ou un jugement est mal formé ({type(error).__name__} : {error}).") from error
    samples = [table.take(rows) for rows in draws]
    measures = [
        Measure(name, label, _known(figure(table)), *_interval(figure, samples), count(table))
        for name, label, figure, count in _MEASURES
    ]
    return Report(
        items=len(pairs),
        measures=(*measures, *mean),
        communities=tuple(_community(table, column, name, samples) for column, name in enumerate(names)),
        concepts=concepts,
        queues=ordered,
        worst=worst,
        best_threshold=_known(metrics.best_f1(table.scores, table.right)[1]),
    )


def _queues(
    pairs: Sequence[tuple[Record, Record]], queues: Mapping[str, Queue] | None, draws: Draws
) -> tuple[tuple[QueueFigures, ...], tuple[Measure, ...]]:
    """Figures of every queue, and their mean as a measure; nothing without queues."""
    if queues is None:
        return (), ()
    ids = [str(item["id"]) for item, _ in pairs]
    grades = {
        community: np.array([int((item.get("rel") or {}).get(community, 0)) for item, _ in pairs])
        for community in queues
    }
    figures, (value, low, high) = queue_figures(queues, grades, ids, draws)
    known = sum(one.ndcg is not None for one in figures)
    return figures, (Measure("ndcg", "ordre des files (nDCG@20)", _known(value), low, high, known),)


def _paired(gold: Iterable[Record], judgements: Iterable[Record]) -> tuple[list[tuple[Record, Record]], list[str]]:
    """Each gold item with its judgement, and every community that either names."""
    items = list(gold)
    judged = {str(judgement["id"]): judgement for judgement in judgements}
    missing = [str(item["id"]) for item in items if str(item["id"]) not in judged]
    if not items:
        raise ModelError("Le fichier étiqueté ne contient aucun item.")
    if missing:
        raise ModelError(f"{len(missing)} items étiquetés n’ont pas de jugement, dont « {missing[0]} ».")
    pairs = [(item, judged[str(item["id"])]) for item in items]
    names = sorted(
        {entry["id"] for _, judgement in pairs for entry in judgement["communities"]}
        | {community for item, _ in pairs for community in item.get("rel") or {}}
    )
    if not names:
        raise ModelError("Ni les étiquettes ni les jugements ne citent de communauté.")
    return pairs, names


def _table(pairs: Sequence[tuple[Record, Record]], names: Sequence[str]) -> _Table:
    column = {name: index for index, name in enumerate(names)}
    scores = np.zeros((len(pairs), len(names)))
    right = np.zeros(scores.shape, dtype=bool)
    selected = np.zeros(scores.shape, dtype=bool)
    rows: list[dict[str, bool]] = []
    for row, (item, judgement) in enumerate(pairs):
        for entry in judgement["communities"]:
            scores[row, column[entry["id"]]] = entry["score"]
            selected[row, column[entry["id"]]] = entry["selected"]
        for community, grade in (item.get("rel") or {}).items():
            right[row, column[community]] = grade >= RIGHT_GRADE
        rows.append(answers(item, judgement))
    if not np.isfinite(scores).all():
        raise ValueError("note qui n’est pas un nombre fini")
    flags = {name: np.array([row[name] for row in rows], dtype=bool) for name in rows[0]}
    relevant = np.array(right.any(axis=1), dtype=bool)
    return _Table(scores=scores, right=right, selected=selected, relevant=relevant, **flags)


def answers(item: Record, judgement: Record) -> dict[str, bool]:
    """What is asked of one item (``led``, ``has_…``), and what is answered rightly."""
    lead = item.get("lead")
    leads = _accepted(lead, item.get("also_lead"))
    best = max(judgement["communities"], key=lambda entry: float(entry["score"]), default={"id": None})["id"]
    said = judgement.get("lead") or best
    dossiers = _accepted(item.get("dossier"), item.get("dossier_alt"), item.get("also_dossier"))
    dossier = (judgement.get("dossier") or {}).get("id")
    kinds = _accepted(item.get("kind"), item.get("kind_alt"))
    event, found = item.get("event") or {}, judgement.get("event") or {}
    deadline = judgement.get("deadline")
    return {
        "led": lead is not None,
        "lead_or_best": said in leads,
        "lead_strict": judgement.get("lead") in leads,
        "best": best in leads,
        "lead_exact": lead is not None and said == lead,
        "has_dossier": lead is not None and bool(dossiers),
        "dossier": dossier in dossiers,
        "has_kind": bool(kinds),
        "kind": judgement.get("kind") in kinds,
        "has_start": bool(event.get("start")),
        "start": found.get("start") == event.get("start"),
        "has_end": bool(event.get("end")),
        "end": found.get("end") == event.get("end"),
        "has_place": bool(event.get("place")),
        "place": _same_place(event.get("place"), found.get("place")),
        "has_deadline": bool(item.get("deadline")),
        "says_deadline": bool(deadline),
        "deadline": bool(deadline) and deadline == item.get("deadline"),
    }


def _accepted(*answers: Any) -> set[str]:
    """Every right answer, given as a text, a list or null."""
    accepted: set[str] = set()
    for answer in answers:
        accepted.update([answer] if isinstance(answer, str) else answer or ())
    return accepted


def _same_place(wanted: Any, found: Any) -> bool:
    """Whether one place names the other, accents, case and punctuation aside (« Tours » in « Tours (37) »)."""

    def words(place: str) -> str:
        folded = unicodedata.normalize("NFKD", place.casefold())
        letters = "".join(c if c.isalnum() else " " for c in folded if not unicodedata.combining(c))
        return f" {' '.join(letters.split())} "

    if not isinstance(wanted, str) or not isinstance(found, str):
        return False
    one, other = words(wanted), words(found)
    return bool(one.strip() and other.strip()) and (one in other or other in one)


def _interval(figure: Callable[[_Table], float], samples: Sequence[_Table]) -> Interval:
    """Percentiles of a figure over the tables drawn; (None, None) where it never has a meaning."""
    drawn = [figure(sample) for sample in samples]
    known = [value for value in drawn if not np.isnan(value)]
    if not known:
        return None, None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _community(table: _Table, column: int, name: str, samples: Sequence[_Table]) -> CommunityFigures:
    def average(t: _Table) -> float:
        return t.average_precisions[column]

    def at_threshold(which: int) -> Callable[[_Table], float]:
        return lambda t: metrics.precision_recall_f1(t.selected[:, column], t.right[:, column])[which]

    told: list[Any] = []
    for figure in (average, *map(at_threshold, range(3))):
        told += [_known(figure(table)), _interval(figure, samples)]
    return CommunityFigures(name, int(table.right[:, column].sum()), *told)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
