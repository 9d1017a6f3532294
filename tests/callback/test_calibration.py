"""Calibration bins and errors, against scikit-learn and obvious sums."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax  # type: ignore[import-untyped]
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from curveboard.calibration import EDGES, Calibration, CalibrationSums, calibrate
from curveboard.measure import measure, measure_signed
from families import FAMILIES

Labels = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]
SEEDS = st.integers(0, 2**32 - 1)

pytestmark = pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")


def slow(y_true: Labels, probability: Floats, weight: Floats | None = None) -> Calibration:
    """One bin after the other, one number after the other."""
    weights = np.ones(len(y_true)) if weight is None else weight
    p = probability.astype(np.float64)
    inside = [(low < p) & (p <= high) for low, high in pairwise(EDGES)]
    inside[0] |= p == 0
    return Calibration(
        "slow",
        np.array([weights[here].sum() for here in inside]),
        np.array([weights[here & y_true].sum() for here in inside]),
        np.array([(weights * p)[here].sum() for here in inside]),
        float(np.average((p - y_true) ** 2, weights=weights)),
    )


def assert_same(found: Calibration, expected: Calibration, rtol: float = 1e-12) -> None:
    for name in ("examples", "positives", "score_sum", "brier", "ece", "mce"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol, atol=1e-12, err_msg=name)


def near_edges(rng: np.random.Generator, shape: tuple[int, int], dtype: Any) -> Floats:
    """Scores at the edges of bins, next to them, at 0, 1 and tiny, and anywhere."""
    score = rng.choice(np.append(EDGES, [1e-300, 1e-20, 2.0**-41, 2.0**-39]), shape).astype(dtype)
    score = np.where(rng.random(shape) < 0.3, np.nextafter(score, dtype(2)), score)
    score = np.where(rng.random(shape) < 0.3, np.nextafter(score, dtype(0)), score)
    return np.asarray(np.clip(np.where(rng.random(shape) < 0.1, rng.random(shape).astype(dtype), score), 0, 1))


@settings(deadline=None, max_examples=60)
@given(SEEDS, st.sampled_from([np.float32, np.float64]), st.booleans(), st.integers(1, 40))
def test_bins_are_exact_at_their_edges(seed: int, dtype: Any, weighted: bool, n_classes: int) -> None:
    rng = np.random.default_rng(seed)
    score = near_edges(rng, (60, n_classes), dtype)
    y_true = rng.random(score.shape) < 0.4
    weight = rng.choice([0.0, 0.5, 1.5], 60) if weighted else None
    if weight is not None:
        weight[0] = 1
    names = [str(place) for place in range(n_classes)]
    for found, labels, scores in zip(calibrate(names, [(y_true, score, weight)]), y_true.T, score.T, strict=True):
        assert_same(found, slow(labels, scores, weight))
        assert found.examples.dtype == (np.float64 if weighted else np.int64)


@pytest.mark.parametrize("family", FAMILIES)
def test_reliability_diagram_is_that_of_scikit_learn(family: str) -> None:
    y_true, y_score = FAMILIES[family](np.random.default_rng(0), 5000)
    found = measure(y_true, y_score).calibration("1")
    frequency, mean_score = calibration_curve(y_true, y_score, n_bins=20)
    held = found.examples > 0
    np.testing.assert_allclose(found.frequency[held], frequency, rtol=1e-12)
    # scikit-learn sums float32 scores one by one in float64, too, but rounds their mean
    np.testing.assert_allclose(found.mean_score[held], mean_score, rtol=1e-6)
    assert np.isnan(found.mean_score[~held]).all()
    assert found.brier == pytest.approx(brier_score_loss(y_true, y_score.astype(np.float64)), rel=1e-12)
    gaps, shares = np.abs(frequency - mean_score), found.examples[held] / 5000
    assert found.ece == pytest.approx(np.sum(gaps * shares), abs=1e-7)
    assert found.mce == pytest.approx(gaps.max(), abs=1e-6)


def test_errors_worked_out_by_hand() -> None:
    # Bin (0.35, 0.4]: scores .4, .4 of a positive and a negative; bin (0.85, 0.9]: .9 of a positive; weights 1, 1, 2.
    record = measure([1, 0, 1], [0.4, 0.4, 0.9], sample_weight=[1, 1, 2])
    (found,) = record.calibrations
    assert (found.examples[7], found.examples[17], found.positives[7]) == (2, 2, 1)
    assert found.ece == pytest.approx((2 * 0.1 + 2 * 0.1) / 4)
    assert found.mce == pytest.approx(0.1)
    assert found.brier == pytest.approx((0.6**2 + 0.4**2 + 2 * 0.1**2) / 4)
    assert repr(found) == "Calibration('1', 4 examples, ece=0.1000, brier=0.1350)"


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.sampled_from(["binary", "multiclass", "multilabel"]), st.booleans())
def test_signed_scores_give_the_same_sums(seed: int, task: Any, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    n_columns = 1 if task == "binary" else int(rng.integers(2, 50))
    labels = rng.integers(0, n_columns, 80)
    y_true = rng.random((80, n_columns)) < 0.5 if task != "multiclass" else np.eye(n_columns, dtype=bool)[labels]
    score = near_edges(rng, y_true.shape, np.float32)
    weight = rng.random(80) if weighted else None
    one = measure_signed(np.where(y_true, -score, score), task=task, sample_weight=weight)
    other = measure(labels if task == "multiclass" else y_true, score, task=task, sample_weight=weight)
    assert len(one.calibrations) == len(other.calibrations) == n_columns
    for mine, theirs in zip(one.calibrations, other.calibrations, strict=True):
        assert mine.name == theirs.name
        assert_same(mine, theirs)


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_become_probabilities_in_float64(task: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    logits = (10 * rng.normal(size=(6000, 1 if task == "binary" else 5))).astype(dtype)
    logits[:2] = [[-800], [800]]
    labels = rng.integers(0, logits.shape[1], 6000)
    y_true = np.eye(5, dtype=bool)[labels] if task == "multiclass" else rng.random(logits.shape) < 0.5
    record = measure(labels if task == "multiclass" else y_true, logits, task=task, from_logits=True)
    wide = logits.astype(np.float64)
    expected = softmax(wide, axis=1) if task == "multiclass" else expit(wide)
    for found, true, probability in zip(record.calibrations, y_true.T, expected.T, strict=True):
        assert_same(found, slow(true, probability), rtol=1e-9)
    if task == "multiclass":
        assert record.confidence is not None
        assert record.confidence.calibration is not None
        top = slow(expected.argmax(axis=1) == labels, expected.max(axis=1))
        assert_same(record.confidence.calibration, top, rtol=1e-9)


@pytest.mark.parametrize("bad", [1.0000001, -1e-9, 7.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_that_are_no_probabilities_have_no_calibration_and_a_reason(bad: float, dtype: Any) -> None:
    record = measure([0, 1, 1], np.array([0.5, bad, 0.25], dtype))
    assert record.calibrations == ()
    assert record.why_undefined("ece") == "expected probabilities, scores within [0, 1] or logits"
    assert np.isnan([record.brier, record.ece]).all()
    with pytest.raises(KeyError, match="expected one of no calibrations; received '1'"):
        record.calibration("1")
    assert measure([0, 1], [0.5, 1.0]).why_undefined("brier") == ""


def test_no_bin_of_a_signed_head_survives_a_score_above_one() -> None:
    signed = np.full((100_000, 1), 0.5, np.float32)
    signed[::2] *= -1
    signed[70_000] = 1.5
    assert measure_signed(signed, task="binary").calibrations == ()


def test_scores_of_a_record_as_scikit_learn_has_them() -> None:
    rng = np.random.default_rng(1)
    y_true, y_score = rng.integers(0, 4, 300), softmax(rng.normal(size=(300, 4)), axis=1)
    record = measure(y_true, y_score)
    assert record.brier == pytest.approx(brier_score_loss(y_true, y_score), rel=1e-12)
    top = slow(y_score.argmax(axis=1) == y_true, y_score.max(axis=1))
    assert record.ece == pytest.approx(top.ece, rel=1e-12)  # "top-label"
    one_hot = np.eye(4, dtype=bool)[y_true]
    labels = measure(one_hot, y_score, task="multilabel")
    assert labels.brier == pytest.approx(np.mean([c.brier for c in record.calibrations]), rel=1e-12)
    assert labels.ece == pytest.approx(np.mean([c.ece for c in record.calibrations]), rel=1e-12)
    assert_same(record.calibration("micro"), slow(one_hot.ravel(), y_score.ravel()))
    assert record.calibration("2").name == "2"


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.integers(1, 70), st.booleans())
def test_sums_of_shards_merge_into_those_of_all(seed: int, n_classes: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    signed = (rng.random((300, n_classes)) * rng.choice([-1, 1], (300, n_classes))).astype(np.float32)
    weight = rng.random(300) if weighted else None
    cut = int(rng.integers(0, 301))
    whole, first, second = (CalibrationSums(n_classes) for _ in range(3))
    whole.add(signed, weight)
    first.add(signed[:cut], None if weight is None else weight[:cut])
    second.add(signed[cut:], None if weight is None else weight[cut:])
    first.merge(second)
    names = list(map(str, range(n_classes)))
    for mine, theirs in zip(first.result(names), whole.result(names), strict=True):
        assert_same(mine, theirs)


def test_many_examples_of_few_and_of_many_classes() -> None:
    rng = np.random.default_rng(2)
    for shape in ((100_000, 1), (70_001, 3), (50, 40_000)):
        score = rng.random(shape, np.float32)
        y_true = rng.random(shape) < 0.1
        found = calibrate(map(str, range(shape[1])), [(y_true, score, None)])
        for column in (0, shape[1] - 1):
            assert_same(found[column], slow(y_true[:, column], score[:, column]))
