"""Curves, areas and their standard error: pure views of counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curveboard.counts import CountTable
from curveboard.record import FloatArray

INT64_MAX = 2**63 - 1


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

    Twice the pairs in order is an integer, `sum(dfp * (2 tp - dtp))` over the rows, so that without weights the only
    rounding is that of one division. NaN without positives or without negatives.

    Example:
        >>> roc_auc(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]))
        0.75
    """
    pairs = table.positives * table.negatives
    if not pairs:
        return np.nan
    tp, fp = table.tp, table.fp
    if not table.weighted and 2 * pairs > INT64_MAX:
        tp, fp = tp.astype(np.float64), fp.astype(np.float64)
    twice = np.sum(np.diff(fp, prepend=0) * (2 * tp - np.diff(tp, prepend=0))).item()
    return float(twice / (2 * pairs))


def average_precision(table: CountTable) -> float:
    """Returns the average precision: the mean, over the positives, of the precision at their score.

    It is `sum((recall_i - recall_{i-1}) * precision_i)`, scikit-learn's step rule, which does not interpolate. NaN
    without positives, where scikit-learn warns and returns 0.

    Example:
        >>> round(average_precision(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])), 4)
        0.8333
    """
    if not table.positives:
        return np.nan
    return float(np.sum(np.diff(table.tp, prepend=0) * (table.tp / (table.tp + table.fp))) / table.positives)


def roc_auc_se(table: CountTable) -> float:
    """Returns DeLong's standard error of the ROC-AUC, exactly, from counts alone.

    With `v10` the share of negatives that a positive outranks and `v01` the share of positives that outrank a negative
    (ties count half), the variance is `var(v10) / P + var(v01) / N` with `ddof=1` (DeLong, DeLong and Clarke-Pearson,
    Biometrics 44, 1988). All positives of one row share their `v10`, all negatives their `v01`, and both have the AUC
    as mean. NaN with fewer than two positives or negatives, and for weighted counts.
    """
    n_pos, n_neg = table.positives, table.negatives
    if table.weighted or min(n_pos, n_neg) < 2:
        return np.nan
    dtp, dfp = np.diff(table.tp, prepend=0), np.diff(table.fp, prepend=0)
    auc = roc_auc(table)
    v10 = 1 - (table.fp - dfp / 2) / n_neg - auc
    v01 = (table.tp - dtp / 2) / n_pos - auc
    s10 = np.sum(dtp * v10 * v10) / (n_pos - 1)
    s01 = np.sum(dfp * v01 * v01) / (n_neg - 1)
    return float(np.sqrt(s10 / n_pos + s01 / n_neg))


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
