"""Test functions that keep what their steps encode: how a compiled step is borrowed from Keras and given back.

Keras runs a pass by calling `model.test_function`, which `model.make_test_function` compiles from `model.test_step` and
which returns the step's logs. A step of ours adds the encoded batch to those logs as further outputs; the function made
from it takes them out again before Keras sees the logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import keras

Function: TypeAlias = Callable[..., Any]

_KEY = "curveboard"
_ABSENT = object()


@contextmanager
def borrowed(model: Any, **attributes: Any) -> Iterator[None]:
    """Sets attributes of one model, and puts back on leaving exactly what was there, absence included."""
    before = {name: vars(model).get(name, _ABSENT) for name in attributes}
    try:
        for name, value in attributes.items():
            setattr(model, name, value)
        yield
    finally:
        for name, value in before.items():
            if value is not _ABSENT:
                setattr(model, name, value)
            elif name in vars(model):
                delattr(model, name)


def add_encoded(step_result: Any, encoded: Any) -> Any:
    """Adds an encoded batch to what a test step returns: logs, on JAX `(logs, state)`."""
    if keras.backend.backend() == "jax":
        logs, state = step_result
        return {**logs, _KEY: encoded}, state
    return {**step_result, _KEY: encoded}


def make_collecting_function(model: Any, keep: Callable[[Any], None], batches_per_call: int) -> Function:
    """Makes a test function that keeps what the model's test step encodes and returns what Keras expects.

    Of a group of batches Keras returns the logs of the last one only. So the function is compiled for one batch, and a
    group is a loop over it.

    Args:
        model: A model whose `test_step` ends in `add_encoded` and whose `steps_per_execution` is 1, both also while the
            function is in use: the trainers read them late.
        keep: Called with the encoding of each batch, in order.
        batches_per_call: The `steps_per_execution` that Keras iterates by.

    Raises:
        ValueError: If the model runs on several replicas, of whose outputs Keras takes the mean.
    """
    _check_one_replica(model)
    with borrowed(model, test_function=None):
        model.make_test_function(force=True)
        one_batch = model.test_function
    is_jax = keras.backend.backend() == "jax"
    end_of_data = _end_of_data()

    def test_function(*arguments: Any) -> Any:
        result: Any = None
        for index in range(batches_per_call):
            try:
                result = one_batch(*arguments)
            except end_of_data:
                if index == 0:
                    raise
                break
            logs = result[0] if is_jax else result
            keep(logs.pop(_KEY))
            if is_jax:  # the state after one batch is the next one's
                arguments = (result[1], *arguments[1:])
        return result

    return test_function


def _check_one_replica(model: Any) -> None:
    if keras.backend.backend() == "tensorflow":
        replicas = model.distribute_strategy.num_replicas_in_sync
        if replicas > 1:
            raise ValueError(f"expected a model on one replica; received a tf.distribute strategy with {replicas}")


def _end_of_data() -> tuple[type[Exception], ...]:
    """The exceptions by which a test function says that its iterator is at an end."""
    if keras.backend.backend() != "tensorflow":
        return (StopIteration,)
    import tensorflow as tf

    return StopIteration, tf.errors.OutOfRangeError
