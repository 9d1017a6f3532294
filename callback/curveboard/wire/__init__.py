"""Records as bytes and back. FORMAT.md specifies every byte; this package is their only reader and writer.

Whatever is truncated, damaged or contradicts itself raises `WireError`, and never costs more memory than the bounds in
FORMAT.md allow. `decode` reads all of a record; `decode_areas` and `decode_curve` read a part of it, for whoever walks
through thousands of records.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from curveboard.record import Curve, FloatArray, MacroCurve, Record, Task
from curveboard.wire import calibration, sections
from curveboard.wire.bounds import bounds_of, read_bounds, write_bounds
from curveboard.wire.container import MAGIC, VERSION, Blob, Container, NewerVersionError, WireError, pack
from curveboard.wire.meta import Meta, meta_of, read_meta, write_meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from curveboard.calibration import Calibration
    from curveboard.record import ConfidenceCurve, CountArray

__all__ = [
    "MAGIC",
    "PLUGIN_NAME",
    "TAG_PREFIX",
    "VERSION",
    "Areas",
    "Blob",
    "Confusion",
    "NewerVersionError",
    "WireError",
    "check",
    "decode",
    "decode_areas",
    "decode_areas_of_many",
    "decode_confusion",
    "decode_curve",
    "decode_curves",
    "decode_reliability",
    "encode",
]

PLUGIN_NAME = "curveboard"
TAG_PREFIX = "curveboard/"

# Bytes of curves that `decode_curves` holds inflated at a time: enough to decode a hundred records in one pass.
_PASS = 1 << 21


@dataclass(frozen=True, eq=False)
class Areas:
    """What an index needs to know of a record: everything but its curves and its confusion matrix.

    Attributes:
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        class_names: Names of all classes; two for binary, the negative class first.
        split: `"train"`, `"validation"` or whatever the writer was told.
        head: Name of the model's output.
        names: Names of the record's curves, in the order of the arrays: the classes (binary: the positive class only),
            then `"micro"` and `"macro"` (not for binary).
        roc_auc: `(len(names),)` float64, NaN where undefined.
        average_precision: `(len(names),)` float64, NaN where undefined.
        roc_auc_se: `(len(names),)` float64, NaN where unknown (always for `"macro"`).
        positives: `(len(names),)` float64, counts or sums of weights; NaN for `"macro"`.
        negatives: `(len(names),)` float64, as `positives`.
        roc_auc_bounds: `(len(names), 2)` float64, the lowest and the highest that each area can be; NaN where it is
            exact or not defined. None where all are.
        average_precision_bounds: As `roc_auc_bounds`.
    """

    task: Task
    class_names: tuple[str, ...]
    split: str
    head: str
    names: tuple[str, ...]
    roc_auc: FloatArray
    average_precision: FloatArray
    roc_auc_se: FloatArray
    positives: FloatArray
    negatives: FloatArray
    roc_auc_bounds: FloatArray | None = None
    average_precision_bounds: FloatArray | None = None

    @property
    def roc_auc_margin(self) -> FloatArray:
        """`(len(names),)` how far each area can be from what it is said to be: 0 where exact, NaN where not defined."""
        return _margin(self.roc_auc, self.roc_auc_bounds)

    @property
    def average_precision_margin(self) -> FloatArray:
        """As `roc_auc_margin`."""
        return _margin(self.average_precision, self.average_precision_bounds)

    def index(self, curve_id: str) -> int:
        """Returns the row of a curve by its id.

        Args:
            curve_id: `"class:<name>"`, `"micro"` or `"macro"`.

        Raises:
            KeyError: The record has no such curve.
        """
        ids = _curve_ids(self.task, self.class_names)
        if curve_id not in ids:
            raise KeyError(f"expected one of {', '.join(ids)}; received {curve_id}")
        return ids.index(curve_id)


@dataclass(frozen=True, eq=False)
class Confusion:
    """A record's confusion matrix, and what it takes to read it.

    Attributes:
        class_names: Names of all classes.
        counts: As `Record.confusion`.
        n_examples: Number of examples counted.
        threshold: Decision threshold, in units of the score.
    """

    class_names: tuple[str, ...]
    counts: CountArray
    n_examples: int
    threshold: float


def encode(record: Record) -> bytes:
    """Encodes a record. Its `run`, `step` and `wall_time` are not part of the bytes: they are the event's.

    Args:
        record: A record whose counts and thresholds keep what `Curve` promises.

    Returns:
        The bytes that FORMAT.md specifies.

    Raises:
        ValueError: The record contradicts itself or exceeds the format's bounds.

    Examples:
        >>> curve = Curve("spam", np.float32([0.5]), np.array([2]), np.array([1]), 2, 1, 0.5, 2 / 3, 0.0)
        >>> record = Record("binary", ("ham", "spam"), (curve,), None, None, np.array([[0, 1], [0, 2]]), 3)
        >>> decode(encode(record))["spam"]
        Curve('spam', 1 points, 2 positives, 1 negatives, roc_auc=0.5000, average_precision=0.6667)
    """
    counted = [curve for curve in (*record.curves, record.micro) if curve]
    named: list[Curve | MacroCurve] = [*counted, *([record.macro] if record.macro else [])]
    meta = meta_of(record, counted)
    if tuple(curve.name for curve in named) != meta.names:
        raise ValueError(f"expected the curves {meta.names}; received {tuple(curve.name for curve in named)}")
    raw = {
        b"META": write_meta(meta),
        b"AREA": sections.write_areas(named),
        b"TOTL": sections.write_totals(counted, meta),
        b"CURV": sections.write_curves(counted, meta),
        b"CONF": sections.write_confusion(record.confusion, meta),
    }
    if record.macro:
        raw[b"MACR"] = sections.write_macro(record.macro)
    return pack(
        raw
        | calibration.write_reliability(record, meta)
        | write_bounds([*named, *([record.confidence] if record.confidence else [])])
    )


def decode(blob: Blob) -> Record:
    """Decodes a record; `run`, `step` and `wall_time` keep their defaults.

    Args:
        blob: Bytes of `encode`; a NumPy array must be one-dimensional uint8.

    Returns:
        The record, equal to the one encoded.

    Raises:
        NewerVersionError: The record is of a later version of the format.
        WireError: The bytes are damaged.
    """
    stored = Container(blob)
    meta = _meta(stored)
    totals = _totals(stored, meta)
    areas = _areas(stored, meta, totals)
    curves = _curves(stored, meta, totals, areas, slice(0, len(meta.counted)))
    with stored.section(b"CONF") as raw:
        confusion = sections.read_confusion(raw, meta)
    calibrations, confidence, top_k = calibration.read_reliability(stored, meta, totals)
    if confidence:
        known = np.array([[confidence.roc_auc], [confidence.average_precision]])
        bounds = _bounds(stored, len(meta.names), known, first=len(meta.names))
        confidence = replace(
            confidence, roc_auc_bounds=bounds_of(bounds[0], 0), average_precision_bounds=bounds_of(bounds[1], 0)
        )
    return Record(
        task=meta.task,
        class_names=meta.class_names,
        curves=tuple(curves[:-1] if meta.averaged else curves),
        micro=curves[-1] if meta.averaged else None,
        macro=_macro(stored, areas) if meta.averaged else None,
        confusion=confusion,
        n_examples=meta.n_examples,
        threshold=meta.threshold,
        tolerance=meta.tolerance,
        from_logits=meta.from_logits,
        split=meta.split,
        head=meta.head,
        calibrations=calibrations,
        confidence=confidence,
        top_k=top_k,
    )


def check(blob: Blob) -> None:
    """Checks the shell of a record, header and directory, and inflates nothing.

    Args:
        blob: As for `decode`.

    Raises:
        NewerVersionError: The record is of a later version of the format.
        WireError: It is no whole record.
    """
    Container(blob)


def decode_confusion(blob: Blob) -> Confusion:
    """Decodes the confusion matrix of a record and leaves its curves alone.

    Args:
        blob: As for `decode`.

    Raises:
        NewerVersionError: The record is of a later version of the format.
        WireError: What was read is damaged; the rest is not looked at.
    """
    stored = Container(blob)
    meta = _meta(stored)
    with stored.section(b"CONF") as raw:
        counts = sections.read_confusion(raw, meta)
    return Confusion(meta.class_names, counts, meta.n_examples, meta.threshold)


def decode_reliability(
    blob: Blob,
) -> tuple[tuple[Calibration, ...], ConfidenceCurve | None, tuple[tuple[int, float], ...]]:
    """Decodes calibrations, confidence and top-k counts of a record and leaves its curves alone.

    Args:
        blob: As for `decode`.

    Returns:
        `(calibrations, confidence, top_k)` as in `Record`; empty or None where the record has none.

    Raises:
        NewerVersionError: The record is of a later version of the format.
        WireError: What was read is damaged; the rest is not looked at.
    """
    stored = Container(blob)
    meta = _meta(stored)
    return calibration.read_reliability(stored, meta, _totals(stored, meta))


def decode_areas(blob: Blob) -> Areas:
    """Decodes names, areas and totals of a record and leaves the rest alone.

    Args:
        blob: As for `decode`.

    Returns:
        The areas of all curves.

    Raises:
        NewerVersionError: The record is of a later version of the format.
        WireError: What was read is damaged; the rest is not looked at.
    """
    stored = Container(blob)
    meta = _meta(stored)
    return _areas(stored, meta, _totals(stored, meta))


def decode_areas_of_many(blobs: Iterable[Blob]) -> list[Areas]:
    """Decodes what `decode_areas` does of many records: several times faster where most are of the same classes.

    Args:
        blobs: As for `decode`.

    Returns:
        What `decode_areas` gives for each record.

    Raises:
        NewerVersionError: A record is of a later version of the format.
        WireError: A record is damaged; `decode_areas` tells which.
    """
    opened = [Container(blob) for blob in blobs]
    alike: dict[object, list[int]] = {}
    for at, stored in enumerate(opened):
        kind = (b"BNDS" in stored, stored.packed(b"META"), stored.packed(b"TOTL"))
        alike.setdefault(kind, []).append(at)
    found: dict[int, Areas] = {}
    for places in alike.values():
        found.update(zip(places, _areas_alike([opened[at] for at in places]), strict=True))
    return [found[at] for at in range(len(opened))]


def _areas_alike(opened: Sequence[Container]) -> list[Areas]:
    """Areas of records of the same description and the same totals."""
    meta = _meta(opened[0])
    first = _areas(opened[0], meta, _totals(opened[0], meta))
    if b"BNDS" in opened[0]:
        return [first, *(_areas(stored, meta, _totals(stored, meta)) for stored in opened[1:])]
    raws = []
    for stored in opened:
        with stored.section(b"AREA") as raw:
            raws.append(raw)
    try:
        rows = sections.read_areas_of_many(raws, meta)
    except ValueError as error:
        raise WireError(f"section AREA is damaged: {error}") from error
    return [
        replace(first, roc_auc=roc_auc, average_precision=average_precision, roc_auc_se=error)
        for roc_auc, average_precision, error in rows
    ]


def decode_curve(blob: Blob, curve_id: str) -> Curve | MacroCurve:
    """Decodes one curve of a record.

    Args:
        blob: As for `decode`.
        curve_id: `"class:<name>"`, `"micro"` or `"macro"`.

    Returns:
        The same curve that `decode` gives.

    Raises:
        KeyError: The record has no such curve.
        NewerVersionError: The record is of a later version of the format.
        WireError: What was read is damaged; the rest is not looked at.
    """
    stored = Container(blob)
    meta = _meta(stored)
    totals = _totals(stored, meta)
    areas = _areas(stored, meta, totals)
    index = areas.index(curve_id)
    if index == len(meta.counted):
        return _macro(stored, areas)
    return _curves(stored, meta, totals, areas, slice(index, index + 1))[0]


def decode_curves(blobs: Sequence[Blob], areas: Sequence[Areas], curve_id: str) -> list[Curve | MacroCurve]:
    """Decodes the same curve of many records: several times faster than one record after the other.

    Args:
        blobs: As for `decode`.
        areas: What `decode_areas` gave for each of them.
        curve_id: `"class:<name>"`, `"micro"` or `"macro"`.

    Returns:
        What `decode_curve` gives for each record.

    Raises:
        KeyError: A record has no such curve.
        NewerVersionError: A record is of a later version of the format.
        WireError: A record is damaged; `decode_curve` tells which.
    """
    if curve_id == "macro":
        return [_macro(Container(blob), known) for blob, known in zip(blobs, areas, strict=True)]
    parts = _parts(blobs, areas, curve_id)
    return [curve for alike in _passes(parts) for curve in _decode_pass(alike)]


def _margin(areas: FloatArray, bounds: FloatArray | None) -> FloatArray:
    known: FloatArray = np.where(np.isnan(areas), np.nan, 0.0)
    return known if bounds is None else known + np.nan_to_num(np.abs(bounds - areas[:, np.newaxis])).max(axis=1)


def _curve_ids(task: Task, class_names: tuple[str, ...]) -> tuple[str, ...]:
    if task == "binary":
        return (f"class:{class_names[1]}",)
    return (*(f"class:{name}" for name in class_names), "micro", "macro")


@dataclass(frozen=True)
class _Part:
    """What `decode_curves` needs of one record: its inflated curves, and the row of the one that is asked for."""

    raw: bytes
    meta: Meta
    areas: Areas
    row: int

    @property
    def kind(self) -> tuple[object, ...]:
        """Parts of the same kind are decoded in one pass."""
        return self.meta.score, self.meta.counts, self.meta.counted, self.row


def _parts(blobs: Iterable[Blob], areas: Iterable[Areas], curve_id: str) -> Iterator[_Part]:
    known: tuple[bytes, Meta] | None = None
    for blob, own in zip(blobs, areas, strict=True):
        stored = Container(blob)
        with stored.section(b"META") as raw:
            # Records of a run mostly have the same META, byte for byte.
            known = known if known and known[0] == raw else (raw, read_meta(raw))
        with stored.section(b"CURV") as raw:
            part = _Part(raw, known[1], own, own.index(curve_id))
        yield part


def _passes(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    alike: list[_Part] = []
    size = 0
    for part in parts:
        if alike and (size > _PASS or part.kind != alike[0].kind):
            yield alike
            alike, size = [], 0
        alike.append(part)
        size += len(part.raw)
    if alike:
        yield alike


def _decode_pass(parts: Sequence[_Part]) -> list[Curve]:
    meta, row = parts[0].meta, parts[0].row
    totals = np.array([[part.areas.positives[row], part.areas.negatives[row]] for part in parts]).T
    try:
        points = sections.read_points_of_many([part.raw for part in parts], meta, row)
        points.check(totals)
    except ValueError as error:
        raise WireError(f"section CURV is damaged: {error}") from error
    number = int if meta.counts == "int" else float
    return [
        _curve(points, span, meta.counted[row], (number(positives), number(negatives)), part.areas, row)
        for part, span, positives, negatives in zip(parts, points.spans(), *totals.tolist(), strict=True)
    ]


def _meta(stored: Container) -> Meta:
    with stored.section(b"META") as raw:
        return read_meta(raw)


def _totals(stored: Container, meta: Meta) -> CountArray:
    with stored.section(b"TOTL") as raw:
        return sections.read_totals(raw, meta)


def _areas(stored: Container, meta: Meta, totals: CountArray) -> Areas:
    with stored.section(b"AREA") as raw:
        roc_auc, average_precision, roc_auc_se = sections.read_areas(raw, meta)
    positives, negatives = np.full((2, len(meta.names)), np.nan)
    for column, counts in zip((positives, negatives), totals, strict=True):
        column[: len(meta.counted)] = counts
    bounds = _bounds(stored, len(meta.names), np.stack([roc_auc, average_precision]))
    return Areas(
        task=meta.task,
        class_names=meta.class_names,
        split=meta.split,
        head=meta.head,
        names=meta.names,
        roc_auc=roc_auc,
        average_precision=average_precision,
        roc_auc_se=roc_auc_se,
        positives=positives,
        negatives=negatives,
        roc_auc_bounds=bounds[0],
        average_precision_bounds=bounds[1],
    )


def _bounds(stored: Container, n_named: int, areas: FloatArray, first: int = 0) -> FloatArray | tuple[None, None]:
    """Returns the bounds of some curves' areas: of those that are named, or of the confidence curve behind them."""
    if b"BNDS" not in stored:
        return None, None
    with stored.section(b"BNDS") as raw:
        return read_bounds(raw, n_named + (b"RISK" in stored), areas, first)


def _curves(stored: Container, meta: Meta, totals: CountArray, areas: Areas, wanted: slice) -> list[Curve]:
    with stored.section(b"CURV") as raw:
        points = sections.read_points(raw, meta, wanted)
        points.check(totals[:, wanted])
    return [
        _curve(points, span, meta.counted[row], (totals[0, row].item(), totals[1, row].item()), areas, row)
        for row, span in enumerate(points.spans(), wanted.start)
    ]


def _curve(
    points: sections.Points, span: slice, name: str, totals: tuple[float, float], areas: Areas, row: int
) -> Curve:
    return Curve(
        name=name,
        thresholds=points.thresholds[span],
        tp=points.tp[span],
        fp=points.fp[span],
        positives=totals[0],
        negatives=totals[1],
        roc_auc=float(areas.roc_auc[row]),
        average_precision=float(areas.average_precision[row]),
        roc_auc_se=float(areas.roc_auc_se[row]),
        roc_auc_bounds=bounds_of(areas.roc_auc_bounds, row),
        average_precision_bounds=bounds_of(areas.average_precision_bounds, row),
    )


def _macro(stored: Container, areas: Areas) -> MacroCurve:
    with stored.section(b"MACR") as raw:
        macro = sections.read_macro(raw, float(areas.roc_auc[-1]), float(areas.average_precision[-1]))
    return replace(
        macro,
        roc_auc_bounds=bounds_of(areas.roc_auc_bounds, -1),
        average_precision_bounds=bounds_of(areas.average_precision_bounds, -1),
    )
