"""The optional sections: what FORMAT.md says of them, what is lost and how little, and damage."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slow_wire
from curveboard import wire
from curveboard.calibration import Calibration
from curveboard.measure import measure
from curveboard.record import Record
from curveboard.wire import container
from curveboard.wire.varint import encode_varints
from golden import make_records

SEEDS = st.integers(0, 2**32 - 1)
SECTIONS = ("CALB", "RISK", "TOPK")
NUMBERS = ("thresholds", "tp", "fp", "positives", "negatives", "roc_auc", "average_precision", "aurc")

pytestmark = pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Measured records of every task, with and without weights, probabilities and ties."""
    task: Any = draw(st.sampled_from(["binary", "multiclass", "multilabel"]))
    rng = np.random.default_rng(draw(SEEDS))
    n, n_classes = draw(st.integers(1, 300)), 2 if task == "binary" else draw(st.integers(2, 14))
    score = rng.random((n, n_classes)) ** draw(st.sampled_from([1, 30]))
    score = np.round(score, draw(st.sampled_from([1, 2, 9]))) * draw(st.sampled_from([1, 1, 1, 3]))
    y_true: Any = rng.random((n, n_classes)) < 0.4 if task == "multilabel" else rng.integers(0, n_classes, n)
    weight = rng.random(n) + 0.01 if draw(st.booleans()) else None
    dtype: Any = draw(st.sampled_from([np.float32, np.float64]))
    return measure(y_true, score.astype(dtype), task=task, sample_weight=weight, from_logits=draw(st.booleans()))


def pairs(record: Record, other: Record) -> list[tuple[Calibration, Calibration]]:
    """The calibrations of both, class by class and that of the confidence."""
    found = list(zip(record.calibrations, other.calibrations, strict=True))
    if record.confidence and record.confidence.calibration:
        assert other.confidence is not None
        assert other.confidence.calibration is not None
        found.append((record.confidence.calibration, other.confidence.calibration))
    return found


@settings(deadline=None, max_examples=80)
@given(records())
def test_what_was_measured_is_read_back_as_exactly_as_the_page_says(measured: Record) -> None:
    read = wire.decode(wire.encode(measured))
    weighted = measured.confusion.dtype.kind == "f"
    for before, after in pairs(measured, read):
        assert after.name == before.name
        for name in ("examples", "positives"):
            found, expected = getattr(after, name), getattr(before, name)
            np.testing.assert_array_equal(found, expected.astype(np.float32) if weighted else expected)
            assert found.dtype == expected.dtype
        np.testing.assert_allclose(after.brier, before.brier, rtol=1e-7, atol=1e-40)
        rounding = 1e-6 * before.examples.sum() if weighted else 1e-9
        np.testing.assert_allclose(after.score_sum, before.score_sum, 0, before.examples.sum() / 2**19 + rounding)
        np.testing.assert_allclose(after.mean_score, before.mean_score, 0, 2**-11 + 1e-6)
        assert after.ece == pytest.approx(before.ece, abs=4e-5)
    assert read.top_k == measured.top_k
    assert (read.confidence is None) == (measured.confidence is None)
    if measured.confidence and read.confidence:
        for name in NUMBERS:
            np.testing.assert_array_equal(getattr(read.confidence, name), getattr(measured.confidence, name))


@settings(deadline=None, max_examples=40)
@given(records())
def test_what_was_read_is_written_as_it_was(measured: Record) -> None:
    once = wire.encode(wire.decode(wire.encode(measured)))
    again = wire.encode(wire.decode(once))
    for name in SECTIONS:
        assert slow_wire.sections(once).get(name) == slow_wire.sections(again).get(name)


@settings(deadline=None, max_examples=40)
@given(records())
def test_the_slow_reader_written_from_the_page_agrees(measured: Record) -> None:
    blob = wire.encode(measured)
    read, raw = wire.decode(blob), slow_wire.sections(blob)
    meta = slow_wire.read(blob)["meta"]
    assert set(raw) >= {"CALB"} if measured.calibrations else "CALB" not in raw
    slow = slow_wire.calibrations(raw["CALB"], len(read.calibrations), meta) if "CALB" in raw else []
    if read.confidence is not None:
        risk = slow_wire.confidence(raw["RISK"], meta)
        slow += [risk["calibration"]] if risk["calibration"] else []
        for name in ("thresholds", "tp", "fp", "roc_auc", "average_precision", "roc_auc_se", "aurc"):
            np.testing.assert_array_equal(getattr(read.confidence, name), risk[name])
    for (_, fast), expected in zip(pairs(measured, read), slow, strict=True):
        for name in ("examples", "positives", "brier"):
            np.testing.assert_array_equal(getattr(fast, name), expected[name])
        np.testing.assert_allclose(fast.score_sum, expected["score_sum"], rtol=1e-12, atol=1e-15)


def repack(blob: bytes, **changed: bytes) -> bytes:
    raw = slow_wire.sections(blob) | changed
    return container.pack({name.encode(): content for name, content in raw.items()})


GOOD = wire.encode(make_records.calibrated())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_sections_that_lie_behind_good_checksums_are_a_wire_error_or_a_record(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(SECTIONS))
    raw = bytearray(slow_wire.sections(GOOD)[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    damaged = repack(GOOD, **{name: bytes(raw)})
    try:
        found = wire.decode(damaged)
    except wire.WireError:
        return
    assert all((one.positives <= one.examples).all() for one in found.calibrations)


@pytest.mark.parametrize("name", SECTIONS)
def test_a_record_without_an_optional_section_is_whole(name: str) -> None:
    raw = {key.encode(): content for key, content in slow_wire.sections(GOOD).items() if key != name}
    found = wire.decode(container.pack(raw))
    assert not {"CALB": found.calibrations, "RISK": found.confidence, "TOPK": found.top_k}[name]


def bins(*, brier: float = 0.0, examples: int = 5, positives: int = 2, step: int = 0) -> bytes:
    """`CALB` of one class whose examples are all in the first bin."""
    columns = [[value] + [0] * 19 for value in (2 * examples, 2 * positives, step)]
    return struct.pack("<f", brier) + encode_varints(np.array(columns, np.uint64).reshape(-1))


def one_class(calibration: bytes) -> bytes:
    """A binary record of two positives and three negatives."""
    return repack(wire.encode(measure([0, 0, 0, 1, 1], [0.0] * 5)), CALB=calibration)


def test_the_hand_made_bins_are_good() -> None:
    # zigzag 3 is -2; a step is min(5 / 2^18, 5 / 2^10)
    (found,) = wire.decode(one_class(bins(step=3))).calibrations
    assert found.score_sum[0] == 5 * 0.025 - 2 * 5 / 2**18


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (one_class(bins(examples=4)), "bins that hold 2 [+] 3"),
        (one_class(bins(positives=1)), "bins that hold 2 [+] 3"),
        (one_class(bins(positives=6)), "from 0 to all examples"),
        (one_class(bins(step=2 * 7000)), "in their bin"),
        (one_class(bins(brier=np.inf)), "finite or NaN"),
        (one_class(b""), "CALB"),
        (one_class(bins() + b"\0"), "60 numbers for each of 1 classes; received 61"),
        (repack(GOOD, TOPK=struct.pack("<2I2d", 3, 1, 1, 2)), "increasing k"),
        (repack(GOOD, TOPK=struct.pack("<2I2d", 1, 3, 2, 1)), "do not decrease"),
        (repack(GOOD, TOPK=struct.pack("<Id", 1, np.nan)), "increasing k"),
        (repack(GOOD, TOPK=b"\0"), "TOPK"),
        (repack(GOOD, RISK=struct.pack("<dddfI", np.inf, 0, 0, 0, 0) + b"\0"), "infinite"),
        (repack(GOOD, RISK=struct.pack("<dddfI", 0, 0, 0, 0, 0) + bytes(4)), "points of a curve; received none"),
        (repack(GOOD, RISK=struct.pack("<dddfI", 0, 0, 0, 0, 9) + b"\0"), "RISK"),
        (repack(GOOD, RISK=b""), "RISK"),
    ],
)
def test_numbers_that_contradict_each_other_are_a_wire_error(lie: bytes, reason: str) -> None:
    with pytest.raises(wire.WireError, match=reason):
        wire.decode(lie)


def with_bins(**changed: Any) -> Record:
    made = make_records.calibrated()
    return replace(made, calibrations=(replace(made.calibrations[0], **changed), *made.calibrations[1:]))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (with_bins(name="cow"), "expected the calibrations"),
        (with_bins(examples=np.full(20, 7)), "expected bins that hold"),
        (with_bins(brier=np.inf), "finite or NaN"),
        (with_bins(score_sum=np.full(20, 1e9)), "in their bin"),
        (replace(make_records.calibrated(), top_k=((3, 1), (1, 2))), "increasing k"),
    ],
)
def test_a_record_that_could_not_be_read_is_not_written(broken: Record, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        wire.encode(broken)
