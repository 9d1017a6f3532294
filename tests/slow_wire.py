"""A second reader of records, written from FORMAT.md alone: one number at a time, obvious. It judges the other."""

from __future__ import annotations

import json
import math
import struct
import zlib
from typing import Any


def sections(blob: bytes) -> dict[str, bytes]:
    """Raw bytes of every section."""
    magic, version, count = struct.unpack_from("<4sHH", blob)
    assert (magic, version) == (b"CVBR", 1)
    found, at = {}, 8 + 12 * count
    for entry in range(count):
        name, stored, raw = struct.unpack_from("<4sII", blob, 8 + 12 * entry)
        found[name.decode()] = zlib.decompress(blob[at : at + stored])
        assert len(found[name.decode()]) == raw
        at += stored
    assert at == len(blob)
    return found


def varints(raw: bytes) -> list[int]:
    """All varints of a section."""
    numbers, number, place = [], 0, 0
    for byte in raw:
        number, place = number | (byte & 127) << place, place + 7
        if byte < 128:
            numbers.append(number)
            number, place = 0, 0
    return numbers


def count(word: int, meta: dict[str, Any]) -> float:
    """A count from its varint."""
    return word if meta["counts"] == "int" else float(struct.unpack("<d", struct.pack("<Q", word))[0])


def threshold(key: int, meta: dict[str, Any]) -> float:
    """A threshold from the integer that grows as it decreases."""
    bits, integer, real = (32, "<I", "<f") if meta["score"] == "float32" else (64, "<Q", "<d")
    flipped = key if key >> (bits - 1) else key ^ ((1 << (bits - 1)) - 1)
    return float(struct.unpack(real, struct.pack(integer, flipped))[0])


def running(differences: list[int]) -> list[int]:
    """Sums of all differences so far."""
    return [sum(differences[: at + 1]) for at in range(len(differences))]


def points(raw: bytes, n: int) -> tuple[list[int], list[list[int]]]:
    """Number of points of each of n curves, and the three columns of all: words of tp and fp, and keys."""
    lengths = list(struct.unpack_from(f"<{n}I", raw))
    k = sum(lengths)
    sizes, zeros = raw[4 * n : 4 * n + 3 * k], raw[4 * n + 3 * k : 4 * n + 4 * k]
    stream, numbers = int.from_bytes(raw[4 * n + 4 * k :], "little"), []
    for size in sizes:
        width = max(size - 1, 0)
        numbers.append(1 << width | stream & ((1 << width) - 1) if size else 0)
        stream >>= width
    assert stream == 0
    steps = [(2 * odd + 1) << places for odd, places in zip(numbers[2 * k :], zeros, strict=True)]
    columns: list[list[int]] = [[], [], []]
    for column, differences in zip(columns, (numbers[:k], numbers[k : 2 * k], steps), strict=True):
        for length in lengths:
            column += running(differences[len(column) : len(column) + length])
    return lengths, [columns[0], columns[1], [key - 1 for key in columns[2]]]


def read(blob: bytes) -> dict[str, Any]:
    """Everything a record holds, as plain lists and numbers."""
    raw = sections(blob)
    meta = json.loads(raw["META"])
    several = meta["task"] != "binary"
    counted = [*meta["class_names"], "micro"] if several else meta["class_names"][1:]
    n, m = len(counted), len(counted) + several
    areas = struct.unpack(f"<{2 * m}d{m}f", raw["AREA"])
    bounded = m + ("RISK" in raw)
    bounds = struct.unpack(f"<{4 * bounded}d", raw["BNDS"]) if "BNDS" in raw else [math.nan] * 4 * bounded
    pairs = [None if math.isnan(low) else (low, high) for low, high in zip(bounds[::2], bounds[1::2], strict=True)]
    totals = [count(word, meta) for word in varints(raw["TOTL"])]
    lengths, columns = points(raw["CURV"], n)
    curves, at = [], 0
    for row, name in enumerate(counted):
        tp, fp, keys = (column[at : at + lengths[row]] for column in columns)
        curves.append(
            {
                "name": name,
                "thresholds": [threshold(key, meta) for key in keys],
                "tp": [count(word, meta) for word in tp],
                "fp": [count(word, meta) for word in fp],
                "positives": totals[row],
                "negatives": totals[n + row],
                "roc_auc": areas[row],
                "average_precision": areas[m + row],
                "roc_auc_se": areas[2 * m + row],
                "roc_auc_bounds": pairs[row],
                "average_precision_bounds": pairs[bounded + row],
            }
        )
        at += lengths[row]
    cells = varints(raw["CONF"])
    z = cells[0]
    n_classes = len(meta["class_names"])
    flat = [0.0] * (n_classes * (4 if meta["task"] == "multilabel" else n_classes))
    for index, word in zip(running(cells[1 : 1 + z]), cells[1 + z :], strict=True):
        flat[index] = count(word, meta)
    macro = None
    if several:
        a, b = struct.unpack_from("<II", raw["MACR"])
        rates = list(struct.unpack_from(f"<{2 * (a + b)}f", raw["MACR"], 8))
        macro = {
            "fpr": rates[:a],
            "tpr": rates[a : 2 * a],
            "recall": rates[2 * a : 2 * a + b],
            "precision": rates[2 * a + b :],
        }
        macro |= {"roc_auc": areas[m - 1], "average_precision": areas[2 * m - 1]}
        macro |= {"roc_auc_bounds": pairs[m - 1], "average_precision_bounds": pairs[bounded + m - 1]}
    return {"meta": meta, "curves": curves, "macro": macro, "confusion": flat}


def integer(word: int) -> int:
    """An integer from its zigzag."""
    return -(word + 1) // 2 if word % 2 else word // 2


def calibrations(raw: bytes, n_classes: int, meta: dict[str, Any]) -> list[dict[str, Any]]:
    """The bins of each class, from `CALB`."""
    numbers = [integer(word) for word in varints(raw[4 * n_classes :])]
    assert len(numbers) == 60 * n_classes
    found = []
    for row in range(n_classes):
        bins: dict[str, Any] = {"brier": struct.unpack_from("<f", raw, 4 * row)[0]}
        for part, key in enumerate(("examples", "positives")):
            starts = [(part * 20 + place) * n_classes for place in range(20)]
            words = [sum(numbers[start : start + row + 1]) for start in starts]
            floats = meta["counts"] == "float"
            bins[key] = [struct.unpack("<f", struct.pack("<I", word))[0] for word in words] if floats else words
        steps = [numbers[(40 + place) * n_classes + row] for place in range(20)]
        whole = sum(bins["examples"])
        bins["score_sum"] = []
        for place, (n, step) in enumerate(zip(bins["examples"], steps, strict=True)):
            total = n * (place + 0.5) / 20 + step * min(whole / 2**18, n / 2**10)
            bins["score_sum"].append(min(max(total, n * place / 20), n * (place + 1) / 20))
        found.append(bins)
    return found


def confidence(raw: bytes, meta: dict[str, Any]) -> dict[str, Any]:
    """The curve of `RISK`, and its calibration if it has one."""
    aurc, roc_auc, average_precision, roc_auc_se, size = struct.unpack_from("<dddfI", raw)
    _, (tp, fp, keys) = points(raw[32 + size :], 1)
    return {
        "thresholds": [threshold(key, meta) for key in keys],
        "tp": [count(word, meta) for word in tp],
        "fp": [count(word, meta) for word in fp],
        "roc_auc": roc_auc,
        "average_precision": average_precision,
        "roc_auc_se": roc_auc_se,
        "aurc": aurc,
        "calibration": calibrations(raw[32 : 32 + size], 1, meta)[0] if size else None,
    }
