"""From scores to a record: outcomes checked, classes measured, averaged, and put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from curveboard.calibration import Block, Calibration, CalibrationSums, calibrate
from curveboard.classes import Measured, measure_columns, measure_keys
from curveboard.keys import signed_keys
from curveboard.logits import ROWS, log_odds, probabilities
from curveboard.macro import macro_of
from curveboard.outcomes import (
    BoolArray,
    Outcomes,
    check_outcomes,
    check_threshold,
    check_tolerance,
    warn_undefined,
)
from curveboard.record import CountArray, Curve, FloatArray, Record, Task
from curveboard.reliability import Reliability
from curveboard.simplify import Rows, choose


def measure(
    y_true: npt.ArrayLike,
    y_score: npt.ArrayLike,
    *,
    task: Task | Literal["auto"] = "auto",
    class_names: Sequence[str] | None = None,
    sample_weight: npt.ArrayLike | None = None,
    threshold: float = 0.5,
    tolerance: float = 1 / 256,
    from_logits: bool = False,
    split: str = "validation",
    head: str = "output",
) -> Record:
    """Measures one head at one step.

    Args:
        y_true: Labels, as `check_outcomes` takes them.
        y_score: Scores of the same examples, likewise.
        task: `"binary"`, `"multiclass"`, `"multilabel"` or `"auto"`.
        class_names: Unique names in the order of the columns (binary: negative, positive); `"0"`, `"1"`, ... if None.
        sample_weight: `(n,)` weights, or None. Counts are then sums of weights, and standard errors NaN.
        threshold: From which score an example is predicted positive, in the confusion matrix; a probability where
            `from_logits`. Compared in the precision of the scores, as NumPy compares an array with a Python number.
        tolerance: Largest distance of a vertex left out of the stored curves; see `curveboard.simplify`.
        from_logits: Whether scores are logits. They are ranked as they are, so that confident ones, which a float32
            sigmoid rounds to 1, stay distinct; a multiclass head ranks class c by its log-odds
            `z_c - logsumexp(z of the other classes)`. Thresholds are then log-odds.
        split: Name of the data.
        head: Name of the model's output.

    Returns:
        The record. Areas are those of scikit-learn; without positives average precision is NaN, not 0.

    Raises:
        ValueError: The outcomes, the threshold or the tolerance are not as expected.

    Warns:
        UndefinedCurveWarning: A class has no positive or no negative example.

    Example:
        >>> record = measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> record.roc_auc, record.confusion.tolist()
        (0.75, [[2, 0], [1, 1]])
    """
    limit = check_threshold(threshold, from_logits)
    check_tolerance(tolerance)
    outcomes = check_outcomes(
        y_true, y_score, task=task, class_names=class_names, sample_weight=sample_weight, from_logits=from_logits
    )
    positive, score = columns_of(outcomes)
    if outcomes.sample_weight is None and score.dtype == np.float32 and score.min() >= 0:
        signed = np.abs(score)  # of -0.0, too, which would read as a positive
        np.negative(signed, out=signed, where=positive)
        measured = measure_keys(signed_keys(signed), limit, tolerance)
    else:
        measured = measure_columns(positive, score, outcomes.sample_weight, limit, tolerance)
    record = _record(outcomes, measured, threshold=limit, tolerance=tolerance, split=split, head=head)
    return Reliability.of(outcomes, score, calibrate_columns(outcomes, positive)).added_to(record)


def measure_signed(
    signed: npt.NDArray[np.float32],
    *,
    task: Task,
    class_names: Sequence[str] | None = None,
    threshold: float = 0.5,
    tolerance: float = 1 / 256,
    sample_weight: npt.ArrayLike | None = None,
    split: str = "validation",
    head: str = "output",
) -> Record:
    """Measures scores that carry their label in the sign bit, as the Keras callback collects them on the device.

    Args:
        signed: `(n, n_columns)` float32, `+score` for negatives and `-score` for positives, scores >= 0. A binary head
            has one column. In each row of a multiclass head exactly one sign bit is set, that of the true class.
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        class_names: As in `measure`.
        threshold: As in `measure`.
        tolerance: As in `measure`.
        sample_weight: As in `measure`.
        split: As in `measure`.
        head: As in `measure`.

    Returns:
        The record, equal to that of `measure` on the same labels and scores.

    Raises:
        ValueError: A score is not finite, a row of a multiclass head has no or several true classes, or anything that
            `measure` would refuse.

    Warns:
        UndefinedCurveWarning: A class has no positive or no negative example.

    Example:
        >>> measure_signed(np.array([[0.1], [0.4], [-0.35], [-0.8]], np.float32), task="binary").roc_auc
        0.75
    """
    limit = check_threshold(threshold, from_logits=False)
    check_tolerance(tolerance)
    if signed.dtype != np.float32 or signed.ndim != 2:
        raise ValueError(f"expected float32 of shape (n, n_columns); received {signed.dtype} of shape {signed.shape}")
    if task == "binary" and signed.shape[1] != 1:
        raise ValueError(f"expected one column for a binary head; received shape {signed.shape}")
    positive = np.signbit(signed)
    # Multi-label confusion is counted from keys: there, scores are checked as they are, and no copy is made.
    score = signed if task == "multilabel" and sample_weight is None else np.abs(signed)
    y_true = positive.astype(np.uint8) if task == "multiclass" else positive
    outcomes = check_outcomes(y_true, score, task=task, class_names=class_names, sample_weight=sample_weight)
    if outcomes.sample_weight is None:
        measured = measure_keys(signed_keys(signed), limit, tolerance)
    else:
        measured = measure_columns(positive, score, outcomes.sample_weight, limit, tolerance)
    record = _record(outcomes, measured, threshold=limit, tolerance=tolerance, split=split, head=head)
    sums = CalibrationSums(signed.shape[1])
    sums.add(signed, outcomes.sample_weight)
    return Reliability.of(outcomes, score, sums.result(_names(outcomes))).added_to(record)


def columns_of(outcomes: Outcomes) -> tuple[BoolArray, FloatArray]:
    """Returns whether each example belongs to each column's class, and the score that ranks it, `(n, n_columns)` each.

    Binary outcomes have one column.
    """
    if outcomes.task != "multiclass":
        score = outcomes.y_score.reshape(len(outcomes.y_score), -1)
        return outcomes.y_true.astype(bool).reshape(score.shape), score
    score = log_odds(outcomes.y_score) if outcomes.from_logits else outcomes.y_score
    return np.equal(outcomes.y_true[:, np.newaxis], np.arange(score.shape[1])), score


def calibrate_columns(outcomes: Outcomes, positive: BoolArray) -> tuple[Calibration, ...]:
    """Returns the calibration of each column, given what `columns_of` says of them."""
    return calibrate(_names(outcomes), _probabilities(outcomes, positive))


def argmax_confusion(outcomes: Outcomes) -> CountArray:
    """Returns the confusion matrix of a multiclass head, predicted by the highest score; ties go to the lower index."""
    n_classes = outcomes.y_score.shape[1]
    cell = outcomes.y_true * n_classes + outcomes.predicted
    return np.bincount(cell, outcomes.sample_weight, minlength=n_classes**2).reshape(n_classes, n_classes)


def assemble(
    measured: Sequence[Measured],
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
    """Puts a record together.

    Args:
        measured: Each class of `class_names` (binary: the positive one only), and then all pooled unless binary.
        task: As in the record, like all that follows.
        class_names: Names of all classes.
        n_examples: Number of examples.
        confusion: The matrix of a multiclass head; None for others, whose cells were measured.
        threshold: In units of the score.
        tolerance: That the classes were measured with.
        from_logits: Whether scores are logits.
        split: Name of the data.
        head: Name of the model's output.
    """
    names = class_names if task != "binary" else class_names[1:]
    classes = measured[: len(names)]
    rows = choose([each.table for each in measured], tolerance)
    curves = [_curve(name, each, kept) for name, each, kept in zip([*names, "micro"], measured, rows, strict=False)]
    return Record(
        task=task,
        class_names=class_names,
        curves=tuple(curves[: len(names)]),
        micro=None if task == "binary" else curves[-1],
        macro=None if task == "binary" else macro_of(classes, tolerance),
        confusion=_cells(classes) if confusion is None else confusion,
        n_examples=n_examples,
        threshold=threshold,
        tolerance=tolerance,
        from_logits=from_logits,
        split=split,
        head=head,
    )


def lacking(record: Record) -> tuple[list[str], list[str]]:
    """Returns the names of classes without positives, and of those without negatives."""
    without_positives = [curve.name for curve in record.curves if not curve.positives]
    return without_positives, [curve.name for curve in record.curves if not curve.negatives]


def _record(
    outcomes: Outcomes, measured: list[Measured], *, threshold: float, tolerance: float, split: str, head: str
) -> Record:
    """Puts the record together, and warns of areas that are not defined."""
    record = assemble(
        measured,
        task=outcomes.task,
        class_names=outcomes.class_names,
        n_examples=len(outcomes.y_score),
        confusion=argmax_confusion(outcomes) if outcomes.task == "multiclass" else None,
        threshold=threshold,
        tolerance=tolerance,
        from_logits=outcomes.from_logits,
        split=split,
        head=head,
    )
    warn_undefined(*lacking(record), stacklevel=3)
    return record


def _curve(name: str, measured: Measured, rows: Rows) -> Curve:
    table = measured.table
    return Curve(
        name=name,
        thresholds=table.thresholds[rows],
        tp=table.tp[rows],
        fp=table.fp[rows],
        positives=table.positives,
        negatives=table.negatives,
        roc_auc=measured.roc_auc,
        average_precision=measured.average_precision,
        roc_auc_se=measured.roc_auc_se,
    )


def _cells(classes: Sequence[Measured]) -> CountArray:
    """Returns the matrix of a binary head, or one for each label: rows true, columns predicted."""
    cells = np.array([each.cells for each in classes]).reshape(-1, 2, 2)
    return cells[0] if len(cells) == 1 else cells


def _names(outcomes: Outcomes) -> tuple[str, ...]:
    """Returns the names of the classes that have a column."""
    return outcomes.class_names if outcomes.task != "binary" else outcomes.class_names[1:]


def _probabilities(outcomes: Outcomes, positive: BoolArray) -> Iterator[Block]:
    """Yields labels, probabilities and weights of some examples at a time; scores but logits are as they are."""
    score, weight = outcomes.y_score.reshape(positive.shape), outcomes.sample_weight
    for start in range(0, len(score), ROWS):
        rows = slice(start, start + ROWS)
        part = probabilities(score[rows], outcomes.task == "multiclass") if outcomes.from_logits else score[rows]
        yield positive[rows], part, None if weight is None else weight[rows]
