"""What is known of a series, one head of one run, before any of its curves is decoded. Pure."""

from __future__ import annotations

import functools
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from curveboard import wire
    from tensorboard_curveboard.sources import Blob, Source

# Curves that are no class's; a binary record has none.
AVERAGES = ("micro", "macro")

# Series read at the same time: most of a reading is TensorBoard's own work, beside Python or in another process.
READERS = 4


@dataclass(frozen=True)
class Selection:
    """Which records of a series are asked for.

    Attributes:
        last: No record after this step; `inf` for the end.
        first: No record before this step; None asks for one record, the latest.
    """

    last: float = math.inf
    first: float | None = None

    def within(self, steps: npt.NDArray[np.int64]) -> range:
        """Returns the positions of the selected records.

        Args:
            steps: `(n_records,)`, strictly increasing.
        """
        stop = int(np.searchsorted(steps, self.last, side="right"))
        start = stop - 1 if self.first is None else int(np.searchsorted(steps, self.first, side="left"))
        return range(max(start, 0), stop)


EVERY = Selection(first=-math.inf)


@dataclass(frozen=True, eq=False)
class Series:
    """One head of one run, as the index tells it.

    Attributes:
        run: The run as TensorBoard names it.
        head: The head's name.
        source: What kind of records they are.
        steps: `(n_records,)` int64, strictly increasing.
        wall_times: `(n_records,)` float64, seconds since 1970.
        digests: A digest of each record's bytes.
        latest: Areas and totals of the latest record; None where there is no record.
        thresholds: How many thresholds the latest record was counted at; None where its curves are exact.
        revision: Changes whenever a byte of the series does.
        skipped: Why a summary is no record, by its step; these steps are not in `steps`.
        damaged: Why a record could not be decoded, by its digest: found when it is first asked for.
        failure: Why TensorBoard could not hand over the series at all.
    """

    run: str
    head: str
    source: Source
    steps: npt.NDArray[np.int64]
    wall_times: npt.NDArray[np.float64]
    digests: tuple[bytes, ...]
    latest: wire.Areas | None
    thresholds: int | None
    revision: str
    skipped: dict[int, str] = field(default_factory=dict)
    damaged: dict[bytes, str] = field(default_factory=dict)
    failure: str | None = None

    def problem(self) -> str | None:
        """Returns one sentence on the records that could not be read; None if all could."""
        if self.failure:
            return f"TensorBoard could not read the series: {self.failure}"
        damaged = [reason for digest in self.digests if (reason := self.damaged.get(digest))]
        reasons = Counter([*self.skipped.values(), *damaged])
        if not reasons:
            return None
        told = [reason if len(reasons) == 1 else f"{reason} ({times} times)" for reason, times in reasons.most_common()]
        return f"{reasons.total()} of {len(self.steps) + len(self.skipped)} records skipped: {'; '.join(told)}"


class Content(NamedTuple):
    """A series, and how to get at its records as they are stored.

    Attributes:
        series: What is known without decoding.
        kept: Returns the stored records by digest if they are in memory, else None.
        load: Returns them, read again if need be; one that is gone since the series was read is not among them.
    """

    series: Series
    kept: Callable[[], Mapping[bytes, Blob] | None]
    load: Callable[[], Mapping[bytes, Blob]]


class Problem(NamedTuple):
    """Records that could not be read, and why, in one sentence."""

    run: str
    head: str
    reason: str


def curve_ids(areas: wire.Areas) -> tuple[str, ...]:
    """Returns the ids of a record's curves, in its order: `class:<name>` for each class, then the averages."""
    return _curve_ids(areas.names, 0 if areas.task == "binary" else len(AVERAGES))


@functools.lru_cache(maxsize=64)  # thousands of records have the same classes
def _curve_ids(names: tuple[str, ...], n_averages: int) -> tuple[str, ...]:
    n_classes = len(names) - n_averages
    return (*(f"class:{name}" for name in names[:n_classes]), *names[n_classes:])


def row_of(areas: wire.Areas, curve: str) -> int | None:
    """Returns in which row of a record's areas a curve is; None if the record lacks it.

    Args:
        areas: A record's areas.
        curve: The curve's id.
    """
    return _rows(areas.names, 0 if areas.task == "binary" else len(AVERAGES)).get(curve)


@functools.lru_cache(maxsize=64)
def _rows(names: tuple[str, ...], n_averages: int) -> dict[str, int]:
    return {curve: row for row, curve in enumerate(_curve_ids(names, n_averages))}
