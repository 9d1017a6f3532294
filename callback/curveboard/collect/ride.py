"""Collecting in the passes that `fit` runs anyway: no forward pass is added and none repeated, where that can be.

Where it cannot, the data is predicted in a pass of our own, with a warning that says why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras

from curveboard.collect.boarding import Boarding
from curveboard.collect.collector import OpenStream, Taken
from curveboard.collect.heads import Reading
from curveboard.collect.own_pass import OwnPass
from curveboard.collect.replicas import obstacle_of_strategy
from curveboard.collect.running_fit import RunningFit, is_running, running_fit, when_over
from curveboard.collect.steps import Function, Kind, borrowed

Measured: TypeAlias = Callable[[Taken], Mapping[str, float]]
"""What is done with the scores of a pass; returns values for its logs."""

_EVALUATE = ("x", "y", "batch_size", "verbose", "sample_weight", "steps")
"""Parameters of `evaluate`, in order."""


class Ride:
    """The collectors aboard the passes of one `fit`, shared by all callbacks on the model.

    `model.evaluate` is wrapped while `fit` runs. That bounds the validation pass, however it ends, and lets what was
    measured at its end join its logs, where every callback finds it as `val_<name>`, also one that is listed before
    ours. The model is given back when the `fit` ends, be it by an exception.

    Args:
        model: A compiled Keras model.
        fit: The `fit` that runs; None in a training loop of the user's own.
    """

    def __init__(self, model: Any, fit: RunningFit | None) -> None:
        self._fit = fit
        self._validation = _Leg(model, "test", fit)
        self._training = _Leg(model, "train", fit)
        self._evaluate: Function = model.evaluate
        self._is_evaluating = False
        self._in_fit = ExitStack()
        self._in_fit.enter_context(borrowed(model, evaluate=self.evaluate))
        when_over(model, self.leave)

    @classmethod
    def on(cls, model: Any) -> Ride:
        """Returns the ride of the `fit` that begins: that of another callback, or a new one."""
        fit = running_fit(model)
        earlier = getattr(vars(model).get("evaluate"), "__self__", None)
        if isinstance(earlier, cls):
            if earlier._is_of(fit):
                return earlier
            earlier._leave_if_over()
        return cls(model, fit)

    def leave(self) -> None:
        """Gives the model back as it was. Leaving twice does no harm."""
        self._validation.abandon()
        self._training.abandon()
        self._in_fit.close()

    def board(self, reading: Reading, measured: Measured, open_stream: OpenStream) -> None:
        """Collects in the validation pass that is about to begin; to be called in `on_test_begin`.

        Args:
            reading: How the model's outputs are to be read. Callbacks that read alike share what is collected.
            measured: Called with the scores of each head when the pass is over.
            open_stream: Opens what counts scores above the memory limit of `reading`.
        """
        if self._is_evaluating:  # not in a pass that nobody would end
            self._validation.board(_Passenger(reading, measured, open_stream))

    def board_training(self, reading: Reading, measured: Measured, open_stream: OpenStream) -> None:
        """Collects the training batches of the epoch that is about to begin; to be called in `on_epoch_begin`.

        They are what the training step hands to `compute_metrics`: outputs in training mode, of weights that change
        from batch to batch. Class weights do not count as sample weights: they are the loss' business.

        Args:
            reading: As `board`.
            measured: Called with the scores of each head by `end_training`.
            open_stream: As `board`.
        """
        self._training.board(_Passenger(reading, measured, open_stream))

    def end_training(self) -> None:
        """Measures the training batches, for all who have boarded; to be called in `on_epoch_end`."""
        self._training.finish(self._fit.training_data if self._fit else {})

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """Stands in for `model.evaluate`. A pass that nobody boards goes through untouched."""
        self._leave_if_over()
        self._is_evaluating = True
        try:
            logs = self._evaluate(*args, **kwargs)
            values = self._validation.finish({**dict(zip(_EVALUATE, args, strict=False)), **kwargs})
        finally:
            self._is_evaluating = False
            self._validation.abandon()
        return {**values, **logs} if isinstance(logs, dict) else logs

    def _is_of(self, fit: RunningFit | None) -> bool:
        return (self._fit and self._fit.frame) == (fit and fit.frame)

    def _leave_if_over(self) -> None:
        """Leaves if our `fit` has ended by an exception that somebody still holds, and its frame with it."""
        if self._fit is not None and not is_running(self._fit.frame):
            self.leave()


@dataclass
class _Passenger:
    """Who is aboard a pass."""

    reading: Reading
    measured: Measured
    open_stream: OpenStream
    number: int = 0  # to `take` with


class _Leg:
    """The passes of one kind in one `fit`: who is aboard, and how the scores are had where nobody can be.

    Args:
        model: A compiled Keras model.
        kind: `"train"` or `"test"`.
        fit: The `fit` that runs, or None.
    """

    def __init__(self, model: Any, kind: Kind, fit: RunningFit | None) -> None:
        self._model = model
        self._kind = kind
        self._fit = fit
        self._waiting: list[_Passenger] = []
        self._boarding: Boarding | None = None
        self._obstacle: str | None = None
        self._own_passes: dict[Reading, OwnPass] = {}

    def board(self, passenger: _Passenger) -> None:
        """Collects in the pass that is about to begin, if that is possible."""
        if not self._waiting:
            self._begin()
        self._waiting.append(passenger)
        if self._boarding is not None:
            passenger.number = self._boarding.add(passenger.reading, passenger.open_stream)

    def finish(self, data: Mapping[str, Any]) -> dict[str, float]:
        """Ends the pass and has its scores measured.

        Args:
            data: What the pass ran over, as arguments of `evaluate`.

        Returns:
            The values of all who were aboard.
        """
        values: dict[str, float] = {}
        try:
            if self._boarding is not None:
                self._boarding.end()
            scores = [self._scores(passenger, data) for passenger in self._waiting]
            for passenger, taken in zip(self._waiting, scores, strict=True):
                values.update(passenger.measured(taken))
        finally:
            self.abandon()
        return values

    def abandon(self) -> None:
        """Ends the pass, if one is on, and drops what was collected."""
        if self._boarding is not None:
            self._boarding.end()
            self._boarding.forget()
        self._boarding, self._waiting = None, []

    def _begin(self) -> None:
        obstacle = obstacle_of_strategy(self._model) or _obstacle_of_function(self._model, self._kind)
        if obstacle is not None:
            self._give_way(obstacle)
        if self._obstacle is None:
            is_train, fit = self._kind == "train", self._fit
            self._boarding = Boarding.beside(self._model, self._kind)
            self._boarding.begin(
                caller=fit.frame if fit and is_train else None,
                ignores_weights=bool(fit and is_train and fit.has_class_weight),
            )

    def _scores(self, passenger: _Passenger, data: Mapping[str, Any]) -> Taken:
        if self._boarding is not None and self._boarding.has_missed:
            step = f"{type(self._model).__name__}.{self._kind}_step"
            self._give_way(f"{step} does not call self.compute_metrics(x, y, y_pred, sample_weight)")
        if self._obstacle is None:
            assert self._boarding is not None
            return self._boarding.collector(passenger.reading).take(passenger.number)
        own_pass = self._own_passes.get(passenger.reading) or _own_pass_over(data, self._obstacle)
        self._own_passes[passenger.reading] = own_pass
        return own_pass.run(self._model, passenger.reading, open_stream=passenger.open_stream)

    def _give_way(self, obstacle: str) -> None:
        """Decides for passes of our own, and says why, once."""
        if self._obstacle is None:
            what = {"train": "training", "test": "validation"}[self._kind]
            message = f"CurveLogger predicts the {what} data once more, in a pass of its own: {obstacle}"
            warnings.warn(message, stacklevel=2)
        self._obstacle = obstacle


def _obstacle_of_function(model: Any, kind: Kind) -> str | None:
    """Says why a function compiled by Keras from the model's step would not be what runs without us, if so."""
    maker = f"make_{kind}_function"
    if getattr(type(model), maker) is not getattr(keras.Model, maker):
        return f"{type(model).__name__} has a {maker} of its own"
    function = getattr(model, f"{kind}_function")
    if not getattr(function, "__module__", "").startswith("keras."):
        return f"model.{kind}_function is not Keras' own"
    return None


def _own_pass_over(data: Mapping[str, Any], obstacle: str) -> OwnPass:
    """Makes a pass over what `fit` or `evaluate` was given."""
    x, y, sample_weight = (data.get(name) for name in ("x", "y", "sample_weight"))
    if isinstance(x, Iterator):
        raise ValueError(
            "expected data that can be run over twice, or other data given to CurveLogger, because "
            f"{obstacle}; received a {type(x).__name__}"
        )
    arrays = [part for part in (y, sample_weight) if part is not None]
    return OwnPass((x, *arrays) if arrays else x, batch_size=data.get("batch_size"), steps=data.get("steps"))
