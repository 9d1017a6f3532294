"""What a model's outputs mean: binary, multi-class or multi-label, told from what model, loss and labels show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curveboard.collect import MEMORY_LIMIT, SINGLE, Head, Reading
from curveboard.record import TASKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curveboard.collect import Scores
    from curveboard.record import Task

_MULTILABEL_LOSSES = ("binary_crossentropy", "binary_focal_crossentropy")
_EXCLUSIVE_LOSSES = (
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "sparse_categorical_crossentropy",
    "categorical_hinge",
)
_REGRESSION_LOSSES = (
    "mean_squared_error",
    "mse",
    "mean_absolute_error",
    "mae",
    "mean_absolute_percentage_error",
    "mape",
    "mean_squared_logarithmic_error",
    "msle",
    "huber",
    "huber_loss",
    "log_cosh",
    "cosine_similarity",
)


def check_task(task: str | Mapping[str, str | None]) -> None:
    """Checks a task, or one for each of several outputs.

    Raises:
        ValueError: It is none of `"auto"`, `"binary"`, `"multiclass"`, `"multilabel"`, or, in a dict, None.
    """
    asked = task.values() if isinstance(task, dict) else [task]
    for each in asked:
        if each not in ("auto", *TASKS) and not (each is None and isinstance(task, dict)):
            raise ValueError(f"expected task to be one of {', '.join(map(repr, ('auto', *TASKS)))}; received {each!r}")


def asked_task(task: str | Mapping[str, str | None], head: str) -> str | None:
    """Returns the task that was asked for an output; `"auto"` for one that a dict does not name."""
    return task if isinstance(task, str) else task.get(head, "auto")


def reading_of(
    model: Any,
    task: str | Mapping[str, str | None],
    *,
    from_logits: bool | Mapping[str, bool] = False,
    ignore_class: int | None = None,
    memory_limit: int = MEMORY_LIMIT,
) -> Reading:
    """Says how the outputs of a model are to be read, before any is seen.

    Of several outputs, one whose task is None is left out, and so is one with task `"auto"` that is trained by a
    regression loss.

    Args:
        model: The compiled model.
        task: As `check_task`.
        from_logits: Whether outputs are logits; a dict for some of several.
        ignore_class: Label of decisions that do not count.
        memory_limit: Bytes of scores above which they are counted in a stream.
    """
    output_names = tuple(getattr(model, "output_names", None) or ())
    losses = model.loss if isinstance(model.loss, dict) else {}
    named = [from_logits, task, losses]
    names = {*output_names, *(name for names in named if isinstance(names, dict) for name in names)}
    several = len(output_names) > 1 or isinstance(task, dict) or bool(losses)
    heads, left_out = [], set()
    for name in [SINGLE, *sorted(names - {SINGLE})] if several else [SINGLE]:
        asked, loss = asked_task(task, name), _loss(model, name)
        if asked is None or (name != SINGLE and asked == "auto" and loss in _REGRESSION_LOSSES):
            left_out.add(name)
        columns = {"binary": False, "multiclass": True, "multilabel": True}.get(asked or "")
        if columns is None and (loss in _EXCLUSIVE_LOSSES or _activation(model, name) == "softmax"):
            columns = True
        logits = from_logits.get(name, False) if isinstance(from_logits, dict) else from_logits
        heads.append(Head(name, bool(logits), columns, ignore_class))
    return Reading(heads[0], tuple(heads[1:]), frozenset(left_out), output_names, memory_limit)


def decide_task(scores: Scores, model: Any, head: str = SINGLE) -> tuple[Task, str]:
    """Decides what kind of problem an output solves.

    Asked in this order: one column is binary. Class indices name one class per example, so does a softmax, and so does
    a categorical loss: binary with two columns, else multi-class. A sigmoid per column or a binary loss is multi-label.
    Where nothing of this is known, the labels decide: multi-label unless every example has exactly one class.

    Args:
        scores: One pass of the model.
        model: The compiled model.
        head: Name of the output.

    Returns:
        The task and the reason for it.
    """
    n_columns = scores.values.shape[1]
    if n_columns == 1:
        return "binary", "the output has one column"
    exclusive: Task = "binary" if n_columns == 2 else "multiclass"
    activation, loss = _activation(model, head), _loss(model, head)
    if scores.class_indices:
        return exclusive, f"{n_columns} columns, and the labels are class indices"
    if activation == "softmax" or loss in _EXCLUSIVE_LOSSES:
        return exclusive, f"{n_columns} columns with " + ("a softmax" if activation == "softmax" else f"loss {loss}")
    if activation == "sigmoid" or loss in _MULTILABEL_LOSSES:
        return "multilabel", f"{n_columns} columns with " + ("sigmoids" if activation == "sigmoid" else f"loss {loss}")
    if np.all(_n_true(scores) == 1):
        return exclusive, f"{n_columns} columns, and every example has one class"
    return "multilabel", f"{n_columns} columns, and examples have other than one class"


def _n_true(scores: Scores) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Number of true classes of each example."""
    true = np.signbit(scores.values) if scores.labels is None else scores.labels == 1
    return np.asarray(true.sum(axis=1), np.int64)


def _activation(model: Any, head: str) -> str:
    """Name of the activation that a functional or sequential model ends with; empty where that cannot be seen."""
    names = getattr(model, "output_names", None) or []
    name = names[0] if len(names) == 1 else head
    layer = next((layer for layer in model.layers if layer.name == name and name in names), None)
    if type(layer).__name__ == "Softmax":
        return "softmax"
    return str(getattr(getattr(layer, "activation", None), "__name__", ""))


def _loss(model: Any, head: str) -> str:
    """Name of the compiled loss of an output in snake case; empty where it is not a single named one."""
    loss, names = model.loss, list(getattr(model, "output_names", None) or [])
    if isinstance(loss, dict):
        loss = loss.get(head)
    elif isinstance(loss, (list, tuple)):
        loss = loss[names.index(head)] if head in names and len(names) == len(loss) else None
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    return str(name)
