"""CurveWriter: records from labels and scores, whatever made them."""

from __future__ import annotations

import operator
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex

from curveboard.estimators import answers, rows_of
from curveboard.events import EventWriter, epoch_scalars
from curveboard.measure import measure
from curveboard.record import Record, Task

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import numpy.typing as npt


class CurveWriter:
    """Writes curves, areas and confusion matrices into a log directory that TensorBoard shows.

    For scikit-learn, XGBoost, PyTorch or a file of predictions; a Keras model has `CurveLogger`.

    Records go to the run `<log_dir>/<split>`. Beside each, `epoch_roc_auc` and `epoch_average_precision` are written as
    ordinary scalars for the Time Series tab; for a head other than `"output"` they are named after it, as Keras does:
    `epoch_<head>_roc_auc`. Nothing is created before the first write.

    Args:
        log_dir: Local directory of the run.
        class_names: Names of the classes, the negative class first where there are two; `"0"`, `"1"`, ... by default.
        task: `"binary"`, `"multiclass"`, `"multilabel"`, or `"auto"` to decide from shapes and labels.
        from_logits: Whether scores are logits rather than probabilities.
        threshold: Decision threshold of the confusion matrix: a score, or a probability where `from_logits`.
        tolerance: Largest distance of a point left out from the stored curve, in the ROC and in the PR plane.

    Raises:
        NotADirectoryError: `log_dir`, or a directory above it, is a file.
        ValueError: `log_dir` is an address such as `gs://bucket/logs`.

    Examples:
        >>> import tempfile
        >>> from curveboard import CurveWriter, read_curves
        >>> log_dir = tempfile.mkdtemp()
        >>> with CurveWriter(log_dir, class_names=["ham", "spam"]) as writer:
        ...     record = writer.write(0, y_true=[0, 0, 1, 1], y_score=[0.1, 0.4, 0.35, 0.8])
        >>> record["spam"].roc_auc
        0.75
        >>> [record.run for record in read_curves(log_dir)]
        ['validation']
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        *,
        class_names: Sequence[str] | None = None,
        task: Task | Literal["auto"] = "auto",
        from_logits: bool = False,
        threshold: float = 0.5,
        tolerance: float = 1 / 256,
    ) -> None:
        self.log_dir = EventWriter(log_dir).run_dir
        self._class_names = class_names
        self._task: Task | Literal["auto"] = task
        self._from_logits = from_logits
        self._threshold = threshold
        self._tolerance = tolerance
        self._writers: dict[str, EventWriter] = {}

    def write(
        self,
        step: SupportsIndex,
        y_true: npt.ArrayLike,
        y_score: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        *,
        class_names: Sequence[str] | None = None,
        task: Task | Literal["auto"] | None = None,
        head: str = "output",
        split: str = "validation",
        wall_time: float | None = None,
    ) -> Record:
        """Measures labels and scores and writes the result at a step.

        Args:
            step: Epoch, or whatever counts the training's progress, from 0.
            y_true: Labels: `(n,)` 0 or 1, `(n,)` class indices or names, `(n, n_classes)` one-hot or multi-hot.
            y_score: Finite scores, higher meaning more likely: `(n,)`, or `(n, n_classes)`.
            sample_weight: `(n,)` weights from 0.
            class_names: As for the writer, whose names they replace.
            task: As for the writer, whose task it replaces.
            head: Name of the model's output.
            split: `"train"`, `"validation"`, or another name: the directory within `log_dir`.
            wall_time: Seconds since 1970; now by default.

        Returns:
            What was written, its `run` relative to `log_dir`.

        Raises:
            TypeError: `step` is not an integer.
            ValueError: An argument is not what it should be; nothing was written.
        """
        step = _checked_step(step)
        record = measure(
            y_true,
            y_score,
            task=self._task if task is None else task,
            class_names=self._class_names if class_names is None else class_names,
            sample_weight=sample_weight,
            threshold=self._threshold,
            tolerance=self._tolerance,
            from_logits=self._from_logits,
            split=_checked_name("split", split),
            head=_checked_name("head", head),
        )
        return self.write_record(step, record, wall_time=wall_time)

    def write_record(self, step: SupportsIndex, record: Record, *, wall_time: float | None = None) -> Record:
        """Writes what was measured elsewhere, such as `curveboard.sharded.ShardCounts.record`, at a step.

        Args:
            step: As for `write`.
            record: The record; its `split` names the directory, its `head` the model's output.
            wall_time: As for `write`.

        Returns:
            As `write`.

        Raises:
            TypeError: `step` is not an integer.
            ValueError: `step`, or the record's split or head, is not what it should be; nothing was written.
        """
        split = _checked_name("split", record.split)
        _checked_name("head", record.head)
        written = replace(
            record, run=split, step=_checked_step(step), wall_time=time.time() if wall_time is None else wall_time
        )
        if split not in self._writers:
            self._writers[split] = EventWriter(self.log_dir / split)
        self._writers[split].write(written, wall_time=written.wall_time, scalars=epoch_scalars(written))
        return written

    def write_estimator(
        self,
        step: SupportsIndex,
        estimator: Any,
        x: Any,
        y: Any,
        sample_weight: npt.ArrayLike | None = None,
        *,
        head: str = "output",
        split: str = "validation",
    ) -> Record:
        """Asks a fitted estimator of scikit-learn's kind, and writes what it answers at a step.

        It is asked for `predict_proba`, or else for its `decision_function`, whose threshold is 0 whatever the
        writer's. Its classes name those of the record, unless the writer was given names.

        Args:
            step: As for `write`.
            estimator: A classifier, or a pipeline or search that ends in one.
            x: Features, as the estimator takes them.
            y: Labels `(n,)` among the estimator's classes, or `(n, n_labels)` of 0 and 1.
            sample_weight: As for `write`.
            head: As for `write`.
            split: As for `write`.

        Returns:
            As `write`.

        Raises:
            TypeError: The estimator has neither method, or `step` is not an integer.
            ValueError: A label is not among the classes, or as from `write`.

        Examples:
            >>> import tempfile
            >>> from sklearn.linear_model import LogisticRegression
            >>> x, y = [[0], [1], [2], [3]], ["ham", "ham", "spam", "spam"]
            >>> with CurveWriter(tempfile.mkdtemp()) as writer:
            ...     record = writer.write_estimator(0, LogisticRegression().fit(x, y), x, y)
            >>> record["spam"].roc_auc
            1.0
        """
        found = answers(estimator, x, y)
        record = measure(
            found.y_true,
            found.y_score,
            task=found.task,
            class_names=found.class_names if self._class_names is None else self._class_names,
            sample_weight=sample_weight,
            threshold=self._threshold if found.threshold is None else found.threshold,
            tolerance=self._tolerance,
            split=_checked_name("split", split),
            head=_checked_name("head", head),
        )
        return self.write_record(step, record)

    def write_cv_results(
        self, results: Mapping[str, Any], x: Any, y: Any, *, step: SupportsIndex = 0, head: str = "output"
    ) -> list[Record]:
        """Writes the folds of a cross-validation, each as a run of its own: `<log_dir>/fold0/validation` and so on.

        Args:
            results: What `sklearn.model_selection.cross_validate` returned, called with `return_estimator=True` and
                `return_indices=True`.
            x: The features given to it.
            y: The labels given to it.
            step: As for `write`.
            head: As for `write`.

        Returns:
            The record of each fold, of the examples held out, its `run` relative to `log_dir`.

        Raises:
            ValueError: The estimators or the indices are not in the results, or as from `write_estimator`.

        Examples:
            >>> import numpy as np, tempfile
            >>> from sklearn.linear_model import LogisticRegression
            >>> from sklearn.model_selection import cross_validate
            >>> x, y = np.arange(20.0)[:, None], np.arange(20) > 9
            >>> results = cross_validate(LogisticRegression(), x, y, cv=2, return_estimator=True, return_indices=True)
            >>> with CurveWriter(tempfile.mkdtemp()) as writer:
            ...     [(record.run, record.roc_auc) for record in writer.write_cv_results(results, x, y)]
            [('fold0/validation', 1.0), ('fold1/validation', 1.0)]
        """
        missing = [name for name in ("estimator", "indices") if name not in results]
        if missing:
            raise ValueError(
                "expected results of cross_validate(..., return_estimator=True, return_indices=True); "
                f"received some without {' and '.join(map(repr, missing))}"
            )
        records = []
        for fold, (estimator, rows) in enumerate(zip(results["estimator"], results["indices"]["test"], strict=True)):
            with CurveWriter(
                self.log_dir / f"fold{fold}",
                class_names=self._class_names,
                threshold=self._threshold,
                tolerance=self._tolerance,
            ) as writer:
                record = writer.write_estimator(step, estimator, rows_of(x, rows), rows_of(y, rows), head=head)
            records.append(replace(record, run=f"fold{fold}/{record.run}"))
        return records

    def close(self) -> None:
        """Ends the event files; a later write begins others."""
        for writer in self._writers.values():
            writer.close()

    def __enter__(self) -> CurveWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checked_step(step: SupportsIndex) -> int:
    number = operator.index(step)
    if isinstance(step, bool) or not 0 <= number < 1 << 63:
        raise ValueError(f"expected step to be an integer from 0; received {step!r}")
    return number


def _checked_name(what: str, name: str) -> str:
    if not name or not name.isprintable() or name in (".", "..") or "/" in name or "\\" in name:
        raise ValueError(f"expected {what} to be a name that can be a directory's; received {name!r}")
    return name
