"""From sorted keys to rises: where the true positives grow, and how many negatives lie between.

Curve and areas of a class change direction only at the scores of its positives, so these are all that is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from curveboard.counts import Rises, last_of_ties
from curveboard.keys import KeyArray, positives_among, scores_of


def rises_of(blocks: Iterable[KeyArray]) -> Iterator[Rises]:
    """Reads the rises off sorted keys.

    Args:
        blocks: Sorted keys of `signed_keys`, block after block; no score spans two of them.

    Yields:
        The rises of each block that has any, counted on from the blocks before.
    """
    n_before = tp_before = 0
    key_before = np.zeros(1, np.uint32)
    for keys in blocks:
        places = positives_among(keys)
        if len(places):
            yield _rises_of_block(keys, places, key_before, n_before, tp_before)
        n_before, tp_before = n_before + len(keys), tp_before + len(places)
        key_before = keys[-1:]


def _rises_of_block(
    keys: KeyArray, places: npt.NDArray[np.intp], key_before: KeyArray, n_before: int, tp_before: int
) -> Rises:
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
