"""Scores and labels packed into integers that sort as the scores do.

Where a score fits beside its label in one integer, integers are compared, sorted and counted instead of scores, which
NumPy does with vector instructions and without a second array for the labels.

Sorting is most of the work. `np.sort` of 32-bit integers costs 5 ns a number on some processors and 20 to 40 on others,
where it is those of its vector instructions that store a part of a register that are slow. `sort_keys` therefore takes
the faster of two ways, found by trying. The other way uses what NumPy does quickly everywhere: the radix sort of 16-bit
integers, and rows of `ROW` numbers, which are sorted without such a store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

KeyArray = npt.NDArray[np.uint32]

TILE_KEYS = 1 << 17  # keys transposed at a time: half a megabyte, which fits the second-level cache
PIECE_KEYS = 1 << 15  # keys looked at at a time: they and what is computed of them fit the second-level cache
BLOCK_KEYS = 1 << 16  # keys sorted at a time: beyond, the radix sort leaves the cache and takes twice as long
SAMPLE = 1 << 14  # keys from which blocks are planned
CELL_BITS = 16  # of the numbers of cells of which blocks consist
MAX_BLOCKS = 120  # twice as many and a few are numbered in eight bits
ROW = 512  # keys that a sorting network takes
FEW_KEYS = 1 << 12  # below, a call of NumPy costs more than it saves


def signed_keys(signed: npt.NDArray[np.float32]) -> KeyArray:
    """Packs scores and labels into integers whose increasing order is that of decreasing scores.

    The bits of a non-negative float32 order as the float does, and leave the sign bit free for the label. Rotating
    them left by one moves the label behind the score, so that integers compare by score first; inverting all bits
    turns the order round, so that a plain sort yields decreasing scores, and positives before negatives among equals:

        key = ~(bits << 1 | bits >> 31)      score = ~key >> 1      positive = not key & 1

    Args:
        signed: `(n, n_classes)` float32, `+score` for negatives and `-score` for positives, scores >= 0 and finite.

    Returns:
        `(n_classes, n)` keys, one contiguous row per class, not yet sorted.
    """
    bits = signed.view(np.uint32)
    keys = np.empty(bits.shape[::-1], np.uint32)
    n_rows = -(-TILE_KEYS // bits.shape[1])
    for start in range(0, len(bits), n_rows):
        tile = bits[start : start + n_rows]
        keys[:, start : start + n_rows] = (~((tile << 1) | (tile >> 31))).T
    return keys


def pieces_of(row: KeyArray) -> list[KeyArray]:
    """Returns the row in pieces of a size that fits the cache."""
    return [row[start : start + PIECE_KEYS] for start in range(0, len(row), PIECE_KEYS)]


def scores_of(keys: KeyArray) -> npt.NDArray[np.float32]:
    """Returns the scores held in keys."""
    return (~keys >> np.uint32(1)).view(np.float32)


def is_positive(keys: KeyArray) -> npt.NDArray[np.bool_]:
    """Returns which keys are those of positives."""
    positive: npt.NDArray[np.bool_] = (keys & np.uint32(1)) == 0
    return positive


def positives_of(keys: KeyArray) -> KeyArray:
    """Returns the keys of positives, in the order given."""
    return keys.take(np.flatnonzero(is_positive(keys)))


def predicted_among(keys: KeyArray, threshold: float) -> npt.NDArray[np.bool_]:
    """Returns which keys have `score >= threshold`, compared in float32."""
    last = ~(np.float32(max(threshold, 0.0)).view(np.uint32) << np.uint32(1))
    return keys <= last


def sort_keys(keys: KeyArray) -> None:
    """Sorts the keys in place, the faster of two ways."""
    if len(keys) < FEW_KEYS or _vector_sort_is_faster():
        keys.sort()
    else:
        _radix_sort(keys)


def blocks_of(pieces: Sequence[KeyArray], size: int = BLOCK_KEYS) -> Iterator[KeyArray]:
    """Parts the keys of one class, or of several, into blocks of scores from high to low.

    The range of a sample is cut into even cells, and cells where a block is full, by the sample, begin the next one. A
    table of the cells tells each key's block; the radix sort of 8-bit integers brings the keys of a block together. A
    block that is too large, because many of its keys share a cell, is cut again.

    Args:
        pieces: Keys in any order, each piece of a size that fits the cache.
        size: How many keys a block should have.

    Yields:
        Keys of all pieces, in any order within a block; no score spans two blocks.
    """
    n_keys = sum(map(len, pieces))
    if n_keys <= 2 * size or (cuts := _cut(pieces, -(-n_keys // size))) is None:
        yield np.concatenate(pieces)
        return
    parts: list[list[KeyArray]] = [[] for _ in range(cuts.n_blocks)]
    for piece in pieces:
        of_key = cuts.blocks(piece)
        grouped = piece.take(np.argsort(of_key, kind="stable"))
        stops = np.cumsum(np.bincount(of_key, minlength=cuts.n_blocks)).tolist()
        for part, start, stop in zip(parts, [0, *stops], stops, strict=False):
            if start < stop:
                part.append(grouped[start:stop])
    for number, part in enumerate(parts):
        parts[number] = []  # so that they are freed block after block
        if part:
            yield from blocks_of(part, size)


def merged_blocks(rows: Sequence[KeyArray], size: int = BLOCK_KEYS) -> Iterator[KeyArray]:
    """Brings the keys of sorted rows together, block after block.

    Args:
        rows: Sorted keys, each row of one class.
        size: How many keys a block should have.

    Yields:
        Keys of all rows, in any order within a block; no score spans two blocks.
    """
    n_keys = sum(map(len, rows))
    n_blocks = -(-n_keys // size)
    stride = max(1, n_keys // (64 * n_blocks))
    sample = np.sort(np.concatenate([row[::stride] for row in rows]))
    splitters = np.unique(sample[np.arange(1, n_blocks) * len(sample) // n_blocks] & ~np.uint32(1))
    cuts = np.stack([np.concatenate([[0], np.searchsorted(row, splitters), [len(row)]]) for row in rows])
    for left, right in zip(cuts.T[:-1].tolist(), cuts.T[1:].tolist(), strict=True):
        parts = [row[start:stop] for row, start, stop in zip(rows, left, right, strict=True) if start < stop]
        if parts:
            yield np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class _Cuts:
    """Which block keys belong to: `table[(key - base) >> shift]`, keys clipped to the range from base to top."""

    base: np.uint32
    top: np.uint32
    shift: np.uint32
    table: npt.NDArray[np.uint8]

    @property
    def n_blocks(self) -> int:
        return int(self.table[-1]) + 1

    def blocks(self, keys: KeyArray) -> npt.NDArray[np.uint8]:
        """Returns the block of each key."""
        cells = np.clip(keys, self.base, self.top)
        cells -= self.base
        cells >>= self.shift
        return self.table.take(cells.astype(np.intp))


def _cut(pieces: Sequence[KeyArray], n_blocks: int) -> _Cuts | None:
    """Cuts the range into blocks; None where all keys are of one score, by a sample."""
    stride = max(1, sum(map(len, pieces)) // SAMPLE)
    sample = np.concatenate([piece[::stride] for piece in pieces])
    sample.sort()
    base, top = sample[0] & ~np.uint32(1), sample[-1] | np.uint32(1)
    span = int(top - base)
    if span <= 1:
        return None
    shift = np.uint32(max(span.bit_length() - CELL_BITS, 1))
    cells = (sample - base) >> shift
    n_blocks = min(n_blocks, MAX_BLOCKS)
    fulls = cells[np.arange(1, n_blocks) * len(cells) // n_blocks]
    crowded = fulls[1:][fulls[1:] == fulls[:-1]]
    begins = np.unique(np.concatenate([fulls, crowded + 1]))
    table = np.zeros((span >> int(shift)) + 1, np.uint8)
    np.add.at(table, begins[begins < len(table)], np.uint8(1))
    return _Cuts(base, top, shift, np.cumsum(table, dtype=np.uint8))


def _radix_sort(keys: KeyArray) -> None:
    """Sorts by the leading 16 bits of the range that the keys take, then within; crowded keys by all bits."""
    shift = np.uint32(max(int(keys.max() - keys.min()).bit_length() - 16, 0))
    keys[...] = keys.take(np.argsort(((keys - keys.min()) >> shift).astype(np.uint16), kind="stable"))
    # Keys that are equal in those bits, half a row at most, are together in a row, or in one half a row further.
    for start in (0, ROW // 2):
        stop = start + (len(keys) - start) // ROW * ROW
        keys[start:stop].reshape(-1, ROW).sort(axis=1)
        keys[stop:].sort()
    if (keys[1:] < keys[:-1]).any():
        keys[...] = keys.take(np.argsort(keys.astype(np.uint16), kind="stable"))
        keys[...] = keys.take(np.argsort((keys >> np.uint32(16)).astype(np.uint16), kind="stable"))


@cache
def _vector_sort_is_faster() -> bool:
    """Tries both ways on scores like those of a model, for a few milliseconds, once."""
    keys = signed_keys(np.random.default_rng(0).random((1 << 15, 1), np.float32) ** 4)[0]
    return _seconds(np.ndarray.sort, keys) < _seconds(_radix_sort, keys)


def _seconds(sort: Callable[[KeyArray], None], keys: KeyArray) -> float:
    """Returns the shortest of a few times that sorting a copy takes."""
    seconds = []
    for _ in range(5):
        copy = keys.copy()
        began = time.perf_counter()
        sort(copy)
        seconds.append(time.perf_counter() - began)
    return min(seconds)
