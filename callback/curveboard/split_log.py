"""One split of the data in TensorBoard: its passes measured, head by head, and written epoch by epoch."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from curveboard.collect import SINGLE, Scores, Stream, Taken, is_chief
from curveboard.events import EventWriter, epoch_scalars
from curveboard.finish import HeadStream, finish
from curveboard.tasks import asked_task, decide_task

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from curveboard.record import Record, Task

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class HeadOptions:
    """What the user has said about the heads, as `CurveLogger` takes it.

    Attributes:
        task: A task, or one by head.
        class_names: Names of the classes, or by head.
        from_logits: Whether outputs are logits, or by head.
        measuring: What `finish` is told besides, for every head.
    """

    task: str | Mapping[str, str | None]
    class_names: Sequence[str] | Mapping[str, Sequence[str]] | None
    from_logits: bool | Mapping[str, bool]
    measuring: Mapping[str, Any]

    def of(self, head: str) -> dict[str, Any]:
        """Returns what `finish` is told about a head, the task aside."""
        class_names, from_logits = (
            option.get(head) if isinstance(option, dict) else option for option in (self.class_names, self.from_logits)
        )
        return {**self.measuring, "class_names": class_names, "from_logits": bool(from_logits)}


class _LocatedStream(HeadStream):
    """A stream whose complaints say where it is, as they come up in the midst of a pass."""

    def __init__(self, where: str, **options: Any) -> None:
        super().__init__(**options)
        self._place = where

    def add(self, scores: Scores) -> None:
        with _located(self._place):
            super().add(scores)


@contextmanager
def _located(where: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


class SplitLog:
    """Measures the passes over one split and writes their records to a run of that name.

    Args:
        log_dir: The folder that holds the runs.
        split: Name of the split and of its run.
        options: What the user has said about the heads.
        verbose: 1 prints once what `task="auto"` has decided.

    Attributes:
        name: Name of the split.

    Raises:
        NotADirectoryError: The folder, or one above it, is a file.
    """

    def __init__(self, log_dir: str | os.PathLike[str], split: str, options: HeadOptions, *, verbose: int = 0) -> None:
        self._writer = EventWriter(Path(log_dir) / split)
        self.name = split
        self._options = options
        self._verbose = verbose
        self._tasks: dict[str, Task] = {}
        self._model: Any = None
        self._epoch = 0
        self._streamed: set[str] = set()

    def begin(self, model: Any, tasks: dict[str, Task]) -> None:
        """Starts anew, with a model.

        Args:
            model: The compiled model.
            tasks: Receives what is decided for each head; splits of one model share it.
        """
        self._model, self._tasks, self._streamed = model, tasks, set()

    def open_stream(self, head: str, first: Scores) -> HeadStream:
        """Opens what counts the scores of a head that takes more than the memory limit, and says so once.

        Args:
            head: The head.
            first: Its first scores, from which the task is decided if need be.
        """
        if head not in self._streamed:
            self._streamed.add(head)
            message = (
                f"CurveLogger: scores of {self.name} data exceed memory_limit; head {head!r} is counted in a stream "
                "from here on, and its areas have bounds (roc_auc_bounds, average_precision_bounds)"
            )
            warnings.warn(message, stacklevel=2)
        return _LocatedStream(self._where(head), task=self._task(first, head), **self._options.of(head))

    def begin_epoch(self, epoch: int) -> None:
        """Notes the step of the records that follow."""
        self._epoch = epoch

    def write(self, scores: Taken) -> dict[str, float]:
        """Measures one pass and writes the record of each head.

        Args:
            scores: What was collected, by head, or the stream that has counted it.

        Returns:
            The values for Keras' logs, `roc_auc` and `average_precision`, prefixed by the head where there are several.

        Raises:
            ValueError: As `finish`, naming split, epoch and head; nothing is written then.
        """
        records = [self._record(collected, head) for head, collected in scores.items()]
        values = {}
        for record in records:  # only now: if one head's data is wrong, none is written
            if is_chief(self._model):
                self._writer.write(record, step=self._epoch, scalars=epoch_scalars(record))
            prefix = "" if record.head == SINGLE else f"{record.head}_"
            values[f"{prefix}roc_auc"] = record.roc_auc
            values[f"{prefix}average_precision"] = record.average_precision
        return values

    def close(self) -> None:
        """Closes the file; what is written later goes to another one."""
        self._writer.close()

    def _record(self, scores: Scores | Stream, head: str) -> Record:
        with _located(self._where(head)):
            if isinstance(scores, HeadStream):
                return scores.record(split=self.name, head=head)
            assert isinstance(scores, Scores)
            task = self._task(scores, head)
            return finish(scores, task=task, head=head, split=self.name, **self._options.of(head))

    def _where(self, head: str) -> str:
        return f"CurveLogger, {self.name}, epoch {self._epoch}, head {head!r}"

    def _task(self, scores: Scores, head: str) -> Task:
        if head not in self._tasks:
            self._tasks[head] = self._settle_task(scores, head)
        return self._tasks[head]

    def _settle_task(self, scores: Scores, head: str) -> Task:
        """Takes the task the user named, or decides, and says so."""
        asked = asked_task(self._options.task, head)
        if asked != "auto":
            return cast("Task", asked)
        task, reason = decide_task(scores, self._model, head)
        named = "" if head == SINGLE else f"head {head!r}: "
        message = f"CurveLogger: {named}task={task!r} ({reason})"
        _LOG.info(message)
        if self._verbose:
            print(message)
        return task
