"""`curveboard export`: pictures of each epoch, and tables for other programs."""

from __future__ import annotations

import csv
import json
import math
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

from curveboard import tables
from curveboard.cli.chosen import at_step, check_found, series
from curveboard.cli.terminal import Progress
from curveboard.reader import read_curves

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from curveboard.record import Record

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes spreadsheets compute a cell
RESERVED = re.compile(r'[%<>:"/\\|?*\x00-\x1f]')  # in names of files, on some system
TABLES: dict[str, tuple[Callable[..., tables.Columns], Mapping[str, type]]] = {
    "areas": (tables.areas, tables.AREAS),
    "points": (tables.points, tables.POINTS),
    "confusion": (tables.confusion, tables.CONFUSION),
}


class Exporter(Protocol):
    """Writes records, one by one, into files below a folder."""

    def write(self, record: Record) -> None:
        """Writes a record."""

    def close(self) -> None:
        """Ends the files."""


def run(options: argparse.Namespace) -> int:
    """Writes the chosen records in the chosen formats."""
    found = read_curves(options.logdir, run=options.run, head=options.head, split=options.split)
    n_records = 0
    with ExitStack() as stack, Progress("records") as progress:
        exporters: list[Exporter] = []
        for record in _chosen(found, options.step):
            if not exporters:
                options.output.mkdir(parents=True, exist_ok=True)
                for name in dict.fromkeys(options.format):
                    exporters.append(_exporter(name, options))
                    stack.callback(exporters[-1].close)
            for exporter in exporters:
                exporter.write(record)
            n_records += 1
            progress.advance()
    check_found(n_records > 0, options.logdir, "records" if options.step is None else f"records at {options.step}")
    print(f"{n_records} records in {options.output}")
    return 0


class Pictures:
    """A picture of each record: `<folder>/<run>/<head>_<step>.png`."""

    def __init__(self, folder: Path, suffix: str, dpi: int) -> None:
        from curveboard.plot import figure

        self._folder, self._suffix, self._dpi, self._figure = folder, suffix, dpi, figure

    def write(self, record: Record) -> None:
        """Draws a record."""
        parts = [_file_name(part) for part in record.run.split("/")] if record.run != "." else []
        path = self._folder.joinpath(*parts, f"{_file_name(record.head)}_{record.step:04d}.{self._suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._figure(record).savefig(path, dpi=self._dpi)

    def close(self) -> None:
        """Does nothing: each picture is a file of its own."""


class CsvTables:
    """Three tables as CSV: UTF-8, NaN for what is not defined, text that a spreadsheet would compute made harmless."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._writers = {}
        for name, (_, types) in TABLES.items():
            file = self._stack.enter_context((folder / f"{name}.csv").open("w", encoding="utf-8", newline=""))
            self._writers[name] = csv.writer(file)
            self._writers[name].writerow(types)

    def write(self, record: Record) -> None:
        """Adds the rows of a record."""
        for name, (table, _) in TABLES.items():
            rows = zip(*table([record]).values(), strict=True)
            self._writers[name].writerows([_csv_cell(cell) for cell in row] for row in rows)

    def close(self) -> None:
        """Ends the files."""
        self._stack.close()


class JsonFile:
    """All records as a JSON array, one in each line; null is what is not defined."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "records.json").open("w", encoding="utf-8")
        self._before = "[\n"

    def write(self, record: Record) -> None:
        """Adds a record."""
        said = json.dumps(tables.as_dict(record), allow_nan=False, ensure_ascii=False)
        self._file.write(f"{self._before}{said}")
        self._before = ",\n"

    def close(self) -> None:
        """Ends the array."""
        with self._file:
            self._file.write("\n]\n")


class ParquetTables:
    """Three tables as Parquet, a row group for each record; counts are float64, as they may be sums of weights."""

    def __init__(self, folder: Path) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ModuleNotFoundError as missing:
            raise ModuleNotFoundError(f"Parquet needs {missing.name}: pip install pyarrow") from missing
        of = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
        self._table = pyarrow.table
        self._schemas = {
            name: pyarrow.schema([(column, of[kind]) for column, kind in types.items()])
            for name, (_, types) in TABLES.items()
        }
        self._writers: dict[str, Any] = {
            name: parquet.ParquetWriter(folder / f"{name}.parquet", schema) for name, schema in self._schemas.items()
        }

    def write(self, record: Record) -> None:
        """Adds the rows of a record."""
        for name, (table, _) in TABLES.items():
            self._writers[name].write_table(self._table(table([record]), schema=self._schemas[name]))

    def close(self) -> None:
        """Ends the files."""
        for writer in self._writers.values():
            writer.close()


def _exporter(name: str, options: argparse.Namespace) -> Exporter:
    if name in ("png", "svg"):
        return Pictures(options.output, name, options.dpi)
    makers: dict[str, Callable[[Path], Exporter]] = {"csv": CsvTables, "json": JsonFile, "parquet": ParquetTables}
    return makers[name](options.output)


def _chosen(found: Iterator[Record], step: int | str | None) -> Iterator[Record]:
    if step is None:
        yield from found
        return
    for records in series(found):
        record = at_step(records, step)
        if record is not None:
            yield record


def _file_name(name: str) -> str:
    """Returns a name that a file can have on every system, different for different names."""
    escaped = RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", name)
    return escaped.replace(".", "%2E") if not escaped.strip(".") else escaped


def _csv_cell(cell: tables.Cell) -> str:
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA) else cell
    if isinstance(cell, float):
        return "NaN" if math.isnan(cell) else repr(cell).removesuffix(".0")
    return str(cell)
