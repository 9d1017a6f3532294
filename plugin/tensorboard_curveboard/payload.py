"""Turns records into what the routes answer: the JSON index and binary blocks. Pure; `http_api.md` specifies both.

A block is columns of numbers behind a JSON header. The browser reads them as typed arrays, without parsing: 50 runs of
100 epochs arrive in a tenth of the time that JSON takes.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from curveboard.calibration import N_BINS
from curveboard.record import Curve, MacroCurve
from tensorboard_curveboard.records import Series, curve_ids, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curveboard import wire
    from tensorboard_curveboard.decoding import Areas, Matrix, StepCalibration, StepCurve
    from tensorboard_curveboard.series import Index

Column = npt.NDArray[Any]  # u4, f4 or f8; joining arrays finds out which
Header = dict[str, object]

MAGIC = b"CVBK"
MAX_U4 = 2**32 - 1
GZIP_WINDOW = 31  # zlib's number for its largest window in gzip's format

# What a record knows of each curve's areas, by the names of `wire.Areas`.
AREAS = ("roc_auc", "average_precision", "roc_auc_se", "positives", "negatives")
AREA_COLUMNS = ("step", "wall_time", *AREAS)

# Between which each area surely is, where it is an estimate.
BOUNDS = ("roc_auc", "average_precision")

# What a calibration tells in one number.
CALIBRATION = ("ece", "mce", "brier")

_ENTRIES: WeakKeyDictionary[Series, str] = WeakKeyDictionary()


class RunAreas(NamedTuple):
    """Areas of one run, steps increasing."""

    run: str
    areas: Sequence[Areas]


class RunCalibrations(NamedTuple):
    """Calibrations at some steps of one run, steps increasing."""

    run: str
    calibrations: Sequence[StepCalibration]


class RunCurves(NamedTuple):
    """Stored points of one curve at some steps of one run.

    Attributes:
        run: The run's name.
        curves: Steps increasing; either all are `MacroCurve`s, in all runs of an answer, or none is.
    """

    run: str
    curves: Sequence[StepCurve]


def index(version: str, found: Index, *, partial: bool) -> bytes:
    """Returns the JSON object of `GET index`.

    Args:
        version: The package's version.
        found: What there is.
        partial: Whether series that did not change are only named.
    """
    told = [one for one, changed in zip(found.series, found.changed, strict=True) if changed or not partial]
    rest: Header = {"problems": [problem._asdict() for problem in found.problems], "cursor": found.cursor}
    if partial:
        same = [one for one, changed in zip(found.series, found.changed, strict=True) if not changed]
        rest["unchanged"] = [{"run": one.run, "head": one.head} for one in same]
    series = ", ".join(map(_entry_text, told))
    return f'{{"version": {json.dumps(version)}, "series": [{series}], {json.dumps(rest)[1:]}'.encode()


def areas(found: Sequence[RunAreas], missing: Sequence[str], *, curve: str) -> bytes:
    """Returns the block of `GET areas`.

    Args:
        found: Areas of each run, in the order asked for; records without the curve are left out.
        missing: Runs that lack what was asked for.
        curve: The curve's id.
    """
    tables = [_area_table(run.areas, curve) for run in found]
    header = _header([(run.run, len(table)) for run, table in zip(found, tables, strict=True)], missing)
    rows = np.concatenate([np.empty((0, len(AREA_COLUMNS))), *tables])
    return block(header, {**dict(zip(AREA_COLUMNS, rows.T, strict=True)), **_bounds(found, curve)})


def table(run: str, found: Sequence[Areas], metric: str) -> bytes:
    """Returns the block of `GET table`.

    Args:
        run: The run's name.
        found: Its areas, steps increasing.
        metric: One of `AREAS`.
    """
    # The latest record's curves first, in its order; then those of classes that were given up.
    known = {(one.areas.task, one.areas.names): one.areas for one in reversed(found)}
    every = dict.fromkeys(curve for one in known.values() for curve in curve_ids(one))
    rows = {curve: row for row, curve in enumerate(every)}
    values = np.full((len(rows), len(found)), np.nan, np.float32)
    for at, one in enumerate(found):
        values[[rows[curve] for curve in curve_ids(one.areas)], at] = getattr(one.areas, metric)
    header: Header = {"run": run, "metric": metric, "curves": list(rows)}
    return block(header, {"step": np.array([one.step for one in found], np.float64), "value": values.ravel()})


def curves(found: Sequence[RunCurves], missing: Sequence[str], *, macro: bool) -> bytes:
    """Returns the block of `GET curves`.

    Args:
        found: Curves of each run, in the order asked for.
        missing: Runs that lack what was asked for.
        macro: Whether the curves are `MacroCurve`s, which have rates in place of counts.
    """
    header = _header([(run.run, len(run.curves)) for run in found], missing)
    step = np.array([one.step for run in found for one in run.curves], np.float64)
    every = [one.curve for run in found for one in run.curves]
    if macro:
        columns = _macro_columns([curve for curve in every if isinstance(curve, MacroCurve)])
    else:
        columns = _count_columns([curve for curve in every if isinstance(curve, Curve)])
    return block(header, {"step": _short(step), **columns})


def calibration(found: Sequence[RunCalibrations], missing: Sequence[str]) -> bytes:
    """Returns the block of `GET calibration`.

    Args:
        found: Calibrations of each run, in the order asked for.
        missing: Runs that lack what was asked for.
    """
    header = _header([(run.run, len(run.calibrations)) for run in found], missing) | {"bins": N_BINS}
    every = [one for run in found for one in run.calibrations]
    columns = {
        "step": _short(np.array([one.step for one in every], np.float64)),
        **{name: np.array([getattr(one.calibration, name) for one in every], np.float64) for name in CALIBRATION},
        "examples": _counts([one.calibration.examples for one in every]),
        "positives": _counts([one.calibration.positives for one in every]),
        "score_sum": _join([one.calibration.score_sum for one in every], np.float64),
    }
    return block(header, columns)


def confusion(found: Sequence[Matrix], missing: Sequence[str]) -> bytes:
    """Returns the block of `GET confusion`.

    Args:
        found: One matrix a run, in the order asked for.
        missing: Runs that lack what was asked for.
    """
    flat = [matrix.confusion.counts.ravel() for matrix in found]
    cells = [np.flatnonzero(counts) for counts in flat]
    runs = [_matrix(matrix, len(index)) for matrix, index in zip(found, cells, strict=True)]
    columns = {
        "index": _join(cells, np.int64).astype(np.uint32),
        "count": _counts([counts[index] for counts, index in zip(flat, cells, strict=True)]),
    }
    return block({"runs": runs, "missing": list(missing)}, columns)


def block(header: Header, columns: Mapping[str, Column]) -> bytes:
    """Packs columns behind a JSON header.

    Args:
        header: What the route documents; `columns` is added.
        columns: One-dimensional u4, f4 or f8 arrays by name. Columns of four bytes are stored as differences, which
            gzip packs far better, all others as they are.
    """
    body = bytearray()
    directory: Header = {}
    for name, column in columns.items():
        codec = "delta" if column.itemsize == 4 else "raw"
        dtype = column.dtype.newbyteorder("<")
        directory[name] = {"dtype": dtype.str[1:], "offset": len(body), "count": len(column), "codec": codec}
        body += shuffled_differences(column) if codec == "delta" else column.astype(dtype).tobytes()
        body += bytes(-len(body) % 8)
    text = json.dumps({**header, "columns": directory}, allow_nan=False).encode()
    text += b" " * (-(len(text) + 8) % 8)
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(body)


def shuffled_differences(column: Column) -> bytes:
    """Encodes a column of four-byte words with the codec `delta`.

    The words of neighbouring points are close, so their differences modulo 2^32 have mostly zero high bytes; put side
    by side, byte plane by byte plane, they become long runs, which the fastest level of gzip packs well.

    Args:
        column: uint32 or float32, any length; float32 is taken by its bits.
    """
    words = np.ascontiguousarray(column).view(np.uint32)
    differences = np.diff(words, prepend=np.uint32(0)).astype("<u4")
    return differences.view(np.uint8).reshape(-1, 4).T.tobytes()


def compress(content: bytes, *, planes: bool = False) -> bytes:
    """Compresses for the content encoding `gzip`; the same content gives the same bytes.

    Args:
        content: What to compress.
        planes: Whether it is mostly byte planes. What repeats in them are runs of zeros; to look for nothing else is
            twice as fast, and packs better, since a short match found by chance costs more than its bytes.
    """
    level, strategy = (1, zlib.Z_RLE) if planes else (4, zlib.Z_DEFAULT_STRATEGY)
    packer = zlib.compressobj(level, zlib.DEFLATED, GZIP_WINDOW, zlib.DEF_MEM_LEVEL, strategy)
    return packer.compress(content) + packer.flush()


def _entry_text(series: Series) -> str:
    """A series' entry as JSON, made once: of hundreds of runs a few grow between two questions."""
    if series not in _ENTRIES:
        _ENTRIES[series] = json.dumps(_entry(series), allow_nan=False, separators=(",", ":"))
    return _ENTRIES[series]


def _entry(series: Series) -> Header:
    latest = series.latest
    assert latest is not None, "a series without a record is not told"
    return {
        "run": series.run,
        "split": latest.split,
        "head": series.head,
        "task": latest.task,
        "class_names": list(latest.class_names),
        "curves": sorted(curve_ids(latest), key=lambda curve: curve.startswith("class:")),
        "source": series.source.name,
        **({} if series.thresholds is None else {"thresholds": series.thresholds}),
        "steps": series.steps.tolist(),
        "wall_times": series.wall_times.round(2).tolist(),
        "revision": series.revision,
    }


def _area_table(found: Sequence[Areas], curve: str) -> npt.NDArray[np.float64]:
    """One row for each record that has the curve, in the order of `AREA_COLUMNS`."""
    rows = [
        (one.step, one.wall_time, *(getattr(one.areas, name)[row] for name in AREAS))
        for one in found
        if (row := row_of(one.areas, curve)) is not None
    ]
    return np.array(rows, np.float64).reshape(-1, len(AREA_COLUMNS))


def _bounds(found: Sequence[RunAreas], curve: str) -> dict[str, Column]:
    """The bounds of areas; none where all areas are exact."""
    columns: dict[str, Column] = {}
    rows = [(one.areas, row) for run in found for one in run.areas if (row := row_of(one.areas, curve)) is not None]
    for name in BOUNDS:
        bounds = [(getattr(areas, f"{name}_bounds"), row) for areas, row in rows]
        if all(each is None for each, _ in bounds):
            continue
        both = np.array([(np.nan, np.nan) if each is None else each[row] for each, row in bounds])
        if not np.isnan(both).all():
            columns |= {f"{name}_low": both[:, 0], f"{name}_high": both[:, 1]}
    return columns


def _header(runs: Sequence[tuple[str, int]], missing: Sequence[str]) -> Header:
    return {"runs": [{"run": run, "records": records} for run, records in runs], "missing": list(missing)}


def _count_columns(found: Sequence[Curve]) -> dict[str, Column]:
    return {
        "positives": _short(np.array([curve.positives for curve in found], np.float64)),
        "negatives": _short(np.array([curve.negatives for curve in found], np.float64)),
        "points": np.array([len(curve.thresholds) for curve in found], np.uint32),
        "threshold": _join([curve.thresholds for curve in found], np.float32),
        "tp": _counts([curve.tp for curve in found]),
        "fp": _counts([curve.fp for curve in found]),
    }


def _macro_columns(found: Sequence[MacroCurve]) -> dict[str, Column]:
    unknown = np.full(len(found), np.nan)
    return {
        "positives": unknown,
        "negatives": unknown,
        "points": np.array([len(curve.fpr) for curve in found], np.uint32),
        "pr_points": np.array([len(curve.recall) for curve in found], np.uint32),
        "fpr": _join([curve.fpr for curve in found], np.float32),
        "tpr": _join([curve.tpr for curve in found], np.float32),
        "recall": _join([curve.recall for curve in found], np.float32),
        "precision": _join([curve.precision for curve in found], np.float32),
    }


def _matrix(matrix: Matrix, cells: int) -> Header:
    confusion: wire.Confusion = matrix.confusion
    return {
        "run": matrix.run,
        "records": 1,
        "step": matrix.step,
        "class_names": list(confusion.class_names),
        "shape": list(confusion.counts.shape),
        "threshold": confusion.threshold,
        "n_examples": confusion.n_examples,
        "cells": cells,
    }


def _short(column: npt.NDArray[np.float64]) -> Column:
    """Whole numbers as u4 where they fit, which differences pack well; anything else as it is."""
    whole = (column >= 0).all() and (column <= MAX_U4).all() and not (column % 1).any()
    return column.astype(np.uint32) if whole else column


def _counts(parts: Sequence[Column]) -> Column:
    """Joins counts: u4 where they are whole numbers that fit, else f8."""
    joined = _join(parts, np.int64)
    whole = np.issubdtype(joined.dtype, np.integer) and joined.max(initial=0) <= MAX_U4
    return joined.astype(np.uint32 if whole else np.float64)


def _join(parts: Sequence[Column], empty: type[np.generic]) -> Column:
    """Concatenates; the type is the widest of the parts', and `empty` where there is none."""
    return np.concatenate(parts) if parts else np.empty(0, empty)
