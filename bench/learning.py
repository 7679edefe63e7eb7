"""How a queue grows better with verdicts: an animateur simulated from labelled items.

    python -m bench.learning GOLD.jsonl [--state FOLDER] [--runs 8] [--picture docs/apprentissage.svg] [--json FILE]

Items are cut in two halves, ``runs`` times. On the first, what the desk would have shown (score from 0.2, and one pair
in twenty below, as the sample of what was left out does) meets a reader who answers verdict after verdict; the
correction is learned from the first 25, 50, 100, 200 of them, exactly as ``veille train`` learns, and measured on the
other half, which nobody read. Two readers: one who follows the guide of the labels (grade 2 or 3 is published), and one
more demanding (grade 3 alone). Two starts: the delivered starter, and the rules alone, as with an encoder or words for
which no starter was learned.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from curation.config import load_settings
from curation.decide.features import COLUMNS, LinearForm
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import judge_for, plan_of
from flows.lessons import ANCHOR_SCORE, ANCHOR_WEIGHT, ANCHORS
from models.learn import load_scorer, sigmoid
from models.lesson import Linear
from models.metrics import average_precision
from models.shipped import STARTER
from models.taught import Base, Pairs, Precision, TaughtScorer, factor_for, fit

STEPS = (0, 25, 50, 100, 200)
SHOWN, SAMPLED = 0.2, 0.05
READERS = {"guide": 2, "exigeant": 3}
MEASURES = ("micro_f1", "map", "auc")


def main() -> None:
    """Simulate, print one JSON line per curve and step, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--state", type=Path, help="a state folder that holds the built encoder (spares its build)")
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    if arguments.state:
        settings = settings.model_copy(update={"state": arguments.state.resolve()})
    judge = judge_for(plan_of(settings))
    records = read_gold(arguments.gold)
    items = [item_from(record) for record in records]
    vectors = judge.encode(items)
    rows = judge.weigh(judge.read(items), vectors).rows
    names = judge.words.communities
    grades = np.array([[int(record["rel"].get(name, 0)) for name in names] for record in records])
    threshold = settings.thresholds.selected
    bases: dict[str, Base] = {
        "modèle livré": load_scorer(STARTER, COLUMNS),
        "règles seules": Linear(LinearForm().weights()),
    }
    curves: list[dict[str, Any]] = []
    for start, base in bases.items():
        known = base.logits(rows.reshape(-1, len(COLUMNS))).reshape(rows.shape[:2])
        for reader, least in READERS.items():
            found = np.array(
                [
                    _run(base, known, rows, vectors, grades >= least, names, threshold, seed)
                    for seed in range(arguments.runs)
                ]
            )
            for k, step in enumerate(STEPS):
                line: dict[str, Any] = {"start": start, "reader": reader, "verdicts": step}
                for m, measure in enumerate(MEASURES):
                    values = found[:, k, m]
                    line[measure] = round(float(values.mean()), 4)
                    line[f"{measure}_error"] = round(float(values.std(ddof=1) / np.sqrt(len(values))), 4)
                curves.append(line)
                sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(curves, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if arguments.picture:
        from bench.learning_picture import draw

        arguments.picture.write_text(draw(curves), encoding="utf-8")


def _run(
    base: Base,
    known: np.ndarray,
    rows: np.ndarray,
    vectors: np.ndarray,
    right: np.ndarray,
    names: tuple[str, ...],
    threshold: float,
    seed: int,
) -> list[list[float]]:
    """Figures (steps, measures) of one reader on one cut."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))
    test, taught = order[: len(rows) // 2], order[len(rows) // 2 :]
    score = sigmoid(known)
    shown = [(i, k) for i in taught for k in range(len(names)) if score[i, k] >= SHOWN or rng.random() < SAMPLED]
    rng.shuffle(shown)
    return [_after(shown[:n], base, known, rows, vectors, right, names, threshold, taught, test) for n in STEPS]


def _after(
    said: list[tuple[int, int]],
    base: Base,
    known: np.ndarray,
    rows: np.ndarray,
    vectors: np.ndarray,
    right: np.ndarray,
    names: tuple[str, ...],
    threshold: float,
    taught: np.ndarray,
    test: np.ndarray,
) -> list[float]:
    answered = {i for i, _ in said}
    silent = [
        (i, k)
        for i in [i for i in sorted(taught) if i not in answered][:ANCHORS]
        for k in range(len(names))
        if sigmoid(known[i, k]) < ANCHOR_SCORE
    ]
    item, community = np.array([*said, *silent], np.int64).reshape(-1, 2).T
    anchor = np.arange(len(item)) >= len(said)
    pairs = Pairs(
        rows[item, community], vectors[item], item, community, names, right[item, community],
        np.where(anchor, ANCHOR_WEIGHT, 1.0), anchor,
    )  # fmt: skip
    logits = known[item, community]
    if said:
        correction = fit(logits, pairs, Precision().times(factor_for(logits, pairs)))
    else:
        none = np.zeros(0, np.int64)
        correction = replace(fit(logits[none], pairs.part(none), Precision()), communities=names)
    found = TaughtScorer(base, correction).probabilities(rows[test], vectors[test], names)
    truth, picked = right[test], found >= threshold
    every = [average_precision(found[:, k], truth[:, k]) for k in range(len(names)) if truth[:, k].any()]
    f1 = 2 * float((picked & truth).sum()) / float(picked.sum() + truth.sum())
    return [f1, float(np.mean(every)), _auc(found.max(axis=1), truth.any(axis=1))]


def _auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve: chance that a right one stands above a wrong one (Mann and Whitney, 1947)."""
    above = scores[truth][:, None] > scores[~truth][None, :]
    level = scores[truth][:, None] == scores[~truth][None, :]
    return float((above + level / 2).mean())


if __name__ == "__main__":
    main()
