"""Shares with their uncertainty: what few verdicts can say, and no more.

A share carries Wilson's interval (« Probable Inference, the Law of Succession, and Statistical Inference », JASA 22,
1927), the difference of two shares Newcombe's, made of both (Statistics in Medicine 17, 1998, 873-890, method 10). All
are two-sided 95 %. A table of a hundred keywords holds a few intervals that miss: what is flagged is to be looked at,
never done by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Two-sided 95 %.
_Z = 1.959964
#: Below, a share is not told: any figure would be false precision.
FEW = 5


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``of`` cases."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """0..1; None of no case."""
        return self.hits / self.of if self.of else None

    @property
    def low(self) -> float:
        """Lower bound, 0..1."""
        return wilson(self.hits, self.of)[0]

    @property
    def high(self) -> float:
        """Upper bound, 0..1."""
        return wilson(self.hits, self.of)[1]

    @property
    def few(self) -> bool:
        """True when there are too few cases to tell a figure."""
        return self.of < FEW

    def __sub__(self, other: Share) -> tuple[float, float]:
        """Interval of the difference of two independent shares; (-1, 1) when one of them has no case."""
        if not self.of or not other.of:
            return -1.0, 1.0
        p, q = self.hits / self.of, other.hits / other.of
        below = math.hypot(p - self.low, other.high - q)
        above = math.hypot(self.high - p, q - other.low)
        return p - q - below, p - q + above


def wilson(hits: int, of: int, z: float = _Z) -> tuple[float, float]:
    """Wilson's interval of ``hits`` among ``of``, without correction for continuity; (0, 1) of no case.

    >>> [round(bound, 4) for bound in wilson(15, 148)]
    [0.0624, 0.1605]
    """
    if of <= 0:
        return 0.0, 1.0
    p, square = hits / of, z * z
    middle, half = p + square / (2 * of), z * math.sqrt(p * (1 - p) / of + square / (4 * of * of))
    scale = 1 + square / of
    low, high = (middle - half) / scale, (middle + half) / scale
    return (0.0 if hits == 0 else max(0.0, low)), (1.0 if hits == of else min(1.0, high))


def likelihood(k1: int, n1: int, k2: int, n2: int) -> float:
    """Dunning's log-likelihood ratio of ``k1`` of ``n1`` against ``k2`` of ``n2`` (Computational Linguistics 19, 1993).

    Signed: negative when the first share is the smaller. Beyond 10.83, one chance in a thousand under no difference.
    """
    if not n1 or not n2:
        return 0.0
    total = 2 * (_bits(k1, n1, k1 / n1) + _bits(k2, n2, k2 / n2))
    shared = (k1 + k2) / (n1 + n2)
    ratio = max(0.0, total - 2 * (_bits(k1, n1, shared) + _bits(k2, n2, shared)))
    return ratio if k1 / n1 >= k2 / n2 else -ratio


def _bits(k: int, n: int, p: float) -> float:
    return (k * math.log(p) if k else 0.0) + ((n - k) * math.log(1 - p) if n > k else 0.0)
