"""TensorBoard's own PR summaries as curves: judged by scikit-learn on the scores they were counted from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics

from curveboard import wire
from curveboard.certified import Band
from handmade import record
from pr_summaries import summary
from provider import MemoryProvider
from tensorboard_curveboard.decoding import Decoder
from tensorboard_curveboard.legacy import CURVE, PrCurves, decode
from tensorboard_curveboard.records import EVERY, Selection
from tensorboard_curveboard.series import SeriesStore

LABELS = hnp.arrays(np.bool_, st.integers(1, 60))


@st.composite
def binned(draw: st.DrawFn) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32], int]:
    """Labels, scores that lie on the grid of thresholds, and how many thresholds there are."""
    n = draw(st.sampled_from([2, 3, 11, 127, 201]))
    y_true = draw(LABELS)
    buckets = draw(hnp.arrays(np.int64, len(y_true), elements=st.integers(0, n - 1)))
    return y_true, np.linspace(0, 1, n, dtype=np.float32)[buckets], n


@given(binned())
def test_areas_of_scores_on_the_grid_are_scikit_learns(
    case: tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32], int],
) -> None:
    y_true, y_score, n = case
    curve = decode(summary(y_true, y_score, n))
    assert (curve.positives, curve.negatives) == (y_true.sum(), (~y_true).sum())
    if y_true.any():
        assert curve.average_precision == pytest.approx(metrics.average_precision_score(y_true, y_score), abs=1e-12)
    else:
        assert np.isnan(curve.average_precision)
    if y_true.any() and not y_true.all():
        assert curve.roc_auc == pytest.approx(metrics.roc_auc_score(y_true, y_score), abs=1e-12)
    else:
        assert np.isnan(curve.roc_auc)


@given(binned())
def test_curves_keep_what_a_curve_promises(
    case: tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32], int],
) -> None:
    y_true, y_score, n = case
    curve = decode(summary(y_true, y_score, n))
    assert (np.diff(curve.thresholds) < 0).all()
    for threshold, tp, fp in zip(curve.thresholds, curve.tp, curve.fp, strict=True):
        assert (tp, fp) == ((y_score[y_true] >= threshold).sum(), (y_score[~y_true] >= threshold).sum())
    assert (curve.tp[-1], curve.fp[-1]) == (curve.positives, curve.negatives)
    assert curve.tp[0] + curve.fp[0] > 0
    assert (np.diff(curve.tp) + np.diff(curve.fp) > 0).all(), "each pair of counts once"


@given(
    LABELS.flatmap(lambda y: st.tuples(st.just(y), hnp.arrays(np.float32, len(y), elements=st.floats(0, 1, width=32))))
)
def test_bounds_hold_the_areas_of_the_scores_themselves(
    case: tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]],
) -> None:
    y_true, y_score = case
    curve = decode(summary(y_true, y_score, 5))
    if y_true.any() and not y_true.all():
        truth = metrics.roc_auc_score(y_true, y_score)
        low, high = curve.roc_auc_bounds or (curve.roc_auc,) * 2
        assert low - 1e-9 <= truth <= high + 1e-9
        assert low - 1e-9 <= curve.roc_auc <= high + 1e-9
    if y_true.any():
        truth = metrics.average_precision_score(y_true, y_score)
        low, high = curve.average_precision_bounds or (curve.average_precision,) * 2
        assert low - 1e-9 <= truth <= high + 1e-9
        assert low - 1e-9 <= curve.average_precision <= high + 1e-9


@given(st.lists(binned(), min_size=1, max_size=5))
def test_many_are_what_each_is_alone_and_what_certified_bounds_say(
    cases: list[tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32], int]],
) -> None:
    for one, areas in zip(cases, PrCurves().decode_areas([summary(*one) for one in cases]), strict=True):
        curve = decode(summary(*one))
        rows = np.array([[0, *curve.tp], [0, *curve.fp]], np.int64)
        expected = Band(rows, rows, np.zeros(len(curve.tp), bool)).areas()
        assert areas.roc_auc[0] == pytest.approx(expected.roc_auc, abs=1e-9, nan_ok=True)
        assert areas.roc_auc_se[0] == pytest.approx(expected.roc_auc_se, abs=1e-9, nan_ok=True)
        assert curve.roc_auc_bounds == (expected.roc_auc_bounds and pytest.approx(expected.roc_auc_bounds, abs=1e-9))
        bounds = expected.average_precision_bounds
        assert curve.average_precision_bounds == (bounds and pytest.approx(bounds, abs=1e-9))
        assert (areas.positives[0], areas.negatives[0]) == (curve.positives, curve.negatives)


def test_weights_are_sums() -> None:
    # above 0.5: 0.25 of 0.75 positive, nothing of 0.5 negative
    tensor = summary(np.array([True, True, False]), np.array([0.9, 0.1, 0.2]), 3, np.array([0.25, 0.5, 0.5]))
    curve = decode(tensor)
    assert (curve.tp.tolist(), curve.fp.tolist()) == ([0.25, 0.75], [0, 0.5])
    assert curve.tp.dtype == np.float64
    assert np.isnan(curve.roc_auc_se)


def test_a_writer_whose_above_is_strict_loses_no_example() -> None:
    # TensorFlow 1 compares score > threshold: of scores 0, 0.5, 1 (the last positive) two are above 0, one above 0.5.
    tensor = np.array([[1, 1, 0], [1, 0, 0], [1, 2, 2], [0, 0, 1], [0.5, 1, 0], [1, 1, 0]], np.float32)
    curve = decode(tensor)
    assert (curve.tp.tolist(), curve.fp.tolist()) == ([1, 1, 1], [0, 1, 2])
    scores = np.array([1, 0.5, 0], np.float32)
    assert [(scores >= threshold).sum() for threshold in curve.thresholds] == [1, 2, 3]
    assert curve.roc_auc == 1


def test_counts_beyond_float32_are_rounded_not_refused() -> None:
    rng = np.random.default_rng(0)
    tp, fp = np.cumsum(rng.integers(0, 2**24, (2, 50)), axis=1)[:, ::-1]
    tensor = np.stack([tp, fp, fp[0] - fp, tp[0] - tp, tp / (tp + fp), tp / tp[0]]).astype(np.float32)
    curve = decode(tensor)
    assert curve.positives == pytest.approx(tp[0], rel=1e-6)


GOOD = summary(np.array([True, False, True, False]), np.array([0.9, 0.1, 0.4, 0.6]), 5)


def changed(row: int, value: npt.ArrayLike) -> npt.NDArray[np.float32]:
    tensor = GOOD.copy()
    tensor[row] = value
    return tensor


@pytest.mark.parametrize(
    ("fake", "reason"),
    [
        (np.full((6, 5), -1.0), "counts from 0; received -1"),
        (np.full((6, 5), np.nan), "counts from 0"),
        (changed(0, [2, 1, 2, 1, 0]), "never grow with the threshold"),
        (changed(2, 7), r"fp \+ tn to be the same"),
        (changed(3, [1, 1, 1, 1, 1]), r"tp \+ fn to be the same"),
        (changed(4, 0.3), "precision to agree with the counts"),
        (changed(5, 0.3), "recall to agree with the counts"),
        # constant counts beside rates of the caller's own
        (np.concatenate([np.ones((4, 5)), np.linspace(0, 1, 10).reshape(2, 5)]), "precision to agree"),
        (np.zeros((6, 5)), "at least one example"),
        (np.ones((5, 5)), r"shape \(6, n\)"),
        (np.ones(6), r"shape \(6, n\)"),
        (np.array([[b"x"]] * 6, object), r"shape \(6, n\)"),
    ],
)
def test_counts_that_somebody_made_up_are_refused(fake: npt.NDArray[np.generic], reason: str) -> None:
    with pytest.raises(wire.WireError, match=reason):
        decode(fake)


@pytest.mark.parametrize(("n", "threshold"), [(5, 0.5), (4, 1 / 3), (127, 0.5), (200, 99 / 199)])
def test_confusion_counts_are_those_next_to_one_half(n: int, threshold: float) -> None:
    rng = np.random.default_rng(n)
    y_true = rng.random(100) < 0.3
    y_score = rng.integers(0, n, 100) / (n - 1)
    found = PrCurves().decode_confusion(summary(y_true, y_score, n))
    assert found.threshold in (pytest.approx(threshold), pytest.approx(1 - threshold))
    expected = metrics.confusion_matrix(y_true, y_score >= found.threshold - 1e-6)
    np.testing.assert_array_equal(found.counts, expected)
    assert found.n_examples == 100


def test_summaries_stand_beside_our_records() -> None:
    provider = MemoryProvider()
    provider.write("ours", 0, record())
    provider.write("both", 0, record())
    for step in range(3):
        provider.write_pr_curve("theirs", step, GOOD, tag="cat/pr")
        provider.write_pr_curve("both", step, GOOD, tag="pr")
        provider.write_pr_curve("both", step, GOOD, tag="output")
        provider.write_pr_curve("fake", step, np.full((6, 5), -1.0))
    store = SeriesStore(provider, fresh=0.0)
    series, _, problems, _ = store.index(None, "")
    assert [(one.run, one.head, one.source.name, one.thresholds, len(one.steps)) for one in series] == [
        ("both", "output", "curveboard", None, 1),
        ("both", "pr", "pr_curves", 5, 3),
        ("ours", "output", "curveboard", None, 1),
        ("theirs", "cat/pr", "pr_curves", 5, 3),
    ]
    told = {problem.run: problem.reason for problem in problems}
    assert told["fake"].startswith("3 of 3 records skipped: expected counts from 0")
    assert "received pr_curves too, which is not shown" in told["both"]
    content = store.find(None, "", ["theirs"], "cat/pr")["theirs"]
    (found,) = Decoder().curves([(content, EVERY)], CURVE)
    assert [(step, curve.roc_auc) for step, curve in found] == [(step, decode(GOOD).roc_auc) for step in range(3)]
    matrix = Decoder().confusion(content, Selection(last=1))
    assert matrix is not None
    assert matrix.confusion.counts.sum() == 4
