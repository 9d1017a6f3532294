"""Event files without TensorFlow: records into them, events out of them.

An event file is a sequence of TFRecords, each `length u64, masked CRC-32C of the length, data, masked CRC-32C of the
data`, little-endian; the data is a serialised TensorBoard `Event`. FORMAT.md says what ours hold.
"""

from __future__ import annotations

import os
import socket
import struct
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import DATA_CLASS_SCALAR, DATA_CLASS_TENSOR, Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT, DT_UINT8

from curveboard import wire
from curveboard.crc32c import masked_crc32c

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from curveboard.record import Record

_FILE_PREFIX = "events.out.tfevents.0000000000.curveboard"
_FILE_VERSION = "brain.Event:2"
_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_HEAD = struct.Struct("<QI")


def epoch_scalars(record: Record) -> dict[str, float]:
    """Names the values of a record as Keras names an epoch's metrics, for the Time Series tab.

    A value that is not defined this time, such as the precision while nothing is predicted positive, is NaN, so that
    the steps of all series are the same. What a head never has is left out: `brier` and `ece` where scores are no
    probabilities, top-k accuracy where there are no more than ten classes.

    Args:
        record: A record.

    Returns:
        `epoch_roc_auc`, `epoch_average_precision`, `epoch_accuracy`, `epoch_balanced_accuracy`, `epoch_f1`,
        `epoch_precision`, `epoch_recall` and `epoch_specificity` (of the positive class, or the macro average),
        `epoch_brier`, `epoch_ece`, `epoch_top_<k>_accuracy`; for a head other than `"output"`,
        `epoch_<head>_roc_auc` and so on, as Keras names the metrics of a model with several outputs.
    """
    values = {
        "roc_auc": record.roc_auc,
        "average_precision": record.average_precision,
        "accuracy": record.accuracy,
        "balanced_accuracy": record.balanced_accuracy,
        "f1": record.f1(),
        "precision": record.precision(),
        "recall": record.recall(),
        "specificity": record.specificity(),
    }
    if record.calibrations:
        values |= {"brier": record.brier, "ece": record.ece}
    values |= {f"top_{k}_accuracy": record.top_k_accuracy(k) for k, _ in record.top_k}
    prefix = "epoch_" if record.head == "output" else f"epoch_{record.head}_"
    return {prefix + name: value for name, value in values.items()}


class EventWriter:
    """Writes records, and scalars beside them, into event files of one directory.

    Nothing is created before the first write. Each write is one event and reaches the operating system before it
    returns, so that a reader sees an epoch either whole or not at all. A process that was forked begins a file of its
    own; so does the next write after `close`, or after somebody deleted the file.

    Training must not end because a disk is full: what the operating system refuses is one RuntimeWarning, the data of
    that write is lost, and each later write tries again with a new file.

    Args:
        run_dir: The run's local directory; created when needed.

    Raises:
        NotADirectoryError: `run_dir`, or a directory above it, is a file.
        ValueError: `run_dir` is an address such as `gs://bucket/logs`.

    Examples:
        >>> import tempfile
        >>> from curveboard.measure import measure
        >>> with EventWriter(tempfile.mkdtemp()) as writer:
        ...     writer.write(measure([0, 1, 1], [0.2, 0.9, 0.4]), step=3, scalars={"epoch_loss": 0.5})
        ...     [path] = writer.run_dir.iterdir()
        >>> [(event.step, [value.tag for value in event.summary.value]) for event in read_events(path)]
        [(0, []), (3, ['curveboard/output', 'epoch_loss'])]
    """

    def __init__(self, run_dir: str | os.PathLike[str]) -> None:
        self.run_dir = _local_directory(run_dir)
        self._file: io.FileIO | None = None
        self._pid = 0
        self._warned = False

    def write(
        self,
        record: Record,
        *,
        step: int | None = None,
        wall_time: float | None = None,
        scalars: Mapping[str, float] | None = None,
    ) -> None:
        """Writes a record as one event.

        Args:
            record: What to write, under the tag `curveboard/<head>`.
            step: Step of the event; the record's own by default.
            wall_time: Seconds since 1970; now by default.
            scalars: Values by tag, written as `tf.summary.scalar` does, at the same step.

        Raises:
            ValueError: The record cannot be encoded.
        """
        values = [_tensor_value(wire.TAG_PREFIX + record.head, wire.encode(record))]
        values += [_scalar_value(tag, value) for tag, value in (scalars or {}).items()]
        event = Event(
            wall_time=time.time() if wall_time is None else wall_time,
            step=record.step if step is None else step,
            summary=Summary(value=values),
        )
        try:
            self._append(_frame(event.SerializeToString()))
        except OSError as error:
            self._warn(error)

    def flush(self) -> None:
        """Waits until what was written has reached the disk."""
        try:
            if self._file and self._pid == os.getpid():
                os.fsync(self._file.fileno())
        except OSError as error:
            self._warn(error)

    def close(self) -> None:
        """Ends the file; a later write begins another."""
        file, self._file = self._file, None
        try:
            if file:
                file.close()
        except OSError as error:
            self._warn(error)

    def __enter__(self) -> EventWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, data: bytes) -> None:
        file, begins = self._current()
        end = file.tell()
        try:
            _write_all(file, (_frame(_first_event()) if begins else b"") + data)
        except OSError:
            self._file = None
            _cut(file, end)
            raise

    def _current(self) -> tuple[io.FileIO, bool]:
        """The file to append to, and whether it has just been begun."""
        if self._file and (self._pid != os.getpid() or not Path(self._file.name).exists()):
            self.close()  # a forked process leaves the file to its parent; a deleted file would swallow writes
        if self._file:
            return self._file, False
        self._file, self._pid = _create(self.run_dir), os.getpid()
        return self._file, True

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            message = f"curves are not saved: expected to write to {self.run_dir}; received {error}"
            warnings.warn(message, RuntimeWarning, stacklevel=3)


def read_events(path: str | os.PathLike[str], containing: bytes = b"") -> Iterator[Event]:
    """Reads the events of a file, whoever wrote it.

    A last event that is not whole (its writer was interrupted, or is still writing) ends the file quietly. A damaged
    event is left out with one RuntimeWarning for the file; if its length is damaged, so is the way to the next, and the
    file ends there.

    Args:
        path: The event file.
        containing: Events without these bytes are passed over without a look: cheap, where few of many events matter.

    Yields:
        `Event` protocol buffers, in the order of the file.

    Raises:
        OSError: The file cannot be read.
    """
    damage: list[str] = []
    for offset, data, crc in _frames(path, damage):
        if containing not in data:
            continue
        try:
            if crc != masked_crc32c(data):
                raise ValueError("its checksum is wrong")
            event = Event.FromString(data)
        except (ValueError, DecodeError) as error:
            damage.append(f"byte {offset}: {error}")
            continue
        yield event
    if damage:
        warnings.warn(f"left out {len(damage)} damaged events of {path} ({damage[0]})", RuntimeWarning, stacklevel=2)


def _frames(path: str | os.PathLike[str], damage: list[str]) -> Iterator[tuple[int, bytes, int]]:
    """Offset, data and stored checksum of each whole TFRecord; a damaged length is added to `damage`."""
    with open(path, "rb") as file:
        while True:
            offset = file.tell()
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            length, crc = _HEAD.unpack(head)
            if crc != masked_crc32c(head[: _LENGTH.size]):
                damage.append(f"byte {offset}: the checksum of its length is wrong, nothing after it can be read")
                return
            # A length is believed only as far as the file goes, so that it cannot ask for memory that is not there.
            if os.fstat(file.fileno()).st_size - file.tell() < length + _CRC.size:
                return
            data = file.read(length)
            yield offset, data, _CRC.unpack(file.read(_CRC.size))[0]


def _frame(data: bytes) -> bytes:
    length = _LENGTH.pack(len(data))
    return b"".join([length, _CRC.pack(masked_crc32c(length)), data, _CRC.pack(masked_crc32c(data))])


def _first_event() -> bytes:
    content: bytes = Event(wall_time=time.time(), file_version=_FILE_VERSION).SerializeToString()
    return content


def _tensor_value(tag: str, blob: bytes) -> Summary.Value:
    plugin = SummaryMetadata.PluginData(plugin_name=wire.PLUGIN_NAME, content=str(wire.VERSION).encode())
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=len(blob))])
    return Summary.Value(
        tag=tag,
        metadata=SummaryMetadata(plugin_data=plugin, data_class=DATA_CLASS_TENSOR),
        tensor=TensorProto(dtype=DT_UINT8, tensor_shape=shape, tensor_content=blob),
    )


def _scalar_value(tag: str, value: float) -> Summary.Value:
    plugin = SummaryMetadata.PluginData(plugin_name="scalars")
    content = np.array(value, "<f4").tobytes()
    return Summary.Value(
        tag=tag,
        metadata=SummaryMetadata(plugin_data=plugin, data_class=DATA_CLASS_SCALAR),
        tensor=TensorProto(dtype=DT_FLOAT, tensor_shape=TensorShapeProto(), tensor_content=content),
    )


def _local_directory(path: str | os.PathLike[str]) -> Path:
    if "://" in os.fspath(path):
        raise ValueError(f"expected a local directory; received {os.fspath(path)!r}")
    directory = Path(path).absolute()
    nearest = next((place for place in (directory, *directory.parents) if place.exists()), directory)
    if nearest.exists() and not nearest.is_dir():
        raise NotADirectoryError(
            f"expected a directory for event files; received {os.fspath(path)!r}: {nearest} is a file"
        )
    return directory


def _create(directory: Path) -> io.FileIO:
    """Creates an event file that no other writer has, unbuffered."""
    directory.mkdir(parents=True, exist_ok=True)
    stamp = time.time_ns() // 1000
    while True:
        # The time comes first, so that files of later processes sort later, whatever their host and number.
        name = f"{_FILE_PREFIX}.{stamp:017d}.{socket.gethostname()}.{os.getpid()}"
        try:
            return open(directory / name, "xb", buffering=0)
        except FileExistsError:
            stamp += 1


def _write_all(file: io.FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


def _cut(file: io.FileIO, end: int) -> None:
    """Takes back what was half written, as far as the operating system lets us, and closes the file."""
    with suppress(OSError):
        file.truncate(end)
    with suppress(OSError):
        file.close()
    if end == 0:
        with suppress(OSError):
            os.unlink(file.name)
