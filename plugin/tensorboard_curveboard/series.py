"""Reads records through TensorBoard's data provider: the one module that knows the provider.

A *series* is one head of one run. TensorBoard cannot say which steps a series has without handing over all of its
records, so a series is read whole, once, and kept until TensorBoard reports a new step or a new time.
"""

from __future__ import annotations

import hashlib
import logging
import struct
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tensorboard.data import provider as tb_provider

from curveboard import wire
from tensorboard_curveboard.records import Blob, Content, Problem, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tensorboard.context import RequestContext

# Raw records kept in memory. The dashboard of 50 runs x 100 epochs x 10 classes needs a fifth of it; when a log needs
# more, the records of the series used least recently are read again from TensorBoard.
BUDGET = 256 * 2**20

# The provider wants a limit, and thins the steps out to it.
NO_LIMIT = 2**31 - 1

logger = logging.getLogger(__name__)


class _Key(NamedTuple):
    experiment: str
    run: str
    tag: str


class _Slot:
    """One series as it was last read; the lock makes simultaneous requests share one reading."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.version: object = None
        self.series: Series | None = None


class SeriesStore:
    """All series that TensorBoard has, read on demand. Safe to use from many threads.

    Args:
        provider: TensorBoard's data provider.
        budget: Bytes of stored records kept in memory; what is known without the curves is kept for every series.
    """

    def __init__(self, provider: tb_provider.DataProvider, budget: int = BUDGET) -> None:
        self._provider = provider
        self._budget = budget
        self._lock = threading.Lock()
        self._slots: dict[_Key, _Slot] = {}
        self._blobs: OrderedDict[_Key, tuple[Blob, ...]] = OrderedDict()
        self._size = 0

    def index(self, context: RequestContext, experiment: str) -> tuple[list[Series], list[Problem]]:
        """Returns every series, by run and head, and what could not be read.

        Args:
            context: The request's context.
            experiment: The experiment's id.
        """
        versions = self._versions(context, experiment)
        self._forget_all_but(experiment, versions)
        series, problems = [], []
        for key, version in sorted(versions.items()):
            one = self._read_once(context, key, version)[0]
            if len(one.steps):
                series.append(one)
            if reason := one.problem():
                problems.append(Problem(one.run, one.head, reason))
        return series, problems

    def find(self, context: RequestContext, experiment: str, runs: Iterable[str], head: str) -> dict[str, Series]:
        """Returns the head's series of those of the runs that have it.

        Args:
            context: The request's context.
            experiment: The experiment's id.
            runs: Names of runs.
            head: The head's name.
        """
        versions = self._versions(context, experiment, runs, head)
        return {key.run: self._read_once(context, key, version)[0] for key, version in versions.items()}

    def contents(self, context: RequestContext, experiment: str, runs: Iterable[str], head: str) -> dict[str, Content]:
        """Returns what `find` does, with the stored records."""
        versions = self._versions(context, experiment, runs, head)
        found = {key.run: self._read_once(context, key, version, blobs=True) for key, version in versions.items()}
        return {run: Content(series, blobs) for run, (series, blobs) in found.items()}

    def _versions(
        self, context: RequestContext, experiment: str, runs: Iterable[str] | None = None, head: str | None = None
    ) -> dict[_Key, object]:
        """What tells that a series changed, without reading it; all series, or one head's of some runs."""
        chosen = tb_provider.RunTagFilter(runs, None if head is None else [wire.TAG_PREFIX + head])
        listed = self._provider.list_tensors(
            context, experiment_id=experiment, plugin_name=wire.PLUGIN_NAME, run_tag_filter=chosen
        )
        return {
            _Key(experiment, run, tag): (series.max_step, series.max_wall_time)
            for run, tags in listed.items()
            for tag, series in tags.items()
            if tag.startswith(wire.TAG_PREFIX)
        }

    def _read_once(
        self, context: RequestContext, key: _Key, version: object, *, blobs: bool = False
    ) -> tuple[Series, tuple[Blob, ...]]:
        """The series as it is at this version, from memory where possible; its records only if `blobs`."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            kept = self._kept(key) if blobs else ()
            if slot.series is None or slot.version != version or kept is None:
                slot.series, kept = self._read(context, key, slot.series)
                slot.version = None if slot.series.failure else version
                self._keep(key, kept)
            return slot.series, kept

    def _read(self, context: RequestContext, key: _Key, previous: Series | None) -> tuple[Series, tuple[Blob, ...]]:
        head = key.tag.removeprefix(wire.TAG_PREFIX)
        try:
            read = self._provider.read_tensors(
                context,
                experiment_id=key.experiment,
                plugin_name=wire.PLUGIN_NAME,
                downsample=NO_LIMIT,
                # One series at a time: a reply of the data server holds at most 256 MiB.
                run_tag_filter=tb_provider.RunTagFilter([key.run], [key.tag]),
            )
        except Exception as error:  # whatever the provider raises: one series it fails on must not hide all others
            logger.exception("curveboard could not read head %r of run %r", head, key.run)
            return replace(build(key.run, head, ())[0], failure=str(error)), ()
        # Of a run that is still training most records are known: only the new ones are decoded.
        known = dict(zip(previous.digests, previous.areas, strict=True)) if previous else {}
        return build(key.run, head, without_restarted(read.get(key.run, {}).get(key.tag, ())), known)

    def _kept(self, key: _Key) -> tuple[Blob, ...] | None:
        with self._lock:
            if key in self._blobs:
                self._blobs.move_to_end(key)
            return self._blobs.get(key)

    def _keep(self, key: _Key, blobs: tuple[Blob, ...]) -> None:
        with self._lock:
            self._drop(key)
            self._blobs[key] = blobs
            self._size += _size(blobs)
            while self._size > self._budget:
                self._drop(next(iter(self._blobs)))

    def _drop(self, key: _Key) -> None:
        self._size -= _size(self._blobs.pop(key, ()))

    def _forget_all_but(self, experiment: str, keys: Iterable[_Key]) -> None:
        """Forgets series that TensorBoard no longer lists, as when a run was deleted."""
        with self._lock:
            for key in {key for key in self._slots if key.experiment == experiment}.difference(keys):
                del self._slots[key]
                self._drop(key)


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
    run: str, head: str, data: Sequence[tb_provider.TensorDatum], known: Mapping[bytes, wire.Areas] | None = None
) -> tuple[Series, tuple[Blob, ...]]:
    """Builds a series from what the provider returned, leaving out what is not a record that we can read.

    Args:
        run: The run's name.
        head: The head's name.
        data: Tensors, steps increasing strictly. Anybody may write under our tag, so they can be anything.
        known: Areas of records decoded before, by the digest of their bytes.

    Returns:
        The series, and the stored record of each of its steps.
    """
    good: list[tuple[int, float, wire.Areas, bytes, Blob]] = []
    skipped: dict[int, str] = {}
    revision = hashlib.blake2b(digest_size=8)
    for datum in data:
        blob = np.asarray(datum.numpy)
        digest = hashlib.blake2b(blob.tobytes(), digest_size=16).digest()
        revision.update(struct.pack("<qd", datum.step, datum.wall_time) + digest)
        try:
            areas = (known or {}).get(digest) or wire.decode_areas(blob)
            good.append((datum.step, datum.wall_time, areas, digest, blob))
        except wire.WireError as error:
            skipped[datum.step] = str(error)
    steps, wall_times, all_areas, digests, blobs = zip(*good, strict=True) if good else ((),) * 5
    series = Series(
        run=run,
        head=head,
        steps=np.array(steps, np.int64),
        wall_times=np.array(wall_times, np.float64),
        areas=all_areas,
        digests=digests,
        revision=revision.hexdigest(),
        skipped=skipped,
    )
    return series, blobs


def _size(blobs: Iterable[Blob]) -> int:
    return sum(blob.nbytes for blob in blobs)
