"""`OwnPass`: a forward pass of our own, over any data, that leaves everything on the device until it is over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from curveboard import CurveLogger
from curveboard.collect import SINGLE, Collector, OwnPass, Reading, Scores
from training import BINARY, N_TRAIN, WEIGHTS, Batches, N, X, build, fit, forever

if TYPE_CHECKING:
    from pathlib import Path

DATA = (X[N_TRAIN:], BINARY[N_TRAIN:])
READING = Reading()


def run(own_pass: OwnPass, model: keras.Model) -> Scores:
    """The scores of the model's only output."""
    scores = own_pass.run(model, READING)[SINGLE]
    assert isinstance(scores, Scores)
    return scores


def test_scores_are_those_of_predict_in_the_order_of_the_data() -> None:
    model = build()
    scores = run(OwnPass((*DATA, WEIGHTS), batch_size=20), model)
    np.testing.assert_allclose(np.abs(scores.values), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)
    np.testing.assert_array_equal(np.signbit(scores.values[:, 0]), BINARY[N_TRAIN:] == 1)
    np.testing.assert_array_equal(scores.sample_weight, WEIGHTS)


def test_a_pass_is_compiled_once_and_sees_new_weights() -> None:
    model, own_pass = build(), OwnPass(DATA, batch_size=25)
    before = run(own_pass, model).values
    calls: list[int] = []
    original = model.call

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return original(*args, **kwargs)

    model.set_weights([weight + 0.5 for weight in model.get_weights()])
    model.call = counted
    after = run(own_pass, model).values
    assert len(calls) == (3 if keras.backend.backend() == "torch" else 0)  # PyTorch traces nothing
    assert not np.array_equal(before, after)
    np.testing.assert_allclose(np.abs(after), model.predict(X[N_TRAIN:], verbose=0), atol=1e-6)


def test_the_model_is_as_it_was_and_its_own_predict_is_not_concerned() -> None:
    class Names(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
        def predict(self, *args: Any, **kwargs: Any) -> Any:
            return np.where(super().predict(*args, **kwargs) > 0.5, "yes", "no")

        def predict_step(self, *arguments: Any) -> Any:
            raise AssertionError("not ours to call")

    model = Names([keras.Input((5,)), keras.layers.Dropout(0.9), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", run_eagerly=True, steps_per_execution=1)
    model(X)
    before = {**vars(model)}
    scores = run(OwnPass(DATA), model).values
    after = {**vars(model)}
    for own in ("stop_predicting", "training", "_jax_state"):  # Keras' and PyTorch's
        before.pop(own, None), after.pop(own, None)
    assert after == before
    np.testing.assert_allclose(
        np.abs(scores), keras.ops.convert_to_numpy(model(X[N_TRAIN:], training=False)), atol=1e-6
    )


def test_a_generator_is_read_once_and_measured_every_time() -> None:
    generator, model = forever(), build()
    own_pass = OwnPass(generator, steps=3)
    first, second = (run(own_pass, model).values for _ in range(2))
    assert len(first) == N
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(next(generator)[0], Batches()[0][0])  # the fourth batch is still to come


@pytest.mark.parametrize(
    ("batch_size", "steps", "n"), [(20, 2, 40), (7, 8, 56), (20, None, N), (None, None, N), (None, 3, N)]
)
def test_steps_bound_the_pass(batch_size: int | None, steps: int | None, n: int) -> None:
    assert len(run(OwnPass(DATA, batch_size=batch_size, steps=steps), build()).values) == n


def test_data_without_a_batch_is_said_to_be_empty() -> None:
    own_pass = OwnPass((X[:0], BINARY[:0]))
    with (
        pytest.warns(UserWarning, match="ran out of data"),
        pytest.raises(ValueError, match=r"at least one batch .*; received none"),
    ):
        own_pass.run(build(), READING)


def test_an_error_of_the_model_is_not_taken_for_empty_data() -> None:
    class Faulty(keras.layers.Layer):  # type: ignore[misc]  # Keras has no type hints
        def call(self, x: Any) -> Any:
            if keras.ops.shape(x)[0] is not None and getattr(self, "is_faulty", False):
                raise UnboundLocalError("mine")
            return x

    layer = Faulty()
    model = keras.Sequential([keras.Input((5,)), layer, keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", run_eagerly=True)
    layer.is_faulty = True
    with pytest.raises(UnboundLocalError, match="mine"):
        OwnPass(DATA).run(model, READING)
    layer.is_faulty = False
    assert len(run(OwnPass(DATA), model).values) == N


def test_batches_stay_on_the_device_and_keep_no_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    append = Collector.append

    def note(self: Collector, encoded: Any) -> None:
        kept.extend(keras.tree.flatten(encoded))
        append(self, encoded)

    monkeypatch.setattr(Collector, "append", note)
    OwnPass(DATA, batch_size=30).run(build(), READING)
    assert kept
    assert all(keras.ops.is_tensor(tensor) for tensor in kept)
    assert not any(getattr(tensor, "requires_grad", False) for tensor in kept)


def test_the_progress_bar_is_keras_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit(build(), BINARY, [CurveLogger(tmp_path, DATA, batch_size=25)], validation_data=None, epochs=1)
    assert "3/3" not in capsys.readouterr().out
    fit(build(), BINARY, [CurveLogger(tmp_path, DATA, batch_size=25, verbose=1)], validation_data=None, epochs=1)
    assert re.search("CurveLogger: validation data\n.*3/3", capsys.readouterr().out)
