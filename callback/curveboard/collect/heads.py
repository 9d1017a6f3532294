"""What a step is given, head by head: outputs, labels and weights matched by name and laid out as rows of classes.

A *head* is one output of the model. Models have one, or a list or a dict of several; Keras hands labels and weights
over in the same structure. Whatever its rank, a head is laid out as one row per decision:

| labels | outputs | read as |
|---|---|---|
| `(batch,)`, `(batch, 1)` | `(batch,)`, `(batch, 1)` | binary |
| `(batch,)`, `(batch, 1)` | `(batch, classes)` | class indices |
| `(batch, classes)` | `(batch, classes)` | a column per class |
| `(batch, h, w)`, `(batch, h, w, 1)` | `(batch, h, w, classes)` | class indices, a row per pixel |
| `(batch, h, w, classes)` | `(batch, h, w, classes)` | a column per class, a row per pixel |
| `(batch, h, w)`, `(batch, h, w, 1)` | either of both | binary, a row per pixel |

and likewise for sequences `(batch, time)` and volumes. Where labels and outputs have the same shape `(batch, a, b)`,
the last axis could be classes or pixels: `Head.columns` says which, and pixels are taken unless it does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from keras import ops

Tensor: TypeAlias = Any
"""A tensor of the backend that Keras runs on; the three backends share no base class."""

SINGLE = "output"
"""Name of the only head of a model."""

MEMORY_LIMIT = 1 << 30
"""Bytes of scores that are kept: 268 million of them."""


@dataclass(frozen=True)
class Head:
    """How one output is to be read.

    Attributes:
        name: The model's name of the output; `"output"` where there is only one.
        from_logits: Whether its values are logits.
        columns: Whether the last axis are classes, where labels have the same shape; None to tell from their number.
        ignore_class: Label of decisions that do not count, or None.
    """

    name: str
    from_logits: bool = False
    columns: bool | None = None
    ignore_class: int | None = None


@dataclass(frozen=True)
class Reading:
    """How the outputs of a model are to be read. Callbacks that read alike share what is collected.

    Attributes:
        usual: How an output is read that `special` does not name.
        special: Outputs that are read otherwise.
        left_out: Names of outputs that are not looked at.
        output_names: Names of outputs that come as a list, as far as the model has them.
        memory_limit: Bytes of scores, all heads together, above which they are counted in a stream.
    """

    usual: Head = Head(SINGLE)
    special: tuple[Head, ...] = ()
    left_out: frozenset[str] = frozenset()
    output_names: tuple[str, ...] = ()
    memory_limit: int = MEMORY_LIMIT

    def head(self, name: str) -> Head:
        """Returns how an output is read."""
        return next((head for head in self.special if head.name == name), replace(self.usual, name=name))


@dataclass(frozen=True)
class Rows:
    """One head of a batch.

    Attributes:
        values: `(n, n_columns)` scores.
        labels: `(n,)` class indices, or `(n, n_columns)`.
        weights: `(n,)`, or None.
        counts: `(n,)` bool, whether the decision counts; None where all do.
    """

    values: Tensor
    labels: Tensor
    weights: Tensor | None
    counts: Tensor | None


def heads_of(
    reading: Reading, y_true: Any, y_pred: Any, sample_weight: Any
) -> Iterator[tuple[Head, Tensor, Tensor, Tensor | None]]:
    """Matches outputs, labels and weights.

    Args:
        reading: Which outputs are looked at, and how.
        y_true: A tensor, or a list or dict of them.
        y_pred: Likewise.
        sample_weight: Likewise, or None. One tensor weighs all heads.

    Yields:
        Head, labels, outputs and weights of each output that has labels.

    Raises:
        ValueError: Outputs are nested more deeply, or there are no labels at all.
    """
    outputs = _by_name(y_pred, reading.output_names)
    labels = _by_name(y_true, tuple(outputs))
    weights = _by_name(sample_weight, tuple(outputs))
    if not labels:
        raise ValueError("expected labels beside the inputs; received none")
    for name, output in outputs.items():
        if name in labels and name not in reading.left_out:
            yield reading.head(name), labels[name], output, weights.get(name, weights.get(SINGLE))


def rows_of(head: Head, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None) -> Rows:
    """Lays a head out as rows.

    Args:
        head: How to read it.
        y_true: Labels, in a shape of the table above.
        y_pred: Outputs, likewise, of any float dtype. A mask that Keras has put on them says which decisions count.
        sample_weight: `(batch,)`, `(batch, 1)`, or one weight per decision; or None.

    Raises:
        ValueError: The shapes are not those of a classifier.
    """
    n_columns = y_pred.shape[-1] if len(y_pred.shape) > 1 else 1
    bare = _squeezed(y_true)
    if n_columns == 1 and _fits(bare, _squeezed(y_pred)):
        decisions, labels = _squeezed(y_pred), _as_columns(bare, 1)
    elif _fits(y_true, y_pred) and _has_columns(head, y_pred):
        decisions, labels = y_pred[..., 0], _as_columns(y_true, n_columns)
    elif n_columns != 1 and _fits(bare, y_pred[..., 0]):
        decisions, labels = y_pred[..., 0], _flat(bare)
    elif _fits(bare, y_pred):
        decisions, labels, n_columns = y_pred, _as_columns(bare, 1), 1
    else:
        raise ValueError(f"expected labels of shape {_expected_shapes(y_pred)}; received {_shape(y_true)}")
    if n_columns is None:
        raise ValueError(f"expected a known number of classes; received outputs of shape {_shape(y_pred)}")
    weights = None if sample_weight is None else _spread(sample_weight, decisions, "sample weight")
    return Rows(_as_columns(y_pred, n_columns), labels, weights, _counts(head, y_pred, labels, decisions))


def _has_columns(head: Head, y_pred: Tensor) -> bool:
    """Whether the last axis are classes, where labels have the shape of the outputs."""
    rank = len(y_pred.shape)
    if rank == 2 and y_pred.shape[-1] == 2:  # binary, too, may have a column for each of two classes
        return True
    return rank != 3 if head.columns is None else head.columns


def _fits(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors may have the same shape, as far as it is known."""
    pairs = zip(one.shape[1:], other.shape[1:], strict=False)
    return len(one.shape) == len(other.shape) and all(a == b or None in (a, b) for a, b in pairs)


def _by_name(structure: Any, names: Sequence[str]) -> dict[str, Tensor]:
    """Names the parts of a structure: keys of a dict, `names` for a list, else `output`."""
    if structure is None:
        return {}
    if isinstance(structure, Mapping):
        parts = dict(structure)
    elif isinstance(structure, (list, tuple)):
        known = len(names) == len(structure)
        parts = {names[i] if known else f"output_{i + 1}": part for i, part in enumerate(structure)}
    else:
        parts = {SINGLE: structure}
    if any(isinstance(part, (Mapping, list, tuple)) for part in parts.values()):
        raise ValueError("expected outputs that are a tensor, or a list or dict of tensors; received deeper nesting")
    parts = {name: part for name, part in parts.items() if part is not None}
    return dict(zip([SINGLE], parts.values(), strict=True)) if len(parts) == 1 and len(names) < 2 else parts


def _counts(head: Head, y_pred: Tensor, labels: Tensor, decisions: Tensor) -> Tensor | None:
    """Which decisions count: those that are not masked, and whose label is not the ignored one."""
    mask = getattr(y_pred, "_keras_mask", None)
    counts = None if mask is None else ops.cast(_spread(mask, decisions, "mask"), "bool")
    if head.ignore_class is None:
        return counts
    if len(labels.shape) == 2 and labels.shape[-1] != 1:
        raise ValueError("expected class indices as labels with ignore_class; received a column per class")
    kept = ops.not_equal(_flat(labels), head.ignore_class)
    return kept if counts is None else ops.logical_and(counts, kept)


def _spread(values: Tensor, decisions: Tensor, what: str) -> Tensor:
    """Returns one value per decision, flat: that of the example, where there is only one for each."""
    values = _squeezed(values)
    missing = len(decisions.shape) - len(values.shape)
    if missing < 0:
        raise ValueError(f"expected one {what} per example or decision; received shape {_shape(values)}")
    if missing:
        values = ops.reshape(values, (*ops.shape(values), *[1] * missing))
        values = ops.broadcast_to(values, ops.shape(decisions))
    return _flat(values)


def _squeezed(tensor: Tensor) -> Tensor:
    """Drops a last axis of length one."""
    return ops.squeeze(tensor, -1) if len(tensor.shape) > 1 and tensor.shape[-1] == 1 else tensor


def _flat(tensor: Tensor) -> Tensor:
    return tensor if len(tensor.shape) == 1 else ops.reshape(tensor, (-1,))


def _as_columns(tensor: Tensor, n_columns: int) -> Tensor:
    return tensor if tuple(tensor.shape[1:]) == (n_columns,) else ops.reshape(tensor, (-1, n_columns))


def _expected_shapes(y_pred: Tensor) -> str:
    without_classes = _shape(y_pred[..., 0]) if len(y_pred.shape) > 1 else "(batch, 1)"
    return f"{without_classes} or {_shape(y_pred)} for outputs of shape {_shape(y_pred)}"


def _shape(tensor: Tensor) -> str:
    """Spells a shape; the batch dimension is not the user's business."""
    return "(batch," + ",".join(f" {size}" for size in tensor.shape[1:]) + ")"
