"""Curves, areas and their standard error: pure views of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curveboard.counts import AnyArray, CountTable, Rises
from curveboard.record import CountArray, FloatArray

INT64_MAX = 2**63 - 1


class AreaSums:
    """Areas under the curves of several classes, whose rises come in pieces, each counted on from the one before.

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
        positives: `(k,)` number or weight of all positives of each class.
        negatives: `(k,)` number or weight of all negatives of each class.
    """

    def __init__(self, positives: CountArray, negatives: CountArray) -> None:
        self._positives, self._negatives = positives, negatives
        self._large = 2 * max(positives.tolist(), default=0) * max(negatives.tolist(), default=0) > INT64_MAX
        self._weighted = positives.dtype.kind == "f"
        self._fp = np.zeros_like(positives)
        self._twice_lost = np.zeros(len(positives), np.float64 if self._large or self._weighted else np.int64)
        self._precision = np.zeros(len(positives))
        self._spread = Moments(*np.zeros((3, 2, len(positives))))  # of u and of v

    def add(self, piece: Rises) -> None:
        """Adds the next rises of some classes."""
        w, u = piece.tp - piece.tp_above, piece.fp + piece.fp_above
        self._twice_lost[piece.owners] += _sums(piece, w * (u.astype(np.float64) if self._large else u))
        self._precision[piece.owners] += _sums(piece, w * (piece.tp / (piece.tp + piece.fp)))
        if not self._weighted:
            between, tied = np.append(0, piece.fp[:-1]), piece.fp - piece.fp_above
            between[piece.starts] = self._fp[piece.owners]
            np.subtract(piece.fp_above, between, out=between)
            v = 2 * piece.tp_above
            middles = np.stack([_middle(piece, u), _middle(piece, v)])
            of_u = _powers(piece, u, middles[0], w)
            of_v = _powers(piece, v, middles[1], between)
            if tied.any():
                of_v += _powers(piece, piece.tp_above + piece.tp, middles[1], tied)
            self._spread.add(Moments.about(middles, np.stack([of_u, of_v], axis=1)), piece.owners)
        self._fp[piece.owners] = piece.fp[piece.ends - 1]

    @property
    def roc_auc(self) -> FloatArray:
        """`(k,)` areas under the ROC curves; NaN without positives or without negatives."""
        totals = zip(self._positives.tolist(), self._negatives.tolist(), self._twice_lost.tolist(), strict=True)
        return np.array([max(2 * p * n - lost, 0) / (2 * p * n) if p * n else np.nan for p, n, lost in totals])

    @property
    def average_precision(self) -> FloatArray:
        """`(k,)` average precisions; NaN without positives."""
        defined = self._positives > 0
        mean: FloatArray = np.divide(self._precision, self._positives, out=np.full(len(defined), np.nan), where=defined)
        return np.minimum(mean, 1.0)  # sums of weights may be off by a rounding

    @property
    def roc_auc_se(self) -> FloatArray:
        """`(k,)` DeLong's standard errors of `roc_auc`; NaN for fewer than two positives or negatives, and weights."""
        n_pos, n_neg = self._positives.astype(np.float64), self._negatives.astype(np.float64)
        everything = np.arange(len(n_pos))
        below_all = np.stack([np.zeros(len(n_pos)), n_neg - self._fp])  # negatives, that all positives outrank
        spread = Moments(below_all, np.stack([n_pos, n_pos]) * 2.0, np.zeros_like(below_all))
        spread.add(self._spread, everything)
        with np.errstate(invalid="ignore", divide="ignore"):
            var_u, var_v = spread.squares[0] / (n_pos - 1), spread.squares[1] / (n_neg - 1)
            error = np.sqrt(var_u / n_pos / n_neg / n_neg + var_v / n_neg / n_pos / n_pos) / 2
        return np.where(self._weighted | (np.minimum(n_pos, n_neg) < 2), np.nan, error)


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and sum of squared deviations of two samples of each class, `(2, k)` each."""

    count: FloatArray
    mean: FloatArray
    squares: FloatArray

    @classmethod
    def about(cls, middles: FloatArray, powers: FloatArray) -> Moments:
        """Returns the moments of samples, given the sums of the powers 0, 1 and 2 of what they deviate from middles.

        Little is cancelled: a mean is off the middle of a sample's range by less than the range, and so at worst by the
        root of the count times the standard deviation.
        """
        count, first, second = powers
        mean = np.divide(first, count, out=np.zeros_like(count), where=count > 0)
        return cls(count, middles + mean, second - first * mean)

    def add(self, other: Moments, at: npt.NDArray[np.intp]) -> None:
        """Combines each of the others with the samples of the class at its place."""
        before = self.count[:, at]
        count = before + other.count
        apart = other.mean - self.mean[:, at]
        share = np.divide(other.count, count, out=np.zeros_like(count), where=count > 0)
        self.squares[:, at] += other.squares + apart * apart * before * share
        self.mean[:, at] += apart * share
        self.count[:, at] = count


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
    return float(_areas(table).roc_auc[0])


def average_precision(table: CountTable) -> float:
    """Returns the average precision: the mean, over the positives, of the precision at their score.

    This is scikit-learn's step rule, which does not interpolate. NaN without positives, where scikit-learn warns and
    returns 0.

    Example:
        >>> round(average_precision(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])), 4)
        0.8333
    """
    return float(_areas(table).average_precision[0])


def roc_auc_se(table: CountTable) -> float:
    """Returns DeLong's standard error of the ROC-AUC, exactly, from counts alone.

    NaN with fewer than two positives or negatives, and for weighted counts.

    Example:
        >>> round(roc_auc_se(CountTable.from_scores([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4])), 4)
        0.3536
    """
    return float(_areas(table).roc_auc_se[0])


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
    sums = AreaSums(np.array([table.positives]), np.array([table.negatives]))
    if table.positives:
        sums.add(table.rises())
    return sums


def _sums(piece: Rises, values: AnyArray) -> AnyArray:
    """Sums the values of the rises of each class, `(k,)`."""
    return np.add.reduceat(values, piece.starts)


def _middle(piece: Rises, values: CountArray) -> FloatArray:
    """Returns the middle of the range, for each class, of values that never decrease."""
    middle: FloatArray = (values[piece.starts] + values[piece.ends - 1]) / 2
    return middle


def _powers(piece: Rises, values: CountArray, middle: FloatArray, weights: CountArray) -> FloatArray:
    """Returns the sums, for each class, of weights, of weighted deviations from a middle and of squares, `(3, k)`."""
    deviation: FloatArray = np.subtract(values, piece.of_each(middle), dtype=np.float64)
    weighted = weights * deviation
    count, first = _sums(piece, weights), _sums(piece, weighted)
    weighted *= deviation
    return np.stack([count, first, _sums(piece, weighted)])
