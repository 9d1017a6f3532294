"""Calibration: whether what is predicted with 80 % comes true in 80 of 100 cases.

Probabilities are sorted into 20 bins of equal width. Per bin three sums are kept, the number of examples, that of
positives among them, and the sum of their scores; a reliability diagram and the calibration errors are views of those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

N_BINS = 20
EDGES = np.linspace(0.0, 1.0, N_BINS + 1)  # as in sklearn.calibration.calibration_curve, to the bit

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Block = tuple[npt.NDArray[np.bool_], npt.NDArray[np.floating], npt.NDArray[np.floating] | None]

_CELLS = 2 * N_BINS  # bins of a class, of negatives and of positives
_BLOCK = 1 << 15  # scores added at a time: what is computed of them stays in the cache
_COLUMNS = 32  # at least as many cells take turns: adding to the same one twice in a row waits for the first
_NEARER_ONE = 1 - 2.0**-30
_TINY = np.float32(2.0**-40).view(np.uint32)


@dataclass(frozen=True, eq=False, repr=False)
class Calibration:
    """Scores of one class against what came true, in 20 bins: bin `k` holds `k / 20 < score <= (k + 1) / 20`.

    The lowest bin holds the score 0, too. Edges are those of `sklearn.calibration.calibration_curve` with `n_bins=20`,
    compared in float64.

    Attributes:
        name: Class name, `"micro"` (all classes pooled), or `"confidence"`: the highest score of each example, whose
            positives are the examples that it predicts rightly.
        examples: `(20,)` number (or total weight) of examples: int64, or float64 sums of weights.
        positives: `(20,)` positives among them, as `examples`.
        score_sum: `(20,)` float64 sum of their (weighted) probabilities. Exact as measured; read back, each is right
            within 2**-19 of the number of all examples, and the mean score of its bin within 0.0005.
        brier: Mean squared difference of probability and label (1 for positives, else 0).

    Examples:
        >>> true, score = np.array([[True], [False], [False]]), np.array([[0.9], [0.9], [0.4]])
        >>> [spam] = calibrate(["spam"], [(true, score, None)])
        >>> spam.examples[[7, 17]], spam.frequency[[7, 17]], spam.mean_score[[7, 17]]
        (array([1, 2]), array([0. , 0.5]), array([0.4, 0.9]))
        >>> round(spam.ece, 4), round(spam.mce, 4), round(spam.brier, 4)
        (0.4, 0.4, 0.3267)
    """

    name: str
    examples: Counts
    positives: Counts
    score_sum: Floats
    brier: float

    def __repr__(self) -> str:
        total = self.examples.sum()
        return f"Calibration({self.name!r}, {total:.10g} examples, ece={self.ece:.4f}, brier={self.brier:.4f})"

    @property
    def mean_score(self) -> Floats:
        """`(20,)` mean probability of each bin; NaN where it is empty."""
        return _ratio(self.score_sum, self.examples)

    @property
    def frequency(self) -> Floats:
        """`(20,)` share of positives in each bin; NaN where it is empty."""
        return _ratio(self.positives, self.examples)

    @property
    def ece(self) -> float:
        """Expected calibration error: `abs(mean_score - frequency)`, averaged over the examples.

        Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017.
        """
        return float(_ratio(np.abs(self.score_sum - self.positives).sum(), self.examples.sum()))

    @property
    def mce(self) -> float:
        """Maximum calibration error: the largest `abs(mean_score - frequency)` of all bins that hold examples."""
        return float(np.nanmax(np.abs(self.mean_score - self.frequency), initial=0.0))


def calibrate(class_names: Iterable[str], blocks: Iterable[Block]) -> tuple[Calibration, ...]:
    """Bins the probabilities of each class.

    Args:
        class_names: Names of the classes.
        blocks: Some examples each, as `(positive, probability, weight)`: which of them belong to each class,
            `(n, n_classes)`, their probabilities, float32 or float64 of the same shape, and `(n,)` weights or None.

    Returns:
        One calibration for each class; none at all if a probability is not within [0, 1].
    """
    names = tuple(class_names)
    sums = CalibrationSums(len(names))
    for positive, probability, weight in blocks:
        if probability.min() < 0:
            return ()
        sums.add(np.where(positive, -probability, np.abs(probability)), weight)
    return sums.result(names)


def pooled(calibrations: Iterable[Calibration]) -> Calibration:
    """Returns the calibration of all decisions of several classes, named `"micro"`."""
    return summed("micro", calibrations)


def summed(name: str, calibrations: Iterable[Calibration]) -> Calibration:
    """Returns the calibration of all decisions of several classes, or of several parts of the examples."""
    parts = list(calibrations)
    totals = np.array([part.examples.sum() for part in parts])
    squares = np.array([part.brier for part in parts]) * totals
    return Calibration(
        name,
        np.sum([part.examples for part in parts], axis=0),
        np.sum([part.positives for part in parts], axis=0),
        np.sum([part.score_sum for part in parts], axis=0),
        float(_ratio(np.sum(squares, where=totals > 0), totals.sum())),
    )


class CalibrationSums:
    """Sums from which the calibration of each class follows; they add up over blocks, shards and processes.

    A score that carries its label in the sign bit falls into one of 40 cells of its class, the bins of negatives from
    high to low scores and those of positives from low to high: `20 - 20 * signed`, cut off to an integer. Bins are
    closed on the right, and so are the cells of negatives, but not those of positives. A factor of `1 - 2**-30`
    therefore moves the edges that a float32 can hit (1/4, 1/2, 3/4 and 1) into the bin below, and no other float32
    across an edge: the next one is 64 times as far away. What remains are negatives of score zero, or so near to it
    that `20 - 20 * signed` is 20; they are put where they belong. float64 scores are looked up in `EDGES`.

    Cells are complex numbers: the real part sums the signed scores, the imaginary part counts, in one addition.

    Args:
        n_classes: Number of columns.
    """

    def __init__(self, n_classes: int) -> None:
        self._n_classes = n_classes
        width = n_classes * -(-_COLUMNS // n_classes)
        self._size = width * max(1, _BLOCK // width)
        self._first = (np.arange(self._size) % width * _CELLS).astype(np.int32)
        self._table = np.zeros(width * _CELLS, np.complex128)
        self._squares = np.zeros(self._size)
        self._score, self._room = np.empty((2, self._size))
        self._values = np.full(self._size, 1j)  # the imaginary part stays
        self._found = np.empty(self._size, np.intp)
        self._weighted = False
        self._within = True

    def add(self, signed: npt.NDArray[np.floating], weight: npt.NDArray[np.floating] | None = None) -> None:
        """Adds labelled probabilities.

        Args:
            signed: `(n, n_classes)` float32 or float64: `+probability` of negatives, `-probability` of positives; -0.0
                is a positive of probability 0. Once one is above 1, nothing more is added, and there is no result.
            weight: `(n,)` weights, or None; all calls with, or all without.
        """
        self._weighted |= weight is not None
        flat = signed.reshape(-1)
        for start in range(0, len(flat) if self._within else 0, self._size):
            part = flat[start : start + self._size]
            score, squares, values = (room[: len(part)] for room in (self._score, self._room, self._values))
            score[...] = part
            np.square(score, out=squares)
            if squares.max() > 1:
                self._within = False
                return
            values.real = score
            if weight is not None:
                rows = slice(start // self._n_classes, (start + len(part)) // self._n_classes)
                weights = np.repeat(weight[rows], self._n_classes)
                squares, values = squares * weights, values * weights
            self._squares[: len(part)] += squares
            np.add.at(self._table, self._cells(part), values)

    def merge(self, other: CalibrationSums) -> None:
        """Adds what another has summed up of the same classes."""
        self._table += other._table
        self._squares += other._squares
        self._weighted |= other._weighted
        self._within &= other._within

    def result(self, class_names: Iterable[str]) -> tuple[Calibration, ...]:
        """Returns one calibration for each class; none at all if a score was above 1."""
        if not self._within:
            return ()
        cells = self._table.reshape(-1, self._n_classes, _CELLS).sum(axis=0)
        negative, positive = cells[:, N_BINS - 1 :: -1], cells[:, N_BINS:]
        examples, positives = (part.imag for part in (negative + positive, positive))
        score_sum = negative.real - positive.real
        # (score - label)^2 = score^2 - 2 score + 1 for positives
        squares = self._squares.reshape(-1, self._n_classes).sum(axis=0)
        squares = np.maximum(squares + (2 * positive.real + positives).sum(axis=1), 0.0)  # of rounding, too
        brier = _ratio(squares, examples.sum(axis=1))
        kind = np.float64 if self._weighted else np.int64
        columns = zip(
            class_names, examples.astype(kind), positives.astype(kind), score_sum, brier.tolist(), strict=True
        )
        return tuple(Calibration(*column) for column in columns)

    def _cells(self, part: npt.NDArray[np.floating]) -> npt.NDArray[np.intp]:
        """Returns the cell of each score."""
        if part.dtype != np.float32:
            bins = np.searchsorted(EDGES[1:-1], np.abs(part))
            cells = np.where(np.signbit(part), N_BINS + bins, N_BINS - 1 - bins).astype(np.int32)
        else:
            exact = np.multiply(self._score[: len(part)], -N_BINS * _NEARER_ONE, out=self._room[: len(part)])
            exact += N_BINS
            cells = exact.astype(np.int32)  # twice as fast as to 64 bits
            bits = part.view(np.uint32)
            if bits.min() < _TINY:
                np.copyto(cells, N_BINS - 1, where=bits < _TINY)
        cells += self._first[: len(part)]
        found = self._found[: len(part)]
        found[...] = cells
        return found


def _ratio(part: Counts | float, whole: Counts | float) -> Floats:
    """Divides in float64; 0 / 0 is NaN, without a warning."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part, np.float64) / np.asarray(whole, np.float64)
