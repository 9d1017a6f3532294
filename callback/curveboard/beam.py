"""Predictions at any scale into records, with Apache Beam: `pip install 'curveboard[beam]'`.

`CombineCurves` counts predictions where they lie and merges the counts, so that no machine ever holds all predictions;
`WriteCurves` writes the records where TensorBoard finds them. Importing this module imports Beam.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.record import Record, Task
from curveboard.sharded import ShardCounts, ShardMerger
from curveboard.writer import CurveWriter

if TYPE_CHECKING:
    import os

try:
    import apache_beam as beam
except ImportError as error:
    raise ImportError(f"expected Apache Beam (pip install 'curveboard[beam]'); received {error}") from error

Example: TypeAlias = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None]  # y_true, y_score, sample_weight
Key: TypeAlias = tuple[str, str, int]  # run, head, step

EXAMPLES = 4096  # counted at once where they come one by one


@dataclass
class Accumulator:
    """Examples that are not counted yet, and the counts of the others."""

    examples: list[Example] = field(default_factory=list)
    shards: ShardMerger = field(default_factory=ShardMerger)


class CombineCurves(beam.CombineFn):  # type: ignore[misc]  # Beam's types are not checked here
    """Combines labels and scores into one record, as `CurveWriter.write` measures them, exactly.

    For `beam.CombinePerKey`, or `beam.CombineGlobally(...).without_defaults()`: without examples there is no record.
    Elements are `(y_true, y_score)` or `(y_true, y_score, sample_weight)`, or dicts with these keys and any others. An
    element is one example, or a batch of examples with one dimension more: for a binary task a number or an array
    `(n,)` or `(n, 2)` as `y_score`, for others `(n_classes,)` or `(n, n_classes)`. Batches are faster.

    What travels between machines is `ShardCounts`: some 6 bytes for each class and distinct float32 score. One worker
    makes the record of a key from all of them, which takes some 80 bytes each; round scores where that is too much.

    Args:
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        class_names: As for `CurveWriter`.
        from_logits: As for `CurveWriter`.
        threshold: As for `CurveWriter`.
        tolerance: As for `CurveWriter`.
        split: `"train"`, `"validation"` or another name.

    Raises:
        ValueError: An element is not that, or its values are not as expected.

    Examples:
        >>> import apache_beam as beam
        >>> predictions = [("forest", (0, 0.1)), ("forest", (0, 0.4)), ("forest", (1, 0.35)), ("forest", (1, 0.8))]
        >>> with beam.Pipeline("FnApiRunner") as pipeline:
        ...     _ = (
        ...         pipeline
        ...         | beam.Create(predictions)
        ...         | beam.CombinePerKey(CombineCurves(task="binary"))
        ...         | beam.MapTuple(lambda run, record: print(run, record.roc_auc))
        ...     )
        forest 0.75
    """

    def __init__(
        self,
        *,
        task: Task,
        class_names: Sequence[str] | None = None,
        from_logits: bool = False,
        threshold: float = 0.5,
        tolerance: float = 1 / 256,
        split: str = "validation",
    ) -> None:
        self._n_dimensions = 0 if task == "binary" else 1  # of one example's y_score
        self._counting: dict[str, Any] = {"task": task, "class_names": class_names, "from_logits": from_logits}
        self._record: dict[str, Any] = {"threshold": threshold, "tolerance": tolerance, "split": split}

    def create_accumulator(self) -> Accumulator:
        """Returns nothing counted."""
        return Accumulator()

    def add_input(self, accumulator: Accumulator, element: object) -> Accumulator:
        """Adds one example, or a batch."""
        example = y_true, y_score, sample_weight = _example_of(element)
        if np.ndim(y_score) > self._n_dimensions:
            if np.size(y_score):
                accumulator.shards.add(ShardCounts.of(y_true, y_score, sample_weight, **self._counting))
            return accumulator
        accumulator.examples.append(example)
        if len(accumulator.examples) >= EXAMPLES:
            self._count(accumulator)
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Accumulator]) -> Accumulator:
        """Merges the counts of several bundles of elements."""
        merged = Accumulator()
        for accumulator in accumulators:
            self._count(accumulator)
            if accumulator.shards:
                merged.shards.add(accumulator.shards.result())
        return merged

    def compact(self, accumulator: Accumulator) -> Accumulator:
        """Counts and merges what waits; Beam asks for it before it sends an accumulator."""
        self._count(accumulator)
        if accumulator.shards:
            accumulator.shards.result()
        return accumulator

    def extract_output(self, accumulator: Accumulator) -> Record:
        """Returns the record of all examples."""
        self._count(accumulator)
        if not accumulator.shards:
            raise ValueError("expected examples, or beam.CombineGlobally(...).without_defaults(); received none")
        return accumulator.shards.result().record(**self._record)

    def _count(self, accumulator: Accumulator) -> None:
        """Counts the examples that came one by one."""
        if accumulator.examples:
            y_true, y_score, weights = zip(*accumulator.examples, strict=True)
            sample_weight = None if all(weight is None for weight in weights) else weights
            accumulator.shards.add(ShardCounts.of(y_true, y_score, sample_weight, **self._counting))
            accumulator.examples = []


class WriteCurves(beam.PTransform):  # type: ignore[misc]
    """Writes keyed records into event files that TensorBoard shows, each run by one worker, in the order of steps.

    Takes `((run, head, step), record)` and yields the directories written, as strings. A run's record of split
    `"validation"` goes to `<log_dir>/<run>/validation`, with the scalars that `CurveWriter` writes beside it. A bundle
    that Beam tries again writes the run again, and readers take what was written last.

    Args:
        log_dir: A directory that every worker can write to.

    Raises:
        ValueError: A key is not `(run, head, step)`, or a run is not a directory within `log_dir`.

    Examples:
        >>> import tempfile
        >>> import apache_beam as beam
        >>> from curveboard import read_curves
        >>> predictions = [(("forest", "output", step), ([0, 1, 1], [0.2, 0.9, 0.4])) for step in range(2)]
        >>> log_dir = tempfile.mkdtemp()
        >>> with beam.Pipeline("FnApiRunner") as pipeline:
        ...     counted = pipeline | beam.Create(predictions) | beam.CombinePerKey(CombineCurves(task="binary"))
        ...     _ = counted | WriteCurves(log_dir)
        >>> [(record.run, record.step, record.roc_auc) for record in read_curves(log_dir)]
        [('forest/validation', 0, 1.0), ('forest/validation', 1, 1.0)]
    """

    def __init__(self, log_dir: str | os.PathLike[str]) -> None:
        super().__init__()
        self._log_dir = CurveWriter(log_dir).log_dir

    def expand(self, records: beam.PCollection) -> beam.PCollection:
        """Groups the records by run, and writes each run."""
        return records | beam.Map(_by_run) | beam.GroupByKey() | beam.Map(_write_run, self._log_dir)


def _example_of(element: object) -> Example:
    if isinstance(element, Mapping) and {"y_true", "y_score"} <= element.keys():
        return element["y_true"], element["y_score"], element.get("sample_weight")
    if isinstance(element, tuple) and len(element) in (2, 3):
        y_true, y_score, *weight = element
        return y_true, y_score, weight[0] if weight else None
    raise ValueError(
        "expected (y_true, y_score), (y_true, y_score, sample_weight) or a dict with these keys; "
        f"received {reprlib.repr(element)}"
    )


def _by_run(element: tuple[Key, Record]) -> tuple[str, Record]:
    """Puts head and step into the record, which leaves the run as the key."""
    key, record = element
    if not (isinstance(key, tuple) and len(key) == 3 and isinstance(key[0], str)):
        raise ValueError(f"expected keys (run, head, step); received {reprlib.repr(key)}")
    run, head, step = key
    if PurePath(run).is_absolute() or ".." in PurePath(run).parts:
        raise ValueError(f"expected a run within the log directory; received {run!r}")
    return run, replace(record, head=head, step=step)


def _write_run(element: tuple[str, Iterable[Record]], log_dir: Path) -> str:
    run, records = element
    with CurveWriter(log_dir / run) as writer:
        for record in sorted(records, key=lambda record: (record.step, record.head)):
            writer.write_record(record.step, record)
    return str(writer.log_dir)
