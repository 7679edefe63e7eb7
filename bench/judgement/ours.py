"""veille's own judgement on labelled items, with and without learning.

``rules``: the shipped form, no label inside (but tuned by hand on gold-dev: optimistic there). ``learned``: every item
judged by a scorer learned from the other folds. ``new community``: every community judged by a scorer learned from
the seven others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from curation.decide.classify import judge as judge_items
from curation.decide.features import COLUMNS, LinearForm, Scorer
from curation.types import Item
from flows.as_json import judgement_json
from flows.judge import Judge
from models import learn

Json = dict[str, Any]


def judged_by_us(
    judge: Judge, records: Sequence[Json], items: Sequence[Item], seeds: Sequence[int]
) -> Iterator[tuple[str, list[Json]]]:
    """(way of judging, one judgement of interface.md per record), way after way.

    The folds are ``learn.folds(numbers of the items, seed)``: the rivals' too.
    """
    vectors = judge.encode(items)
    names = [t.id for t in judge.taxonomies]
    rows = np.stack([r.rows for r in judge.read(items, vectors)])  # (n, communities, columns)
    right = np.array([[int(r["rel"].get(c, 0)) >= 2 for c in names] for r in records])
    group = np.repeat(np.arange(len(items)), len(names))

    def told(judgements: Sequence[Any]) -> list[Json]:
        return [judgement_json(j) for j in judgements]

    yield "veille, rules (no label)", told(_judged(judge, items, vectors, LinearForm()))
    flat, truth = rows.reshape(-1, len(COLUMNS)), right.ravel()
    for seed in seeds:
        judgements: list[Any] = [None] * len(items)
        for train_at, test_at in learn.folds(group, seed):
            scorer = learn.train(flat[train_at], truth[train_at], group[train_at], COLUMNS)
            inside = np.unique(group[test_at])
            part = _judged(judge, [items[i] for i in inside], vectors[inside], scorer)
            for i, judgement in zip(inside, part, strict=True):
                judgements[i] = judgement
        yield f"veille, learned, five folds (seed {seed})", told(judgements)
    yield (
        "veille, learned on seven communities, judged on the eighth",
        told(_judged(judge, items, vectors, _Unseen(rows, right))),
    )


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
