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
from curveboard.keys import (
    KeyArray,
    blocks_of,
    count_positives,
    count_predicted,
    scores_of,
    sorted_pieces,
)
from curveboard.outcomes import BoolArray
from curveboard.record import FloatArray
from curveboard.rises import rises_of
from curveboard.simplify import candidates

Cells = tuple[float, float, float, float]  # tn, fp, fn, tp


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
    """Measures each class from its keys, which are sorted in place, and then all pooled if there are several."""
    measured = []
    classes = [sorted_pieces(row) for row in keys]
    for pieces in classes:
        predicted = [piece[: count_predicted(piece, threshold)] for piece in pieces]
        (tp, fp), (positives, negatives) = _count_labels(predicted), _count_labels(pieces)
        measured.append(_measure_pieces(pieces, (negatives - fp, fp, positives - tp, tp), tolerance))
    if len(classes) > 1:
        measured.append(_measure_pieces([*chain.from_iterable(classes)], _sum_cells(measured), tolerance))
    return measured


def _count_labels(pieces: Sequence[KeyArray]) -> tuple[int, int]:
    """Counts positives and negatives."""
    positives = sum(count_positives(piece) for piece in pieces)
    return positives, sum(map(len, pieces)) - positives


def _measure_pieces(pieces: Sequence[KeyArray], cells: Cells, tolerance: float) -> Measured:
    tn, fp, fn, tp = cells
    lowest = scores_of(max(piece[-1:] for piece in pieces))
    last = CountTable(lowest, np.array([tp + fn]), np.array([tn + fp]))
    return _measure_rises(rises_of(blocks_of(pieces)), cells, last, tolerance)


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
    return _measure_rises(rises, cells, table.take(np.array([-1])), tolerance)


def _measure_rises(pieces: Iterable[Rises], cells: Cells, last: CountTable, tolerance: float) -> Measured:
    """Computes the areas from all rises, and keeps the candidate rows only, and the last: all from the lowest score.

    Totals are those of the last row, not of the cells: sums of weights would differ by a rounding.
    """
    sums = AreaSums(last.positives, last.negatives)
    kept = []
    for piece in pieces:
        sums.add(piece)
        table = piece.table()
        kept.append(table.take(candidates(table, tolerance, last.positives, last.negatives)))
    kept.append(last)
    return Measured(CountTable.joined(kept), sums.roc_auc, sums.average_precision, sums.roc_auc_se, cells)


def _sum_cells(measured: Sequence[Measured]) -> Cells:
    tn, fp, fn, tp = (sum(column) for column in zip(*(each.cells for each in measured), strict=True))
    return tn, fp, fn, tp
