"""read_curves: the records of a log directory, as Python objects."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curveboard import wire
from curveboard.events import read_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorboard.compat.proto.event_pb2 import Event

    from curveboard.record import Record

_NAMED_PROBLEMS = 5


class _Stored(NamedTuple):
    step: int
    wall_time: float
    blob: bytes


def read_curves(
    log_dir: str | os.PathLike[str], *, run: str | None = None, head: str | None = None, split: str | None = None
) -> Iterator[Record]:
    """Reads what `CurveLogger` and `CurveWriter` wrote below a directory.

    Runs and steps are TensorBoard's: a run is named by its directory relative to `log_dir`, with forward slashes, and
    where a run was started again, a step that comes again takes the place of the earlier one and of all after it.
    Records are decoded one by one while iterating; no more than the stored bytes of one run are held.

    Damaged records and those of a later version of the format are skipped, with one RuntimeWarning at the end that
    names them.

    Args:
        log_dir: A directory given to `tensorboard --logdir`, or a run's.
        run: Only this run, such as `"mlp/validation"`; all by default.
        head: Only this model output.
        split: Only this split, such as `"validation"`.

    Returns:
        Iterator over records by run, head and step, in this order.

    Raises:
        FileNotFoundError: `log_dir` does not exist.
        NotADirectoryError: `log_dir` is a file.

    Examples:
        >>> import tempfile
        >>> from curveboard import CurveWriter, read_curves
        >>> log_dir = tempfile.mkdtemp()
        >>> with CurveWriter(f"{log_dir}/forest") as writer:
        ...     for step in range(2):
        ...         _ = writer.write(step, y_true=[0, 1, 1], y_score=[0.2, 0.9, 0.4])
        >>> [(record.run, record.step, record.roc_auc) for record in read_curves(log_dir)]
        [('forest/validation', 0, 1.0), ('forest/validation', 1, 1.0)]
    """
    root = Path(log_dir)
    if not root.exists():
        raise FileNotFoundError(f"expected an existing log directory; received {os.fspath(log_dir)!r}")
    if not root.is_dir():
        raise NotADirectoryError(f"expected a log directory; received the file {os.fspath(log_dir)!r}")
    return _records(root, run, head, split)


def _records(root: Path, run: str | None, head: str | None, split: str | None) -> Iterator[Record]:
    problems: list[str] = []
    for name, stored_head, stored in _stored(root, run, head):
        try:
            record = wire.decode(stored.blob)
        except wire.WireError as error:
            problems.append(f"run {name!r}, head {stored_head!r}, step {stored.step}: {error}")
            continue
        if split is None or split == record.split:
            yield replace(record, run=name, step=stored.step, wall_time=stored.wall_time)
    if problems:
        named = "; ".join(problems[:_NAMED_PROBLEMS] + ["..."] * (len(problems) > _NAMED_PROBLEMS))
        warnings.warn(f"skipped {len(problems)} records that cannot be read: {named}", RuntimeWarning, stacklevel=2)


def _stored(root: Path, run: str | None, head: str | None) -> Iterator[tuple[str, str, _Stored]]:
    """What is stored, still encoded, with its run and head, in the order of `read_curves`."""
    runs = {directory.relative_to(root).as_posix(): files for directory, files in _event_files(root, frozenset())}
    for name in sorted(runs if run is None else runs.keys() & {run}):
        heads = _series(runs[name])
        for found in sorted(heads if head is None else heads.keys() & {head}):
            for stored in heads[found]:
                yield name, found, stored


def _event_files(directory: Path, above: frozenset[str]) -> Iterator[tuple[Path, list[Path]]]:
    """Every directory that holds event files, with these in order; a link to a directory above is not followed."""
    real = os.path.realpath(directory)
    if real in above:
        return
    entries = sorted(directory.iterdir())
    files = [entry for entry in entries if "tfevents" in entry.name and entry.is_file()]
    if files:
        yield directory, files
    for entry in entries:
        if entry.is_dir():
            yield from _event_files(entry, above | {real})


def _series(files: list[Path]) -> dict[str, list[_Stored]]:
    """Stored records of one run by head, steps increasing: each new step drops earlier written ones not before it."""
    heads: dict[str, list[_Stored]] = {}
    for path in files:
        for event in read_events(path, containing=wire.PLUGIN_NAME.encode()):
            for head, blob in _blobs(event):
                kept = heads.setdefault(head, [])
                while kept and kept[-1].step >= event.step:
                    kept.pop()
                kept.append(_Stored(event.step, event.wall_time, blob))
    return heads


def _blobs(event: Event) -> Iterator[tuple[str, bytes]]:
    """Head and bytes of each record in an event."""
    for value in event.summary.value:
        if value.metadata.plugin_data.plugin_name == wire.PLUGIN_NAME and value.tag.startswith(wire.TAG_PREFIX):
            yield value.tag.removeprefix(wire.TAG_PREFIX), value.tensor.tensor_content
