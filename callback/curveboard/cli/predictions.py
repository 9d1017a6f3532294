"""Files of predictions, read piece by piece: CSV, NPZ, Parquet."""

from __future__ import annotations

import csv
import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

CHUNK = 1 << 17  # examples read at a time

Array = npt.NDArray[Any]
Pieces = Iterator[list[Array]]
TRUTH = {"True": 1, "true": 1, "TRUE": 1, "False": 0, "false": 0, "FALSE": 0}


@dataclass(frozen=True)
class Columns:
    """Names of the columns to read: labels, scores, and weights if there are any."""

    true: Sequence[str]
    score: Sequence[str]
    weight: str | None = None

    @property
    def all(self) -> list[str]:
        """All of them, in this order."""
        return [*self.true, *self.score, *([] if self.weight is None else [self.weight])]


@dataclass(frozen=True, eq=False)
class Piece:
    """Some consecutive examples, as `curveboard.sharded.ShardCounts.of` takes them."""

    y_true: Array
    y_score: Array
    sample_weight: Array | None


def read_predictions(path: Path, columns: Columns, class_names: Sequence[str] | None = None) -> Iterator[Piece]:
    """Reads a file piece by piece.

    Args:
        path: A file whose name ends in `.csv`, `.tsv` (or these and `.gz`), `.npz` or `.parquet`.
        columns: Names of columns; of arrays in NPZ, which may have two dimensions.
        class_names: Names that labels may be. Labels in CSV are numbers, or else text: names where the first piece's
            are among these or are no numbers.

    Yields:
        The examples.

    Raises:
        FileNotFoundError: There is no such file.
        ModuleNotFoundError: It is Parquet and pyarrow is not there.
        ValueError: The name ends otherwise, a column is missing, or a value is not what it should be.
    """
    name = path.name.lower().removesuffix(".gz")
    reader = next((made for suffix, made in READERS.items() if name.endswith(suffix)), None)
    if reader is None:
        raise ValueError(f"expected a file that ends in {', '.join(READERS)}; received {path}")
    labels = _Labels(class_names)
    try:
        for arrays in reader(path, columns):
            true, score = arrays[: len(columns.true)], arrays[len(columns.true) :][: len(columns.score)]
            yield Piece(
                y_true=_joined([labels.read(array) for array in true]),
                y_score=_joined([_numbers(array, "scores") for array in score]),
                sample_weight=None if columns.weight is None else _numbers(arrays[-1], "weights"),
            )
    except (csv.Error, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(f"expected a whole {name.rpartition('.')[2]} file; received {path}: {error}") from error


class _Labels:
    """Reads labels that may be text, in all pieces as in the first."""

    def __init__(self, class_names: Sequence[str] | None) -> None:
        self._names = set(class_names or [])
        self._read: Callable[[Array], Array] | None = None

    def read(self, labels: Array) -> Array:
        """Returns numbers, or text to be looked up among the names."""
        if labels.dtype.kind not in "UTO":
            return labels
        self._read = self._read or self._choose(labels)
        return self._read(labels)

    def _choose(self, labels: Array) -> Callable[[Array], Array]:
        words = set(map(str, labels.tolist()))
        if words <= self._names:
            return np.asarray
        if words <= TRUTH.keys():
            return _truths
        return _label_numbers if all(map(_is_number, words)) else np.asarray


def _csv(path: Path, columns: Columns) -> Pieces:
    opened: Callable[..., IO[str]] = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter="\t" if ".tsv" in path.name.lower() else ",")
        header = next(rows, [])
        _check_columns(columns, header)
        places = [header.index(name) for name in columns.all]
        filled = filter(None, rows)  # blank lines say nothing
        while piece := list(islice(filled, CHUNK)):
            odd = next((row for row in piece if len(row) != len(header)), None)
            if odd is not None:
                raise ValueError(f"expected {len(header)} values in each row of {path}; received {','.join(odd)!r}")
            yield [np.array([row[place] for row in piece]) for place in places]


def _npz(path: Path, columns: Columns) -> Pieces:
    """Arrays side by side, each read as it is unpacked."""
    with zipfile.ZipFile(path) as archive, ExitStack() as stack:
        _check_columns(columns, [name.removesuffix(".npy") for name in archive.namelist()])
        arrays = [_Member(stack.enter_context(archive.open(f"{name}.npy")), name) for name in columns.all]
        lengths = {array.shape[0] for array in arrays}
        if len(lengths) > 1:
            said = ", ".join(f"{array.name} of shape {array.shape}" for array in arrays)
            raise ValueError(f"expected arrays of one length; received {said}")
        for begin in range(0, lengths.pop(), CHUNK):
            yield [array.read(min(CHUNK, array.shape[0] - begin)) for array in arrays]


class _Member:
    """An array within an archive, read from its beginning to its end; rows must lie one after the other."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self.name = file, name
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        self.shape, by_columns, self._dtype = read(file)
        if not self.shape or self._dtype.hasobject or (by_columns and len(self.shape) > 1):
            raise ValueError(
                f"expected {name} to be an array in C order that holds no Python objects; received {self._dtype} of "
                f"shape {self.shape}{' in Fortran order' if by_columns else ''}"
            )

    def read(self, n: int) -> Array:
        """Returns the next rows."""
        shape = (n, *self.shape[1:])
        n_bytes = int(np.prod(shape)) * self._dtype.itemsize
        data = self._file.read(n_bytes)
        if len(data) < n_bytes:
            raise ValueError(f"expected {self.name} to go on; received the end of the file")
        return np.frombuffer(data, self._dtype).reshape(shape)


def _parquet(path: Path, columns: Columns) -> Pieces:
    try:
        from pyarrow import parquet
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"Parquet needs {missing.name}: pip install pyarrow") from missing
    with parquet.ParquetFile(path) as file:
        _check_columns(columns, file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=CHUNK, columns=columns.all):
            yield [_arrow_values(batch.column(name)) for name in columns.all]


def _arrow_values(column: Any) -> Array:
    from pyarrow import types

    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    nested = types.is_nested(column.type)  # a list of scores in each row
    return np.array(column.to_pylist()) if nested else np.asarray(column.to_numpy(zero_copy_only=False))


def _check_columns(columns: Columns, known: Sequence[str]) -> None:
    missing = [name for name in columns.all if name not in known]
    if missing:
        raise ValueError(f"expected columns {', '.join(missing)}; received a file with {', '.join(known) or 'none'}")


def _numbers(values: Array, what: str) -> Array:
    """Returns values as float64 where they are text, and as they are otherwise."""
    if values.dtype.kind not in "UTO":
        return values
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected {what}; received text: {error}") from error


def _label_numbers(labels: Array) -> Array:
    return _numbers(labels, "labels that are numbers, as in the first rows")


def _truths(labels: Array) -> Array:
    unknown = set(map(str, labels.tolist())) - TRUTH.keys()
    if unknown:
        raise ValueError(f"expected labels True or False, as in the first rows; received {min(unknown)!r}")
    return np.array([TRUTH[str(label)] for label in labels.tolist()])


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _joined(arrays: Sequence[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.column_stack(arrays)


READERS: dict[str, Callable[[Path, Columns], Pieces]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".npz": _npz,
    ".parquet": _parquet,
}
