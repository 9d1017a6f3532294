"""Predictions that lie in many places: each shard counted where it is, the counts merged into one record.

A million predictions in a hundred files, on a hundred machines or in a hundred processes need not come together in one
array: their counts do, and the record of the merged counts is that of all predictions at once.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from curveboard.calibration import Calibration
from curveboard.classes import measure_tables
from curveboard.counts import CountTable
from curveboard.measure import argmax_confusion, assemble, calibrate_columns, columns_of, lacking
from curveboard.outcomes import (
    check_each_weight,
    check_outcomes,
    check_threshold,
    check_tolerance,
    warn_undefined,
)
from curveboard.record import TASKS, CountArray, Record, Task
from curveboard.reliability import Reliability

FEW_ROWS = 1 << 16  # rows that wait at least until they are merged: merging few costs as much as merging none
BYTES_VERSION = 1
BIN_SUMS = ("examples", "positives", "score_sum", "brier")

T = TypeVar("T")
Stored: TypeAlias = dict[str, npt.NDArray[Any]]
FromBytes: TypeAlias = Callable[[bytes], "ShardCounts"]


@dataclass(frozen=True, eq=False)
class ShardCounts:
    """All that a record needs to know of some of a head's examples, to be merged with that of the others.

    Merging is associative and commutative, exactly for counts, up to rounding for sums of weights; the record of all
    shards equals `measure` of all examples. Tables hold one row for each class and distinct score, 20 bytes for float32
    scores (24 for float64), pickles and `to_bytes` some 6 (10) of them: at most as many rows as examples times classes,
    and far fewer where scores repeat. Scores rounded to three decimals take 1001 rows a class, however many there are.
    Merging takes some 65 bytes a row for a moment, `record` some 80.

    Attributes:
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        class_names: Names of all classes; two for binary, the negative class first.
        from_logits: Whether scores are logits; tables of a multiclass head then hold log-odds.
        tables: The counts of each class (binary: of the positive class only) at each of its distinct scores.
        confusion: `(n_classes, n_classes)` of a multiclass head, rows true, columns predicted by the highest score;
            None for others, whose tables know it at any threshold.
        reliability: What calibration, confidence and top-k accuracy follow from.
        n_examples: Number of examples, those of weight 0 included.

    Examples:
        >>> one = ShardCounts.of([0, 1], [0.1, 0.8], task="binary")
        >>> other = ShardCounts.of([0, 1], [0.4, 0.35], task="binary")
        >>> one.merge(other).record().roc_auc
        0.75
    """

    task: Task
    class_names: tuple[str, ...]
    from_logits: bool
    tables: tuple[CountTable, ...]
    confusion: CountArray | None
    reliability: Reliability
    n_examples: int

    @classmethod
    def of(
        cls,
        y_true: npt.ArrayLike,
        y_score: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        *,
        task: Task,
        class_names: Sequence[str] | None = None,
        from_logits: bool = False,
    ) -> ShardCounts:
        """Counts the examples of one shard.

        Args:
            y_true: Labels, as `CurveWriter.write` takes them; at least one.
            y_score: Scores of the same examples, likewise.
            sample_weight: `(n,)` weights from 0, given for all shards or for none.
            task: `"binary"`, `"multiclass"` or `"multilabel"`. There is no `"auto"`: one shard may look unlike another.
            class_names: As for `CurveWriter`, the same for all shards.
            from_logits: As for `CurveWriter`.

        Returns:
            The counts.

        Raises:
            ValueError: What was given is not that.
        """
        if task not in TASKS:
            raise ValueError(f"expected task to be {', '.join(map(repr, TASKS))}; received {task!r}")
        checked = check_outcomes(y_true, y_score, task=task, class_names=class_names, from_logits=from_logits)
        outcomes = replace(checked, sample_weight=check_each_weight(sample_weight, len(checked.y_score)))
        positives, scores = columns_of(outcomes)
        return cls(
            task=task,
            class_names=outcomes.class_names,
            from_logits=from_logits,
            tables=tuple(
                CountTable.from_scores(positive, score, outcomes.sample_weight)
                for positive, score in zip(positives.T, scores.T, strict=True)
            ),
            confusion=argmax_confusion(outcomes) if task == "multiclass" else None,
            reliability=Reliability.of(outcomes, scores, calibrate_columns(outcomes, positives)),
            n_examples=len(outcomes.y_score),
        )

    @property
    def n_rows(self) -> int:
        """Number of distinct scores, over all classes: what memory and bytes grow with."""
        return sum(len(table.tp) for table in self.tables)

    @property
    def weighted(self) -> bool:
        """Whether the counts are sums of weights."""
        return self.tables[0].weighted

    def merge(self, other: ShardCounts) -> ShardCounts:
        """Returns the counts of both shards' examples.

        Raises:
            ValueError: The shards are of different tasks, classes or kinds of score, or one has weights.
        """
        return _merged([self, other])

    @classmethod
    def merged(cls, shards: Iterable[ShardCounts]) -> ShardCounts:
        """Returns the counts of all shards' examples, reading the shards one by one; see `ShardMerger`.

        Raises:
            ValueError: There is none, or they are of different tasks, classes or kinds of score, or some have weights.

        Examples:
            >>> ShardCounts.merged(ShardCounts.of([0, 1], [0.2, s], task="binary") for s in (0.1, 0.5)).n_examples
            4
        """
        merger = ShardMerger()
        for shard in shards:
            merger.add(shard)
        return merger.result()

    def record(
        self, *, threshold: float = 0.5, tolerance: float = 1 / 256, split: str = "validation", head: str = "output"
    ) -> Record:
        """Measures what was counted.

        Args:
            threshold: From which score an example is predicted positive; a probability where `from_logits`.
            tolerance: Largest distance of a vertex left out of the stored curves.
            split: `"train"`, `"validation"` or another name.
            head: Name of the model's output.

        Returns:
            The record of all examples, which `CurveWriter.write_record` writes.

        Raises:
            ValueError: The threshold or the tolerance are not as expected, or all weights are 0.

        Warns:
            UndefinedCurveWarning: A class has no positive or no negative example.
        """
        limit = check_threshold(threshold, self.from_logits)
        check_tolerance(tolerance)
        if not self.n_rows:
            raise ValueError(f"expected a sample_weight above 0; received {self.n_examples} zeros")
        record = assemble(
            measure_tables(self.tables, limit, tolerance),
            task=self.task,
            class_names=self.class_names,
            n_examples=self.n_examples,
            confusion=self.confusion,
            threshold=limit,
            tolerance=tolerance,
            from_logits=self.from_logits,
            split=split,
            head=head,
        )
        warn_undefined(*lacking(record), stacklevel=2)
        return self.reliability.added_to(record)

    def to_bytes(self) -> bytes:
        """Returns the counts as the bytes of a NumPy archive (`.npz`), counts as narrow as they allow."""
        head = {
            "version": BYTES_VERSION,
            "task": self.task,
            "class_names": self.class_names,
            "from_logits": self.from_logits,
            "n_examples": self.n_examples,
            "top_k": self.reliability.top_k,
        }
        tables = [*self.tables, *_present(self.reliability.confidence)]
        bins = [*self.reliability.calibrations, *_present(self.reliability.confidence_calibration)]
        arrays: Stored = {
            "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
            "rows": np.array([len(table.tp) for table in tables]),
            "thresholds": np.concatenate([table.thresholds for table in tables]),
            "tp": _narrow([table.tp for table in tables]),
            "fp": _narrow([table.fp for table in tables]),
        }
        arrays |= {f"bins_{name}": np.array([getattr(each, name) for each in bins]) for name in BIN_SUMS}
        if self.confusion is not None:
            arrays["confusion"] = self.confusion
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> ShardCounts:
        """Reads the bytes of `to_bytes`.

        Raises:
            ValueError: The bytes are damaged, or of a later version.

        Examples:
            >>> ShardCounts.from_bytes(ShardCounts.of([0, 1], [0.1, 0.8], task="binary").to_bytes()).n_examples
            2
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                stored = dict(arrays.items())
            head = json.loads(stored["head"].tobytes())
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"expected bytes of ShardCounts.to_bytes; received {len(data)} bytes: {error}") from error
        if head["version"] != BYTES_VERSION:
            raise ValueError(f"expected counts of version {BYTES_VERSION}; received {stored['head'].tobytes()!r}")
        names = tuple(head["class_names"])
        columns = names if head["task"] != "binary" else names[1:]
        n = len(columns)
        tables, bins = _read_tables(stored), _read_bins(stored, [*columns, "confidence"])
        top_k = tuple((k, count) for k, count in head["top_k"])
        return cls(
            task=head["task"],
            class_names=names,
            from_logits=head["from_logits"],
            tables=tuple(tables[:n]),
            confusion=stored.get("confusion"),
            reliability=Reliability(tuple(bins[:n]), _last(tables[n:]), _last(bins[n:]), top_k),
            n_examples=head["n_examples"],
        )

    def __reduce__(self) -> tuple[FromBytes, tuple[bytes]]:
        return ShardCounts.from_bytes, (self.to_bytes(),)


class ShardMerger:
    """Merges shards as they come.

    Shards wait until they hold as many rows as what is merged already. Every row is thus sorted a few times, a
    logarithm of the number of shards at most, and what waits is never more than the merged rows, or 65,536, and one
    shard.

    Examples:
        >>> merger = ShardMerger()
        >>> for score in (0.3, 0.7):
        ...     merger.add(ShardCounts.of([0, 1], [0.5, score], task="binary"))
        >>> merger.result().record().roc_auc
        0.5
    """

    def __init__(self) -> None:
        self._merged: list[ShardCounts] = []  # none, or one
        self._waiting: list[ShardCounts] = []
        self._n_waiting = 0

    def __bool__(self) -> bool:
        """Whether anything was added."""
        return bool(self._merged or self._waiting)

    def add(self, shard: ShardCounts) -> None:
        """Adds the examples of a shard.

        Raises:
            ValueError: It is of another task, other classes or another kind of score than those before; nothing of it
                was added.
        """
        for known in (*self._merged, *self._waiting[:1]):
            _check_alike(known, shard)
        self._waiting.append(shard)
        self._n_waiting += shard.n_rows
        if self._n_waiting > max(FEW_ROWS, *(known.n_rows for known in self._merged), 0):
            self._merge()

    def result(self) -> ShardCounts:
        """Returns the counts of all examples added so far; more may be added then.

        Raises:
            ValueError: No shard was added.
        """
        if self._waiting:
            self._merge()
        if not self:
            raise ValueError("expected at least one shard; received none")
        return self._merged[0]

    def _merge(self) -> None:
        self._merged = [_merged([*self._merged, *self._waiting])]
        self._waiting, self._n_waiting = [], 0


def _merged(shards: Sequence[ShardCounts]) -> ShardCounts:
    first, *others = shards
    for other in others:
        _check_alike(first, other)
    matrices = [shard.confusion for shard in shards if shard.confusion is not None]
    return replace(
        first,
        tables=tuple(map(CountTable.merged, zip(*(shard.tables for shard in shards), strict=True))),
        confusion=np.sum(matrices, axis=0) if matrices else None,
        reliability=Reliability.merged([shard.reliability for shard in shards]),
        n_examples=sum(shard.n_examples for shard in shards),
    )


def _check_alike(one: ShardCounts, other: ShardCounts) -> None:
    for name in ("task", "class_names", "from_logits", "weighted"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine != theirs:
            raise ValueError(f"expected all shards to have the same {name}; received {mine!r} and {theirs!r}")


def _present(value: T | None) -> list[T]:
    return [] if value is None else [value]


def _last(values: Sequence[T]) -> T | None:
    return values[-1] if values else None


def _read_tables(stored: Stored) -> list[CountTable]:
    ends = np.cumsum(stored["rows"])[:-1]
    tp, fp = (_wide(np.split(stored[key], ends)) for key in ("tp", "fp"))
    return [CountTable(*columns) for columns in zip(np.split(stored["thresholds"], ends), tp, fp, strict=True)]


def _read_bins(stored: Stored, names: Sequence[str]) -> list[Calibration]:
    examples, positives, score_sum, brier = (stored[f"bins_{name}"] for name in BIN_SUMS)
    columns = zip(names, examples, positives, score_sum, brier.tolist(), strict=False)  # none where uncalibrated
    return [Calibration(*column) for column in columns]


def _narrow(columns: Sequence[CountArray]) -> npt.NDArray[np.generic]:
    """Returns the counts of all classes: what each row adds, in the narrowest type; sums of weights as they are."""
    if columns[0].dtype.kind == "f":
        return np.concatenate(columns)
    steps = np.concatenate([np.diff(column, prepend=0) for column in columns])
    return steps.astype(np.min_scalar_type(steps.max(initial=0)))


def _wide(columns: Sequence[npt.NDArray[np.generic]]) -> list[CountArray]:
    """Returns the counts of each class from what `_narrow` made of them."""
    if columns[0].dtype.kind == "f":
        return [column.astype(np.float64, copy=False) for column in columns]
    return [np.cumsum(column, dtype=np.int64) for column in columns]
