"""Records as columns, which pandas, Polars, PyArrow and the like make their tables of: `pandas.DataFrame(areas(...))`.

None of them is imported here. A row says which record it is of by run, head, split and step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from curveboard.record import Curve, MacroCurve, Record

Cell: TypeAlias = "str | int | float | bool"
Columns: TypeAlias = dict[str, list[Cell]]
Json: TypeAlias = dict[str, Any]  # nested: strings, numbers, lists, dicts
Rows: TypeAlias = Iterator[dict[str, Cell]]


def areas(records: Iterable[Record]) -> Columns:
    """Returns a row for each class of each record, averages among them.

    Args:
        records: Records, as from `read_curves`.

    Returns:
        Columns by name, lists of one length: `run`, `head`, `split`, `step`, `wall_time`, `class`, `roc_auc`,
        `roc_auc_se`, `average_precision`, `exact`, `positives`, `negatives`. NaN is what is not defined, and what macro
        averages do not have; areas that are not exact are estimates, whose bounds `as_dict` has.

    Examples:
        >>> from curveboard.measure import measure
        >>> table = areas([measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])])
        >>> table["class"], table["roc_auc"], table["positives"]
        (['1'], [0.75], [2])
    """
    return _columns(records, _area_rows, AREAS)


def points(records: Iterable[Record]) -> Columns:
    """Returns a row for each stored point of each class and of micro averages, thresholds decreasing.

    Args:
        records: Records, as from `read_curves`.

    Returns:
        Columns by name: `run`, `head`, `split`, `step`, `class`, `threshold`, `tp`, `fp`, `fpr`, `tpr`, `precision`;
        recall is `tpr`. Macro averages, which have no thresholds, are not among them.

    Examples:
        >>> from curveboard.measure import measure
        >>> table = points([measure([0, 1], [0.25, 0.75])])
        >>> table["tp"], table["fp"], table["precision"]
        ([1, 1], [0, 1], [1.0, 0.5])
    """
    return _columns(records, _point_rows, POINTS)


def confusion(records: Iterable[Record]) -> Columns:
    """Returns a row for each cell of each confusion matrix.

    Args:
        records: Records, as from `read_curves`.

    Returns:
        Columns by name: `run`, `head`, `split`, `step`, `label`, `true`, `predicted`, `count`. In a multi-label record,
        which has a matrix for each label, `label` names it, and `true` and `predicted` are `"0"` or `"1"`; elsewhere
        `label` is empty, and they are class names.

    Examples:
        >>> from curveboard.measure import measure
        >>> table = confusion([measure([0, 1, 1], [0.1, 0.9, 0.2], class_names=["ham", "spam"])])
        >>> list(zip(table["true"], table["predicted"], table["count"]))
        [('ham', 'ham', 1), ('ham', 'spam', 0), ('spam', 'ham', 1), ('spam', 'spam', 1)]
    """
    return _columns(records, _confusion_rows, CONFUSION)


def as_dict(record: Record) -> Json:
    """Returns all that a record holds as what JSON can say; None is what is not defined.

    Examples:
        >>> from curveboard.measure import measure
        >>> made = as_dict(measure([0, 1], [0.25, 0.75]))
        >>> made["roc_auc"], made["confusion"], made["curves"][0]["tp"]
        (1.0, [[1, 0], [0, 1]], [1, 1])
    """
    return {
        "run": record.run,
        "head": record.head,
        "split": record.split,
        "step": record.step,
        "wall_time": record.wall_time,
        "task": record.task,
        "class_names": list(record.class_names),
        "n_examples": record.n_examples,
        "threshold": record.threshold,
        "tolerance": record.tolerance,
        "from_logits": record.from_logits,
        "exact": record.exact,
        "roc_auc": _defined(record.roc_auc),
        "average_precision": _defined(record.average_precision),
        "confusion": record.confusion.tolist(),
        "curves": [_curve_dict(curve) for curve in record.curves],
        "micro": None if record.micro is None else _curve_dict(record.micro),
        "macro": None if record.macro is None else _macro_dict(record.macro),
    }


_WHICH = {"run": str, "head": str, "split": str, "step": int}
# What the columns of each table hold. Counts are float where they are sums of weights.
AREAS: dict[str, type] = {
    **_WHICH,
    "wall_time": float,
    "class": str,
    "roc_auc": float,
    "roc_auc_se": float,
    "average_precision": float,
    "exact": bool,
    "positives": float,
    "negatives": float,
}
POINTS: dict[str, type] = {
    **_WHICH,
    "class": str,
    **dict.fromkeys(("threshold", "tp", "fp", "fpr", "tpr", "precision"), float),
}
CONFUSION: dict[str, type] = {**_WHICH, "label": str, "true": str, "predicted": str, "count": float}


def _columns(records: Iterable[Record], rows_of: Callable[[Record], Rows], types: dict[str, type]) -> Columns:
    columns: Columns = {name: [] for name in types}
    for record in records:
        which = {name: getattr(record, name) for name in _WHICH}
        for row in rows_of(record):
            for name, cell in {**which, **row}.items():
                columns[name].append(cell)
    return {name: _uniform(column) for name, column in columns.items()}


def _uniform(column: list[Cell]) -> list[Cell]:
    """Returns float throughout where some are: Polars takes no columns of both, such as counts beside NaN."""
    return [float(cell) for cell in column] if float in (kinds := set(map(type, column))) and int in kinds else column


def _area_rows(record: Record) -> Rows:
    averages = [average for average in (record.micro, record.macro) if average is not None]
    for curve in (*record.curves, *averages):
        known = (curve.roc_auc_se, curve.positives, curve.negatives) if isinstance(curve, Curve) else (math.nan,) * 3
        yield {
            "wall_time": record.wall_time,
            "class": curve.name,
            "roc_auc": curve.roc_auc,
            "average_precision": curve.average_precision,
            "exact": curve.roc_auc_bounds is None and curve.average_precision_bounds is None,
            **dict(zip(("roc_auc_se", "positives", "negatives"), known, strict=True)),
        }


def _point_rows(record: Record) -> Rows:
    for curve in (*record.curves, *([] if record.micro is None else [record.micro])):
        fpr, tpr, _ = (values[1:].tolist() for values in curve.roc())
        precision = curve.precision_recall()[0][-2::-1].tolist()
        counts = curve.thresholds.tolist(), curve.tp.tolist(), curve.fp.tolist()
        names = ("threshold", "tp", "fp", "fpr", "tpr", "precision")
        for row in zip(*counts, fpr, tpr, precision, strict=True):
            yield {"class": curve.name, **dict(zip(names, row, strict=True))}


def _confusion_rows(record: Record) -> Rows:
    labels = record.task == "multilabel"
    names = ("0", "1") if labels else record.class_names
    matrices = record.confusion if labels else record.confusion[None]
    for label, matrix in zip(record.class_names if labels else [""], matrices.tolist(), strict=True):
        for true, row in zip(names, matrix, strict=True):
            for predicted, count in zip(names, row, strict=True):
                yield {"label": label, "true": true, "predicted": predicted, "count": count}


def _curve_dict(curve: Curve) -> Json:
    return {
        "name": curve.name,
        "positives": curve.positives,
        "negatives": curve.negatives,
        **_areas_dict(curve),
        "roc_auc_se": _defined(curve.roc_auc_se),
        "threshold": curve.thresholds.tolist(),
        "tp": curve.tp.tolist(),
        "fp": curve.fp.tolist(),
    }


def _macro_dict(curve: MacroCurve) -> Json:
    arrays = {name: getattr(curve, name).tolist() for name in ("fpr", "tpr", "recall", "precision")}
    return {"name": curve.name, **_areas_dict(curve), **arrays}


def _areas_dict(curve: Curve | MacroCurve) -> Json:
    return {
        "roc_auc": _defined(curve.roc_auc),
        "average_precision": _defined(curve.average_precision),
        "roc_auc_bounds": None if curve.roc_auc_bounds is None else list(curve.roc_auc_bounds),
        "average_precision_bounds": (
            None if curve.average_precision_bounds is None else list(curve.average_precision_bounds)
        ),
    }


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else value
