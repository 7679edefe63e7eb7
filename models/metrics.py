"""The figures of an evaluation, each a plain function of arrays. ``nan`` where a figure has no meaning.

scikit-learn computes what it knows; it is imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]

_NAN = float("nan")


def average_precision(scores: Scores, positive: Flags) -> float:
    """Area under precision-recall, without interpolation; (n,) and (n,). ``nan`` without a positive."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(positive, scores)) if positive.any() else _NAN


def known_mean(values: Sequence[float]) -> float:
    """Mean of those that are not ``nan`` (communities without a positive have no average precision)."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else _NAN


def auc(scores: Scores, positive: Flags) -> float:
    """Area under the ROC curve; ``nan`` when one class is absent."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores)) if positive.any() and not positive.all() else _NAN


def share(right: Flags) -> float:
    """Share of true values; ``nan`` of none."""
    return float(right.mean()) if right.size else _NAN


def precision_recall_f1(selected: Flags, positive: Flags) -> tuple[float, float, float]:
    """Over every cell. Precision is ``nan`` when nothing is selected, recall when nothing is positive."""
    hits = int((selected & positive).sum())
    picked, wanted = int(selected.sum()), int(positive.sum())
    precision = hits / picked if picked else _NAN
    recall = hits / wanted if wanted else _NAN
    return precision, recall, 2 * hits / (picked + wanted) if picked + wanted else _NAN


def best_f1(scores: Scores, positive: Flags) -> tuple[float, float]:
    """The best micro-F1 that one threshold for all cells can give, and that threshold (``score >= t``)."""
    flat, hit = scores.ravel(), positive.ravel()
    if not hit.any():
        return _NAN, _NAN
    order = np.argsort(-flat, kind="stable")
    ranked = flat[order]
    hits = np.cumsum(hit[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + hit.sum())
    ends = np.append(ranked[1:] != ranked[:-1], True)  # equal scores are selected together
    best = int(np.argmax(np.where(ends, f1, -1.0)))
    return float(f1[best]), float(ranked[best])


def calibration_error(scores: Scores, positive: Flags, bins: int = 15) -> float:
    """Expected calibration error over bins of equal mass (Nguyen & O'Connor 2015, arXiv:1508.05154).

    Cells are sorted by score and cut in ``bins`` parts of equal size; the error is the mean, weighted by
    size, of |mean score - share of positives|.
    """
    flat, hit = scores.ravel(), positive.ravel()
    if not flat.size:
        return _NAN
    order = np.argsort(flat, kind="stable")
    parts = [part for part in np.array_split(order, bins) if part.size]
    return float(sum(abs(flat[part].mean() - hit[part].mean()) * part.size for part in parts) / flat.size)
