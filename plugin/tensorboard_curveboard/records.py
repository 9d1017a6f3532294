"""What is known of a series, one head of one run: its areas at once, its curves when they are asked for. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from curveboard import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard.record import Curve, MacroCurve, Record

Blob = npt.NDArray[np.uint8]

# Curves that are no class's; a binary record has none.
AVERAGES = ("micro", "macro")


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


@dataclass(frozen=True, eq=False)
class Series:
    """What is known of one head of one run without its curves.

    Attributes:
        run: The run as TensorBoard names it.
        head: The head's name.
        steps: `(n_records,)` int64, strictly increasing.
        wall_times: `(n_records,)` float64, seconds since 1970.
        areas: Areas and totals of each record.
        digests: A digest of each record's bytes.
        revision: Changes whenever a byte of the series does.
        skipped: Why a record could not be read, by its step.
        failure: Why TensorBoard could not hand over the series at all.
    """

    run: str
    head: str
    steps: npt.NDArray[np.int64]
    wall_times: npt.NDArray[np.float64]
    areas: tuple[wire.Areas, ...]
    digests: tuple[bytes, ...]
    revision: str
    skipped: dict[int, str] = field(default_factory=dict)
    failure: str | None = None

    def rows(self, curve: str) -> list[int | None]:
        """Returns in which row of each record's areas a curve is; None where a record lacks it.

        Args:
            curve: The curve's id: `micro`, `macro` or `class:<name>`.
        """
        # All records of a series usually have the same classes, and there are thousands of them.
        known: dict[tuple[str, tuple[str, ...]], int | None] = {}
        for areas in self.areas:
            if (areas.task, areas.names) not in known:
                ids = curve_ids(areas)
                known[areas.task, areas.names] = ids.index(curve) if curve in ids else None
        return [known[areas.task, areas.names] for areas in self.areas]

    def has(self, curve: str) -> bool:
        """Returns whether any record has the curve with this id."""
        return any(row is not None for row in self.rows(curve))

    def problem(self) -> str | None:
        """Returns one sentence on the records that could not be read; None if all could."""
        if self.failure:
            return f"TensorBoard could not read the series: {self.failure}"
        reasons = Counter(list(self.skipped.values()))
        if not reasons:
            return None
        total = len({*self.steps.tolist(), *self.skipped})
        told = [reason if len(reasons) == 1 else f"{reason} ({times} times)" for reason, times in reasons.most_common()]
        return f"{reasons.total()} of {total} records skipped: {'; '.join(told)}"


def curve_ids(areas: wire.Areas) -> list[str]:
    """Returns the ids of a record's curves, in its order: `class:<name>` for each class, then the averages."""
    n_classes = len(areas.names) - (0 if areas.task == "binary" else len(AVERAGES))
    return [*(f"class:{name}" for name in areas.names[:n_classes]), *areas.names[n_classes:]]


@dataclass(frozen=True, eq=False)
class Content:
    """A series with its records as they are stored; each curve is decoded when it is asked for.

    Attributes:
        series: What is known without decoding.
        blobs: One stored record for each of `series.steps`.
    """

    series: Series
    blobs: tuple[Blob, ...]

    def curves(self, curve: str, selection: Selection) -> list[tuple[int, Curve | MacroCurve]]:
        """Returns `(step, curve)` of the selected records that have the curve.

        Args:
            curve: The curve's id.
            selection: Which records.
        """
        rows = self.series.rows(curve)
        chosen = [at for at in selection.within(self.series.steps) if rows[at] is not None]
        blobs, areas = [self.blobs[at] for at in chosen], [self.series.areas[at] for at in chosen]
        steps = [int(self.series.steps[at]) for at in chosen]
        try:
            return list(zip(steps, wire.decode_curves(blobs, areas, curve), strict=True))
        except wire.WireError:
            return self._sound_curves(curve, steps, blobs)

    def _sound_curves(
        self, curve: str, steps: Sequence[int], blobs: Sequence[Blob]
    ) -> list[tuple[int, Curve | MacroCurve]]:
        """Decodes record by record, leaving out and noting those that are damaged."""
        found = []
        for step, blob in zip(steps, blobs, strict=True):
            try:
                found.append((step, wire.decode_curve(blob, curve)))
            except wire.WireError as error:
                self.series.skipped[step] = str(error)
        return found

    def record(self, selection: Selection) -> Record | None:
        """Returns the latest selected record, all of it; None if there is none or it is damaged."""
        chosen = selection.within(self.series.steps)
        if not chosen:
            return None
        at = chosen[-1]
        step, wall_time = int(self.series.steps[at]), float(self.series.wall_times[at])
        try:
            return replace(wire.decode(self.blobs[at]), run=self.series.run, step=step, wall_time=wall_time)
        except wire.WireError as error:
            self.series.skipped[step] = str(error)
            return None


class Problem(NamedTuple):
    """Records that could not be read, and why, in one sentence."""

    run: str
    head: str
    reason: str
