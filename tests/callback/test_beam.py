from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to
from tensorboard.compat.proto.event_pb2 import Event

from curveboard import Record, read_curves
from curveboard.beam import CombineCurves, WriteCurves
from curveboard.events import read_events
from curveboard.measure import measure
from curveboard.record import Task
from curveboard.wire import decode, encode
from sameness import assert_same

RUNNER = "FnApiRunner"  # within this process
Examples = tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]


def examples(seed: int, task: Task, n: int = 300) -> Examples:
    rng = np.random.default_rng(seed)
    score = np.round(rng.random((n,) if task == "binary" else (n, 4)), 3)
    y_true = rng.integers(0, 4, n) if task == "multiclass" else rng.random(score.shape) < score
    return y_true, score, rng.integers(0, 9, n) / 8  # whose sums are exact


def combined(elements: Sequence[object], **options: Any) -> Record:
    """Adds every other element to one of two accumulators, sends both through a pickle, and merges them."""
    combine = CombineCurves(**options)
    accumulators = [combine.create_accumulator() for _ in range(2)]
    for number, element in enumerate(elements):
        accumulators[number % 2] = combine.add_input(accumulators[number % 2], element)
    sent = [pickle.loads(pickle.dumps(combine.compact(accumulator))) for accumulator in accumulators]
    return combine.extract_output(combine.merge_accumulators(sent))


def in_batches(arrays: tuple[npt.NDArray[Any], ...], n: int) -> list[object]:
    return list(zip(*(np.array_split(array, n) for array in arrays), strict=True))


def one_by_one(arrays: tuple[npt.NDArray[Any], ...]) -> list[object]:
    return list(zip(*(array.tolist() for array in arrays), strict=True))


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_examples_batches_and_dicts_give_the_record_of_all(task: Task) -> None:
    y_true, y_score, weight = examples(0, task)
    expected = measure(y_true, y_score, task=task, threshold=0.3)
    plain = y_true, y_score
    dicts: list[object] = [{"y_true": y, "y_score": s, "id": 3} for y, s in zip(*plain, strict=True)]
    for elements in (in_batches(plain, 7), one_by_one(plain), dicts, [*one_by_one(plain)[:100], *dicts[100:]]):
        assert_same(combined(elements, task=task, threshold=0.3), expected, 0)
    weighted = measure(y_true, y_score, task=task, sample_weight=weight)
    for elements in (in_batches((y_true, y_score, weight), 7), one_by_one((y_true, y_score, weight))):
        assert_same(combined(elements, task=task), weighted, 1e-12)


def test_options_are_those_of_measure() -> None:
    y_true, y_score, _ = examples(1, "multiclass")
    options: Any = {"class_names": list("abcd"), "from_logits": True, "tolerance": 0.1, "split": "test"}
    expected = measure(y_true, 9 * y_score, task="multiclass", **options)
    assert_same(combined(in_batches((y_true, 9 * y_score), 5), task="multiclass", **options), expected, 0)


def test_many_single_examples_are_counted_as_they_come() -> None:
    combine = CombineCurves(task="binary")
    accumulator = combine.create_accumulator()
    for number in range(20_000):
        accumulator = combine.add_input(accumulator, (number % 3 == 0, number % 1000 / 1000))
        assert len(accumulator.examples) < 4096
    sent = pickle.dumps(combine.compact(accumulator))
    assert len(sent) < 20_000  # a thousand scores of 8 bytes, and their counts
    assert combine.extract_output(pickle.loads(sent)).n_examples == 20_000


@pytest.mark.parametrize("options", [[], ["--direct_running_mode=multi_processing", "--direct_num_workers=2"]])
def test_a_pipeline_writes_each_run_as_a_curve_writer_does(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "callback"))  # of the worker processes
    parts = {
        (run, head, step): examples(seed, "multilabel")[:2]
        for seed, (run, head, step) in enumerate(
            (run, head, step) for run in ("mlp", "forest/deep") for head in ("output", "risk") for step in (2, 0, 1)
        )
    }
    elements = [(key, batch) for key, arrays in parts.items() for batch in in_batches(arrays, 9)]
    with beam.Pipeline(RUNNER, options=PipelineOptions(options)) as pipeline:
        records = (
            pipeline
            | beam.Create(elements)
            | beam.Reshuffle()
            | beam.CombinePerKey(CombineCurves(task="multilabel", split="test"))
        )
        written = records | WriteCurves(tmp_path)
        assert_that(written, equal_to([str(tmp_path / "mlp"), str(tmp_path / "forest/deep")]))
    found = {(record.run, record.head, record.step): record for record in read_curves(tmp_path)}
    assert list(found) == sorted((f"{run}/test", head, step) for run, head, step in parts)
    for (run, head, step), (y_true, y_score) in parts.items():
        expected = measure(y_true, y_score, task="multilabel", split="test", head=head)
        assert_same(found[f"{run}/test", head, step], decode(encode(expected)), 0)
    [path] = (tmp_path / "mlp" / "test").iterdir()
    assert [(event.step, tags(event)) for event in list(read_events(path))[1:3]] == [
        (0, {"curveboard/output", "epoch_roc_auc", "epoch_average_precision"}),
        (0, {"curveboard/risk", "epoch_risk_roc_auc", "epoch_risk_average_precision"}),
    ]


def tags(event: Event) -> set[str]:
    """The tags of the record and of its areas."""
    names = {value.tag for value in event.summary.value}
    return {name for name in names if name.startswith("curveboard/") or name.endswith(("_auc", "average_precision"))}


def test_all_elements_may_be_one_record() -> None:
    arrays = examples(2, "binary")[:2]
    with beam.Pipeline(RUNNER) as pipeline:
        record = (
            pipeline
            | beam.Create([*in_batches(arrays, 5), (np.empty(0), np.empty(0))])
            | beam.CombineGlobally(CombineCurves(task="binary")).without_defaults()
        )
        areas = record | beam.Map(lambda record: (record.n_examples, record.roc_auc, record.average_precision))
        expected = measure(*arrays)
        assert_that(areas, equal_to([(300, expected.roc_auc, expected.average_precision)]))


def test_without_examples_there_is_no_record() -> None:
    with (
        pytest.raises(Exception, match=r"CombineGlobally\(...\).without_defaults\(\); received none"),
        beam.Pipeline(RUNNER) as pipeline,
    ):
        _ = pipeline | beam.Create([]) | beam.CombineGlobally(CombineCurves(task="binary"))
    with beam.Pipeline(RUNNER) as pipeline:
        combine = beam.CombineGlobally(CombineCurves(task="binary")).without_defaults()
        assert_that(pipeline | beam.Create([]) | combine, equal_to([]))


@pytest.mark.parametrize(
    ("element", "message"),
    [
        (0.5, r"expected \(y_true, y_score\), .*; received 0.5$"),
        ((1,), r"received \(1,\)$"),
        ({"y_true": 1, "score": 0.5}, r"received {'score': 0.5, 'y_true': 1}$"),
        ((1, np.nan), r"expected finite scores; received 1 that are not, the first nan at 0$"),
        (([2], [0.5]), r"expected hard labels 0 or 1 for a binary task; received 1 .* 2 at 0$"),
    ],
)
def test_bad_elements_are_refused(element: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        combined([element], task="binary")


def test_weights_are_given_for_all_examples_or_for_none() -> None:
    with pytest.raises(ValueError, match=r"expected 2 numbers as sample_weight; received object"):
        combined([(0, 0.1, 2.0), (0, 0.1, 2.0), (1, 0.2)], task="binary")
    with pytest.raises(ValueError, match=r"same weighted; received False and True$"):
        combined([([0], [0.1]), ([1], [0.2], [1.0])], task="binary")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("mlp", r"keys \(run, head, step\); received 'mlp'"),
        (("/mlp", "output", 0), r"a run within the log directory; received '/mlp'"),
        (("../mlp", "output", 0), r"a run within the log directory; received '../mlp'"),
        (("mlp", "", 0), r"expected head to be a name .*received ''"),
        (("mlp", "output", -1), r"expected step to be an integer from 0; received -1"),
    ],
)
def test_bad_keys_are_refused(key: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=message), beam.Pipeline(RUNNER) as pipeline:
        _ = pipeline | beam.Create([(key, measure([0, 1], [0.1, 0.2]))]) | WriteCurves(tmp_path)
    assert list(read_curves(tmp_path)) == []


def test_a_log_directory_that_is_a_file_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        WriteCurves(tmp_path / "file")


def test_without_beam_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.delitem(sys.modules, "curveboard.beam")
    with pytest.raises(ImportError, match=r"pip install 'curveboard\[beam\]'"):
        importlib.import_module("curveboard.beam")
