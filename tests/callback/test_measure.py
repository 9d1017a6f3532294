from __future__ import annotations

import tracemalloc
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp, softmax  # type: ignore[import-untyped]
from sklearn import metrics

from curveboard.counts import CountTable
from curveboard.logits import log_odds
from curveboard.measure import measure, measure_signed
from curveboard.outcomes import UndefinedCurveWarning
from curveboard.record import Curve, Record
from families import FAMILIES
from nearness import assert_near

Floats = npt.NDArray[np.floating]
RNG_SEEDS = st.integers(0, 2**32 - 1)


def multiclass(
    rng: np.random.Generator, n: int, n_classes: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    y_true = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, n - n_classes)])  # of each class, one
    logits = rng.normal(size=(n, n_classes))
    logits[np.arange(n), y_true] += 1.0
    return y_true, softmax(logits, axis=1).astype(np.float32)


def multilabel(
    rng: np.random.Generator, n: int, n_classes: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    score = rng.random((n, n_classes)).astype(np.float32)
    y_true = rng.random((n, n_classes)) < score**2
    y_true[:2] = [[True], [False]]
    return y_true, score


def assert_areas(record: Record, y_true: npt.NDArray[Any], y_score: Floats, weight: Floats | None = None) -> None:
    """Compares every area with scikit-learn's, given labels and scores by column."""
    for average in ("micro", "macro"):
        area = record[average]
        roc_auc = metrics.roc_auc_score(y_true, y_score, average=average, sample_weight=weight)
        precision = metrics.average_precision_score(y_true, y_score, average=average, sample_weight=weight)
        assert abs(area.roc_auc - roc_auc) < 1e-12
        assert abs(area.average_precision - precision) < 1e-12
    assert record.macro is not None
    assert (record.roc_auc, record.average_precision) == (record.macro.roc_auc, record.macro.average_precision)
    for curve, labels, scores in zip(record.curves, y_true.T, y_score.T, strict=True):
        assert abs(curve.roc_auc - metrics.roc_auc_score(labels, scores, sample_weight=weight)) < 1e-12
        expected = metrics.average_precision_score(labels, scores, sample_weight=weight)
        assert abs(curve.average_precision - expected) < 1e-12


def assert_points(curve: Curve, y_true: npt.NDArray[np.bool_], y_score: Floats) -> None:
    """Applies every stored threshold to the scores, and compares the counts."""
    predicted = y_score[:, np.newaxis] >= curve.thresholds
    np.testing.assert_array_equal(curve.tp, predicted[y_true].sum(axis=0))
    np.testing.assert_array_equal(curve.fp, predicted[~y_true].sum(axis=0))
    assert (curve.tp[-1], curve.fp[-1]) == (curve.positives, curve.negatives)
    assert curve.thresholds.dtype == y_score.dtype


def assert_same(one: Record, other: Record) -> None:
    assert (one.task, one.class_names, one.n_examples, one.threshold) == (
        other.task,
        other.class_names,
        other.n_examples,
        other.threshold,
    )
    np.testing.assert_array_equal(one.confusion, other.confusion)
    pairs = list(zip(one.curves, other.curves, strict=True))
    if one.micro is not None and other.micro is not None:
        pairs.append((one.micro, other.micro))
    for mine, theirs in pairs:
        for name in ("thresholds", "tp", "fp"):
            np.testing.assert_array_equal(getattr(mine, name), getattr(theirs, name))
        for name in ("roc_auc", "average_precision", "roc_auc_se"):
            np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), rtol=0, atol=1e-14)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary(family: str, dtype: Any) -> None:
    y_true, y_score = FAMILIES[family](np.random.default_rng(0), 5000)
    y_score = y_score.astype(dtype)
    record = measure(y_true, y_score, class_names=["no", "yes"], split="train", head="risk")
    assert (record.task, record.n_examples, record.split, record.head) == ("binary", 5000, "train", "risk")
    assert record.micro is None
    assert record.macro is None
    assert [curve.name for curve in record.curves] == ["yes"]
    assert abs(record.roc_auc - metrics.roc_auc_score(y_true, y_score)) < 1e-12
    assert abs(record.average_precision - metrics.average_precision_score(y_true, y_score)) < 1e-12
    np.testing.assert_array_equal(record.confusion, metrics.confusion_matrix(y_true, y_score >= 0.5))
    assert record.confusion.dtype == np.int64
    assert_points(record.curves[0], y_true, y_score)


@settings(deadline=None, max_examples=40)
@given(RNG_SEEDS, st.integers(12, 60), st.integers(3, 12), st.sampled_from([np.float32, np.float64]))
def test_multiclass(seed: int, n: int, n_classes: int, dtype: Any) -> None:
    y_true, y_score = multiclass(np.random.default_rng(seed), n, n_classes)
    y_score = np.round(y_score, seed % 4 + 1).astype(dtype)  # makes ties, of scores and of the highest
    record = measure(y_true, y_score)
    one_hot = np.eye(n_classes, dtype=bool)[y_true]
    assert_areas(record, one_hot, y_score)
    np.testing.assert_array_equal(record.confusion, metrics.confusion_matrix(y_true, y_score.argmax(axis=1)))
    for curve, labels, scores in zip(record.curves, one_hot.T, y_score.T, strict=True):
        assert_points(curve, labels, scores)
    assert record.micro is not None
    assert_points(record.micro, one_hot.ravel(), y_score.ravel())


@settings(deadline=None, max_examples=40)
@given(RNG_SEEDS, st.integers(3, 60), st.integers(2, 7), st.sampled_from([0.5, 0.1, 0.9, 0.25]))
def test_multilabel(seed: int, n: int, n_classes: int, threshold: float) -> None:
    y_true, y_score = multilabel(np.random.default_rng(seed), n, n_classes)
    y_score = np.round(y_score, 1 + seed % 2)
    record = measure(y_true, y_score, task="multilabel", threshold=threshold)
    assert_areas(record, y_true, y_score)
    np.testing.assert_array_equal(
        record.confusion, metrics.multilabel_confusion_matrix(y_true, y_score >= threshold, labels=range(n_classes))
    )


@settings(deadline=None, max_examples=40)
@given(RNG_SEEDS, st.sampled_from(["multiclass", "multilabel"]))
def test_weighted(seed: int, task: Any) -> None:
    rng = np.random.default_rng(seed)
    labels, y_score = multiclass(rng, 40, 4) if task == "multiclass" else multilabel(rng, 40, 4)
    weight = np.where(np.arange(40) < 4, 1.0, rng.choice([0.0, 0.3, 1.0, 17.0], 40))
    record = measure(labels, y_score, task=task, sample_weight=weight)
    by_column = np.eye(4, dtype=bool)[labels] if task == "multiclass" else labels
    assert_areas(record, by_column, y_score, weight)
    if task == "multiclass":
        expected = metrics.confusion_matrix(labels, y_score.argmax(axis=1), sample_weight=weight)
    else:
        expected = metrics.multilabel_confusion_matrix(labels, y_score >= 0.5, sample_weight=weight)
    np.testing.assert_allclose(record.confusion, expected, rtol=1e-12, atol=1e-12)
    assert record.confusion.dtype == np.float64
    assert np.isnan(record.curves[0].roc_auc_se)


@settings(deadline=None, max_examples=40)
@given(RNG_SEEDS, st.sampled_from(["binary", "multilabel"]))
def test_rounded_sums_of_weights_never_decrease(seed: int, task: Any) -> None:
    rng = np.random.default_rng(seed)
    y_true, y_score = multilabel(rng, 60, 1 if task == "binary" else 4)
    record = measure(y_true, y_score, task=task, sample_weight=10 * rng.random(60))
    for curve in [*record.curves, *([record.micro] if record.micro else [])]:
        assert (np.diff(curve.thresholds) < 0).all()
        assert (np.diff(curve.tp, prepend=0) >= 0).all()
        assert (np.diff(curve.fp, prepend=0) >= 0).all()
        assert (curve.tp[-1], curve.fp[-1]) == (curve.positives, curve.negatives)


@settings(deadline=None, max_examples=40)
@given(RNG_SEEDS, st.sampled_from(["binary", "multiclass", "multilabel"]), st.booleans())
def test_signed_scores_give_the_same_record(seed: int, task: Any, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    labels: npt.NDArray[Any]
    labels, y_score = multilabel(rng, 50, 1 if task == "binary" else 5)
    if task == "multiclass":
        labels, y_score = multiclass(rng, 50, 5)
    y_score[rng.random(y_score.shape) < 0.2] = rng.choice([0.0, 1.0])
    by_column = np.eye(5, dtype=bool)[labels] if task == "multiclass" else labels
    weight = rng.choice([0.5, 1.0, 2.0], 50) if weighted else None
    signed = np.where(by_column, -y_score, y_score)
    assert_same(
        measure_signed(signed, task=task, sample_weight=weight),
        measure(labels, y_score, task=task, sample_weight=weight),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_minus_zero_is_zero_whatever_the_label(dtype: Any) -> None:
    record = measure([0, 1, 0, 1], np.array([-0.0, -0.0, 0.0, 1.0], dtype), threshold=0.0)
    # The three zeros are tied: of 4 pairs, 2 are won by the score 1 and 2 are drawn.
    assert record.roc_auc == 0.75
    assert record.confusion.tolist() == [[0, 2], [0, 2]]
    assert not np.signbit(record.curves[0].thresholds).any()


def test_logits_are_ranked_as_they_are() -> None:
    logits = np.array([-3.0, 18.0, 19.0, 20.0, 0.0], np.float32)  # a float32 sigmoid rounds three of them to 1
    record = measure([0, 0, 1, 1, 1], logits, from_logits=True, threshold=0.5)
    # Of 6 pairs, (18, 0) alone is out of order.
    assert record.roc_auc == pytest.approx(5 / 6)
    assert record.threshold == 0.0
    assert record.from_logits
    assert record.confusion.tolist() == [[1, 1], [0, 3]]
    assert set(record.curves[0].thresholds.tolist()) <= set(logits.tolist())


@settings(deadline=None, max_examples=40)
@given(RNG_SEEDS, st.integers(2, 6), st.sampled_from([1.0, 30.0]))
def test_multiclass_logits_are_ranked_by_log_odds(seed: int, n_classes: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    y_true, _ = multiclass(rng, 40, n_classes)
    logits = scale * rng.normal(size=(40, n_classes))
    odds = np.column_stack([logits[:, c] - logsumexp(np.delete(logits, c, axis=1), axis=1) for c in range(n_classes)])
    np.testing.assert_allclose(log_odds(logits), odds, rtol=1e-10, atol=1e-10)
    record = measure(y_true, logits, task="multiclass", from_logits=True)
    assert_areas(record, np.eye(n_classes, dtype=bool)[y_true], log_odds(logits))
    np.testing.assert_array_equal(record.confusion, metrics.confusion_matrix(y_true, logits.argmax(axis=1)))
    assert log_odds(logits.astype(np.float32)).dtype == np.float32


def test_classes_without_positives_or_negatives_are_named_and_left_out() -> None:
    y_true = np.array([[0, 1, 0, 1], [0, 1, 1, 0], [0, 1, 1, 1]])
    y_score = np.array([[0.1, 0.2, 0.3, 0.4], [0.9, 0.8, 0.7, 0.6], [0.5, 0.3, 0.2, 0.1]])
    expected = r"average precision for classes without a positive: cat; ROC-AUC for classes without a negative: dog$"
    with pytest.warns(UndefinedCurveWarning, match=expected) as caught:
        record = measure(y_true, y_score, class_names=["cat", "dog", "owl", "fox"])
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert record.undefined == ("cat", "dog")
    # owl: of 2 pairs (.7, .3), (.2, .3) one is in order; fox: of (.4, .6), (.1, .6) none.
    assert record.roc_auc == 0.25
    assert np.isnan(record.curves[0].average_precision)
    assert record.curves[1].average_precision == 1.0
    assert record.average_precision == pytest.approx(np.mean([c.average_precision for c in record.curves[1:]]))


def test_nothing_defined_leaves_a_record_of_nan() -> None:
    with pytest.warns(UndefinedCurveWarning):
        record = measure(np.zeros((3, 3), int), np.eye(3), task="multilabel")
    assert np.isnan([record.roc_auc, record.average_precision]).all()
    assert record.macro is not None
    assert len(record.macro.fpr) == len(record.macro.recall) == 0
    assert record.micro is not None
    assert np.isnan(record.micro.roc_auc)


@pytest.mark.parametrize("n_classes", [3, 40])
def test_stored_macro_curves_are_near_the_mean_of_the_full_ones(n_classes: int) -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = multiclass(rng, 4000, n_classes)
    tolerance = 1 / 100
    macro = measure(y_true, y_score, tolerance=tolerance).macro
    assert macro is not None
    assert macro.fpr.dtype == macro.precision.dtype == np.float32
    assert (macro.fpr[0], macro.tpr[0], macro.fpr[-1], macro.tpr[-1]) == (0, 0, 1, 1)
    assert (macro.recall[0], macro.recall[-1]) == (0, 1)
    curves = [metrics.roc_curve(y_true == c, y_score[:, c], drop_intermediate=False)[:2] for c in range(n_classes)]
    for x in np.linspace(0, 1, 500):
        # Within the tolerance in both directions: the mean, moved left or right by it, brackets the stored line.
        left, right = (np.mean([np.interp(at, *curve) for curve in curves]) for at in (x - tolerance, x + tolerance))
        assert left - tolerance <= np.interp(x, macro.fpr, macro.tpr) <= right + tolerance
    steps = [step_function(y_true == c, y_score[:, c]) for c in range(n_classes)]
    for x in np.linspace(tolerance, 1, 1000):
        precision = np.mean([precisions[np.searchsorted(recalls, x)] for recalls, precisions in steps])
        nearby = np.interp(np.linspace(x - tolerance, x + tolerance, 41), macro.recall, macro.precision)
        assert nearby.min() - tolerance <= precision <= nearby.max() + tolerance
    assert len(macro.fpr) < 100
    assert len(macro.recall) < 400


def step_function(labels: npt.NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """Recall, increasing, and the highest precision at each: scikit-learn lists a recall once per threshold."""
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    recalls = np.unique(recall)
    return recalls, np.array([precision[recall == each].max() for each in recalls])


@pytest.mark.parametrize("rare", [True, False])
def test_stored_points_stand_for_all_vertices(rare: bool) -> None:
    rng = np.random.default_rng(0)
    columns = [FAMILIES[family](rng, 20_000) for family in FAMILIES if family != "constant"]
    y_true, y_score = np.column_stack([y for y, _ in columns]), np.column_stack([score for _, score in columns])
    if rare:  # few enough positives to be counted, not sorted
        y_true &= rng.random(y_true.shape) < 0.2
    record = measure(y_true, y_score, task="multilabel")
    assert record.micro is not None
    labels, scores = [*y_true.T, y_true.ravel()], [*y_score.T, y_score.ravel()]
    for curve, y, score in zip([*record.curves, record.micro], labels, scores, strict=True):
        full = CountTable.from_scores(y, score)
        assert_points(curve, y, score)
        assert_near(full, np.searchsorted(full.tp + full.fp, curve.tp + curve.fp), record.tolerance)


def test_memory_is_a_few_copies_of_the_scores() -> None:
    y_true, y_score = multilabel(np.random.default_rng(0), 200_000, 25)
    signed = np.where(y_true, -y_score, y_score)
    tracemalloc.start()
    measure_signed(signed, task="multilabel")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * signed.nbytes


@pytest.mark.parametrize(
    ("signed", "options", "message"),
    [
        (
            np.zeros((2, 1)),
            {"task": "binary"},
            r"float32 of shape \(n, n_columns\); received float64 of shape \(2, 1\)$",
        ),
        (np.zeros((2, 2), np.float32), {"task": "binary"}, r"one column for a binary head; received shape \(2, 2\)$"),
        (np.full((2, 1), np.nan, np.float32), {"task": "binary"}, r"finite scores; received 2 .*at 0$"),
        (np.zeros((2, 3), np.float32), {"task": "multiclass"}, r"exactly one class in each row of y_true; received 2"),
        (-np.ones((2, 3), np.float32), {"task": "multiclass"}, r"exactly one class in each row .*the first 3 at 0$"),
        (np.ones((2, 1), np.float32), {"task": "binary", "tolerance": 0}, r"tolerance between 0 and 1; received 0$"),
        (np.ones((0, 3), np.float32), {"task": "multilabel"}, r"at least one example; received shape \(0, 3\)$"),
    ],
)
def test_signed_scores_are_checked(signed: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        measure_signed(signed, **options)


def test_a_good_record_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measure(*multiclass(np.random.default_rng(0), 100, 3))
        measure([0, 1], [0.5, 0.5], sample_weight=[1e-300, 1])
