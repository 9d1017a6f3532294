"""The optional section `BNDS`: between which bounds areas surely are; FORMAT.md specifies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard.record import Bounds, Curve, FloatArray, MacroCurve

_EXACT = (np.nan, np.nan)


def write_bounds(curves: Sequence[Curve | MacroCurve]) -> dict[bytes, bytes]:
    """Returns the section, or none where all areas are exact."""
    bounds = np.array(
        [
            [curve.roc_auc_bounds or _EXACT for curve in curves],
            [curve.average_precision_bounds or _EXACT for curve in curves],
        ],
        "<f8",
    )
    if np.isnan(bounds).all():
        return {}
    _check(bounds, np.array([[curve.roc_auc for curve in curves], [curve.average_precision for curve in curves]]))
    return {b"BNDS": bounds.tobytes()}


def read_bounds(raw: bytes, n_curves: int, areas: FloatArray, first: int = 0) -> FloatArray:
    """Decodes the section.

    Args:
        raw: Its bytes.
        n_curves: How many curves it is about.
        areas: `(2, m)` `roc_auc` and `average_precision` of some curves in a row.
        first: Which is the first of them.

    Returns:
        `(2, m, 2)` their bounds; NaN where an area is exact or not defined.
    """
    if len(raw) != 32 * n_curves:
        raise ValueError(f"expected {32 * n_curves} bytes; received {len(raw)}")
    stored = np.frombuffer(raw, "<f8").reshape(2, n_curves, 2)[:, first : first + areas.shape[1]]
    with np.errstate(invalid="ignore"):  # any bits of a NaN will do, but NumPy warns of signalling ones
        bounds = stored.astype(np.float64) + 0.0
    _check(bounds, areas)
    return bounds


def bounds_of(bounds: FloatArray | None, row: int) -> Bounds | None:
    """Returns the bounds of one curve's area as a record has them."""
    if bounds is None or np.isnan(bounds[row]).any():
        return None
    low, high = bounds[row].tolist()
    return low, high


def _check(bounds: FloatArray, areas: FloatArray) -> None:
    """Checks that areas are between their bounds, where they have any."""
    low, high = np.moveaxis(bounds, -1, 0)
    exact = np.isnan(low) & np.isnan(high)
    if not (exact | ((low <= areas) & (areas <= high) & np.isfinite(low) & np.isfinite(high))).all():
        raise ValueError("expected areas between finite bounds, or no bounds; received others")
