"""Round floats: those between two others whose bits end in many zeros."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curveboard.record import FloatArray

SIGNIFICANT_BITS = 10  # of the mantissa, that are left as they are
_MANTISSA_BITS = {"float32": 23, "float64": 52}
_BITS: dict[str, type[np.uint32] | type[np.uint64]] = {"float32": np.uint32, "float64": np.uint64}
_Words = npt.NDArray[np.uint64]


def round_between(low: FloatArray, high: FloatArray) -> FloatArray:
    """Returns floats above low and not above high, high itself to a thousandth, with as many zero bits as there can be.

    Many thresholds have the same counts, all between two neighbouring scores. A round one takes fewer bytes to store.
    The bits of non-negative floats order as the floats do; below the highest bit in which low and high differ, those of
    high can be cleared: what is left is above low still, and nothing rounder is. The magnitudes of negative floats
    order the other way round, so that theirs is raised until the bits are clear.

    Args:
        low: `(n,)` float32 or float64.
        high: `(n,)` of the same type, not below low. Where both are equal, they are returned.

    Example:
        >>> round_between(np.array([0.3, 0.7, -0.2]), np.array([0.4, 0.7, 0.1]))
        array([0.39990234, 0.7       , 0.09997559])
    """
    kind = _BITS[high.dtype.name]
    spare = np.uint64((1 << (_MANTISSA_BITS[high.dtype.name] - SIGNIFICANT_BITS)) - 1)
    near = np.abs(low).view(kind).astype(np.uint64)
    far = np.abs(high).view(kind).astype(np.uint64)
    cleared = far & ~(_shared_below(np.where(low < 0, np.uint64(0), near), far) & spare)
    rounded: FloatArray = cleared.astype(kind).view(high.dtype)
    negative = high < 0
    if negative.any():
        # The magnitudes in [|high|, |low|) are those in (|high| - 1, |low| - 1]; the least with cleared bits is sought.
        before = far - np.uint64(1)
        magnitude = (before | (_shared_below(before, near - np.uint64(1)) & spare)) + np.uint64(1)
        rounded = np.where(negative, -magnitude.astype(kind).view(high.dtype), rounded)
    return np.where(low == high, high, rounded)


def _shared_below(low: _Words, high: _Words) -> _Words:
    """Returns ones in all places below the highest in which low and high differ."""
    below = low ^ high
    for places in (1, 2, 4, 8, 16, 32):
        below |= below >> np.uint64(places)
    return below >> np.uint64(1)
