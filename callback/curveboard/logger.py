"""`CurveLogger`, the Keras callback: decides when to collect and measure; others know how."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import keras

from curveboard.collect import SINGLE, Collector, OwnPass, Reading, Ride, Scores, fit_validates
from curveboard.events import EventWriter, epoch_scalars
from curveboard.finish import finish
from curveboard.record import Task
from curveboard.tasks import asked_task, check_task, decide_task, reading_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

_LOG = logging.getLogger(__name__)
_SPLIT = "validation"


class CurveLogger(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
    """Writes ROC and PR curves, their areas and the confusion matrix of a classifier to TensorBoard, every epoch.

    Without `validation_data` the validation pass of `fit` is used as it runs: no example is predicted twice, and the
    values are among the pass' own, so the order of callbacks does not matter. With `validation_data` a forward pass
    over it follows each epoch; then list `CurveLogger` before callbacks that monitor its values.

    Keras' logs receive `val_roc_auc` and `val_average_precision` (macro averages where there are several classes) in
    epochs that were measured, unless a metric has the name already. The same values are written as scalars
    `epoch_roc_auc` and `epoch_average_precision`. Where the model has several outputs, each is measured, under its
    name: `val_<output>_roc_auc`, `epoch_<output>_roc_auc`; an output trained by a regression loss is left out.

    Outputs of one decision per pixel or time step, `(batch, h, w)` or `(batch, h, w, classes)`, are counted decision
    by decision. Decisions that Keras masks do not count.

    Args:
        log_dir: Folder as given to `keras.callbacks.TensorBoard`; records go to `<log_dir>/validation`, one step per
            epoch, from 0.
        validation_data: None to use `fit`'s validation; else `(x, y)`, `(x, y, sample_weight)`, a `tf.data.Dataset`, a
            `keras.utils.PyDataset`, a PyTorch `DataLoader`, or a generator of such batches, whose first `steps` batches
            are kept and measured every time.
        class_names: Names of the classes; a binary model has two, the negative class first. A dict by output name
            where there are several outputs.
        task: `"binary"`, `"multiclass"`, `"multilabel"`, or `"auto"` to decide from output, loss and labels. A dict by
            output name where there are several; None leaves an output out.
        from_logits: Whether the model's outputs are logits; a dict by output name for some of several. They are ranked
            themselves: a float32 sigmoid would round confident ones to ties.
        ignore_class: Label of decisions that do not count, such as 255 for pixels without a class; or None.
        freq: Measure every `freq`-th epoch, counted as `validation_freq` is.
        batch_size: Batch size for arrays in `validation_data`; None is 128.
        steps: Number of batches of `validation_data`; None takes all.
        threshold: Probability from which an example counts as predicted positive, in the confusion matrix.
        tolerance: Largest distance of any point of the full curve from the stored one.
        verbose: 1 prints once what `task="auto"` has decided; it is also logged at level INFO.

    Raises:
        ValueError: From `fit`, naming epoch and head, before anything is written: scores that are NaN, infinite or
            negative, labels outside the task, shapes that are not a classifier's; at the first epoch if there
            is no validation data. From the constructor for arguments out of range.

    Example:
        >>> import numpy as np
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
        >>> model.compile(loss="binary_crossentropy")
        >>> x, y = np.eye(2, dtype="float32"), np.array([0, 1])
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as log_dir:
        ...     history = model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[CurveLogger(log_dir)])
        >>> history.history["val_roc_auc"] in ([0.0], [0.5], [1.0])
        True
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        validation_data: Any = None,
        *,
        class_names: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
        task: Task | str | Mapping[str, str | None] = "auto",
        from_logits: bool | Mapping[str, bool] = False,
        ignore_class: int | None = None,
        freq: int = 1,
        batch_size: int | None = None,
        steps: int | None = None,
        threshold: float = 0.5,
        tolerance: float = 1 / 256,
        verbose: int = 0,
    ) -> None:
        super().__init__()
        check_task(task)
        _check_options(freq, threshold, tolerance)
        self._run_dir = Path(log_dir) / _SPLIT
        self._own_pass = None
        if validation_data is not None:
            self._own_pass = OwnPass(validation_data, batch_size=batch_size, steps=steps)
        self._asked_task = task
        self._class_names = class_names
        self._from_logits = from_logits
        self._ignore_class = ignore_class
        self._freq = freq
        self._verbose = verbose
        self._options: dict[str, Any] = {
            "threshold": threshold,
            "tolerance": tolerance,
            "split": _SPLIT,
        }
        self._writer: EventWriter | None = None
        self._ride: Ride | None = None
        self._collector: Collector | None = None
        self._epoch: int | None = None
        self._values: dict[str, float] = {}
        self._reading: Reading = Reading()
        self._tasks: dict[str, Task] = {}
        self._validated = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Comes aboard the validation passes of this `fit`."""
        self._epoch, self._tasks, self._validated = None, {}, False
        self._reading = reading_of(
            self.model, self._asked_task, from_logits=self._from_logits, ignore_class=self._ignore_class
        )
        self._ride = Ride.on(self.model) if self._own_pass is None else None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the epoch, which the hooks of the validation pass are not told."""
        self._epoch, self._values, self._collector = epoch, {}, None

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Collects from the validation pass that begins, if this epoch is to be measured."""
        if self._ride is None or self._epoch is None:  # our own pass serves, or this is an `evaluate` outside of `fit`
            return
        self._validated = True
        if self._is_due(self._epoch):
            self._collector = self._ride.board(self._reading)

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Measures what the validation pass has collected."""
        if self._ride is None or self._epoch is None or self._collector is None:
            return
        self._values = self._measure(self._collector.take(), self._epoch)
        self._ride.report(self._values)
        self._collector = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Runs our own pass if there is one, and puts the values into Keras' logs."""
        if self._own_pass is not None:
            if self._is_due(epoch):
                self._values = self._measure(self._own_pass.run(self.model, self._reading), epoch)
        elif not self._validated and fit_validates(self.model) is False:
            raise ValueError(
                "expected validation data: pass validation_data= to fit, or to CurveLogger; received neither"
            )
        if logs is not None:
            for name, value in self._values.items():
                logs.setdefault(f"val_{name}", value)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Gives the model back and closes the file."""
        if self._ride is not None:
            self._ride.leave()
            if not self._validated:
                warnings.warn("CurveLogger has written nothing: no epoch had a validation pass", stacklevel=2)
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._ride, self._epoch = None, None

    def _is_due(self, epoch: int) -> bool:
        return (epoch + 1) % self._freq == 0

    def _measure(self, scores: dict[str, Scores], epoch: int) -> dict[str, float]:
        """Measures one pass, writes the record of each head and returns the values for the logs."""
        records = []
        for head, collected in scores.items():
            if head not in self._tasks:
                self._tasks[head] = self._settle_task(collected, head)
            try:
                records.append(finish(collected, task=self._tasks[head], head=head, **self._options_of(head)))
            except ValueError as error:
                raise ValueError(f"CurveLogger, epoch {epoch}, head {head!r}: {error}") from error
        if self._writer is None:
            self._writer = EventWriter(self._run_dir)
        values = {}
        for record in records:  # only now: if one head's data is wrong, none is written
            self._writer.write(record, step=epoch, scalars=epoch_scalars(record))
            prefix = "" if record.head == SINGLE else f"{record.head}_"
            values[f"{prefix}roc_auc"] = record.roc_auc
            values[f"{prefix}average_precision"] = record.average_precision
        return values

    def _options_of(self, head: str) -> dict[str, Any]:
        class_names, from_logits = (
            option.get(head) if isinstance(option, dict) else option
            for option in (self._class_names, self._from_logits)
        )
        return {**self._options, "class_names": class_names, "from_logits": bool(from_logits)}

    def _settle_task(self, scores: Scores, head: str) -> Task:
        """Takes the task the user named, or decides, and says so."""
        asked = asked_task(self._asked_task, head)
        if asked != "auto":
            return cast("Task", asked)
        task, reason = decide_task(scores, self.model, head)
        named = "" if head == SINGLE else f"head {head!r}: "
        message = f"CurveLogger: {named}task={task!r} ({reason})"
        _LOG.info(message)
        if self._verbose:
            print(message)
        return task


def _check_options(freq: int, threshold: float, tolerance: float) -> None:
    """Checks the options that are not data."""
    if not isinstance(freq, int) or freq < 1:
        raise ValueError(f"expected freq to be a positive integer; received {freq!r}")
    if not 0 <= threshold <= 1:
        raise ValueError(f"expected threshold to be a probability; received {threshold!r}")
    if not 0 < tolerance < 1:
        raise ValueError(f"expected tolerance between 0 and 1; received {tolerance!r}")
