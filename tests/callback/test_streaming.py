"""Streams of examples: the record of all of them, but for areas between bounds, in memory that does not grow."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curveboard import wire
from curveboard.counts import CountTable
from curveboard.measure import measure
from curveboard.outcomes import UndefinedCurveWarning
from curveboard.record import Curve, Record
from curveboard.streaming import MAX_ROWS, MIN_ROWS, StreamingScores
from families import FAMILIES, binormal
from nearness import assert_near

Arrays = tuple[npt.NDArray[Any], npt.NDArray[Any]]


def outcomes(task: str, n: int, seed: int = 0, *, logits: bool = False, n_classes: int = 5) -> Arrays:
    """Labels and float32 scores of a fair model."""
    rng = np.random.default_rng(seed)
    if task == "binary":
        y, score = binormal(rng, n, 0.3, 1.0)
        return y, np.log(score / (1 - score)) if logits else score
    z = rng.normal(size=(n, n_classes)).astype(np.float32)
    if task == "multilabel":
        labels = rng.random((n, n_classes)) < 0.2
        z += 2 * labels
        return labels, z if logits else 1 / (1 + np.exp(-z))
    indices = rng.integers(0, n_classes, n)
    z[np.arange(n), indices] += 2
    shares = np.exp(z)
    return indices, z if logits else shares / shares.sum(axis=1, keepdims=True)


def assert_between(record: Record, exact: Record) -> None:
    """Everything is that of the exact record, but areas are between their bounds, and points are others."""
    np.testing.assert_allclose(record.confusion, exact.confusion, rtol=1e-12)
    assert record.confusion.dtype == exact.confusion.dtype
    for name in ("task", "class_names", "n_examples", "threshold", "tolerance", "from_logits", "split", "head"):
        assert getattr(record, name) == getattr(exact, name)
    averages = ["micro", "macro"] if record.micro else []
    for name in [*(curve.name for curve in record.curves), *averages]:
        curve, truth = record[name], exact[name]
        for area in ("roc_auc", "average_precision"):
            low, high = getattr(curve, f"{area}_bounds") or (getattr(curve, area) - 1e-12, getattr(curve, area) + 1e-12)
            assert low <= getattr(truth, area) <= high
            assert low <= getattr(curve, area) <= high
            assert high - low < 1e-3
        if isinstance(curve, Curve) and isinstance(truth, Curve):
            assert (curve.positives, curve.negatives) == pytest.approx((truth.positives, truth.negatives))
            assert curve.roc_auc_se == pytest.approx(truth.roc_auc_se, rel=0.01, nan_ok=True)
    assert_as_reliable(record, exact)


def assert_as_reliable(record: Record, exact: Record) -> None:
    """Calibration and top-k counts are those of the exact record; the confidence curve's areas are between bounds."""
    assert [k for k, _ in record.top_k] == [k for k, _ in exact.top_k]
    np.testing.assert_allclose(np.array(record.top_k), np.array(exact.top_k))
    pairs = list(zip(record.calibrations, exact.calibrations, strict=True))
    if exact.confidence:
        curve, truth = record.confidence, exact.confidence
        assert curve
        assert (curve.positives, curve.negatives) == pytest.approx((truth.positives, truth.negatives))
        assert curve.aurc == pytest.approx(truth.aurc, abs=5e-4)
        for area in ("roc_auc", "average_precision"):
            low, high = getattr(curve, f"{area}_bounds")
            assert low <= getattr(truth, area) <= high < low + 1e-3
        assert (curve.calibration is None) == (truth.calibration is None)
        if curve.calibration and truth.calibration:
            pairs.append((curve.calibration, truth.calibration))
    for found, expected in pairs:
        assert found.name == expected.name
        np.testing.assert_allclose(found.examples, expected.examples)
        np.testing.assert_allclose(found.positives, expected.positives)
        np.testing.assert_allclose(found.score_sum, expected.score_sum, rtol=1e-6)
        assert found.brier == pytest.approx(expected.brier, rel=1e-6)


# The record of a stream


@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_the_record_is_that_of_all_examples_but_for_bounded_areas(task: Any, weighted: bool, logits: bool) -> None:
    labels, values = outcomes(task, 50_000, logits=logits)
    weight = np.random.default_rng(1).choice([0.0, 0.3, 2.5], len(labels)) if weighted else None
    scores = StreamingScores(task=task, threshold=0.4, from_logits=logits)
    for start in range(0, len(labels), 7777):
        part = slice(start, start + 7777)
        scores.add(values[part], labels[part], None if weight is None else weight[part])
    exact = measure(labels, values, task=task, threshold=0.4, from_logits=logits, sample_weight=weight)
    record = scores.record()
    assert not record.exact
    assert_between(record, exact)


def test_many_classes_have_top_k_counts_whatever_was_merged() -> None:
    labels, values = outcomes("multiclass", 20_000, n_classes=12)
    parts = []
    for rows in np.array_split(np.argsort(labels), 3):
        parts.append(StreamingScores(task="multiclass"))
        parts[-1].add(values[rows], labels[rows])
    for part in parts[1:]:
        parts[0].merge(part)
    record = parts[0].record()
    assert [k for k, _ in record.top_k] == [1, 3, 5, 10]
    assert_as_reliable(record, measure(labels, values))
    assert wire.decode(wire.encode(record)).top_k == record.top_k


def test_scores_that_are_no_probabilities_are_not_calibrated() -> None:
    labels, values = outcomes("multilabel", 3000)
    for shift in (-1.0, 1.0):
        scores = StreamingScores(task="multilabel")
        for part in (slice(0, 1000), slice(1000, 2000), slice(2000, 3000)):
            scores.add(values[part] + (shift if part.start == 1000 else 0), labels[part])
        assert scores.record().calibrations == ()


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
def test_labels_come_in_the_sign_bits_too(task: Any) -> None:
    labels, values = outcomes(task, 30_000)
    true = np.eye(5, dtype=bool)[labels] if task == "multiclass" else labels
    values[:10] = 0.0  # -0.0 is a positive that scored 0
    signed = np.where(true, -values, values).astype(np.float32)
    scores, same = StreamingScores(task=task), StreamingScores(task=task)
    scores.add(signed.reshape(len(signed), -1))
    same.add(values, labels)
    assert wire.encode(scores.record()) == wire.encode(same.record())
    assert_between(scores.record(), measure(labels, values, task=task))


def test_it_begins_with_many_scores_at_once_and_goes_on_in_any_portions() -> None:
    labels, values = outcomes("multilabel", 3 * MIN_ROWS, n_classes=300)
    scores = StreamingScores(task="multilabel", n_bins=256)
    scores.add(values[:-1000], labels[:-1000])
    for start in range(len(labels) - 1000, len(labels), 250):
        scores.add(values[start : start + 250], labels[start : start + 250])
    record = scores.record()
    truth = CountTable.from_scores(labels[:, 7], values[:, 7])
    assert record.n_examples == len(labels)
    assert (record.curves[7].positives, record.curves[7].negatives) == (truth.positives, truth.negatives)
    assert record.confusion[7].ravel().tolist() == list(truth.confusion_at(0.5))
    assert record.micro
    assert record.micro.positives == labels.sum()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_stored_thresholds_reproduce_their_counts_whatever_was_merged(data: st.DataObject) -> None:
    labels, values = outcomes("multilabel", 600, data.draw(st.integers(0, 99)), n_classes=2)
    values = values.round(data.draw(st.integers(1, 7)))
    order = data.draw(st.sampled_from([np.arange(600), np.argsort(values[:, 0]), np.argsort(labels[:, 1])]))
    labels, values = labels[order], values[order]
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, 600), max_size=4))), 600]
    streams = []
    for start, stop in pairwise(cuts):
        streams.append(StreamingScores(task="multilabel", n_bins=64))
        if start < stop:
            streams[-1].add(values[start:stop], labels[start:stop])
    first, *others = streams
    for other in others:
        first.merge(pickle.loads(pickle.dumps(other)))
    record = first.record()
    assert (record.n_examples, record.class_names) == (600, ("0", "1"))
    for column, curve in enumerate(record.curves):
        truth = CountTable.from_scores(labels[:, column], values[:, column])
        for threshold, tp, fp in zip(curve.thresholds.tolist(), curve.tp, curve.fp, strict=True):
            assert (fp, tp) == truth.confusion_at(threshold)[1::2]
        assert record.confusion[column].ravel().tolist() == list(truth.confusion_at(0.5))
        assert (curve.tp[-1], curve.fp[-1]) == (truth.positives, truth.negatives)


@pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")  # halfway there is one label only
@pytest.mark.parametrize("order", ["as drawn", "increasing", "negatives first"])
@pytest.mark.parametrize("family", ["moderate", "trained", "collapsed", "softmax", "ties"])
def test_all_scores_are_near_the_stored_curve(family: str, order: str) -> None:
    y, score = FAMILIES[family](np.random.default_rng(0), 40_000)
    rows = {"as drawn": np.arange(len(y)), "increasing": np.argsort(score), "negatives first": np.argsort(y)}[order]
    scores = StreamingScores(task="binary")
    for part in np.array_split(rows, 5):
        scores.add(score[part], y[part])
        scores.record()  # what waits is counted: the edges are chosen in five portions
    curve, truth = scores.record(tolerance=1 / 256).curves[0], CountTable.from_scores(y, score)
    kept = np.searchsorted(-truth.thresholds, -curve.thresholds, side="right") - 1
    assert len(curve.thresholds) < 200
    assert_near(truth, kept, 1.25 / 256)  # vertices are within a bin, a few thousandths wide, of one between bins


def test_it_survives_the_way_to_bytes_and_back() -> None:
    labels, values = outcomes("multiclass", 20_000)
    scores = StreamingScores(task="multiclass", class_names=[*"abcde"])
    scores.add(values, labels)
    record = scores.record(split="train", head="colour")
    decoded = wire.decode(wire.encode(record))
    assert not decoded.exact
    for name in [*"abcde", "micro", "macro"]:
        assert decoded[name].roc_auc_bounds == record[name].roc_auc_bounds
        assert decoded[name].average_precision_bounds == record[name].average_precision_bounds
    assert decoded.confidence
    assert record.confidence
    assert decoded.confidence.roc_auc_bounds == record.confidence.roc_auc_bounds
    assert decoded.confidence.average_precision_bounds == record.confidence.average_precision_bounds


def test_it_is_measured_as_often_as_asked_for_and_goes_on() -> None:
    labels, values = outcomes("binary", 2000)
    scores = StreamingScores(task="binary")
    scores.add(values[:1000], labels[:1000])
    assert scores.record().n_examples == 1000
    scores.add(values[1000:], labels[1000:])
    assert_between(scores.record(), measure(labels, values))


def test_memory_does_not_grow() -> None:
    scores, rng = StreamingScores(task="multilabel", n_bins=128), np.random.default_rng(0)
    held = []
    for _ in range(6):
        scores.add(rng.random((MAX_ROWS, 3), np.float32), rng.random((MAX_ROWS, 3)) < 0.5)
        scores.record()
        held.append(scores.nbytes)
    assert max(held) <= 4 * 128 * 36 + 3 * 2 * 8
    assert held[-1] < 1.2 * held[0]


def test_names_are_looked_up_in_every_portion() -> None:
    scores = StreamingScores(task="binary", class_names=["ham", "spam"])
    for _ in range(2):
        scores.add([0.1, 0.9], ["ham", "spam"])
    assert scores.record().roc_auc == 1.0
    assert scores.record().exact
    assert scores.record().curves[0].positives == 2


def test_a_class_without_positives_is_named() -> None:
    scores = StreamingScores(task="multilabel", class_names=["a", "b"])
    scores.add(np.array([[0.1, 0.2], [0.3, 0.4]], np.float32), [[0, 0], [1, 0]])
    with pytest.warns(UndefinedCurveWarning, match="classes without a positive: b"):
        record = scores.record()
    assert np.isnan(record["b"].roc_auc)
    assert record.roc_auc == record["a"].roc_auc


def test_macro_bounds_are_the_means_of_the_classes() -> None:
    labels, values = outcomes("multilabel", 20_000, n_classes=3)
    values[:, 2] = values[:, 2].round(1)  # exact
    scores = StreamingScores(task="multilabel")
    scores.add(values, labels)
    record = scores.record()
    assert record.curves[2].roc_auc_bounds is None
    each = [curve.roc_auc_bounds or (curve.roc_auc,) * 2 for curve in record.curves]
    assert record["macro"].roc_auc_bounds == pytest.approx(np.mean(each, axis=0))


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "auto"}, "expected task to be 'binary', 'multiclass', 'multilabel'; received 'auto'"),
        ({"task": "binary", "n_bins": 10}, "expected n_bins of at least 64; received 10"),
        ({"task": "binary", "threshold": np.nan}, "expected a finite threshold; received nan"),
        ({"task": "binary", "class_names": ["a", "a"]}, "expected unique class_names; received 'a' more than once"),
    ],
)
def test_options_are_checked_at_once(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        StreamingScores(**options)


SIGNED = np.array([[0.1], [-0.9]], np.float32)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (np.array([[0.1], [np.nan]], np.float32),),
            "expected finite scores; received 1 that are not, the first nan at 1",
        ),
        ((np.full((MAX_ROWS + 1, 1), np.inf, np.float32),), f"received {MAX_ROWS + 1} that are not"),
        ((SIGNED.astype(float),), r"expected signed scores, float32 of shape \(n, 1\); received float64 of shape"),
        ((np.array([[0.1, -0.9]], np.float32),), r"received float32 of shape \(1, 2\)"),
        ((0.5,), "received float64 of shape"),
        (([0.1, 0.9], [0, 2]), "expected hard labels 0 or 1"),
        (([0.1, 0.9], [0, 1, 1]), "expected one label per score; received 3 labels and 2 scores"),
        ((np.zeros(MAX_ROWS + 1), np.zeros(MAX_ROWS + 2)), "expected one label per score"),
        (([0.1, 0.9], [0, 1], [1, -1]), "expected sample_weight finite and not negative; received 1"),
        (
            ([0.1, 0.9], [0, 1], [1, 1]),
            r"expected batches of \(columns, dtype, weighted\) \(1, dtype\('float32'\), False",
        ),
        ((np.array([0.1, 0.9], np.float32), [0, 1], [1, 1]), r"received \(1, dtype\('float32'\), True\)"),
        (([0.1, 0.9], [0, 1]), r"received \(1, dtype\('float64'\), False\)"),
    ],
)
def test_a_portion_that_is_wrong_is_not_counted(arguments: Any, message: str) -> None:
    scores = StreamingScores(task="binary")
    scores.add(SIGNED)
    with pytest.raises(ValueError, match=message):
        scores.add(*arguments)
    assert scores.record().n_examples == 2


def test_logits_need_labels_beside_them() -> None:
    with pytest.raises(ValueError, match="expected labels beside logits, whose signs are their own; received none"):
        StreamingScores(task="binary", from_logits=True).add(SIGNED)


def test_there_is_no_record_of_nothing() -> None:
    scores = StreamingScores(task="binary")
    with pytest.raises(ValueError, match="expected examples of a sample_weight above 0; received 0 of weight 0"):
        scores.record()
    scores.add([0.1, 0.2], [0, 1], [0.0, 0.0])
    with pytest.raises(ValueError, match="received 2 of weight 0"):
        scores.record()


def test_streams_of_other_heads_are_not_merged() -> None:
    one, other = StreamingScores(task="binary"), StreamingScores(task="binary", threshold=0.25)
    other.add(SIGNED)
    with pytest.raises(ValueError, match="expected scores of the same head and options"):
        one.merge(other)
    weighted = StreamingScores(task="binary")
    weighted.add(SIGNED, sample_weight=[1, 2])
    one.add(SIGNED)
    with pytest.raises(ValueError, match=r"expected scores of \(columns, dtype, weighted\)"):
        one.merge(weighted)
    one.merge(StreamingScores(task="binary"))
    assert one.record().n_examples == 2
