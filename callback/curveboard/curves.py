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


def macro_roc(tables: Sequence[CountTable]) -> tuple[FloatArray, FloatArray]:
    """Returns the mean of ROC curves over the classes, taken vertically and exactly.

    Every curve is a sum of jumps (vertical segments) and of slopes that begin and end at its vertices. Sorting the
    jumps and the changes of slope of all curves and adding them up along `fpr` gives their sum, whose area is the sum
    of their areas, at the cost of one sort.

    Args:
        tables: One per class, with positives and negatives each.

    Returns:
        `(fpr, tpr)`, each `(m,)` float64 from `(0, 0)` to `(1, 1)`, never decreasing; two points of equal `fpr` are a
        jump. Empty without tables.
    """
    if not tables:
        return np.empty(0), np.empty(0)
    at, jumps, slopes = [np.array([0.0, 1.0])], [np.zeros(2)], [np.zeros(2)]
    for table in tables:
        x, y = _rates(table)
        dx, dy = np.diff(x), np.diff(y)
        up, slanted = dx == 0, (dx > 0) & (dy > 0)
        slope = dy[slanted] / dx[slanted]
        none = np.zeros(len(slope))
        at += [x[1:][up], x[:-1][slanted], x[1:][slanted]]
        jumps += [dy[up], none, none]
        slopes += [np.zeros(len(at[-3])), slope, -slope]
    x, jump, change = _sum_by_place(at, jumps, slopes)
    run = np.concatenate([[0.0], np.cumsum(change)[:-1] * np.diff(x)])
    after = np.cumsum(run + jump)
    x, y = _with_jumps(x, after - jump, after, len(tables))
    y[0], y[-1] = 0.0, 1.0
    return x, y


def macro_precision_recall(tables: Sequence[CountTable]) -> tuple[FloatArray, FloatArray]:
    """Returns the mean of PR curves over the classes, taken vertically and exactly.

    Each curve is scikit-learn's step function: up to and including the recall of a row, its precision. The area of
    the mean is the mean of the average precisions.

    Args:
        tables: One per class, with positives each.

    Returns:
        `(recall, precision)`, each `(m,)` float64, recall from 0 to 1, never decreasing; two points of equal recall
        are a jump. Empty without tables.
    """
    if not tables:
        return np.empty(0), np.empty(0)
    at, jumps = [np.array([0.0, 1.0])], [np.zeros(2)]
    for table in tables:
        rises = np.flatnonzero(np.diff(table.tp, prepend=0) > 0)
        precision = table.tp[rises] / (table.tp[rises] + table.fp[rises])
        at.append(np.concatenate([[0.0], table.tp[rises[:-1]] / table.positives]))
        jumps.append(np.diff(precision, prepend=0.0))
    places, jump = _sum_by_place(at, jumps)
    after = np.cumsum(jump)
    recall, line = _with_jumps(places, after - jump, after, len(tables))
    return recall[1:], line[1:]  # the jump from 0 at recall 0 is no part of the curve


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
    count = float(weights.sum())
    if not count:
        return 0.0, 0.0, 0.0
    mean = float(np.sum(weights * values, dtype=np.float64)) / count
    deviations = values - mean
    return count, mean, float(np.sum(weights * deviations * deviations))


def _combined(one: Moments, other: Moments) -> Moments:
    """Returns the moments of both samples together."""
    count = one[0] + other[0]
    if not count:
        return one
    apart = other[1] - one[1]
    share = other[0] / count
    return count, one[1] + apart * share, one[2] + other[2] + apart * apart * one[0] * share


def _sum_by_place(at: Sequence[FloatArray], *values: Sequence[FloatArray]) -> list[FloatArray]:
    """Sums values found at the same place; returns the distinct places, increasing, and the sums."""
    places = np.concatenate(at)
    order = np.argsort(places, kind="stable")
    places = places[order]
    first = np.flatnonzero(np.diff(places, prepend=-1.0))
    return [places[first], *(np.add.reduceat(np.concatenate(value)[order], first) for value in values)]


def _with_jumps(x: FloatArray, before: FloatArray, after: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Interleaves the sums of n curves left and right of each place into one line of means, within [0, 1]."""
    line = np.clip(np.column_stack([before, after]).ravel() / n, 0.0, 1.0)
    twice = np.repeat(x, 2)
    keep = np.ones(len(line), bool)
    keep[1::2] = before != after
    keep[:2] = True
    return twice[keep], line[keep]
