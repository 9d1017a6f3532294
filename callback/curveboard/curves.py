"""Curves, areas and their standard error: pure views of counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curveboard.counts import CountTable, Rises
from curveboard.record import CountArray, FloatArray

INT64_MAX = 2**63 - 1
Moments = tuple[float, float, float]  # count, mean, sum of squared deviations


class AreaSums:
    """Areas under a curve whose rises come in pieces, each counted on from the one before.

    Per rise there are `w` positives at its score; `u`, twice the number of negatives that outrank them (ties count
    half), is `fp_above + fp`. Per run of negatives, `v` is twice the number of positives that outrank them: `2 tp` of
    the rise before, or `tp_above + tp` where they are tied with a rise. Without weights all of these are integers.

    ROC-AUC: the share of (positive, negative) pairs in order is `1 - sum(w * u) / (2 P N)`: one rounding in all.

    Average precision: `sum(w * tp / (tp + fp)) / P`.

    Standard error of the ROC-AUC (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988): the variance is
    `var(u / 2N) / P + var(v / 2P) / N`, the first over the positives, the second over the negatives, with `ddof=1`. All
    positives of a rise share their `u`, all negatives of a run their `v`, so that counts suffice. The moments of the
    pieces are combined as by Chan, Golub and LeVeque (1979), which cancels nothing.

    Args:
        positives: Number or weight of all positives.
        negatives: Number or weight of all negatives.
    """

    def __init__(self, positives: float, negatives: float) -> None:
        self._positives = positives
        self._negatives = negatives
        self._fp = self._twice_lost = 0.0 if isinstance(positives, float) else 0
        self._precision = 0.0
        self._spread_u: Moments = (0.0, 0.0, 0.0)
        self._spread_v: Moments = (0.0, 0.0, 0.0)

    def add(self, piece: Rises) -> None:
        """Adds the next rises."""
        w, u = piece.tp - piece.tp_above, piece.fp + piece.fp_above
        large = 2 * self._positives * self._negatives > INT64_MAX
        self._twice_lost += np.sum(w * (u.astype(np.float64) if large else u)).item()
        self._precision += float(np.sum(w * (piece.tp / (piece.tp + piece.fp))))
        self._spread_u = _combined(self._spread_u, _spread(u, w))
        between, tied = piece.fp_above.copy(), piece.fp - piece.fp_above
        between[1:] -= piece.fp[:-1]
        between[:1] -= self._fp
        self._spread_v = _combined(self._spread_v, _spread(2 * piece.tp_above, between))
        if tied.any():
            self._spread_v = _combined(self._spread_v, _spread(piece.tp_above + piece.tp, tied))
        self._fp = piece.fp[-1].item()

    @property
    def roc_auc(self) -> float:
        """Area under the ROC curve; NaN without positives or without negatives."""
        pairs = self._positives * self._negatives
        return float((2 * pairs - self._twice_lost) / (2 * pairs)) if pairs else np.nan

    @property
    def average_precision(self) -> float:
        """Average precision; NaN without positives."""
        return self._precision / self._positives if self._positives else np.nan

    @property
    def roc_auc_se(self) -> float:
        """DeLong's standard error of `roc_auc`; NaN for fewer than two positives or negatives, and for weights."""
        n_pos, n_neg = self._positives, self._negatives
        if isinstance(n_pos, float) or min(n_pos, n_neg) < 2:
            return np.nan
        below_all = n_neg - self._fp, 2.0 * n_pos, 0.0
        spread_v = _combined(self._spread_v, below_all)
        var_u, var_v = self._spread_u[2] / (n_pos - 1), spread_v[2] / (n_neg - 1)
        return float(np.sqrt(var_u / n_pos / n_neg / n_neg + var_v / n_neg / n_pos / n_pos) / 2)


def roc(table: CountTable) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Returns the ROC curve, as `sklearn.metrics.roc_curve` with `drop_intermediate=False`.

    Returns:
        `(fpr, tpr, thresholds)`, each `(k + 1,)` float64 in decreasing order of threshold, from `(0, 0, inf)` to 1. A
        rate without a denominator is NaN.

    Example:
        >>> roc(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]))[:2]
        (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]))
    """
    fpr, tpr = _rates(table)
    return fpr, tpr, np.concatenate([[np.inf], table.thresholds])


def precision_recall(table: CountTable) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Returns the PR curve, as `sklearn.metrics.precision_recall_curve`.

    Returns:
        `(precision, recall, thresholds)`: float64, thresholds increasing, `(k,)`; precision and recall are
        `(k + 1,)`, recall falling to the last point `(1, 0)`, which has no threshold. Recall without positives is NaN
        (scikit-learn: 1).
    """
    recall = _rates(table)[1][1:]
    precision = table.tp / (table.tp + table.fp)
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), table.thresholds[::-1].astype(np.float64)


def roc_auc(table: CountTable) -> float:
    """Returns the area under the ROC curve: the share of (positive, negative) pairs in order, ties counting half.

    NaN without positives or without negatives.

    Example:
        >>> roc_auc(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]))
        0.75
    """
    return _areas(table).roc_auc


def average_precision(table: CountTable) -> float:
    """Returns the average precision: the mean, over the positives, of the precision at their score.

    This is scikit-learn's step rule, which does not interpolate. NaN without positives, where scikit-learn warns and
    returns 0.

    Example:
        >>> round(average_precision(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])), 4)
        0.8333
    """
    return _areas(table).average_precision


def roc_auc_se(table: CountTable) -> float:
    """Returns DeLong's standard error of the ROC-AUC, exactly, from counts alone.

    NaN with fewer than two positives or negatives, and for weighted counts.

    Example:
        >>> round(roc_auc_se(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])), 4)
        0.3536
    """
    return _areas(table).roc_auc_se


def macro_roc(tables: Sequence[CountTable], fpr: FloatArray) -> FloatArray:
    """Returns the mean of ROC curves over the classes, taken vertically, exactly at the places asked for.

    Args:
        tables: One per class, at least one, with positives and negatives each.
        fpr: `(m,)` increasing, from 0 to 1.

    Returns:
        `(m,)` float64 mean true positive rates, never decreasing; where curves are vertical, those of their upper ends.

    Example:
        >>> tables = [CountTable.from_scores([0, 0, 1], scores) for scores in ([0.1, 0.2, 0.3], [0.1, 0.3, 0.2])]
        >>> macro_roc(tables, np.array([0.0, 0.25, 1.0]))
        array([0.5, 0.5, 1. ])
    """
    total = np.zeros(len(fpr))
    for table in tables:
        total += np.interp(fpr, *_rates(table))
    return np.minimum(total / len(tables), 1.0)


def macro_precision_recall(tables: Sequence[CountTable], recall: FloatArray) -> FloatArray:
    """Returns the mean of PR curves over the classes, taken vertically, exactly at the places asked for.

    Each curve is scikit-learn's step function: up to and including the recall of a row, its precision.

    Args:
        tables: One per class, at least one, with positives each.
        recall: `(m,)` increasing, from 0 to 1.

    Returns:
        `(m,)` float64 mean precisions; at recall 0 those of the first rises.

    Example:
        >>> tables = [CountTable.from_scores([0, 0, 1], scores) for scores in ([0.1, 0.2, 0.3], [0.1, 0.3, 0.2])]
        >>> macro_precision_recall(tables, np.array([0.0, 1.0]))
        array([0.75, 0.75])
    """
    total = np.zeros(len(recall))
    for table in tables:
        rows = np.maximum(np.searchsorted(table.tp, recall * table.positives), np.searchsorted(table.tp, 0, "right"))
        total += table.tp[rows] / (table.tp[rows] + table.fp[rows])
    return total / len(tables)


def _rates(table: CountTable) -> tuple[FloatArray, FloatArray]:
    """Returns `(fpr, tpr)` with the point (0, 0) before the rows; 0 / 0 is NaN."""
    with np.errstate(invalid="ignore"):
        fpr, tpr = (
            np.concatenate([[0.0], counts]) / np.float64(total)
            for counts, total in ((table.fp, table.negatives), (table.tp, table.positives))
        )
    return fpr, tpr


def _areas(table: CountTable) -> AreaSums:
    """Returns the areas of one whole table."""
    sums = AreaSums(table.positives, table.negatives)
    if table.positives:
        sums.add(table.rises())
    return sums


def _spread(values: CountArray, weights: CountArray) -> Moments:
    """Returns count, mean and sum of squared deviations of values that occur `weights` times each."""
    weight, deviation = weights.astype(np.float64), values.astype(np.float64)
    count = float(weight.sum())
    if not count:
        return 0.0, 0.0, 0.0
    mean = float(np.sum(weight * deviation)) / count
    deviation -= mean
    weight *= deviation
    weight *= deviation
    return count, mean, float(weight.sum())


def _combined(one: Moments, other: Moments) -> Moments:
    """Returns the moments of both samples together."""
    count = one[0] + other[0]
    if not count:
        return one
    apart = other[1] - one[1]
    share = other[0] / count
    return count, one[1] + apart * share, one[2] + other[2] + apart * apart * one[0] * share
