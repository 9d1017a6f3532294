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
from functools import cache

import numpy as np
import numpy.typing as npt

KeyArray = npt.NDArray[np.uint32]

TILE_KEYS = 1 << 17  # keys transposed at a time: half a megabyte, which fits the second-level cache
PIECE_KEYS = 1 << 18  # keys sorted at a time: beyond, the radix sort leaves the cache and takes twice as long
BLOCK_KEYS = 1 << 16  # keys merged at a time: what is computed of them fits the second-level cache, too
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


def scores_of(keys: KeyArray) -> npt.NDArray[np.float32]:
    """Returns the scores held in keys."""
    return (~keys >> np.uint32(1)).view(np.float32)


def positives_among(keys: KeyArray) -> npt.NDArray[np.intp]:
    """Returns the places of positives, increasing."""
    return np.flatnonzero((keys & np.uint32(1)) == 0)


def count_positives(keys: KeyArray) -> int:
    """Counts the positives."""
    return len(keys) - int(np.count_nonzero(keys & np.uint32(1)))


def count_predicted(keys: KeyArray, threshold: float) -> int:
    """Counts the sorted keys with `score >= threshold`, compared in float32."""
    last = ~(np.float32(max(threshold, 0.0)).view(np.uint32) << np.uint32(1))
    return int(np.searchsorted(keys, last, side="right"))


def sort_keys(keys: KeyArray) -> None:
    """Sorts the keys in place, the faster of two ways."""
    if len(keys) < FEW_KEYS or _vector_sort_is_faster():
        keys.sort()
    else:
        _radix_sort(keys)


def sorted_pieces(row: KeyArray) -> list[KeyArray]:
    """Sorts the keys of one class in place, piece by piece, each of a size that fits the cache."""
    pieces = [row[start : start + PIECE_KEYS] for start in range(0, len(row), PIECE_KEYS)]
    for piece in pieces:
        sort_keys(piece)
    return pieces


def blocks_of(pieces: Sequence[KeyArray]) -> Iterator[KeyArray]:
    """Merges sorted pieces of one class, or of several, block after block.

    Splitters are taken at even ranks of a sample, and every piece is cut at them; the slices between two splitters are
    sorted together while they are in cache, which costs a part of sorting everything at once and no copy of it.

    Args:
        pieces: Sorted keys, at least one piece.

    Yields:
        Sorted keys of all pieces, in increasing order; no score spans two of them.
    """
    n_keys = sum(map(len, pieces))
    if len(pieces) == 1 or n_keys <= BLOCK_KEYS:
        yield pieces[0] if len(pieces) == 1 else np.sort(np.concatenate(pieces))
        return
    n_blocks = -(-n_keys // BLOCK_KEYS)
    stride = max(1, min(BLOCK_KEYS // 64, n_keys // len(pieces) // 8))
    sample = np.sort(np.concatenate([piece[::stride] for piece in pieces]))
    splitters = np.unique(sample[np.arange(1, n_blocks) * len(sample) // n_blocks] & ~np.uint32(1))
    cuts = np.stack([np.concatenate([[0], np.searchsorted(piece, splitters), [len(piece)]]) for piece in pieces])
    for left, right in zip(cuts.T[:-1].tolist(), cuts.T[1:].tolist(), strict=True):
        slices = [piece[start:stop] for piece, start, stop in zip(pieces, left, right, strict=True) if start < stop]
        if len(slices) == 1:
            yield slices[0]
        elif slices:
            block = np.concatenate(slices)
            sort_keys(block)
            yield block


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
