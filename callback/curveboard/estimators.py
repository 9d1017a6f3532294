"""What an estimator of scikit-learn, or one that behaves as such, says of examples: scores, classes and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from curveboard.record import Task

DECISION = 0.0  # of decision functions: scikit-learn's classifiers decide by the sign


@dataclass(frozen=True, eq=False)
class Answers:
    """Labels and scores as `measure` takes them.

    Attributes:
        y_true: `(n,)` indices into `class_names`, or `(n, n_labels)` 0 or 1.
        y_score: `(n,)` or `(n, n_classes)`.
        class_names: The estimator's classes, as text; None for labels, which have no names.
        threshold: From which score the estimator says yes; None for probabilities.
        task: `"multilabel"` for labels, else `"auto"`.
    """

    y_true: npt.NDArray[Any]
    y_score: npt.NDArray[Any]
    class_names: tuple[str, ...] | None
    threshold: float | None
    task: Task | Literal["auto"]


def answers(estimator: Any, x: Any, y: Any) -> Answers:
    """Asks an estimator.

    Args:
        estimator: A fitted classifier, or pipeline or search that ends in one, with `classes_` and `predict_proba` or
            `decision_function`, the former being preferred.
        x: Features, in whatever form the estimator takes.
        y: Labels: `(n,)`, each one of `classes_`, or `(n, n_labels)` of 0 and 1.

    Returns:
        Labels and scores.

    Raises:
        TypeError: The estimator has neither method.
        ValueError: A label is none of the classes.

    Examples:
        >>> from sklearn.dummy import DummyClassifier
        >>> x, y = [[0], [0], [0]], ["dog", "cat", "dog"]
        >>> found = answers(DummyClassifier(strategy="prior").fit(x, y), x, y)
        >>> found.class_names, found.y_true.tolist(), found.y_score[0].round(2).tolist()
        (('cat', 'dog'), [1, 0, 1], [0.33, 0.67])
    """
    method = next((name for name in ("predict_proba", "decision_function") if hasattr(estimator, name)), None)
    if method is None:
        raise TypeError(
            f"expected a classifier with predict_proba or decision_function; received {type(estimator).__name__}"
        )
    score = getattr(estimator, method)(x)
    threshold = None if method == "predict_proba" else DECISION
    true = np.asarray(y)
    if true.ndim == 2 and true.shape[1] > 1:
        if isinstance(score, list):  # one array of probabilities for each label, as forests give
            score = np.column_stack([_yes(part, known) for part, known in zip(score, estimator.classes_, strict=True)])
        return Answers(true, np.asarray(score), None, threshold, "multilabel")
    classes = np.asarray(estimator.classes_)
    return Answers(_indices(true.ravel(), classes), np.asarray(score), tuple(map(str, classes)), threshold, "auto")


def rows_of(data: Any, index: Any) -> Any:
    """Returns some rows of a table, an array, a sparse matrix or a list.

    Examples:
        >>> rows_of(["a", "b", "c"], np.array([2, 0]))
        ['c', 'a']
    """
    if hasattr(data, "iloc"):  # pandas
        return data.iloc[index]
    return [data[row] for row in index] if isinstance(data, (list, tuple)) else data[index]


def _indices(labels: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Returns the index of each label among the classes, which are sorted."""
    found = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    unknown = classes[found] != labels
    if unknown.any():
        raise ValueError(
            f"expected labels among the estimator's classes {', '.join(map(repr, classes.tolist()))}; "
            f"received {np.count_nonzero(unknown)} that are not, the first {labels[unknown].tolist()[0]!r}"
        )
    return found.astype(np.int64)


def _yes(probabilities: npt.NDArray[Any], classes: Sequence[Any]) -> npt.NDArray[Any]:
    """Returns the probability of a label; an estimator that saw it in all examples, or in none, has one column."""
    columns = np.flatnonzero(np.asarray(classes) == 1)
    return probabilities[:, columns[0]] if len(columns) else np.zeros(len(probabilities))
