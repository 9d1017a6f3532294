"""From keys to rises: where the true positives grow, and how many negatives lie between.

Curve and areas of a class change direction only at the scores of its positives. Two ways lead to the negatives between
those, with the same counts; `rises_of` takes the cheaper:

`sorted_rises` reads them off sorted keys: the way for data where positives are many.

`counted_rises` sorts the positives alone, and counts the negatives without sorting them: where positives are few, this
takes a fraction of the time. Let `s` be the `d` distinct positive keys in increasing order. The gap of a key is how
many of `s` are smaller. It is looked up instead of searched for: the range of `s` is cut into bins of equal, even width
(so that a score's two keys share one), and a table holds how many of `s` lie before each bin,

    gap = table[(key - s[0]) >> shift]      then      gap += 1 while s[gap] < key

The first line is right for all keys in bins that hold none of `s`. The second advances a key past the positives of its
own bin: once for all keys, and again for those that have advanced, which are ever fewer. A negative tied with `s[i]` is
`s[i] + 1`, in the same bin; so it has advanced, and its ties are looked for among those. Positives are not taken out,
which would cost a copy, but sent to the end: below all of `s`, where nothing is counted. `bincount` of the gaps gives
the negatives in each.

Bins of equal width are badly filled where scores are crowded. Keys that have not arrived after `ADVANCES` steps are
searched for; where they are many, `counted_rises` gives up and leaves the class to sorting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from curveboard.counts import Rises, last_of_ties
from curveboard.keys import KeyArray, blocks_of, scores_of

FEW_POSITIVES = 1 / 4  # share of positives below which sorting them alone is cheaper than sorting all
CHUNK = 1 << 16  # keys looked up at a time: they and what is computed of them stay in the second-level cache
PIECE = 1 << 14  # rises handed on at a time, likewise
BINS_PER_POSITIVE = 4  # at least, as long as
MIN_BITS, MAX_BITS = 12, 22  # the number of bins is of so many bits: a table of 32 MiB at most
ADVANCES = 16  # steps past positives of the same bin before a key is searched for
CROWDED = 1 / 8  # share of keys, searched for, above which sorting is cheaper
HALF = np.uint64(32)  # bits of a table's entry
END = ~np.uint32(0)  # the highest key: a negative of score 0

Gaps = npt.NDArray[np.intp]


def rises_of(keys: KeyArray, positives: Sequence[KeyArray]) -> Iterator[Rises]:
    """Returns the rises of one class, or of several pooled, the cheaper way.

    Args:
        keys: `(n_classes, n)` keys of `signed_keys`; their rows are sorted in place where that is the cheaper way.
        positives: Keys of the positives in each row, in any order.

    Returns:
        The rises, piece by piece, each counted on from the one before; none without positives.
    """
    if 0 < sum(map(len, positives)) < FEW_POSITIVES * keys.size:
        counted = counted_rises(np.sort(np.concatenate(positives)), keys)
        if counted is not None:
            return counted
    for row in keys:
        if (row[1:] < row[:-1]).any():
            row.sort()
    return sorted_rises(blocks_of(keys))


def sorted_rises(blocks: Iterable[KeyArray]) -> Iterator[Rises]:
    """Reads the rises off sorted keys.

    Args:
        blocks: Sorted keys of `signed_keys`, block after block; no score spans two of them.

    Yields:
        The rises of each block that has any, counted on from the blocks before.
    """
    n_before = tp_before = 0
    key_before = np.zeros(1, np.uint32)
    for keys in blocks:
        places = np.flatnonzero((keys & np.uint32(1)) == 0)
        if len(places):
            yield _rises_of_block(keys, places, key_before, n_before, tp_before)
        n_before, tp_before = n_before + len(keys), tp_before + len(places)
        key_before = keys[-1:]


def counted_rises(positives: KeyArray, rows: Iterable[KeyArray]) -> Iterator[Rises] | None:
    """Counts the negatives between positives, without sorting them.

    Args:
        positives: Sorted keys of all positives in the rows, at least one.
        rows: Keys of `signed_keys` in any order.

    Returns:
        The rises, piece by piece; None where scores are so crowded that sorting is cheaper.
    """
    last = last_of_ties(positives)
    counter = _GapCounter(positives[last])
    for row in rows:
        for start in range(0, len(row), CHUNK):
            if not counter.add(row[start : start + CHUNK]):
                return None
    return counter.rises(last + 1)


def _rises_of_block(keys: KeyArray, places: Gaps, key_before: KeyArray, n_before: int, tp_before: int) -> Rises:
    """Reads the rises off one block, given the places of its positives and what came before it."""
    last = last_of_ties(keys[places])
    tp = np.append(0, last + 1)
    first, steps = places[tp[:-1]], keys[places[last]]
    just_above = keys[first - 1]
    if not first[0]:
        just_above[:1] = key_before
    ends = places[last] + 1  # where the positives of each score end; negatives tied with them may follow
    tied = np.flatnonzero(keys[np.minimum(ends, len(keys) - 1)] == steps + np.uint32(1))
    ends[tied] = np.searchsorted(keys, steps[tied] + np.uint32(1), side="right")
    fp_before = n_before - tp_before
    return Rises(
        scores_of(just_above),
        scores_of(steps),
        tp[:-1] + tp_before,
        first - tp[:-1] + fp_before,
        tp[1:] + tp_before,
        ends - tp[1:] + fp_before,
    )


class _GapCounter:
    """Counts keys by their gap, chunk after chunk.

    Args:
        steps: `(d,)` distinct keys of positives, increasing.
    """

    def __init__(self, steps: KeyArray) -> None:
        self._first = steps[0]
        bits = min(max((BINS_PER_POSITIVE * len(steps) - 1).bit_length(), MIN_BITS), MAX_BITS)
        self._shift = np.uint32(max(int(steps[-1] - steps[0]).bit_length() - bits, 1))
        self._steps = np.append(steps, END)  # no key is above the last, so that none advances past it
        before = np.cumsum(np.bincount(((steps - self._first) >> self._shift) + 1))  # the last bin is beyond all steps
        self._table = before.astype(np.uint64) << HALF | self._steps[before]
        self._in_gap, self._tied = _Tally(len(self._steps)), _Tally(len(steps))

    def add(self, keys: KeyArray) -> bool:
        """Counts up to `CHUNK` keys; returns whether that was cheap enough to go on."""
        sought = keys | ((keys & np.uint32(1)) - np.uint32(1))  # positives to the end, negatives as they are
        bins = np.maximum(sought, self._first)  # scores above all positives share the first bin
        bins -= self._first
        bins >>= self._shift
        entries = self._table.take(bins, mode="clip")  # scores below all positives share the last bin
        gaps = (entries >> HALF).astype(np.intp)
        n_lost = self._advance(gaps, sought, entries.astype(np.uint32))
        self._in_gap.add(gaps)
        return n_lost <= CROWDED * CHUNK

    def rises(self, tp: Gaps) -> Iterator[Rises]:
        """Yields the rises, given how many positives there are up to each step."""
        tied = self._tied.counts()
        if self._steps[-2] + np.uint32(1) == END:  # a positive of score 0, with which the end is tied
            tied[-1] -= tp[-1]
        above = np.cumsum(self._in_gap.counts()[:-1])
        fp = above + tied
        for start in range(0, len(tp), PIECE):
            piece = slice(start, start + PIECE)
            steps = self._steps[:-1][piece]
            just_above = scores_of(steps - np.uint32(2))  # the next float
            tp_above = np.append(tp[start - 1] if start else 0, tp[piece][:-1])
            yield Rises(just_above, scores_of(steps), tp_above, above[piece], tp[piece], fp[piece])

    def _advance(self, gaps: Gaps, keys: KeyArray, step: KeyArray) -> int:
        """Moves gaps on past all steps below their keys, and counts ties; returns how many had to be searched for."""
        places = np.flatnonzero(step < keys)
        gap, keys, step = gaps[places], keys[places], step[places]
        for _ in range(ADVANCES):
            gap += 1
            gaps[places] = gap
            self._tied.add(gap[step + np.uint32(1) == keys] - 1)
            step = self._steps.take(gap, mode="clip")
            moving = np.flatnonzero(step < keys)
            if not len(moving):
                return 0
            places, gap, keys, step = places[moving], gap[moving], keys[moving], step[moving]
        gap = np.searchsorted(self._steps[:-1], keys)
        gaps[places] = gap
        self._tied.add(gap[self._steps[gap - 1] + np.uint32(1) == keys] - 1)
        return len(places)


class _Tally:
    """Counts how often each number below `size` comes.

    Numbers wait until there are as many as counters, because to count them takes a pass over all counters.
    """

    def __init__(self, size: int) -> None:
        self._counts = np.zeros(size, np.intp)
        self._waiting: list[Gaps] = []
        self._n_waiting = 0

    def add(self, numbers: Gaps) -> None:
        """Takes note of some numbers."""
        self._waiting.append(numbers)
        self._n_waiting += len(numbers)
        if self._n_waiting >= len(self._counts):
            self.counts()

    def counts(self) -> Gaps:
        """Returns `(size,)` how often each number came."""
        if self._waiting:
            self._counts += np.bincount(np.concatenate(self._waiting), minlength=len(self._counts))
            self._waiting.clear()
            self._n_waiting = 0
        return self._counts
