"""The slow, obvious judge of stored points: every vertex of the full curve, one after the other."""

from __future__ import annotations

import numpy as np

from curveboard.counts import CountTable
from curveboard.simplify import Rows

ROUNDING = 1 + 1e-9


def along(start: float, stop: float, low: float, high: float) -> tuple[float, float]:
    """The stretch, as shares of the way from start to stop (never decreasing), on which a value is in [low, high]."""
    if start == stop:
        return (0.0, 1.0) if low <= start * ROUNDING and start <= high * ROUNDING else (2.0, -2.0)
    return max(0.0, (low - start) / (stop - start)), min(1.0, (high - start) / (stop - start))


def assert_near(table: CountTable, rows: Rows, tolerance: float) -> None:
    """Looks at every vertex left out, one after the other, and walks along the chord that spans it.

    The first chord begins where nothing is predicted positive, which is stored nowhere.
    """
    n_pos, n_neg = table.positives or 1, table.negatives or 1
    fp, tp = np.append(0.0, table.fp), np.append(0.0, table.tp)
    left_out = np.setdiff1d(np.arange(len(table.tp)), rows)
    spans = np.searchsorted(rows, left_out)
    for row, before, after in zip(left_out, np.append(0, rows + 1)[spans], rows[spans] + 1, strict=True):
        x, y = float(table.fp[row]), float(table.tp[row])
        (x0, x1), (y0, y1) = ((float(column[before]), float(column[after])) for column in (fp, tp))
        width = min(tolerance * n_neg, 0.05 * max(x, 10.0))
        height = min(tolerance * n_pos, 0.05 * max(n_pos - y, 10.0))
        one, other = along(x0, x1, x - width, x + width), along(y0, y1, y - height, y + height)
        assert max(one[0], other[0]) <= min(one[1], other[1]) + 1e-9, f"ROC, row {row} of {len(table.tp)}"
        if y < tolerance * n_pos:
            continue
        begin, end = along(y0, y1, y - tolerance * n_pos, y + tolerance * n_pos)
        at = np.array([begin, end])
        ends = (y0 + at * (y1 - y0)) / (y0 + at * (y1 - y0) + x0 + at * (x1 - x0))
        precision = y / (x + y)
        assert ends.min() - tolerance * ROUNDING <= precision <= ends.max() + tolerance * ROUNDING, f"PR, row {row}"
