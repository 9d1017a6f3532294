"""`CurveLogger` leaves no trace on the model, bears with other callbacks, and survives what goes wrong."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from curveboard import CurveLogger, read_curves
from curveboard.collect import Collector, Scores
from training import BINARY, N_TRAIN, N, X, build, fit, truth


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
    after.pop("stop_evaluating")  # Keras' own, and so is what PyTorch's modules know of their mode
    assert {**after, "training": None} == {**before, "training": None}
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
    if keras.backend.backend() != "torch":  # which traces nothing
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
