"""Decodes what is asked for of stored records, each part of a record once as long as memory allows.

Decoding is most of the work of an answer. Curves of many runs are decoded together, which is many times faster than one
by one.
"""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from curveboard import wire
from tensorboard_curveboard.cache import ByteCache
from tensorboard_curveboard.records import EVERY, READERS, Content, Selection, Series, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from curveboard.calibration import Calibration
    from curveboard.record import Curve, MacroCurve
    from tensorboard_curveboard.sources import Blob, Source

# Decoded curves and areas kept in memory: those of one class of 50 runs x 100 epochs take a tenth of it.
BUDGET = 128 * 2**20

# What an object takes beside its arrays, and what an array takes beside its numbers.
OBJECT_BYTES = 200
ARRAY_BYTES = 112

# Kept in place of a curve that a record does not have.
_LACKING = object()


class Areas(NamedTuple):
    """Areas and totals at one step."""

    step: int
    wall_time: float
    areas: wire.Areas


class StepCurve(NamedTuple):
    """One curve at one step."""

    step: int
    curve: Curve | MacroCurve


class StepCalibration(NamedTuple):
    """One calibration at one step."""

    step: int
    calibration: Calibration


class Matrix(NamedTuple):
    """The confusion matrix of one record."""

    run: str
    step: int
    confusion: wire.Confusion


class _Pick(NamedTuple):
    """One record of a series."""

    content: Content
    at: int
    areas: wire.Areas | None = None

    @property
    def series(self) -> Series:
        return self.content.series

    @property
    def source(self) -> Source:
        return self.content.series.source

    @property
    def digest(self) -> bytes:
        return self.content.series.digests[self.at]

    def key(self, part: str) -> tuple[str, str, str, bytes, str]:
        series = self.content.series
        return series.source.name, series.run, series.head, series.digests[self.at], part


class Decoder:
    """Decodes areas, curves and confusion matrices. Safe to use from many threads.

    What turns out to be damaged is left out and noted in its series.

    Args:
        budget: Bytes of decoded values kept in memory.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._cache = ByteCache[Any](budget)  # of areas, curves, and None for a curve that a record lacks

    @property
    def size(self) -> int:
        """Bytes of decoded values held."""
        return self._cache.size

    def areas(self, content: Content, selection: Selection = EVERY) -> list[Areas]:
        """Returns the areas of the selected records.

        Args:
            content: A series.
            selection: Which of its records.
        """
        series = content.series
        picks = [_Pick(content, at) for at in selection.within(series.steps)]
        return [
            Areas(int(series.steps[pick.at]), float(series.wall_times[pick.at]), areas)
            for pick, areas in zip(picks, self._areas(picks), strict=True)
            if areas is not None
        ]

    def curves(self, chosen: Sequence[tuple[Content, Selection]], curve: str) -> list[list[StepCurve]]:
        """Returns, for each series, a curve of its selected records that have it.

        Args:
            chosen: Series, and which of their records.
            curve: The curve's id.
        """
        return [[StepCurve(*one) for one in each] for each in self._chosen(chosen, self._curves, curve)]

    def calibrations(self, chosen: Sequence[tuple[Content, Selection]], curve: str) -> list[list[StepCalibration]]:
        """Returns, for each series, a calibration of its selected records that have it.

        Args:
            chosen: Series, and which of their records.
            curve: The curve's id, or `sources.CONFIDENCE`.
        """
        return [[StepCalibration(*one) for one in each] for each in self._chosen(chosen, self._calibrations, curve)]

    def confusion(self, content: Content, selection: Selection) -> Matrix | None:
        """Returns the confusion matrix of the latest selected record; None if there is none or it is damaged."""
        series = content.series
        chosen = selection.within(series.steps)
        if not chosen:
            return None
        at = chosen[-1]
        (matrix,) = _decode([_Pick(content, at)], _confusion_of)
        return None if matrix is None else Matrix(series.run, int(series.steps[at]), matrix)

    def has(self, content: Content, curve: str) -> bool:
        """Returns whether any record of a series has a curve."""
        latest = content.series.latest
        if latest and row_of(latest, curve) is not None:
            return True
        return any(row_of(one.areas, curve) is not None for one in self.areas(content))

    def _chosen(
        self,
        chosen: Sequence[tuple[Content, Selection]],
        decode: Callable[[Sequence[_Pick], str], Sequence[Any]],
        curve: str,
    ) -> list[list[tuple[int, Any]]]:
        """For each series, the steps of the selected records and what was decoded of them; all decoded at once."""
        picks = [[_Pick(content, at) for at in selection.within(content.series.steps)] for content, selection in chosen]
        found = iter(decode([pick for each in picks for pick in each], curve))
        return [
            # All share one iterator: it goes on where the series before ended.
            [(int(pick.series.steps[pick.at]), one) for pick, one in zip(each, found, strict=False) if one is not None]
            for each in picks
        ]

    def _areas(self, picks: Sequence[_Pick]) -> list[wire.Areas | None]:
        return self._cached(picks, "areas", lambda missing: _decode(missing, _areas_of))

    def _curves(self, picks: Sequence[_Pick], curve: str) -> list[Curve | MacroCurve | None]:
        found = self._cached(picks, f"curve {curve}", lambda missing: self._decode_curves(missing, curve))
        return [None if one is _LACKING else one for one in found]

    def _calibrations(self, picks: Sequence[_Pick], curve: str) -> list[Calibration | None]:
        decode = functools.partial(_calibrations_of, curve)
        found = self._cached(picks, f"calibration {curve}", lambda missing: _decode(missing, decode))
        return [None if one is _LACKING else one for one in found]

    def _decode_curves(self, picks: Sequence[_Pick], curve: str) -> list[Any]:
        areas = self._areas(picks)
        found: list[Any] = [None if known is None else _LACKING for known in areas]
        having = [at for at, known in enumerate(areas) if known is not None and row_of(known, curve) is not None]
        picked = [picks[at]._replace(areas=areas[at]) for at in having]
        for at, one in zip(having, _decode(picked, functools.partial(_curves_of, curve)), strict=True):
            found[at] = one
        return found

    def _cached(
        self, picks: Sequence[_Pick], part: str, decode: Callable[[Sequence[_Pick]], Sequence[Any]]
    ) -> list[Any]:
        """What is in memory, and the rest decoded; None for what is damaged or gone."""
        keys = [pick.key(part) for pick in picks]
        found = self._cache.get(keys)
        missing = [at for at, one in enumerate(found) if one is None]
        if missing:
            decoded = decode([picks[at] for at in missing])
            new = [(at, one) for at, one in zip(missing, decoded, strict=True) if one is not None]
            self._cache.put([(keys[at], one, _size(one)) for at, one in new])
            for at, one in new:
                found[at] = one
        return found


def _areas_of(picks: Sequence[_Pick], blobs: Sequence[Blob]) -> Sequence[Any]:
    return picks[0].source.decode_areas(blobs)


def _curves_of(curve: str, picks: Sequence[_Pick], blobs: Sequence[Blob]) -> Sequence[Any]:
    return picks[0].source.decode_curves(blobs, [pick.areas for pick in picks if pick.areas], curve)


def _calibrations_of(curve: str, picks: Sequence[_Pick], blobs: Sequence[Blob]) -> Sequence[Any]:
    found = [pick.source.decode_calibration(blob, curve) for pick, blob in zip(picks, blobs, strict=True)]
    return [_LACKING if one is None else one for one in found]


def _confusion_of(picks: Sequence[_Pick], blobs: Sequence[Blob]) -> Sequence[Any]:
    return [pick.source.decode_confusion(blob) for pick, blob in zip(picks, blobs, strict=True)]


def _decode(picks: Sequence[_Pick], decode: Callable[[Sequence[_Pick], Sequence[Blob]], Sequence[Any]]) -> list[Any]:
    """Decodes records, neighbours of one source together; None for what is damaged, which is noted, or gone."""
    found: list[Any] = [None] * len(picks)
    stored = [(at, blob) for at, blob in enumerate(_blobs(picks)) if blob is not None]
    for _, alike in groupby(stored, lambda one: picks[one[0]].source.name):
        places, blobs = zip(*alike, strict=True)
        for at, one in zip(places, _decode_alike([picks[at] for at in places], blobs, decode), strict=True):
            found[at] = one
    return found


def _decode_alike(
    picks: Sequence[_Pick],
    blobs: Sequence[Blob],
    decode: Callable[[Sequence[_Pick], Sequence[Blob]], Sequence[Any]],
) -> Sequence[Any]:
    try:
        return decode(picks, blobs)
    except wire.WireError as error:
        if len(picks) > 1:  # which of them it is shows only one by one
            return [_decode_alike([pick], [blob], decode)[0] for pick, blob in zip(picks, blobs, strict=True)]
        picks[0].series.damaged[picks[0].digest] = str(error)
        return [None]


def _blobs(picks: Sequence[_Pick]) -> list[Blob | None]:
    """The stored records, those of a series loaded at once; several series at a time where TensorBoard is asked."""
    contents = {id(pick.content): pick.content for pick in picks}
    stored = {name: content.kept() for name, content in contents.items()}
    absent = [name for name, kept in stored.items() if kept is None]
    if len(absent) == 1:
        stored[absent[0]] = contents[absent[0]].load()
    elif absent:
        with ThreadPoolExecutor(READERS) as pool:
            stored.update(zip(absent, pool.map(lambda name: contents[name].load(), absent), strict=True))
    return [(stored[id(pick.content)] or {}).get(pick.digest) for pick in picks]


def _size(value: object) -> int:
    """About how many bytes a decoded value takes."""
    arrays = [part for part in vars(value).values() if isinstance(part, np.ndarray)] if value is not _LACKING else []
    return OBJECT_BYTES + sum(ARRAY_BYTES + array.nbytes for array in arrays)
