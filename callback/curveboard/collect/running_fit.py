"""What the `fit` that is running knows and tells no callback: its data, its class weights, and when it is over.

Keras tells callbacks neither whether there is validation data nor when a `fit` ends by an exception. The frame of the
running `fit` shows both.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from types import FrameType


@dataclass(frozen=True, eq=False)
class RunningFit:
    """A `fit` in whose callbacks we are.

    Attributes:
        frame: Identity of its frame: no other has the same as long as it runs.
        validates: Whether it has validation data.
        has_class_weight: Whether it weighs classes; Keras hands such weights to the step as sample weights.
        training_data: Its data, as arguments of `evaluate`.
    """

    frame: int
    validates: bool
    has_class_weight: bool
    training_data: Mapping[str, Any]


def running_fit(model: Any) -> RunningFit | None:
    """Finds the innermost `fit` of a model that is running.

    Returns:
        None where there is none, as in a training loop of the user's own.
    """
    found = _frame_of_fit(model)
    if found is None:
        return None
    variables = found.f_locals
    data = {name: variables.get(name) for name in ("x", "y", "sample_weight", "batch_size")}
    return RunningFit(
        frame=id(found),
        validates=variables["validation_data"] is not None,
        has_class_weight=variables.get("class_weight") is not None,
        training_data={**data, "steps": variables.get("steps_per_epoch")},
    )


def when_over(model: Any, call: Callable[[], None]) -> None:
    """Has something called when the running `fit` is over, be it by an exception; then nobody calls `on_train_end`.

    The list of callbacks that `fit` makes goes with its frame. Where the user made it, or holds the traceback, the call
    comes late.
    """
    found = _frame_of_fit(model)
    callbacks = found and found.f_locals.get("callbacks")
    if isinstance(callbacks, keras.callbacks.CallbackList):
        weakref.finalize(callbacks, call).atexit = False


def is_running(frame: int) -> bool:
    """Tells whether we are within the frame of this identity."""
    return any(id(each) == frame for each in _frames())


def _frame_of_fit(model: Any) -> FrameType | None:
    for frame in _frames():
        if frame.f_code.co_name == "fit":
            variables = frame.f_locals
            if variables.get("self") is model and "validation_data" in variables:
                return frame
    return None


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back
