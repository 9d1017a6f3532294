"""What a model's output means: binary, multi-class or multi-label, told from what model, loss and labels show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from curveboard.collect import Scores
    from curveboard.record import Task

_MULTILABEL_LOSSES = ("binary_crossentropy", "binary_focal_crossentropy")
_EXCLUSIVE_LOSSES = (
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "sparse_categorical_crossentropy",
    "categorical_hinge",
)


def decide_task(scores: Scores, model: Any) -> tuple[Task, str]:
    """Decides what kind of problem an output solves.

    Asked in this order: one column is binary. Class indices name one class per example, so does a softmax, and so does
    a categorical loss: binary with two columns, else multi-class. A sigmoid per column or a binary loss is multi-label.
    Where nothing of this is known, the labels decide: multi-label unless every example has exactly one class.

    Args:
        scores: One pass of the model.
        model: The compiled model.

    Returns:
        The task and the reason for it.
    """
    n_columns = scores.values.shape[1]
    if n_columns == 1:
        return "binary", "the output has one column"
    exclusive: Task = "binary" if n_columns == 2 else "multiclass"
    activation, loss = _activation(model), _loss(model)
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


def _activation(model: Any) -> str:
    """Name of the activation that a functional or sequential model ends with; empty where that cannot be seen."""
    names = getattr(model, "output_names", None)
    if not names or len(names) != 1:
        return ""
    layer = next((layer for layer in model.layers if layer.name == names[0]), None)
    if type(layer).__name__ == "Softmax":
        return "softmax"
    return str(getattr(getattr(layer, "activation", None), "__name__", ""))


def _loss(model: Any) -> str:
    """Name of the compiled loss in snake case; empty where it is not a single named one."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    return str(name)
