"""CRC-32C (Castagnoli), the checksum of TFRecord files, in NumPy.

A register that has read zero bytes moves linearly over GF(2): for registers `a` and `b`,
`advance(a ^ b, n) == advance(a, n) ^ advance(b, n)`, where `advance(r, n)` reads `n` zero bytes. Two consequences make
the checksum parallel.

1. Reading four bytes is the same as flipping the register by them and advancing it by four zero bytes. So after the
   little-endian words `w[0], ..., w[k]` the register is the sum (XOR) of `advance(w[i], 4 * (k + 1 - i))`.
2. That sum folds as a tree: replace each pair by `advance(left, 4) ^ right`, then each pair of pairs by
   `advance(left, 8) ^ right`, and so on; one last `advance(_, 4)` completes it. Words of zero in front add nothing, so
   an odd level is filled up there.

`advance` by a fixed distance is four lookups, one for each byte of the register, and the tables for twice the distance
are the tables applied to themselves. In all about one lookup per byte, hundreds of times faster than a Python loop on
a megabyte. The usual start value of all ones flips the first four bytes (1. again), the usual end flips the result.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

_U32Array = npt.NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41 with its bits reversed: the lowest bit is read first
_ONES = 0xFFFFFFFF
_SHORT = 512  # below it the loop is quicker than the tree (measured: they cross near 600 bytes)


def crc32c(data: bytes) -> int:
    """Computes the CRC-32C checksum.

    Args:
        data: Bytes to check.

    Returns:
        Checksum, 0 to 2**32 - 1.

    Examples:
        >>> hex(crc32c(b"123456789"))
        '0xe3069283'
    """
    return (_loop(data) if len(data) < _SHORT else _tree(data)) ^ _ONES


def masked_crc32c(data: bytes) -> int:
    """Computes the checksum as TFRecord stores it: rotated and offset, so that checksums of checksums stay good.

    Args:
        data: Bytes to check.

    Returns:
        `rotate_right(crc32c(data), 15) + 0xA282EAD8`, modulo 2**32.

    Examples:
        >>> hex(masked_crc32c(b"123456789"))
        '0xc78ab0e5'
    """
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & _ONES


def _loop(data: bytes) -> int:
    table = _byte_table()
    register = _ONES
    for byte in data:
        register = table[(register ^ byte) & 0xFF] ^ (register >> 8)
    return register


def _tree(data: bytes) -> int:
    words = np.zeros(-(-len(data) // 4), np.uint32)
    octets = words.view(np.uint8)[-len(data) :]
    octets[:] = np.frombuffer(data, np.uint8)
    octets[:4] ^= 0xFF
    values = words.view("<u4").astype(np.uint32, copy=False)
    level = 0
    while len(values) > 1:
        if len(values) % 2:
            values = np.concatenate([np.zeros(1, np.uint32), values])
        values = _advance(values[::2], _tables(level)) ^ values[1::2]
        level += 1
    return int(_advance(values, _tables(0))[0])


def _advance(registers: _U32Array, tables: _U32Array) -> _U32Array:
    octets = np.ascontiguousarray(registers, "<u4").view(np.uint8).reshape(-1, 4)
    moved: _U32Array = tables[0].take(octets[:, 0])
    for place in (1, 2, 3):
        moved ^= tables[place].take(octets[:, place])
    return moved


@cache
def _tables(level: int) -> _U32Array:
    """Tables `(4, 256)` that advance a register by `4 << level` zero bytes: row = place of the byte, column = byte."""
    if level:
        half = _tables(level - 1)
        return _advance(half.reshape(-1), half).reshape(4, 256)
    one = np.array(_byte_table(), np.uint32)
    registers = np.arange(256, dtype=np.uint32) << np.arange(0, 32, 8, dtype=np.uint32)[:, np.newaxis]
    for _ in range(4):
        registers = one[registers & 0xFF] ^ (registers >> 8)
    return registers


@cache
def _byte_table() -> list[int]:
    table = []
    for register in range(256):
        for _ in range(8):
            register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)
        table.append(register)
    return table
