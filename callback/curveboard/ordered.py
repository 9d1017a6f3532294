"""Scores sorted as integers of the same order, with what is counted above any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.keys import sort_keys
from curveboard.record import CountArray, FloatArray

OrderedKeys: TypeAlias = npt.NDArray[Any]  # uint32 or uint64: which of them, only the scores know

FEW_SCORES = 1 << 18  # scores of several classes that are sorted again rather than looked up one class after the other


def ordered_keys(scores: FloatArray) -> OrderedKeys:
    """Maps scores to unsigned integers of the same order, one to one but for -0.0, which becomes 0.0.

    The bits of a float that is not negative grow with it; those of a negative one grow as it falls. So the sign bit is
    set for the former, and all bits are flipped for the latter. No finite score is mapped to 0 or to the largest
    integer, and the integer after a score's is that of the next float: `[key, key + 1)` holds one score alone.

    Args:
        scores: Any shape, float32 or float64, finite.

    Returns:
        uint32 or uint64 of the same shape.

    Examples:
        >>> ordered_keys(np.float32([-1.0, -0.0, 0.0, 1.0])).tolist()
        [1082130431, 2147483648, 2147483648, 3212836864]
    """
    bits = (scores + scores.dtype.type(0)).view(f"u{scores.itemsize}")
    sign = bits.dtype.type(1) << bits.dtype.type(8 * bits.itemsize - 1)
    # An arithmetic shift of the sign gives all ones or none.
    negative = (bits.view(f"i{bits.itemsize}") >> (8 * bits.itemsize - 1)).view(bits.dtype)
    negative |= sign
    negative ^= bits
    return negative


def scores_at(keys: OrderedKeys) -> FloatArray:
    """Returns the scores that `ordered_keys` maps to these integers.

    Examples:
        >>> scores_at(ordered_keys(np.array([-2.5, 0.0, 1e-310])))
        array([-2.5e+000,  0.0e+000,  1.0e-310])
    """
    sign = keys.dtype.type(1) << keys.dtype.type(8 * keys.itemsize - 1)
    bits = np.where(keys & sign, keys ^ sign, ~keys)
    scores: FloatArray = bits.view(f"f{keys.itemsize}")
    return scores + scores.dtype.type(0)


@dataclass(frozen=True, eq=False)
class OrderedScores:
    """The scores of one label, of one class or of several pooled, in increasing order within each part.

    Attributes:
        parts: The sorted keys of each class.
        weights_above: Per part `(n + 1,)` float64, the total weight of the `i` highest scores; None where scores are
            counted.
    """

    parts: Sequence[OrderedKeys]
    weights_above: Sequence[npt.NDArray[np.float64]] | None = None

    @classmethod
    def of(cls, scores: FloatArray, weights: npt.NDArray[np.float64] | None = None) -> OrderedScores:
        """Sorts scores, `(n,)` float32 or float64, finite, with their weights if they have any."""
        keys = ordered_keys(scores)
        if weights is None:
            _sort(keys)
            return cls([keys])
        order = np.argsort(keys)
        return cls([keys[order]], [np.append(0.0, np.cumsum(weights[order[::-1]]))])

    @classmethod
    def pooled(cls, classes: Sequence[OrderedScores]) -> OrderedScores:
        """Puts the scores of several classes together; where they are many, without sorting them again."""
        parts = [part for each in classes for part in each.parts]
        weights = [each.weights_above for each in classes if each.weights_above is not None]
        if weights:
            return cls(parts, [above for each in weights for above in each])
        if sum(map(len, parts)) <= FEW_SCORES:
            parts = [np.concatenate(parts)]
            _sort(parts[0])
        return cls(parts)

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def above(self, edges: OrderedKeys) -> CountArray:
        """Counts the scores, or sums the weights, at or above each edge: int64 or float64."""
        ranks = [len(part) - np.searchsorted(part, edges) for part in self.parts]
        if self.weights_above is None:
            return np.asarray(sum(ranks), np.int64)
        return np.asarray(sum(above[rank] for above, rank in zip(self.weights_above, ranks, strict=True)), np.float64)

    def highest(self, n: int) -> OrderedKeys:
        """Returns the `n` highest scores, or all if there are fewer, in no order."""
        tops = np.concatenate([part[-n:] for part in self.parts])
        return np.partition(tops, len(tops) - n)[-n:] if len(tops) > n else tops

    def lowest(self) -> OrderedKeys:
        """Returns the lowest score of each part."""
        return np.concatenate([part[:1] for part in self.parts])

    def heavy(self, share: float) -> OrderedKeys:
        """Returns the scores of the first part that have at least so large a share of all, each once, increasing."""
        part = self.parts[0]
        keys = part[np.append(True, part[1:] != part[:-1])[: len(part)]]
        above = self.above(keys)
        heavy: OrderedKeys = keys[above - np.append(above[1:], 0) >= share * above[:1]]
        return heavy

    def sketch(self, n_even: int, n_top: int) -> OrderedScores:
        """Returns a few of the scores, each standing for others of about its rank; the highest stand for themselves.

        Args:
            n_even: About how many scores are taken at even ranks.
            n_top: How many of the highest are taken.
        """
        top = np.sort(self.highest(n_top))
        step = -(-len(self) // n_even) or 1
        even = np.sort(np.concatenate([part[step // 2 :: step] for part in self.parts]))
        even = even[: np.searchsorted(even, top[0])] if len(top) else even
        each = (len(self) - len(top)) / max(len(even), 1)
        ranks = np.concatenate([np.arange(len(top) + 1.0), len(top) + each * np.arange(1, len(even) + 1)])
        if self.weights_above is not None:
            ranks *= sum(above[-1] for above in self.weights_above) / max(len(self), 1)
        return OrderedScores([np.concatenate([even, top])], [ranks])


def _sort(keys: OrderedKeys) -> None:
    """Sorts in place."""
    if keys.dtype == np.uint32:
        sort_keys(keys)
    else:
        keys.sort()
