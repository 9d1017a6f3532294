"""`curveboard compare`: the areas of two runs side by side."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from curveboard.cli.chosen import at_step, check_found, series
from curveboard.cli.terminal import number, print_table
from curveboard.reader import read_curves
from curveboard.record import Curve

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from curveboard.record import MacroCurve, Record

HEADER = ("class", "AUC A", "AUC B", "B - A", "low", "high", "AP A", "AP B", "B - A")


def run(options: argparse.Namespace) -> int:
    """Prints a table for each head and split that both runs have."""
    if not 0 < options.confidence < 1:
        raise ValueError(f"expected --confidence between 0 and 1; received {options.confidence}")
    a, b = (_records(path, options.head, options.step) for path in (options.run_a, options.run_b))
    shared = [key for key in a if key in b]
    if not shared:
        raise ValueError(
            f"expected a split and head that both runs have; received {_said(a)} in {options.run_a} "
            f"and {_said(b)} in {options.run_b}"
        )
    for at, key in enumerate(shared):
        if at:
            print()
        _print(a[key], b[key], options.confidence)
    return 0


def difference_interval(a: Curve, b: Curve, confidence: float = 0.95) -> tuple[float, float]:
    """Returns the confidence interval of the difference of two ROC-AUCs, `b - a`, of independent examples.

    Args:
        a: A curve.
        b: Another.
        confidence: Probability that the interval holds the difference.

    Returns:
        `(low, high)`; NaN where a standard error is not known, or is 0, which is no estimate but too few examples.

    Examples:
        >>> from curveboard.measure import measure
        >>> a = measure([0, 1] * 50, np.linspace(0, 1, 100)).curves[0]
        >>> low, high = difference_interval(a, a)
        >>> low == -high, low < 0
        (True, True)
    """
    if not (a.roc_auc_se > 0 and b.roc_auc_se > 0):
        return np.nan, np.nan
    half = NormalDist().inv_cdf((1 + confidence) / 2) * float(np.hypot(a.roc_auc_se, b.roc_auc_se))
    middle = b.roc_auc - a.roc_auc
    return middle - half, middle + half


def _records(path: Path, head: str | None, step: int | str) -> dict[tuple[str, str], Record]:
    """Returns the record to compare of each split and head below a run's directory."""
    found: dict[tuple[str, str], Record] = {}
    for records in series(read_curves(path, head=head)):
        record = at_step(records, step)
        if record is None:
            continue
        key = record.split, record.head
        if key in found:
            raise ValueError(
                f"expected the directory of one run; received {path}, with {found[key].run} and {record.run}"
            )
        found[key] = record
    check_found(bool(found), path, f"records at step {step}")
    return found


def _print(a: Record, b: Record, confidence: float) -> None:
    names = [curve.name for curve in (*a.curves, a.micro, a.macro) if curve is not None]
    known = {curve.name for curve in (*b.curves, b.micro, b.macro) if curve is not None}
    shared = [name for name in names if name in known]
    if not shared:
        raise ValueError(
            f"expected classes that both runs have; received {', '.join(a.class_names)} and {', '.join(b.class_names)}"
        )
    steps = f"epoch {a.step}" if a.step == b.step else f"epochs {a.step} (A) and {b.step} (B)"
    print(f"{a.split}, {a.head}, {steps}, {confidence:.0%} interval of the difference for independent examples")
    print_table(HEADER, [_row(a[name], b[name], confidence) for name in shared])


def _row(a: Curve | MacroCurve, b: Curve | MacroCurve, confidence: float) -> list[str]:
    low = high = np.nan
    if isinstance(a, Curve) and isinstance(b, Curve):
        low, high = difference_interval(a, b, confidence)
    return [
        a.name,
        number(a.roc_auc),
        number(b.roc_auc),
        _signed(b.roc_auc - a.roc_auc),
        _signed(low),
        _signed(high),
        number(a.average_precision),
        number(b.average_precision),
        _signed(b.average_precision - a.average_precision),
    ]


def _signed(value: float) -> str:
    return number(value) if np.isnan(value) else f"{value:+.4f}"


def _said(found: dict[tuple[str, str], Record]) -> str:
    return ", ".join(f"{split} {head}" for split, head in found)
