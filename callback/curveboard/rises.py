"""From sorted keys to rises: where the true positives grow, and how many negatives lie between.

Curve and areas of a class change direction only at the scores of its positives, so these are all that is looked at.
Classes with few positives are read off together, many at a time, because a call of NumPy costs more than its work then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from curveboard.counts import Rises, Rows
from curveboard.keys import (
    BLOCK_KEYS,
    KeyArray,
    blocks_of,
    is_positive,
    merged_blocks,
    pieces_of,
    positives_of,
    scores_of,
    sort_keys,
)
from curveboard.record import FloatArray
from curveboard.thin import Pure, thin

Places = Rows
RARE_POSITIVES = 1 / 32  # share of positives in a class up to which its keys are not all sorted
FEW_POSITIVES = 1 / 8  # share of positives in a block, of keys not to be sorted for anything else, likewise
MANY_POSITIVES = 1 << 17  # positives that are too many for the bins that fit the cache
BATCH_KEYS = 1 << 14  # sorted keys waited for before rises are read off


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some sorted keys of one class, those of whole scores.

    Attributes:
        owner: The class.
        keys: Sorted keys.
        n_keys: How many keys there are with those that were counted only.
        pure: What its positives have to know of those; None where there are none.
    """

    owner: int
    keys: KeyArray
    n_keys: int
    pure: Pure | None


def rare_positives(row: KeyArray) -> KeyArray | None:
    """Returns the sorted keys of a class' positives, or None where they are not rare."""
    if np.count_nonzero(is_positive(row)) > RARE_POSITIVES * len(row):
        return None
    positives = positives_of(row)
    sort_keys(positives)
    return positives


def stretches_of_row(owner: int, row: KeyArray, rare: KeyArray | None) -> Iterator[Stretch]:
    """Sorts the keys of a class as far as its rises need: all of them, in place, where positives are not rare.

    Args:
        owner: The class.
        row: Its keys in any order.
        rare: What `rare_positives` returned for it.

    Yields:
        Its keys in increasing order; nothing without positives.
    """
    if rare is not None:
        yield from _thinned(owner, pieces_of(row), rare, len(row))
        return
    start = 0
    for block in blocks_of(pieces_of(row)):
        sort_keys(block)
        row[start : start + len(block)] = block
        start += len(block)
        yield Stretch(owner, block, len(block), None)


def stretches_of_all(
    owner: int, rows: KeyArray, rare: Sequence[KeyArray | None], n_positives: int
) -> Iterator[Stretch]:
    """Sorts the keys of all classes pooled, as far as their rises need.

    Args:
        owner: A number for all.
        rows: The keys of each class, as `stretches_of_row` left them.
        rare: What `rare_positives` returned for each.
        n_positives: How many positives there are.

    Yields:
        The keys of all in increasing order.
    """
    known = [positives for positives in rare if positives is not None]
    if len(known) == len(rows) and n_positives <= MANY_POSITIVES:
        positives = np.concatenate(known)
        sort_keys(positives)
        yield from _thinned(owner, pieces_of(rows.reshape(-1)), positives, rows.size)
        return
    for row, positives_of_row in zip(rows, rare, strict=True):
        if positives_of_row is not None:
            sort_keys(row)  # the others are already
    # Blocks that are not sorted whole may be larger.
    few = n_positives <= FEW_POSITIVES * rows.size
    for block in merged_blocks([*rows], 4 * BLOCK_KEYS if few else BLOCK_KEYS):
        of_block = positives_of(block)
        if len(of_block) > FEW_POSITIVES * len(block):
            sort_keys(block)
            yield Stretch(owner, block, len(block), None)
        else:
            sort_keys(of_block)
            yield from _thinned(owner, pieces_of(block), of_block, len(block))


def _thinned(owner: int, pieces: Iterable[KeyArray], positives: KeyArray, n_keys: int) -> Iterator[Stretch]:
    """Sorts the keys that may lie among sorted positives, and counts the others."""
    if not len(positives):
        yield Stretch(owner, positives, n_keys, None)
        return
    kept, pure = thin(pieces, positives, n_keys)
    n_pure = n_keys - sum(map(len, kept))
    start = 0
    for block in blocks_of(kept):
        sort_keys(block)
        stop = int(np.searchsorted(positives, block[-1], side="right"))
        # What was only counted is before whatever comes after the last positive.
        yield Stretch(owner, block, len(block) + n_pure * (start < stop == len(positives)), pure.part(start, stop))
        start = stop


def rises_of(stretches: Iterable[Stretch], n_owners: int) -> Iterator[Rises]:
    """Reads the rises off sorted keys, those of several classes at a time where they are few.

    Args:
        stretches: Class after class.
        n_owners: Number of classes.

    Yields:
        Rises, each class' counted on from its rises before.
    """
    reader = _Reader(n_owners)
    batch: list[Stretch] = []
    n_keys = 0
    for stretch in stretches:
        if batch and (n_keys + len(stretch.keys) > BATCH_KEYS or batch[-1].owner == stretch.owner):
            yield from reader.read(batch)
            batch, n_keys = [], 0
        batch.append(stretch)
        n_keys += len(stretch.keys)
    if batch:
        yield from reader.read(batch)


class _Reader:
    """Reads the rises off stretches, and remembers for each class what came before."""

    def __init__(self, n_owners: int) -> None:
        self._n = np.zeros(n_owners, np.int64)  # sorted keys
        self._tp = np.zeros(n_owners, np.int64)

    def read(self, batch: Sequence[Stretch]) -> Iterator[Rises]:
        """Yields the rises of one stretch of each of several classes, if there are any."""
        keys = batch[0].keys if len(batch) == 1 else np.concatenate([stretch.keys for stretch in batch])
        places = np.flatnonzero(is_positive(keys))
        stops = np.cumsum([len(stretch.keys) for stretch in batch])
        starts = np.append(0, stops[:-1])
        n_keys = np.array([stretch.n_keys for stretch in batch])
        owners = np.array([stretch.owner for stretch in batch])
        n_positives = np.diff(np.searchsorted(places, stops), prepend=0)
        has = n_positives > 0
        if has.any():
            pure = _joined([stretch.pure for stretch in batch], n_positives)
            yield self._rises(keys, places, owners[has], starts[has], stops[has], n_positives[has], pure)
        self._n[owners] += n_keys
        self._tp[owners] += n_positives

    def _rises(
        self,
        keys: KeyArray,
        places: Places,
        owners: Places,
        starts: Places,
        stops: Places,
        n_positives: Places,
        pure: Pure | None,
    ) -> Rises:
        """Reads off the rises, given the places of positives, and where the keys of each class start and stop."""
        of_positives = keys[places]
        positives_stop = np.cumsum(n_positives)
        is_last = np.empty(len(places), bool)
        np.not_equal(of_positives[1:], of_positives[:-1], out=is_last[:-1])
        is_last[positives_stop - 1] = True
        last = np.flatnonzero(is_last)
        end_rise = np.searchsorted(last, positives_stop)  # one past the last rise of each class
        first_rise = np.append(0, end_rise[:-1])
        steps = of_positives[last]
        after = last + 1  # positives up to this score
        before = np.append(0, after[:-1])  # and above it

        first = places[before]
        ends = places[last] + 1  # where the positives of each score end; negatives tied with them may follow
        tied = np.flatnonzero(keys.take(ends, mode="clip") == steps + np.uint32(1))
        for start, stop, these in _by_class(tied, end_rise, starts, stops):
            ends[these] = start + np.searchsorted(keys[start:stop], steps[these] + np.uint32(1), side="right")

        more_positives = self._tp[owners] - positives_stop + n_positives
        more_negatives = self._n[owners] - starts - more_positives
        if len(owners) > 1:
            more_positives, more_negatives = (
                np.repeat(more, end_rise - first_rise) for more in (more_positives, more_negatives)
            )
        fp_above, fp = first - before, ends - after
        for counts in (fp_above, fp):
            counts += more_negatives
            if pure is not None:
                counts += pure.before[last]

        def spans(rows: Rows) -> tuple[FloatArray, FloatArray]:
            rise, above = rows >> 1, (rows & 1) == 0
            of_class = np.searchsorted(end_rise, rise, side="right")
            step = steps[rise]
            place = np.where(above, first[rise] - 1, ends[rise])
            known = (place >= starts[of_class]) & (place < stops[of_class])
            # Where the neighbour is not known, there is room for the next float above, and for none below.
            neighbour = np.where(known, keys.take(place, mode="clip"), step - np.uint32(2) * above)
            if pure is not None:
                positive = last[rise]
                neighbour = np.where(
                    above, np.maximum(neighbour, pure.above[positive]), np.minimum(neighbour, pure.below[positive])
                )
            return scores_of(np.where(above, step, neighbour)), scores_of(np.where(above, neighbour, step))

        return Rises(before + more_positives, fp_above, after + more_positives, fp, owners, first_rise, spans)


def _joined(pures: Sequence[Pure | None], n_positives: Places) -> Pure | None:
    """Joins what the positives of each class have to know."""
    if not any(pures):
        return None
    known = [pure or Pure.nothing(count) for pure, count in zip(pures, n_positives.tolist(), strict=True)]
    return known[0] if len(known) == 1 else Pure.joined(known)


def _by_class(rises: Places, end_rise: Places, starts: Places, stops: Places) -> Iterator[tuple[int, int, Places]]:
    """Splits increasing rises by class; yields the start and stop of its keys with those of each that has any."""
    cuts = np.searchsorted(rises, end_rise).tolist()
    for start, stop, low, high in zip(starts.tolist(), stops.tolist(), [0, *cuts], cuts, strict=False):
        if low < high:
            yield start, stop, rises[low:high]
