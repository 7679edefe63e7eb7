"""veille's deduplication beside SemHash and datasketch's MinHashLSH, on labelled pairs.

A pair is *found* when its two items stand in one group. Right: ``dup`` found; wrong: ``diff`` found; ``related`` pairs
(same affair, other fact) are told apart, since either answer can be defended. The rivals say how alike a pair is: the
threshold that gives each its best F1 on these very pairs is kept, which flatters them.
"""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from curation.config import Thresholds
from flows.as_json import item_from
from flows.judge import Judge, encoder_text
from flows.steps import group_items

WORKER = Path(__file__).with_name("rivals_worker.py")


@dataclass(frozen=True, slots=True)
class Found:
    """Figures of one method; ``low`` and ``high``: 95 % interval of F1, by bootstrap over the pairs."""

    method: str
    threshold: float | None
    precision: float
    recall: float
    f1: float
    low: float
    high: float
    negatives: int  # diff pairs in one group
    related: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {name: getattr(self, name) for name in self.__slots__}


def compared(
    data: Path, judge: Judge, thresholds: Thresholds, rivals: str | None
) -> tuple[dict[str, int], list[Found]]:
    """(pairs by label, figures of every method) for ``pairs-dev.jsonl`` and ``corpus.jsonl.gz`` of ``data``."""
    pairs = [json.loads(line) for line in (data / "pairs-dev.jsonl").read_text("utf-8").splitlines()]
    wanted = {pair[side] for pair in pairs for side in "ab"}
    with gzip.open(data / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        items = [item_from(one) for one in map(json.loads, lines) if one["id"] in wanted]
    labels = np.array([pair["label"] for pair in pairs])
    counts = {str(name): int((labels == name).sum()) for name in ("dup", "related", "diff")}
    groups = {d.id: d.group for d in group_items(items, judge.encoder, judge.plan, thresholds)}
    ours = np.array([groups[p["a"]] == groups[p["b"]] for p in pairs])
    found = [_figures("veille", None, ours, labels)]
    if rivals:
        place = {item.id: n for n, item in enumerate(items)}
        task = {
            "texts": [f"{i.title}. {i.text}" for i in items],
            "vectors": judge.encoder.encode([encoder_text(i, judge.plan.max_chars) for i in items], prompt="passage")
            .astype(float)
            .tolist(),
            "pairs": [[place[p["a"]], place[p["b"]]] for p in pairs],
            "permutations": 256,
            "widths": [1, 2, 3],
        }
        done = subprocess.run(
            [rivals, str(WORKER)], input=json.dumps(task), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"SemHash or datasketch failed:\n{done.stderr[-3000:]}")
        answer = json.loads(done.stdout)
        versions = answer["versions"]
        for method, scores in answer["scores"].items():
            package = "semhash" if method == "SemHash" else "datasketch"
            found.append(_best(f"{method} ({package} {versions[package]})", np.asarray(scores), labels))
    return counts, found


def _best(method: str, scores: Any, labels: Any) -> Found:
    options = [_figures(method, float(t), scores >= t, labels, draws=0) for t in np.unique(scores)]
    best = max(options, key=lambda f: (f.f1, f.precision))
    return _figures(method, best.threshold, scores >= best.threshold, labels)


def _figures(method: str, threshold: float | None, found: Any, labels: Any, draws: int = 1000) -> Found:
    dup, diff = labels == "dup", labels == "diff"

    def measured(rows: Sequence[int] | Any) -> tuple[float, float, float]:
        hits, wrong, missed = (
            int((found & dup)[rows].sum()), int((found & diff)[rows].sum()), int((~found & dup)[rows].sum()),
        )  # fmt: skip
        precision = hits / (hits + wrong) if hits + wrong else 0.0
        recall = hits / (hits + missed) if hits + missed else 0.0
        return precision, recall, 2 * hits / (2 * hits + wrong + missed) if hits + wrong + missed else 0.0

    everything = np.arange(len(labels))
    dice = np.random.default_rng(0)
    drawn = [measured(dice.integers(len(labels), size=len(labels)))[2] for _ in range(draws)]
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (0.0, 0.0)
    precision, recall, f1 = measured(everything)
    return Found(
        method, threshold, precision, recall, f1, float(low), float(high), int((found & diff).sum()),
        int((found & (labels == "related")).sum()),
    )  # fmt: skip
