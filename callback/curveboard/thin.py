"""Few positives among many negatives: most negatives need no sorting, only counting.

Areas and curve ask how many negatives lie between two positives, not in which order. The range of the positives is cut
into even bins, so wide that a score's two keys share one. Bins that hold a positive are *mixed*; all others are *pure*:
their negatives all lie between the same two positives, so that a count is enough. Only the keys of mixed bins go on to
be sorted. What is lost with the others is made good by two things that `Pure` holds for every positive: the number of
negatives in pure bins before its own, and the ends of its bin, beyond which the next key is not known.

    bin = (key - base) >> shift      mixed[bin] for the bins of positives      count[bin] += 1 for all keys

takes 4 ns a key where sorting takes 8 to 14. More bins leave fewer keys in mixed ones, but are themselves work: with P
positives among n keys and B bins, about `P / 2 B` of the keys stay, at 10 ns, and a bin costs 1.3 ns, so that the best
B is near `sqrt(4 P n)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curveboard.keys import KeyArray

MIN_BITS, MAX_BITS = 10, 20  # of the number of bins: with more, to count takes longer than to sort
LAST_KEY = 2**32 - 1  # a negative of score 0


@dataclass(frozen=True, eq=False)
class Pure:
    """What each positive, in the order of sorted keys, has to know of negatives that were counted only.

    Attributes:
        before: `(p,)` how many of them have a higher score.
        above: `(p,)` keys: of the next higher float before its bin; those counted that come before have it or a lower
            key.
        below: `(p,)` keys: the first after its bin; those counted that come after have it or a higher key.
    """

    before: npt.NDArray[np.int64]
    above: KeyArray
    below: KeyArray

    def part(self, start: int, stop: int) -> Pure:
        """Returns what some of the positives have to know."""
        return Pure(self.before[start:stop], self.above[start:stop], self.below[start:stop])

    @classmethod
    def joined(cls, parts: Sequence[Pure]) -> Pure:
        """Returns what the positives of several classes have to know, class after class."""
        return cls(
            np.concatenate([part.before for part in parts]),
            np.concatenate([part.above for part in parts]),
            np.concatenate([part.below for part in parts]),
        )

    @classmethod
    def nothing(cls, n_positives: int) -> Pure:
        """Returns what positives have to know where no negative was counted only."""
        return cls(
            np.zeros(n_positives, np.int64),
            np.zeros(n_positives, np.uint32),
            np.full(n_positives, LAST_KEY, np.uint32),
        )


def thin(pieces: Iterable[KeyArray], positives: KeyArray, n_keys: int) -> tuple[list[KeyArray], Pure]:
    """Takes out the negatives that share a bin with no positive.

    Args:
        pieces: Keys of `signed_keys` in any order, each piece of a size that fits the cache.
        positives: `(p,)` sorted keys of all positives among them, at least one.
        n_keys: How many keys there are.

    Returns:
        The keys that are left, all positives among them, and what is known of the others.
    """
    first, last = int(positives[0]), int(positives[-1])
    bits = min(max((4 * len(positives) * n_keys).bit_length() // 2, MIN_BITS), MAX_BITS)
    shift = max((last - first).bit_length() - bits, 1)
    # The first bin is for keys before all positives. There is room for it: scores are finite, so keys are above 2**24.
    base = first - (1 << shift)
    bins = (positives - np.uint32(base)) >> np.uint32(shift)
    n_bins = int(bins[-1]) + 2  # the last, for keys after all positives
    limit = min(base + ((n_bins - 1) << shift), LAST_KEY)
    mixed = np.zeros(n_bins, bool)
    mixed[bins] = True
    counts = np.zeros(n_bins, np.uint32 if n_keys < 2**32 else np.uint64)
    one = counts.dtype.type(1)
    kept = []
    for piece in pieces:
        offsets = np.clip(piece, np.uint32(base), np.uint32(limit))
        offsets -= np.uint32(base)
        offsets >>= np.uint32(shift)
        places = offsets.astype(np.intp)
        np.add.at(counts, places, one)
        kept.append(piece.take(np.flatnonzero(mixed.take(places))))
    counts[bins] = 0
    before = np.cumsum(counts, dtype=np.int64)
    starts = (bins << np.uint32(shift)) + np.uint32(base)
    below = np.minimum(starts.astype(np.int64) + (1 << shift), LAST_KEY).astype(np.uint32)
    return kept, Pure(before[bins], starts - np.uint32(2), below)
