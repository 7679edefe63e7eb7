"""veille's own judgement on labelled items, without and with learning.

``rules``: the base encoder and the shipped form, no label inside (but tuned by hand on gold-dev: optimistic there).
``starter``: what is shipped, which no item of gold-dev taught. ``five folds``: every item judged by a scorer learned
from the other folds, over the adapted encoder. ``new community``: every community judged by a scorer learned from the
seven others, what is known of it by name hidden (the adapter did read items of it).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from curation.decide.classify import conclude
from curation.decide.features import COLUMNS, LinearForm, Scorer
from curation.types import Item
from flows.as_json import judgement_json
from flows.judge import Judge
from flows.starter import HIDDEN
from models import learn
from models.load import EMBEDDED_BASE

Json = dict[str, Any]


def judged_by_us(
    judge: Judge, records: Sequence[Json], items: Sequence[Item], seeds: Sequence[int]
) -> Iterator[tuple[str, list[Json]]]:
    """(way of judging, one judgement of interface.md per record), way after way.

    The folds are ``learn.folds(numbers of the items, seed)``: the rivals' too.
    """
    base = Judge(replace(judge.plan, model=EMBEDDED_BASE, scorer=""))
    yield "veille, rules (no label)", _told(base, items, base.encode(items), LinearForm())
    vectors = judge.encode(items)
    yield "veille, shipped starter", _told(judge, items, vectors, judge.scorer)
    rows = judge.weigh(judge.read(items), vectors).rows
    right = np.array([[int(r["rel"].get(c, 0)) >= 2 for c in judge.words.communities] for r in records])
    for seed in seeds:
        judged: list[Any] = [None] * len(items)
        for train_at, test_at in learn.folds(np.arange(len(items)), seed):
            group = np.repeat(np.arange(len(train_at)), right.shape[1])
            flat, truth = rows[train_at].reshape(-1, len(COLUMNS)), right[train_at].ravel()
            scorer = learn.train(flat, truth, group, COLUMNS, prior=LinearForm().weights())
            part = _told(judge, [items[i] for i in test_at], vectors[test_at], scorer)
            for i, judgement in zip(test_at, part, strict=True):
                judged[i] = judgement
        yield f"veille, learned, five folds (seed {seed})", judged
    yield (
        "veille, learned on seven communities, judged on the eighth",
        _told(judge, items, vectors, _Unseen(rows, right)),
    )


class _Unseen:
    """Scores each community by what the others taught, as if it had just been created."""

    version = "unseen"

    def __init__(self, rows: Any, right: Any) -> None:
        every = range(rows.shape[1])
        group = np.repeat(np.arange(len(rows)), rows.shape[1] - 1)
        self._scorers = []
        for k in every:
            others = [c for c in every if c != k]
            flat, truth = _bare(rows[:, others]).reshape(-1, rows.shape[2]), right[:, others].ravel()
            self._scorers.append(learn.train(flat, truth, group, COLUMNS))

    def probabilities(self, rows: Any, vectors: Any, communities: Sequence[str]) -> Any:
        """See ``Scorer``."""
        bare = _bare(rows)
        return np.concatenate(
            [s.probabilities(bare[:, k : k + 1], vectors, communities) for k, s in enumerate(self._scorers)], axis=1
        )


def _bare(rows: Any) -> Any:
    """Rows without what is known of a community by name."""
    bare = rows.copy()
    bare[..., [COLUMNS.index(name) for name in HIDDEN]] = 0
    return bare


def _told(judge: Judge, items: Sequence[Item], vectors: Any, scorer: Scorer) -> list[Json]:
    readings = judge.read(items)
    weighing = judge.weigh(readings, vectors, scorer)
    judgements = conclude(
        [i.id for i in items], readings, weighing, vectors, judge.words, judge.semantics, judge.thresholds,
        judge.plan.proposal,
    )  # fmt: skip
    return [judgement_json(j) for j in judgements]
