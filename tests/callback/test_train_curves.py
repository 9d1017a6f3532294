"""Curves of the training data: of the batches as they go, or of a pass over data of the user's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest

from curveboard import CurveLogger, read_curves
from curveboard.collect import Collector, Scores
from training import BINARY, N_TRAIN, N, X, build, fit, forever, truth

if TYPE_CHECKING:
    from pathlib import Path

TRAIN = (X[:N_TRAIN], BINARY[:N_TRAIN])


def still() -> keras.Model:
    """A model that training does not change, so that any pass predicts what the batches were predicted as."""
    model = build()
    model.optimizer.learning_rate = 0.0
    return model


@pytest.mark.parametrize("train_data", ["pass", TRAIN], ids=["pass", "data"])
def test_train_curves_equal_scikit_learn(train_data: Any, tmp_path: Path) -> None:
    model = still()
    history = fit(model, BINARY, [CurveLogger(tmp_path, train_data=train_data)])
    expected = truth(TRAIN[1], model.predict(TRAIN[0], verbose=0))
    assert history["roc_auc"] == pytest.approx([expected[0]] * 2, abs=1e-6)
    assert history["average_precision"] == pytest.approx([expected[1]] * 2, abs=1e-6)
    records = {(record.run, record.split, record.step): record.n_examples for record in read_curves(tmp_path)}
    assert records == {
        (split, split, step): n for split, n in (("train", N_TRAIN), ("validation", N)) for step in range(2)
    }


def test_batches_are_counted_while_the_model_learns(tmp_path: Path, seen: list[Scores]) -> None:
    """Its first batch is predicted by the weights that training began with, the others by later ones."""
    model = build()
    first = model.predict(X[:32], verbose=0)
    fit(model, BINARY, [CurveLogger(tmp_path, train_data="pass")], epochs=1, shuffle=False)
    scores = np.abs(seen[-1].values)
    np.testing.assert_allclose(scores[:32], first, atol=1e-6)
    assert not np.allclose(scores[32:], model.predict(X[32:N_TRAIN], verbose=0), atol=1e-6)
    np.testing.assert_array_equal(np.signbit(seen[-1].values[:, 0]), TRAIN[1] == 1)


def test_the_model_learns_as_it_would_without_us(tmp_path: Path) -> None:
    plain, logged = build(), build()
    expected = fit(plain, BINARY, [], shuffle=False)
    history = fit(logged, BINARY, [CurveLogger(tmp_path, train_data="pass")], shuffle=False)
    for one, other in zip(plain.get_weights(), logged.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, rel=1e-5)
    assert set(vars(logged)) == set(vars(plain))


@pytest.mark.parametrize(
    "options",
    [
        {"jit_compile": False},
        {"run_eagerly": True},
        # PyTorch has no groups of steps, and takes most of a minute to compile a training step.
        *([] if keras.backend.backend() == "torch" else [{"jit_compile": True}, {"steps_per_execution": 3}]),
    ],
    ids=str,
)
def test_however_the_training_step_is_compiled(options: dict[str, Any], tmp_path: Path, seen: list[Scores]) -> None:
    fit(build(**options), BINARY, [CurveLogger(tmp_path, train_data="pass")], batch_size=10)
    assert [len(scores.values) for scores in seen] == [N, N_TRAIN] * 2


def test_class_weights_do_not_weigh_examples_but_sample_weights_do(tmp_path: Path, seen: list[Scores]) -> None:
    fit(build(), BINARY, [CurveLogger(tmp_path, train_data="pass")], class_weight={0: 1.0, 1: 9.0}, epochs=1)
    assert seen[-1].sample_weight is None
    weights = np.linspace(1, 2, N_TRAIN)
    fit(build(), BINARY, [CurveLogger(tmp_path, train_data="pass")], sample_weight=weights, shuffle=False, epochs=1)
    assert seen[-1].sample_weight is not None
    np.testing.assert_allclose(seen[-1].sample_weight, weights, rtol=1e-6)


def test_without_validation_there_are_train_curves_alone(tmp_path: Path) -> None:
    history = fit(build(), BINARY, [CurveLogger(tmp_path, train_data="pass")], validation_data=None)
    assert sorted(history) == ["accuracy", "average_precision", "loss", "roc_auc"]
    assert {record.run for record in read_curves(tmp_path)} == {"train"}


def test_every_second_epoch_only(tmp_path: Path) -> None:
    fit(build(), BINARY, [CurveLogger(tmp_path, train_data="pass", freq=2)], epochs=4)
    assert [record.step for record in read_curves(tmp_path) if record.split == "train"] == [1, 3]


def test_batches_of_others_are_not_counted(tmp_path: Path, seen: list[Scores]) -> None:
    class Meddler(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.evaluate(X[:8], BINARY[:8], verbose=0)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch < 2:
                self.model.train_on_batch(X[:8], BINARY[:8])
                self.model.fit(X[:8], BINARY[:8], verbose=0)

    model = build()
    fit(model, BINARY, [Meddler(), CurveLogger(tmp_path, train_data="pass")])
    assert [len(scores.values) for scores in seen] == [N, N_TRAIN] * 2
    assert not {"evaluate", "train_step", "compute_metrics"} & set(vars(model))


def test_a_fit_within_the_fit_may_have_a_logger_of_its_own(tmp_path: Path) -> None:
    class Inner(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            ours = CurveLogger(tmp_path / f"inner{epoch}", train_data="pass")
            fit(self.model, BINARY, [ours], validation_data=(X[:20], BINARY[:20]), epochs=1)

    model = build()
    outer = CurveLogger(tmp_path / "outer", train_data="pass")
    with pytest.warns(UserWarning, match=r"model\.train_function is not Keras' own"):  # it is the outer logger's
        fit(model, BINARY, [Inner(), outer])
    records = sorted((record.run, record.step, record.n_examples) for record in read_curves(tmp_path))
    assert records == sorted(
        [(f"inner{epoch}/{split}", 0, n) for epoch in range(2) for split, n in (("train", N_TRAIN), ("validation", 20))]
        + [(f"outer/{split}", step, n) for step in range(2) for split, n in (("train", N_TRAIN), ("validation", N))]
    )
    assert not {"evaluate", "train_step", "compute_metrics"} & set(vars(model))


class SilentTraining(keras.Sequential):  # type: ignore[misc]  # Keras has no type hints
    """A model whose training step tells nobody what it predicts."""

    def train_step(self, *arguments: Any) -> Any:
        logs = {"own": keras.ops.convert_to_tensor(7.0)}
        return (logs, arguments[0]) if keras.backend.backend() == "jax" else logs


def test_a_training_step_that_cannot_be_ridden_is_predicted_once_more(tmp_path: Path) -> None:
    model = SilentTraining([keras.Input((5,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    with pytest.warns(UserWarning, match="predicts the training data once more, .*SilentTraining.train_step does not"):
        history = fit(model, BINARY, [CurveLogger(tmp_path, train_data="pass")])
    expected = truth(TRAIN[1], model.predict(TRAIN[0], verbose=0))
    assert history["roc_auc"] == pytest.approx([expected[0]] * 2, abs=1e-6)


def test_no_graph_of_a_training_step_is_kept_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    append = Collector.append

    def note(self: Collector, encoded: Any) -> None:
        kept.extend(keras.tree.flatten(encoded))
        append(self, encoded)

    monkeypatch.setattr(Collector, "append", note)
    fit(build(), BINARY, [CurveLogger(tmp_path, train_data="pass")], epochs=1)
    assert len(kept) >= 5
    assert not any(getattr(tensor, "requires_grad", False) for tensor in kept)


def test_options_of_train_data(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="data or 'pass'; received 'passing'"):
        CurveLogger(tmp_path, train_data="passing")
    with pytest.raises(ValueError, match=r"expected steps= .*; received steps=None"):
        CurveLogger(tmp_path, train_data=forever())
