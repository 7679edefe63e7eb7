"""How good is the order of a queue, and how varied its first page.

The order is held against grades by normalised discounted cumulated gain (Järvelin & Kekäläinen 2002, ACM TOIS 20(4)):
the grade (0 to 3) of the k-th draft counts for grade / log2(k + 1). A queue is the list of drafts of one community,
first one first; each draft is a mapping with ``id``, ``source``, ``dossier`` and ``concept``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: How many drafts are looked at: a month's publications of one community.
TOP = 20

Queue = Sequence[Mapping[str, Any]]
Grades = NDArray[np.int64]
Draws = Sequence[NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One community's queue of ``n`` drafts.

    ``ndcg``: against the best queue that the labelled items allow (what is missed counts); ``order``: against the
    best order of the very drafts that the queue holds. Both with their 95 % interval; None when no item is graded.
    ``useful``, ``sources``, ``dossiers``, ``concepts``: among the first ``shown`` drafts, how many have grade >= 2,
    and how many different sources, dossiers and strongest concepts they show.
    """

    community: str
    n: int
    ndcg: float | None
    low: float | None
    high: float | None
    order: float | None
    order_low: float | None
    order_high: float | None
    shown: int
    useful: int
    sources: int
    dossiers: int
    concepts: int


def dcg(gains: NDArray[np.floating] | Grades, top: int = TOP) -> float:
    """Discounted cumulated gain of the first ``top`` gains, in their order."""
    first = np.asarray(gains[:top], dtype=np.float64)
    return float((first / np.log2(np.arange(2, len(first) + 2))).sum())


def ndcg(queue: Grades, candidates: Grades, top: int = TOP) -> float:
    """Gains of a queue in its order, against the best order of ``candidates``; ``nan`` when none of them has a gain."""
    best = dcg(np.sort(candidates)[::-1], top)
    return dcg(queue, top) / best if best else float("nan")


def queue_figures(
    queues: Mapping[str, Queue], grades: Mapping[str, Grades], ids: Sequence[str], draws: Draws
) -> tuple[tuple[QueueFigures, ...], tuple[float, float | None, float | None]]:
    """(figures of every queue, mean nDCG with its interval).

    ``grades``: community -> (n,) grades of the items ``ids``; ``draws``: rows drawn with repetition, for the
    intervals. A draw repeats or leaves out drafts, it does not rank anew. Raises ``KeyError`` for an unknown draft.
    """
    place = {one: n for n, one in enumerate(ids)}
    figures, means, drawn = [], [], []
    for community, queue in queues.items():
        order = np.array([place[str(draft["id"])] for draft in queue], dtype=np.intp)
        gains = grades.get(community, np.zeros(len(ids), np.int64))
        values = np.array([_both(gains, order, np.bincount(rows, minlength=len(ids))) for rows in draws])
        whole, mine = _both(gains, order, np.ones(len(ids), np.int64))
        first = list(queue[:TOP])
        figures.append(
            QueueFigures(
                community, len(queue), _known(whole), *_bounds(values, 0), _known(mine), *_bounds(values, 1),
                shown=len(first),
                useful=int((gains[order[:TOP]] >= 2).sum()),
                sources=len({draft.get("source") for draft in first} - {None}),
                dossiers=len({draft.get("dossier") for draft in first} - {None}),
                concepts=len({draft.get("concept") for draft in first} - {None}),
            )
        )  # fmt: skip
        means.append(whole)
        drawn.append(values[:, 0] if len(values) else np.zeros(0))
    spread = np.array([_mean(column) for column in np.array(drawn).T]).reshape(-1, 1)
    return tuple(figures), (_mean(np.array(means)), *_bounds(spread, 0))


def _both(gains: Grades, order: NDArray[np.intp], counts: NDArray[np.int64]) -> tuple[float, float]:
    """(against everything, against the queue itself) when item i is there ``counts[i]`` times."""
    queue = np.repeat(gains[order], counts[order])
    return ndcg(queue, np.repeat(gains, counts)), ndcg(queue, queue)


def _mean(values: NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _bounds(values: NDArray[np.float64], column: int) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values[:, column]), column] if values.size else np.zeros(0)
    if not known.size:
        return None, None
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
