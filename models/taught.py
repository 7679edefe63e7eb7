"""What an installation learned from its own verdicts: a correction of the scorer it was delivered with.

    log-odds = (1 + a) x base + c + d . row + b[community] + v[community] . item

``base`` is the scorer delivered (the starter, or the rules), ``row`` the standardised features of the pair, ``item``
the vector of the text less the mean of those seen. The correction is a logistic regression penalised towards zero
(maximum a posteriori under centred normal priors): without a verdict the base speaks alone. Each part has a precision
of its own, so that a few verdicts move the level (``c``), and many are needed to move one community in one direction
of meaning. ``a``, ``c`` and ``d`` carry over to a community without verdicts; ``b`` and ``v`` also teach one that did
not exist when the base was made.

Verdicts speak of what was shown, which the base liked already. So that what is learned there does not run wild among
all that was not shown, pairs that the base leaves out are *anchors*: their target is what the base says of them.

How hard all but the levels are held is chosen by cross-validation among ``FACTORS``: the hardest within one standard
error of the best (Breiman, Friedman, Olshen and Stone, « Classification and Regression Trees », 1984). Where
verdicts say nothing that the base does not know, nothing is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.learn import folds, sigmoid

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]

#: Directions of meaning in which a community may be moved.
AXES = 48
#: Share of a standard error by which a harder hold may look worse and still be chosen.
TOLERANCE = 1.0
#: Verdicts under which the levels alone are learned.
FEW = 50
FACTORS = (1.0, 3.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True, slots=True)
class Precision:
    """How hard each part of the correction is held at zero: the precision of its normal prior."""

    common: float = 1.0
    bias: float = 20.0
    slope: float = 60.0
    rows: float = 30.0
    vector: float = 2.0

    def times(self, factor: float) -> Precision:
        """The same, all but the two levels held ``factor`` times harder."""
        return replace(self, slope=self.slope * factor, rows=self.rows * factor, vector=self.vector * factor)


class Base(Protocol):
    """A scorer that can also tell its log-odds."""

    @property
    def version(self) -> str:
        """Changes with what it would answer."""
        ...

    def logits(self, rows: Rows) -> Floats:
        """(n, columns) -> (n,)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Examples, one line per (item, community). ``right``: grade >= 2; ``weight``: what each counts for."""

    rows: Rows  # (n, columns)
    vectors: Rows  # (n, d), of the item
    group: NDArray[np.int64]  # (n,), the item of each pair
    community: NDArray[np.int64]  # (n,), index in ``communities``
    communities: tuple[str, ...]
    right: NDArray[np.bool_]
    weight: Floats
    anchor: NDArray[np.bool_]  # (n,), no verdict: the target is the base's own probability

    def __len__(self) -> int:
        return len(self.right)

    def part(self, at: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Those lines only."""
        return replace(
            self, rows=self.rows[at], vectors=self.vectors[at], group=self.group[at], community=self.community[at],
            right=self.right[at], weight=self.weight[at], anchor=self.anchor[at],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """The numbers learned. Arrays are float32: what is written is what serves."""

    communities: tuple[str, ...]
    slope: float
    common: float
    mean: NDArray[np.float32]  # (columns,)
    scale: NDArray[np.float32]  # (columns,)
    rows: NDArray[np.float32]  # (columns,)
    bias: NDArray[np.float32]  # (communities,)
    centre: NDArray[np.float32]  # (d,)
    vectors: NDArray[np.float32]  # (communities, d)

    def pulls(self, vectors: Rows, communities: Sequence[str]) -> Floats:
        """What each of ``communities`` adds to items (n, d): (n, communities); 0 where nothing was learned."""
        at = [self.communities.index(c) if c in self.communities else -1 for c in communities]
        # not products of BLAS, here and below: their last bits depend on how many items come together
        found = self.bias + np.einsum("nd,kd->nk", vectors - self.centre, self.vectors)
        return np.stack([found[:, k] if k >= 0 else np.zeros(len(vectors)) for k in at], axis=1).astype(np.float64)

    def apply(self, base: Floats, rows: Rows, pulls: Floats) -> Floats:
        """Log-odds (...) from those of the base (...), features (..., columns) and what the communities add (...)."""
        shared = np.einsum("...d,d->...", (rows - self.mean) / self.scale, self.rows)
        return np.asarray((1 + self.slope) * base + self.common + shared + pulls, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class TaughtScorer:
    """``decide.features.Scorer``: the base, corrected."""

    base: Base
    correction: Correction
    version: str = ""

    def probabilities(self, rows: Rows, vectors: Rows, communities: Sequence[str]) -> Floats:
        """(n, c, columns), (n, d), ids of the c communities -> (n, c)."""
        base = self.base.logits(rows.reshape(-1, rows.shape[-1])).reshape(rows.shape[:-1])
        return sigmoid(self.correction.apply(base, rows, self.correction.pulls(vectors, communities)))


def fit(base: Floats, pairs: Pairs, precision: Precision) -> Correction:
    """The correction that ``pairs`` call for. ``base``: (n,) log-odds. Deterministic; without pairs, none."""
    from scipy.optimize import minimize

    n, columns, c = len(pairs), pairs.rows.shape[1], len(pairs.communities)
    mean, centre = _mean(pairs.rows), _mean(pairs.vectors)
    scale = pairs.rows.std(axis=0) if n else np.ones(columns, np.float32)
    scale = np.where(scale > 1e-3, scale, 1e6)  # a feature that never moved teaches nothing, and must not explode later
    x = ((pairs.rows - mean) / scale).astype(np.float64)
    axes = _axes(pairs.vectors - centre)
    v = ((pairs.vectors - centre) @ axes).astype(np.float64)
    width = axes.shape[1]
    target = np.where(pairs.anchor, sigmoid(base), pairs.right.astype(np.float64))
    held = [precision.slope, precision.common]
    held += [precision.rows] * columns + [precision.bias] * c + [precision.vector] * (c * width)
    ridge, cuts = np.array(held), np.cumsum([2, columns, c])
    of = [np.flatnonzero(pairs.community == k) for k in range(c)]

    def loss(theta: Floats) -> tuple[float, Floats]:
        head, rows, bias, flat = np.split(theta, cuts)
        own = flat.reshape(c, width)
        z = (1 + head[0]) * base + head[1] + x @ rows + bias[pairs.community]
        for k, at in enumerate(of):
            z[at] += v[at] @ own[k]
        value = float(pairs.weight @ (np.logaddexp(0, z) - target * z)) + float(ridge @ theta**2) / 2
        slope = pairs.weight * (sigmoid(z) - target)
        parts = [
            np.array([slope @ base, slope.sum()]), slope @ x, np.bincount(pairs.community, slope, c),
            *(slope[at] @ v[at] for at in of),
        ]  # fmt: skip
        return value, np.concatenate(parts) + ridge * theta

    theta = np.zeros(len(ridge))
    if n:
        theta = minimize(loss, theta, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-7}).x
    head, rows, bias, flat = (part.astype(np.float32) for part in np.split(theta, cuts))
    return Correction(
        pairs.communities, float(head[0]), float(head[1]), mean.astype(np.float32), scale.astype(np.float32), rows,
        bias, centre.astype(np.float32), (flat.reshape(c, width) @ axes.T).astype(np.float32),
    )  # fmt: skip


def factor_for(base: Floats, pairs: Pairs, precision: Precision | None = None) -> float:
    """The factor of ``FACTORS`` that the pairs support. ``base``: (n,) log-odds."""
    precision = precision or Precision()
    said = np.flatnonzero(~pairs.anchor)
    if len(said) < FEW:
        return FACTORS[-1]
    anchors = np.flatnonzero(pairs.anchor)
    parts = [(np.concatenate([said[a], anchors]), said[b]) for a, b in folds(pairs.group[said])]
    found = np.zeros((len(FACTORS), len(pairs)))
    for k, factor in enumerate(FACTORS):
        for train_at, test_at in parts:
            correction = fit(base[train_at], pairs.part(train_at), precision.times(factor))
            test = pairs.part(test_at)
            found[k, test_at] = losses(predict(correction, base[test_at], test), test.right)
    found, weight = found[:, said], pairs.weight[said]
    mean = found @ weight / weight.sum()
    best = int(np.argmin(mean))
    # paired: most of the spread of losses is shared by all factors
    spread = (found - found[best]).std(axis=1) / np.sqrt(len(said))
    return next(f for k, f in reversed(list(enumerate(FACTORS))) if mean[k] <= mean[best] + TOLERANCE * spread[k])


def predict(correction: Correction, base: Floats, pairs: Pairs) -> Floats:
    """Corrected log-odds of pairs, shape (n,)."""
    pulls = correction.pulls(pairs.vectors, pairs.communities)[np.arange(len(pairs)), pairs.community]
    return correction.apply(base, pairs.rows, pulls)


def losses(logits: Floats, right: NDArray[np.bool_]) -> Floats:
    """Log-loss of each pair, in nats."""
    return np.logaddexp(0, -np.where(right, logits, -logits))


def _axes(centred: Rows) -> NDArray[np.float32]:
    """(d, at most ``AXES``): the directions in which these items differ most; others carry little, and cost much."""
    if not len(centred):
        return np.zeros((centred.shape[1], 0), np.float32)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(vectors[:, ::-1][:, : min(AXES, len(centred))], np.float32)


def _mean(rows: Rows) -> NDArray[np.floating]:
    return rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1], np.float32)
