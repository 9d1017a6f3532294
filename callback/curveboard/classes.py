"""Each class counted, and all pooled: the candidate rows of its curve, and its areas, computed from all rows.

Two ways lead to the same numbers. Non-negative float32 scores without weights, which is what models put out, are
counted by sorting integers (`curveboard.keys`); anything else is counted class by class from its own order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from curveboard.counts import CountTable, Rises
from curveboard.curves import AreaSums
from curveboard.keys import KeyArray, is_positive, pieces_of, predicted_among, scores_of
from curveboard.outcomes import BoolArray
from curveboard.record import FloatArray
from curveboard.rises import rare_positives, rises_of, stretches_of_all, stretches_of_row
from curveboard.rounding import round_between
from curveboard.simplify import candidates_of_rises

Cells = tuple[float, float, float, float]  # tn, fp, fn, tp

GROUP = 32  # classes measured at a time


@dataclass(frozen=True, eq=False)
class Measured:
    """One class, or all pooled: the candidate rows of its curve, and what was computed from all rows.

    `cells` are `(tn, fp, fn, tp)` at the decision threshold.
    """

    table: CountTable
    roc_auc: float
    average_precision: float
    roc_auc_se: float
    cells: Cells


def measure_keys(keys: KeyArray, threshold: float, tolerance: float) -> list[Measured]:
    """Measures each class from its keys, and then all pooled if there are several.

    Args:
        keys: `(n_classes, n)` keys of `signed_keys`, whose rows may be sorted in place.
        threshold: From which score an example is predicted positive.
        tolerance: Largest distance of a vertex left out; see `curveboard.simplify`.
    """
    measured, rare = measure_rows(keys, threshold, tolerance)
    if len(keys) > 1:
        cells = _sum_cells(measured)
        _, _, fn, tp = cells
        rises = rises_of(stretches_of_all(0, keys, rare, int(tp + fn)), 1)
        measured += _measure_rises(rises, [_last_of(keys.reshape(-1), cells)], [cells], tolerance)
    return measured


def measure_rows(keys: KeyArray, threshold: float, tolerance: float) -> tuple[list[Measured], list[KeyArray | None]]:
    """Does what `measure_keys` does without pooling; returns the keys of rare positives, too."""
    measured: list[Measured] = []
    rare: list[KeyArray | None] = []
    for start in range(0, len(keys), GROUP):
        rows = keys[start : start + GROUP]
        cells = [_cells_of(row, threshold) for row in rows]
        rare += [rare_positives(row) for row in rows]
        stretches = (stretches_of_row(owner, row, rare[start + owner]) for owner, row in enumerate(rows))
        rises = rises_of(chain.from_iterable(stretches), len(rows))
        measured += _measure_rises(rises, [*map(_last_of, rows, cells)], cells, tolerance)
    return measured, rare


def _cells_of(row: KeyArray, threshold: float) -> Cells:
    """Counts the cells of one class at a threshold."""
    tp = n_predicted = n_positive = 0
    for piece in pieces_of(row):
        predicted, positive = predicted_among(piece, threshold), is_positive(piece)
        n_predicted += int(np.count_nonzero(predicted))
        n_positive += int(np.count_nonzero(positive))
        predicted &= positive
        tp += int(np.count_nonzero(predicted))
    fp, fn = n_predicted - tp, n_positive - tp
    return len(row) - fp - n_positive, fp, fn, tp


def _last_of(row: KeyArray, cells: Cells) -> CountTable:
    """Returns the row of all examples."""
    tn, fp, fn, tp = cells
    return CountTable(scores_of(row.max(keepdims=True)), np.array([tp + fn]), np.array([tn + fp]))


def measure_columns(
    positive: BoolArray, score: FloatArray, weight: FloatArray | None, threshold: float, tolerance: float
) -> list[Measured]:
    """Measures each column, and then all pooled if there are several."""
    columns = zip(positive.T, score.T, strict=True)
    tables = [CountTable.from_scores(labels, scores, weight) for labels, scores in columns]
    return measure_tables(tables, threshold, tolerance)


def measure_tables(tables: Sequence[CountTable], threshold: float, tolerance: float) -> list[Measured]:
    """Measures each class from the table of all its distinct scores, and then all pooled if there are several."""
    measured = [measure_table(table, table.confusion_at(threshold), tolerance) for table in tables]
    if len(tables) > 1:
        measured.append(measure_table(CountTable.merged(tables), _sum_cells(measured), tolerance))
    return measured


def measure_table(table: CountTable, cells: Cells, tolerance: float) -> Measured:
    """Measures one class from the table of all its distinct scores."""
    rises = [table.rises()] if table.positives else []
    return _measure_rises(rises, [table.take(slice(-1, None))], [cells], tolerance)[0]


def _measure_rises(
    pieces: Iterable[Rises], lasts: Sequence[CountTable], cells: Sequence[Cells], tolerance: float
) -> list[Measured]:
    """Computes the areas from all rises, and keeps the candidate rows only, and the last: all from the lowest score.

    Args:
        pieces: Rises of some classes, each class' counted on from those before.
        lasts: The last row of each class. Totals are those of it, not of the cells: sums of weights would differ by a
            rounding.
        cells: The cells of each class at the decision threshold.
        tolerance: Largest distance of a vertex left out.
    """
    positives, negatives = np.concatenate([last.tp for last in lasts]), np.concatenate([last.fp for last in lasts])
    sums = AreaSums(positives, negatives)
    kept: list[list[CountTable]] = [[] for _ in lasts]
    for piece in pieces:
        sums.add(piece)
        rows = candidates_of_rises(piece, tolerance, positives[piece.owners], negatives[piece.owners])
        table = piece.table(rows)
        stops = np.searchsorted(rows, 2 * piece.ends).tolist()
        for owner, start, stop in zip(piece.owners.tolist(), [0, *stops], stops, strict=False):
            kept[owner].append(table.take(slice(start, stop)))
    for parts, last in zip(kept, lasts, strict=True):
        lowest = round_between(np.full_like(last.thresholds, -np.inf), last.thresholds)
        parts.append(CountTable(lowest, last.tp, last.fp))
    tables = [CountTable.joined(parts) for parts in kept]
    columns = tables, sums.roc_auc.tolist(), sums.average_precision.tolist(), sums.roc_auc_se.tolist(), cells
    return [Measured(*each) for each in zip(*columns, strict=True)]


def _sum_cells(measured: Sequence[Measured]) -> Cells:
    tn, fp, fn, tp = (sum(column) for column in zip(*(each.cells for each in measured), strict=True))
    return tn, fp, fn, tp
