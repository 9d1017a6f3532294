"""`CurveLogger`, the Keras callback: decides when to collect and measure; others know how."""

from __future__ import annotations

import re
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import keras

from curveboard.collect import MEMORY_LIMIT, OwnPass, Reading, Ride, Taken, running_fit
from curveboard.split_log import HeadOptions, SplitLog
from curveboard.tasks import check_task, reading_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from curveboard.record import Task


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
        train_data: What the curves of the run `<log_dir>/train` are of: data as `validation_data`, or `"pass"` for the
            training batches as they go, at no extra forward pass: outputs in training mode (dropout and the like), of
            weights that change from batch to batch. None writes no train curves. Values are in the logs without `val_`.
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
        memory_limit: Bytes of scores (four each) that are kept during a pass, such as `2**30`, `"1GiB"` or `"500 MB"`.
            Above it they are counted as they come, in constant memory, with a warning: counts stay exact, areas have
            bounds that hold, mostly less than 0.001 apart.
        verbose: 1 prints once what `task="auto"` has decided, which is also logged at level INFO, and shows a progress
            bar for each pass over data given here.

    Raises:
        ValueError: From `fit`, naming epoch and head, before anything is written: scores that are NaN, infinite or
            negative, labels outside the task, shapes that are not a classifier's; at the first epoch if there
            is no validation data. From the constructor for arguments out of range.
        NotADirectoryError: `log_dir`, or a folder above it, is a file. A disk that refuses what is written later is one
            warning: training goes on.

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
        train_data: Any = None,
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
        memory_limit: int | str = MEMORY_LIMIT,
        verbose: int = 0,
    ) -> None:
        super().__init__()
        check_task(task)
        _check_options(freq, threshold, tolerance)
        self._rides_training = isinstance(train_data, str)
        if self._rides_training and train_data != "pass":
            raise ValueError(f"expected train_data to be data or 'pass'; received {train_data!r}")
        passes = (None if self._rides_training else train_data, validation_data)
        self._training_pass, self._validation_pass = (
            None if data is None else OwnPass(data, batch_size=batch_size, steps=steps) for data in passes
        )
        self._options = HeadOptions(task, class_names, from_logits, {"threshold": threshold, "tolerance": tolerance})
        self._validation = SplitLog(log_dir, "validation", self._options, verbose=verbose)
        self._training = SplitLog(log_dir, "train", self._options, verbose=verbose)
        self._ignore_class = ignore_class
        self._memory_limit = _bytes_of(memory_limit)
        self._freq = freq
        self._verbose = verbose
        self._ride: Ride | None = None
        self._epoch: int | None = None
        self._values: dict[str, float] = {}
        self._reading: Reading = Reading()
        self._validated = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Comes aboard the passes of this `fit`."""
        self._epoch, self._validated = None, False
        self._reading = reading_of(
            self.model,
            self._options.task,
            from_logits=self._options.from_logits,
            ignore_class=self._ignore_class,
            memory_limit=self._memory_limit,
        )
        tasks: dict[str, Task] = {}
        for split in (self._validation, self._training):
            split.begin(self.model, tasks)
        is_aboard = self._validation_pass is None or self._rides_training
        self._ride = Ride.on(self.model) if is_aboard else None

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Notes the epoch, which the hooks of the validation pass are not told; collects its training batches."""
        self._epoch, self._values = epoch, {}
        for split in (self._validation, self._training):
            split.begin_epoch(epoch)
        if self._rides_training and self._ride is not None and self._is_due(epoch):
            self._ride.board_training(self._reading, self._measure_training, self._training.open_stream)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Collects from the validation pass that begins, if this epoch is to be measured."""
        if self._validation_pass is not None or self._ride is None or self._epoch is None:
            return  # our own pass serves, or this is an `evaluate` outside of `fit`
        self._validated = True
        if self._is_due(self._epoch):
            self._ride.board(self._reading, self._measure_validation, self._validation.open_stream)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measures what did not come aboard a validation pass, and puts the values into Keras' logs."""
        if self._is_due(epoch):
            if self._rides_training and self._ride is not None:
                self._ride.end_training()
            for own_pass, measure, split in (
                (self._training_pass, self._measure_training, self._training),
                (self._validation_pass, self._measure_validation, self._validation),
            ):
                if own_pass is not None:
                    if self._verbose:
                        print(f"\nCurveLogger: {split.name} data")  # on lines of their own, below training's bar
                    run = partial(own_pass.run, verbose=self._verbose, open_stream=split.open_stream)
                    measure(run(self.model, self._reading))
        self._expect_validation()
        if logs is not None:
            for name, value in self._values.items():
                logs.setdefault(name, value)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Gives the model back and closes the files."""
        if self._ride is not None:
            self._ride.leave()
        if not self._has_validated():
            warnings.warn("CurveLogger has written nothing: no epoch had a validation pass", stacklevel=2)
        for split in (self._validation, self._training):
            split.close()
        self._ride, self._epoch = None, None

    def _is_due(self, epoch: int) -> bool:
        return (epoch + 1) % self._freq == 0

    def _measure_validation(self, scores: Taken) -> dict[str, float]:
        values = self._validation.write(scores)
        self._values.update({f"val_{name}": value for name, value in values.items()})
        return values

    def _measure_training(self, scores: Taken) -> dict[str, float]:
        values = self._training.write(scores)
        self._values.update(values)
        return values

    def _has_validated(self) -> bool:
        """Whether validation was measured, or something else is."""
        return self._validated or any((self._validation_pass, self._training_pass, self._rides_training))

    def _expect_validation(self) -> None:
        """Lets a mistake surface after the first epoch: in a later one a validation pass might follow."""
        fit = running_fit(self.model)
        if not self._has_validated() and fit is not None and not fit.validates:
            raise ValueError(
                "expected validation data: pass validation_data= to fit, or to CurveLogger; received neither"
            )


def _check_options(freq: int, threshold: float, tolerance: float) -> None:
    """Checks the options that are not data."""
    if not isinstance(freq, int) or freq < 1:
        raise ValueError(f"expected freq to be a positive integer; received {freq!r}")
    if not 0 <= threshold <= 1:
        raise ValueError(f"expected threshold to be a probability; received {threshold!r}")
    if not 0 < tolerance < 1:
        raise ValueError(f"expected tolerance between 0 and 1; received {tolerance!r}")


def _bytes_of(size: int | str) -> int:
    """Reads a number of bytes, with or without a unit."""
    units = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
    parts = re.fullmatch(r"([0-9.]+)\s*([A-Za-z]*)", str(size).strip())
    if parts is None or parts[2].upper() not in units or parts[1].count(".") > 1 or float(parts[1]) <= 0:
        raise ValueError(f"expected memory_limit in bytes, or such as '1GiB'; received {size!r}")
    return int(float(parts[1]) * units[parts[2].upper()])
