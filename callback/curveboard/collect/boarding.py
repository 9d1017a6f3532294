"""Collecting in the passes of one kind that `fit` runs anyway: training, or validation.

Every trainer's step hands labels and predictions to `model.compute_metrics`. For the length of a pass the step and
`compute_metrics` are wrapped: `compute_metrics` encodes what it is given, the step returns the encoding. The function
compiled from them is ours alone; the model's own is set aside and comes back as it was, so every other pass runs the
code it would run without us.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any, TypeAlias

import keras
from keras import ops

from curveboard.collect.collector import Collector, Encoded, OpenStream
from curveboard.collect.heads import Reading, Tensor
from curveboard.collect.steps import Function, Kind, add_encoded, borrowed, make_collecting_function

_ATTRIBUTE = "curveboard_boarding"

Key: TypeAlias = tuple[tuple[Reading, ...], bool]


class Boarding:
    """The collectors aboard the passes of one kind, and the functions compiled for them.

    It lasts as an attribute of the model's own function, beside which ours are compiled: the next `fit` compiles
    nothing again, and `model.compile` drops both.

    Args:
        model: A compiled Keras model.
        kind: `"train"` or `"test"`.
    """

    def __init__(self, model: Any, kind: Kind) -> None:
        self._model = model
        self._kind = kind
        self._collectors: dict[Reading, Collector] = {}
        self._functions: dict[Key, Function] = {}
        self._aboard: dict[Reading, Collector] = {}
        self._encoded: tuple[Encoded, ...] | None = None
        self._has_missed = False
        self._ignores_weights = False
        self._caller: int | None = None
        self._own_function: Function | None = None
        self._function: Function | None = None  # of the pass that is on
        self._borrowed = ExitStack()

    @classmethod
    def beside(cls, model: Any, kind: Kind) -> Boarding:
        """Returns what was compiled beside the model's present function, or something new."""
        own_function = getattr(model, f"{kind}_function")
        boarding = getattr(own_function, _ATTRIBUTE, None)
        if not isinstance(boarding, cls):
            boarding = cls(model, kind)
            with suppress(AttributeError):  # another's object may take none; then nothing lasts
                setattr(own_function, _ATTRIBUTE, boarding)
        return boarding

    def begin(self, *, caller: int | None = None, ignores_weights: bool = False) -> None:
        """Takes the place of the model's function and step.

        Args:
            caller: Identity of the frame whose batches are collected; None collects all.
            ignores_weights: Whether sample weights are not those of the examples.
        """
        model, kind = self._model, self._kind
        self._own_function = getattr(model, f"{kind}_function")
        self._step, self._compute_metrics = getattr(model, f"{kind}_step"), model.compute_metrics
        self._batches_per_call = model.steps_per_execution
        self._caller, self._ignores_weights, self._has_missed = caller, ignores_weights, False
        ours = {f"{kind}_function": self._run, f"{kind}_step": self._run_step, "compute_metrics": self._encode}
        self._borrowed.enter_context(borrowed(model, **ours))

    def add(self, reading: Reading, open_stream: OpenStream) -> int:
        """Collects what is read so in the pass that has begun; returns the number to `take` with."""
        self._function = None
        self._aboard[reading] = self._collectors.setdefault(reading, Collector(reading))
        return self._aboard[reading].stream_to(open_stream)

    def end(self) -> None:
        """Gives the model back. What was collected is kept."""
        self._borrowed.close()

    @property
    def has_missed(self) -> bool:
        """Whether the step had batches of which it told no predictions."""
        return self._has_missed

    def collector(self, reading: Reading) -> Collector:
        """Returns what is aboard."""
        return self._aboard[reading]

    def forget(self) -> None:
        """Drops what was collected."""
        for collector in self._aboard.values():
            collector.forget()
        self._aboard = {}

    def _run(self, *arguments: Any) -> Any:
        """Stands in for the model's function."""
        if self._caller not in (None, id(sys._getframe(1))):  # a `fit` within the `fit`, or one batch of the user's
            assert self._own_function is not None
            return self._own_function(*arguments)
        if self._function is None:
            self._function = self._function_for_those_aboard(arguments)
        return self._function(*arguments)

    def _function_for_those_aboard(self, arguments: Sequence[Any]) -> Function:
        key = tuple(self._aboard), self._ignores_weights
        if key not in self._functions:
            collectors = list(self._aboard.values())

            def keep(encoded: tuple[Encoded, ...] | None) -> None:
                self._has_missed |= encoded is None
                for collector, batch in zip(collectors, encoded or (), strict=False):
                    collector.append(batch)

            self._functions[key] = make_collecting_function(
                self._model, self._kind, keep, self._batches_per_call, arguments
            )
        return self._functions[key]

    def _run_step(self, *arguments: Any) -> Any:
        """Stands in for the model's step. What it leaves unencoded is told by `keep`."""
        self._encoded = ()
        try:
            result = self._step(*arguments)
            return add_encoded(result, self._encoded) if self._encoded else result
        finally:
            self._encoded = None

    def _encode(self, x: Tensor, y: Tensor, y_pred: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Stands in for `model.compute_metrics`; only within our own step is there anything to do."""
        if self._encoded is not None:
            sample_weight = args[0] if args else kwargs.get("sample_weight")
            if self._ignores_weights:
                sample_weight = None
            encoded = tuple(collector.encode(y, y_pred, sample_weight) for collector in self._aboard.values())
            # Without this PyTorch would keep the graph of each training step alive.
            self._encoded = keras.tree.map_structure(ops.stop_gradient, encoded)
        return self._compute_metrics(x, y, y_pred, *args, **kwargs)
