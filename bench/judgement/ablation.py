"""What each part of the judgement brings: the same labelled items, judged with parts taken away.

    python -m bench.judgement.ablation GOLD.jsonl [--state FOLDER]

One Markdown table, from the words alone to what is shipped; a line without learning reads nothing of the labels.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.judgement.table import judgement_table
from curation.config import load_settings
from curation.decide.features import COLUMNS, LinearForm
from flows.as_json import item_from
from flows.item_commands import read_gold
from flows.judge import Judge, judge_for, plan_of
from flows.starter import HIDDEN
from models.evaluate import evaluate
from models.learn import PRIOR
from models.load import EMBEDDED_BASE

#: Figures that a score alone decides.
_SHOWN = ("map", "lead_best", "relevance_auc", "best_micro_f1", "micro_f1", "calibration_error")


def main() -> None:
    """The table on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--state", type=Path, help="a state folder that holds the built encoder (spares its build)")
    arguments = parser.parse_args()
    settings = load_settings(arguments.config)
    if arguments.state:
        settings = settings.model_copy(update={"state": arguments.state.resolve()})
    judge = judge_for(plan_of(settings))
    records = read_gold(arguments.gold)
    told = [
        {"method": f"veille, {name}", **_measures(judge, records, scores)}
        for name, scores in ways(judge, records).items()
    ]
    sys.stdout.write(judgement_table(told) + "\n")


def ways(judge: Judge, records: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Way of judging -> scores (n, communities), from the least to what is shipped."""
    items = [item_from(record) for record in records]
    base = Judge(replace(judge.plan, model=EMBEDDED_BASE, scorer=""))
    readings = judge.read(items)
    plain = base.weigh(readings, base.encode(items)).rows
    vectors = judge.encode(items)
    rows = judge.weigh(readings, vectors).rows

    def by(scorer: Any, of: np.ndarray, *hidden: str) -> np.ndarray:
        bare = of.copy()
        bare[..., [COLUMNS.index(name) for name in hidden]] = 0
        return np.asarray(scorer.probabilities(bare, vectors, judge.words.communities))

    rules = LinearForm()
    found: dict[str, np.ndarray] = {
        "words alone": plain[..., COLUMNS.index("words")].astype(float),
        "meaning alone, base encoder": _squashed(plain[..., COLUMNS.index("sense")]),
        "meaning alone, adapted encoder": _squashed(rows[..., COLUMNS.index("sense")]),
        "rules, base encoder": by(rules, plain),
        "rules, adapted encoder": by(rules, rows),
    }
    shipped: Any = judge.scorer
    if hasattr(shipped, "prior"):
        # the share of the hand-set form is taken away, and what was learnt is given back its own scale
        share = 1 - PRIOR
        alone = replace(
            shipped, prior=np.zeros_like(shipped.prior), slope=shipped.slope / share, offset=shipped.offset / share
        )
        found["starter without the hand-set form"] = by(alone, rows)
        found["starter, communities unknown by name"] = by(shipped, rows, *HIDDEN)
        found["starter, as shipped"] = by(shipped, rows)
    return found


def _squashed(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values.astype(float))))


def _measures(judge: Judge, records: list[dict[str, Any]], scores: np.ndarray) -> dict[str, Any]:
    """Figures of scores that nothing else follows from."""
    names = judge.words.communities
    judged = [
        {
            "id": record["id"],
            "communities": [
                {"id": c, "score": float(s), "selected": bool(s >= judge.thresholds[c]), "evidence": []}
                for c, s in zip(names, row, strict=True)
            ],
        }
        for record, row in zip(records, scores, strict=True)
    ]
    measures = evaluate(records, judged, bootstrap=200).to_json()["measures"]
    return {name: measures[name] for name in _SHOWN}


if __name__ == "__main__":
    main()
