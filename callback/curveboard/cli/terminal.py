"""What is printed: tables, sparklines, and how far long work has come."""

from __future__ import annotations

import math
import shutil
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

BARS, PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
SPARKLINE_WIDTH = 24
UNKNOWN = "–"
RICH_GAP = 2  # characters between two columns
REFRESH_SECONDS = 0.2


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> None:
    """Prints a table: with rich on a terminal, where it is installed and the table fits, else as plain columns.

    Args:
        header: A title for each column.
        rows: The cells, as many in each.
        left: How many of the first columns are aligned left; the others, numbers, are aligned right.
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    fits = sum(widths) + RICH_GAP * len(widths) <= shutil.get_terminal_size().columns
    if sys.stdout.isatty() and fits and _print_rich(header, rows, left):
        return
    for cells in (header, *rows):
        aligned = (
            cell.ljust(width) if at < left else cell.rjust(width) for at, (cell, width) in _zipped(cells, widths)
        )
        print("  ".join(aligned).rstrip())


def sparkline(values: Sequence[float], width: int = SPARKLINE_WIDTH) -> str:
    """Draws values between their own extremes, a blank for NaN; of more than `width` some, evenly spaced.

    Examples:
        >>> sparkline([0.5, 0.75, 1.0])
        '▁▅█'
    """
    if len(values) > width:
        values = [values[round(at * (len(values) - 1) / (width - 1))] for at in range(width)]
    defined = [value for value in values if not math.isnan(value)]
    low, high = min(defined, default=0.0), max(defined, default=0.0)
    bars = BARS if writable(BARS) else PLAIN_BARS
    top = len(bars) - 1
    heights = [math.nan if math.isnan(value) else (value - low) / ((high - low) or 1.0) for value in values]
    return "".join(" " if math.isnan(height) else bars[math.floor(height * top + 0.5)] for height in heights)


def number(value: float) -> str:
    """Writes a rate or an area in four digits, and a dash for what is not defined."""
    return (UNKNOWN if writable(UNKNOWN) else "-") if math.isnan(value) else f"{value:.4f}"


def count(value: float) -> str:
    """Writes a count in full, a sum of weights in six digits."""
    return f"{value:,}" if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15) else f"{value:,.6g}"


def writable(text: str) -> bool:
    """Returns whether the output's encoding has these characters."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


class Progress:
    """Says on a terminal how far long work has come, and nothing elsewhere.

    Args:
        what: What is counted, such as `"examples"`.
        total: How many there will be, if that is known.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what, self._total = what, total
        self._done = 0
        self._said_at = 0.0
        self._shown = sys.stderr.isatty()

    def advance(self, more: int = 1) -> None:
        """Counts more of what is done."""
        self._done += more
        now = time.monotonic()
        if self._shown and now - self._said_at > REFRESH_SECONDS:
            self._said_at = now
            of = "" if self._total is None else f" of {self._total:,}"
            print(f"\r{self._done:,}{of} {self._what} ...", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            print(f"\r{' ' * (shutil.get_terminal_size().columns - 1)}\r", end="", file=sys.stderr, flush=True)


def _print_rich(header: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> bool:
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ModuleNotFoundError:
        return False
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for at, title in enumerate(header):
        table.add_column(Text(title), justify="left" if at < left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))  # as Text: names are not markup
    Console().print(table)
    return True


def _zipped(cells: Sequence[str], widths: Sequence[int]) -> list[tuple[int, tuple[str, int]]]:
    return list(enumerate(zip(cells, widths, strict=True)))
