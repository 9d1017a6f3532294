"""Small classifiers with their data, `fit` for them, and scikit-learn's truth about their scores."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import numpy.typing as npt
from sklearn import metrics

Floats = npt.NDArray[np.float32]
N_TRAIN, N = 64, 75  # two batches of 32 and a partial one

random = np.random.default_rng(7)
X = random.normal(size=(N_TRAIN + N, 5)).astype("float32")
CLASSES = np.argmax(X[:, :3] + random.normal(size=(N_TRAIN + N, 3)), axis=1)
BINARY = (CLASSES == 1).astype("int64")
MULTI_HOT = (X[:, :3] + random.normal(size=(N_TRAIN + N, 3)) > 0).astype("int64")
WEIGHTS = random.uniform(0.1, 2, N).astype("float32")


def build(
    units: int = 1, activation: str | None = "sigmoid", loss: Any = "binary_crossentropy", **options: Any
) -> keras.Model:
    keras.utils.set_random_seed(3)
    inputs = keras.Input((5,))
    hidden = keras.layers.Dense(4, "tanh")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(units, activation, dtype="float32")(hidden))
    model.compile("adam", loss, metrics=options.pop("metrics", ["accuracy"]), **options)
    return model


def fit(model: keras.Model, y: npt.NDArray[Any], callbacks: list[Any], **options: Any) -> dict[str, list[float]]:
    data = {"validation_data": (X[N_TRAIN:], y[N_TRAIN:]), "epochs": 2, "batch_size": 32, "verbose": 0, **options}
    history = model.fit(X[:N_TRAIN], y[:N_TRAIN], callbacks=callbacks, **data)
    return dict(history.history)


def truth(y: npt.NDArray[Any], scores: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """Macro ROC-AUC and average precision by scikit-learn; `y` as the model was given it."""
    scores = scores.reshape(len(scores), -1)
    if y.ndim == 1 and scores.shape[1] > 1:
        y = np.eye(scores.shape[1])[y]
    y = y.reshape(len(y), -1)
    if scores.shape[1] == 2:
        y, scores = y[:, 1:], scores[:, 1:]
    columns = list(zip(y.T, scores.T, strict=True))
    areas = [metrics.roc_auc_score(*column, sample_weight=weights) for column in columns]
    precisions = [metrics.average_precision_score(*column, sample_weight=weights) for column in columns]
    return float(np.mean(areas)), float(np.mean(precisions))


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no type hints
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        rows = slice(N_TRAIN + 25 * index, N_TRAIN + 25 * (index + 1))
        return X[rows], BINARY[rows], WEIGHTS[25 * index : 25 * (index + 1)]


def forever() -> Iterator[tuple[Any, ...]]:
    return (Batches()[index % 3] for index in itertools.count())


def dataset() -> Any:
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices((X[N_TRAIN:], BINARY[N_TRAIN:], WEIGHTS)).batch(20)


def unknown_length() -> Any:
    return dataset().filter(lambda *_: True)


class Silent(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
    """A model whose test step tells nobody what it predicts."""

    def test_step(self, *arguments: Any) -> Any:
        logs = {"own": keras.ops.convert_to_tensor(7.0)}
        return (logs, arguments[0]) if keras.backend.backend() == "jax" else logs


def silent() -> keras.Model:
    model = Silent([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model
