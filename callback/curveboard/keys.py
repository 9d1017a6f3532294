"""Scores and labels packed into integers that sort as the scores do.

Where a score fits beside its label in one integer, integers are compared, sorted and counted instead of scores, which
NumPy does with vector instructions and without a second array for the labels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

KeyArray = npt.NDArray[np.uint32]

TILE_KEYS = 1 << 17  # keys transposed at a time: half a megabyte, which fits the second-level cache
BLOCK_KEYS = 1 << 16  # keys counted at a time: what is computed of them fits the second-level cache, too


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


def positives_of(keys: KeyArray) -> KeyArray:
    """Returns the keys of positives among the keys of one class, `(n,)`, in the same order."""
    return keys.compress((keys & np.uint32(1)) == 0)


def count_predicted(keys: KeyArray, threshold: float) -> int:
    """Counts the keys, in any order, with `score >= threshold`, compared in float32."""
    last = ~(np.float32(max(threshold, 0.0)).view(np.uint32) << np.uint32(1))
    return int(np.count_nonzero(keys <= last))


def blocks_of(keys: KeyArray) -> Iterator[KeyArray]:
    """Cuts the sorted keys of one class into blocks, or merges those of several classes, block after block.

    Splitters are taken at even ranks of a sample, and every class is cut at them; the slices between two splitters
    are sorted together while they are in cache, which costs half of sorting everything at once and no copy of it.

    Args:
        keys: `(n_classes, n)`, each row sorted.

    Yields:
        Sorted keys of all classes, in increasing order; no score spans two blocks.
    """
    if keys.size <= BLOCK_KEYS:
        yield keys[0] if len(keys) == 1 else np.sort(keys, axis=None)
        return
    n_blocks = -(-keys.size // BLOCK_KEYS)
    stride = max(1, min(BLOCK_KEYS // 64, keys.shape[1] // 8))
    sample = np.sort(keys[:, ::stride], axis=None)
    splitters = np.unique(sample[np.arange(1, n_blocks) * len(sample) // n_blocks] & ~np.uint32(1))
    cuts = np.stack([np.concatenate([[0], np.searchsorted(row, splitters), [len(row)]]) for row in keys])
    for left, right in zip(cuts.T[:-1].tolist(), cuts.T[1:].tolist(), strict=True):
        slices = [row[start:stop] for row, start, stop in zip(keys, left, right, strict=True) if start < stop]
        if len(slices) == 1:
            yield slices[0]
        elif slices:
            block = np.concatenate(slices)
            block.sort()
            yield block
