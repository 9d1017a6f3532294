from __future__ import annotations

import json
import pickle
import warnings
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from curveboard.calibration import Calibration
from curveboard.counts import CountTable
from curveboard.measure import measure
from curveboard.outcomes import UndefinedCurveWarning
from curveboard.record import TASKS, Task
from curveboard.sharded import ShardCounts, ShardMerger
from families import FAMILIES
from sameness import assert_same, assert_same_reliability, counted_curves

SEEDS = st.integers(0, 2**32 - 1)
Arrays = tuple[npt.NDArray[Any], npt.NDArray[np.floating], npt.NDArray[np.float64] | None]


def examples(rng: np.random.Generator, task: Task, dtype: Any, weighted: bool, logits: bool) -> Arrays:
    """Up to 80 examples with ties within and across shards; some classes may be absent."""
    n, n_classes = int(rng.integers(1, 80)), int(rng.choice([2, 3, 4, 12]))
    shape = (n,) if task == "binary" else (n, n_classes)
    score = rng.normal(size=shape) if logits else rng.random(shape)
    y_true = rng.integers(0, n_classes, n) if task == "multiclass" else rng.random(shape) < rng.random()
    weight = np.where(rng.random(n) < 0.2, 0.0, 10 * rng.random(n)) if weighted else None
    if weight is not None:
        weight[0] = 1.0
    return y_true, np.round(score, int(rng.integers(1, 4))).astype(dtype), weight


def cut(rng: np.random.Generator, arrays: Arrays) -> list[Arrays]:
    """The same examples in shuffled shards of any size."""
    y_true, y_score, weight = arrays
    order = rng.permutation(len(y_score))
    ends = np.sort(rng.choice(len(order), int(rng.integers(0, min(len(order), 9))), replace=False))
    shards = [part for part in np.split(order, ends) if len(part)]
    return [(y_true[part], y_score[part], None if weight is None else weight[part]) for part in shards]


@pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")
@settings(deadline=None, max_examples=150)
@given(SEEDS, st.sampled_from(TASKS), st.booleans())
def test_any_split_gives_the_record_of_all_examples(seed: int, task: Task, logits: bool) -> None:
    rng = np.random.default_rng(seed)
    arrays = examples(rng, task, np.float64, False, logits)
    shards = [ShardCounts.of(*shard, task=task, from_logits=logits) for shard in cut(rng, arrays)]
    options: Any = {"threshold": 0.3, "tolerance": 1 / 100, "split": "test", "head": "risk"}
    expected = measure(*arrays[:2], task=task, from_logits=logits, **options)
    assert_same(ShardCounts.merged(shards).record(**options), expected, 0)


@pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")
@settings(deadline=None, max_examples=100)
@given(SEEDS, st.sampled_from(TASKS), st.booleans())
def test_sums_of_weights_are_equal_up_to_rounding(seed: int, task: Task, logits: bool) -> None:
    rng = np.random.default_rng(seed)
    y_true, y_score, weight = arrays = examples(rng, task, np.float32, True, logits)
    shards = [ShardCounts.of(*shard, task=task, from_logits=logits) for shard in cut(rng, arrays)]
    record = ShardCounts.merged(shards).record()
    expected = measure(y_true, y_score, task=task, from_logits=logits, sample_weight=weight)
    assert record.n_examples == len(y_true)
    assert_same_reliability(record, expected, 1e-12)
    np.testing.assert_allclose(record.confusion, expected.confusion, rtol=1e-12, atol=1e-12)
    for mine, theirs in zip(counted_curves(record), counted_curves(expected), strict=True):
        for field in ("positives", "negatives", "roc_auc", "average_precision"):
            np.testing.assert_allclose(
                getattr(mine, field), getattr(theirs, field), rtol=1e-12, atol=1e-14, err_msg=field
            )
        assert (np.diff(mine.tp, prepend=0) >= 0).all()
        assert (mine.tp[-1], mine.fp[-1]) == (mine.positives, mine.negatives)


@pytest.mark.parametrize("family", FAMILIES)
def test_families_of_scores_against_scikit_learn(family: str) -> None:
    y_true, y_score = FAMILIES[family](np.random.default_rng(0), 5000)
    parts = np.array_split(np.arange(5000), 7)
    record = ShardCounts.merged(ShardCounts.of(y_true[part], y_score[part], task="binary") for part in parts).record()
    assert abs(record.roc_auc - metrics.roc_auc_score(y_true, y_score)) < 1e-12
    assert abs(record.average_precision - metrics.average_precision_score(y_true, y_score)) < 1e-12
    np.testing.assert_array_equal(record.confusion, metrics.confusion_matrix(y_true, y_score >= 0.5))
    [curve] = record.curves
    predicted = y_score[:, np.newaxis] >= curve.thresholds  # stored thresholds reproduce their counts
    np.testing.assert_array_equal(curve.tp, predicted[y_true].sum(axis=0))
    np.testing.assert_array_equal(curve.fp, predicted[~y_true].sum(axis=0))
    assert curve.thresholds.dtype == np.float32
    assert record.curves[0].roc_auc_se == pytest.approx(measure(y_true, y_score).curves[0].roc_auc_se, rel=1e-12)


@pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")
@settings(deadline=None, max_examples=50)
@given(SEEDS, st.sampled_from(TASKS))
def test_merging_is_associative_and_commutative(seed: int, task: Task) -> None:
    rng = np.random.default_rng(seed)
    arrays = examples(rng, task, np.float32, False, False)
    one, two, three = (
        ShardCounts.of(arrays[0][part], arrays[1][part], task=task)
        for part in (rng.integers(0, len(arrays[1]), 5) for _ in range(3))
    )
    first = one.merge(two).merge(three).record()
    assert_same(first, one.merge(two.merge(three)).record(), 0)
    assert_same(first, three.merge(one).merge(two).record(), 0)


def tables(counts: ShardCounts) -> list[CountTable]:
    confidence = counts.reliability.confidence
    return [*counts.tables, *([confidence] if confidence else [])]


def bins(counts: ShardCounts) -> list[Calibration]:
    confidence = counts.reliability.confidence_calibration
    return [*counts.reliability.calibrations, *([confidence] if confidence else [])]


@settings(deadline=None, max_examples=60)
@given(SEEDS, st.sampled_from(TASKS), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_bytes_and_pickles_hold_everything(seed: int, task: Task, weighted: bool, dtype: Any) -> None:
    arrays = examples(np.random.default_rng(seed), task, dtype, weighted, False)
    counts = ShardCounts.of(*arrays, task=task)
    for back in (ShardCounts.from_bytes(counts.to_bytes()), pickle.loads(pickle.dumps(counts))):
        assert (back.task, back.class_names, back.from_logits, back.n_examples, back.weighted) == (
            counts.task,
            counts.class_names,
            counts.from_logits,
            counts.n_examples,
            counts.weighted,
        )
        matrices: list[Any] = [] if counts.confusion is None else [(back.confusion, counts.confusion)]
        assert back.reliability.top_k == counts.reliability.top_k
        for mine, theirs in zip(bins(back), bins(counts), strict=True):
            assert (mine.name, mine.brier) == (theirs.name, theirs.brier)
            for name in ("examples", "positives", "score_sum"):
                matrices.append((getattr(mine, name), getattr(theirs, name)))
        for one, other in zip(tables(back), tables(counts), strict=True):
            matrices += [(one.thresholds, other.thresholds), (one.tp, other.tp), (one.fp, other.fp)]
        for found, expected in matrices:
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == expected.dtype


def test_bytes_are_few() -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = rng.random((20_000, 3)) < 0.2, rng.random((20_000, 3)).astype(np.float32)
    counts = ShardCounts.of(y_true, y_score, task="multilabel")
    assert len(counts.to_bytes()) < 6.2 * counts.n_rows  # 4 of the threshold, 1 of each count
    rounded = ShardCounts.of(y_true, y_score.round(3), task="multilabel")
    assert rounded.n_rows <= 3 * 1001


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_damaged_bytes_are_refused(data: st.DataObject) -> None:
    whole = ShardCounts.of([0, 1, 2], np.eye(3), task="multiclass").to_bytes()
    with pytest.raises(ValueError, match=r"^expected bytes of ShardCounts.to_bytes; received \d+ bytes"):
        ShardCounts.from_bytes(whole[: data.draw(st.integers(0, len(whole) - 30))])


def test_later_bytes_are_refused() -> None:
    file = BytesIO()
    np.savez(file, head=np.frombuffer(json.dumps({"version": 2}).encode(), np.uint8))
    with pytest.raises(ValueError, match=r"counts of version 1; received .*2"):
        ShardCounts.from_bytes(file.getvalue())


def test_a_thousand_shards_are_merged_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = rng.random(100_000) < 0.3, rng.random(100_000).astype(np.float32)
    sorted_rows: list[int] = []
    original = ShardMerger._merge

    def counting(self: ShardMerger) -> None:
        sorted_rows.append(self._n_waiting + sum(each.n_rows for each in self._merged))
        assert self._n_waiting <= max(500, *(each.n_rows for each in self._merged), 0) + 100  # and one shard
        original(self)

    monkeypatch.setattr("curveboard.sharded.FEW_ROWS", 500)
    monkeypatch.setattr(ShardMerger, "_merge", counting)
    parts = np.array_split(np.arange(100_000), 1000)
    record = ShardCounts.merged(ShardCounts.of(y_true[part], y_score[part], task="binary") for part in parts).record()
    assert abs(record.roc_auc - metrics.roc_auc_score(y_true, y_score)) < 1e-12
    assert sum(sorted_rows) < 4 * 100_000  # one by one, it would be 500 times


def test_a_shard_may_lack_positives_negatives_and_weight() -> None:
    shards = [
        ShardCounts.of([0, 0], [0.1, 0.4], [1, 1], task="binary"),
        ShardCounts.of([1, 1], [0.35, 0.8], [1, 1], task="binary"),
        ShardCounts.of([1, 0], [0.0, 1.0], [0, 0], task="binary"),  # padding
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record = ShardCounts.merged(shards).record()
    assert (record.roc_auc, record.n_examples) == (0.75, 6)
    with pytest.raises(ValueError, match=r"sample_weight above 0; received 2 zeros$"):
        shards[2].record()
    with pytest.warns(UndefinedCurveWarning, match="without a positive: 1$") as caught:
        shards[0].record()
    assert caught[0].filename == __file__


def test_float32_and_float64_shards_are_compared_as_they_are() -> None:
    one = ShardCounts.of([1], np.array([0.1], np.float32), task="binary")  # 0.1 is a little more in float32
    other = ShardCounts.of([0], np.array([0.1]), task="binary")
    assert one.merge(other).record().roc_auc == 1.0


@pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")
def test_a_shard_whose_scores_are_no_probabilities_leaves_all_uncalibrated() -> None:
    shards = [ShardCounts.of([0, 1, 2], scale * np.eye(3), task="multiclass") for scale in (1.0, 1.5, 0.5)]
    sent = [pickle.loads(pickle.dumps(shard)) for shard in shards]
    assert sent[0].record().calibrations
    record = ShardCounts.merged(sent).record()
    assert record.calibrations == ()
    assert record.confidence is not None
    assert record.confidence.calibration is None
    assert record.confidence.positives == 9


def test_names_of_classes_are_looked_up_in_each_shard() -> None:
    one = ShardCounts.of(["owl"], [[0.2, 0.3, 0.5]], task="multiclass", class_names=["cat", "dog", "owl"])
    other = ShardCounts.of(["cat", "dog"], np.eye(3)[:2], task="multiclass", class_names=["cat", "dog", "owl"])
    record = one.merge(other).record()
    assert record.class_names == ("cat", "dog", "owl")
    assert record.confusion.tolist() == np.eye(3).tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_names": ["no", "yes"]}, r"same class_names; received \('0', '1'\) and \('no', 'yes'\)$"),
        ({"from_logits": True}, r"same from_logits; received False and True$"),
        ({"sample_weight": [1]}, r"same weighted; received False and True$"),
    ],
)
def test_shards_of_different_heads_are_refused(options: Any, message: str) -> None:
    one, other = ShardCounts.of([1], [0.5], task="binary"), ShardCounts.of([1], [0.5], task="binary", **options)
    with pytest.raises(ValueError, match=message):
        one.merge(other)
    merger = ShardMerger()
    merger.add(one)
    with pytest.raises(ValueError, match=message):
        merger.add(other)
    assert merger.result().n_examples == 1


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1], [0.5]), {"task": "auto"}, r"task to be 'binary', 'multiclass', 'multilabel'; received 'auto'$"),
        (([], []), {"task": "binary"}, r"at least one example; received shape \(0,\)$"),
        (([1], [np.nan]), {"task": "binary"}, r"finite scores; received 1 .*nan at 0$"),
        (([1], [0.5], [-1]), {"task": "binary"}, r"not negative; received 1 .*-1.0 at 0$"),
        (([1, 0], [0.5, 0.5], [1]), {"task": "binary"}, r"2 numbers as sample_weight; received .*\(1,\)$"),
    ],
)
def test_bad_examples_are_refused(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ShardCounts.of(*arguments, **options)


def test_bad_options_of_a_record_are_refused() -> None:
    counts = ShardCounts.of([0, 1], [0.1, 0.8], task="binary", from_logits=True)
    with pytest.raises(ValueError, match=r"as threshold for logits; received 2$"):
        counts.record(threshold=2)
    with pytest.raises(ValueError, match=r"tolerance between 0 and 1; received 0$"):
        counts.record(tolerance=0)
    with pytest.raises(ValueError, match=r"at least one shard; received none$"):
        ShardCounts.merged([])
