from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard.wire.packed import PADDING, bit_lengths, pack_bits, unpack_bits, widths_of

INTEGERS = st.integers(0, 64).flatmap(lambda bits: st.integers(0, (1 << bits) - 1 if bits else 0))


@given(st.lists(INTEGERS, max_size=50), st.binary(max_size=20), st.data())
def test_any_of_the_integers_come_back_from_anywhere(numbers: list[int], before: bytes, data: st.DataObject) -> None:
    values = np.array(numbers, np.uint64)
    lengths = bit_lengths(values)
    assert lengths.tolist() == [number.bit_length() for number in numbers]
    packed = pack_bits(values)
    widths = widths_of(lengths).astype(np.int64)
    assert len(packed) == -(-widths.sum() // 8)
    octets = np.frombuffer(before + packed + bytes(PADDING), np.uint8)
    begins = 8 * len(before) + np.cumsum(widths) - widths
    some = np.array(data.draw(st.lists(st.integers(0, len(numbers) - 1), max_size=9) if numbers else st.just([])), int)
    assert unpack_bits(octets, begins[some], lengths[some]).tolist() == values[some].tolist()


def test_bits_follow_one_another_from_the_lowest_on() -> None:
    # 1 has none but the leading one; 0b1011 has 011, 0b100 has 00, 0b111111 has 11111: two are in the next byte.
    assert pack_bits(np.array([0, 1, 0b1011, 0b100, 0b111111], np.uint64)) == bytes([0b11100011, 0b11])


def test_longer_integers_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 64 bits; received one of 65"):
        unpack_bits(np.zeros(40, np.uint8), np.array([0]), np.array([65], np.uint8))
