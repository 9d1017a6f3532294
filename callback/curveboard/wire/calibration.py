"""The optional sections `CALB`, `RISK` and `TOPK`: calibration, confidence and top-k counts; FORMAT.md specifies them.

Counts are exact. Sums of scores would be most of the bytes, and the least of what anybody looks at: they are stored as
whole steps away from the middle of their bin, small enough for the calibration error to be right to 0.00004.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from curveboard.calibration import EDGES, N_BINS, Calibration
from curveboard.record import ConfidenceCurve
from curveboard.wire import sections
from curveboard.wire.varint import U64Array, Varints, encode_varints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard.record import CountArray, Record
    from curveboard.wire.container import Container
    from curveboard.wire.meta import Meta

_I64Array = npt.NDArray[np.int64]
_F64Array = npt.NDArray[np.float64]

_MIDDLES = (np.arange(N_BINS) + 0.5) / N_BINS
_AURC = struct.Struct("<dddfI")


def write_reliability(record: Record, meta: Meta) -> dict[bytes, bytes]:
    """Returns the optional sections of what a record has."""
    raw = {}
    if record.calibrations:
        if (names := tuple(each.name for each in record.calibrations)) != meta.calibrated:
            raise ValueError(f"expected the calibrations {meta.calibrated}; received {names}")
        totals = np.array([[curve.positives for curve in record.curves], [curve.negatives for curve in record.curves]])
        check_examples(record.calibrations, totals, meta)
        raw[b"CALB"] = write_calibrations(record.calibrations, meta)
    if record.confidence:
        raw[b"RISK"] = write_confidence(record.confidence, meta)
    if record.top_k:
        raw[b"TOPK"] = write_top_k(record.top_k)
    return raw


def read_reliability(
    stored: Container, meta: Meta, totals: CountArray
) -> tuple[tuple[Calibration, ...], ConfidenceCurve | None, tuple[tuple[int, float], ...]]:
    """Reads the optional sections."""
    calibrations: tuple[Calibration, ...] = ()
    confidence = None
    top_k: tuple[tuple[int, float], ...] = ()
    if b"CALB" in stored:
        with stored.section(b"CALB") as raw:
            calibrations = read_calibrations(raw, meta.calibrated, meta)
            check_examples(calibrations, totals[:, : len(calibrations)], meta)
    if b"RISK" in stored:
        with stored.section(b"RISK") as raw:
            confidence = read_confidence(raw, meta)
    if b"TOPK" in stored:
        with stored.section(b"TOPK") as raw:
            top_k = read_top_k(raw, meta)
    return calibrations, confidence, top_k


def write_calibrations(calibrations: Sequence[Calibration], meta: Meta) -> bytes:
    """Encodes `CALB`."""
    brier = np.array([each.brier for each in calibrations], "<f4")
    examples, positives = (
        _words(np.array(columns), meta)
        for columns in zip(*((each.examples, each.positives) for each in calibrations), strict=True)
    )
    counts = _counts(examples, meta)
    _check(brier, counts, _counts(positives, meta))
    step = _steps(counts)
    offset = np.array([each.score_sum for each in calibrations]) - counts * _MIDDLES
    whole = np.rint(np.divide(offset, step, out=np.zeros_like(offset), where=step > 0))
    _check_offsets(whole, step, counts)
    columns = [np.diff(examples, axis=0, prepend=0), np.diff(positives, axis=0, prepend=0), whole.astype(np.int64)]
    return brier.tobytes() + encode_varints(_zigzag(np.concatenate([column.T.reshape(-1) for column in columns])))


def read_calibrations(raw: bytes, names: Sequence[str], meta: Meta) -> tuple[Calibration, ...]:
    """Decodes `CALB`."""
    with np.errstate(invalid="ignore"):  # any bits of a NaN will do, but NumPy warns of signalling ones
        brier = np.frombuffer(raw, "<f4", len(names)).astype(np.float64)
    numbers = Varints(raw[4 * len(names) :])
    if len(numbers) != 3 * N_BINS * len(names):
        raise ValueError(f"expected {3 * N_BINS} numbers for each of {len(names)} classes; received {len(numbers)}")
    columns = _unzigzag(numbers[:]).reshape(3, N_BINS, len(names)).transpose(0, 2, 1)
    examples, positives = (_counts(np.cumsum(column, axis=0), meta) for column in columns[:2])
    _check(brier, examples, positives)
    step = _steps(examples)
    _check_offsets(columns[2], step, examples)
    score_sum = np.clip(examples * _MIDDLES + columns[2] * step, examples * EDGES[:-1], examples * EDGES[1:])
    return tuple(map(Calibration, names, examples, positives, score_sum, brier.tolist()))


def check_examples(calibrations: Sequence[Calibration], totals: CountArray, meta: Meta) -> None:
    """Checks that the bins hold the examples of each class; sums of weights are not comparable to the last digit.

    Args:
        calibrations: One per class.
        totals: Rows of positives and negatives, one column for each.
        meta: The record's.
    """
    if meta.counts == "float":
        return
    for each, (positives, negatives) in zip(calibrations, totals.T, strict=True):
        if each.positives.sum() != positives or each.examples.sum() != positives + negatives:
            raise ValueError(f"expected bins that hold {positives} + {negatives} examples; received {each!r}")


def write_confidence(curve: ConfidenceCurve, meta: Meta) -> bytes:
    """Encodes `RISK`."""
    calibration = b"" if curve.calibration is None else write_calibrations([curve.calibration], meta)
    numbers = curve.aurc, curve.roc_auc, curve.average_precision, curve.roc_auc_se, len(calibration)
    _check_area(*numbers[:4])
    return _AURC.pack(*numbers) + calibration + sections.write_curves([curve], _alone(meta))


def read_confidence(raw: bytes, meta: Meta) -> ConfidenceCurve:
    """Decodes `RISK`."""
    aurc, roc_auc, average_precision, roc_auc_se, size = _AURC.unpack_from(raw)
    _check_area(aurc, roc_auc, average_precision, roc_auc_se)
    begin = _AURC.size + size
    points = sections.read_points(raw[begin:], _alone(meta), slice(0, 1))
    if not len(points.tp):
        raise ValueError("expected the points of a curve; received none")
    points.check(np.array([points.tp[-1:], points.fp[-1:]]))
    calibrations = read_calibrations(raw[_AURC.size : begin], ["confidence"], meta) if size else ()
    return ConfidenceCurve(
        name="confidence",
        thresholds=points.thresholds,
        tp=points.tp,
        fp=points.fp,
        positives=points.tp[-1].item(),
        negatives=points.fp[-1].item(),
        roc_auc=roc_auc,
        average_precision=average_precision,
        roc_auc_se=roc_auc_se,
        aurc=aurc,
        calibration=calibrations[0] if calibrations else None,
    )


def write_top_k(top_k: Sequence[tuple[int, float]]) -> bytes:
    """Encodes `TOPK`."""
    _check_top_k(top_k)
    return struct.pack(f"<{len(top_k)}I{len(top_k)}d", *(k for k, _ in top_k), *(count for _, count in top_k))


def read_top_k(raw: bytes, meta: Meta) -> tuple[tuple[int, float], ...]:
    """Decodes `TOPK`."""
    n = len(raw) // 12
    numbers = struct.unpack(f"<{n}I{n}d", raw)
    _check_top_k(top_k := tuple(zip(numbers[:n], numbers[n:], strict=True)))
    return top_k if meta.counts == "float" else tuple((k, int(count)) for k, count in top_k)


def _alone(meta: Meta) -> Meta:
    """Returns how the numbers of a record with this one curve would be stored."""
    return replace(meta, task="binary", class_names=("wrong", "right"))


def _words(counts: CountArray, meta: Meta) -> _I64Array:
    """Returns counts as integers of the same order: themselves, or the bits of float32 sums of weights."""
    if not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise ValueError("expected finite counts from 0; received others")
    return (counts if meta.counts == "int" else (counts + 0.0).astype("<f4").view("<u4")).astype(np.int64)


def _counts(words: _I64Array, meta: Meta) -> CountArray:
    if meta.counts == "int":
        return words
    if (words < 0).any() or (words > np.iinfo(np.uint32).max).any():
        raise ValueError("expected the bits of float32; received other integers")
    with np.errstate(invalid="ignore"):  # NaNs are refused where counts are checked
        return words.astype("<u4").view("<f4").astype(np.float64)


def _steps(examples: CountArray) -> _F64Array:
    """Returns what one step away from the middle of a bin adds to its sum of scores."""
    return np.asarray(np.minimum(examples.sum(axis=1, keepdims=True) * 2.0**-18, examples * 2.0**-10))


def _check(brier: npt.NDArray[np.floating], examples: CountArray, positives: CountArray) -> None:
    if np.isinf(brier).any():
        raise ValueError("expected Brier scores that are finite or NaN; received an infinite one")
    if not (np.isfinite(examples).all() and (positives >= 0).all() and (positives <= examples).all()):
        raise ValueError("expected from 0 to all examples of a bin to be positive; received others")


def _check_offsets(whole: CountArray, step: _F64Array, examples: CountArray) -> None:
    # A score is half the width of a bin away from its middle at most; rounding adds a step at most.
    if not (np.abs(whole * step) <= examples / (2 * N_BINS) + step).all():
        raise ValueError("expected sums of scores that lie in their bin; received others")


def _check_area(*areas: float) -> None:
    if np.isinf(areas).any():
        raise ValueError("expected areas that are finite or NaN; received an infinite one")


def _check_top_k(top_k: Sequence[tuple[int, float]]) -> None:
    ks, counts = (np.array([pair[place] for pair in top_k], np.float64) for place in (0, 1))
    if not (
        (np.diff(ks, prepend=0) > 0).all() and np.isfinite(counts).all() and (np.diff(counts, prepend=0) >= 0).all()
    ):
        raise ValueError(f"expected increasing k, and counts that do not decrease; received {tuple(top_k)}")


def _zigzag(values: _I64Array) -> U64Array:
    """Returns 0, 1, 2, 3, 4, ... for 0, -1, 1, -2, 2, ..."""
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def _unzigzag(words: U64Array) -> _I64Array:
    return (words >> np.uint64(1)).astype(np.int64) ^ -(words & np.uint64(1)).astype(np.int64)
