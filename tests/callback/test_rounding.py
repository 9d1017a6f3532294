from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard.record import FloatArray
from curveboard.rounding import SIGNIFICANT_BITS, round_between

MANTISSA_BITS = {np.float32: 23, np.float64: 52}


def bounds(width: int) -> st.SearchStrategy[tuple[float, float]]:
    """Two finite floats, often neighbours, the lower one first."""
    floats = st.floats(allow_nan=False, allow_infinity=False, width=32 if width == 32 else 64)
    near = st.tuples(floats, st.integers(0, 9)).map(lambda pair: (pair[0], _after(pair[0], pair[1], width)))
    return st.one_of(st.tuples(floats, floats), near).map(lambda pair: (min(pair), max(pair)))


def _after(value: float, steps: int, width: int) -> float:
    kind = np.float32 if width == 32 else np.float64
    moved = kind(value)
    for _ in range(steps):
        moved = np.nextafter(moved, kind(0))
    return float(moved)


def trailing_zeros(value: np.floating) -> int:
    bits = int(np.abs(value).view(np.uint32 if value.dtype == np.float32 else np.uint64))
    return (bits & -bits).bit_length() - 1 if bits else 64


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_rounded_floats_stay_between_their_bounds(kind: type[np.float32] | type[np.float64]) -> None:
    @given(bounds(32 if kind is np.float32 else 64))
    def check(pair: tuple[float, float]) -> None:
        low, high = kind(pair[0]), kind(pair[1])
        rounded = round_between(np.array([low]), np.array([high]))
        assert rounded.dtype == kind
        (value,) = rounded
        if low == high:
            assert value == high
        else:
            assert low < value <= high
            assert (
                abs(float(value) - float(high)) <= abs(float(high)) * 2.0**-SIGNIFICANT_BITS or abs(float(high)) < 1e-37
            )

    check()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_none_is_rounder(kind: type[np.float32] | type[np.float64]) -> None:
    # Every float between bounds that are up to 40 apart, where rounding is not limited, is looked at.
    rng = np.random.default_rng(0)
    integer = np.uint32 if kind is np.float32 else np.uint64
    for bits in rng.integers(1 << 20, int(np.array(1e9, kind).view(integer)), 500).tolist():
        floats: FloatArray = np.arange(bits, bits + rng.integers(2, 41), dtype=integer).view(kind)
        low, high, between = floats[:1], floats[-1:], floats[1:]
        assert trailing_zeros(round_between(low, high)[0]) == max(map(trailing_zeros, between))
        least = max(map(trailing_zeros, np.append(between[:-1], low)))  # [low, high), mirrored
        assert trailing_zeros(round_between(-high, -low)[0]) == least


def test_a_thousandth_is_the_most_that_a_float_moves() -> None:
    assert round_between(np.array([0.0]), np.array([18.0])).tolist() == [18.0]
    (rounded,) = round_between(np.array([0.1], np.float32), np.array([0.7312], np.float32))
    assert 0.7312 * (1 - 2**-10) < rounded <= np.float32(0.7312)
    assert trailing_zeros(rounded) >= 13
