"""Collecting in the validation pass that `fit` runs anyway: no forward pass is added and none repeated.

Every trainer's `test_step` hands labels and predictions to `model.compute_metrics`. For the length of a pass both are
wrapped: `compute_metrics` encodes what it is given, `test_step` returns the encoding. The function compiled from them
is ours alone; the model's own `test_function` is set aside and comes back as it was, so training and any other
`model.evaluate` run the code they would run without us.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from curveboard.collect.collector import Collector, Encoded
from curveboard.collect.heads import Reading, Tensor
from curveboard.collect.steps import Function, add_encoded, borrowed, make_collecting_function

if TYPE_CHECKING:
    from types import FrameType


_ATTRIBUTE = "curveboard_ride"


class Ride:
    """The collectors aboard the validation passes of one `fit`, shared by all callbacks on the model.

    `model.evaluate` is wrapped while `fit` runs. That bounds the pass, however it ends, and lets what was measured at
    its end join its logs, where every callback finds it as `val_<name>`, also one that is listed before ours.

    Between two `fit`s of a model the ride lasts as an attribute of `model.test_function`, beside which its own function
    was compiled: nothing is compiled again, and `model.compile` drops both.

    Args:
        model: A compiled Keras model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._evaluate: Function | None = None
        self._collectors: dict[Reading, Collector] = {}
        self._aboard: dict[Reading, Collector] = {}
        self._encoded: tuple[Encoded, ...] = ()
        self._functions: dict[tuple[Reading, ...], Function] = {}
        self._made_beside: Function | None = None
        self._values: dict[str, float] = {}
        self._in_pass = ExitStack()
        self._in_fit = ExitStack()

    @classmethod
    def on(cls, model: Any) -> Ride:
        """Returns the ride of a `fit` that begins: another callback's, an earlier `fit`'s, or a new one."""
        wrapped = getattr(vars(model).get("evaluate"), "__self__", None)
        if isinstance(wrapped, cls):
            return wrapped
        earlier = getattr(model.test_function, _ATTRIBUTE, None)
        ride = earlier if isinstance(earlier, cls) else cls(model)
        ride._evaluate = model.evaluate
        ride._in_fit.enter_context(borrowed(model, evaluate=ride.evaluate))
        return ride

    def leave(self) -> None:
        """Gives the model back as it was. Leaving twice does no harm."""
        self._end_pass()
        self._in_fit.close()

    def board(self, reading: Reading) -> Collector:
        """Collects in the pass that is about to begin; to be called in `on_test_begin`.

        Args:
            reading: How the model's outputs are to be read.

        Returns:
            The collector to `take` from in `on_test_end`. Callbacks that read alike share it.
        """
        if not self._aboard:
            self._begin_pass()
        collector = self._collectors.setdefault(reading, Collector(reading))
        self._aboard[reading] = collector
        return collector

    def report(self, values: dict[str, float]) -> None:
        """Lets values measured at the end of the pass join its logs."""
        self._values.update(values)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """Stands in for `model.evaluate`. A pass that nobody boards goes through untouched."""
        assert self._evaluate is not None
        self._values = {}
        try:
            logs = self._evaluate(*args, **kwargs)
        finally:
            self._end_pass()
        return {**self._values, **logs} if isinstance(logs, dict) else logs

    def _begin_pass(self) -> None:
        model = self._model
        if model.test_function is not self._made_beside:  # compiled anew: metrics and loss are others
            self._functions.clear()
            self._made_beside = model.test_function
            setattr(self._made_beside, _ATTRIBUTE, self)
        self._test_step, self._compute_metrics = model.test_step, model.compute_metrics
        self._batches_per_call = model.steps_per_execution
        self._in_pass.enter_context(
            borrowed(
                model,
                test_function=self._run,
                test_step=self._step,
                compute_metrics=self._encode,
                steps_per_execution=1,
            )
        )

    def _end_pass(self) -> None:
        self._in_pass.close()
        for collector in self._aboard.values():
            collector.forget()
        self._aboard = {}

    def _run(self, *arguments: Any) -> Any:
        """Stands in for `model.test_function`: the function that encodes what those aboard need."""
        readings = tuple(self._aboard)
        if readings not in self._functions:
            collectors = [self._aboard[reading] for reading in readings]

            def keep(encoded: tuple[Encoded, ...]) -> None:
                for collector, batch in zip(collectors, encoded, strict=True):
                    collector.append(batch)

            self._functions[readings] = make_collecting_function(self._model, keep, self._batches_per_call)
        return self._functions[readings](*arguments)

    def _step(self, *arguments: Any) -> Any:
        """Stands in for `model.test_step`."""
        self._encoded = ()
        result = self._test_step(*arguments)
        if not self._encoded:
            raise ValueError(
                "expected the model's test_step to call self.compute_metrics(x, y, y_pred, sample_weight), which is "
                "where CurveLogger finds the predictions (else pass validation_data= to CurveLogger); "
                f"received {type(self._model).__name__}.test_step, which does not"
            )
        return add_encoded(result, self._encoded)

    def _encode(self, x: Tensor, y: Tensor, y_pred: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Stands in for `model.compute_metrics`."""
        sample_weight = args[0] if args else kwargs.get("sample_weight")
        self._encoded = tuple(collector.encode(y, y_pred, sample_weight) for collector in self._aboard.values())
        return self._compute_metrics(x, y, y_pred, *args, **kwargs)


def fit_validates(model: Any) -> bool | None:
    """Tells whether the `fit` that is running has validation data; None where no `fit` of the model is running.

    Keras tells callbacks neither this nor `validation_freq`, so that a missing pass may mean "none ever" or "not in
    this epoch". The local variable of the running `fit` knows, and lets a mistake surface after the first epoch.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        variables = frame.f_locals
        if frame.f_code.co_name == "fit" and variables.get("self") is model and "validation_data" in variables:
            return variables["validation_data"] is not None
        frame = frame.f_back
    return None
