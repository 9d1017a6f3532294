"""Counts of true and false positives at every threshold: the one table from which every curve is a view.

Scores are sorted once. Where the score fits beside its label in one integer (`signed_keys`), the integers themselves
are sorted, which NumPy does with vector instructions; otherwise the order of the scores is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curveboard.record import CountArray, FloatArray

KeyArray = npt.NDArray[np.uint32]

TILE_ROWS = 512  # rows transposed at a time: a tile of 200 classes fits the second-level cache
BLOCK_KEYS = 1 << 17  # keys counted at a time: half a megabyte, so that every pass but the first finds them in cache


@dataclass(frozen=True, eq=False)
class CountTable:
    """Cumulative counts of one class at its distinct scores.

    Predicted positive means `score >= threshold`. The row where nothing is predicted positive (threshold `inf`, counts
    0) is not held. Counts are int64, or float64 sums of `sample_weight`; examples of weight 0 leave no trace.

    A table may hold fewer rows than there are distinct scores (`lean`, `lean_pieces`, `take`); the rows it holds are
    exact.

    Attributes:
        thresholds: `(k,)` float32 or float64, strictly decreasing: the scores, bit for bit (-0.0 is held as 0.0).
        tp: `(k,)` positives with `score >= threshold`, never decreasing.
        fp: `(k,)` negatives with `score >= threshold`, never decreasing.

    Example:
        >>> table = CountTable.from_scores([0, 1, 1], [0.2, 0.2, 0.9])
        >>> table.thresholds, table.tp, table.fp
        (array([0.9, 0.2]), array([1, 2]), array([0, 1]))
    """

    thresholds: FloatArray
    tp: CountArray
    fp: CountArray

    @property
    def positives(self) -> float:
        """Number (or total weight) of positive examples; 0 in an empty table."""
        return self.tp[-1].item() if len(self.tp) else 0

    @property
    def negatives(self) -> float:
        """Number (or total weight) of negative examples; 0 in an empty table."""
        return self.fp[-1].item() if len(self.fp) else 0

    @property
    def weighted(self) -> bool:
        """Whether the counts are sums of weights."""
        return self.tp.dtype.kind == "f"

    @classmethod
    def from_scores(
        cls, y_true: npt.ArrayLike, y_score: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None
    ) -> CountTable:
        """Counts labelled scores.

        Args:
            y_true: `(n,)` bool or 0/1.
            y_score: `(n,)` finite scores. float32 and float64 are kept, narrower ones are widened to float32.
            sample_weight: `(n,)` non-negative weights, or None to count examples.

        Returns:
            The table with one row per distinct score.
        """
        positive = np.asarray(y_true).astype(bool)
        score = np.asarray(y_score)
        score = score.astype(np.result_type(score.dtype, np.float32)) + 0.0  # -0.0 equals 0.0: they share a threshold
        if sample_weight is not None:
            weight = np.asarray(sample_weight, np.float64)
            return _from_weights(positive[weight > 0], score[weight > 0], weight[weight > 0])
        if score.dtype == np.float32 and len(score) and score.min() >= 0:
            return cls.from_signed(np.where(positive, -score, score))
        order = np.argsort(score)[::-1]
        score = score[order]
        last = _last_of_ties(score)
        tp = np.cumsum(positive[order], dtype=np.int64)[last]
        return cls(score[last], tp, last + 1 - tp)

    @classmethod
    def from_signed(cls, column: npt.NDArray[np.float32]) -> CountTable:
        """Counts scores that carry their label in the sign bit.

        Args:
            column: `(n,)` float32, `+score` for negatives and `-score` for positives, scores >= 0 and finite; -0.0 is
                a positive of score 0.

        Returns:
            The table with one row per distinct score.
        """
        keys = signed_keys(column[:, np.newaxis])[0]
        keys.sort()
        last = _last_of_ties(keys >> 1)
        tp = np.cumsum(keys & 1 == 0, dtype=np.int64)[last]
        return cls(_scores(keys[last]), tp, last + 1 - tp)

    @classmethod
    def joined(cls, pieces: Sequence[CountTable]) -> CountTable:
        """Returns the table of several pieces, each counted on from the one before."""
        thresholds, tp, fp = zip(*((piece.thresholds, piece.tp, piece.fp) for piece in pieces), strict=True)
        return cls(np.concatenate(thresholds), np.concatenate(tp), np.concatenate(fp))

    def take(self, rows: npt.NDArray[np.intp]) -> CountTable:
        """Returns the table of some rows, `(m,)` increasing indices."""
        return CountTable(self.thresholds[rows], self.tp[rows], self.fp[rows])

    def lean(self) -> CountTable:
        """Returns the rows at which `tp` rises, those just before, the first and the last; areas do not change."""
        if not len(self.tp):
            return self
        rises = np.diff(self.tp) > 0
        keep = np.ones(len(self.tp), bool)
        keep[1:-1] = rises[1:] | rises[:-1]
        return self.take(np.flatnonzero(keep))

    def merge(self, other: CountTable) -> CountTable:
        """Returns the table of both tables' examples, as if their scores had been counted together."""
        thresholds = np.concatenate([self.thresholds, other.thresholds])
        order = np.argsort(thresholds)[::-1]
        last = _last_of_ties(thresholds[order])
        tp, fp = (
            np.cumsum(np.concatenate([np.diff(mine, prepend=0), np.diff(theirs, prepend=0)])[order])[last]
            for mine, theirs in ((self.tp, other.tp), (self.fp, other.fp))
        )
        return CountTable(thresholds[order][last], tp, fp)

    def confusion_at(self, threshold: float) -> tuple[float, float, float, float]:
        """Returns `(tn, fp, fn, tp)` where predicted positive means `score >= threshold`.

        The threshold is compared in the scores' precision, as NumPy compares an array with a Python number. A table
        that holds fewer rows than distinct scores answers for the nearest row above.
        """
        row = int(np.count_nonzero(self.thresholds >= self.thresholds.dtype.type(threshold))) - 1
        tp, fp = (self.tp[row].item(), self.fp[row].item()) if row >= 0 else (0, 0)
        return self.negatives - fp, fp, self.positives - tp, tp


def signed_keys(signed: npt.NDArray[np.float32]) -> KeyArray:
    """Packs scores and labels into integers whose increasing order is that of decreasing scores.

    The bits of a non-negative float32 order as the float does, and leave the sign bit free for the label. Rotating
    them left by one moves the label behind the score, so that integers compare by score first; inverting all bits
    turns the order round, so that a plain sort yields decreasing scores, and positives before negatives among equals:

        key = ~(bits << 1 | bits >> 31)      score = ~key >> 1      positive = not key & 1

    Args:
        signed: `(n, n_classes)` float32, `+score` for negatives and `-score` for positives.

    Returns:
        `(n_classes, n)` keys, one contiguous row per class, not yet sorted.
    """
    bits = signed.view(np.uint32)
    keys = np.empty(bits.shape[::-1], np.uint32)
    for start in range(0, len(bits), TILE_ROWS):
        tile = bits[start : start + TILE_ROWS]
        keys[:, start : start + TILE_ROWS] = (~((tile << 1) | (tile >> 31))).T
    return keys


def count_positives(keys: KeyArray) -> int:
    """Returns how many of the keys, in any order, are positives."""
    return keys.size - int(np.count_nonzero(keys & 1))


def predicted_positive(keys: KeyArray, threshold: float) -> tuple[int, int]:
    """Returns `(fp, tp)` among the sorted keys of one class, `(n,)`, where `score >= threshold` in float32."""
    bits = np.float32(max(threshold, 0.0)).view(np.uint32)
    above = keys[: np.searchsorted(keys, ~(bits << np.uint32(1)), side="right")]
    fp = int(np.count_nonzero(above & 1))
    return fp, len(above) - fp


def blocks_of(keys: KeyArray) -> Iterator[KeyArray]:
    """Cuts the sorted keys of one class, `(n,)`, into blocks that no score spans."""
    return pooled_blocks(keys[np.newaxis]) if len(keys) > BLOCK_KEYS else iter([keys])


def pooled_blocks(keys: KeyArray) -> Iterator[KeyArray]:
    """Merges the sorted keys of several classes, block after block.

    Splitters are taken at even ranks of a sample, and every class is cut at them; the slices between two splitters
    are sorted together while they are in cache, which costs half of sorting everything at once and no copy of it.

    Args:
        keys: `(n_classes, n)`, each row sorted.

    Yields:
        Sorted keys of all classes, in increasing order; no score spans two blocks.
    """
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


def lean_pieces(blocks: Iterable[KeyArray]) -> Iterator[CountTable]:
    """Counts sorted keys piece by piece, keeping only the rows that areas and curves need.

    Rows inside a run of negatives lie on the straight line between the run's ends in ROC and have the recall of both in
    PR; they are left out, as by `CountTable.lean`, which is most of them where positives are rare. Pieces are small, so
    that what is done to one is done in cache, and nothing of the size of all scores is made.

    Args:
        blocks: Sorted keys of `signed_keys`, block after block; no score spans two of them.

    Yields:
        One table per block, counted on from the one before: together they are one table with the areas, standard error
        and curves of the full one.
    """
    n_before = tp_before = 0
    for keys in blocks:
        positive = (keys & 1) == 0
        rows = _lean_rows(keys, positive)
        tp = np.cumsum(positive, dtype=np.int32)[rows].astype(np.int64)
        tp += tp_before
        yield CountTable(_scores(keys[rows]), tp, rows + (n_before + 1) - tp)
        n_before, tp_before = n_before + len(keys), int(tp[-1])


def _lean_rows(keys: KeyArray, positive: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Returns the rows of `CountTable.lean`, and a few more where scores are tied."""
    ends = np.empty(len(keys), bool)  # whether a row of the table ends here: the next score differs
    np.greater(keys[1:] ^ keys[:-1], 1, out=ends[:-1])
    ends[-1] = True
    # A score that stands alone rises if it is a positive; a tied one is kept without looking. The next score rises if
    # its first key is a positive, because positives come first among equals.
    keep = positive.copy()
    keep[:-1] |= positive[1:]
    keep[1:] |= ~ends[:-1]
    keep &= ends
    keep[np.argmax(ends)] = keep[-1] = True
    return np.flatnonzero(keep)


def _from_weights(positive: npt.NDArray[np.bool_], score: FloatArray, weight: FloatArray) -> CountTable:
    """Sums positive weights, in float64."""
    order = np.argsort(score)[::-1]
    last = _last_of_ties(score[order])
    weight, positive = weight[order], positive[order]
    tp, fp = (np.cumsum(np.where(mask, weight, 0.0))[last] for mask in (positive, ~positive))
    return CountTable(score[order][last], tp, fp)


def _last_of_ties(values: npt.NDArray[np.generic]) -> npt.NDArray[np.intp]:
    """Returns the index of the last of each run of equal values, `(k,)`."""
    return (
        np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1) if len(values) else np.empty(0, np.intp)
    )


def _scores(keys: KeyArray) -> npt.NDArray[np.float32]:
    """Returns the scores held in keys."""
    return (~keys >> np.uint32(1)).view(np.float32)
