"""A pass of our own over data: the forward pass alone, batch by batch on the device."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from curveboard.collect.collector import Collector, Encoded, OpenStream, Taken
from curveboard.collect.heads import Reading
from curveboard.collect.steps import Function, borrowed

DEFAULT_BATCH_SIZE = 128
"""Four times Keras' own: inference keeps no activations for a backward pass."""

_BATCHES_PER_CALL = 4
"""Of TensorFlow's function: where a batch is small, the call is what costs. More would crowd the device with inputs."""


class OwnPass:
    """Runs a model over data and collects its scores.

    Keras' own `predict` iterates, with its adapters and their prefetching for every kind of data, and brings together
    what several replicas return. Of its step only the forward pass is left, and what it returns stays on the device:
    nothing is copied to the host, or joined there, before the pass is over.

    Args:
        data: `(x, y)`, `(x, y, sample_weight)`, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a PyTorch `DataLoader`,
            or a generator of such batches. A generator cannot be rewound: its first `steps` batches are kept in
            memory and measured every time.
        batch_size: Batch size for arrays; None is 128.
        steps: Number of batches; None runs them all. Needed with a generator.

    Raises:
        ValueError: If arrays come without labels, or a generator without `steps`.
    """

    def __init__(self, data: Any, *, batch_size: int | None = None, steps: int | None = None) -> None:
        self._data = _predict_arguments(data, batch_size, steps)
        self._is_arrays = isinstance(self._data["x"], tuple)
        self._collector = Collector(Reading())
        self._reading: Reading | None = None
        self._model: Any = None
        self._function: Function | None = None
        self._has_run = False

    def run(self, model: Any, reading: Reading, *, verbose: int = 0, open_stream: OpenStream | None = None) -> Taken:
        """Runs the pass; the step is compiled once and used again. The model is as it was on return.

        Args:
            model: A Keras model.
            reading: How its outputs are to be read.
            verbose: 1 shows Keras' progress bar.
            open_stream: Opens what counts scores above the memory limit of `reading`; None keeps them all.

        Returns:
            The scores of each head, in the order of the data, or what has counted them.

        Raises:
            ValueError: As `Collector.encode` and `Collector.take`.
        """
        if model is not self._model or reading != self._reading:
            self._model, self._reading, self._function = model, reading, None
            self._collector = Collector(reading)
        try:
            if open_stream is not None:
                self._collector.stream_to(open_stream)
            self._predict(verbose)
            return self._collector.take()
        finally:
            self._collector.forget()

    def _predict(self, verbose: int) -> None:
        model, is_new = self._model, self._function is None
        if is_new:
            self._one_step = _traced_once(model, self._step)
        # Where groups do not go into the steps, Keras would run more of them.
        is_grouped = keras.backend.backend() == "tensorflow" and (self._data["steps"] or 0) % _BATCHES_PER_CALL == 0
        group = _BATCHES_PER_CALL if is_grouped else 1
        with borrowed(model, predict_step=self._one_step, predict_function=None, steps_per_execution=group):
            if is_new:
                keras.Model.make_predict_function(model, force=True)
                self._function = model.predict_function
            model.predict_function = self._run
            with self._weights_kept():
                self._iterate(verbose)

    def _iterate(self, verbose: int) -> None:
        try:
            # The class' method: a `predict` of the user's own is not concerned.
            keras.Model.predict(self._model, **self._data, verbose=verbose)
        except UnboundLocalError as error:
            if "batch_outputs" not in str(error):  # which is Keras' answer to data without a batch
                raise

    @contextmanager
    def _weights_kept(self) -> Iterator[None]:
        """Puts the weights back if the pass breaks: on JAX, Keras takes them out of the model for its length."""
        if keras.backend.backend() != "jax":
            yield
            return
        self._has_run = False
        before = [(variable, variable.value) for variable in self._model.variables]
        try:
            yield
        except BaseException:
            if self._has_run:  # the step has consumed what it was given, and returned it
                self._model.jax_state_sync()
            else:
                for variable, value in before:
                    variable.assign(value)
            raise

    def _run(self, *arguments: Any) -> Any:
        """Stands in for `model.predict_function`; keeps what it returns, and returns nothing for Keras to keep."""
        assert self._function is not None
        result = self._function(*arguments)
        if keras.backend.backend() != "jax":
            self._collector.append(result)
            return ()
        self._has_run = True
        encoded, state = result
        self._collector.append(encoded)
        return (), state

    def _step(self, *arguments: Any) -> Any:
        """Stands in for `model.predict_step`: a forward pass and its encoding."""
        data = arguments[-1]
        # Arrays travel as one structure, for which `predict` has one argument.
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data[0] if self._is_arrays else data)
        if keras.backend.backend() != "jax":
            return self._encode(x, y, sample_weight)
        trainable, non_trainable = arguments[0]
        variables = [*self._model.trainable_variables, *self._model.non_trainable_variables]
        values = [*trainable, *non_trainable]
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))) as scope:
            encoded = self._encode(x, y, sample_weight)
        return encoded, [scope.get_current_value(variable) for variable in self._model.non_trainable_variables]

    def _encode(self, x: Any, y: Any, sample_weight: Any) -> Encoded:
        return self._collector.encode(y, self._model(x, training=False), sample_weight)


class _KeptBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no type hints
    """The first batches of a generator, to be run again and again."""

    def __init__(self, batches: Sequence[Any]) -> None:
        super().__init__()
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Any:
        return self._batches[index]


def _traced_once(model: Any, step: Function) -> Function:
    """Lets a group of batches share one trace of TensorFlow's step, unless Keras sees to that, or traces nothing."""
    if keras.backend.backend() != "tensorflow" or model.run_eagerly or model.jit_compile:
        return step
    import tensorflow as tf

    traced: Function = tf.function(step, reduce_retracing=True, autograph=False)
    return traced


def _predict_arguments(data: Any, batch_size: int | None, steps: int | None) -> dict[str, Any]:
    """Spells data as arguments of `keras.Model.predict`."""
    if isinstance(data, (tuple, list)):
        parts = [part for part in keras.utils.unpack_x_y_sample_weight(tuple(data)) if part is not None]
        if len(parts) < 2:
            raise ValueError("expected validation_data=(x, y) or (x, y, sample_weight); received no labels")
        if batch_size is None and steps is None:
            batch_size = DEFAULT_BATCH_SIZE
        return {"x": tuple(parts), "batch_size": batch_size, "steps": steps}
    if isinstance(data, Iterator):
        if steps is None:
            raise ValueError("expected steps= with a generator as validation_data; received steps=None")
        return {"x": _KeptBatches(list(itertools.islice(data, steps))), "steps": None}
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None and isinstance(data, tensorflow.data.Dataset):
        data = data.prefetch(tensorflow.data.AUTOTUNE)
    return {"x": data, "steps": steps}
