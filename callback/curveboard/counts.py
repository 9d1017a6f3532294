"""Counts of true and false positives at every threshold: the one table from which every curve is a view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curveboard.keys import scores_of, signed_keys
from curveboard.record import CountArray, FloatArray
from curveboard.rounding import round_between

AnyArray = npt.NDArray[Any]  # thresholds, or counts of either kind
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class CountTable:
    """Cumulative counts of one class at its distinct scores.

    Predicted positive means `score >= threshold`. The row where nothing is predicted positive (threshold `inf`, counts
    0) is not held. Counts are int64, or float64 sums of `sample_weight`; examples of weight 0 leave no trace.

    A table may hold fewer rows than there are distinct scores (`Rises.table`, `take`); the rows it holds are exact, and
    its thresholds need not be scores.

    Attributes:
        thresholds: `(k,)` float32 or float64, strictly decreasing: the scores, bit for bit (-0.0 is held as 0.0).
        tp: `(k,)` positives with `score >= threshold`, never decreasing.
        fp: `(k,)` negatives with `score >= threshold`, never decreasing.

    Example:
        >>> table = CountTable.from_scores([0, 1, 1], [0.2, 0.2, 0.9])
        >>> table.thresholds, table.tp, table.fp
        (array([0.9, 0.2]), array([1, 2]), array([0, 1]))
    """

    thresholds: FloatArray
    tp: CountArray
    fp: CountArray

    @property
    def positives(self) -> float:
        """Number (or total weight) of positive examples; 0 in an empty table."""
        return self.tp[-1].item() if len(self.tp) else 0

    @property
    def negatives(self) -> float:
        """Number (or total weight) of negative examples; 0 in an empty table."""
        return self.fp[-1].item() if len(self.fp) else 0

    @property
    def weighted(self) -> bool:
        """Whether the counts are sums of weights."""
        return self.tp.dtype.kind == "f"

    @classmethod
    def from_scores(
        cls, y_true: npt.ArrayLike, y_score: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> CountTable:
        """Counts labelled scores.

        Args:
            y_true: `(n,)` bool or 0/1.
            y_score: `(n,)` finite scores. float32 and float64 are kept, narrower ones are widened to float32.
            sample_weight: `(n,)` non-negative weights, or None to count examples.

        Returns:
            The table with one row per distinct score.
        """
        positive = np.asarray(y_true).astype(bool)
        score = np.asarray(y_score)
        score = score.astype(np.result_type(score.dtype, np.float32)) + 0.0  # -0.0 equals 0.0: they share a threshold
        if sample_weight is not None:
            weight = np.asarray(sample_weight, np.float64)
            return _from_weights(positive[weight > 0], score[weight > 0], weight[weight > 0])
        if score.dtype == np.float32 and len(score) and score.min() >= 0:
            return cls.from_signed(np.where(positive, -score, score))
        order = np.argsort(score)[::-1]
        score = score[order]
        last = last_of_ties(score)
        tp = np.cumsum(positive[order], dtype=np.int64)[last]
        return cls(score[last], tp, last + 1 - tp)

    @classmethod
    def from_signed(cls, column: npt.NDArray[np.float32]) -> CountTable:
        """Counts scores that carry their label in the sign bit.

        Args:
            column: `(n,)` float32, `+score` for negatives and `-score` for positives, scores >= 0 and finite; -0.0 is
                a positive of score 0.

        Returns:
            The table with one row per distinct score.
        """
        keys = signed_keys(column[:, np.newaxis])[0]
        keys.sort()
        last = last_of_ties(keys >> 1)
        tp = np.cumsum(keys & 1 == 0, dtype=np.int64)[last]
        return cls(scores_of(keys[last]), tp, last + 1 - tp)

    @classmethod
    def joined(cls, pieces: Sequence[CountTable]) -> CountTable:
        """Returns the table of several pieces, each counted on from the one before; rows that add nothing go."""
        thresholds, tp, fp = (
            np.concatenate(columns)
            for columns in zip(*((piece.thresholds, piece.tp, piece.fp) for piece in pieces), strict=True)
        )
        total = tp + fp
        return cls(thresholds, tp, fp).take(np.flatnonzero(total != np.append(0, total[:-1])))

    def take(self, rows: npt.NDArray[np.intp] | slice) -> CountTable:
        """Returns the table of some rows: `(m,)` increasing indices, or a slice."""
        return CountTable(self.thresholds[rows], self.tp[rows], self.fp[rows])

    def rises(self) -> Rises:
        """Returns the rows at which `tp` rises, with what was counted just above each."""
        tp_above, fp_above = (np.append(0, counts)[:-1] for counts in (self.tp, self.fp))
        at = np.flatnonzero(self.tp > tp_above)
        one = np.zeros(1, np.intp)

        def spans(rows: Rows) -> tuple[FloatArray, FloatArray]:
            row = at[rows >> 1] - (rows & 1 == 0)  # of a first row at which tp rises there is nothing above
            last = len(self.thresholds) - 1
            return self.thresholds[np.minimum(row + 1, last)], self.thresholds[np.maximum(row, 0)]

        return Rises(tp_above[at], fp_above[at], self.tp[at], self.fp[at], one, one, spans)

    def merge(self, other: CountTable) -> CountTable:
        """Returns the table of both tables' examples, as if their scores had been counted together."""
        return CountTable.merged([self, other])

    @classmethod
    def merged(cls, tables: Sequence[CountTable]) -> CountTable:
        """Merges any number of tables at once, in `O(n log(len(tables)))` for n rows in all.

        Args:
            tables: At least one. Of float32 and float64 thresholds, or of counts and weights, the wider are kept.

        Returns:
            The table of all examples, as if their scores had been counted together: exactly, in any order, for counts;
            for weights up to rounding.

        Example:
            >>> shards = [CountTable.from_scores([0, 1], scores) for scores in ([0.2, 0.9], [0.2, 0.5])]
            >>> CountTable.merged(shards).tp, CountTable.merged(shards).fp
            (array([1, 2, 2]), array([0, 0, 2]))
        """
        thresholds = np.concatenate([table.thresholds for table in tables])
        order = np.argsort(-thresholds, kind="stable")  # merges runs that are in order already
        last = last_of_ties(thresholds[order])
        tp, fp = (
            np.cumsum(np.concatenate([np.diff(counts, prepend=0) for counts in column])[order])[last]
            for column in ([table.tp for table in tables], [table.fp for table in tables])
        )
        return cls(thresholds[order][last], tp, fp)

    def confusion_at(self, threshold: float) -> tuple[float, float, float, float]:
        """Returns `(tn, fp, fn, tp)` where predicted positive means `score >= threshold`.

        The threshold is compared in the scores' precision, as NumPy compares an array with a Python number. A table
        that holds fewer rows than distinct scores answers for the nearest row above.
        """
        row = int(np.count_nonzero(self.thresholds >= self.thresholds.dtype.type(threshold))) - 1
        tp, fp = (self.tp[row].item(), self.fp[row].item()) if row >= 0 else (0, 0)
        return self.negatives - fp, fp, self.positives - tp, tp


@dataclass(frozen=True, eq=False)
class Rises:
    """The distinct scores of positives, and what is counted at and just above each: all that curves and areas need.

    Between two of them there are negatives only, which lie on a straight line in ROC and have the recall of its ends
    in PR. There may be the rises of several classes, one class after the other. All arrays but the last two are `(d,)`;
    counts are int64, or float64 sums of weights, and never decrease within a class.

    Attributes:
        tp_above: Positives with a higher score.
        fp_above: Negatives with a higher score.
        tp: Positives with this score or a higher one.
        fp: Negatives with this score or a higher one.
        owners: `(k,)` number of each class, increasing.
        starts: `(k,)` where its rises start; none is without.
        spans: Gives the thresholds that reproduce the counts of some rows, of the two per rise: `2 i` is the row just
            above the i-th score, `2 i + 1` the one at it. All above the first array, up to the second, do; where no
            other is known, the two are equal, and where nothing is predicted positive they mean nothing.
    """

    tp_above: CountArray
    fp_above: CountArray
    tp: CountArray
    fp: CountArray
    owners: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    spans: Callable[[Rows], tuple[FloatArray, FloatArray]]

    @property
    def ends(self) -> Rows:
        """`(k,)` one past the last rise of each class."""
        return np.append(self.starts[1:], len(self.tp))

    def of_each(self, values: AnyArray) -> AnyArray:
        """Returns values of the classes, `(k,)`, for each of their rises; those of one class broadcast."""
        return values if len(self.starts) == 1 else np.repeat(values, self.ends - self.starts)

    def table(self, rows: Rows) -> CountTable:
        """Returns some of the two rows per rise, `(m,)` increasing, with round thresholds."""
        tp, fp = interleaved(self.tp_above, self.tp), interleaved(self.fp_above, self.fp)
        return CountTable(round_between(*self.spans(rows)), tp[rows], fp[rows])


def interleaved(first: AnyArray, second: AnyArray) -> AnyArray:
    """Returns the first of each, the second of each, and so on, `(2 d,)`."""
    pairs: AnyArray = np.empty((len(first), 2), first.dtype)
    pairs[:, 0], pairs[:, 1] = first, second
    return pairs.ravel()


def last_of_ties(values: npt.NDArray[np.generic]) -> npt.NDArray[np.intp]:
    """Returns the index of the last of each run of equal values, `(k,)`."""
    return (
        np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1) if len(values) else np.empty(0, np.intp)
    )


def _from_weights(positive: npt.NDArray[np.bool_], score: FloatArray, weight: FloatArray) -> CountTable:
    """Sums positive weights, in float64."""
    order = np.argsort(score)[::-1]
    last = last_of_ties(score[order])
    weight, positive = weight[order], positive[order]
    tp, fp = (np.cumsum(np.where(mask, weight, 0.0))[last] for mask in (positive, ~positive))
    return CountTable(score[order][last], tp, fp)
