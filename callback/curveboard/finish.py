"""From what a pass has collected to its record: the columns a task needs, and what is wrong where something is."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curveboard.measure import measure, measure_signed
from curveboard.streaming import StreamingScores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from curveboard.collect import Scores
    from curveboard.record import Record, Task


def finish(
    scores: Scores,
    *,
    task: Task,
    class_names: Sequence[str] | None,
    from_logits: bool,
    threshold: float,
    tolerance: float,
    split: str,
    head: str,
) -> Record:
    """Measures one pass.

    Args:
        scores: What the pass has collected.
        task: What the output means.
        class_names: As `measure`, and so are the arguments that follow.
        from_logits: Whether the scores are logits; their labels are in `scores.labels` then.
        threshold: As `measure`.
        tolerance: As `measure`.
        split: As `measure`.
        head: As `measure`.

    Raises:
        ValueError: If scores or labels are not what the task needs, with their number and the first of them.
    """
    options: dict[str, Any] = {
        "task": task,
        "class_names": class_names,
        "sample_weight": scores.sample_weight,
        "threshold": threshold,
        "tolerance": tolerance,
        "split": split,
        "head": head,
    }
    if scores.labels is not None:
        return measure(scores.labels, scores.values, from_logits=from_logits, **options)
    with _explained(scores):
        return measure_signed(_signed(scores, task), **options)


class HeadStream:
    """Counts the scores of one head, portion after portion, in memory that does not grow.

    Args:
        task: What the output means.
        class_names: As `measure`, and so are the arguments that follow.
        from_logits: Whether the scores are logits.
        threshold: As `measure`.
        tolerance: As `measure`.
    """

    def __init__(
        self, *, task: Task, class_names: Sequence[str] | None, from_logits: bool, threshold: float, tolerance: float
    ) -> None:
        self._task: Task = task
        self._tolerance = tolerance
        self._scores = StreamingScores(task=task, class_names=class_names, from_logits=from_logits, threshold=threshold)

    def add(self, scores: Scores) -> None:
        """Counts some scores.

        Raises:
            ValueError: As `finish`; nothing of them is counted then.
        """
        if scores.labels is not None:
            self._scores.add(scores.values, scores.labels, scores.sample_weight)
            return
        with _explained(scores):
            self._scores.add(_signed(scores, self._task), sample_weight=scores.sample_weight)

    def record(self, *, split: str, head: str) -> Record:
        """Measures what was counted; its areas have bounds, and its counts are exact."""
        return self._scores.record(tolerance=self._tolerance, split=split, head=head)


def complaint(scores: Scores) -> str | None:
    """Says what is wrong with sign-coded scores, or None where every value is a score with its label.

    Example:
        >>> from curveboard.collect import Scores
        >>> bad = np.array([[0.5], [np.inf], [np.inf]], np.float32)
        >>> complaint(Scores(bad, None, None, False))
        'expected scores of at least 0 (from_logits=True for logits); received 2 below, first at example 1'
    """
    values = scores.values
    for is_bad, expected, received in (
        (np.isneginf(values), "labels 0 or 1", "others"),
        (np.isposinf(values), "scores of at least 0 (from_logits=True for logits)", "below"),
        (np.isnan(values), "finite scores", "NaN or infinite"),
    ):
        if is_bad.any():
            return f"expected {expected}; received {is_bad.sum()} {received}, first at {_first(is_bad)}"
    if scores.class_indices:
        lost = np.signbit(values).sum(axis=1, keepdims=True) != 1
        if lost.any():
            last = values.shape[1] - 1
            return f"expected labels from 0 to {last}; received {lost.sum()} others, first at {_first(lost)}"
    return None


def _signed(scores: Scores, task: Task) -> npt.NDArray[np.float32]:
    """Returns the columns that the task needs."""
    if task == "multilabel" and scores.class_indices:
        raise ValueError("expected one column of labels per class for task='multilabel'; received class indices")
    return _positive_column(scores.values) if task == "binary" and scores.values.shape[1] == 2 else scores.values


@contextmanager
def _explained(scores: Scores) -> Iterator[None]:
    """Says of an error what the codes stand for: counting has met a value that is no score."""
    try:
        yield
    except ValueError as error:
        raise ValueError(complaint(scores) or str(error)) from error


def _positive_column(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Returns the positive class of two that exclude each other; exactly one of the two sign bits must be set."""
    undecided = (np.signbit(values).sum(axis=1, keepdims=True) != 1) | ~np.isfinite(values).all(axis=1, keepdims=True)
    if undecided.any():
        raise ValueError(
            f"expected exactly one of two classes per example; received {undecided.sum()} with none or both, "
            f"first at {_first(undecided)}"
        )
    return np.ascontiguousarray(values[:, 1:])


def _first(is_bad: npt.NDArray[np.bool_]) -> str:
    """Names the first element; its column only where there are several."""
    example, column = np.argwhere(is_bad)[0]
    return f"example {example}" if is_bad.shape[1] == 1 else f"example {example}, class {column}"
