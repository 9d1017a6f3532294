"""Areas from counts that are known at some thresholds only: an estimate, and an interval that holds the truth.

Between two thresholds nothing is known of the order of the scores, unless all of them are equal; at a threshold the
count itself may be known within bounds only. Each area below is bounded over everything that this leaves open.

In decreasing order of threshold, row j has T[j] positives and F[j] negatives at or above it; bin j, between row j - 1
and row j, has p = T[j] - T[j-1] positives. P and N are the totals. Counts are known to be from `low` to `high`.

ROC-AUC: of all pairs of a positive and a negative, sum(p c) / 2 P N are lost, where c[j], twice the negatives that
outrank a positive of bin j, is from 2 F[j-1] to 2 F[j], and F[j-1] + F[j] in a bin of equal scores. Summed by parts,

    sum((T[j] - T[j-1]) c[j]) = T[J] c[J] + sum(T[j] (c[j] - c[j+1])),

and c never decreases, so that the sum is smallest for the smallest c and the largest T, and largest for the opposite.

Average precision, upper bound: a positive of bin j has a precision of at most c[j] = T[j] / (T[j] + F[j-1]), reached if
all positives of the bin are equal and outrank its negatives; T[j] / (T[j] + F[j]) in a bin of equal scores. These take
T high and F low; the sum of p c, again by parts, then takes T[j] high where c[j] > c[j+1], and low elsewhere.

Average precision, lower bound: at worst the positives of bin j follow all of its negatives, one by one. The i-th of all
positives then has precision i / (i + F[j]), and with the harmonic numbers H those of bin j sum to

    p - F[j] (H(T[j] + F[j]) - H(T[j-1] + F[j])).

F is taken high; then T low, as a positive gains by being moved to a bin above, whose F is smaller. Where both rows of a
bin of equal scores are known exactly, so is the sum: p T[j] / (T[j] + F[j]). Sums of weights have the integral of
x / (x + F) for the sum, which is smaller: logarithms instead of harmonic numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curveboard.counts import CountTable
from curveboard.curves import roc_auc_se
from curveboard.record import Bounds, CountArray

F64Array = npt.NDArray[np.float64]

ROUNDING = 1e-12  # what sums of some thousand float64 may be off, and more: intervals reach out by it
SERIES_FROM = 16.0  # from where the series for differences of harmonic numbers is exact to that


@dataclass(frozen=True)
class CertifiedAreas:
    """Areas with the intervals that hold them.

    Attributes:
        roc_auc: The middle of its interval; NaN without positives or without negatives.
        roc_auc_bounds: `(low, high)`, or None where the area is exact or not defined.
        average_precision: Estimated as if scores were evenly mixed within each bin; NaN without positives.
        average_precision_bounds: As `roc_auc_bounds`.
        roc_auc_se: DeLong's standard error, as if the scores of a bin were equal; NaN where it is not defined.
    """

    roc_auc: float
    roc_auc_bounds: Bounds | None
    average_precision: float
    average_precision_bounds: Bounds | None
    roc_auc_se: float


@dataclass(frozen=True, eq=False)
class Band:
    """What is known of the counts at decreasing thresholds.

    The first row is above all scores, the last at or below all: both are known exactly.

    Attributes:
        low: `(2, k)` lower bounds of the true (row 0) and the false positives (row 1): int64, or float64 sums of
            weights. Neither decreases.
        high: Upper bounds, likewise.
        tied: `(k - 1,)` whether the scores between a row and the next can only be equal.
    """

    low: CountArray
    high: CountArray
    tied: npt.NDArray[np.bool_]

    def areas(self) -> CertifiedAreas:
        """Returns all areas.

        Examples:
            >>> band = Band(*[np.array([[0, 1, 2], [0, 0, 2]])] * 2, tied=np.array([False, False]))
            >>> band.areas().roc_auc, [round(bound, 6) for bound in band.areas().roc_auc_bounds]
            (0.75, [0.5, 1.0])
        """
        roc_auc, roc_auc_bounds = np.nan, None
        precision, precision_bounds = np.nan, None
        positives, negatives = self.low[:, -1].tolist()
        if positives and negatives:
            low, high = 1 - self._most_lost(), 1 - self._least_lost()
            roc_auc, roc_auc_bounds = _within((low + high) / 2, low, high)
        if positives:
            low, high = self._least_precision(), self._most_precision()
            precision, precision_bounds = _within(self._likely_precision(), low, high)
        middle = (self.low + self.high) // 2 if self.low.dtype.kind == "i" else (self.low + self.high) / 2
        error = roc_auc_se(CountTable(np.zeros(middle.shape[1]), *middle))
        return CertifiedAreas(roc_auc, roc_auc_bounds, precision, precision_bounds, error)

    def _least_lost(self) -> float:
        """Smallest share of pairs lost."""
        fp = self.low[1].astype(np.float64)
        outranking = np.where(self.tied, fp[:-1] + fp[1:], 2 * fp[:-1])
        return float(np.sum(np.diff(self.high[0]) * outranking) / self._twice_pairs)

    def _most_lost(self) -> float:
        """Largest share of pairs lost."""
        fp = self.high[1].astype(np.float64)
        outranking = np.where(self.tied, fp[:-1] + fp[1:], 2 * fp[1:])
        return float(np.sum(np.diff(self.low[0]) * outranking) / self._twice_pairs)

    @property
    def _twice_pairs(self) -> float:
        positives, negatives = self.low[:, -1].tolist()
        return float(2.0 * positives * negatives)

    def _most_precision(self) -> float:
        """Upper bound of average precision."""
        tp, fp = self.high[0, 1:], np.where(self.tied, self.low[1, 1:], self.low[1, :-1])
        precision = _ratio(tp, tp + fp)
        falls = precision - np.append(precision[1:], 0.0)
        return float(np.sum(np.where(falls > 0, tp, self.low[0, 1:]) * falls) / tp[-1])

    def _least_precision(self) -> float:
        """Lower bound of average precision."""
        tp, fp = self.low[0].astype(np.float64), self.high[1, 1:].astype(np.float64)
        rise = np.diff(tp)
        known = (self.low == self.high).all(axis=0)
        equal = self.tied & known[1:] & known[:-1]
        last = rise - fp * self._reciprocals(tp[:-1] + fp, rise)
        return float(np.sum(np.where(equal, rise * _ratio(tp[1:], tp[1:] + fp), last)) / tp[-1])

    def _likely_precision(self) -> float:
        """Average precision if each bin's negatives were spread evenly between its positives.

        Per positive there are then r = n / p negatives, half of them above it: the i-th positive of a bin has precision
        (T + i) / (T + i + F + r (i - 1/2)), which sums to p / (1 + r) plus a difference of harmonic numbers.
        """
        tp, fp = (self.low + self.high) / 2
        rise, run = np.diff(tp), np.diff(fp)
        slope = 1 + _ratio(run, rise)
        half = 0.0 if self._weighted else 0.5
        start = (tp[:-1] + fp[:-1] - half * (slope - 1)) / slope
        mixed = rise / slope + (tp[:-1] - start) / slope * self._reciprocals(start, rise)
        return float(np.sum(np.where(self.tied, rise * _ratio(tp[1:], tp[1:] + fp[1:]), mixed)) / tp[-1])

    @property
    def _weighted(self) -> bool:
        return self.low.dtype.kind == "f"

    def _reciprocals(self, start: F64Array, steps: F64Array) -> F64Array:
        """Sums 1 / (start + i) for i from 1 to `steps`; for sums of weights, its integral, 0 where start is 0."""
        if self._weighted:
            return np.log1p(_ratio(steps, start))
        return harmonic_difference(start, steps)


def harmonic_difference(start: F64Array, steps: F64Array) -> F64Array:
    """Returns H(start + steps) - H(start), where H(n) = 1 + 1/2 + ... + 1/n, and its analytic continuation.

    From `SERIES_FROM` on by the asymptotic series of the digamma function about n + 1/2; below, the first terms are
    summed one by one, and the rest by the series.

    Args:
        start: Any shape, above -1.
        steps: Of the same shape, from 0.

    Examples:
        >>> round(float(harmonic_difference(np.array([2.0]), np.array([2.0]))[0]), 12)  # 1/3 + 1/4
        0.583333333333
    """
    low = np.flatnonzero(start < SERIES_FROM)
    near, far = start.copy(), start + steps
    ends = far[low]
    near[low] += SERIES_FROM
    far[low] += SERIES_FROM
    difference = np.log1p((far - near) / (near + 0.5)) + _series(far) - _series(near)
    terms = np.arange(1.0, SERIES_FROM + 1)[:, np.newaxis]
    difference[low] += np.sum(1 / (start[low] + terms) - 1 / (ends + terms), axis=0)
    return difference


def _series(n: F64Array) -> F64Array:
    """What H(n) is more than the logarithm of n + 1/2 (and Euler's constant)."""
    square = (n + 0.5) ** -2
    series: F64Array = square * (1 / 24 - square * (7 / 960 - square * (31 / 8064 - square * 127 / 30720)))
    return series


def _within(area: float, low: float, high: float) -> tuple[float, Bounds | None]:
    """Returns an estimate and its interval, a little wider than computed; none if it is none but for rounding."""
    if high - low <= ROUNDING:
        return low, None
    low, high = max(low - ROUNDING, 0.0), min(high + ROUNDING, 1.0)
    return min(max(area, low), high), (low, high)


def _ratio(part: CountArray, whole: CountArray) -> F64Array:
    """Divides in float64; x / 0 is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)
