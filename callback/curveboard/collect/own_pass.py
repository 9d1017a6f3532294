"""A pass of our own over validation data: the forward pass alone, batch by batch on the device."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from curveboard.collect.collector import Collector, Scores
from curveboard.collect.heads import Reading
from curveboard.collect.steps import Function, add_encoded, borrowed, make_collecting_function

DEFAULT_BATCH_SIZE = 128
"""Four times Keras' own: inference keeps no activations for a backward pass."""


class OwnPass:
    """Runs a model over validation data and collects its scores.

    Keras' own `evaluate` iterates, with its data adapters for every kind of data; of its step only the forward pass is
    left. Neither loss nor metrics are computed, and nothing is copied to the host before the pass is over.

    Args:
        validation_data: `(x, y)`, `(x, y, sample_weight)`, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a PyTorch
            `DataLoader`, or a generator of such batches. A generator cannot be rewound: its first `steps` batches
            are kept in memory and measured every time.
        batch_size: Batch size for arrays; None is 128.
        steps: Number of batches; None runs them all. Needed with a generator.

    Raises:
        ValueError: If arrays come without labels, or a generator without `steps`.
    """

    def __init__(self, validation_data: Any, *, batch_size: int | None = None, steps: int | None = None) -> None:
        self._data = _evaluate_arguments(validation_data, batch_size, steps)
        self._collector = Collector(Reading())
        self._reading: Reading | None = None
        self._model: Any = None
        self._function: Function | None = None

    def run(self, model: Any, reading: Reading) -> dict[str, Scores]:
        """Runs the pass; the step is compiled once and used again. The model is as it was on return.

        Args:
            model: A compiled Keras model.
            reading: How its outputs are to be read.

        Returns:
            The scores of each head, in the order of the data.

        Raises:
            ValueError: As `Collector.encode` and `Collector.take`.
        """
        if model is not self._model or reading != self._reading:
            self._model, self._reading, self._function = model, reading, None
            self._collector = Collector(reading)
        with borrowed(model, test_step=self._step, test_function=self._run, steps_per_execution=1):
            # The class' method: ours and the user's wrappers around validation are not concerned.
            keras.Model.evaluate(model, **self._data, verbose=0, return_dict=True)
        try:
            return self._collector.take()
        finally:
            self._collector.forget()

    def _run(self, *arguments: Any) -> Any:
        if self._function is None:
            self._function = make_collecting_function(self._model, self._collector.append, 1)
        return self._function(*arguments)

    def _step(self, *arguments: Any) -> Any:
        """Stands in for `model.test_step`: a forward pass and its encoding."""
        is_jax = keras.backend.backend() == "jax"
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(arguments[-1])
        y_pred, logs = (
            _stateless_forward(self._model, arguments[0], x) if is_jax else (self._model(x, training=False), {})
        )
        return add_encoded(logs, self._collector.encode(y, y_pred, sample_weight))


def _stateless_forward(model: Any, state: Any, x: Any) -> tuple[Any, Any]:
    """Runs the model on JAX, where the step carries its state: returns predictions and `({}, new state)`."""
    trainable, non_trainable, metrics = state
    variables = [*model.trainable_variables, *model.non_trainable_variables]
    with keras.StatelessScope(state_mapping=list(zip(variables, [*trainable, *non_trainable], strict=True))) as scope:
        y_pred = model(x, training=False)
    after = [scope.get_current_value(variable) for variable in model.non_trainable_variables]
    return y_pred, ({}, (trainable, after, metrics))


class _KeptBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no type hints
    """The first batches of a generator, to be run again and again."""

    def __init__(self, batches: Sequence[Any]) -> None:
        super().__init__()
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Any:
        return self._batches[index]


def _evaluate_arguments(validation_data: Any, batch_size: int | None, steps: int | None) -> dict[str, Any]:
    """Spells validation data as arguments of `keras.Model.evaluate`."""
    if isinstance(validation_data, (tuple, list)):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(tuple(validation_data))
        if y is None:
            raise ValueError("expected validation_data=(x, y) or (x, y, sample_weight); received no labels")
        batch_size = DEFAULT_BATCH_SIZE if batch_size is None else batch_size
        return {"x": x, "y": y, "sample_weight": sample_weight, "batch_size": batch_size, "steps": steps}
    if isinstance(validation_data, Iterator):
        if steps is None:
            raise ValueError("expected steps= with a generator as validation_data; received steps=None")
        return {"x": _KeptBatches(list(itertools.islice(validation_data, steps)))}
    return {"x": validation_data, "steps": steps}
