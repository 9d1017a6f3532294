"""`CurveLogger` in `fit`'s own passes, and in passes of its own: every task, model and kind of data."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics

from curveboard import CurveLogger, read_curves
from curveboard.collect import Collector, Scores
from training import (
    BINARY,
    CLASSES,
    MULTI_HOT,
    N_TRAIN,
    WEIGHTS,
    Batches,
    N,
    X,
    build,
    dataset,
    fit,
    forever,
    silent,
    truth,
    unknown_length,
)

TASKS: dict[str, tuple[npt.NDArray[Any], Callable[[], keras.Model], str]] = {
    "binary": (BINARY, build, "binary"),
    "binary as column": (BINARY[:, np.newaxis].astype("float32"), build, "binary"),
    "two columns": (BINARY, lambda: build(2, "softmax", "sparse_categorical_crossentropy"), "binary"),
    "two columns, one-hot": (np.eye(2)[BINARY], lambda: build(2, "softmax", "categorical_crossentropy"), "binary"),
    "multiclass": (CLASSES, lambda: build(3, "softmax", "sparse_categorical_crossentropy"), "multiclass"),
    "multiclass, one-hot": (np.eye(3)[CLASSES], lambda: build(3, "softmax", "categorical_crossentropy"), "multiclass"),
    "multilabel": (MULTI_HOT, lambda: build(3), "multilabel"),
}


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("own_pass", [False, True], ids=["riding", "own pass"])
def test_every_task_equals_scikit_learn(name: str, own_pass: bool, tmp_path: Path, seen: list[Scores]) -> None:
    y, make, task = TASKS[name]
    model = make()
    data = (X[N_TRAIN:], y[N_TRAIN:])
    callback = CurveLogger(tmp_path, data if own_pass else None)
    history = fit(model, y, [callback], validation_data=None if own_pass else data)

    records = list(read_curves(tmp_path))
    assert [(record.run, record.step, record.task, record.n_examples) for record in records] == [
        ("validation", step, task, N) for step in range(2)
    ]
    for step, record in enumerate(records):
        roc_auc, average_precision = truth(y[N_TRAIN:], np.abs(seen[step].values))
        assert record.roc_auc == pytest.approx(roc_auc, abs=1e-12)
        assert record.average_precision == pytest.approx(average_precision, abs=1e-12)
        assert history["val_roc_auc"][step] == record.roc_auc
        assert history["val_average_precision"][step] == record.average_precision
    # Another compiled function may round the last bit differently.
    predicted = model.predict(X[N_TRAIN:], verbose=0)
    np.testing.assert_allclose(np.abs(seen[-1].values), predicted, atol=1e-6)
    assert records[-1].roc_auc == pytest.approx(truth(y[N_TRAIN:], predicted)[0], abs=1e-6)
    assert records[-1].confusion.sum() == N * (3 if task == "multilabel" else 1)
    if task == "multiclass":
        expected = metrics.confusion_matrix(CLASSES[N_TRAIN:], predicted.argmax(axis=1))
        np.testing.assert_array_equal(records[-1].confusion, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"jit_compile": True},
        {"jit_compile": False},
        {"run_eagerly": True},
        *([] if keras.backend.backend() == "torch" else [{"steps_per_execution": 2}, {"steps_per_execution": 50}]),
        {"metrics": None},
    ],
    ids=lambda options: "-".join(f"{key}={value}" for key, value in options.items()),
)
def test_however_the_model_is_compiled(options: dict[str, Any], tmp_path: Path, seen: list[Scores]) -> None:
    model = build(**options)
    history = fit(model, BINARY, [CurveLogger(tmp_path)])
    np.testing.assert_array_equal(np.signbit(seen[-1].values[:, 0]), BINARY[N_TRAIN:] == 1)
    np.testing.assert_allclose(np.abs(seen[-1].values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)
    assert len(history["val_roc_auc"]) == len(history["val_loss"]) == 2
    # The pass is the one fit would have run: its loss is the model's.
    assert history["val_loss"][-1] == pytest.approx(
        model.evaluate(X[N_TRAIN:], BINARY[N_TRAIN:], verbose=0, return_dict=True)["loss"], rel=1e-5
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_outputs(policy: str, tmp_path: Path, seen: list[Scores]) -> None:
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1, "sigmoid", dtype=policy)])
    model.compile("sgd", "binary_crossentropy")
    history = fit(model, BINARY, [CurveLogger(tmp_path)])
    assert seen[-1].values.dtype == np.float32
    assert not np.any(seen[-1].values.view(np.int32) & 0x1FFF)  # neither type has more than ten bits of fraction
    roc_auc, _ = truth(BINARY[N_TRAIN:], np.abs(seen[-1].values))
    assert history["val_roc_auc"][-1] == pytest.approx(roc_auc, abs=1e-12)


def subclassed() -> keras.Model:
    class Classifier(keras.Model):  # type: ignore[misc]  # Keras has no type hints
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(3)
            self.probabilities = keras.layers.Softmax()

        def call(self, x: Any) -> Any:
            return self.probabilities(self.dense(x))

    model = Classifier()
    model.compile("sgd", "categorical_crossentropy")
    return model


def sequential() -> keras.Model:
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


@pytest.mark.parametrize("make", [subclassed, sequential])
def test_models_that_are_built_by_fit(make: Callable[[], keras.Model], tmp_path: Path) -> None:
    history = fit(make(), np.eye(3)[CLASSES], [CurveLogger(tmp_path, class_names=["a", "b", "c"])])
    assert [record.class_names for record in read_curves(tmp_path)] == [("a", "b", "c")] * 2
    assert len(history["val_roc_auc"]) == 2


DATA: dict[str, tuple[Callable[[], Any], int | None]] = {
    "arrays": (lambda: (X[N_TRAIN:], BINARY[N_TRAIN:], WEIGHTS), None),
    "PyDataset": (Batches, None),
    "tf.data": (dataset, None),
    "tf.data of unknown length": (unknown_length, None),
    "generator": (forever, 3),
}


@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras', for any dataset of unknown length
@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("own_pass", [False, True], ids=["riding", "own pass"])
def test_every_kind_of_data_with_its_weights(name: str, own_pass: bool, tmp_path: Path, seen: list[Scores]) -> None:
    make, steps = DATA[name]
    model = build()
    if own_pass:
        fit(model, BINARY, [CurveLogger(tmp_path, make(), steps=steps)], validation_data=None)
    else:
        # One epoch: of a generator, Keras' next pass begins where its prefetching of this one ended.
        fit(model, BINARY, [CurveLogger(tmp_path)], validation_data=make(), validation_steps=steps, epochs=1)
    np.testing.assert_allclose(np.abs(seen[-1].values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)
    roc_auc, average_precision = truth(BINARY[N_TRAIN:], np.abs(seen[-1].values), WEIGHTS)
    record = list(read_curves(tmp_path))[-1]
    assert record.roc_auc == pytest.approx(roc_auc, abs=1e-12)
    assert record.average_precision == pytest.approx(average_precision, abs=1e-12)


def test_validation_split_and_class_weight(tmp_path: Path, seen: list[Scores]) -> None:
    fit(
        build(), BINARY, [CurveLogger(tmp_path)], validation_data=None, validation_split=0.25, class_weight={0: 1, 1: 9}
    )
    assert len(seen[-1].values) == N_TRAIN // 4
    assert seen[-1].sample_weight is None


@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("own_pass", [False, True], ids=["riding", "own pass"])
def test_logits_are_ranked_themselves(units: int, own_pass: bool, tmp_path: Path) -> None:
    y = CLASSES if units == 3 else BINARY
    entropy = keras.losses.BinaryCrossentropy if units == 1 else keras.losses.SparseCategoricalCrossentropy
    model = build(units, None, entropy(from_logits=True))
    data = (X[N_TRAIN:], y[N_TRAIN:])
    callback = CurveLogger(tmp_path, data if own_pass else None, from_logits=True)
    fit(model, y, [callback], validation_data=None if own_pass else data)
    logits = model.predict(X[N_TRAIN:], verbose=0).astype(np.float64)
    odds = np.exp(logits)
    probability = odds / (1 + odds) if units == 1 else odds / odds.sum(axis=1, keepdims=True)
    record = list(read_curves(tmp_path))[-1]
    assert record.from_logits
    assert record.roc_auc == pytest.approx(truth(y[N_TRAIN:], probability)[0], abs=1e-6)
    predicted = (probability[:, 0] >= 0.5) if units == 1 else probability.argmax(axis=1)
    np.testing.assert_array_equal(record.confusion, metrics.confusion_matrix(y[N_TRAIN:], predicted))


class CountedCalls(keras.layers.Layer):  # type: ignore[misc]  # Keras has no type hints
    calls = 0

    def call(self, x: Any) -> Any:
        type(self).calls += 1
        return x


def test_riding_adds_no_forward_pass(tmp_path: Path) -> None:
    def forward_passes(callbacks: list[Any]) -> int:
        model = keras.Sequential([keras.Input((5,)), CountedCalls(), keras.layers.Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy", run_eagerly=True, jit_compile=False)
        CountedCalls.calls = 0
        fit(model, BINARY, callbacks)
        return CountedCalls.calls

    plain = forward_passes([])
    assert plain >= 2 * (2 + 3)  # epochs of training and validation batches; JAX builds the model with one more
    assert forward_passes([CurveLogger(tmp_path)]) == plain


def test_nothing_leaves_the_device_before_the_pass_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[tuple[int, ...]] = []
    kept: list[Any] = []
    to_host, append = keras.ops.convert_to_numpy, Collector.append

    class Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            assert copies == []
            assert sorted(logs) == ["accuracy", "loss"]  # nothing of ours passes by

    def copy(tensor: Any) -> Any:
        copies.append(tuple(tensor.shape))
        return to_host(tensor)

    def note(self: Collector, encoded: dict[str, Any]) -> None:
        kept.append(encoded["output"]["values"])
        append(self, encoded)

    monkeypatch.setattr(Collector, "append", note)
    monkeypatch.setattr(keras.ops, "convert_to_numpy", copy)
    fit(build(), BINARY, [CurveLogger(tmp_path), Watch()], epochs=1)
    assert [tuple(tensor.shape) for tensor in kept] == [(32, 1), (32, 1), (11, 1)]
    assert all(keras.ops.is_tensor(tensor) for tensor in kept)
    assert copies == [(N, 1)]


def test_models_that_cannot_be_ridden_are_predicted_once_more(tmp_path: Path, seen: list[Scores]) -> None:
    model = silent()
    with pytest.warns(UserWarning, match=r"pass of its own: Silent\.test_step does not call self\.compute_") as caught:
        history = fit(model, BINARY, [CurveLogger(tmp_path / "a"), CurveLogger(tmp_path / "b")])
    assert len([warning for warning in caught if "CurveLogger" in str(warning.message)]) == 1
    assert history["val_own"] == [7, 7]
    np.testing.assert_allclose(np.abs(seen[-1].values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)
    assert history["val_roc_auc"][-1] == pytest.approx(truth(BINARY[N_TRAIN:], np.abs(seen[-1].values))[0], abs=1e-12)


def test_a_generator_cannot_be_predicted_once_more(tmp_path: Path) -> None:
    expected = "run over twice, .* because Silent.test_step does not .*; received a generator"
    with pytest.warns(UserWarning, match="CurveLogger"), pytest.raises(ValueError, match=expected):
        fit(silent(), BINARY, [CurveLogger(tmp_path)], validation_data=forever(), validation_steps=3)


class CustomSteps(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
    """Steps as Keras' guides write them, down to the calls of `compute_loss` and `compute_metrics`."""

    def test_step(self, *arguments: Any) -> Any:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(arguments[-1])
        if keras.backend.backend() != "jax":
            y_pred = self(x, training=False)
            self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
            return self.compute_metrics(x, y, y_pred, sample_weight)
        trainable, non_trainable, metrics_variables = arguments[0]
        y_pred, non_trainable = self.stateless_call(trainable, non_trainable, x, training=False)
        mapping = list(zip(self.metrics_variables, metrics_variables, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            logs = self.compute_metrics(x, y, y_pred, sample_weight)
        updated = [scope.get_current_value(variable) for variable in self.metrics_variables]
        return logs, (trainable, non_trainable, updated)

    def train_step(self, *arguments: Any) -> Any:
        return super().train_step(*arguments)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return {**super().compute_metrics(x, y, y_pred, sample_weight), "own": keras.ops.convert_to_tensor(7.0)}


def test_steps_of_the_users_own_are_ridden_if_they_compute_metrics(tmp_path: Path, seen: list[Scores]) -> None:
    model = CustomSteps([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    history = fit(model, BINARY, [CurveLogger(tmp_path, train_data="pass")])
    assert [len(scores.values) for scores in seen] == [N, N_TRAIN, N, N_TRAIN]
    assert history["val_own"] == history["own"] == [7, 7]
    np.testing.assert_allclose(np.abs(seen[-2].values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)


def test_a_test_function_of_the_users_own_is_left_to_run(tmp_path: Path, seen: list[Scores]) -> None:
    class Watched(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
        calls = 0
        test_function: Any

        def make_test_function(self, force: bool = False) -> None:
            super().make_test_function(force=force)
            function = self.test_function

            def counted(*arguments: Any) -> Any:
                Watched.calls += 1
                return function(*arguments)

            self.test_function = counted

    model = Watched([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.warns(UserWarning, match="Watched has a make_test_function of its own"):
        history = fit(model, BINARY, [CurveLogger(tmp_path)], epochs=1)
    assert Watched.calls == 3
    assert len(seen[-1].values) == N
    assert len(history["val_roc_auc"]) == 1
    replaced = build()
    replaced.make_test_function()
    made = replaced.test_function
    replaced.test_function = lambda *arguments: made(*arguments)
    with pytest.warns(UserWarning, match=r"model\.test_function is not Keras' own"):
        fit(replaced, BINARY, [CurveLogger(tmp_path)], epochs=1)


def test_validation_batches_of_another_size(tmp_path: Path, seen: list[Scores]) -> None:
    fit(build(), BINARY, [CurveLogger(tmp_path)], validation_batch_size=7, epochs=1)
    np.testing.assert_array_equal(np.signbit(seen[-1].values[:, 0]), BINARY[N_TRAIN:] == 1)


def test_batches_of_a_torch_data_loader(tmp_path: Path, seen: list[Scores]) -> None:
    torch: Any = importlib.import_module("torch")
    rows = torch.utils.data.TensorDataset(*map(torch.as_tensor, (X[N_TRAIN:], BINARY[N_TRAIN:])))
    loader = torch.utils.data.DataLoader(rows, batch_size=20)
    model = build()
    fit(model, BINARY, [CurveLogger(tmp_path), CurveLogger(tmp_path / "own", loader)], validation_data=loader)
    for scores in seen:
        np.testing.assert_array_equal(np.signbit(scores.values[:, 0]), BINARY[N_TRAIN:] == 1)
    np.testing.assert_allclose(np.abs(seen[-1].values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)
    np.testing.assert_allclose(np.abs(seen[-2].values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)
