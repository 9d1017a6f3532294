"""A summary of scores of any number, in constant memory, that knows how far it may be off.

Kept are up to `n_bins` *edges*, integers of `curveboard.ordered`, and how many positives and negatives are at or above
each. New scores are counted at the edges there are. Where those no longer suit what has come, others are put in: a new
edge takes from the old scores that they are at least those above the next edge, and at most those above the one before.
So the counts at an edge are exact if it was there from the start or was put where no score had been, and else within
narrow bounds, as few scores lie between two edges. Areas are certified from those bounds (`curveboard.certified`).

Summaries are merged in the same way, at the edges of both: whatever is merged, in whatever order, the bounds hold.

Which edges are kept: they divide the curve into bins of equal weight, which is the sum of a third each of

- the bin's share of the positives and its share of the negatives. What is not known of the ROC-AUC are the pairs within
  a bin; whatever the imbalance, bins of weight `w` leave no more than `(3 w)^2 / 4` of all pairs each;
- the logarithm of its rank. What is not known of average precision is the *relative* rank of its positives.

A single score of more than that weight gets an edge on both sides: its bin holds equal scores, of which all is known.
The highest scores, as many as a 32nd of the edges, get that anyway: where a class is rare they decide about precision.

Among the edges that will do, those whose counts are exact are preferred; they are the points of the curve. Next come
round ones, integers with many trailing zeros, which have nothing to do with the labels around them. Summaries of
similar scores agree on most of them, though they know nothing of each other, so that counts stay exact when merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.certified import Band, CertifiedAreas
from curveboard.counts import CountTable
from curveboard.ordered import OrderedKeys, OrderedScores, scores_at

Rows = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]
F64Array = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[Any]  # `(2, k)` int64 or float64: positives and negatives at or above each edge

N_BINS = 4096
MIN_BINS = 64
HEAD_SHARE = 32  # of this many edges, one is for each of the highest scores
CANDIDATES = 2  # times the number of bins: scores of each label that are looked at for new edges
GROWTH = 2.0  # edges are chosen anew when so many times the scores have come
DRIFT = 2.0  # or when a bin has become so many times as heavy as the heaviest was then
FINEST = float(1 << 16)  # ranks below the total over this are not told apart by their logarithm


class ScoreSummary:
    """Labelled scores of one class (or of several pooled), summarized.

    Memory is 36 bytes a bin (40 for float64 scores), whatever the number of scores.

    Args:
        n_bins: Number of edges at most, from 64.
        dtype: float32 or float64, that of the scores.
        weighted: Whether weights are summed rather than scores counted.

    Attributes:
        n_bins: As given.
        dtype: As given.
        n_scores: Number of scores added.

    Raises:
        ValueError: There are too few bins.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> negative, positive = rng.normal(size=(2, 10**5)) + [[0], [1]]
        >>> summary = ScoreSummary(dtype=np.float64)
        >>> summary.add(OrderedScores.of(positive), OrderedScores.of(negative))
        >>> areas = summary.areas()
        >>> low, high = areas.roc_auc_bounds
        >>> f"{areas.roc_auc:.3f}", high - low < 1e-3
        ('0.760', True)
    """

    def __init__(self, n_bins: int = N_BINS, dtype: npt.DTypeLike = np.float32, weighted: bool = False) -> None:
        if n_bins < MIN_BINS:
            raise ValueError(f"expected n_bins of at least {MIN_BINS}; received {n_bins}")
        self.n_bins = n_bins
        self.dtype = np.dtype(dtype)
        # The first edge is below all scores, the last above all. Beside them stay the lowest score and the integer
        # after the highest, once there are scores: nothing lies outside, so edges put there are exact.
        key = np.dtype(f"u{self.dtype.itemsize}")
        self._edges: OrderedKeys = np.array([0, np.iinfo(key).max], key)
        self._low: Counts = np.zeros((2, 2), np.float64 if weighted else np.int64)
        self._high = self._low.copy()
        self.n_scores = self._n_then = 0
        self._allowed = 0.0

    @property
    def weighted(self) -> bool:
        """Whether weights are summed."""
        return self._low.dtype.kind == "f"

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._edges.nbytes + self._low.nbytes + self._high.nbytes

    def add(self, positives: OrderedScores, negatives: OrderedScores) -> None:
        """Counts more scores. To add many at a time costs less; ten times `n_bins` is many.

        Args:
            positives: Scores of positives, of the summary's dtype, weighted if the summary is.
            negatives: Scores of negatives, likewise.
        """
        both = positives, negatives
        if not any(map(len, both)):
            return
        self.n_scores += len(positives) + len(negatives)
        alone = self._ends(both)
        edges = self._with(alone)
        low, high = self._bounds_at(edges)
        counted = np.stack([scores.above(edges) for scores in both])
        low, high = low + counted, high + counted
        grown = self.n_scores > GROWTH * self._n_then
        if len(edges) <= self.n_bins and not grown and _heaviest(edges, low, high) <= self._allowed:
            self._edges, self._low, self._high = edges, low, high
            return
        # What is at stake between so many edges is estimated; at those that are chosen, scores are counted.
        sketches = [scores.sketch(CANDIDATES * self.n_bins, self.n_bins // 2) for scores in both]
        alone += [sketch.heavy(1 / self.n_bins) for sketch in sketches]
        edges = self._with(alone, between=[sketch.parts[0] for sketch in sketches])
        low, high = self._bounds_at(edges)
        likely = np.stack([sketch.above(edges) for sketch in sketches])
        rows = self._choose(edges, low + likely, high + likely)
        counted = np.stack([scores.above(edges[rows]) for scores in both])
        self._take(edges[rows], low[:, rows] + counted, high[:, rows] + counted)

    def merge(self, other: ScoreSummary) -> None:
        """Counts what another summary has counted; the other stays as it is.

        Raises:
            ValueError: The other's scores are of another dtype, or only one of them is weighted.
        """
        if (self.dtype, self.weighted) != (other.dtype, other.weighted):
            raise ValueError(
                f"expected a summary of {self.dtype} scores with weighted={self.weighted}; "
                f"received {other.dtype} and weighted={other.weighted}"
            )
        self.n_scores += other.n_scores
        edges = _union(self._edges, other._edges)
        (low, high), (more_low, more_high) = self._bounds_at(edges), other._bounds_at(edges)
        low, high = low + more_low, high + more_high
        rows = self._choose(edges, low, high)
        self._take(edges[rows], low[:, rows], high[:, rows])

    def areas(self) -> CertifiedAreas:
        """Returns the areas, their intervals and the standard error."""
        return Band(self._low[:, ::-1], self._high[:, ::-1], np.diff(self._edges)[::-1] == 1).areas()

    def table(self) -> CountTable:
        """Returns the counts at the edges where they are exact; the last row counts every score."""
        exact = (self._low == self._high).all(axis=0)
        edges, counts = self._edges[exact][::-1], self._low[:, exact][:, ::-1]
        rises = np.flatnonzero(np.diff(counts).any(axis=0)) + 1
        return CountTable(scores_at(edges[rises]), *counts[:, rises])

    def _ends(self, both: Iterable[OrderedScores]) -> list[OrderedKeys]:
        """Returns the highest of new scores as far as they are among the highest of all, and the lowest."""
        n_head = self.n_bins // HEAD_SHARE
        tops = np.concatenate([scores.highest(n_head) for scores in both])
        line = self._edges[np.argmax(self._high.sum(axis=0) <= n_head * self._mean_weight(self._low))]
        return [tops[tops >= line], *(scores.lowest() for scores in both)]

    def _with(self, alone: list[OrderedKeys], between: Sequence[OrderedKeys] = ()) -> OrderedKeys:
        """Returns all edges, one on both sides of some scores, and a round one between each two of some others."""
        keys = _union(*alone)
        edges = _union(self._edges, keys, keys + keys.dtype.type(1))
        if not between:
            return edges
        keys = _union(keys, *between)
        return _union(edges, _roundest(keys[:-1], keys[1:]))

    def _mean_weight(self, counts: Counts) -> float:
        return float(counts[:, 0].sum()) / max(self.n_scores, 1)

    def _bounds_at(self, edges: OrderedKeys) -> tuple[Counts, Counts]:
        """Returns the bounds of the counts at any edges from the first to the last."""
        after = np.searchsorted(self._edges, edges)
        before = np.searchsorted(self._edges, edges, side="right") - 1
        return self._low[:, after], self._high[:, before]

    def _take(self, edges: OrderedKeys, low: Counts, high: Counts) -> None:
        """Takes over edges that were chosen anew."""
        self._edges, self._low, self._high = edges, low, high
        self._n_then = self.n_scores
        self._allowed = DRIFT * _heaviest(edges, low, high)

    def _choose(self, edges: OrderedKeys, low: Counts, high: Counts) -> Rows:
        """Chooses edges, so few that there is room for the highest scores to come.

        The weights are laid end to end, a bin too heavy for one edge as two spacings, and cut into cells of one
        spacing. The cells that hold an edge of a heavy bin keep those; the others keep one edge, the roundest of the
        exact ones if there are any, else of all. No edge lies within a heavy bin: there are no more edges than cells.
        """
        n_head = self.n_bins // HEAD_SHARE
        weight = _weights(low, high)
        spacing = _spacing(weight, self.n_bins - 3 * n_head - 4)
        heavy = weight >= spacing
        place = np.append(0.0, np.cumsum(np.where(heavy, 2 * spacing, weight)))
        cell = np.floor(place / (spacing or 1.0)).astype(np.int64)
        forced = np.append(heavy, False) | np.append(False, heavy)
        exact = (low == high).all(axis=0)
        best = np.lexsort((_oddness(edges), ~exact, ~forced, cell))
        first = best[np.append(True, np.diff(cell[best]) > 0)]
        first = first[~forced[first]]
        is_head = low.sum(axis=0)[:-1] <= n_head * self._mean_weight(low)
        head = np.flatnonzero(is_head & (np.diff(edges) == 1))[-n_head:]
        forced[head] = forced[head + 1] = True
        forced[[0, 1, -2, -1]] = True
        forced[first] = True
        return np.flatnonzero(forced)


def _union(*keys: OrderedKeys) -> OrderedKeys:
    """Returns all keys, each once, increasing. They come in sorted runs, which `np.unique` would take no notice of."""
    every: OrderedKeys = np.concatenate(keys)
    every.sort(kind="stable")
    new: BoolArray = np.append(True, every[1:] != every[:-1])
    return every[new]


def _roundest(below: OrderedKeys, keys: OrderedKeys) -> OrderedKeys:
    """Returns the integers with the most trailing zeros that are above the first and not above the second.

    They share the leading bits of both, up to the first that differs, which is set; the others are not.
    """
    differ: OrderedKeys = below ^ keys
    differ &= ~(differ >> differ.dtype.type(1))  # keeps the leading bit, and float64 from rounding up to the next one
    leading = np.exp2(np.frexp(differ.astype(np.float64))[1] - 1).astype(keys.dtype)
    rounded: OrderedKeys = keys & ~(leading - keys.dtype.type(1))
    return rounded


def _oddness(keys: OrderedKeys) -> npt.NDArray[np.int32]:
    """Returns minus the number of trailing zeros of each, but for a constant."""
    lowest = keys & (~keys + keys.dtype.type(1))
    oddness: npt.NDArray[np.int32] = -np.frexp(lowest.astype(np.float64))[1]
    return oddness


def _weights(low: Counts, high: Counts) -> F64Array:
    """Returns the weight of each bin, `(k - 1,)`; they sum to 1, or less where a label is missing."""
    middle = (low + high) / 2
    tpr, fpr = _shares(middle)
    rank = middle.sum(axis=0)
    depth = np.log1p(rank * (FINEST / max(rank[0], 1e-300))) / np.log1p(FINEST)
    weight: F64Array = -np.diff(tpr + fpr + depth) / 3
    return weight


def _heaviest(edges: OrderedKeys, low: Counts, high: Counts) -> float:
    """Returns the largest share of positives and negatives in a bin that could be divided."""
    share = -np.diff(_shares((low + high) / 2).sum(axis=0))
    return float(np.max(share, where=np.diff(edges) > 1, initial=0.0))


def _shares(counts: F64Array) -> F64Array:
    """Returns counts as shares of their totals; 0 without a total."""
    totals = counts[:, :1]
    return np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)


def _spacing(weight: F64Array, n_cells: int) -> float:
    """Returns the smallest spacing, to a millionth, that makes at most so many cells of the weights."""
    low, high = 0.0, max(float(weight.sum()), 0.0)
    for _ in range(20):
        spacing = (low + high) / 2
        if np.sum(np.where(weight >= spacing, 2 * spacing, weight)) > n_cells * spacing:
            low = spacing
        else:
            high = spacing
    return high
