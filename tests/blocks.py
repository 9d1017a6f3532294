"""Reads a block as `http_api.md` describes it, word by word: slow, obvious, and no code of the plugin."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple


class Block(NamedTuple):
    header: dict[str, Any]
    columns: dict[str, list[float]]


def read_block(content: bytes) -> Block:
    assert content[:4] == b"CVBK"
    (length,) = struct.unpack_from("<I", content, 4)
    assert (8 + length) % 8 == 0, "the body begins at a multiple of 8"
    header = json.loads(content[8 : 8 + length].decode(), parse_constant=_no_constant)
    body = content[8 + length :]
    return Block(header, {name: _column(body, **about) for name, about in header["columns"].items()})


def _column(body: bytes, *, dtype: str, offset: int, count: int, codec: str) -> list[float]:
    assert offset % 8 == 0, "columns begin at multiples of 8"
    size, form = {"u4": (4, "I"), "f4": (4, "f"), "f8": (8, "d")}[dtype]
    stored = body[offset : offset + count * size]
    assert len(stored) == count * size
    if codec == "delta":
        stored = _undo_delta(stored, count)
    else:
        assert codec == "raw"
    return list(struct.unpack(f"<{count}{form}", stored))


def _undo_delta(stored: bytes, count: int) -> bytes:
    words, word = [], 0
    for at in range(count):
        word = (word + sum(stored[plane * count + at] << 8 * plane for plane in range(4))) % 2**32
        words.append(word)
    return struct.pack(f"<{count}I", *words)


def _no_constant(name: str) -> float:
    raise AssertionError(f"expected JSON without {name}")
