"""What goes wrong around training: it ends early, the disk is full, the folder is none or has been used before."""

from __future__ import annotations

import errno
import pickle
from typing import TYPE_CHECKING, Any

import keras
import pytest

from curveboard import CurveLogger, read_curves
from training import BINARY, N_TRAIN, X, build, fit

if TYPE_CHECKING:
    from pathlib import Path

METHODS = ("evaluate", "train_step", "test_step", "predict_step", "compute_metrics")


def trace(model: keras.Model) -> dict[str, Any]:
    """Where a user could find something of ours on a model."""
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    functions = [model.train_function, model.test_function, model.predict_function]
    return {
        "methods": [name for name in METHODS if name in vars(model)],
        "functions": [function for function in functions if "curveboard" in getattr(function, "__module__", "")],
        "pickle": b"curveboard" in pickle.dumps(model),
        "config": model.get_config(),
        "metrics": [metric.name for metric in model.metrics],
        "summary": lines[-1].partition("Optimizer params")[0],
        "steps": model.steps_per_execution,
    }


class Break(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
    """Raises an error in the second batch of the second epoch."""

    def __init__(self, error: type[BaseException]) -> None:
        super().__init__()
        self.error = error
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == (1, 1):
            raise self.error("enough")


class Stop(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
    """Stops training in the first batch of the second epoch, as `TerminateOnNaN` might."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = epoch == 1


def loggers(log_dir: Path) -> list[CurveLogger]:
    """All ways of collecting at once."""
    data = (X[:20], BINARY[:20])
    return [CurveLogger(log_dir, train_data="pass"), CurveLogger(log_dir / "own", data, data)]


def trained() -> keras.Model:
    """A model that has been through `fit`, as the one that is looked at has been."""
    model = build()
    fit(model, BINARY, [], epochs=1)
    return model


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_no_trace_is_left_by_a_fit_that_breaks(error: type[BaseException], tmp_path: Path) -> None:
    model = trained()
    expected = trace(model)
    with pytest.raises(error, match="enough"):
        fit(model, BINARY, [*loggers(tmp_path), Break(error)])
    assert trace(model) == expected
    assert {record.step for record in read_curves(tmp_path)} == {0}


def test_no_trace_is_left_by_a_fit_that_stops_early_or_comes_to_its_end(tmp_path: Path) -> None:
    model = trained()
    expected = trace(model)
    fit(model, BINARY, [*loggers(tmp_path), Stop()], epochs=5)
    assert trace(model) == expected
    last = [record for record in read_curves(tmp_path) if record.run == "train"][-1]
    assert (last.step, last.n_examples) == (1, 32)  # the one batch before the stop
    fit(model, BINARY, loggers(tmp_path), epochs=1)
    assert trace(model) == expected


def test_a_broken_fit_that_is_still_looked_at_does_no_harm(tmp_path: Path) -> None:
    """A debugger, or a notebook's last traceback, holds the frame of `fit`; nothing is given back until then."""
    model = trained()
    expected = trace(model)
    with pytest.raises(KeyboardInterrupt) as held:
        fit(model, BINARY, [*loggers(tmp_path), Break(KeyboardInterrupt)])
    model.train_on_batch(X[:8], BINARY[:8])
    assert sorted(model.evaluate(X, BINARY, verbose=0, return_dict=True)) == ["accuracy", "loss"]
    assert trace(model) == expected
    assert held.value.args == ("enough",)
    assert sorted(fit(model, BINARY, [CurveLogger(tmp_path / "again")])) == sorted(
        ["accuracy", "loss", "val_accuracy", "val_average_precision", "val_loss", "val_roc_auc"]
    )


def test_in_the_midst_of_training_models_are_saved_without_us(tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []

    class Look(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(trace(self.model))

    model = trained()
    expected = trace(model)
    fit(model, BINARY, [Look(), *loggers(tmp_path)])
    for found in seen:
        assert {name: found[name] for name in ("pickle", "config", "metrics", "summary", "steps")} == {
            name: expected[name] for name in ("pickle", "config", "metrics", "summary", "steps")
        }
    assert len(seen) == 2


def test_training_is_resumed_in_the_same_folder(tmp_path: Path) -> None:
    model = build()
    fit(model, BINARY, [CurveLogger(tmp_path)], epochs=2)
    fit(model, BINARY, [CurveLogger(tmp_path)], epochs=4, initial_epoch=2)
    assert [record.step for record in read_curves(tmp_path)] == [0, 1, 2, 3]
    logger = CurveLogger(tmp_path / "one logger")
    for begin in (0, 2):
        fit(model, BINARY, [logger], epochs=begin + 2, initial_epoch=begin)
    assert [record.step for record in read_curves(tmp_path / "one logger")] == [0, 1, 2, 3]


def test_a_folder_that_is_a_file_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotADirectoryError, match=r"expected a directory .*; received .*: .*file is a file"):
        CurveLogger(tmp_path / "file" / "logs")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("refused", ["folder", "bytes"])
def test_a_disk_that_refuses_is_one_warning_and_training_goes_on(
    refused: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second epoch of four finds no room: a folder that cannot be written to, or a write that stops half-way."""
    from curveboard import events

    write, create = events._write_all, events._create
    epochs: list[int] = []

    def full(file: Any, data: bytes) -> None:
        epochs.append(len(epochs))
        if epochs[-1] == 1:
            write(file, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write(file, data)

    def denied(directory: Path) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied", str(directory))

    if refused == "bytes":
        monkeypatch.setattr(events, "_write_all", full)
    else:
        monkeypatch.setattr(events, "_create", denied)
    with pytest.warns(RuntimeWarning, match="curves are not saved: expected to write to .*; received") as caught:
        history = fit(build(), BINARY, [CurveLogger(tmp_path)], epochs=4)
    assert len([warning for warning in caught if warning.category is RuntimeWarning]) == 1
    assert len(history["val_roc_auc"]) == 4
    monkeypatch.setattr(events, "_create", create)
    assert [record.step for record in read_curves(tmp_path)] == ([0, 2, 3] if refused == "bytes" else [])


def test_an_error_in_our_own_pass_leaves_the_weights(tmp_path: Path) -> None:
    """Keras on JAX takes the weights out of a model for the length of a pass."""
    model = build()
    before = [weight.copy() for weight in model.get_weights()]
    model.optimizer.learning_rate = 0.0
    wrong = (X[:20], BINARY[:20].repeat(3).reshape(20, 3))
    with pytest.raises(ValueError, match=r"expected labels of .* outputs of .*; received \(batch, 3\)"):
        fit(model, BINARY, [CurveLogger(tmp_path, wrong)])
    assert [weight.tolist() for weight in model.get_weights()] == [weight.tolist() for weight in before]
    assert len(model.predict(X[N_TRAIN:], verbose=0)) == len(X) - N_TRAIN
