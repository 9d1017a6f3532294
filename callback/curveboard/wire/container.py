"""The record's outer shell: a header, a directory and named, compressed sections; FORMAT.md specifies it."""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAGIC = b"CVBR"
VERSION = 1
MAX_RAW_BYTES = 1 << 25
SECTIONS = (b"META", b"AREA", b"TOTL", b"CURV", b"CONF", b"MACR", b"CALB", b"RISK", b"TOPK", b"BNDS")

Blob = bytes | memoryview | npt.NDArray[np.uint8]

_HEADER = struct.Struct("<4sHH")
_ENTRY = struct.Struct("<4sII")
_LEVEL = 6


class WireError(ValueError):
    """The bytes are not a whole, consistent record."""


class NewerVersionError(WireError):
    """The record is of a version that this reader does not know.

    Attributes:
        version: The record's version.
    """

    def __init__(self, version: int) -> None:
        super().__init__(f"expected a record of version {VERSION} or earlier; received version {version}")
        self.version = version


def pack(sections: Mapping[bytes, bytes]) -> bytes:
    """Packs sections, by their four-letter names, into a record.

    Raises:
        ValueError: They hold more bytes than a reader accepts.
    """
    n_bytes = sum(map(len, sections.values()))
    if n_bytes > MAX_RAW_BYTES:
        raise ValueError(f"expected a record of at most {MAX_RAW_BYTES} bytes before compression; received {n_bytes}")
    stored = {name: _deflate(raw) for name, raw in sections.items()}
    directory = [_ENTRY.pack(name, len(stored[name]), len(raw)) for name, raw in sections.items()]
    return b"".join([_HEADER.pack(MAGIC, VERSION, len(sections)), *directory, *stored.values()])


def _deflate(raw: bytes) -> bytes:
    """Compresses, with repeats or for skewed bytes alone, whichever is smaller.

    A low `memLevel` makes blocks small, so that bytes of each kind get a code of their own.
    """
    streams = [
        zlib.compressobj(_LEVEL, memLevel=5, strategy=each) for each in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED)
    ]
    return min((stream.compress(raw) + stream.flush() for stream in streams), key=len)


class Container:
    """A packed record, opened: its directory is checked, its sections are inflated when asked for.

    Args:
        blob: The bytes; a NumPy array must be one-dimensional uint8.

    Raises:
        NewerVersionError: The record is of a later version of the format.
        WireError: The header or the directory is damaged, or declares more than `MAX_RAW_BYTES`.
    """

    def __init__(self, blob: Blob) -> None:
        self._view = _view(blob)
        self._sections = _directory(self._view)

    def __contains__(self, name: bytes) -> bool:
        """Whether the record has a section."""
        return name in self._sections

    def packed(self, name: bytes) -> tuple[bytes, int]:
        """Returns a section as it is stored, and its raw size: alike in two records, so are the sections."""
        begin, end, raw_size = self._sections.get(name, (0, 0, 0))
        return bytes(self._view[begin:end]), raw_size

    @contextmanager
    def section(self, name: bytes) -> Iterator[bytes]:
        """Gives the raw bytes of a section; what fails in reading them becomes a `WireError` that names it."""
        try:
            yield self._inflate(name)
        except (ValueError, OverflowError, RecursionError, struct.error, zlib.error) as error:
            raise WireError(f"section {name.decode()} is damaged: {error}") from error

    def _inflate(self, name: bytes) -> bytes:
        if name not in self._sections:
            raise ValueError(f"expected it in the record; received {b' '.join(self._sections)!r}")
        begin, end, raw_size = self._sections[name]
        stream = zlib.decompressobj()
        raw = stream.decompress(self._view[begin:end], raw_size + 1)
        if len(raw) != raw_size or not stream.eof or stream.unused_data:
            raise ValueError(
                f"expected it to inflate to {raw_size} bytes; received {len(raw)}{'' if stream.eof else ' or more'}"
            )
        return raw


def _directory(view: memoryview) -> dict[bytes, tuple[int, int, int]]:
    """Where each section begins and ends, and its raw size."""
    if len(view) < _HEADER.size or view[:4] != MAGIC:
        raise WireError(f"expected a record beginning with {MAGIC!r}; received {len(view)} bytes {bytes(view[:8])!r}")
    _, version, n_sections = _HEADER.unpack_from(view)
    if version > VERSION:
        raise NewerVersionError(version)
    end = _HEADER.size + n_sections * _ENTRY.size
    if version < 1 or len(view) < end:
        raise WireError(f"expected a version and {n_sections} entries; received {version} and {len(view)} bytes")
    sections: dict[bytes, tuple[int, int, int]] = {}
    known = 0
    for name, size, raw_size in _ENTRY.iter_unpack(view[_HEADER.size : end]):
        sections[name] = end, end + size, raw_size
        end += size
        known += raw_size if name in SECTIONS else 0
    if end != len(view) or len(sections) != n_sections:
        raise WireError(f"expected {n_sections} sections in {end} bytes; received {len(view)} bytes")
    if known > MAX_RAW_BYTES:
        raise WireError(f"expected at most {MAX_RAW_BYTES} bytes when inflated; received {known}")
    return sections


def _view(blob: Blob) -> memoryview:
    if isinstance(blob, np.ndarray):
        if blob.dtype != np.uint8 or blob.ndim != 1:
            raise WireError(f"expected a one-dimensional uint8 array; received {blob.dtype} of shape {blob.shape}")
        return np.ascontiguousarray(blob).data
    return memoryview(blob).cast("B")
