"""Unsigned LEB128 integers, many at a time: seven bits a byte, lowest first, the top bit set on all but the last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

U64Array = npt.NDArray[np.uint64]

_MOST_BYTES = 10  # 64 bits, seven a byte


def encode_varints(values: U64Array) -> bytes:
    """Encodes integers one after the other.

    Args:
        values: `(n,)` uint64.

    Returns:
        Their bytes: one for values below 2**7, two below 2**14, up to ten.

    Examples:
        >>> encode_varints(np.array([1, 300], np.uint64)).hex()
        '01ac02'
    """
    sizes = np.ones(len(values), np.int64)
    for place in range(1, _MOST_BYTES):
        longer = values >= np.uint64(1 << 7 * place)
        if not longer.any():
            break
        sizes += longer
    places = np.arange(sizes.max(initial=1))
    octets = (values[:, np.newaxis] >> (places * 7).astype(np.uint64)).astype(np.uint8) & 0x7F
    octets[places < sizes[:, np.newaxis] - 1] |= 0x80
    return octets[places < sizes[:, np.newaxis]].tobytes()


class Varints:
    """A sequence of encoded integers, of which any part can be decoded.

    Args:
        raw: The bytes, whole integers.

    Raises:
        ValueError: The last integer is cut off.

    Examples:
        >>> numbers = Varints(bytes.fromhex("01ac02"))
        >>> len(numbers), numbers[1:].tolist()
        (2, [300])
    """

    def __init__(self, raw: bytes) -> None:
        self._octets = np.frombuffer(raw, np.uint8)
        self._bounds = np.concatenate([np.zeros(1, np.int64), np.flatnonzero(self._octets < 0x80) + 1])
        if self._bounds[-1] != len(raw):
            raise ValueError(f"expected whole varints; received {len(raw)} bytes that end within one")

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def before(self, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Counts the integers before each byte offset.

        Args:
            offsets: Offsets between two integers, up to the number of bytes.

        Raises:
            ValueError: An offset is within an integer.
        """
        counts = np.searchsorted(self._bounds, offsets)
        if (self._bounds[counts] != offsets).any():
            raise ValueError("expected whole varints; received one that is cut off")
        return counts

    def __getitem__(self, part: slice | npt.NDArray[np.int64]) -> U64Array:
        """Decodes the integers at a slice or at an array of indices: `(n,)` uint64.

        Raises:
            ValueError: One is longer than 64 bits.
        """
        begins, ends = self._bounds[:-1][part], self._bounds[1:][part]
        sizes = ends - begins
        longest = int(sizes.max(initial=1))
        if longest > _MOST_BYTES or (longest == _MOST_BYTES and (self._octets[ends[sizes == longest] - 1] > 1).any()):
            raise ValueError(f"expected varints below 2**64; received one of {longest} bytes")
        values: U64Array = self._octets[begins].astype(np.uint64) & np.uint64(0x7F)
        for place in range(1, longest):
            there = np.flatnonzero(sizes > place)
            octets = self._octets[begins[there] + place].astype(np.uint64) & np.uint64(0x7F)
            values[there] |= octets << np.uint64(7 * place)
        return values
