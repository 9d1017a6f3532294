"""Scores and labels of one pass over data: encoded on the device, kept there, copied to the host once at the end.

The label goes into the sign bit. A probability is never negative, so its sign bit is free:

    value = -score  where the class is true,      value = score  where it is not.

One float32 per decision then holds both, exactly, and in the order the score has: `abs(value)` is the score, and
`np.signbit(value)` the label. `-0.0` is a positive that scored zero; the score's own sign is dropped first.

What cannot be a probability or a label is encoded as a value that no score has. Counting, which looks for non-finite
scores anyway, finds it without a second look, and `finish.complaint` reads the codes: `+inf` is a score below zero,
`-inf` a label other than 0 and 1, NaN a score that is NaN or infinite. A class index out of range leaves its row
without a sign bit.

Where a batch is small, what costs is not its elements but the number of operations. So they are few in the step, and
batches are encoded in groups; where it is large, it is encoded in the step, while it is in cache. XLA makes one loop of
the whole encoding.

Logits use their sign; their labels are kept beside them.

Scores that would take more than `Reading.memory_limit` are handed over in portions, to be counted in a stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from curveboard.collect.heads import SINGLE, Head, Reading, Rows, Tensor, heads_of, rows_of

Encoded: TypeAlias = dict[str, dict[str, Tensor]]
"""One batch: its tensors by head and name."""

_GROUP = 64
"""Batches joined on the device: few enough operands to compile quickly."""

_WIDE = 64
"""Columns from which a batch is encoded in the step."""

_MANY = 1 << 15
"""Elements from which compiling the encoding pays."""


@dataclass(frozen=True, eq=False)
class Scores:
    """What one pass has collected, on the host.

    Attributes:
        values: `(n_examples, n_columns)` float32: scores with the label in the sign bit, or logits.
        labels: None where they are in the sign bits; else as the data had them, `(n_examples,)` or
            `(n_examples, n_columns)`.
        sample_weight: `(n_examples,)`, or None where the data has no weights.
        class_indices: Whether the data's labels are class indices rather than one column per class.
    """

    values: npt.NDArray[np.float32]
    labels: npt.NDArray[Any] | None
    sample_weight: npt.NDArray[np.floating] | None
    class_indices: bool


class Stream(Protocol):
    """Counts the scores of one head, portion after portion."""

    def add(self, scores: Scores) -> None:
        """Counts some scores."""


OpenStream: TypeAlias = Callable[[str, Scores], Stream]
"""Opens a stream for a head, of which the first scores are shown but not to be counted yet."""

Taken: TypeAlias = Mapping[str, Any]
"""What a pass has collected, by head: its `Scores`, or the `Stream` that has counted them."""


class Collector:
    """Encodes batches where the model runs and keeps them there until the pass is over.

    `encode` runs inside the compiled step and returns the batch's tensors as outputs of the step; `append` keeps
    them. Outputs need no room reserved beforehand: passes of unknown length, batches of any size and a last partial
    batch are exact, nothing is compiled twice, and no variable is added to the model.

    Args:
        reading: Which outputs are collected, and how they are read.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._heads: dict[str, _HeadBatches] = {}
        self._openers: list[OpenStream] = []
        self._streams: list[dict[str, Stream]] = []
        self._scores: dict[str, Scores] | None = None

    def encode(self, y_true: Any, y_pred: Any, sample_weight: Any) -> Encoded:
        """Encodes one batch, or prepares it for that; runs in the compiled step, on the device.

        Args:
            y_true: Labels, as `heads.heads_of` and `heads.rows_of` take them.
            y_pred: Outputs, likewise.
            sample_weight: Weights, likewise, or None.

        Returns:
            For each head `values`, with `labels` where they are not in the signs yet, `sample_weight` where there is
            one, and `counts` where not all decisions count.

        Raises:
            ValueError: If the shapes are not those of a classifier; names the head where there are several.
        """
        encoded = {}
        for head, *tensors in heads_of(self._reading, y_true, y_pred, sample_weight):
            try:
                rows = rows_of(head, *tensors)
            except ValueError as error:
                raise error if head.name == SINGLE else ValueError(f"head {head.name!r}: {error}") from error
            encoded[head.name] = self._heads.setdefault(head.name, _HeadBatches(head)).encode(rows)
        return encoded

    def stream_to(self, open_stream: OpenStream) -> int:
        """Takes note of who counts scores above the memory limit; returns the number to `take` with."""
        self._openers.append(open_stream)
        self._streams.append({})
        return len(self._openers) - 1

    def append(self, encoded: Encoded) -> None:
        """Keeps one batch, on the device; hands over what is kept where it exceeds the limit and somebody counts it."""
        for name, tensors in encoded.items():
            self._heads[name].append(tensors)
        if self._openers and sum(head.n_bytes for head in self._heads.values()) > self._reading.memory_limit:
            self._hand_over()

    def take(self, number: int = 0) -> Taken:
        """Copies the pass to the host, once, however often it is asked for; returns the scores of each head.

        Args:
            number: Whose streams to return, if there are any; as `stream_to` has told.

        Raises:
            ValueError: If the pass had no batch.
        """
        if any(self._streams):
            self._hand_over()
            return self._streams[number]
        if self._scores is None:
            self._scores = self._take()
            if not self._scores:
                raise ValueError("expected at least one batch of validation data; received none")
        return self._scores

    def forget(self) -> None:
        """Drops what was collected, on the device and on the host, and who counts it."""
        for head in self._heads.values():
            head.forget()
        self._openers, self._streams = [], []
        self._scores = None

    def _take(self) -> dict[str, Scores]:
        return {name: head.take() for name, head in self._heads.items() if head.has_any()}

    def _hand_over(self) -> None:
        """Has all that is kept counted, and lets go of it."""
        for name, scores in self._take().items():
            for open_stream, streams in zip(self._openers, self._streams, strict=True):
                if name not in streams:
                    streams[name] = open_stream(name, scores)
                streams[name].add(scores)


class _HeadBatches:
    """The batches of one head: single ones, and groups of them, encoded and joined.

    Args:
        head: How it is read.

    Attributes:
        n_bytes: What the scores that are kept take, as float32.
    """

    def __init__(self, head: Head) -> None:
        self._head = head
        self._class_indices = False
        self._is_wide = False
        self.n_bytes = 0
        self._batches: list[dict[str, Tensor]] = []
        self._groups: list[dict[str, Tensor]] = []

    def encode(self, rows: Rows) -> dict[str, Tensor]:
        """Encodes one batch where that pays in the step."""
        n_columns = rows.values.shape[-1]
        self._class_indices = n_columns > 1 and len(rows.labels.shape) == 1
        self._is_wide = n_columns >= _WIDE
        in_step = self._is_wide or keras.backend.backend() == "jax"
        if self._head.from_logits or not in_step:
            encoded = {"values": rows.values, "labels": rows.labels}
        else:
            encoded = {"values": _compiled_sign(n_columns, self._class_indices)(rows.values, rows.labels)}
        beside = {"sample_weight": rows.weights, "counts": rows.counts}
        return encoded | {name: tensor for name, tensor in beside.items() if tensor is not None}

    def append(self, tensors: dict[str, Tensor]) -> None:
        """Keeps one batch."""
        self.n_bytes += 4 * int(np.prod(tensors["values"].shape))
        self._batches.append(tensors)
        if len(self._batches) == _GROUP or (self._is_wide and np.prod(tensors["values"].shape) >= _MANY):
            self._join()

    def has_any(self) -> bool:
        """Whether any batch was kept."""
        return bool(self._batches or self._groups)

    def take(self) -> Scores:
        """Copies all batches to the host, and leaves out what does not count."""
        if self._batches:
            self._join()
        arrays = {name: self._to_host(name) for name in list(self._groups[0])}
        self.forget()
        counts = arrays.pop("counts", None)
        if counts is not None and not counts.all():
            arrays = {name: array[counts] for name, array in arrays.items()}
        # Only here: within the step a compiler may skip the rounding to half precision that the model's output has.
        values = arrays["values"].astype(np.float32, copy=False)
        return Scores(values, arrays.get("labels"), arrays.get("sample_weight"), self._class_indices)

    def forget(self) -> None:
        """Drops all batches."""
        self.n_bytes = 0
        self._batches = []
        self._groups = []

    def _join(self) -> None:
        """Joins the last batches into a group, on the device, and encodes what is not encoded yet."""
        joined = {name: _concatenated([batch[name] for batch in self._batches]) for name in self._batches[0]}
        self._batches = []
        if "labels" in joined and not self._head.from_logits:
            values, labels = joined["values"], joined.pop("labels")
            sign = _sign if np.prod(values.shape) < _MANY else _compiled_sign(values.shape[-1], self._class_indices)
            joined["values"] = sign(values, labels)
        self._groups.append(joined)

    def _to_host(self, name: str) -> npt.NDArray[Any]:
        """Copies one tensor of all groups; each leaves the device before the next one is copied."""
        parts = [group.pop(name) for group in self._groups]
        if len(parts) == 1:
            whole = np.asarray(ops.convert_to_numpy(parts[0]))
        else:
            dtype = keras.backend.standardize_dtype(parts[0].dtype)
            whole = np.empty((sum(part.shape[0] for part in parts), *parts[0].shape[1:]), dtype)
            filled = 0
            while parts:
                part = ops.convert_to_numpy(parts.pop(0))
                whole[filled : filled + len(part)] = part
                filled += len(part)
        whole.flags.writeable = False
        return whole


def _sign(values: Tensor, y_true: Tensor) -> Tensor:
    """Puts the label into the sign bit, and what is neither score nor label into a code; see the module's docstring."""
    n_columns = values.shape[-1]
    labels = ops.cast(y_true, "float32")
    class_indices = len(labels.shape) == 1
    if class_indices:
        is_true = ops.equal(ops.expand_dims(labels, -1), ops.arange(n_columns, dtype="float32"))
    else:
        is_true = ops.equal(labels, 1.0)
    score = ops.abs(values)
    signed = ops.where(is_true, -score, score)
    signed = ops.where(values < 0.0, float("inf"), signed)
    signed = ops.where(ops.isfinite(values), signed, float("nan"))
    if class_indices:
        return signed
    return ops.where(ops.logical_or(is_true, ops.equal(labels, 0.0)), signed, float("-inf"))


def _concatenated(parts: list[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else ops.concatenate(parts, axis=0)


@cache
def _compiled_sign(n_columns: int, class_indices: bool) -> Callable[[Tensor, Tensor], Tensor]:
    """Returns `_sign` for values of so many columns, compiled by XLA where the step around it is not."""
    if keras.backend.backend() != "tensorflow":
        return _sign
    import tensorflow as tf

    # One function for each shape of an example: only their number is generalized when it is traced again.
    compiled: Callable[[Tensor, Tensor], Tensor] = tf.function(_sign, jit_compile=True, reduce_retracing=True)
    return compiled
