"""Scores of any number in constant memory: counted batch after batch, measured whenever asked for.

Batches wait until there are many scores, which costs some tens of nanoseconds each to sort and to count, whatever the
size of the batches. The areas of the record are estimates with bounds that hold; all of its counts are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.certified import CertifiedAreas
from curveboard.classes import Measured
from curveboard.confidence import count_top_k
from curveboard.measure import assemble, lacking
from curveboard.outcomes import (
    Outcomes,
    check_class_names,
    check_each_weight,
    check_finite,
    check_outcomes,
    check_threshold,
    check_tolerance,
    warn_undefined,
)
from curveboard.record import TASKS, Bounds, CountArray, Curve, MacroCurve, Record, Task
from curveboard.simplify import candidates
from curveboard.stream_batch import Batch
from curveboard.stream_counts import StreamCounts
from curveboard.summary import MIN_BINS, N_BINS, ScoreSummary

Values: TypeAlias = npt.NDArray[Any]  # as users have them

WAITING = 1 << 22  # scores that wait to be counted: 20 MiB of float32 with their labels
MIN_ROWS, MAX_ROWS = 1 << 14, 1 << 18  # examples that do, whatever the number of columns


class StreamingScores:
    """Labelled scores of one head, counted as they come, in memory that does not grow with their number.

    Each class has a `ScoreSummary`, and all classes pooled have one, of 36 bytes a bin: 150 kB a class. Up to 4 million
    scores wait to be counted, or 16384 examples where there are more than 256 classes.

    Args:
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        class_names: Unique names in the order of the columns (binary: negative, positive); `"0"`, `"1"`, ... if None.
        threshold: From which score an example is predicted positive; a probability where `from_logits`.
        from_logits: Whether scores are logits. Those of a multiclass head are ranked by log-odds, as `measure` does.
        n_bins: Bins of each summary, from 64. Twice as many make the bounds about half as wide.

    Attributes:
        n_examples: Number of examples added, those of weight 0 included.

    Raises:
        ValueError: An argument is not as expected.

    Examples:
        >>> scores = StreamingScores(task="binary")
        >>> rng = np.random.default_rng(0)
        >>> for _ in range(100):
        ...     y_true = rng.random(1000) < 0.3
        ...     scores.add(rng.normal(y_true), y_true)
        >>> curve = scores.record().curves[0]
        >>> low, high = curve.roc_auc_bounds
        >>> low < curve.roc_auc < high, high - low < 1e-3
        (True, True)
    """

    def __init__(
        self,
        *,
        task: Task,
        class_names: Sequence[str] | None = None,
        threshold: float = 0.5,
        from_logits: bool = False,
        n_bins: int = N_BINS,
    ) -> None:
        if task not in TASKS:
            raise ValueError(f"expected task to be {', '.join(map(repr, TASKS))}; received {task!r}")
        if n_bins < MIN_BINS:
            raise ValueError(f"expected n_bins of at least {MIN_BINS}; received {n_bins}")
        self.n_examples = 0
        self._task: Task = task
        self._names = None if class_names is None else check_class_names(class_names)
        self._threshold = check_threshold(threshold, from_logits)
        self._from_logits = from_logits
        self._n_bins = n_bins
        self._waiting: list[Batch] = []
        self._counts: StreamCounts | None = None

    def add(
        self, values: npt.ArrayLike, labels: npt.ArrayLike | None = None, sample_weight: npt.ArrayLike | None = None
    ) -> None:
        """Counts more examples, at least one; any number of them, in any order.

        Args:
            values: Without labels, `(n, n_columns)` float32 scores with the label in the sign bit, as `measure_signed`
                takes them: what `curveboard.collect` collects. With labels, as `measure` takes them.
            labels: As `measure` takes them, or None where the signs have them. Logits need them.
            sample_weight: `(n,)` weights from 0, given for all batches or for none.

        Raises:
            ValueError: What was given is not that, or unlike what came before. Nothing of it is counted then; but where
                a label is wrong, of very many examples those long before may have been.
        """
        score = np.asarray(values)
        label = None if labels is None else np.asarray(labels)
        weight = None if sample_weight is None else np.asarray(sample_weight)
        n_columns = score.shape[1] if score.ndim > 1 else 1
        n_rows = min(max(WAITING // (n_columns or 1), MIN_ROWS), MAX_ROWS)
        parts: list[Any] = [...]
        if score.shape[:1] > (n_rows,) and all(a is None or a.shape[:1] == score.shape[:1] for a in (label, weight)):
            check_finite(score)
            parts = [slice(start, start + n_rows) for start in range(0, len(score), n_rows)]
        for part in parts:
            self._add(
                score[part],
                None if label is None else label[part],
                None if weight is None else weight[part],
                n_rows,
            )

    def merge(self, other: StreamingScores) -> None:
        """Counts what another has counted, of the same head; the other's counts stay as they are.

        Raises:
            ValueError: The other is of another task, threshold, classes or kind of score, or only one has weights.
        """
        other._count()
        if other._counts is None:
            return
        names = self._names or other._names
        _check_same("scores of the same head and options", (names, *self._options()), (other._names, *other._options()))
        counts = self._counts or StreamCounts(other._counts.kind, self._task, self._from_logits, self._n_bins)
        _check_same("scores of (columns, dtype, weighted)", counts.kind, other._counts.kind)
        self._count()
        counts.merge(other._counts)
        self._names, self._counts = names, counts
        self.n_examples += other.n_examples

    def record(self, *, tolerance: float = 1 / 256, split: str = "validation", head: str = "output") -> Record:
        """Measures what was counted so far.

        Args:
            tolerance: As `measure`, of the vertices between bins.
            split: As `measure`.
            head: As `measure`.

        Returns:
            The record. Counts, at thresholds and in the confusion matrix, are exact. Areas are estimates between their
            bounds, `Curve.roc_auc_bounds` and `Curve.average_precision_bounds`, or exact where there are none.

        Raises:
            ValueError: There is no example, all weights are 0, or the tolerance is not as expected.

        Warns:
            UndefinedCurveWarning: A class has no positive or no negative example.
        """
        check_tolerance(tolerance)
        self._count()
        if self._counts is None or not self._counts.summaries[0].n_scores:
            raise ValueError(f"expected examples of a sample_weight above 0; received {self.n_examples} of weight 0")
        record = measure_summaries(
            self._counts.summaries,
            self._counts.predicted,
            task=self._task,
            class_names=self._names or (),
            n_examples=self.n_examples,
            confusion=self._counts.confusion,
            threshold=self._threshold,
            tolerance=tolerance,
            from_logits=self._from_logits,
            split=split,
            head=head,
        )
        warn_undefined(*lacking(record), stacklevel=2)
        return self._counts.reliability.added_to(record)

    @property
    def nbytes(self) -> int:
        """Bytes held by what was counted and by what waits."""
        counted = self._counts.nbytes if self._counts else 0
        return counted + sum(batch.nbytes for batch in self._waiting)

    def _add(self, values: Values, labels: Values | None, sample_weight: Values | None, n_rows: int) -> None:
        """Has so many rows at most wait, and counts others before them where they would be more together."""
        outcomes = self._checked(values, labels)
        outcomes = replace(outcomes, sample_weight=check_each_weight(sample_weight, len(outcomes.y_score)))
        batch = Batch.of(outcomes)
        if self._counts is None:
            self._names = outcomes.class_names
            self._counts = StreamCounts(batch.kind, self._task, self._from_logits, self._n_bins)
        _check_same("batches of (columns, dtype, weighted)", self._counts.kind, batch.kind)
        self.n_examples += len(batch)
        if self._task == "multiclass":
            self._counts.reliability.add_top_k(count_top_k(outcomes))
        if batch.weight is not None and not batch.weight.all():
            batch = batch.take(batch.weight > 0)
        if sum(map(len, self._waiting)) + len(batch) > n_rows:
            self._count()
        self._waiting.append(batch)

    def _checked(self, values: Values, labels: Values | None) -> Outcomes:
        """Checks a batch on its own."""
        if labels is None:
            signed = values
            n_columns = signed.shape[1] if signed.ndim == 2 else 0
            if signed.dtype != np.float32 or not n_columns or (self._task == "binary" and n_columns > 1):
                shape = "(n, 1)" if self._task == "binary" else "(n, n_columns)"
                raise ValueError(
                    f"expected signed scores, float32 of shape {shape}; received {signed.dtype} of shape {signed.shape}"
                )
            if self._from_logits:
                raise ValueError("expected labels beside logits, whose signs are their own; received none")
            labels, values = np.signbit(signed), np.abs(signed)
        # To check names costs more than a small batch: it is done once, and for labels that are names.
        needless = self._counts is not None and labels.dtype.kind in "biuf"
        return check_outcomes(
            labels,
            values,
            task=self._task,
            class_names=None if needless else self._names,
            from_logits=self._from_logits,
        )

    def _count(self) -> None:
        """Counts what waits."""
        if self._counts is not None and self._waiting:
            batch = Batch.joined(self._waiting)
            self._waiting = []
            self._counts.add(batch, self._threshold)

    def _options(self) -> tuple[object, ...]:
        return self._task, self._threshold, self._from_logits, self._n_bins


def measure_summaries(
    summaries: Sequence[ScoreSummary],
    predicted: CountArray,
    *,
    task: Task,
    class_names: tuple[str, ...],
    n_examples: int,
    confusion: CountArray | None,
    threshold: float,
    tolerance: float,
    from_logits: bool,
    split: str,
    head: str,
) -> Record:
    """Puts the record of summarized scores together.

    Args:
        summaries: Of each class of `class_names` (binary: of the positive one only), and then of all pooled unless
            binary.
        predicted: `(n_classes, 2)` positives and negatives of each class at or above the threshold.
        task: As in the record, like all that follows.
        class_names: Names of all classes.
        n_examples: Number of examples.
        confusion: The matrix of a multiclass head; None for others.
        threshold: In units of the score.
        tolerance: Largest distance of a vertex left out of the stored curves.
        from_logits: Whether scores are logits.
        split: Name of the data.
        head: Name of the model's output.
    """
    areas = [summary.areas() for summary in summaries]
    decided = [*predicted.tolist(), predicted.sum(axis=0).tolist()]
    measured = [_measured(*each, tolerance) for each in zip(summaries, areas, decided, strict=False)]
    record = assemble(
        measured,
        task=task,
        class_names=class_names,
        n_examples=n_examples,
        confusion=confusion,
        threshold=threshold,
        tolerance=tolerance,
        from_logits=from_logits,
        split=split,
        head=head,
    )
    return replace(
        record,
        curves=tuple(map(_bounded, record.curves, areas)),
        micro=record.micro and _bounded(record.micro, areas[-1]),
        macro=record.macro and _macro_bounded(record.macro, areas[: len(record.curves)]),
    )


def _measured(summary: ScoreSummary, areas: CertifiedAreas, decided: tuple[float, float], tolerance: float) -> Measured:
    """Returns a class as the exact ways of counting do, with the rows between its bins for its scores."""
    table, (tp, fp) = summary.table(), decided
    positives, negatives = table.positives, table.negatives
    return Measured(
        table=table.take(candidates(table, tolerance, positives, negatives)),
        roc_auc=areas.roc_auc,
        average_precision=areas.average_precision,
        roc_auc_se=areas.roc_auc_se,
        cells=(negatives - fp, fp, positives - tp, tp),
    )


def _bounded(curve: Curve, areas: CertifiedAreas) -> Curve:
    return replace(curve, roc_auc_bounds=areas.roc_auc_bounds, average_precision_bounds=areas.average_precision_bounds)


def _macro_bounded(macro: MacroCurve, classes: Sequence[CertifiedAreas]) -> MacroCurve:
    roc_auc = [(each.roc_auc, each.roc_auc_bounds) for each in classes]
    average_precision = [(each.average_precision, each.average_precision_bounds) for each in classes]
    return replace(
        macro, roc_auc_bounds=_mean_bounds(roc_auc), average_precision_bounds=_mean_bounds(average_precision)
    )


def _mean_bounds(classes: Sequence[tuple[float, Bounds | None]]) -> Bounds | None:
    """Returns the means of lower and of upper bounds, over the classes whose area is defined; None if all are exact."""
    if all(bounds is None for _, bounds in classes):
        return None
    low, high = np.mean([bounds or (area, area) for area, bounds in classes if not np.isnan(area)], axis=0).tolist()
    return low, high


def _check_same(what: str, expected: object, received: object) -> None:
    if received != expected:
        raise ValueError(f"expected {what} {expected}; received {received}")
