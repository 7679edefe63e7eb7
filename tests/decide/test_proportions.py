"""Intervals of shares: published examples, and what they must never do."""

from __future__ import annotations

import pytest

from curation.decide.proportions import FEW, Share, likelihood, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_difference(first: Share, second: Share, low: float, high: float) -> None:
    assert first - second == pytest.approx((low, high), abs=6e-5)
    assert second - first == pytest.approx((-high, -low), abs=6e-5)


def test_no_case_says_nothing() -> None:
    nothing = Share(0, 0)
    assert nothing.value is None and nothing.few
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    assert nothing - Share(3, 3) == (-1.0, 1.0)


def test_few_cases_are_said_to_be_few() -> None:
    assert Share(FEW - 1, FEW - 1).few and not Share(0, FEW).few


def test_likelihood() -> None:
    # Dunning's ratio against the textbook sum 2 Σ O ln(O/E) of the same table
    from math import log

    observed = [(110, 2442), (111, 29114)]
    total = sum(map(sum, observed))
    rows, columns = [sum(r) for r in observed], [sum(c) for c in zip(*observed, strict=True)]
    textbook = 2 * sum(
        o * log(o * total / (rows[i] * columns[j])) for i, row in enumerate(observed) for j, o in enumerate(row)
    )
    assert likelihood(110, 2552, 111, 29225) == pytest.approx(textbook)
    assert likelihood(111, 29225, 110, 2552) == pytest.approx(-textbook)
    assert likelihood(5, 50, 10, 100) == pytest.approx(0, abs=1e-9)
    assert likelihood(3, 10, 0, 0) == 0
