"""Questions to the reader: near the threshold, unlike what is known, never three times the same."""

from __future__ import annotations

import numpy as np

from curation.decide.hesitation import hesitations

AXES = np.eye(4, dtype=np.float32)
NOTHING = np.zeros((0, 4), np.float32)


def test_the_nearest_to_the_threshold_is_asked_first_and_the_hopeless_never() -> None:
    scores = np.array([0.05, 0.35, 0.20, 0.36])
    assert hesitations(list("abcd"), scores, AXES, NOTHING, 0.36, 3) == [1, 2]


def test_what_looks_like_a_verdict_given_or_a_question_asked_waits() -> None:
    vectors = np.array([AXES[0], AXES[0], AXES[1], AXES[2]])
    scores = np.array([0.35, 0.34, 0.30, 0.33])
    assert hesitations(list("abcd"), scores, vectors, NOTHING, 0.36, 2) == [0, 3]
    assert hesitations(list("abcd"), scores, vectors, AXES[:1], 0.36, 2) == [3, 2]


def test_none_asked_none_given_and_ties_by_id() -> None:
    same = np.full(4, 0.3)
    assert hesitations(list("dcba"), same, AXES, NOTHING, 0.36, 2) == [3, 2]
    assert hesitations(list("dcba"), same, AXES, NOTHING, 0.36, 0) == []
    assert hesitations([], np.zeros(0), np.zeros((0, 4), np.float32), NOTHING, 0.36, 2) == []
