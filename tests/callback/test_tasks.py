"""What a model's outputs mean, told by model, loss and labels."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from curveboard.collect import Scores
from curveboard.tasks import decide_task
from training import build


@pytest.mark.parametrize(
    ("activation", "loss", "columns", "class_indices", "task"),
    [
        ("softmax", "binary_crossentropy", 3, False, "multiclass"),
        ("sigmoid", "binary_crossentropy", 3, False, "multilabel"),
        ("sigmoid", keras.losses.CategoricalCrossentropy(), 3, False, "multiclass"),
        ("softplus", keras.losses.BinaryFocalCrossentropy(), 3, False, "multilabel"),
        ("sigmoid", "mse", 3, True, "multiclass"),
        ("softplus", "mse", 3, False, "multiclass"),  # every example has one class
        ("softplus", "mse", 2, False, "binary"),
        ("softmax", "mse", 1, False, "binary"),
    ],
)
def test_tasks_are_told_by_activation_loss_or_labels(
    activation: str, loss: Any, columns: int, class_indices: bool, task: str
) -> None:
    one_class_each = np.where(np.eye(columns, dtype=bool), -0.5, 0.5).astype(np.float32)
    scores = Scores(one_class_each, None, None, class_indices)
    assert decide_task(scores, build(columns, activation, loss))[0] == task


def test_examples_of_several_classes_are_multilabel() -> None:
    scores = Scores(np.array([[-0.5, -0.5, 0.5]], np.float32), None, None, False)
    assert decide_task(scores, build(3, "softplus", "mse"))[0] == "multilabel"
