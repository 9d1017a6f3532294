"""Precision, recall, F1 and support of each class: the numbers of scikit-learn's `classification_report`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from curveboard.cli.terminal import count, number
from curveboard.outcomes import check_threshold
from curveboard.record import CountArray, Curve, Record
from curveboard.statistics import Average, Rate

RATES: tuple[Rate, ...] = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Decided:
    """A record whose confusion matrix holds the decisions to report.

    Attributes:
        record: The record; one whose classes decide for themselves has a matrix for each, as a multi-label one.
        how: What was decided by, in words.
        thresholds: Stored threshold of each class that its decisions were made at, in units of the score and with all
            digits; None where it is that of `how`.
    """

    record: Record
    how: str
    thresholds: tuple[str, ...] | None = None


def decided_at(record: Record, threshold: float | None) -> Decided:
    """Decides anew at a threshold.

    Counts are known at the stored thresholds only. The one nearest to that asked for is taken, so that the numbers are
    exactly those of a threshold, which is said.

    Args:
        record: The record.
        threshold: A score, or a probability where scores are logits; None for the stored decisions.

    Returns:
        What was decided.

    Raises:
        ValueError: The threshold cannot be that of the scores.
    """
    limit = None if threshold is None else check_threshold(threshold, record.from_logits)
    if limit is None and record.task == "multiclass":
        return Decided(record, "decided for the highest score")
    unit = "logit " if record.from_logits else ""
    if limit is None or (limit == record.threshold and record.task != "multiclass"):
        return Decided(record, f"decided at {unit}{record.threshold:g}")
    rows = [int(np.argmin(np.abs(curve.thresholds - limit))) for curve in record.curves]
    cells = np.array([_cells(curve, row) for curve, row in zip(record.curves, rows, strict=True)])
    taken = tuple(f"{unit}{curve.thresholds[row]!s}" for curve, row in zip(record.curves, rows, strict=True))
    if record.task == "binary":
        how = f"decided at {taken[0]}, the stored threshold nearest to {threshold:g}"
        return Decided(replace(record, confusion=cells[0]), how)
    how = f"each class decided at its stored threshold nearest to {threshold:g}"
    return Decided(replace(record, task="multilabel", confusion=cells), how, taken)


def report_rows(decided: Decided) -> tuple[list[str], list[list[str]]]:
    """Returns header and rows: a row for each class, the accuracy of single decisions, and averages.

    Averages leave out classes for which a rate is not defined, which scikit-learn does with `zero_division=np.nan`.
    """
    record = decided.record
    supports = _supports(record)
    by_class = zip(*(record.by_class(rate) for rate in RATES), supports, strict=True)
    rows = [
        [name, *map(number, rates), count(support)]
        for name, (*rates, support) in zip(record.class_names, by_class, strict=True)
    ]
    whole = count(sum(supports))
    averages: list[Average] = ["macro", "weighted"]
    if record.task == "multilabel":
        averages.insert(0, "micro")
    else:
        rows.append(["accuracy", "", "", number(record.accuracy), whole])
    for average in averages:
        rates = [getattr(record, rate)(average) for rate in RATES]
        rows.append([f"{average} avg", *map(number, rates), whole])
    header = ["", "precision", "recall", "f1-score", "support"]
    if decided.thresholds is not None:
        header.append("threshold")
        shown = [*decided.thresholds, *[""] * len(averages)]
        rows = [[*row, cell] for row, cell in zip(rows, shown, strict=True)]
    return header, rows


def _supports(record: Record) -> list[float]:
    true = record.confusion[:, 1] if record.task == "multilabel" else record.confusion
    return [float(support) if record.confusion.dtype.kind == "f" else int(support) for support in true.sum(axis=1)]


def _cells(curve: Curve, row: int) -> CountArray:
    """Returns `[[tn, fp], [fn, tp]]` at a stored threshold."""
    tp, fp = curve.tp[row], curve.fp[row]
    return np.array([[curve.negatives - fp, fp], [curve.positives - tp, tp]])
