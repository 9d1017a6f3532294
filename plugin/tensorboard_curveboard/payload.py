"""Turns records into what the routes answer: the JSON index and binary blocks. Pure; `http_api.md` specifies both.

A block is columns of numbers behind a JSON header. The browser reads them as typed arrays, without parsing: 50 runs of
100 epochs arrive in a tenth of the time that JSON takes.
"""

from __future__ import annotations

import gzip
import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from curveboard.record import Curve, MacroCurve, Record
from tensorboard_curveboard.records import Problem, Series, curve_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Column = npt.NDArray[Any]  # u4, f4 or f8; joining arrays finds out which
Header = dict[str, object]

MAGIC = b"CVBK"
MAX_U4 = 2**32 - 1

# What a record knows of each curve's areas, by the names of `wire.Areas`.
AREAS = ("roc_auc", "average_precision", "roc_auc_se", "positives", "negatives")
AREA_COLUMNS = ("step", "wall_time", *AREAS)


class RunCurves(NamedTuple):
    """Stored points of one curve at some steps of one run.

    Attributes:
        run: The run's name.
        curves: `(step, curve)`, steps increasing; either all are `MacroCurve`s, in all runs of an answer, or none is.
    """

    run: str
    curves: Sequence[tuple[int, Curve | MacroCurve]]


def index(version: str, series: Sequence[Series], problems: Sequence[Problem]) -> Header:
    """Returns the JSON object of `GET index`.

    Args:
        version: The package's version.
        series: Every series, by run and head.
        problems: What could not be read.
    """
    return {
        "version": version,
        "series": [_entry(one) for one in series],
        "problems": [problem._asdict() for problem in problems],
    }


def areas(found: Sequence[Series], curve: str, missing: Sequence[str]) -> bytes:
    """Returns the block of `GET areas`.

    Args:
        found: One series a run, in the order asked for.
        curve: The curve's id.
        missing: Runs that lack what was asked for.
    """
    tables = [_area_table(series, curve) for series in found]
    header = _header([(series.run, len(table)) for series, table in zip(found, tables, strict=True)], missing)
    rows = np.concatenate([np.empty((0, len(AREA_COLUMNS))), *tables])
    return block(header, dict(zip(AREA_COLUMNS, rows.T, strict=True)))


def curves(found: Sequence[RunCurves], missing: Sequence[str], *, macro: bool) -> bytes:
    """Returns the block of `GET curves`.

    Args:
        found: Curves of each run, in the order asked for.
        missing: Runs that lack what was asked for.
        macro: Whether the curves are `MacroCurve`s, which have rates in place of counts.
    """
    header = _header([(run.run, len(run.curves)) for run in found], missing)
    step = np.array([step for run in found for step, _ in run.curves], np.float64)
    every = [curve for run in found for _, curve in run.curves]
    if macro:
        columns = _macro_columns([curve for curve in every if isinstance(curve, MacroCurve)])
    else:
        columns = _count_columns([curve for curve in every if isinstance(curve, Curve)])
    return block(header, {"step": step, **columns})


def confusion(found: Sequence[Record], missing: Sequence[str]) -> bytes:
    """Returns the block of `GET confusion`.

    Args:
        found: One record a run, in the order asked for, with its `run` and `step`.
        missing: Runs that lack what was asked for.
    """
    flat = [record.confusion.ravel() for record in found]
    cells = [np.flatnonzero(counts) for counts in flat]
    runs = [_matrix(record, len(index)) for record, index in zip(found, cells, strict=True)]
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


def compress(content: bytes) -> bytes:
    """Compresses a block for the content encoding `gzip`; the same block gives the same bytes."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def _entry(series: Series) -> Header:
    latest = series.areas[-1]
    return {
        "run": series.run,
        "split": latest.split,
        "head": series.head,
        "task": latest.task,
        "class_names": list(latest.class_names),
        "curves": sorted(curve_ids(latest), key=lambda curve: curve.startswith("class:")),
        "steps": series.steps.tolist(),
        "wall_times": series.wall_times.tolist(),
        "revision": series.revision,
    }


def _area_table(series: Series, curve: str) -> npt.NDArray[np.float64]:
    """One row for each record that has the curve, in the order of `AREA_COLUMNS`."""
    rows = [
        (step, wall_time, *(getattr(areas, name)[row] for name in AREAS))
        for step, wall_time, areas, row in zip(
            series.steps, series.wall_times, series.areas, series.rows(curve), strict=True
        )
        if row is not None
    ]
    return np.array(rows, np.float64).reshape(-1, len(AREA_COLUMNS))


def _header(runs: Sequence[tuple[str, int]], missing: Sequence[str]) -> Header:
    return {"runs": [{"run": run, "records": records} for run, records in runs], "missing": list(missing)}


def _count_columns(found: Sequence[Curve]) -> dict[str, Column]:
    return {
        "positives": np.array([curve.positives for curve in found], np.float64),
        "negatives": np.array([curve.negatives for curve in found], np.float64),
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


def _matrix(record: Record, cells: int) -> Header:
    return {
        "run": record.run,
        "records": 1,
        "step": record.step,
        "class_names": list(record.class_names),
        "shape": list(record.confusion.shape),
        "threshold": record.threshold,
        "n_examples": record.n_examples,
        "cells": cells,
    }


def _counts(parts: Sequence[Column]) -> Column:
    """Joins counts: u4 where they are whole numbers that fit, else f8."""
    joined = _join(parts, np.int64)
    whole = np.issubdtype(joined.dtype, np.integer) and joined.max(initial=0) <= MAX_U4
    return joined.astype(np.uint32 if whole else np.float64)


def _join(parts: Sequence[Column], empty: type[np.generic]) -> Column:
    """Concatenates; the type is the widest of the parts', and `empty` where there is none."""
    return np.concatenate(parts) if parts else np.empty(0, empty)
