"""`curveboard inspect`: what is in a log directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from curveboard.cli.chosen import at_step, check_found, series
from curveboard.cli.report import decided_at, report_rows
from curveboard.cli.terminal import Progress, count, number, print_table, sparkline
from curveboard.reader import read_curves

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from curveboard.record import Record

HEADER = ("run", "head", "task", "examples", "epochs", "AUC last", "best", "at", "AP last", "best", "AUC")

KINDS = {"multiclass": "classes", "multilabel": "labels"}


def run(options: argparse.Namespace) -> int:
    """Prints a line for each run and head, or a report of each."""
    found = read_curves(options.logdir, run=options.run, head=options.head, split=options.split)
    if options.report or options.step is not None or options.threshold is not None:
        return _report(options, found)
    with Progress("records") as progress:
        lines = [_line(records) for records in series(_counted(found, progress))]
    check_found(bool(lines), options.logdir)
    print_table(HEADER, [row for row, _ in lines], left=3)
    for note in filter(None, (note for _, note in lines)):
        print(note)
    return 0


def _counted(records: Iterable[Record], progress: Progress) -> Iterator[Record]:
    for record in records:
        progress.advance()
        yield record


def _line(records: Iterable[Record]) -> tuple[list[str], str]:
    """Returns the row of a series, and a note if its last areas are estimates."""
    steps, areas, precisions = [], [], []
    for last in records:
        steps.append(last.step)
        areas.append(last.roc_auc)
        precisions.append(last.average_precision)
    best, best_precision = _best(areas), _best(precisions)
    row = [
        last.run,
        last.head,
        "binary" if last.task == "binary" else f"{len(last.class_names)} {KINDS[last.task]}",
        count(last.n_examples),
        f"{len(steps)} ({steps[0]}-{steps[-1]})" if len(steps) > 1 else f"1 ({steps[0]})",
        number(areas[-1]),
        number(areas[best]),
        str(steps[best]),
        number(precisions[-1]),
        number(precisions[best_precision]),
        sparkline(areas),
    ]
    return row, _note(last)


def _note(record: Record) -> str:
    bounds = (record.macro or record.curves[0]).roc_auc_bounds
    if bounds is None:
        return ""
    low, high = np.floor(bounds[0] * 1e4) / 1e4, np.ceil(bounds[1] * 1e4) / 1e4  # outwards: it must be between them
    return f"{record.run}, {record.head}, epoch {record.step}: an estimate, the AUC is between {low:.4f} and {high:.4f}"


def _best(values: Sequence[float]) -> int:
    """Returns where the highest value is first, or the last place where none is defined."""
    return len(values) - 1 if np.isnan(values).all() else int(np.nanargmax(values))


def _report(options: argparse.Namespace, found: Iterable[Record]) -> int:
    step = "last" if options.step is None else options.step
    chosen = [record for records in series(found) if (record := at_step(records, step)) is not None]
    check_found(bool(chosen), options.logdir, f"records at step {step}")
    for at, record in enumerate(chosen):
        if at:
            print()
        decided = decided_at(record, options.threshold)
        print(f"{record.run}, {record.head}, epoch {record.step}, {count(record.n_examples)} examples: {decided.how}")
        print_table(*report_rows(decided))
    return 0
