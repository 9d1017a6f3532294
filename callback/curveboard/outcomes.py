"""What a model was asked and what it answered, checked before anything is counted.

Every complaint says what was expected and ends with what came; where it is about values, with their number and the
index of the first.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from curveboard.record import TASKS, FloatArray, Task

BoolArray = npt.NDArray[np.bool_]
LabelArray = npt.NDArray[np.int64] | BoolArray
ValueArray = npt.NDArray[np.number] | BoolArray


class UndefinedCurveWarning(UserWarning):
    """A class has no positive or no negative example, so that its curves or areas are not defined."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Checked labels and scores of one head.

    Attributes:
        task: What the scores decide.
        class_names: Names of all classes, unique; two for binary, the negative class first.
        y_true: `(n,)` bool (binary), `(n,)` class index, int64 (multiclass), or `(n, n_classes)` bool (multilabel).
        y_score: `(n,)` (binary) or `(n, n_classes)` scores, float32 or float64, finite; logits of a multiclass head are
            kept as they are.
        sample_weight: `(n,)` float64 weights >= 0, not all 0; or None.
        from_logits: Whether scores are logits.
    """

    task: Task
    class_names: tuple[str, ...]
    y_true: LabelArray
    y_score: FloatArray
    sample_weight: FloatArray | None
    from_logits: bool

    @cached_property
    def predicted(self) -> npt.NDArray[np.intp]:
        """`(n,)` class with the highest score of each example of a multiclass head; ties go to the lower index."""
        return np.asarray(self.y_score.argmax(axis=1))


def check_outcomes(
    y_true: npt.ArrayLike,
    y_score: npt.ArrayLike,
    *,
    task: Task | Literal["auto"] = "auto",
    class_names: Sequence[str] | None = None,
    sample_weight: npt.ArrayLike | None = None,
    from_logits: bool = False,
) -> Outcomes:
    """Checks labels and scores, and decides the task.

    Args:
        y_true: Binary: `(n,)` or `(n, 1)` of 0/1 or bool, or one-hot `(n, 2)`. Multiclass: `(n,)` or `(n, 1)` integers
            from 0, or one-hot `(n, n_classes)`. Multilabel: `(n, n_classes)` of 0/1. Strings are looked up in
            `class_names`.
        y_score: Binary: `(n,)`, `(n, 1)`, or `(n, 2)` with the positive class in column 1 (of two logits, their
            difference is taken). Otherwise `(n, n_classes)`. Any finite numbers; float64 stays float64, narrower floats
            are widened to float32.
        task: `"binary"`, `"multiclass"`, `"multilabel"`, or `"auto"`: one score is binary, and so are two columns where
            every example has exactly one class; more columns are then multiclass. Otherwise it is multilabel.
        class_names: Unique names in the order of the columns (binary: negative, positive). `"0"`, `"1"`, ... if None.
        sample_weight: `(n,)` or `(n, 1)` weights >= 0.
        from_logits: Whether the scores are logits (log-odds; multiclass: before softmax).

    Returns:
        The checked outcomes.

    Raises:
        ValueError: What was given is not that.

    Example:
        >>> check_outcomes(["cat", "dog"], [0.2, 0.9], class_names=["cat", "dog"]).y_true
        array([False,  True])
    """
    score = _check_score(y_score)
    true = _squeezed(_array(y_true, "y_true"))
    if len(true) != len(score):
        raise ValueError(f"expected one label per score; received {len(true)} labels and {len(score)} scores")
    if true.ndim not in (1, 2):
        raise ValueError(f"expected y_true of 1 or 2 dimensions; received shape {true.shape}")
    names = None if class_names is None else check_class_names(class_names)
    if true.dtype.kind in "UTO":
        true = _index_names(true, names)
    if true.dtype.kind not in "biuf":
        raise ValueError(f"expected labels that are integers, bool or strings; received {true.dtype}")
    kind = _check_task(task, true, score)
    n_classes = 2 if score.ndim == 1 else score.shape[1]
    names = names or tuple(str(index) for index in range(n_classes))
    if len(names) != n_classes:
        raise ValueError(f"expected {n_classes} class_names for y_score of shape {score.shape}; received {len(names)}")
    if kind == "binary" and score.ndim == 2:
        score = score[:, 1] - score[:, 0] if from_logits else score[:, 1]
    labels = {"binary": _check_binary, "multiclass": _check_multiclass, "multilabel": _check_multilabel}[kind]
    return Outcomes(kind, names, labels(true, n_classes), score, check_weight(sample_weight, len(score)), from_logits)


def check_class_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """Returns the names as a tuple; raises a ValueError if they are not unique strings."""
    if isinstance(class_names, str) or not all(isinstance(name, str) for name in class_names):
        raise ValueError(f"expected class_names to be a sequence of strings; received {class_names!r}")
    names = tuple(str(name) for name in class_names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"expected unique class_names; received {', '.join(map(repr, twice))} more than once")
    return names


def check_weight(sample_weight: npt.ArrayLike | None, n: int) -> FloatArray | None:
    """Returns `(n,)` float64 weights, or None; raises a ValueError if one is negative or not finite, or all are 0."""
    weights = check_each_weight(sample_weight, n)
    if weights is not None and not weights.any():
        raise ValueError(f"expected a sample_weight above 0; received {n} zeros")
    return weights


def check_each_weight(sample_weight: npt.ArrayLike | None, n: int) -> FloatArray | None:
    """As `check_weight`, for a part of the examples, in which all weights may be 0."""
    if sample_weight is None:
        return None
    weight = _squeezed(_array(sample_weight, "sample_weight"))
    if weight.shape != (n,) or weight.dtype.kind not in "biuf":
        raise ValueError(f"expected {n} numbers as sample_weight; received {weight.dtype} of shape {weight.shape}")
    weights: FloatArray = weight.astype(np.float64)
    _complain(weights, ~(np.isfinite(weights) & (weights >= 0)), "sample_weight finite and not negative")
    return weights


def check_finite(scores: FloatArray) -> None:
    """Raises a ValueError if a score is NaN or infinite."""
    finite = np.isfinite(scores)
    if not finite.all():
        _complain(scores, ~finite, "finite scores")


def check_threshold(threshold: float, from_logits: bool) -> float:
    """Returns the threshold in units of the score: the log-odds of a probability for logits."""
    if from_logits:
        if not 0 < threshold < 1:
            raise ValueError(f"expected a probability between 0 and 1 as threshold for logits; received {threshold}")
        return float(np.log(threshold) - np.log1p(-threshold))
    if not np.isfinite(threshold):
        raise ValueError(f"expected a finite threshold; received {threshold}")
    return float(threshold)


def check_tolerance(tolerance: float) -> float:
    """Returns the tolerance; raises a ValueError unless it is a distance between rates."""
    if not 0 < tolerance < 1:
        raise ValueError(f"expected a tolerance between 0 and 1; received {tolerance}")
    return float(tolerance)


def warn_undefined(without_positives: Sequence[str], without_negatives: Sequence[str], stacklevel: int) -> None:
    """Warns, once for all classes, of those whose areas are not defined."""
    lost = []
    if without_positives:
        lost.append(f"ROC-AUC and average precision for classes without a positive: {', '.join(without_positives)}")
    if without_negatives:
        lost.append(f"ROC-AUC for classes without a negative: {', '.join(without_negatives)}")
    if lost:
        message = f"NaN, and left out of macro averages, is {'; '.join(lost)}"
        warnings.warn(message, UndefinedCurveWarning, stacklevel=stacklevel + 1)


def _array(values: npt.ArrayLike, name: str) -> ValueArray:
    """Returns an array that holds something."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"expected {name} to be an array; received a {type(values).__name__}: {error}") from error
    if array.ndim == 0 or not array.size:
        raise ValueError(f"expected {name} to hold at least one example; received shape {array.shape}")
    return array


def _squeezed(array: ValueArray) -> ValueArray:
    """Returns `(n, 1)` as `(n,)`."""
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _check_score(y_score: npt.ArrayLike) -> FloatArray:
    """Returns `(n,)` or `(n, n_classes)` float32 or float64."""
    score = _squeezed(_array(y_score, "y_score"))
    if score.ndim not in (1, 2):
        raise ValueError(f"expected y_score of 1 or 2 dimensions; received shape {score.shape}")
    narrow = score.dtype in (np.float16, np.float32) or score.dtype.name == "bfloat16"
    if not narrow and score.dtype.kind not in "biuf":
        raise ValueError(f"expected numbers as y_score; received {score.dtype}")
    floats: FloatArray = score.astype(np.float32 if narrow else np.float64, copy=False)
    check_finite(floats)
    return floats


def _check_task(task: str, true: ValueArray, score: FloatArray) -> Task:
    """Returns the task, decided if it is to be, and true to the shape of the scores."""
    n_columns = 1 if score.ndim == 1 else score.shape[1]
    if task == "auto":
        single = true.ndim == 1 or bool((np.count_nonzero(true, axis=1) == 1).all())
        if n_columns == 1 or (n_columns == 2 and single):
            return "binary"
        return "multiclass" if single else "multilabel"
    kind = next((known for known in TASKS if known == task), None)
    if kind is None:
        raise ValueError(f"expected task to be 'auto', {', '.join(map(repr, TASKS))}; received {task!r}")
    if (n_columns > 2) if kind == "binary" else (n_columns < 2):
        expected = "(n,), (n, 1) or (n, 2)" if kind == "binary" else "(n, n_classes)"
        raise ValueError(f"expected y_score of shape {expected} for a {kind} task; received {score.shape}")
    return kind


def _index_names(true: ValueArray, names: tuple[str, ...] | None) -> ValueArray:
    """Returns the index of each name in `class_names`."""
    if names is None:
        raise ValueError(
            f"expected class_names with labels that are strings; received y_true[0] = {true.ravel().tolist()[0]!r}"
        )
    index = {name: position for position, name in enumerate(names)}
    labels = map(str, true.ravel().tolist())
    found: LabelArray = np.array([index.get(label, -1) for label in labels]).reshape(true.shape)
    _complain(true, found < 0, f"labels among the class_names {', '.join(map(repr, names))}")
    return found


def _check_binary(true: ValueArray, n_classes: int) -> BoolArray:
    """Returns `(n,)` bool."""
    if true.ndim == 2:
        true = _check_multiclass(true, n_classes)
    _complain(true, (true != 0) & (true != 1), "hard labels 0 or 1 for a binary task")
    return true.astype(bool)


def _check_multiclass(true: ValueArray, n_classes: int) -> LabelArray:
    """Returns `(n,)` class indices."""
    if true.ndim == 2:
        onehot = _check_multilabel(true, n_classes)
        several = np.count_nonzero(onehot, axis=1)
        _complain(several, several != 1, "exactly one class in each row of y_true")
        return np.asarray(onehot.argmax(axis=1), np.int64)
    known = (true >= 0) & (true < n_classes) & (true == np.trunc(true))
    _complain(true, ~known, f"hard labels, whole numbers from 0 to {n_classes - 1}")
    return true.astype(np.int64)


def _check_multilabel(true: ValueArray, n_classes: int) -> BoolArray:
    """Returns `(n, n_classes)` bool."""
    if true.ndim != 2 or true.shape[1] != n_classes:
        raise ValueError(f"expected y_true of shape ({len(true)}, {n_classes}), as the scores; received {true.shape}")
    if true.dtype != bool:
        _complain(true, (true != 0) & (true != 1), "hard labels 0 or 1 in each column of y_true")
    return true.astype(bool, copy=False)


def _complain(values: ValueArray, bad: BoolArray, expected: str) -> None:
    """Raises a ValueError if any value is bad."""
    if bad.any():
        first = tuple(int(index[0]) for index in np.nonzero(bad))
        at = first[0] if len(first) == 1 else first
        raise ValueError(
            f"expected {expected}; received {np.count_nonzero(bad)} that are not, the first {values[first]} at {at}"
        )
