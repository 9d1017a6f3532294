"""Reads series through TensorBoard's data provider: the one module that knows the provider.

A *series* is one head of one run. TensorBoard cannot say which steps a series has without handing over all of its
records, so a series is read whole, once, and again when TensorBoard reports a new step or a new time. Its records stay
in memory as they are stored, as far as the budget reaches; none is decoded here but the latest.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import secrets
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tensorboard.data import provider as tb_provider

from curveboard import wire
from tensorboard_curveboard.cache import ByteCache
from tensorboard_curveboard.legacy import PrCurves
from tensorboard_curveboard.records import READERS, Content, Problem, Series
from tensorboard_curveboard.sources import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tensorboard.context import RequestContext

    from tensorboard_curveboard.sources import Blob, Source

    Blobs = Mapping[bytes, Blob]

# Stored records kept in memory. The dashboard of 50 runs x 100 epochs x 10 classes needs a tenth of it; when a log
# needs more, the records of the series used least recently are read again from TensorBoard.
BUDGET = 256 * 2**20

# Seconds for which TensorBoard is not asked again which series there are, except by the index. TensorBoard itself looks
# at the files every five seconds; its data server takes 40 ms to tell, which a slider cannot wait for.
FRESH = 5.0

# The provider wants a limit, and thins the steps out to it.
NO_LIMIT = 2**31 - 1

# Ours first: where both name a head alike in one run, ours is shown.
SOURCES: tuple[Source, ...] = (Records(), PrCurves())

logger = logging.getLogger(__name__)


class Index(NamedTuple):
    """What there is.

    Attributes:
        series: Every series, by run and head.
        changed: For each of them, whether it changed since the cursor asked with.
        problems: What could not be read.
        cursor: Asked with the next time, tells what changed in between.
    """

    series: list[Series]
    changed: list[bool]
    problems: list[Problem]
    cursor: str


class _Key(NamedTuple):
    experiment: str
    run: str
    head: str


class _Listed(NamedTuple):
    """A series as TensorBoard lists it; `version` tells that it changed, without reading it."""

    source: Source
    tag: str
    version: object


class _Slot:
    """One series as it was last read; the lock makes simultaneous requests share one reading."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.listed: _Listed | None = None
        self.series: Series | None = None
        self.changed = 0


class _Listing(NamedTuple):
    """What TensorBoard listed, when, and which tags cannot be shown."""

    at: float
    series: dict[_Key, _Listed]
    hidden: list[Problem]


class SeriesStore:
    """All series that TensorBoard has, read on demand. Safe to use from many threads.

    Args:
        provider: TensorBoard's data provider.
        budget: Bytes of stored records kept in memory; what the index tells is kept for every series.
        fresh: Seconds for which a listing serves the requests that follow it.
    """

    def __init__(self, provider: tb_provider.DataProvider, budget: int = BUDGET, fresh: float = FRESH) -> None:
        self._provider = provider
        self._fresh = fresh
        self._lock = threading.Lock()
        self._slots: dict[_Key, _Slot] = {}
        self._blobs: ByteCache[Blobs] = ByteCache(budget)
        self._listings: dict[str, _Listing] = {}
        # Cursors of an earlier TensorBoard count something else.
        self._life = secrets.token_hex(4)
        self._changes = 0

    def index(self, context: RequestContext, experiment: str, since: str = "") -> Index:
        """Returns every series and what could not be read.

        Args:
            context: The request's context.
            experiment: The experiment's id.
            since: The cursor of an earlier answer; anything else asks for all.
        """
        known, began = self._count_of(since), self._changes
        listing = self._list(context, experiment, fresh=0.0)
        self._forget_all_but(experiment, listing.series)
        keys = sorted(listing.series)
        series = self._read_all(context, keys, listing)
        ended = self._changes
        slots = [self._slot(key) for key in keys]
        # What another request has read anew in the meantime must be told the next time.
        told = ended if all(slot.series is one for slot, one in zip(slots, series, strict=True)) else began
        problems = [Problem(one.run, one.head, reason) for one in series if (reason := one.problem())]
        shown = [(one, slot.changed > known) for slot, one in zip(slots, series, strict=True) if one.latest]
        return Index(
            series=[one for one, _ in shown],
            changed=[changed for _, changed in shown],
            problems=[*problems, *listing.hidden],
            cursor=f"{self._life}-{told}",
        )

    def find(self, context: RequestContext, experiment: str, runs: Iterable[str], head: str) -> dict[str, Content]:
        """Returns the head's series of those of the runs that have it.

        Args:
            context: The request's context.
            experiment: The experiment's id.
            runs: Names of runs.
            head: The head's name.
        """
        listing = self._list(context, experiment, fresh=self._fresh)
        keys = [key for run in dict.fromkeys(runs) if (key := _Key(experiment, run, head)) in listing.series]
        found = self._read_all(context, keys, listing)
        return {
            key.run: Content(
                series,
                kept=functools.partial(self._kept, key),
                load=functools.partial(self._load, context, key, listing.series[key]),
            )
            for key, series in zip(keys, found, strict=True)
        }

    def _count_of(self, cursor: str) -> int:
        life, _, count = cursor.partition("-")
        return int(count) if life == self._life and count.isdecimal() else -1

    def _list(self, context: RequestContext, experiment: str, fresh: float) -> _Listing:
        """What TensorBoard lists, at most `fresh` seconds old."""
        known = self._listings.get(experiment)
        if known and time.monotonic() - known.at < fresh:
            return known
        began = time.monotonic()
        with ThreadPoolExecutor(len(SOURCES)) as pool:
            listed = list(pool.map(lambda source: self._list_source(context, experiment, source), SOURCES))
        series: dict[_Key, _Listed] = {}
        hidden = []
        for key, one in (item for each in listed for item in each.items()):
            if key in series:
                reason = (
                    f"expected one head of this name in the run; received {one.source.name} too, which is not shown"
                )
                hidden.append(Problem(key.run, key.head, reason))
            series.setdefault(key, one)
        self._listings[experiment] = _Listing(began, series, hidden)
        return self._listings[experiment]

    def _list_source(self, context: RequestContext, experiment: str, source: Source) -> dict[_Key, _Listed]:
        listed = self._provider.list_tensors(
            context,
            experiment_id=experiment,
            plugin_name=source.name,
            run_tag_filter=tb_provider.RunTagFilter(),
        )
        return {
            _Key(experiment, run, head): _Listed(source, tag, (series.max_step, series.max_wall_time))
            for run, tags in listed.items()
            for tag, series in tags.items()
            if (head := source.head(tag)) is not None
        }

    def _read_all(self, context: RequestContext, keys: Sequence[_Key], listing: _Listing) -> list[Series]:
        """The series as they were listed, several read at a time where they changed."""
        changed = [key for key in keys if self._slot(key).listed != listing.series[key]]
        if len(changed) > 1:
            with ThreadPoolExecutor(READERS) as pool:
                list(pool.map(lambda key: self._read_once(context, key, listing.series[key]), changed))
        return [self._read_once(context, key, listing.series[key]) for key in keys]

    def _read_once(self, context: RequestContext, key: _Key, listed: _Listed) -> Series:
        slot = self._slot(key)
        with slot.lock:
            if slot.series is None or slot.listed != listed:
                return self._read(context, key, listed, slot)[0]
            return slot.series

    def _load(self, context: RequestContext, key: _Key, listed: _Listed) -> Blobs:
        """The stored records of a series, from memory where possible."""
        slot = self._slot(key)
        with slot.lock:
            kept = self._kept(key)
            return self._read(context, key, listed, slot)[1] if kept is None else kept

    def _kept(self, key: _Key) -> Blobs | None:
        return self._blobs.get([key])[0]

    def _read(self, context: RequestContext, key: _Key, listed: _Listed, slot: _Slot) -> tuple[Series, Blobs]:
        """Reads a series; the caller holds the slot's lock."""
        try:
            read = self._provider.read_tensors(
                context,
                experiment_id=key.experiment,
                plugin_name=listed.source.name,
                downsample=NO_LIMIT,
                # One series at a time: a reply of the data server holds at most 256 MiB.
                run_tag_filter=tb_provider.RunTagFilter([key.run], [listed.tag]),
            )
            data = read.get(key.run, {}).get(listed.tag, ())
            failure = None
        except Exception as error:  # whatever the provider raises: one series it fails on must not hide all others
            logger.exception("curveboard could not read head %r of run %r", key.head, key.run)
            data, failure = (), str(error)
        series, blobs = build(key.run, key.head, listed.source, without_restarted(data), slot.series)
        changed = slot.series is None or slot.series.revision != series.revision
        slot.series = replace(series, failure=failure)
        slot.listed = None if failure else listed
        if changed:  # counted last: whoever sees the count sees the series
            slot.changed = self._count_change()
        self._blobs.put([(key, blobs, sum(blob.nbytes for blob in blobs.values()))])
        return slot.series, blobs

    def _slot(self, key: _Key) -> _Slot:
        with self._lock:
            return self._slots.setdefault(key, _Slot())

    def _count_change(self) -> int:
        with self._lock:
            self._changes += 1
            return self._changes

    def _forget_all_but(self, experiment: str, keys: Iterable[_Key]) -> None:
        """Forgets series that TensorBoard no longer lists, as when a run was deleted."""
        with self._lock:
            gone = {key for key in self._slots if key.experiment == experiment}.difference(keys)
            for key in gone:
                del self._slots[key]
        self._blobs.drop(gone)


def without_restarted(data: Sequence[tb_provider.TensorDatum]) -> list[tb_provider.TensorDatum]:
    """Drops what a restarted run wrote over: a new step drops every earlier record of that step or a later one.

    TensorBoard's data server does this itself; its Python backend returns all records in the order of the file.

    Args:
        data: Records in the order written.

    Returns:
        Records whose steps increase strictly.
    """
    kept: list[tb_provider.TensorDatum] = []
    for datum in data:
        while kept and kept[-1].step >= datum.step:
            kept.pop()
        kept.append(datum)
    return kept


def build(
    run: str,
    head: str,
    source: Source,
    data: Sequence[tb_provider.TensorDatum],
    previous: Series | None = None,
) -> tuple[Series, Blobs]:
    """Builds a series from what the provider returned, leaving out what is not a record that we can read.

    Args:
        run: The run's name.
        head: The head's name.
        source: What kind of records they should be.
        data: Tensors, steps increasing strictly. Anybody may write under our tag, so they can be anything.
        previous: The series as it was read before: which of its records are damaged is known.

    Returns:
        The series, and its records by digest.
    """
    good: list[tuple[int, float, bytes, Blob]] = []
    skipped: dict[int, str] = {}
    revision = hashlib.sha1(usedforsecurity=False)
    for datum in data:
        blob = np.asarray(datum.numpy)
        digest = _digest(blob)
        revision.update(struct.pack("<qd", datum.step, datum.wall_time) + digest)
        try:
            source.check(blob)
            good.append((datum.step, datum.wall_time, digest, blob))
        except wire.WireError as error:
            skipped[datum.step] = str(error)
    steps, wall_times, digests, blobs = zip(*good, strict=True) if good else ((),) * 4
    damaged = (
        {digest: reason for digest, reason in list(previous.damaged.items()) if digest in digests} if previous else {}
    )
    series = Series(
        run=run,
        head=head,
        source=source,
        steps=np.array(steps, np.int64),
        wall_times=np.array(wall_times, np.float64),
        digests=digests,
        latest=_latest(source, digests, blobs, damaged),
        thresholds=source.thresholds(blobs[-1]) if blobs else None,
        revision=revision.hexdigest()[:16],
        skipped=skipped,
        damaged=damaged,
    )
    return series, dict(zip(digests, blobs, strict=True))


def _latest(
    source: Source, digests: Sequence[bytes], blobs: Sequence[Blob], damaged: dict[bytes, str]
) -> wire.Areas | None:
    """Areas of the latest record that is not damaged."""
    for digest, blob in zip(reversed(digests), reversed(blobs), strict=True):
        try:
            return source.decode_areas([blob])[0]
        except wire.WireError as error:
            damaged[digest] = str(error)
    return None


def _digest(blob: Blob) -> bytes:
    """A digest of a tensor's bytes, whatever it is."""
    content = repr(blob.tolist()).encode() if blob.dtype.hasobject else np.ascontiguousarray(blob).view(np.uint8).data
    return hashlib.sha1(content, usedforsecurity=False).digest()
