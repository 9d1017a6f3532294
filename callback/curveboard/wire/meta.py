"""The `META` section: what a record is about, and how its numbers are stored."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from curveboard.record import TASKS, Curve, Record, Task

MAX_CONFUSION_CELLS = 1 << 27


@dataclass(frozen=True)
class Meta:
    """The section's fields, as FORMAT.md names them.

    Raises:
        ValueError: A value is not one that the format allows.
    """

    task: Task
    class_names: tuple[str, ...]
    split: str
    head: str
    n_examples: int
    threshold: float
    tolerance: float
    from_logits: bool
    score: Literal["float32", "float64"]
    counts: Literal["int", "float"]

    def __post_init__(self) -> None:
        for key, known in {"task": TASKS, "score": ("float32", "float64"), "counts": ("int", "float")}.items():
            if getattr(self, key) not in known:
                raise ValueError(f"expected {key} to be one of {', '.join(known)}; received {getattr(self, key)!r}")
        self._check_classes()
        if not (math.isfinite(self.threshold) and math.isfinite(self.tolerance)):
            raise ValueError(f"expected finite threshold, tolerance; received {self.threshold}, {self.tolerance}")
        if not 0 <= self.n_examples < 1 << 63:
            raise ValueError(f"expected n_examples from 0 to 2**63 - 1; received {self.n_examples}")
        # A lone surrogate fails here rather than where the name is shown.
        "".join((self.split, self.head, *self.class_names)).encode("utf-8")

    def _check_classes(self) -> None:
        n_classes = len(self.class_names)
        allowed = {"binary": n_classes == 2, "multiclass": n_classes >= 2, "multilabel": n_classes >= 1}
        if not allowed[self.task] or len(set(self.class_names)) < n_classes:
            raise ValueError(f"expected distinct names of the classes of a {self.task} record; received {n_classes}")
        if math.prod(self.confusion_shape) > MAX_CONFUSION_CELLS:
            raise ValueError(f"expected at most {MAX_CONFUSION_CELLS} confusion cells; received {n_classes} classes")

    @property
    def averaged(self) -> bool:
        """Whether the record has a micro and a macro curve."""
        return self.task != "binary"

    @property
    def counted(self) -> tuple[str, ...]:
        """Names of the curves that are made of counts, in order: the classes (binary: the positive one) and micro."""
        return (*self.class_names, "micro") if self.averaged else self.class_names[1:]

    @property
    def calibrated(self) -> tuple[str, ...]:
        """Names of the classes that have a calibration, in order: all (binary: the positive one)."""
        return self.class_names if self.averaged else self.class_names[1:]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all curves, in order."""
        return (*self.counted, "macro") if self.averaged else self.counted

    @property
    def confusion_shape(self) -> tuple[int, ...]:
        """Shape of the confusion matrix."""
        n_classes = len(self.class_names)
        return (n_classes, 2, 2) if self.task == "multilabel" else (n_classes, n_classes)


def meta_of(record: Record, curves: list[Curve]) -> Meta:
    """Describes a record whose counted curves are `curves`."""
    counts = [record.confusion, *(column for curve in curves for column in (curve.tp, curve.fp))]
    return Meta(
        task=record.task,
        class_names=tuple(record.class_names),
        split=record.split,
        head=record.head,
        n_examples=int(record.n_examples),
        threshold=float(record.threshold),
        tolerance=float(record.tolerance),
        from_logits=bool(record.from_logits),
        score="float32" if all(curve.thresholds.dtype.itemsize <= 4 for curve in curves) else "float64",
        counts="int" if all(column.dtype.kind in "iu" for column in counts) else "float",
    )


def write_meta(meta: Meta) -> bytes:
    """Encodes the section."""
    return json.dumps(vars(meta), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


@lru_cache(maxsize=16)  # thousands of records of a run mostly have the same section, byte for byte
def read_meta(raw: bytes) -> Meta:
    """Decodes the section; keys it does not know are ignored.

    Raises:
        ValueError: It is not what FORMAT.md says.
        OverflowError: A number is too large for its type.
        RecursionError: It is nested too deeply to be ours.
    """
    fields = json.loads(raw.decode("utf-8"))
    if not isinstance(fields, dict):
        raise ValueError(f"expected a JSON object; received {type(fields).__name__}")
    names = _field(fields, "class_names", list)
    if not all(isinstance(name, str) for name in names):
        raise ValueError("expected class_names to be strings; received other values")
    return Meta(
        task=_field(fields, "task", str),
        class_names=tuple(names),
        split=_field(fields, "split", str),
        head=_field(fields, "head", str),
        n_examples=_field(fields, "n_examples", int),
        threshold=float(_field(fields, "threshold", (int, float))),
        tolerance=float(_field(fields, "tolerance", (int, float))),
        from_logits=_field(fields, "from_logits", bool),
        score=_field(fields, "score", str),
        counts=_field(fields, "counts", str),
    )


def _field(fields: dict[str, Any], key: str, kind: type | tuple[type, ...]) -> Any:  # of the kind asked for
    value = fields.get(key)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"expected {key} in its type; received {type(value).__name__}")
    return value
