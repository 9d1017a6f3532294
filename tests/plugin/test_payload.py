"""Payloads without HTTP: blocks read back word by word, the index as JSON, the golden bytes."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tensorboard.data.provider import TensorDatum

from blocks import read_block
from curveboard import wire
from curveboard.record import Curve, MacroCurve, Record
from golden.make_blocks import blocks, content, expected
from handmade import record
from tensorboard_curveboard import payload
from tensorboard_curveboard.decoding import Areas, Decoder, Matrix, StepCurve
from tensorboard_curveboard.records import Problem, Selection, Series
from tensorboard_curveboard.series import Index, build
from tensorboard_curveboard.sources import Records

GOLDEN = Path(__file__).parents[1] / "golden"


def series_of(run: str, *records: Record) -> Series:
    data = [
        TensorDatum(step=10 * at, wall_time=5.5 + at, numpy=np.frombuffer(wire.encode(one), np.uint8))
        for at, one in enumerate(records)
    ]
    return build(run, "output", Records(), data)[0]


def areas_of(run: str, *records: Record) -> payload.RunAreas:
    decoded = [wire.decode_areas(wire.encode(one)) for one in records]
    return payload.RunAreas(run, [Areas(10 * at, 5.5 + at, one) for at, one in enumerate(decoded)])


def run_curves(run: str, *curves: tuple[int, Curve | MacroCurve]) -> payload.RunCurves:
    return payload.RunCurves(run, [StepCurve(*one) for one in curves])


def matrix(one: Record) -> Matrix:
    return Matrix(one.run, one.step, wire.decode_confusion(wire.encode(one)))


def index_of(*series: Series, problems: tuple[Problem, ...] = (), changed: bool = True) -> Index:
    return Index(list(series), [changed] * len(series), list(problems), "c-1")


def class_curve(one: Record, name: str = "dog") -> Curve:
    found = one[name]
    assert isinstance(found, Curve)
    return found


@pytest.mark.parametrize("name", ["areas", "confusion", "curves", "macro", "table", "weighted"])
def test_golden_blocks_are_reproduced(name: str) -> None:
    block = blocks()[name]
    assert block == (GOLDEN / f"{name}.cvbk").read_bytes()
    assert expected(block) == (GOLDEN / f"{name}.json").read_text("utf-8")


@given(
    st.dictionaries(
        st.text(max_size=4),
        st.sampled_from(["<u4", "<f4", "<f8"]).flatmap(
            lambda dtype: hnp.arrays(
                dtype, st.integers(0, 9), elements=None if dtype == "<u4" else {"allow_nan": False}
            )
        ),
        max_size=4,
    )
)
def test_any_columns_come_back(columns: dict[str, npt.NDArray[np.generic]]) -> None:
    header, found = read_block(payload.block({"missing": ["ü"]}, columns))
    assert header["missing"] == ["ü"]
    assert list(found) == list(columns)
    for name, column in columns.items():
        np.testing.assert_array_equal(np.array(found[name], column.dtype), column)
        assert header["columns"][name]["codec"] == ("delta" if column.itemsize == 4 else "raw")


def test_the_bits_of_nan_survive_the_delta_codec() -> None:
    column = np.array([0x7FC00001, 0xFFC00000, 0x00000001], np.uint32).view(np.float32)
    plain = payload.shuffled_differences(column)
    # differences modulo 2^32: 7fc00001, 7fffffff, 00400001; then all lowest bytes, all second bytes, ...
    assert plain == bytes([0x01, 0xFF, 0x01, 0x00, 0xFF, 0x00, 0xC0, 0xFF, 0x40, 0x7F, 0x7F, 0x00])


def test_areas_are_those_of_the_records_in_the_order_asked_for() -> None:
    first, second = record(seed=1), record(seed=2)
    header, columns = read_block(
        payload.areas([areas_of("b", second), areas_of("a", first, second)], ["c"], curve="class:dog")
    )
    assert header["runs"] == [{"run": "b", "records": 1}, {"run": "a", "records": 2}]
    assert header["missing"] == ["c"]
    assert columns["step"] == [0, 0, 10]
    assert columns["wall_time"] == [5.5, 5.5, 6.5]
    for name in ("roc_auc", "average_precision", "roc_auc_se", "positives", "negatives"):
        assert columns[name] == [getattr(one["dog"], name) for one in (second, first, second)]


def test_macro_areas_have_no_totals_and_no_error() -> None:
    _, columns = read_block(payload.areas([areas_of("a", record())], [], curve="macro"))
    assert columns["roc_auc"] == [record().roc_auc]
    assert all(math.isnan(columns[name][0]) for name in ("roc_auc_se", "positives", "negatives"))


def test_undefined_areas_are_nan() -> None:
    one = record("binary", ("no", "yes"))
    curve = replace(one.curves[0], roc_auc=np.nan, average_precision=np.nan)
    _, columns = read_block(payload.areas([areas_of("a", replace(one, curves=(curve,)))], [], curve="class:yes"))
    assert math.isnan(columns["roc_auc"][0])
    assert math.isnan(columns["average_precision"][0])


def test_bounds_of_estimates_are_told_and_are_nan_where_areas_are_exact() -> None:
    exact = record("binary", ("no", "yes"))
    curve = replace(exact.curves[0], roc_auc=0.5, roc_auc_bounds=(0.25, 0.75))
    _, columns = read_block(
        payload.areas([areas_of("a", exact, replace(exact, curves=(curve,)))], [], curve="class:yes")
    )
    np.testing.assert_array_equal(columns["roc_auc_low"], [np.nan, 0.25])
    np.testing.assert_array_equal(columns["roc_auc_high"], [np.nan, 0.75])
    assert "average_precision_low" not in columns


def test_curves_are_exact_counts_and_thresholds() -> None:
    found = [class_curve(record(seed=seed, n_points=3 + seed)) for seed in range(3)]
    runs = [run_curves("a", (4, found[0]), (6, found[1])), run_curves("b", (9, found[2]))]
    header, columns = read_block(payload.curves(runs, ["c"], macro=False))
    assert header["runs"] == [{"run": "a", "records": 2}, {"run": "b", "records": 1}]
    assert header["missing"] == ["c"]
    assert columns["step"] == [4, 6, 9]
    assert columns["points"] == [3, 4, 5]
    assert columns["positives"] == [curve.positives for curve in found]
    assert columns["negatives"] == [curve.negatives for curve in found]
    for name, attribute in {"threshold": "thresholds", "tp": "tp", "fp": "fp"}.items():
        assert columns[name] == [value for curve in found for value in getattr(curve, attribute).tolist()]
    assert {name: header["columns"][name]["dtype"] for name in ("threshold", "tp", "fp")} == {
        "threshold": "f4",
        "tp": "u4",
        "fp": "u4",
    }


@pytest.mark.parametrize(
    ("tp", "dtype"),
    [
        (np.array([2**32 - 1]), "u4"),
        (np.array([2**32]), "f8"),
        (np.array([0.5]), "f8"),
        (np.array([3.0]), "f8"),  # a sum of weights, though whole
    ],
)
def test_counts_are_u4_where_they_fit_and_are_no_weights(tp: npt.NDArray[np.float64], dtype: str) -> None:
    curve = replace(class_curve(record(n_points=1)), tp=tp, positives=tp[-1].item())
    header, columns = read_block(payload.curves([run_curves("a", (0, curve))], [], macro=False))
    assert header["columns"]["tp"]["dtype"] == dtype
    assert columns["tp"] == tp.tolist()


def test_float64_thresholds_stay_float64() -> None:
    curve = class_curve(record())
    curve = replace(curve, thresholds=curve.thresholds.astype(np.float64) / 3)
    header, columns = read_block(payload.curves([run_curves("a", (0, curve))], [], macro=False))
    assert header["columns"]["threshold"]["dtype"] == "f8"
    assert columns["threshold"] == curve.thresholds.tolist()


def test_macro_curves_are_rates() -> None:
    one, other = record(seed=1).macro, record(seed=2).macro
    assert one is not None
    assert other is not None
    runs = [run_curves("a", (0, one), (1, other))]
    header, columns = read_block(payload.curves(runs, [], macro=True))
    assert columns["points"] == [3, 3]
    assert columns["pr_points"] == [2, 2]
    for name in ("fpr", "tpr", "recall", "precision"):
        assert columns[name] == [*getattr(one, name).tolist(), *getattr(other, name).tolist()]
    assert all(math.isnan(total) for total in columns["positives"] + columns["negatives"])
    assert not {"threshold", "tp", "fp"} & set(columns)
    assert header["columns"]["fpr"]["dtype"] == "f4"


@pytest.mark.parametrize("macro", [False, True])
def test_no_curves_make_a_block_without_rows(macro: bool) -> None:
    header, columns = read_block(payload.curves([], ["a"], macro=macro))
    assert header["runs"] == []
    assert all(column == [] for column in columns.values())


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_confusion_matrices_come_back_whole(task: str, weighted: bool) -> None:
    names = ("no", "yes") if task == "binary" else ("cat", "dog", "eel")
    records = [
        replace(record(task, names, seed=seed, weighted=weighted), run=f"r{seed}", step=seed, threshold=0.25)  # type: ignore[arg-type]
        for seed in range(3)
    ]
    header, columns = read_block(payload.confusion([matrix(one) for one in records], ["gone"]))
    assert header["missing"] == ["gone"]
    assert header["columns"]["count"]["dtype"] == ("f8" if weighted else "u4")
    start = 0
    for told, one in zip(header["runs"], records, strict=True):
        flat = np.zeros(math.prod(told["shape"]))
        rows = slice(start, start + told["cells"])
        flat[np.array(columns["index"][rows], int)] = columns["count"][rows]
        np.testing.assert_array_equal(flat.reshape(told["shape"]), one.confusion)
        start = rows.stop
        assert columns["index"][rows] == sorted(columns["index"][rows])
        assert (told["run"], told["step"], told["records"]) == (one.run, one.step, 1)
        assert (told["threshold"], told["n_examples"]) == (0.25, one.n_examples)
        assert told["class_names"] == list(names)
    assert start == len(columns["index"]) == len(columns["count"])


def test_the_index_is_json_and_lists_averages_first() -> None:
    found = index_of(series_of("a", record(), record()), problems=(Problem("b", "h", "why"),))
    told = json.loads(payload.index("1.2.3", found, partial=False))
    series: dict[str, object] = told["series"][0]
    assert series | {"revision": ""} == {
        "run": "a",
        "split": "validation",
        "head": "output",
        "task": "multiclass",
        "class_names": ["cat", "dog", "eel"],
        "curves": ["micro", "macro", "class:cat", "class:dog", "class:eel"],
        "source": "curveboard",
        "steps": [0, 10],
        "wall_times": [5.5, 6.5],
        "revision": "",
    }
    assert told["version"] == "1.2.3"
    assert told["problems"] == [{"run": "b", "head": "h", "reason": "why"}]


def test_a_binary_series_has_the_curve_of_its_positive_class_only() -> None:
    told = json.loads(payload.index("", index_of(series_of("a", record("binary", ("no", "yes")))), partial=False))
    assert told["series"][0]["curves"] == ["class:yes"]


def test_a_partial_index_names_what_did_not_change() -> None:
    one = series_of("a", record())
    told = json.loads(payload.index("", index_of(one, changed=False), partial=True))
    assert (told["series"], told["unchanged"]) == ([], [{"run": "a", "head": "output"}])
    told = json.loads(payload.index("", index_of(one), partial=True))
    assert (told["series"][0]["run"], told["unchanged"]) == ("a", [])


def test_times_are_told_to_the_hundredth_of_a_second() -> None:
    one = replace(series_of("a", record()), wall_times=np.array([1763769600.123456789]))
    assert json.loads(payload.index("", index_of(one), partial=False))["series"][0]["wall_times"] == [1763769600.12]


def test_a_table_has_a_row_a_curve_and_nan_where_a_record_lacks_it() -> None:
    one, other = record(class_names=("cat", "dog"), seed=1), record(class_names=("cat", "eel"), seed=2)
    header, columns = read_block(payload.table("a", areas_of("a", one, other).areas, "average_precision"))
    assert (header["run"], header["metric"]) == ("a", "average_precision")
    # the latest record's curves in its order, then the class that was given up
    assert header["curves"] == ["class:cat", "class:eel", "micro", "macro", "class:dog"]
    assert columns["step"] == [0, 10]
    rows = np.array(columns["value"]).reshape(5, 2)
    for row, name in zip(rows, ("cat", "eel", "micro", "macro", "dog"), strict=True):
        expected = [each[name].average_precision if name in dict_of(each) else np.nan for each in (one, other)]
        np.testing.assert_array_equal(row, np.array(expected, np.float32))


def dict_of(one: Record) -> dict[str, Curve | MacroCurve | None]:
    return {**{curve.name: curve for curve in one.curves}, "micro": one.micro, "macro": one.macro}


@pytest.mark.parametrize("planes", [False, True])
def test_compression_is_deterministic_and_gzip(planes: bool) -> None:
    block = blocks()["curves"]
    assert payload.compress(block, planes=planes) == payload.compress(block, planes=planes)
    assert gzip.decompress(payload.compress(block, planes=planes)) == block


def test_the_curves_of_a_series_are_those_of_its_records() -> None:
    (((step, curve),),) = Decoder().curves([(content("r", 2), Selection())], "macro")
    assert step == 1
    assert isinstance(curve, MacroCurve)
    assert curve.roc_auc == record(seed=1).roc_auc
