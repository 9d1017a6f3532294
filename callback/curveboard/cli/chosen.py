"""Which records a command is about."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from curveboard.record import Record


def series(records: Iterable[Record]) -> Iterator[Iterator[Record]]:
    """Groups records, as `read_curves` orders them, by run and head: one after the other, none of them kept."""
    for _, group in groupby(records, key=lambda record: (record.run, record.head)):
        yield group


def at_step(records: Iterable[Record], step: int | str) -> Record | None:
    """Returns the record of a step among those of a series, or None.

    Args:
        records: The series.
        step: A number, `"last"`, or `"best"`: the first one of the highest ROC-AUC, or the last where none is defined.
    """
    found: Record | None = None
    for record in records:
        if step == record.step:
            return record
        if step == "last" or (step == "best" and (found is None or not record.roc_auc <= found.roc_auc)):
            found = record
    return found


def check_found(found: bool, where: Path, wanted: str = "records") -> None:
    """Raises a ValueError unless something was found."""
    if not found:
        raise ValueError(f"expected {wanted} of curveboard in {where}; received none")
