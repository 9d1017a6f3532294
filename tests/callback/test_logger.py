"""`CurveLogger` in `fit`: what it writes, what callbacks see, and that it leaves no trace on the model."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics

from curveboard import CurveLogger, Record, read_curves
from curveboard.collect import Collector, Scores
from curveboard.finish import finish
from curveboard.outcomes import UndefinedCurveWarning
from curveboard.tasks import decide_task

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


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Scores]:
    """The scores of every measured pass, as they came from the device."""
    passes: list[Scores] = []

    def noting(scores: Scores, **options: Any) -> Record:
        passes.append(scores)
        return finish(scores, **options)

    monkeypatch.setattr("curveboard.split_log.finish", noting)
    return passes


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
        {"steps_per_execution": 2},
        {"steps_per_execution": 50},
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


def trace(model: keras.Model) -> dict[str, Any]:
    """Everything a user could find changed on a model."""
    attributes = {name: value for name, value in vars(model).items() if not name.startswith("_")}
    methods = {name: getattr(model, name) for name in ("evaluate", "test_step", "compute_metrics")}
    return {**attributes, **methods, "metrics": [metric.name for metric in model.metrics]}


def test_the_model_is_as_it_was(tmp_path: Path) -> None:
    plain, logged = build(), build()
    fit(plain, BINARY, [], shuffle=False)
    before = {**trace(logged), "history": None, "train_function": None, "test_function": None}
    fit(logged, BINARY, [CurveLogger(tmp_path)], shuffle=False)
    after = {**trace(logged), "history": None, "train_function": None, "test_function": None}
    after.pop("stop_evaluating")  # Keras' own
    assert after == before
    assert set(vars(logged)) == set(vars(plain))
    for one, other in zip(plain.get_weights(), logged.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    expected = plain.evaluate(X[N_TRAIN:], BINARY[N_TRAIN:], verbose=0, return_dict=True)
    assert logged.evaluate(X[N_TRAIN:], BINARY[N_TRAIN:], verbose=0, return_dict=True) == expected


def test_a_model_saved_in_the_midst_of_training_knows_nothing_of_us(tmp_path: Path) -> None:
    path = tmp_path / "best.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path, monitor="val_roc_auc", mode="max", save_best_only=True)
    history = fit(build(), BINARY, [checkpoint, CurveLogger(tmp_path)])
    best = keras.models.load_model(path)
    assert b"curveboard" not in path.read_bytes()
    scores = best.predict(X[N_TRAIN:], verbose=0)
    assert truth(BINARY[N_TRAIN:], scores)[0] == pytest.approx(max(history["val_roc_auc"]), abs=1e-6)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_pass_that_breaks_leaves_the_model_whole(error: type[BaseException], tmp_path: Path) -> None:
    class Break(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            raise error("enough")

    model = build()
    before = trace(model)
    with pytest.raises(error, match="enough"):
        fit(model, BINARY, [CurveLogger(tmp_path), Break()])
    for name in ("test_step", "compute_metrics", "metrics", "steps_per_execution"):
        assert trace(model)[name] == before[name]
    assert sorted(model.evaluate(X, BINARY, verbose=0, return_dict=True)) == ["accuracy", "loss"]
    fit(model, BINARY, [CurveLogger(tmp_path)])
    assert trace(model)["evaluate"] == before["evaluate"]
    assert [record.step for record in read_curves(tmp_path)] == [0, 1]


def test_an_evaluate_of_the_users_own_is_not_counted(tmp_path: Path, seen: list[Scores]) -> None:
    class Test(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            results.append(self.model.evaluate(X[:20], BINARY[:20], verbose=0, return_dict=True))

    results: list[dict[str, float]] = []
    fit(build(), BINARY, [Test(), CurveLogger(tmp_path)])
    assert [len(scores.values) for scores in seen] == [N, N]
    assert [sorted(result) for result in results] == [["accuracy", "loss"]] * 2


@pytest.mark.parametrize("first", [True, False], ids=["listed first", "listed last"])
def test_early_stopping_acts_on_the_area(first: bool, tmp_path: Path) -> None:
    stop = keras.callbacks.EarlyStopping("val_roc_auc", mode="max", patience=1, restore_best_weights=True)
    csv_log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    ours = CurveLogger(tmp_path)
    others = [stop, csv_log, keras.callbacks.ReduceLROnPlateau("val_average_precision", mode="max")]
    model = build()
    model.optimizer.learning_rate = 0.0  # the area stays, so that patience ends after the second epoch
    history = fit(model, BINARY, [ours, *others] if first else [*others, ours], epochs=9)
    assert len(history["val_roc_auc"]) == 2
    assert stop.best == history["val_roc_auc"][0]
    with (tmp_path / "log.csv").open() as file:
        assert [float(row["val_roc_auc"]) for row in csv.DictReader(file)] == history["val_roc_auc"]


def test_our_own_pass_comes_in_time_for_callbacks_listed_after_it(tmp_path: Path) -> None:
    stop = keras.callbacks.EarlyStopping("val_roc_auc", mode="max", patience=1)
    model = build()
    model.optimizer.learning_rate = 0.0
    ours = CurveLogger(tmp_path, (X[N_TRAIN:], BINARY[N_TRAIN:]))
    assert len(fit(model, BINARY, [ours, stop], validation_data=None, epochs=9)["val_roc_auc"]) == 2


@pytest.mark.parametrize(
    ("freq", "options", "steps"),
    [
        (2, {"epochs": 5}, [1, 3]),
        (1, {"epochs": 6, "validation_freq": 3}, [2, 5]),
        (2, {"epochs": 4, "validation_freq": [2, 3]}, [1]),
        (1, {"epochs": 5, "initial_epoch": 3}, [3, 4]),
    ],
)
def test_epochs_that_are_measured(freq: int, options: dict[str, Any], steps: list[int], tmp_path: Path) -> None:
    history = fit(build(), BINARY, [CurveLogger(tmp_path, freq=freq)], **options)
    records = list(read_curves(tmp_path))
    assert [record.step for record in records] == steps
    assert history["val_roc_auc"] == [record.roc_auc for record in records]


def test_a_metric_of_the_same_name_is_not_overwritten(tmp_path: Path) -> None:
    def seven(y_true: Any, y_pred: Any) -> Any:
        return y_pred * 0 + 7

    model = build(metrics=[keras.metrics.MeanMetricWrapper(seven, name="roc_auc")])
    assert fit(model, BINARY, [CurveLogger(tmp_path)])["val_roc_auc"] == [7, 7]


def test_fit_twice_compiles_once_and_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    encode = Collector.encode

    def counted(self: Collector, y_true: Any, y_pred: Any, sample_weight: Any) -> Any:
        encoded.append(1)
        return encode(self, y_true, y_pred, sample_weight)

    monkeypatch.setattr(Collector, "encode", counted)
    model = build()
    fit(model, BINARY, [CurveLogger(tmp_path)])
    traced = len(encoded)
    fit(model, BINARY, [CurveLogger(tmp_path)], epochs=1)
    assert traced > 0
    assert len(encoded) == traced
    assert [record.step for record in read_curves(tmp_path)] == [0]
    model.compile("sgd", "binary_crossentropy", metrics=["precision"])
    assert "val_precision" in fit(model, BINARY, [CurveLogger(tmp_path)])
    assert len(encoded) > traced


def test_several_loggers_and_keras_own_in_one_folder(tmp_path: Path, seen: list[Scores]) -> None:
    loggers = [
        CurveLogger(tmp_path),
        CurveLogger(tmp_path / "every second", freq=2, threshold=0.2),
        CurveLogger(tmp_path / "logits", from_logits=True),
        CurveLogger(tmp_path / "other data", (X[:20], BINARY[:20])),
    ]
    fit(build(), BINARY, [*loggers, keras.callbacks.TensorBoard(tmp_path)], epochs=2)
    written = {(record.run, record.step): record for record in read_curves(tmp_path)}
    assert sorted(written) == [
        ("every second/validation", 1),
        *(("logits/validation", step) for step in range(2)),
        *(("other data/validation", step) for step in range(2)),
        *(("validation", step) for step in range(2)),
    ]
    assert written["every second/validation", 1].threshold == 0.2
    assert written["other data/validation", 1].n_examples == 20
    # Of one pass both loggers of probabilities hold the same scores.
    assert any(one.values is other.values for one, other in itertools.combinations(seen, 2))
    files = sorted(path.name for path in (tmp_path / "validation").iterdir())
    assert len(files) == 2
    assert "curveboard" in files[0]  # sorts before Keras' file


@pytest.mark.parametrize("value", ["nan", "negative"])
@pytest.mark.parametrize("own_pass", [False, True], ids=["riding", "own pass"])
def test_scores_that_are_none_stop_fit_before_anything_is_written(value: str, own_pass: bool, tmp_path: Path) -> None:
    model = build(activation=None)
    if value == "nan":
        model.set_weights([weight * np.nan for weight in model.get_weights()])
    else:
        model.layers[-1].bias.assign([-100.0])
    expected = {"nan": f"finite scores; received {N} NaN", "negative": f"from_logits=True .*; received {N} below"}[
        value
    ]
    data = (X[N_TRAIN:], BINARY[N_TRAIN:])
    callback = CurveLogger(tmp_path, data if own_pass else None)
    with pytest.raises(ValueError, match=f"epoch 0, head 'output': expected .*{expected}.*, first at example 0"):
        fit(model, BINARY, [callback], validation_data=None if own_pass else data)
    assert list(tmp_path.iterdir()) == []


def test_labels_outside_the_task_are_named(tmp_path: Path) -> None:
    y = BINARY.copy()
    y[N_TRAIN + 40] = 3
    with pytest.raises(ValueError, match="expected labels 0 or 1; received 1 others, first at example 40"):
        fit(build(), y, [CurveLogger(tmp_path)])
    model = build(3, "softmax", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="one column of labels per class for task='multilabel'"):
        fit(model, CLASSES, [CurveLogger(tmp_path, task="multilabel")])
    with pytest.raises(ValueError, match=r"2 class_names .*; received 3"):
        fit(build(), BINARY, [CurveLogger(tmp_path, class_names=["a", "b", "c"])])


def test_one_class_only_is_undefined_not_zero(tmp_path: Path) -> None:
    with pytest.warns(UndefinedCurveWarning, match="without a positive"):
        history = fit(build(), BINARY, [CurveLogger(tmp_path)], validation_data=(X[:40], np.zeros(40)), epochs=1)
    assert np.isnan(history["val_roc_auc"]).all()


def test_without_validation_data_the_first_epoch_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pass validation_data= to fit, or to CurveLogger; received neither"):
        fit(build(), BINARY, [CurveLogger(tmp_path)], validation_data=None, epochs=9)


class Silent(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
    """A model whose test step tells nobody what it predicts."""

    def test_step(self, *arguments: Any) -> Any:
        logs = {"own": keras.ops.convert_to_tensor(7.0)}
        return (logs, arguments[0]) if keras.backend.backend() == "jax" else logs


def silent() -> keras.Model:
    model = Silent([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model


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


def test_a_test_step_of_the_users_own_is_ridden_if_it_computes_metrics(tmp_path: Path, seen: list[Scores]) -> None:
    class Custom(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
            return {"own": super().compute_metrics(x, y, y_pred, sample_weight)["loss"]}

    model = Custom([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    history = fit(model, BINARY, [CurveLogger(tmp_path)])
    assert sorted(history) == ["own", "val_average_precision", "val_own", "val_roc_auc"]
    assert len(seen[-1].values) == N


def test_it_says_what_it_decided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit(build(3), MULTI_HOT, [CurveLogger(tmp_path, verbose=1)])
    assert capsys.readouterr().out == "CurveLogger: task='multilabel' (3 columns with sigmoids)\n"


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "regression"}, "task to be one of .*; received 'regression'"),
        ({"freq": 0}, "positive integer; received 0"),
        ({"threshold": 1.5}, "probability; received 1.5"),
        ({"tolerance": 0}, "tolerance between 0 and 1; received 0"),
        ({"validation_data": (X,)}, "received no labels"),
        ({"validation_data": forever()}, "expected steps= .*; received steps=None"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        CurveLogger(tmp_path, **options)
