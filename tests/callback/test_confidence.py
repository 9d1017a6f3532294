"""The confidence head and top-k counts, against scikit-learn and obvious loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax  # type: ignore[import-untyped]
from sklearn import metrics

from curveboard.measure import measure, measure_signed
from curveboard.record import ConfidenceCurve, Record

SEEDS = st.integers(0, 2**32 - 1)

pytestmark = pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")


def examples(seed: int, n_classes: int, ties: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, n_classes, 80)
    logits = rng.normal(size=(80, n_classes))
    logits[np.arange(80), y_true] += 1.5
    score = softmax(logits, axis=1).astype(np.float32)
    return y_true, np.round(score * 8) / np.float32(8) if ties else score


def confidence_of(record: Record) -> ConfidenceCurve:
    assert record.confidence is not None
    return record.confidence


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.booleans(), st.booleans())
def test_areas_are_those_of_right_and_wrong_decisions(seed: int, ties: bool, weighted: bool) -> None:
    y_true, score = examples(seed, 5, ties)
    weight = np.random.default_rng(seed).choice([0.5, 1.0, 2.0], 80) if weighted else None
    found = confidence_of(measure(y_true, score, sample_weight=weight, task="multiclass"))
    right, top = score.argmax(axis=1) == y_true, score.max(axis=1)
    assert found.roc_auc == pytest.approx(metrics.roc_auc_score(right, top, sample_weight=weight), abs=1e-12)
    expected = metrics.average_precision_score(right, top, sample_weight=weight)
    assert found.average_precision == pytest.approx(expected, abs=1e-12)
    weights = np.ones(80) if weight is None else weight
    risks = [np.average(~right[top >= each], weights=weights[top >= each]) for each in top]
    assert found.aurc == pytest.approx(np.average(risks, weights=weights), abs=1e-12)


def test_risk_and_coverage_worked_out_by_hand() -> None:
    # Confidences .9 (right), .8 (wrong), .7 (right), .6 (wrong).
    score = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    found = confidence_of(measure([0, 1, 1, 0], score, task="multiclass"))
    coverage, risk, thresholds = found.risk_coverage()
    assert thresholds == pytest.approx([0.9, 0.8, 0.7, 0.6], rel=2**-10)  # round ones, with the same counts
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert found.name == "confidence"


def test_logits_are_ranked_by_their_log_odds() -> None:
    # Softmax in float32 rounds both confidences of the first two to 1.
    logits = np.array([[40.0, 0, 0], [0, 30.0, 0], [0, 0, 1.0]], np.float32)
    found = confidence_of(measure([0, 0, 2], logits, from_logits=True))
    assert found.roc_auc == 0.5  # 40 is right and 30 wrong, but 1 is right
    assert len(found.thresholds) == 3


def test_scores_that_are_no_probabilities_are_ranked_all_the_same() -> None:
    found = confidence_of(measure([0, 1, 0], [[3.0, -1.0], [-2.0, 5.0], [1.0, 2.0]], task="multiclass"))
    assert found.calibration is None
    assert found.roc_auc == 1  # 3 and 5 are right, 2 is wrong


def test_only_exclusive_classes_have_confidence_and_top_k() -> None:
    rng = np.random.default_rng(0)
    y_score = rng.random((50, 12))
    for record in (measure(y_score[:, 0] > 0.5, y_score[:, 1]), measure(y_score > 0.5, y_score, task="multilabel")):
        assert record.confidence is None
        assert record.top_k == ()


@settings(deadline=None, max_examples=40)
@given(SEEDS, st.sampled_from([11, 12, 30]), st.booleans(), st.booleans())
def test_top_k_accuracy_is_scikit_learns(seed: int, n_classes: int, ties: bool, weighted: bool) -> None:
    y_true, score = examples(seed, n_classes, ties)
    weight = np.random.default_rng(seed).choice([0.5, 1.0, 2.0], 80) if weighted else None
    record = measure(y_true, score, sample_weight=weight, task="multiclass")
    signed: Any = np.where(np.eye(n_classes, dtype=bool)[y_true], -score, score)
    assert measure_signed(signed, task="multiclass", sample_weight=weight).top_k == record.top_k
    assert [k for k, _ in record.top_k] == [1, 3, 5, 10]
    for k, hits in record.top_k:
        expected = metrics.top_k_accuracy_score(y_true, score, k=k, sample_weight=weight, labels=range(n_classes))
        assert record.top_k_accuracy(k) == pytest.approx(expected, abs=1e-12)
        assert isinstance(hits, float if weighted else int)


def test_top_k_is_counted_in_blocks() -> None:
    rng = np.random.default_rng(3)
    y_true, score = rng.integers(0, 600, 1000), rng.random((1000, 600))
    record = measure(y_true, score)
    for k in (1, 3, 5, 10):
        expected = metrics.top_k_accuracy_score(y_true, score, k=k, labels=range(600))
        assert record.top_k_accuracy(k) == pytest.approx(expected, abs=1e-12)


def test_a_k_that_was_not_counted_is_an_error_that_names_those_that_were() -> None:
    y_true, score = examples(0, 11, False)
    with pytest.raises(ValueError, match="counted, 1, 3, 5, 10; received 2"):
        measure(y_true, score).top_k_accuracy(2)
    with pytest.raises(ValueError, match=r"none \(a multiclass head of more than ten .*received 1"):
        measure([0, 1], [0.1, 0.2]).top_k_accuracy(1)
