"""The numeric sections of a record: `AREA`, `TOTL`, `CURV`, `MACR` and `CONF`; FORMAT.md specifies them.

Each `write_` has its `read_`. Both raise ValueError for what contradicts itself, so nothing is written that cannot be
read. All integers of a section are encoded and decoded at once, whatever the number of its curves.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from curveboard.record import CountArray, Curve, FloatArray, MacroCurve
from curveboard.wire.packed import PADDING, bit_lengths, pack_bits, unpack_bits, widths_of
from curveboard.wire.varint import U64Array, Varints, encode_varints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard.wire.meta import Meta

_I64Array = npt.NDArray[np.int64]
_COUNTS: dict[str, npt.DTypeLike] = {"int": np.int64, "float": np.float64}
_UNSIGNED: dict[str, type[np.uint32] | type[np.uint64]] = {"float32": np.uint32, "float64": np.uint64}


def write_areas(curves: Sequence[Curve | MacroCurve]) -> bytes:
    """Encodes `AREA`."""
    areas = np.array([[c.roc_auc for c in curves], [c.average_precision for c in curves]], "<f8")
    errors = np.array([c.roc_auc_se if isinstance(c, Curve) else np.nan for c in curves], "<f4")
    _check_areas(areas, errors)
    return areas.tobytes() + errors.tobytes()


def read_areas(raw: bytes, meta: Meta) -> npt.NDArray[np.float64]:
    """Decodes `AREA` to rows `roc_auc`, `average_precision`, `roc_auc_se`, one column a curve."""
    n_curves = len(meta.names)
    if len(raw) != 20 * n_curves:
        raise ValueError(f"expected {20 * n_curves} bytes; received {len(raw)}")
    areas, errors = np.frombuffer(raw, "<f8", 2 * n_curves), np.frombuffer(raw, "<f4", offset=16 * n_curves)
    _check_areas(areas, errors)
    with np.errstate(invalid="ignore"):  # any bits of a NaN will do, but NumPy warns of signalling ones
        return np.concatenate([areas, errors]).reshape(3, n_curves)


def read_areas_of_many(raws: Sequence[bytes], meta: Meta) -> npt.NDArray[np.float64]:
    """Decodes `AREA` of many records to what `read_areas` gives for each, `(n_records, 3, n_curves)`."""
    n_curves = len(meta.names)
    if wrong := [len(raw) for raw in raws if len(raw) != 20 * n_curves]:
        raise ValueError(f"expected {20 * n_curves} bytes; received {wrong[0]}")
    octets = np.frombuffer(b"".join(raws), np.uint8).reshape(len(raws), 20 * n_curves)
    areas = np.ascontiguousarray(octets[:, : 16 * n_curves]).view("<f8")
    errors = np.ascontiguousarray(octets[:, 16 * n_curves :]).view("<f4")
    _check_areas(areas, errors)
    with np.errstate(invalid="ignore"):
        return np.concatenate([areas, errors], axis=1).reshape(len(raws), 3, n_curves)


def _check_areas(*columns: FloatArray) -> None:
    if any(np.isinf(column).any() for column in columns):
        raise ValueError("expected areas that are finite or NaN; received an infinite one")


def write_totals(curves: Sequence[Curve], meta: Meta) -> bytes:
    """Encodes `TOTL`."""
    return encode_varints(_words([c.positives for c in curves] + [c.negatives for c in curves], meta))


def read_totals(raw: bytes, meta: Meta) -> CountArray:
    """Decodes `TOTL` to rows of positives and negatives, one column a counted curve."""
    numbers = Varints(raw)
    if len(numbers) != 2 * len(meta.counted):
        raise ValueError(f"expected {2 * len(meta.counted)} totals; received {len(numbers)}")
    return _counts(numbers[:], meta).reshape(2, -1)


@dataclass(frozen=True)
class Points:
    """Stored points of neighbouring curves, curve after curve.

    Attributes:
        lengths: Number of points of each curve.
        thresholds: Thresholds of all, decreasing within a curve.
        tp: True positives, as `thresholds`.
        fp: False positives, as `thresholds`.
    """

    lengths: _I64Array
    thresholds: FloatArray
    tp: CountArray
    fp: CountArray

    def spans(self) -> list[slice]:
        """Returns where the points of each curve are."""
        stops = np.cumsum(self.lengths).tolist()
        return [slice(start, stop) for start, stop in zip([0, *stops[:-1]], stops, strict=True)]

    def check(self, totals: CountArray) -> None:
        """Checks that thresholds decrease and that counts end with the totals, rows of positives and negatives."""
        stops = np.cumsum(self.lengths)
        falls = self.thresholds[1:] < self.thresholds[:-1]
        falls[stops[(stops > 0) & (stops < len(self.thresholds))] - 1] = True  # from one curve to the next
        if not (falls.all() and np.isfinite(self.thresholds).all()):
            raise ValueError("expected finite thresholds that decrease; received others")
        for counts, total in zip((self.tp, self.fp), totals, strict=True):
            last = np.concatenate([np.zeros(1, counts.dtype), counts])[np.where(self.lengths > 0, stops, 0)]
            if (last != total).any():
                raise ValueError(f"expected counts that end with the totals {total[:3]}...; received {last[:3]}...")


def write_curves(curves: Sequence[Curve], meta: Meta) -> bytes:
    """Encodes `CURV`."""
    if any(not len(curve.thresholds) == len(curve.tp) == len(curve.fp) for curve in curves):
        raise ValueError(f"expected as many tp and fp as thresholds; received {curves}")
    points = Points(
        lengths=np.array([len(curve.thresholds) for curve in curves], np.int64),
        thresholds=np.concatenate([curve.thresholds for curve in curves]).astype(meta.score),
        tp=np.concatenate([curve.tp for curve in curves]),
        fp=np.concatenate([curve.fp for curve in curves]),
    )
    points.check(np.array([[curve.positives for curve in curves], [curve.negatives for curve in curves]]))
    keys = _flip(points.thresholds.view(_UNSIGNED[meta.score]).astype(np.uint64), meta) + np.uint64(1)
    columns = np.concatenate([_words(points.tp, meta), _words(points.fp, meta), keys])
    numbers = _differences(columns, np.tile(points.lengths, 3))
    steps = numbers[2 * len(keys) :]
    zeros = bit_lengths(steps & -steps) - np.uint8(1)
    steps >>= zeros.astype(np.uint64) + np.uint64(1)
    return b"".join(
        [points.lengths.astype("<u4").tobytes(), bit_lengths(numbers).tobytes(), zeros.tobytes(), pack_bits(numbers)]
    )


def read_points(raw: bytes, meta: Meta, wanted: slice) -> Points:
    """Decodes the points of the counted curves `wanted` (a slice without step) from `CURV`, and of no others."""
    return _read_points([raw], meta, wanted)


def read_points_of_many(raws: Sequence[bytes], meta: Meta, row: int) -> Points:
    """Decodes the points of one counted curve from the `CURV` of many records, all of them in one pass.

    Args:
        raws: The section of each record.
        meta: Tells how their numbers are stored, which must be the same for all.
        row: Which of the counted curves.

    Returns:
        The points of the records' curves, record after record.
    """
    return _read_points(raws, meta, slice(row, row + 1))


def _read_points(raws: Sequence[bytes], meta: Meta, wanted: slice) -> Points:
    """Decodes some neighbouring curves of each record."""
    n_curves = len(meta.counted)
    sizes = np.array([len(raw) for raw in raws], np.int64)
    if (sizes < 4 * n_curves).any():
        raise ValueError(f"expected the lengths of {n_curves} curves; received {sizes.min()} bytes")
    octets = np.frombuffer(b"".join([*raws, bytes(PADDING)]), np.uint8)
    starts = np.cumsum(sizes) - sizes
    header = octets[starts[:, np.newaxis] + np.arange(4 * n_curves)]
    lengths = header.view("<u4").astype(np.int64)
    n_points = lengths.sum(axis=1)
    columns = starts + 4 * n_curves + n_points * np.arange(5)[:, np.newaxis]  # and, at last, the bits
    if (columns[4] > starts + sizes).any():
        raise ValueError(f"expected four bytes and more for each of {n_points.max()} points; received {sizes.max()}")
    begins = columns[:4] + lengths[:, : wanted.start].sum(axis=1)
    chosen = lengths[:, wanted]
    spans = np.broadcast_to(chosen.sum(axis=1), begins.shape)
    # The widths of all numbers, summed between the edges of what is wanted, tell where its bits are.
    edges = np.concatenate([np.stack([begins[:3], begins[:3] + spans[:3]], axis=1).reshape(6, -1), columns[3:4]])
    sums = _sums_between(widths_of(octets), np.concatenate([columns[:1], edges]).T)
    if (columns[4] + -(-sums.sum(axis=1) // 8) != starts + sizes).any():
        raise ValueError("expected the bits that the lengths announce; received another number of them")
    bits = (8 * columns[4][:, np.newaxis] + np.cumsum(sums, axis=1)[:, :5:2]).T  # of tp, fp and thresholds
    at = _ranges(begins[:3].reshape(-1), spans[:3].reshape(-1))
    bit_sizes = octets[at]
    places = np.repeat(bits.reshape(-1), spans[:3].reshape(-1)) + _running(widths_of(bit_sizes), spans[:3].reshape(-1))
    numbers = unpack_bits(octets, places, bit_sizes)
    zeros = octets[_ranges(begins[3], spans[3])]
    return _points(numbers, zeros, chosen.reshape(-1), meta)


def _sums_between(values: npt.NDArray[np.uint8], edges: _I64Array) -> _I64Array:
    """Sums the values between neighbouring edges of each row, `(rows, edges - 1)`; the last edge may be the end."""
    sums = np.add.reduceat(values, edges.reshape(-1), dtype=np.int64).reshape(edges.shape)[:, :-1]
    between: _I64Array = np.where(edges[:, 1:] > edges[:, :-1], sums, 0)
    return between


def _ranges(begins: _I64Array, sizes: _I64Array) -> _I64Array:
    """Returns the indices from each begin on, range after range."""
    indices: _I64Array = np.arange(sizes.sum()) + np.repeat(begins - np.cumsum(sizes) + sizes, sizes)
    return indices


def _running(widths: npt.NDArray[np.uint8], sizes: _I64Array) -> _I64Array:
    """Returns the sum of all widths before each in its range."""
    before = np.cumsum(widths, dtype=np.int64) - widths
    firsts = np.cumsum(sizes) - sizes
    running: _I64Array = before - np.repeat(np.append(before, 0)[firsts], sizes)
    return running


def _points(numbers: U64Array, zeros: npt.NDArray[np.uint8], lengths: _I64Array, meta: Meta) -> Points:
    """Undoes the differences of the columns `tp`, `fp` and thresholds, which follow one another."""
    odd = numbers[2 * len(zeros) :]
    if (zeros > 63).any() or (odd >> (np.uint64(63) - zeros)).any():
        raise ValueError("expected steps of thresholds below 2**64; received a longer one")
    numbers[2 * len(zeros) :] = (odd << np.uint64(1) | np.uint64(1)) << zeros
    tp, fp, keys = np.split(_sums(numbers, np.tile(lengths, 3)), 3)
    keys -= np.uint64(1)
    if (keys > np.iinfo(_UNSIGNED[meta.score]).max).any():
        raise ValueError(f"expected {meta.score} thresholds; received a longer number")
    thresholds: FloatArray = _flip(keys, meta).astype(_UNSIGNED[meta.score]).view(meta.score)
    return Points(lengths, thresholds, _counts(tp, meta), _counts(fp, meta))


def write_macro(macro: MacroCurve) -> bytes:
    """Encodes `MACR`."""
    columns = [np.asarray(column, "<f4") for column in (macro.fpr, macro.tpr, macro.recall, macro.precision)]
    _check_macro(*columns)
    return b"".join([struct.pack("<II", len(macro.fpr), len(macro.recall)), *(column.tobytes() for column in columns)])


def read_macro(raw: bytes, roc_auc: float, average_precision: float) -> MacroCurve:
    """Decodes `MACR`."""
    n_roc, n_pr = struct.unpack_from("<II", raw)
    if len(raw) != 8 + 8 * (n_roc + n_pr):
        raise ValueError(f"expected {n_roc} + {n_pr} points; received {len(raw)} bytes")
    values = np.frombuffer(raw, "<f4", offset=8).astype(np.float32)
    fpr, tpr, recall, precision = np.split(values, np.cumsum([n_roc, n_roc, n_pr]))
    _check_macro(fpr, tpr, recall, precision)
    return MacroCurve(fpr, tpr, recall, precision, roc_auc, average_precision)


def _check_macro(fpr: FloatArray, tpr: FloatArray, recall: FloatArray, precision: FloatArray) -> None:
    for x, y in ((fpr, tpr), (recall, precision)):
        if len(x) != len(y) or not (np.isfinite(x).all() and np.isfinite(y).all() and (x[1:] >= x[:-1]).all()):
            raise ValueError("expected pairs of finite rates, fpr and recall never decreasing; received others")


def write_confusion(confusion: CountArray, meta: Meta) -> bytes:
    """Encodes `CONF`."""
    if confusion.shape != meta.confusion_shape:
        raise ValueError(f"expected a confusion matrix of shape {meta.confusion_shape}; received {confusion.shape}")
    flat = confusion.reshape(-1)
    cells = np.flatnonzero(flat)
    columns = [np.array([len(cells)]), np.diff(cells, prepend=0), _words(flat[cells], meta)]
    return encode_varints(np.concatenate([column.astype(np.uint64) for column in columns]))


def read_confusion(raw: bytes, meta: Meta) -> CountArray:
    """Decodes `CONF`."""
    numbers = Varints(raw)
    n_cells = len(numbers) // 2
    if len(numbers) != 1 + 2 * n_cells or numbers[:1].item() != n_cells:
        raise ValueError(f"expected the number of cells and two numbers for each; received {len(numbers)} numbers")
    cells = _sums(numbers[1 : 1 + n_cells], np.array([n_cells]))
    n_all = math.prod(meta.confusion_shape)
    if (cells >= n_all).any() or (np.diff(cells) == 0).any():
        raise ValueError(f"expected increasing cells below {n_all}; received others")
    counts = _counts(numbers[1 + n_cells :], meta)
    confusion: CountArray = np.zeros(n_all, _COUNTS[meta.counts])
    confusion[cells.astype(np.int64)] = counts
    return confusion.reshape(meta.confusion_shape)


def _words(counts: CountArray | Sequence[float], meta: Meta) -> U64Array:
    """Counts as unsigned integers of the same order: themselves, or the bits of float64 sums of weights."""
    values: CountArray = np.asarray(counts, _COUNTS[meta.counts])
    _check_counts(values)
    # Adding 0.0 turns -0.0, whose bits are large, into 0.0.
    return values.astype(np.uint64) if meta.counts == "int" else (values + 0.0).view(np.uint64)


def _counts(words: U64Array, meta: Meta) -> CountArray:
    counts: CountArray = words.view(_COUNTS[meta.counts])
    _check_counts(counts)
    return counts


def _check_counts(counts: CountArray) -> None:
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("expected finite counts from 0; received others")


def _differences(values: U64Array, lengths: _I64Array) -> U64Array:
    """Each value minus the one before it in its curve (the first: as it is)."""
    before = np.concatenate([np.zeros(1, np.uint64), values[:-1]])[: len(values)]
    before[(np.cumsum(lengths) - lengths)[lengths > 0]] = 0
    if (values < before).any():
        raise ValueError("expected counts that never decrease; received a decreasing one")
    differences: U64Array = values - before
    return differences


def _sums(differences: U64Array, lengths: _I64Array) -> U64Array:
    """Undoes `_differences`. Sums are modulo 2**64; one that wrapped is smaller than its last part."""
    sums = np.cumsum(differences, dtype=np.uint64)
    before = np.concatenate([np.zeros(1, np.uint64), sums])[np.cumsum(lengths) - lengths]
    values: U64Array = sums - np.repeat(before, lengths)
    if (values < differences).any():
        raise ValueError("expected sums below 2**64; received a larger one")
    return values


def _flip(words: U64Array, meta: Meta) -> U64Array:
    """Maps the bits of floats to integers of the opposite order, and those integers back.

    Without the sign bit, the bits grow with the float, so all but the sign bit are flipped; with it, they fall already
    and stay. The sign bit itself is kept, hence the map is its own inverse.
    """
    low = np.uint64(np.iinfo(_UNSIGNED[meta.score]).max >> 1)
    return np.where(words > low, words, words ^ low)
