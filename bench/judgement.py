"""What judgement is worth, with and without learning, on a labelled file: five folds, then communities never seen.

    python -m bench.judgement GOLD.jsonl [--state FOLDER]

``rules``: the shipped form, no label inside (but tuned by hand on gold-dev: optimistic there). ``learned``: every item
judged by a scorer learned from the other folds. ``new community``: every community judged by a scorer learned from
the seven others. Figures and intervals are those of ``veille evaluate``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from curation.config import load_settings
from curation.decide.classify import judge as judge_items
from curation.decide.features import COLUMNS, LinearForm, Scorer
from flows.as_json import item_from, judgement_json
from flows.item_commands import read_gold
from flows.judge import Judge, judge_for, plan_of
from models import learn
from models.evaluate import evaluate

SHOWN = ("map", "lead", "lead_strict", "relevance_auc", "micro_f1", "dossier_given_lead", "kind", "calibration_error")


def main() -> None:
    """One JSON line per way of judging."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--state", type=Path, help="a state folder that holds the built encoder (spares its build)")
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    if arguments.state:
        settings = settings.model_copy(update={"state": arguments.state.resolve()})
    judge = judge_for(plan_of(settings))
    records = read_gold(arguments.gold)
    items = [item_from(r) for r in records]
    vectors = judge.encode(items)
    names = [t.id for t in judge.taxonomies]
    rows = np.stack([r.rows for r in judge.read(items, vectors)])  # (n, communities, columns)
    right = np.array([[int(r["rel"].get(c, 0)) >= 2 for c in names] for r in records])
    group = np.repeat(np.arange(len(items)), len(names))

    def told(name: str, judgements: Sequence[Any]) -> None:
        report = evaluate(records, [judgement_json(j) for j in judgements]).to_json()["measures"]
        figures = {k: [report[k]["value"], report[k]["low"], report[k]["high"]] for k in SHOWN if k in report}
        rounded = {k: [round(x, 3) for x in v if x is not None] for k, v in figures.items()}
        sys.stdout.write(json.dumps({"judged_by": name, **rounded}) + "\n")
        sys.stdout.flush()

    told("rules", _judged(judge, items, vectors, LinearForm()))
    flat, truth = rows.reshape(-1, len(COLUMNS)), right.ravel()
    for seed in range(arguments.seeds):
        judgements: list[Any] = [None] * len(items)
        for train_at, test_at in learn.folds(group, seed):
            scorer = learn.train(flat[train_at], truth[train_at], group[train_at], COLUMNS)
            inside = np.unique(group[test_at])
            part = _judged(judge, [items[i] for i in inside], vectors[inside], scorer)
            for i, judgement in zip(inside, part, strict=True):
                judgements[i] = judgement
        told(f"learned, five folds, seed {seed}", judgements)
    told("learned, new community", _judged(judge, items, vectors, _Unseen(rows, right)))


class _Unseen:
    """Scores each community by what the others taught. Rows come item by item, communities in order."""

    version = "unseen"

    def __init__(self, rows: Any, right: Any) -> None:
        every = range(rows.shape[1])
        group = np.repeat(np.arange(len(rows)), rows.shape[1] - 1)
        self._scorers = []
        for k in every:
            others = [c for c in every if c != k]
            flat, truth = rows[:, others].reshape(-1, rows.shape[2]), right[:, others].ravel()
            self._scorers.append(learn.train(flat, truth, group, COLUMNS))

    def probabilities(self, rows: Any) -> Any:
        result = np.zeros(len(rows))
        for k, scorer in enumerate(self._scorers):
            result[k :: len(self._scorers)] = scorer.probabilities(rows[k :: len(self._scorers)])
        return result


def _judged(judge: Judge, items: Sequence[Any], vectors: Any, scorer: Scorer) -> list[Any]:
    return judge_items(
        items, vectors, words=judge.words, semantics=judge.semantics, thresholds=judge.thresholds,
        proposal_threshold=judge.plan.proposal, scorer=scorer,
    )  # fmt: skip


if __name__ == "__main__":
    main()
