"""From scores to a record: every class counted, its areas computed from all scores, its curve reduced to few points.

Two ways lead to the same numbers. Non-negative float32 scores without weights, which is what models put out, carry
their label in the sign bit and are counted by sorting integers (`counts.signed_keys`); anything else is counted class
by class from its own order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt

from curveboard.counts import CountTable, Rises
from curveboard.curves import AreaSums, macro_precision_recall, macro_roc
from curveboard.keys import (
    KeyArray,
    blocks_of,
    count_positives,
    count_predicted,
    scores_of,
    signed_keys,
    sorted_pieces,
)
from curveboard.outcomes import (
    BoolArray,
    Outcomes,
    check_outcomes,
    check_threshold,
    check_tolerance,
    warn_undefined,
)
from curveboard.record import CountArray, Curve, FloatArray, MacroCurve, Record, Task
from curveboard.rises import rises_of
from curveboard.simplify import Rows, candidates, choose, simplify_line

ROWS = 4096  # examples whose log-odds are computed together: temporaries of a few megabytes at most
LINE_SHARE = 0.75  # of the tolerance left to macro curves: candidates and the places of the mean spend an eighth each


Cells = tuple[float, float, float, float]  # tn, fp, fn, tp


@dataclass(frozen=True, eq=False)
class _Measured:
    """One class, or all pooled: the candidate rows of its curve, and what was computed from all rows.

    `cells` are `(tn, fp, fn, tp)` at the decision threshold.
    """

    table: CountTable
    roc_auc: float
    average_precision: float
    roc_auc_se: float
    cells: Cells


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
    score = log_odds(outcomes.y_score) if from_logits and outcomes.task == "multiclass" else outcomes.y_score
    score = score.reshape(len(score), -1)
    positive = _is_positive(outcomes, score.shape)
    if outcomes.sample_weight is None and score.dtype == np.float32 and score.min() >= 0:
        signed = np.abs(score)  # of -0.0, too, which would read as a positive
        np.negative(signed, out=signed, where=positive)
        measured = _measure_keys(signed_keys(signed), limit, tolerance)
    else:
        measured = _measure_columns(positive, score, outcomes.sample_weight, limit, tolerance)
    return _record(outcomes, measured, threshold=limit, tolerance=tolerance, split=split, head=head)


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
        measured = _measure_keys(signed_keys(signed), limit, tolerance)
    else:
        measured = _measure_columns(positive, score, outcomes.sample_weight, limit, tolerance)
    return _record(outcomes, measured, threshold=limit, tolerance=tolerance, split=split, head=head)


def log_odds(logits: FloatArray) -> FloatArray:
    """Returns the log-odds of each class under softmax: its logit minus the log-sum-exp of the others.

    The sum over the others is that over all minus one's own term, which cancels for the largest; the sum over the
    others of the largest is therefore taken on its own. Ranking by log-odds is ranking by probability, without the ties
    that rounding to 0 and 1 makes.

    Args:
        logits: `(n, n_classes)` float32 or float64, two classes at least.

    Returns:
        `(n, n_classes)` of the same dtype, computed in float64.
    """
    result = np.empty_like(logits)
    for start in range(0, len(logits), ROWS):
        z = logits[start : start + ROWS].astype(np.float64)
        row, top = np.arange(len(z)), z.argmax(axis=1)
        largest = z[row, top][:, np.newaxis]
        shares = np.exp(z - largest)
        others = shares.sum(axis=1, keepdims=True) - shares
        others[row, top] = 1.0
        odds = z - largest - np.log(others)
        rest = z.copy()
        rest[row, top] = -np.inf
        second = rest.max(axis=1)
        odds[row, top] = largest[:, 0] - second - np.log(np.exp(rest - second[:, np.newaxis]).sum(axis=1))
        result[start : start + ROWS] = odds
    return result


def _is_positive(outcomes: Outcomes, shape: tuple[int, ...]) -> BoolArray:
    """Returns `(n, n_columns)`: whether the example belongs to the column's class."""
    if outcomes.task == "multiclass":
        return np.equal(outcomes.y_true[:, np.newaxis], np.arange(shape[1]))
    return outcomes.y_true.astype(bool).reshape(shape)


def _measure_keys(keys: KeyArray, threshold: float, tolerance: float) -> list[_Measured]:
    """Measures each class from its keys, which are sorted in place, and then all pooled if there are several."""
    measured = []
    classes = [sorted_pieces(row) for row in keys]
    for pieces in classes:
        predicted = [piece[: count_predicted(piece, threshold)] for piece in pieces]
        (tp, fp), (positives, negatives) = _count_labels(predicted), _count_labels(pieces)
        measured.append(_measure_pieces(pieces, (negatives - fp, fp, positives - tp, tp), tolerance))
    if len(classes) > 1:
        measured.append(_measure_pieces([*chain.from_iterable(classes)], _sum_cells(measured), tolerance))
    return measured


def _count_labels(pieces: Sequence[KeyArray]) -> tuple[int, int]:
    """Counts positives and negatives."""
    positives = sum(count_positives(piece) for piece in pieces)
    return positives, sum(map(len, pieces)) - positives


def _measure_pieces(pieces: Sequence[KeyArray], cells: Cells, tolerance: float) -> _Measured:
    lowest = scores_of(max(piece[-1:] for piece in pieces))[0]
    return _measure_rises(rises_of(blocks_of(pieces)), cells, lowest, tolerance)


def _measure_columns(
    positive: BoolArray, score: FloatArray, weight: FloatArray | None, threshold: float, tolerance: float
) -> list[_Measured]:
    """Measures each column, and then all pooled if there are several."""
    measured = []
    for labels, scores in zip(positive.T, score.T, strict=True):
        table = CountTable.from_scores(labels, scores, weight)
        measured.append(_measure_table(table, table.confusion_at(threshold), tolerance))
    if len(measured) > 1:
        weights = None if weight is None else np.repeat(weight, score.shape[1])
        pooled = CountTable.from_scores(positive.ravel(), score.ravel(), weights)
        measured.append(_measure_table(pooled, _sum_cells(measured), tolerance))
    return measured


def _measure_table(table: CountTable, cells: Cells, tolerance: float) -> _Measured:
    rises = [table.rises()] if table.positives else []
    return _measure_rises(rises, cells, table.thresholds[-1], tolerance)


def _measure_rises(pieces: Iterable[Rises], cells: Cells, lowest: np.floating, tolerance: float) -> _Measured:
    """Computes the areas from all rises, and keeps the candidate rows only, and the last: all from the lowest score."""
    tn, fp, fn, tp = cells
    sums = AreaSums(tp + fn, tn + fp)
    kept = []
    for piece in pieces:
        sums.add(piece)
        table = piece.table()
        kept.append(table.take(candidates(table, tolerance, tp + fn, tn + fp)))
    kept.append(CountTable(np.array([lowest]), np.array([tp + fn]), np.array([tn + fp])))
    return _Measured(CountTable.joined(kept), sums.roc_auc, sums.average_precision, sums.roc_auc_se, cells)


def _sum_cells(measured: Sequence[_Measured]) -> Cells:
    tn, fp, fn, tp = (sum(column) for column in zip(*(each.cells for each in measured), strict=True))
    return tn, fp, fn, tp


def _record(
    outcomes: Outcomes, measured: list[_Measured], *, threshold: float, tolerance: float, split: str, head: str
) -> Record:
    """Puts the record together, and warns of areas that are not defined."""
    names = outcomes.class_names if outcomes.task != "binary" else outcomes.class_names[1:]
    rows = choose([each.table for each in measured], tolerance)
    curves = [_curve(name, each, kept) for name, each, kept in zip([*names, "micro"], measured, rows, strict=False)]
    classes = measured[: len(names)]
    warn_undefined(
        [name for name, each in zip(names, classes, strict=True) if not each.table.positives],
        [name for name, each in zip(names, classes, strict=True) if not each.table.negatives],
        stacklevel=3,
    )
    return Record(
        task=outcomes.task,
        class_names=outcomes.class_names,
        curves=tuple(curves[: len(names)]),
        micro=None if outcomes.task == "binary" else curves[-1],
        macro=None if outcomes.task == "binary" else _macro(classes, tolerance),
        confusion=_confusion(outcomes, classes),
        n_examples=len(outcomes.y_score),
        threshold=threshold,
        tolerance=tolerance,
        from_logits=outcomes.from_logits,
        split=split,
        head=head,
    )


def _curve(name: str, measured: _Measured, rows: Rows) -> Curve:
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


def _macro(classes: Sequence[_Measured], tolerance: float) -> MacroCurve:
    """Averages the classes whose areas are defined."""
    with_roc = [each for each in classes if not np.isnan(each.roc_auc)]
    with_pr = [each for each in classes if not np.isnan(each.average_precision)]
    fpr, tpr = _macro_roc([each.table for each in with_roc], tolerance)
    recall, precision = _macro_precision_recall([each.table for each in with_pr], tolerance)
    return MacroCurve(
        fpr=fpr.astype(np.float32),
        tpr=tpr.astype(np.float32),
        recall=recall.astype(np.float32),
        precision=precision.astype(np.float32),
        roc_auc=float(np.mean([each.roc_auc for each in with_roc])) if with_roc else np.nan,
        average_precision=float(np.mean([each.average_precision for each in with_pr])) if with_pr else np.nan,
    )


def _macro_roc(tables: Sequence[CountTable], tolerance: float) -> tuple[FloatArray, FloatArray]:
    """Returns the mean ROC curve, `(fpr, tpr)` from (0, 0) to (1, 1).

    It is taken at steps of an eighth of the tolerance: between two of them the mean, which never decreases, stays
    within their rectangle, and so within an eighth of the tolerance of the line that joins them.
    """
    if not tables:
        return np.empty(0), np.empty(0)
    steps = np.linspace(0.0, 1.0, int(np.ceil(8 / tolerance)) + 1)
    fpr, tpr = np.append(0.0, steps), np.append(0.0, macro_roc(tables, steps))
    rows = simplify_line(fpr, tpr, LINE_SHARE * tolerance)
    return fpr[rows], tpr[rows]


def _macro_precision_recall(tables: Sequence[CountTable], tolerance: float) -> tuple[FloatArray, FloatArray]:
    """Returns the mean PR curve, `(recall, precision)`, recall from 0 to 1.

    Along a stretch of recall a class' precision rises by `(1 - p) / (tp + fp)` a positive, `p (1 - p) / recall` times
    the stretch in all, and falls by as much more than between its ends. The mean is therefore taken at steps that grow
    with recall, of a quarter of the tolerance times it: what happens between two of them is within a sixteenth of the
    tolerance of their range. Below `tolerance`, where recall is exempt (`curveboard.simplify`), steps are even.
    """
    if not tables:
        return np.empty(0), np.empty(0)
    even = np.linspace(0.0, tolerance, 8, endpoint=False)
    n_steps = int(np.ceil(np.log(1 / tolerance) * 4 / tolerance))
    recall = np.append(even, np.geomspace(tolerance, 1.0, n_steps + 1))
    precision = macro_precision_recall(tables, recall)
    rows = simplify_line(recall, precision, LINE_SHARE * tolerance)
    return recall[rows], precision[rows]


def _confusion(outcomes: Outcomes, classes: Sequence[_Measured]) -> CountArray:
    """Returns the matrix, or one for each label: rows true, columns predicted."""
    if outcomes.task != "multiclass":
        cells = np.array([each.cells for each in classes]).reshape(-1, 2, 2)
        return cells[0] if outcomes.task == "binary" else cells
    n_classes = outcomes.y_score.shape[1]
    cell = outcomes.y_true * n_classes + outcomes.y_score.argmax(axis=1)
    return np.bincount(cell, outcomes.sample_weight, minlength=n_classes**2).reshape(n_classes, n_classes)
