"""Functions that keep what their steps encode: how a compiled step is borrowed from Keras and given back.

Keras trains by calling `model.train_function` and evaluates by calling `model.test_function`. It compiles them from
`model.train_step` and `model.test_step`, and they return the step's logs. A step of ours adds the encoded batch to
those logs as further outputs; the function made from it takes them out again before Keras sees the logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Literal, TypeAlias

import keras

Function: TypeAlias = Callable[..., Any]
Kind: TypeAlias = Literal["train", "test"]

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
    """Adds an encoded batch to what a step returns: logs, on JAX `(logs, state)`."""
    if keras.backend.backend() == "jax":
        logs, state = step_result
        return {**logs, _KEY: (encoded,)}, state
    return {**step_result, _KEY: _of_all_replicas(encoded)}


def make_collecting_function(
    model: Any, kind: Kind, keep: Callable[[Any], None], batches_per_call: int, arguments: Sequence[Any]
) -> Function:
    """Makes a train or test function that keeps what the model's step encodes and returns what Keras expects.

    Of a group of batches Keras returns the logs of the last one only. So the function is compiled for one batch, and a
    group is a loop over it.

    Args:
        model: A model whose step ends in `add_encoded`, also while the function is in use: it may be traced again.
        kind: Whether `train_step` or `test_step`.
        keep: Called with the encoding of each batch, in order, and of each replica where there are several; with None
            for a batch that was not encoded.
        batches_per_call: The `steps_per_execution` that Keras iterates by.
        arguments: What it is to be called with first.
    """
    name = f"{kind}_function"
    with borrowed(model, **{name: None}), _one_batch_per_call(model), _weights_in_place(model, kind, arguments):
        getattr(model, f"make_{name}")(force=True)
        one_batch = getattr(model, name)
    is_jax = keras.backend.backend() == "jax"
    end_of_data = _end_of_data()

    def one_call(*arguments: Any) -> Any:
        result: Any = None
        for index in range(batches_per_call):
            try:
                result = one_batch(*arguments)
            except end_of_data:
                if index == 0:
                    raise
                break
            logs = result[0] if is_jax else result
            for encoded in logs.pop(_KEY, (None,)):
                keep(encoded)
            if is_jax:  # the state after one batch is the next one's
                arguments = (result[1], *arguments[1:])
        return result

    def function(*arguments: Any) -> Any:
        with _one_batch_per_call(model):  # the trainers look at it late
            return one_call(*arguments)

    return one_call if batches_per_call == 1 else function


def _weights_in_place(model: Any, kind: Kind, arguments: Sequence[Any]) -> AbstractContextManager[None]:
    """On JAX, lets the trainer see how weights are spread over devices: during a pass they are in the state alone."""
    if keras.backend.backend() != "jax":
        return nullcontext()
    optimizer = [model.optimizer.variables] if kind == "train" else []
    groups = [model.trainable_variables, model.non_trainable_variables, *optimizer, model.metrics_variables]
    pairs = [
        pair for group, values in zip(groups, arguments[0], strict=True) for pair in zip(group, values, strict=True)
    ]
    scope: AbstractContextManager[None] = keras.StatelessScope(state_mapping=pairs)
    return scope


def _one_batch_per_call(model: Any) -> AbstractContextManager[None]:
    return nullcontext() if model.steps_per_execution == 1 else borrowed(model, steps_per_execution=1)


def _of_all_replicas(encoded: Any) -> tuple[Any, ...]:
    """Returns the encodings of this step by replica.

    Of what replicas return Keras takes the mean. So each returns the same: what all of them have encoded. No tensor is
    copied for that, and nothing is left to take a mean of.
    """
    if keras.backend.backend() != "tensorflow":
        return (encoded,)
    import tensorflow as tf

    if tf.distribute.get_strategy().num_replicas_in_sync == 1:
        return (encoded,)

    def by_replica(strategy: Any, parts: Any) -> tuple[Any, ...]:
        return tuple(
            keras.tree.map_structure(lambda part, index=index: strategy.experimental_local_results(part)[index], parts)
            for index in range(strategy.num_replicas_in_sync)
        )

    replicas: tuple[Any, ...] = tf.distribute.get_replica_context().merge_call(by_replica, args=(encoded,))
    return replicas


def _end_of_data() -> tuple[type[Exception], ...]:
    """The exceptions by which a function says that its iterator is at an end."""
    if keras.backend.backend() != "tensorflow":
        return (StopIteration,)
    import tensorflow as tf

    return StopIteration, tf.errors.OutOfRangeError
