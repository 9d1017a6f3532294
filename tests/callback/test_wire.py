"""Bytes of records: what FORMAT.md says, nothing lost, and damage never mistaken for data."""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slow_wire
from curveboard import wire
from curveboard.record import TASKS, Curve, MacroCurve, Record
from curveboard.wire import container, sections
from curveboard.wire.varint import Varints, encode_varints
from golden import make_records
from handmade import record

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parent.parent / "golden"
ENTRY = struct.Struct("<4sII")


def assert_same(found: object, expected: object) -> None:
    """Equality to the bit, field by field; NaN equals NaN, and array types count."""
    if isinstance(expected, Record | Curve | MacroCurve):
        assert type(found) is type(expected)
        for field in fields(expected):
            assert_same(getattr(found, field.name), getattr(expected, field.name))
    elif isinstance(expected, np.ndarray):
        assert isinstance(found, np.ndarray)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, tuple):
        assert isinstance(found, tuple)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, float) and math.isnan(expected):
        assert isinstance(found, float)
        assert math.isnan(found)
    else:
        assert found == expected


COUNTS = {
    False: st.integers(0, 2**48),
    True: st.floats(0, 1e12, allow_subnormal=True),
}


@st.composite
def bounds(draw: st.DrawFn, area: float) -> tuple[float, float] | None:
    if math.isnan(area) or draw(st.booleans()):
        return None
    return draw(st.floats(0, area)), draw(st.floats(area, 1))


@st.composite
def curves(draw: st.DrawFn, name: str, weighted: bool, width: int) -> Curve:
    scores = st.floats(allow_nan=False, allow_infinity=False, width=32 if width == 32 else 64)
    found = draw(st.lists(scores, unique_by=lambda score: score + 0.0, max_size=12))
    thresholds = np.sort(np.array(found, f"f{width // 8}"))[::-1]
    steps = st.lists(COUNTS[weighted], min_size=len(found), max_size=len(found))
    dtype: npt.DTypeLike = np.float64 if weighted else np.int64
    tp, fp = np.cumsum(np.array(draw(steps), dtype)), np.cumsum(np.array(draw(steps), dtype))
    areas = st.floats(0, 1) | st.just(math.nan)
    roc_auc, average_precision = draw(areas), draw(areas)
    return Curve(
        name=name,
        thresholds=thresholds,
        tp=tp,
        fp=fp,
        positives=tp[-1].item() if len(tp) else 0,
        negatives=fp[-1].item() if len(fp) else 0,
        roc_auc=roc_auc,
        average_precision=average_precision,
        roc_auc_se=draw(st.floats(0, 1, width=32) | st.just(math.nan)),
        roc_auc_bounds=draw(bounds(roc_auc)),
        average_precision_bounds=draw(bounds(average_precision)),
    )


@st.composite
def macros(draw: st.DrawFn) -> MacroCurve:
    rates = st.lists(st.floats(0, 1, width=32), max_size=6).map(lambda found: np.sort(np.array(found, np.float32)))
    roc, pr = draw(rates), draw(rates)
    areas = draw(st.floats(0, 1)), draw(st.floats(0, 1) | st.just(math.nan))
    return MacroCurve(roc, roc[::-1], pr, pr[::-1], *areas, "macro", *(draw(bounds(area)) for area in areas))


@st.composite
def records(draw: st.DrawFn) -> Record:
    task = draw(st.sampled_from(TASKS))
    n_classes = 2 if task == "binary" else draw(st.integers(2, 5))
    names = draw(
        st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=n_classes, max_size=n_classes, unique=True)
    )
    weighted, width = draw(st.booleans()), draw(st.sampled_from([32, 64]))
    several = task != "binary"
    shape = (n_classes, 2, 2) if task == "multilabel" else (n_classes, n_classes)
    cells = draw(st.lists(COUNTS[weighted], min_size=math.prod(shape), max_size=math.prod(shape)))
    dtype: npt.DTypeLike = np.float64 if weighted else np.int64
    return Record(
        task=task,
        class_names=tuple(names),
        curves=tuple(draw(curves(name, weighted, width)) for name in (names if several else names[1:])),
        micro=draw(curves("micro", weighted, width)) if several else None,
        macro=draw(macros()) if several else None,
        confusion=np.array(cells, dtype).reshape(shape),
        n_examples=draw(st.integers(0, 2**62)),
        threshold=draw(st.floats(allow_nan=False, allow_infinity=False)),
        tolerance=draw(st.floats(0, 1)),
        from_logits=draw(st.booleans()),
        split=draw(st.text(st.characters(exclude_categories=["Cs"]))),
        head=draw(st.text(st.characters(exclude_categories=["Cs"]))),
    )


@given(records())
def test_decoding_gives_back_what_was_encoded(expected: Record) -> None:
    assert_same(wire.decode(wire.encode(expected)), expected)


@given(records())
def test_the_slow_reader_written_from_the_page_agrees(expected: Record) -> None:
    found = slow_wire.read(wire.encode(expected))
    for one, curve in zip(
        found["curves"], [*expected.curves, *([expected.micro] if expected.micro else [])], strict=True
    ):
        for key, value in one.items():
            np.testing.assert_array_equal(value, getattr(curve, key), key)
    if expected.macro:
        for key, value in found["macro"].items():
            np.testing.assert_array_equal(value, getattr(expected.macro, key), key)
    np.testing.assert_array_equal(found["confusion"], expected.confusion.reshape(-1))
    for key in ("task", "split", "head", "n_examples", "threshold", "tolerance", "from_logits"):
        assert found["meta"][key] == getattr(expected, key)
    assert tuple(found["meta"]["class_names"]) == expected.class_names


@given(records())
def test_parts_are_the_same_as_in_the_whole(expected: Record) -> None:
    blob = wire.encode(expected)
    areas = wire.decode_areas(blob)
    everything = (*expected.curves, expected.micro, expected.macro)[: len(areas.names)]
    assert areas.names == tuple(curve.name for curve in everything if curve)
    assert (areas.task, areas.class_names) == (expected.task, expected.class_names)
    assert (areas.split, areas.head) == (expected.split, expected.head)
    classes = expected.class_names if expected.task != "binary" else expected.class_names[1:]
    ids = [f"class:{name}" for name in classes] + ["micro", "macro"]
    for row, (curve_id, curve) in enumerate(zip(ids, everything, strict=False)):
        assert areas.index(curve_id) == row
        assert_same(wire.decode_curve(blob, curve_id), curve)
        for column in ("roc_auc", "average_precision", "roc_auc_se", "positives", "negatives"):
            np.testing.assert_equal(getattr(areas, column)[row], getattr(curve, column, math.nan))


@given(records())
def test_a_confusion_matrix_is_the_same_alone(expected: Record) -> None:
    found = wire.decode_confusion(wire.encode(expected))
    assert_same(found.counts, expected.confusion)
    assert (found.class_names, found.n_examples) == (expected.class_names, expected.n_examples)
    assert found.threshold == expected.threshold


@given(st.lists(records() | st.sampled_from([record(seed=seed) for seed in range(3)]), max_size=6))
def test_areas_of_many_records_are_those_of_each(expected: list[Record]) -> None:
    blobs = [wire.encode(one) for one in expected]
    for found, blob in zip(wire.decode_areas_of_many(blobs), blobs, strict=True):
        for field in fields(found):
            assert_same(getattr(found, field.name), getattr(wire.decode_areas(blob), field.name))


@given(st.data())
def test_a_lie_in_one_of_many_records_is_a_wire_error_or_a_curve(data: st.DataObject) -> None:
    blobs = [wire.encode(record(seed=seed)) for seed in range(3)]
    raw = bytearray(slow_wire.sections(blobs[1])["CURV"])
    at = data.draw(st.integers(0, len(raw)))
    raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    blobs[1] = repack(blobs[1], CURV=bytes(raw))
    try:
        found = wire.decode_curves(blobs, [wire.decode_areas(blob) for blob in blobs], "micro")
    except wire.WireError:
        return
    for one, blob in zip(found, blobs, strict=True):
        assert_same(one, wire.decode_curve(blob, "micro"))


def test_a_curve_that_is_not_there_is_named_with_those_that_are() -> None:
    blob = wire.encode(record("binary", ("no", "yes")))
    with pytest.raises(KeyError, match="expected one of class:yes; received micro"):
        wire.decode_curve(blob, "micro")


def test_a_class_called_micro_is_not_the_average() -> None:
    blob = wire.encode(record("multiclass", ("micro", "macro")))
    decoded = wire.decode(blob)
    assert_same(wire.decode_curve(blob, "class:micro"), decoded.curves[0])
    assert_same(wire.decode_curve(blob, "micro"), decoded.micro)
    assert_same(wire.decode_curve(blob, "macro"), decoded.macro)


@pytest.mark.parametrize("wrap", [bytes, memoryview, lambda blob: np.frombuffer(blob, np.uint8)])
def test_bytes_come_in_any_wrapping(wrap: Callable[[bytes], wire.Blob]) -> None:
    assert_same(wire.decode(wrap(wire.encode(record()))), record())


def test_an_array_read_with_gaps_is_the_same_bytes() -> None:
    spread = np.repeat(np.frombuffer(wire.encode(record()), np.uint8), 2)
    assert_same(wire.decode(spread[::2]), record())


# Golden files


@pytest.mark.parametrize("name", ["binary", "calibrated", "multiclass", "multilabel", "streamed", "weighted"])
def test_golden_bytes_decode_to_the_values_written_beside_them(name: str) -> None:
    decoded = wire.decode((GOLDEN / f"{name}.cvbr").read_bytes())
    assert make_records.in_words(decoded) == json.loads((GOLDEN / f"{name}.cvbr.json").read_text("utf-8"))


@pytest.mark.parametrize("name", ["binary", "calibrated", "multiclass", "multilabel", "streamed", "weighted"])
def test_the_same_values_encode_to_the_golden_sections(name: str) -> None:
    golden, ours = (GOLDEN / f"{name}.cvbr").read_bytes(), wire.encode(make_records.records()[name])
    assert golden[:8] == ours[:8]
    # Another zlib may compress the same bytes differently, so the raw sections are compared, in their order.
    assert list(slow_wire.sections(golden).items()) == list(slow_wire.sections(ours).items())


# Damage


@pytest.fixture(scope="module")
def good() -> bytes:
    return wire.encode(record("multiclass", ("cat", "dog", "eel"), n_points=40))


def read_all(blob: bytes) -> None:
    """Whatever comes is a record or a WireError, by every way in."""
    for read in (wire.decode, wire.decode_areas, lambda blob: wire.decode_curve(blob, "micro")):
        try:
            read(blob)
        except (wire.WireError, KeyError):
            continue


@given(st.binary(max_size=200))
def test_random_bytes_are_a_wire_error(noise: bytes) -> None:
    for blob in (noise, wire.MAGIC + noise, wire.MAGIC + b"\x01\x00\x05\x00" + noise):
        with pytest.raises(wire.WireError):
            wire.decode(blob)


def test_every_truncation_is_a_wire_error(good: bytes) -> None:
    for size in range(len(good)):
        with pytest.raises(wire.WireError):
            wire.decode(good[:size])


def test_bytes_left_over_are_a_wire_error(good: bytes) -> None:
    with pytest.raises(wire.WireError, match="bytes"):
        wire.decode(good + b"\0")


def test_every_flipped_bit_is_a_wire_error_or_a_record(good: bytes) -> None:
    for place in range(len(good)):
        damaged = bytearray(good)
        damaged[place] ^= 1 << place % 8
        read_all(bytes(damaged))


NAMES = ["META", "AREA", "TOTL", "CURV", "MACR", "CONF"]


def repack(blob: bytes, **changed: bytes) -> bytes:
    """The record with other raw bytes in some sections, all sizes and checksums right."""
    raw = slow_wire.sections(blob) | changed
    return container.pack({name.encode(): content for name, content in raw.items()})


@settings(max_examples=400)
@given(st.data())
def test_sections_that_lie_behind_good_checksums_are_a_wire_error_or_a_record(data: st.DataObject) -> None:
    blob = wire.encode(record("multilabel", ("a", "b"), weighted=data.draw(st.booleans())))
    name = data.draw(st.sampled_from(NAMES))
    raw = bytearray(slow_wire.sections(blob)[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read_all(repack(blob, **{name: bytes(raw)}))


def words(*numbers: int) -> bytes:
    return encode_varints(np.array(numbers, np.uint64))


def binary(*, tp: tuple[int, ...], fp: tuple[int, ...], keys: tuple[int, ...], totals: tuple[int, int]) -> bytes:
    """A binary record whose one curve has these differences."""
    blob = wire.encode(record("binary", ("no", "yes")))
    return repack(blob, CURV=points(len(tp), tp, fp, keys), TOTL=words(*totals))


def points(length: int, tp: tuple[int, ...], fp: tuple[int, ...], keys: tuple[int, ...]) -> bytes:
    """`CURV` of one curve, by its differences; those of thresholds, of keys plus one, are above 0."""
    zeros = [(key & -key).bit_length() - 1 for key in keys]
    numbers = [*tp, *fp, *(key >> places + 1 for key, places in zip(keys, zeros, strict=True))]
    bits = "".join(f"{number:b}"[:0:-1] for number in numbers)  # without the leading one, lowest first
    stream = int(bits[::-1] or "0", 2).to_bytes(-(-len(bits) // 8), "little")
    return struct.pack("<I", length) + bytes([*(number.bit_length() for number in numbers), *zeros]) + stream


def test_the_hand_made_binary_record_is_good() -> None:
    # 0x3F800000 are the bits of 1.0, and 0x7FFFFFFF less those its key: tp = 3, 5 and fp = 1, 1
    curve = wire.decode(binary(tp=(3, 2), fp=(1, 0), keys=(0x40800000, 1 << 23), totals=(5, 1))).curves[0]
    assert (curve.tp.tolist(), curve.fp.tolist()) == ([3, 5], [1, 1])
    assert curve.thresholds.tolist() == [1.0, 0.5]


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        (binary(tp=(3, 2), fp=(1, 0), keys=(9, 9), totals=(5, 1)), "thresholds"),  # 9 and 18 are NaNs
        (binary(tp=(3, 2), fp=(1, 0), keys=(0x40800000, 1 << 32), totals=(5, 1)), "float32"),
        (binary(tp=(3, 2), fp=(1, 0), keys=(0x40800000, 1 << 64), totals=(5, 1)), "steps of thresholds"),
        (binary(tp=(3, 2), fp=(1, 0), keys=(0x40800000, 1 << 63 | 1 << 62 | 1), totals=(5, 1)), "float32"),
        (binary(tp=(3, 2), fp=(1, 0), keys=(0x80000000, 1), totals=(5, 1)), "thresholds"),  # 0.0 and -0.0
        (binary(tp=(3, 2), fp=(1, 0), keys=(0x40800000, 9), totals=(6, 1)), "totals"),
        (binary(tp=(3, 2), fp=(1, 0), keys=(0x40800000, 9), totals=(5, 0)), "totals"),
        (binary(tp=(), fp=(), keys=(), totals=(0, 1)), "totals"),
        (binary(tp=(2**63, 2**63), fp=(1, 0), keys=(0x40800000, 9), totals=(0, 1)), "2\\*\\*64"),
        (binary(tp=(2**63, 2), fp=(1, 0), keys=(0x40800000, 9), totals=(5, 1)), "counts"),
        (repack(wire.encode(record()), TOTL=words(1, 2, 3)), "totals"),
        (repack(wire.encode(record()), CONF=b"\xff" * 11), "varints"),
        (repack(wire.encode(record()), CONF=b"\xff" * 10 + b"\0"), "varints"),
        (repack(wire.encode(record()), CONF=b"\xff" * 9 + b"\x02"), "varints"),  # 2**64
        (repack(wire.encode(record()), CURV=b"\xff" * 16), "points"),
        (repack(wire.encode(record()), CURV=b""), "lengths"),
        (repack(wire.encode(record("binary", ("no", "yes"))), CURV=struct.pack("<I4B", 1, 1, 1, 1, 0) + b"\0"), "bits"),
        (
            repack(wire.encode(record("binary", ("no", "yes"))), CURV=struct.pack("<I4B", 1, 65, 1, 1, 0) + bytes(8)),
            "64 bits",
        ),
        (repack(wire.encode(record()), CONF=words(1, 9, 1)), "cells below 9"),
        (repack(wire.encode(record()), CONF=words(2, 3, 0, 1, 1)), "increasing"),
        (repack(wire.encode(record()), CONF=words(2, 2**64 - 1, 2, 1, 1)), "2\\*\\*64"),
        (repack(wire.encode(record()), CONF=words(2, 1, 1)), "cells"),
        (repack(wire.encode(record()), CONF=b""), "cells"),
        (repack(wire.encode(record()), MACR=struct.pack("<II", 1 << 31, 1 << 31)), "points"),
        (repack(wire.encode(record()), MACR=b"\0"), "MACR"),
        (repack(wire.encode(record()), MACR=struct.pack("<II4f", 2, 0, 1, 0, 0, 1)), "never decreasing"),
        (repack(wire.encode(record()), AREA=b"\0" * 60), "bytes"),
        (repack(wire.encode(record()), AREA=struct.pack("<10d5f", math.inf, *[0.5] * 14)), "infinite"),
    ],
)
def test_numbers_that_contradict_each_other_are_a_wire_error(lie: bytes, reason: str) -> None:
    with pytest.raises(wire.WireError, match=reason):
        wire.decode(lie)


@pytest.mark.parametrize(
    "change",
    [
        {"task": "regression"},
        {"task": None},
        {"class_names": ["a", "a", "b"]},
        {"class_names": ["a"]},
        {"class_names": [1, 2, 3]},
        {"class_names": "abc"},
        {"class_names": ["\ud800", "b", "c"]},
        {"class_names": [str(place) for place in range(20_000)]},  # 3 GB of confusion matrix
        {"n_examples": -1},
        {"n_examples": 2**63},
        {"n_examples": 1.5},
        {"n_examples": True},
        {"threshold": math.nan},
        {"threshold": 10**400},
        {"tolerance": math.inf},
        {"from_logits": 1},
        {"score": "float16"},
        {"counts": "complex"},
        {"split": None},
        {"head": ["output"]},
    ],
)
def test_a_description_outside_the_format_is_a_wire_error(good: bytes, change: dict[str, Any]) -> None:
    meta = json.loads(slow_wire.sections(good)["META"]) | change
    with pytest.raises(wire.WireError, match="META"):
        wire.decode(repack(good, META=json.dumps(meta).encode()))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'"x"', b"1" * 5000])
def test_a_description_that_is_no_json_object_is_a_wire_error(good: bytes, raw: bytes) -> None:
    with pytest.raises(wire.WireError, match="META"):
        wire.decode(repack(good, META=raw))


def test_keys_and_sections_of_later_writers_are_ignored() -> None:
    blob = wire.encode(record())
    meta = json.loads(slow_wire.sections(blob)["META"]) | {"calibrated": [1, 2]}
    assert_same(wire.decode(repack(blob, META=json.dumps(meta).encode(), ZZZZ=b"new")), record())


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_section_is_a_wire_error(good: bytes, name: str) -> None:
    raw = {key.encode(): content for key, content in slow_wire.sections(good).items() if key != name}
    with pytest.raises(wire.WireError, match=name):
        wire.decode(container.pack(raw))


def test_a_section_named_twice_is_a_wire_error(good: bytes) -> None:
    raw = zlib.compress(b"x")
    twice = struct.pack("<4sHH", wire.MAGIC, 1, 2) + 2 * ENTRY.pack(b"META", len(raw), 1) + 2 * raw
    with pytest.raises(wire.WireError, match="2 sections"):
        wire.decode(twice)


@pytest.mark.parametrize("version", [2, 65535])
def test_a_newer_version_is_told_apart(good: bytes, version: int) -> None:
    newer = good[:4] + struct.pack("<H", version) + b"whatever it holds"
    with pytest.raises(wire.NewerVersionError, match=f"received version {version}") as caught:
        wire.decode(newer)
    assert caught.value.version == version


def one_section(name: bytes, stored: bytes, raw_size: int) -> bytes:
    return struct.pack("<4sHH", wire.MAGIC, 1, 1) + ENTRY.pack(name, len(stored), raw_size) + stored


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    bomb = zlib.compress(bytes(1 << 26), 9)
    with pytest.raises(wire.WireError, match="at most 33554432 bytes"):
        wire.decode(one_section(b"META", bomb, 1 << 26))


def test_a_bomb_that_declares_little_is_inflated_no_further() -> None:
    bomb = zlib.compress(bytes(1 << 26), 9)
    with pytest.raises(wire.WireError, match="expected it to inflate to 10 bytes; received 11 or more"):
        wire.decode(one_section(b"META", bomb, 10))


@pytest.mark.parametrize("other", [np.array([1, 2], np.float32), np.zeros((2, 2), np.uint8), np.array(b"CVBR")])
def test_foreign_tensors_are_a_wire_error(other: Any) -> None:
    with pytest.raises(wire.WireError, match="one-dimensional uint8"):
        wire.decode(other)


# What a writer refuses


def with_curve(**changed: Any) -> Record:
    made = record("binary", ("no", "yes"))
    return replace(made, curves=(replace(made.curves[0], **changed),))


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (with_curve(thresholds=np.array([6, 5, 4, 3, 2, 2], np.float32)), "decrease"),
        (with_curve(thresholds=np.array([np.inf, 5, 4, 3, 2, 1], np.float32)), "finite"),
        (with_curve(thresholds=np.array([0.5], np.float32)), "as many"),
        (with_curve(positives=10**6), "totals"),
        (with_curve(tp=np.array([2, 1, 3, 3, 3, 4]), positives=4), "never decrease"),
        (with_curve(tp=np.array([-1, 1, 3, 3, 3, 4]), positives=4), "from 0"),
        (with_curve(tp=np.array([0.5, 1, 3, 3, 3, np.nan]), positives=np.nan), "finite counts"),
        (with_curve(roc_auc=math.inf), "finite or NaN"),
        (with_curve(name="maybe"), "expected the curves"),
        (replace(record(), micro=None), "expected the curves"),
        (replace(record(), confusion=np.zeros((2, 2), np.int64)), "shape"),
        (replace(record(), class_names=("a", "a", "b")), "distinct"),
        (replace(record(), threshold=math.nan), "finite"),
        (replace(record(), n_examples=-1), "n_examples"),
        (replace(record(), task=cast("Any", "regression")), "task"),
        (replace(record(), head="\ud800"), "surrogates"),
    ],
)
def test_a_record_that_could_not_be_read_is_not_written(broken: Record, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        wire.encode(broken)


def test_a_record_beyond_the_bound_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_RAW_BYTES", 100)
    with pytest.raises(ValueError, match="at most 100 bytes"):
        wire.encode(record())


# Varints


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 300)))
def test_varints_are_leb128(numbers: list[int]) -> None:
    raw = encode_varints(np.array(numbers, np.uint64))
    assert slow_wire.varints(raw) == numbers
    assert Varints(raw)[:].tolist() == numbers
    assert Varints(raw)[2:5].tolist() == numbers[2:5]
    odd = np.arange(1, len(numbers), 2)
    assert Varints(raw)[odd].tolist() == numbers[1::2]


@pytest.mark.parametrize("number", [0, 127, 128, 2**14 - 1, 2**14, 2**63, 2**64 - 1])
def test_varints_at_the_edges_of_their_sizes(number: int) -> None:
    raw = encode_varints(np.array([number], np.uint64))
    assert len(raw) == max(1, -(-number.bit_length() // 7))
    assert Varints(raw)[:].tolist() == [number]


def test_differences_and_sums_undo_each_other_across_empty_curves() -> None:
    values, lengths = np.array([3, 5, 5, 1, 9], np.uint64), np.array([0, 3, 0, 2, 0])
    differences = sections._differences(values, lengths)
    assert differences.tolist() == [3, 2, 0, 1, 8]
    assert sections._sums(differences, lengths).tolist() == values.tolist()
