"""The few points that stand for a whole curve, within a stated tolerance in the ROC and in the PR plane.

A stored curve is drawn between its points as straight lines in ROC and, because it is the *counts* that are
interpolated, as hyperbolas in PR (Davis and Goadrich, ICML 2006). Every vertex left out is near the chord spanning it:

ROC: the chord meets the vertex' box, of half-width `min(tolerance, 5 % of FPR)` and half-height `min(tolerance, 5 % of
FNR)`; the five per cent are of ten examples where there are fewer, so that logarithmic axes are as true as linear ones.
A chord from `(x0, y0)` by `(dx, dy)`, both >= 0, and a vertex `(x, y)` between its ends: the box overlaps the chord's
extent along both axes, so by the separating-axis theorem they meet exactly when they overlap across the chord,

    |dx * (y - y0) - dy * (x - x0)| <= ex * dy + ey * dx

PR: the chord meets the square of half-side `tolerance` around the vertex. Recall is linear along the chord, precision
monotone (the sign of its derivative is that of `x0 * dy - y0 * dx`), so the precisions that the chord takes at the
recalls of the square fill the interval between those at its two ends: two values decide. Recalls below `tolerance`,
less than a pixel wide and all noise, are exempt.

The search has three steps. `candidates` keeps the first and the last vertex of each run within one cell of five
coordinates; a vertex left out is so near to its neighbours that testing those against 0.87 of the box and 0.875 of the
square suffices (derived there). The chords of all classes are then split at their worst candidate, all at once, until
none is too far: first on every 32nd candidate, which finds most of the points, then on all. This takes a tenth more
points than are needed, so that at last, wherever one chord does instead of two, their common end is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from curveboard.counts import CountTable, Rises, interleaved
from curveboard.record import CountArray, FloatArray

Rows = npt.NDArray[np.intp]
Cells = npt.NDArray[np.int32]
# (vertices, begin, end, chord): how far each vertex is from its chord, in tolerances; `chord` indexes begin and end.
Distance = Callable[[Rows, Rows, Rows, Rows], FloatArray]

RELATIVE = 0.05  # of FPR and FNR
FEW = 10.0  # examples below which the relative tolerance is that of `FEW`
BOX_SHARE, SQUARE_SHARE = 0.87, 0.875  # of the tolerance that candidates are held to; the rest is for those left out
ROUNDS = 4  # of looking for ends of chords that are not needed
STRIDE = 32  # candidates skipped in the first round
BATCH = 1 << 17  # candidates split at once: enough to spread the cost of a step, few enough to stay in cache
EXEMPT = 1e100  # times any count: more than any distance
TINY = 1e-300  # more than 0, less than any count


def simplify(tables: Sequence[CountTable], tolerance: float) -> list[Rows]:
    """Chooses the rows that stand for each table, all classes at once.

    Args:
        tables: One per class.
        tolerance: Largest distance of a vertex left out, in rates; see the module's description.

    Returns:
        Per table `(m,)` increasing indices of the rows to keep, the first and the last among them.

    Example:
        >>> table = CountTable.from_scores([1, 1, 1, 0, 0, 0], [0.9, 0.8, 0.7, 0.3, 0.2, 0.1])
        >>> simplify([table], 1 / 256)
        [array([0, 2, 5])]
    """
    kept = [candidates(table, tolerance, table.positives, table.negatives) for table in tables]
    chosen = choose([table.take(rows) for table, rows in zip(tables, kept, strict=True)], tolerance)
    return [rows[inner] for rows, inner in zip(kept, chosen, strict=True)]


def choose(tables: Sequence[CountTable], tolerance: float) -> list[Rows]:
    """Does the second step of `simplify`, for tables that hold candidates only.

    Args:
        tables: One per class, of the rows that `candidates` returned for the same tolerance.
        tolerance: As in `simplify`.

    Returns:
        As `simplify`.
    """
    ends = np.cumsum([len(table.tp) for table in tables])
    batches = np.flatnonzero(np.diff(ends // BATCH, prepend=-1, append=-2))
    return [rows for start, stop in pairwise(batches.tolist()) for rows in _split_tables(tables[start:stop], tolerance)]


def candidates(table: CountTable, tolerance: float, positives: float, negatives: float) -> Rows:
    """Returns the rows from which `simplify` chooses: every other row is near to one of them.

    Kept are the first and the last row of each run that stays within one cell of: TPR and FPR (cells of
    `tolerance / 4`), the logarithms of fp and fn (128 cells an octave, read from the bits of the float), and precision
    (`tolerance / 8`). A row left out lies between the kept rows `a` and `b` of its run.

    ROC: the rectangle that `a` and `b` span holds the row, and the chord from `a` to `b` meets the row's box of half
    the rectangle's sides: an eighth of the tolerance, or 1/256 of fp, which is 0.078 of the relative one. Along that
    chord, what `a` and `b` may be off adds to it: 0.875 of the tolerance, or 0.87 of a relative one that differs from
    the row's by 1/128 within the cell, and by 1/20 within a run of negatives, of which `Rises` hold the ends:
    `0.87 * 129/128 * 21/20 + 0.078 < 1`.

    PR: one of `a` and `b` is within half a cell of recall, and both within a cell of precision: an eighth of the
    tolerance each.

    Args:
        table: Counts of one class, or a piece of them.
        tolerance: Largest distance in rates.
        positives: Number or weight of all positives of the class.
        negatives: Number or weight of all negatives of the class.

    Returns:
        `(m,)` increasing indices, the first and the last row among them; empty for an empty table.
    """
    n_pos, n_neg = positives or 1.0, negatives or 1.0
    along = _cells_of_tp(table.tp, tolerance, n_pos) + _cells_of_fp(table.fp, tolerance, n_neg)
    precision = _cells_of_precision(table.tp, table.fp, tolerance, n_pos)
    return _first_and_last(np.arange(min(1, len(table.tp))), along, precision)


def candidates_of_rises(rises: Rises, tolerance: float, positives: CountArray, negatives: CountArray) -> Rows:
    """Returns the candidates among the rows of rises, as `Rises.table` takes them.

    Args:
        rises: Rises of one class or of several, or a piece of them.
        tolerance: Largest distance in rates.
        positives: `(k,)` number or weight of all positives of each of their classes.
        negatives: `(k,)` number or weight of all negatives, likewise.
    """
    n_pos, n_neg = rises.of_each(positives), rises.of_each(np.where(negatives > 0, negatives, 1))
    y = _cells_of_tp(rises.tp, tolerance, n_pos)
    y_above = np.append(y[:1], y[:-1])  # no negative comes between two rises of a class, but at its start
    y_above[rises.starts] = _cells_of_tp(rises.tp_above[rises.starts], tolerance, positives)
    along = [
        tp_cells + _cells_of_fp(fp, tolerance, n_neg) for tp_cells, fp in ((y_above, rises.fp_above), (y, rises.fp))
    ]
    precision = [
        _cells_of_precision(tp, fp, tolerance, n_pos)
        for tp, fp in ((rises.tp_above, rises.fp_above), (rises.tp, rises.fp))
    ]
    return _first_and_last(2 * rises.starts, interleaved(*along), interleaved(*precision))


def _cells_of_tp(tp: CountArray, tolerance: float, positives: CountArray | float) -> Cells:
    """Returns the sum of two numbers of cells: of TPR, and of the logarithm of fn."""
    return _cells(tp * (4 / tolerance / positives)) - _octaves(positives - tp)


def _cells_of_fp(fp: CountArray, tolerance: float, negatives: CountArray | float) -> Cells:
    """Returns the sum of two numbers of cells: of FPR, and of the logarithm of fp."""
    return _cells(fp * (4 / tolerance / negatives)) + _octaves(fp)


def _cells_of_precision(tp: CountArray, fp: CountArray, tolerance: float, positives: CountArray | float) -> Cells:
    """Numbers the cells of precision; where recall is exempt, there is one."""
    cells = _cells(tp * (8 / tolerance) / np.maximum(tp + fp, TINY))
    few = tp < tolerance / 2 * positives
    if few.any():
        cells[few] = 0
    return cells


def simplify_line(x: FloatArray, y: FloatArray, tolerance: float) -> Rows:
    """Chooses the points that stand for a polyline whose x never decreases.

    Every point left out has a square of half-side `tolerance` that the chord spanning it meets: they overlap along x,
    and must along y and across the chord. As in `candidates`, points within an eighth of the tolerance of others are
    passed over first.

    Args:
        x: `(n,)` never decreasing.
        y: `(n,)`.
        tolerance: Largest distance, in units of x and y.

    Returns:
        `(m,)` increasing indices, both ends among them; empty for an empty line.

    Example:
        >>> simplify_line(np.array([0.0, 0.5, 0.9, 1.0]), np.array([0.0, 0.501, 0.9, 0.0]), 0.01)
        array([0, 2, 3])
    """
    way = np.cumsum(_variation_steps(y))
    # Neither coordinate decreases, so that their sum changes where one does.
    along = _cells((x - x[:1]) * (8 / tolerance)), _cells(way * (8 / tolerance))
    kept = _first_and_last(np.arange(min(1, len(x))), *along)
    x, y = x[kept], y[kept]
    half_side = SQUARE_SHARE * tolerance

    def distance(at: Rows, begin: Rows, end: Rows, chord: Rows) -> FloatArray:
        dx, dy = x[end] - x[begin], y[end] - y[begin]
        reach = half_side * (dx + np.abs(dy))
        across = np.abs(dx[chord] * (y[at] - y[begin][chord]) - dy[chord] * (x[at] - x[begin][chord]))
        low, high = np.minimum(y[begin], y[end]), np.maximum(y[begin], y[end])
        beyond = np.maximum(y[at] - high[chord], low[chord] - y[at]) / half_side
        return np.maximum(_share(across, reach[chord]), beyond)

    return kept[_split(distance, np.arange(min(len(x), 1)), np.array([len(x) - 1])[: len(x)])]


def _variation_steps(values: FloatArray) -> FloatArray:
    """Returns how far each value is from the one before; 0 for the first."""
    steps = np.zeros_like(values)
    np.subtract(values[1:], values[:-1], out=steps[1:])
    return np.abs(steps, out=steps)


def _cells(coordinate: FloatArray) -> Cells:
    """Numbers cells of width 1."""
    return coordinate.astype(np.int32)


def _octaves(counts: CountArray | FloatArray) -> Cells:
    """Numbers cells of a 128th of an octave: exponent and leading seven bits of the mantissa of the float32."""
    return counts.astype(np.float32).view(np.int32) >> 16


def _first_and_last(starts: Rows, *coordinates: Cells) -> Rows:
    """Returns the rows that are first or last of a run in which no coordinate changes, of each of several curves."""
    begins = np.zeros(len(coordinates[0]) + 1, bool)
    for cells in coordinates:
        begins[1:-1] |= cells[1:] != cells[:-1]
    begins[starts] = begins[-1] = True
    return np.flatnonzero(begins[:-1] | begins[1:])


def _split_tables(tables: Sequence[CountTable], tolerance: float) -> list[Rows]:
    """Splits the chords of several classes at once; returns the indices kept of each."""
    sizes = np.array([len(table.tp) for table in tables])
    stop = np.cumsum(sizes)
    start = stop - sizes
    vertices = _Vertices.of(tables, sizes, tolerance)
    begin, end = start[sizes > 0], stop[sizes > 0] - 1
    coarse = np.union1d(end, np.flatnonzero((np.arange(stop[-1]) - np.repeat(start, sizes)) % STRIDE == 0))
    few = vertices.take(coarse)
    knots = coarse[_split(few.distance, np.searchsorted(coarse, begin), np.searchsorted(coarse, end))]
    same = np.searchsorted(end, knots[:-1]) == np.searchsorted(end, knots[1:])
    knots = np.union1d(knots, _split(vertices.distance, knots[:-1][same], knots[1:][same]))
    knots = _needed(vertices.distance, knots, np.searchsorted(end, knots))
    cuts = np.searchsorted(knots, np.append(start, stop[-1]))
    return [knots[left:right] - first for left, right, first in zip(cuts[:-1], cuts[1:], start, strict=True)]


@dataclass(frozen=True, eq=False)
class _Vertices:
    """The vertices of several curves, one after the other, with what each chord is tested against.

    The planes are scaled to counts, `x = fp` and `y = tp`, where both chords are straight. Whatever a vertex is tested
    against is a little less than the tolerance; see `candidates`.

    Attributes:
        x: `(n,)` false positives.
        y: `(n,)` true positives.
        box_x: Half-width of the box in ROC.
        box_y: Its half-height.
        reach: Half-side of the square in PR, along recall.
        per_gap: 1 / half-side along precision; 0 where recall is exempt.
        aside: How far aside, at the vertex' own recall, a chord may pass and meet the square there.
    """

    x: FloatArray
    y: FloatArray
    box_x: FloatArray
    box_y: FloatArray
    reach: FloatArray
    per_gap: FloatArray
    aside: FloatArray

    @classmethod
    def of(cls, tables: Sequence[CountTable], sizes: Rows, tolerance: float) -> _Vertices:
        """Returns the vertices of tables, `(n_tables,)` sizes."""
        x, y = (
            np.concatenate([counts.astype(np.float64) for counts in column])
            for column in ([table.fp for table in tables], [table.tp for table in tables])
        )
        n_pos, n_neg = (
            np.repeat([float(total) or 1.0 for total in totals], sizes)
            for totals in ([table.positives for table in tables], [table.negatives for table in tables])
        )
        half_side = SQUARE_SHARE * tolerance
        exempt = y < tolerance / 2 * n_pos
        # y / (x + y) changes by half_side, if x does by this much towards 0, and by less the other way.
        aside = half_side * (x + y) ** 2 / (y + half_side * (x + y))
        return cls(
            x,
            y,
            box_x=BOX_SHARE * np.minimum(tolerance * n_neg, RELATIVE * np.maximum(x, FEW)),
            box_y=BOX_SHARE * np.minimum(tolerance * n_pos, RELATIVE * np.maximum(n_pos - y, FEW)),
            reach=half_side * n_pos,
            per_gap=np.where(exempt, 0.0, 1 / half_side),
            aside=np.where(exempt, EXEMPT, aside),
        )

    def take(self, rows: Rows) -> _Vertices:
        """Returns some of the vertices."""
        return _Vertices(*(getattr(self, field.name)[rows] for field in fields(self)))

    def distance(self, at: Rows, begin: Rows, end: Rows, chord: Rows) -> FloatArray:
        """Returns the larger of the ROC and the PR distance of vertices to chords, in tolerances; 0 if surely below 1.

        Most vertices pass a test that takes no division: the chord meets the box, and passes aside by less than
        `aside`. The distance of the others is computed.
        """
        x0, y0 = self.x[begin], self.y[begin]
        dx, dy = self.x[end] - x0, self.y[end] - y0
        along_x, along_y = dx[chord], dy[chord]
        across = np.abs(along_x * self.y[at] - along_y * self.x[at] - (dx * y0 - dy * x0)[chord])
        reached = np.minimum(self.box_x[at] * along_y + self.box_y[at] * along_x, self.aside[at] * along_y)
        doubtful = np.flatnonzero(across > reached)
        far = np.zeros(len(across))
        far[doubtful] = self._computed(at[doubtful], begin, end, chord[doubtful])
        return far

    def _computed(self, at: Rows, begin: Rows, end: Rows, chord: Rows) -> FloatArray:
        begin, end = begin[chord], end[chord]
        x0, y0, x1, y1, x, y = self.x[begin], self.y[begin], self.x[end], self.y[end], self.x[at], self.y[at]
        dx, dy = x1 - x0, y1 - y0
        across = np.abs(dx * (y - y0) - dy * (x - x0))
        roc = _share(across, self.box_x[at] * dy + self.box_y[at] * dx)
        # A horizontal chord has slope 0 here: its ends keep their own x, and the interval is its whole length.
        slope = _share(dx, dy)
        low, high = np.maximum(y0, y - self.reach[at]), np.minimum(y1, y + self.reach[at])
        first = low / np.maximum(low + x0 + (low - y0) * slope, TINY)
        last = high / np.maximum(high + x1 - (y1 - high) * slope, TINY)
        precision = y / (x + y)
        gap = np.maximum(np.minimum(first, last) - precision, precision - np.maximum(first, last))
        worse: FloatArray = np.maximum(roc, gap * self.per_gap[at])
        return worse


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divides; 0 / 0, a point on a chord of no length, is 0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _split(distance: Distance, begin: Rows, end: Rows) -> Rows:
    """Splits chords at their worst vertex, level by level, until every vertex between is within distance 1.

    Args:
        distance: The measure.
        begin: `(m,)` first vertex of each chord.
        end: `(m,)` last vertex of each chord.

    Returns:
        All ends of the chords that are left, increasing.
    """
    knots = [begin, end]
    while len(begin):
        begin, end = begin[end - begin > 1], end[end - begin > 1]
        if not len(begin):
            break
        at, chord, first = _between(begin, end)
        far = distance(at, begin, end, chord)
        worst = np.maximum.reduceat(far, first)
        hits = np.flatnonzero(far == worst[chord])
        hits = hits[np.searchsorted(hits, first)]  # the first of each chord
        middle = at[hits][worst > 1]
        knots.append(middle)
        begin, end = np.concatenate([begin[worst > 1], middle]), np.concatenate([middle, end[worst > 1]])
    return np.unique(np.concatenate(knots))


def _needed(distance: Distance, knots: Rows, curves: Rows) -> Rows:
    """Drops ends of chords where one chord does instead of two: of every other one first, then of those between.

    Args:
        distance: The measure.
        knots: `(m,)` ends of chords, increasing.
        curves: `(m,)` the curve of each.

    Returns:
        The ends that are left, the first and the last of each curve among them.
    """
    for turn in range(ROUNDS):
        rank = np.arange(len(knots)) - np.searchsorted(curves, curves)
        inner = np.flatnonzero((rank % 2 == turn % 2) & (rank > 0) & (curves == np.append(curves[1:], -1)))
        for look in (_itself, _between):  # what is too far is mostly the dropped end itself
            if not len(inner):
                break
            begin, end = knots[inner - 1], knots[inner + 1]
            at, chord, first = look(begin, end, knots[inner])
            inner = inner[np.maximum.reduceat(distance(at, begin, end, chord), first) <= 1]
        knots, curves = np.delete(knots, inner), np.delete(curves, inner)
    return knots


def _itself(begin: Rows, end: Rows, knot: Rows) -> tuple[Rows, Rows, Rows]:
    """Returns one vertex of each chord, as `_between` returns all."""
    each = np.arange(len(begin))
    return knot, each, each


def _between(begin: Rows, end: Rows, *_: Rows) -> tuple[Rows, Rows, Rows]:
    """Returns the vertices inside chords that have any, the chord of each, and where those of each chord start."""
    inner = end - begin - 1
    first = np.cumsum(inner) - inner
    chord = np.repeat(np.arange(len(begin)), inner)
    return np.arange(len(chord)) + np.repeat(begin + 1 - first, inner), chord, first
