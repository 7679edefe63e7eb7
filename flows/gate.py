"""May a new lesson serve? Never when it is worse than what serves now.

Two questions. On held-out verdicts: is its log-loss within one standard error of that of the model in service (paired,
pair by pair)? On the labelled items of the project: does it stay above the floors of ``tests/gold`` that speak of order
(average precision, lead, relevance)? Those that speak of level are not asked, and the slack of the others counts twice:
an animateur more demanding than the project's annotators, or with a taste of her own, must be able to teach it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from curation.decide.classify import conclude
from flows.as_json import item_from, judgement_json
from flows.judge import Judge, filed_vectors
from models.evaluate import evaluate
from models.learn import folds
from models.lesson import Lesson
from models.metrics import average_precision
from models.render import number
from models.taught import Floats, Pairs, Precision, fit, losses, predict

#: The project's own labelled items and their floors; absent where veille was installed without its tests.
GOLD = Path(__file__).resolve().parents[1] / "tests" / "gold"
#: Floors that a lesson must respect.
ORDER = ("map", "lead", "relevance_auc")
#: Held out of the newest verdicts, when nothing was learned before.
NEWEST = 0.2
#: Held-out pairs under which nothing can be said of them.
MIN_HELD_OUT = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """A comparison on pairs that neither model was taught. ``loss``: mean log-loss in nats; ``error``: of the gap."""

    pairs: int
    loss_now: float
    loss_new: float
    error: float
    precision_now: float  # average precision
    precision_new: float

    @property
    def worse(self) -> bool:
        """Beyond what chance explains."""
        return self.loss_new > self.loss_now + self.error


@dataclass(frozen=True, slots=True)
class Answer:
    """``refusals``: in French; none: the lesson may serve."""

    trial: Trial | None
    gold: Mapping[str, tuple[float, float]]  # measure -> floor, value
    refusals: tuple[str, ...] = field(default=())


def compare(
    base: Floats, now: Floats, pairs: Pairs, at: np.ndarray, since: float | None, precision: Precision
) -> Trial | None:
    """Learn from what came before, compare on what came after.

    ``base``, ``now``: (n,) log-odds of the base and of the model in service; ``at``: (n,) seconds, NaN for the labelled
    file, minus infinity for anchors; ``since``: when the model in service learned, None when it never did;
    ``precision``: how hard the lesson was held. Verdicts are held out by time (what it was not taught, else the newest
    fifth), labelled items by cross-validation.
    """
    dated = np.isfinite(at)
    found = np.full(len(pairs), np.nan)
    held = np.zeros(len(pairs), bool)
    if dated.any():
        border = since if since is not None else float(np.quantile(at[dated], 1 - NEWEST))
        held = dated & (at > border)
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    if held.any() and (~held).any():
        # what the earlier verdicts say of the same item would give the answer away
        seen = ~held & ~np.isin(pairs.group, pairs.group[held])
        parts.append((np.flatnonzero(seen), np.flatnonzero(held)))
    loose, rest = np.flatnonzero(np.isnan(at)), np.flatnonzero(~np.isnan(at))
    for train_at, test_at in folds(pairs.group[loose]) if len(loose) else ():
        parts.append((np.concatenate([loose[train_at], rest]), loose[test_at]))
    for train_at, test_at in parts:
        test = pairs.part(test_at)
        correction = fit(base[train_at], pairs.part(train_at), precision)
        found[test_at] = predict(correction, base[test_at], test)
    tested = np.isfinite(found)
    if int(tested.sum()) < MIN_HELD_OUT:
        return None
    right = pairs.right[tested]
    gap = losses(found[tested], right) - losses(now[tested], right)
    return Trial(
        int(tested.sum()),
        float(losses(now[tested], right).mean()),
        float(losses(found[tested], right).mean()),
        float(gap.std() / np.sqrt(len(gap))),
        average_precision(now[tested], right),
        average_precision(found[tested], right),
    )


def examine(judge: Judge, lesson: Lesson, trial: Trial | None, gold: Path = GOLD) -> Answer:
    """The answer of the gate. ``gold``: the folder of the labelled items."""
    refusals = []
    if trial is not None and trial.worse:
        refusals.append(
            f"sur {trial.pairs} avis qu’il n’a pas vus, son erreur est de {number(trial.loss_new)}, contre "
            f"{number(trial.loss_now)} pour celui qui sert"
        )
    figures = _on_gold(judge, lesson, gold)
    for name, (floor, value, label) in figures.items():
        if value < floor:
            refusals.append(f"{label} : {number(value)} sur le jeu annoté du projet, plancher {number(floor)} ({name})")
    return Answer(trial, {name: (floor, value) for name, (floor, value, _) in figures.items()}, tuple(refusals))


def _on_gold(judge: Judge, lesson: Lesson, folder: Path) -> dict[str, tuple[float, float, str]]:
    """Measure -> (floor, value, French label); empty without the labelled items, or with words they do not know."""
    floors = _floors(folder)
    if not floors:
        return {}
    records = [json.loads(line) for line in (folder / "items.jsonl").read_text(encoding="utf-8").splitlines()]
    named = {str(name) for record in records for name in record["rel"]}
    if not named <= set(judge.words.communities):
        return {}  # another installation's communities: the floors were not recorded for them
    measures = {one.name: one for one in evaluate(records, judged_by(judge, lesson, records), bootstrap=0).measures}
    return {
        name: (floor, float(measures[name].value or 0.0), measures[name].label)
        for name, floor in floors.items()
        if name in measures
    }


def judged_by(judge: Judge, lesson: Lesson, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Judgements (interface.md) of labelled items as they would be with ``lesson``."""
    items = [item_from(dict(record)) for record in records]
    vectors, readings = judge.encode(items), judge.read(items)
    weighing = judge.weigh(readings, vectors, lesson.scorer)
    semantics = judge.semantics.with_filed(filed_vectors(lesson, judge.taxonomies))
    found = conclude(
        [i.id for i in items], readings, weighing, vectors, judge.words, semantics, judge.thresholds,
        judge.plan.proposal,
    )  # fmt: skip
    return [judgement_json(one) for one in found]


def _floors(folder: Path) -> dict[str, float]:
    try:
        kept = yaml.safe_load((folder / "floors.yaml").read_text(encoding="utf-8"))
    except OSError:
        return {}
    limits = {name: limit for name, limit in kept["floors"]["learned"].items() if name in ORDER}
    return {name: round(2 * float(at["at"]) - float(at["measured"]), 3) for name, at in limits.items()}
