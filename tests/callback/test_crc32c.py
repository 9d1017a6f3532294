"""The checksum: known vectors, TensorBoard's own, and the loop against the tree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.tensorflow_stub import pywrap_tensorflow as reference

from curveboard import crc32c


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        # RFC 3720, B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
    ],
)
def test_known_vectors(data: bytes, expected: int) -> None:
    assert crc32c.crc32c(data) == expected


@given(st.binary(max_size=64), st.integers(0, 3000), st.integers(0, 2**32 - 1))
def test_it_is_tensorboards_at_every_length(tail: bytes, size: int, seed: int) -> None:
    data = np.random.default_rng(seed).bytes(size) + tail
    assert crc32c.masked_crc32c(data) == reference.masked_crc32c(data)


@given(st.binary(min_size=4, max_size=300))
def test_the_tree_is_the_loop(data: bytes) -> None:
    assert crc32c._tree(data) == crc32c._loop(data)


@pytest.mark.parametrize("size", [2**16, 2**16 + 1, 100_003])
def test_long_data(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    assert crc32c.masked_crc32c(data) == reference.masked_crc32c(data)
