"""Integers of any size as their bit lengths, and the bits below the leading one of each, one after the other.

Lengths are bytes of a few values, which compress well; the bits are noise, of which none is wasted on byte boundaries.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curveboard.wire.varint import U64Array

Lengths = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

PADDING = 16  # bytes that are read after the last bit
_MOST_BITS = 64
_AT_ONCE = 57  # bits that are within eight bytes wherever they begin
_HALF = 32
_POWERS = np.uint64(1) << np.arange(_MOST_BITS, dtype=np.uint64)


def bit_lengths(values: U64Array) -> Lengths:
    """Returns the number of bits of each integer, 0 for 0.

    Example:
        >>> bit_lengths(np.array([0, 1, 5, 2**64 - 1], np.uint64))
        array([ 0,  1,  3, 64], dtype=uint8)
    """
    return np.searchsorted(_POWERS, values, side="right").astype(np.uint8)


def widths_of(lengths: Lengths) -> Lengths:
    """Returns how many bits are stored of integers of these bit lengths: all but the leading one."""
    widths: Lengths = np.maximum(lengths, 1) - np.uint8(1)
    return widths


def pack_bits(values: U64Array) -> bytes:
    """Packs the bits below the leading one of each integer, lowest first, from the lowest bit of the first byte on.

    Example:
        >>> pack_bits(np.array([0b1011, 0b110], np.uint64)).hex()  # 011, then 10
        '13'
    """
    widths = widths_of(bit_lengths(values)).astype(np.int64)
    place = np.arange(widths.sum()) - np.repeat(np.cumsum(widths) - widths, widths)
    bits = (np.repeat(values, widths) >> place.astype(np.uint64)) & np.uint64(1)
    return np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()


def unpack_bits(octets: npt.NDArray[np.uint8], begins: Places, lengths: Lengths) -> U64Array:
    """Reads integers back.

    Args:
        octets: What `pack_bits` gave, anywhere among other bytes, and `PADDING` bytes after all.
        begins: `(n,)` bit at which each integer begins.
        lengths: `(n,)` their bit lengths.

    Returns:
        `(n,)` the integers.

    Raises:
        ValueError: A length is above 64.
    """
    if (lengths > _MOST_BITS).any():
        raise ValueError(f"expected integers of at most {_MOST_BITS} bits; received one of {lengths.max()}")
    widths = widths_of(lengths).astype(np.uint64)
    if (widths <= _AT_ONCE).all():
        values = _window(octets, begins, widths)
    else:
        low = np.minimum(widths, np.uint64(_HALF))
        values = _window(octets, begins, low)
        values |= _window(octets, begins + _HALF, widths - low) << np.uint64(_HALF)
    values[lengths > 0] |= np.uint64(1) << widths[lengths > 0]
    return values


def _window(octets: npt.NDArray[np.uint8], begins: Places, widths: U64Array) -> U64Array:
    """Returns up to `_AT_ONCE` bits from each place on."""
    words = np.ndarray((len(octets) - 7,), "<u8", octets, strides=(1,))  # the eight bytes from each on
    shifted = words[begins >> 3] >> (begins & 7).astype(np.uint64)
    values: U64Array = shifted & ((np.uint64(1) << widths) - np.uint64(1))
    return values
