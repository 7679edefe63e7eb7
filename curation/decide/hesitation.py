"""Which items left out to show all the same: where one verdict would teach the scorer most.

Uncertainty sampling (Lewis and Gale, « A Sequential Algorithm for Training Text Classifiers », SIGIR 1994): a verdict
on an item scored near its threshold moves the line; one on an item scored 0.01 moves nothing. Variety comes from the
distance to what was already judged and to what is already chosen, so that three near copies do not ask one question
three times. A handful per queue: a reader opens it to publish, not to teach.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Share of the threshold under which an item is no longer a question.
NEAR_SHARE = 0.5


def hesitations(
    ids: Sequence[str],
    scores: NDArray[np.floating],
    vectors: NDArray[np.float32],
    judged: NDArray[np.float32],
    threshold: float,
    count: int,
) -> list[int]:
    """Indices of at most ``count`` items to ask about, the most telling first.

    ``scores`` (n,) under ``threshold``; ``vectors`` (n, d) and ``judged`` (m, d): unit vectors of the items and of
    those a verdict settled. Ties fall back on the id.
    """
    near = [i for i in range(len(ids)) if NEAR_SHARE * threshold <= scores[i] < threshold]
    if not near or count <= 0:
        return []
    doubt = 1 - (threshold - np.asarray(scores, float)[near]) / (threshold * (1 - NEAR_SHARE))  # 1 at the threshold
    known = (vectors[near] @ judged.T).max(axis=1) if len(judged) else np.full(len(near), -1.0)
    chosen: list[int] = []
    left = list(range(len(near)))
    while left and len(chosen) < count:
        best = min(left, key=lambda k: (-doubt[k] * (1 - max(0.0, float(known[k]))), ids[near[k]]))
        chosen.append(near[best])
        left.remove(best)
        known = np.maximum(known, vectors[near] @ vectors[near[best]])
    return chosen
