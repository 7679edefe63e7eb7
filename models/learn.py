"""The starter: a scorer learned from labelled pairs (item, community), kept as plain arrays.

Extremely randomised trees (Geurts, Ernst and Wehenkel, 2006) and a logistic regression, averaged on the logit scale,
then calibrated by a logistic curve (Platt, 1999) on predictions made out of fold, then mixed with a linear form set by
hand (a prior, logarithmic opinion pool): trees know little of what is rare, and the rules hold there. Rows are features
that name no community, so what is learnt carries over to one that nobody labelled. Artifacts hold weights only, as
``.npz``: no pickle is ever loaded.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

Rows = NDArray[np.float32]
Floats = NDArray[np.float64]

FORMAT = 2
TREES, LEAF, SHARE, STRENGTH = 120, 6, 0.4, 0.1
#: Share of the prior in the final log-odds.
PRIOR = 0.25
FOLDS = 5
#: Rows from which the compiled walk down the trees is worth its import; also how many walk at once.
MANY = 2048
#: Below that, nothing worth having is learnt.
MIN_PAIRS, MIN_RIGHT = 120, 25


@dataclass(frozen=True, slots=True, eq=False)
class LearnedScorer:
    """``decide.features.Scorer`` made of trees and a linear form. ``columns``: the features it was trained on."""

    columns: tuple[str, ...]
    feature: NDArray[np.int16]  # (nodes,), -1 at a leaf
    threshold: NDArray[np.float32]  # (nodes,)
    child: NDArray[np.int32]  # (nodes, 2): left (<= threshold), right
    value: NDArray[np.float32]  # (nodes,), probability
    root: NDArray[np.int32]  # (trees,)
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    weights: NDArray[np.float32]
    prior: NDArray[np.float32]  # (columns + 1,): added log-odds, the last one for every row
    intercept: float
    slope: float  # calibration: slope x logit + offset
    offset: float
    version: str = ""

    def probabilities(self, rows: Rows, vectors: Rows, communities: Sequence[str]) -> Floats:
        """(n, c, columns) -> (n, c), calibrated; neither vectors nor names count."""
        return sigmoid(self.logits(rows.reshape(-1, rows.shape[-1]))).reshape(rows.shape[:-1])

    def logits(self, rows: Rows) -> Floats:
        """(n, columns) -> (n,), calibrated log-odds."""
        if not len(rows):
            return np.zeros(0)
        return np.asarray(self.slope * self.raw(rows) + self.offset + _each(rows, self.prior[:-1]) + self.prior[-1])

    def raw(self, rows: Rows) -> Floats:
        """Logits before calibration, shape (n,)."""
        linear = _each((rows - self.mean) / self.scale, self.weights) + self.intercept
        return np.asarray((_logit(self.forest(rows)) + np.clip(linear, -8, 8)) / 2, dtype=np.float64)

    def forest(self, rows: Rows) -> Floats:
        """Mean of the trees' leaves, shape (n,)."""
        if len(rows) < MANY:
            return np.asarray(self.value.take(self._walk(rows)).mean(axis=1), dtype=np.float64)
        walk = self._compiled_walk()
        with ThreadPoolExecutor() as pool:  # the compiled walk lets other threads run
            parts = pool.map(
                lambda i: self.value.take(walk(rows[i : i + MANY])).mean(axis=1), range(0, len(rows), MANY)
            )
            return np.concatenate(list(parts), dtype=np.float64)

    def _walk(self, rows: Rows) -> NDArray[np.int32]:
        """(n, columns) -> (n, trees), the leaf of each: all rows walk down all trees at once, until each is there."""
        (n, width), trees = rows.shape, len(self.root)
        figures, children = np.ascontiguousarray(rows).ravel(), self.child.ravel()
        # tree after tree: the nodes that are read together lie near each other
        here, row = np.repeat(self.root, n), np.tile(np.arange(n, dtype=np.int64) * width, trees)
        leaf, walk = np.empty_like(here), np.arange(n * trees)
        while len(walk):
            feature = self.feature.take(here)
            inside = feature >= 0
            if not inside.all():
                leaf[walk[~inside]] = here[~inside]
                walk, here, row, feature = walk[inside], here[inside], row[inside], feature[inside]
            right = figures.take(row + feature) > self.threshold.take(here)
            here = children.take(2 * here + right)
        return np.ascontiguousarray(leaf.reshape(trees, n).T)

    def _compiled_walk(self) -> Callable[[Rows], NDArray[np.int32]]:
        """The same leaves by scikit-learn's own walk: ten times quicker, after a second to import it."""
        from sklearn.tree._tree import NODE_DTYPE, Tree

        ends = [*self.root[1:].tolist(), len(self.feature)]
        trees = []
        for start, end in zip(self.root.tolist(), ends, strict=True):
            leaf, child = self.feature[start:end] < 0, self.child[start:end]
            nodes = np.zeros(end - start, NODE_DTYPE)
            nodes["left_child"] = np.where(leaf, -1, child[:, 0] - start)
            nodes["right_child"] = np.where(leaf, -1, child[:, 1] - start)
            nodes["feature"], nodes["threshold"] = self.feature[start:end], self.threshold[start:end]
            tree = Tree(len(self.mean), np.array([1], np.intp), 1)
            values = self.value[start:end, None, None].astype(np.float64)
            tree.__setstate__({"max_depth": 0, "node_count": end - start, "nodes": nodes, "values": values})
            trees.append((start, tree))
        return lambda rows: np.stack([start + tree.apply(np.ascontiguousarray(rows)) for start, tree in trees], axis=1)


def train(
    rows: Rows,
    right: NDArray[np.bool_],
    group: NDArray[np.int64],
    columns: tuple[str, ...],
    hidden: Sequence[str] = (),
    weight: Floats | None = None,
    prior: Floats | None = None,
) -> LearnedScorer:
    """Learn from pairs: ``rows`` (n, columns), ``right`` (n,) grade >= 2, ``group`` (n,) the item of each pair.

    ``hidden``: columns that a community nobody labelled has at zero; every pair is learnt a second time without them,
    so that such a community is judged by the rest. ``weight``: (n,), 1 each unless given. ``prior``: (columns + 1,)
    weights and intercept of a linear form already on the scale of log-odds. Deterministic. Raises ``ModelError``
    (French) when there is too little to learn from.
    """
    if len(right) < MIN_PAIRS or int(right.sum()) < MIN_RIGHT or int((~right).sum()) < MIN_RIGHT:
        raise ModelError(
            f"Trop peu d’avis pour apprendre : {int(right.sum())} favorables et {int((~right).sum())} défavorables ; "
            f"il en faut au moins {MIN_PAIRS}, dont {MIN_RIGHT} de chaque sorte."
        )
    weight = np.ones(len(right)) if weight is None else weight
    at = [columns.index(name) for name in hidden]
    logits = out_of_fold(rows, right, group, hidden=at, weight=weight)
    slope, offset = _platt(logits, right, weight)
    learnt = _fit(*_twice(rows, right, weight, at), columns, slope, offset)
    return learnt if prior is None else _mixed(learnt, prior)


def _mixed(learnt: LearnedScorer, prior: Floats) -> LearnedScorer:
    own = 1 - PRIOR
    return replace(
        learnt, slope=own * learnt.slope, offset=own * learnt.offset, prior=np.asarray(PRIOR * prior, np.float32)
    )


def out_of_fold(
    rows: Rows,
    right: NDArray[np.bool_],
    group: NDArray[np.int64],
    seed: int = 0,
    hidden: Sequence[int] = (),
    weight: Floats | None = None,
) -> Floats:
    """Logit of each pair by a model that never saw its item, shape (n,)."""
    weight = np.ones(len(right)) if weight is None else weight
    logits = np.zeros(len(rows))
    for train_at, test_at in folds(group, seed):
        learnt = _fit(*_twice(rows[train_at], right[train_at], weight[train_at], hidden), (), 1.0, 0.0)
        logits[test_at] = learnt.raw(rows[test_at])
    return logits


def _twice(
    rows: Rows, right: NDArray[np.bool_], weight: Floats, hidden: Sequence[int]
) -> tuple[Rows, NDArray[np.bool_], Floats]:
    if not hidden:
        return rows, right, weight
    without = rows.copy()
    without[:, list(hidden)] = 0
    return np.concatenate([rows, without]), np.concatenate([right, right]), np.concatenate([weight, weight / 2])


def folds(group: NDArray[np.int64], seed: int = 0) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Train and test indices; the pairs of one item never stand on both sides."""
    items = np.unique(group)
    np.random.default_rng(seed).shuffle(items)
    parts = [np.isin(group, part) for part in np.array_split(items, FOLDS)]
    return [(np.flatnonzero(~part), np.flatnonzero(part)) for part in parts]


def save_scorer(scorer: LearnedScorer, path: Path) -> None:
    """Write atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(dump_scorer(scorer))
    part.replace(path)


def load_scorer(path: Path, columns: tuple[str, ...]) -> LearnedScorer:
    """Read what ``save_scorer`` wrote. Raises ``ModelError`` for a damaged file or other features."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"Modèle appris illisible : {path} ({error}). Apprenez-le de nouveau : veille train."
        ) from error
    return read_scorer(content, columns, str(path))


def read_scorer(content: bytes, columns: tuple[str, ...], name: str) -> LearnedScorer:
    """The scorer of ``dump_scorer``'s bytes; ``name``: what to call it in an error. Raises ``ModelError``."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as kept:
            head = json.loads(bytes(kept["head"]).decode())
            if head["format"] != FORMAT or tuple(head["columns"]) != columns:
                raise ModelError(
                    f"Le modèle appris {name} vient d’une autre version : apprenez-le de nouveau (veille train)."
                )
            arrays = {array: kept[array] for array in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"Modèle appris illisible : {name} ({error}). Apprenez-le de nouveau : veille train."
        ) from error
    return LearnedScorer(
        columns, **arrays, intercept=head["intercept"], slope=head["slope"], offset=head["offset"],
        version=_digest(content),
    )  # fmt: skip


_ARRAYS = ("feature", "threshold", "child", "value", "root", "mean", "scale", "weights", "prior")


def dump_scorer(scorer: LearnedScorer) -> bytes:
    """The scorer as the bytes of an ``.npz``; the same scorer gives the same bytes."""
    head = {
        "format": FORMAT, "columns": scorer.columns, "intercept": scorer.intercept, "slope": scorer.slope,
        "offset": scorer.offset,
    }  # fmt: skip
    out = io.BytesIO()
    text: Any = np.frombuffer(json.dumps(head, sort_keys=True).encode(), np.uint8)
    np.savez_compressed(out, head=text, **{name: getattr(scorer, name) for name in _ARRAYS})
    return out.getvalue()


def _fit(
    rows: Rows, right: NDArray[np.bool_], weight: Floats, columns: tuple[str, ...], slope: float, offset: float
) -> LearnedScorer:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression

    trees = ExtraTreesClassifier(TREES, min_samples_leaf=LEAF, max_features=SHARE, random_state=0)
    trees.fit(rows, right, sample_weight=weight)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    line = LogisticRegression(C=STRENGTH, max_iter=3000).fit((rows - mean) / scale, right, sample_weight=weight)
    parts = [_arrays(e.tree_, list(trees.classes_).index(True)) for e in trees.estimators_]
    sizes = np.cumsum([0, *(len(p[0]) for p in parts)])
    child = [np.where(p[2] >= 0, p[2] + start, -1) for p, start in zip(parts, sizes, strict=False)]
    return LearnedScorer(
        columns,
        feature=np.concatenate([p[0] for p in parts]).astype(np.int16),
        threshold=np.concatenate([p[1] for p in parts]).astype(np.float32),
        child=np.concatenate(child).astype(np.int32),
        value=np.concatenate([p[3] for p in parts]).astype(np.float32),
        root=np.asarray(sizes[:-1], np.int32),
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=line.coef_[0].astype(np.float32),
        prior=np.zeros(rows.shape[1] + 1, np.float32),
        intercept=float(line.intercept_[0]),
        slope=slope,
        offset=offset,
    )


def _arrays(tree: Any, right_class: int) -> tuple[Any, Any, Any, Any]:
    """feature, threshold, children (nodes, 2), probability of one scikit-learn tree."""
    leaf = tree.children_left < 0
    counts = tree.value[:, 0, :]
    value = counts[:, right_class] / np.maximum(counts.sum(axis=1), 1e-12)
    feature = np.where(leaf, -1, tree.feature)
    return feature, np.where(leaf, 0.0, tree.threshold), np.stack([tree.children_left, tree.children_right], 1), value


def _platt(logits: Floats, right: NDArray[np.bool_], weight: Floats) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    curve = LogisticRegression(C=1e3).fit(logits[:, None], right, sample_weight=weight)
    return float(curve.coef_[0, 0]), float(curve.intercept_[0])


def sigmoid(x: Floats) -> Floats:
    """Log-odds -> probabilities."""
    return np.asarray(1 / (1 + np.exp(-x)))


def _each(rows: Rows, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d) x (d,) -> (n,). Not a product of BLAS: its last bits depend on how many rows come together."""
    return np.asarray(np.einsum("nd,d->n", rows, weights))


def _logit(p: Floats) -> Floats:
    q = np.clip(p, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(q / (1 - q)))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
