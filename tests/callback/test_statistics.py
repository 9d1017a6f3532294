"""Statistics of decisions and confidence intervals: scikit-learn, hand calculation and simulation judge them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from curveboard.counts import CountTable
from curveboard.curves import roc_auc, roc_auc_se
from curveboard.measure import measure
from curveboard.record import Record
from curveboard.statistics import auc_interval, wilson_interval

Labels = npt.NDArray[np.int64] | npt.NDArray[np.bool_]
SEEDS = st.integers(0, 2**32 - 1)

pytestmark = [
    pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning"),
    pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true"),
    pytest.mark.filterwarnings("ignore:A single label was found"),
    pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning"),  # in scikit-learn's averages
]


@st.composite
def decisions(draw: st.DrawFn, task: Any) -> tuple[Record, Labels, Labels, npt.NDArray[np.float64] | None]:
    """A record, its labels and decisions, and weights: classes may be absent, or never predicted."""
    rng = np.random.default_rng(draw(SEEDS))
    n, n_classes = draw(st.integers(1, 30)), {"binary": 2}.get(task, draw(st.integers(3, 5)))
    occurring = rng.choice(n_classes, rng.integers(1, n_classes + 1), replace=False)
    weight = rng.choice([0.1, 0.2, 0.3, 0.7], n) if draw(st.booleans()) else None
    y_true: Labels
    y_pred: Labels
    if task == "multilabel":
        y_score = rng.random((n, n_classes)) * rng.choice([0.5, 1, 1], n_classes)
        y_true = (rng.random((n, n_classes)) < 0.5) & np.isin(np.arange(n_classes), occurring)
        y_pred = y_score >= 0.5
    elif task == "binary":
        y_score, y_true = rng.random(n), rng.choice(occurring, n)
        y_pred = (y_score >= 0.5).astype(np.int64)
    else:
        y_score, y_true = rng.random((n, n_classes)) * rng.choice([0.1, 1, 1], n_classes), rng.choice(occurring, n)
        y_pred = y_score.argmax(axis=1)
    return measure(y_true, y_score, task=task, sample_weight=weight), y_true, y_pred, weight


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("rate", ["precision", "recall", "f1"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_rates_and_their_averages_are_scikit_learns(task: Any, rate: Any, data: st.DataObject) -> None:
    record, y_true, y_pred, weight = data.draw(decisions(task))
    score = getattr(metrics, f"{rate}_score")
    options: dict[str, Any] = {"sample_weight": weight, "zero_division": np.nan}
    options["labels"] = None if task == "multilabel" else range(len(record.class_names))
    np.testing.assert_allclose(record.by_class(rate), score(y_true, y_pred, average=None, **options), rtol=1e-9)
    averages = {
        average: score(y_true, y_pred, average=average, **options) for average in ("macro", "micro", "weighted")
    }
    occurs = ~np.isnan(record.by_class("recall"))
    if np.isnan(record.by_class(rate)[occurs]).all():  # nothing to weigh: scikit-learn takes the unweighted mean
        averages["weighted"] = np.nan
    for average, expected in averages.items():
        np.testing.assert_allclose(getattr(record, rate)(average), expected, rtol=1e-9)
    usual = {"binary": record.by_class(rate)[-1]}.get(task, getattr(record, rate)("macro"))
    np.testing.assert_equal(getattr(record, rate)(), usual)
    names = [name for name, value in zip(record.class_names, record.by_class(rate), strict=True) if np.isnan(value)]
    assert record.why_undefined(rate).endswith(f"there is none for {', '.join(names)}" if names else "")
    assert bool(record.why_undefined(rate)) == bool(names)


@pytest.mark.parametrize("task", ["binary", "multiclass", "multilabel"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_overlap_and_specificity_class_by_class(task: Any, data: st.DataObject) -> None:
    record, y_true, y_pred, weight = data.draw(decisions(task))
    weights = np.ones(len(y_true)) if weight is None else weight
    for place in range(len(record.class_names)):
        true, predicted = ((y[:, place] if task == "multilabel" else y == place) for y in (y_true, y_pred))
        union, others = weights[true | predicted].sum(), weights[~true].sum()
        iou = weights[true & predicted].sum() / union if union else np.nan
        specificity = weights[~true & ~predicted].sum() / others if others else np.nan
        np.testing.assert_allclose(record.by_class("jaccard")[place], iou, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(record.by_class("specificity")[place], specificity, rtol=1e-9, atol=1e-12)
    defined = record.by_class("jaccard")[~np.isnan(record.by_class("jaccard"))]
    assert record.mean_iou == pytest.approx(defined.mean() if len(defined) else np.nan, nan_ok=True)
    if task != "multilabel" and not np.isnan(record.by_class("jaccard")).any():
        expected = metrics.jaccard_score(y_true, y_pred, average="weighted", sample_weight=weight)
        assert record.jaccard("weighted") == pytest.approx(expected)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_whole_matrix_statistics_are_scikit_learns(task: Any, data: st.DataObject) -> None:
    record, y_true, y_pred, weight = data.draw(decisions(task))
    assert record.accuracy == pytest.approx(metrics.accuracy_score(y_true, y_pred, sample_weight=weight))
    balanced = metrics.balanced_accuracy_score(y_true, y_pred, sample_weight=weight)
    assert record.balanced_accuracy == pytest.approx(balanced)
    kappa = metrics.cohen_kappa_score(y_true, y_pred, sample_weight=weight)
    one_sided = len(np.unique(y_true)) == 1 or len(np.unique(y_pred)) == 1
    if not one_sided:
        assert record.cohen_kappa == pytest.approx(kappa, abs=1e-12)
    expected = metrics.matthews_corrcoef(y_true, y_pred, sample_weight=weight)
    assert record.matthews_corrcoef == pytest.approx(np.nan if one_sided else expected, abs=1e-12, nan_ok=True)


@settings(deadline=None, max_examples=40)
@given(decisions("multilabel"))
def test_labels_are_judged_one_by_one(drawn: Any) -> None:
    record, y_true, y_pred, weight = drawn
    assert record.accuracy == pytest.approx(1 - metrics.hamming_loss(y_true, y_pred, sample_weight=weight))
    each = [measure(true, pred * 1.0, sample_weight=weight) for true, pred in zip(y_true.T, y_pred.T, strict=True)]
    for name in ("cohen_kappa", "matthews_corrcoef"):
        values = np.array([getattr(one, name) for one in each])
        expected = np.mean(values[~np.isnan(values)]) if not np.isnan(values).all() else np.nan
        assert getattr(record, name) == pytest.approx(expected, nan_ok=True)
    both = [one.balanced_accuracy for one in each if one.curves[0].positives > 0 and one.curves[0].negatives > 0]
    assert record.balanced_accuracy == pytest.approx(np.mean(both) if both else np.nan, nan_ok=True)


def test_weights_that_do_not_add_up_exactly_leave_nothing_where_nothing_is() -> None:
    # All examples are of class 1, and 0.1 + 0.2 + 0.3 - 0.6 is not 0 in float64.
    record = measure([1, 1, 1], np.eye(3)[[1, 2, 1]], sample_weight=[0.1, 0.2, 0.3], task="multiclass")
    assert np.isnan(record.by_class("recall")).tolist() == [True, False, True]
    assert np.isnan(record.by_class("specificity")).tolist() == [False, True, False]
    assert np.isnan(record.matthews_corrcoef)


def test_what_cannot_be_averaged_or_has_no_interval_is_an_error() -> None:
    record = measure([0, 1, 2], np.eye(3), task="multiclass")
    with pytest.raises(ValueError, match=r"expected average to be 'auto', .*received 'binary'"):
        record.f1("binary")
    with pytest.raises(ValueError, match="received 'sample'"):
        record.f1("sample")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"expected one of precision, .*received 'roc'"):
        record.by_class("roc")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="received 'f1'"):
        record.interval("f1")
    with pytest.raises(ValueError, match="between 0 and 1; received 95"):
        record.interval("recall", 95)


def test_wilson_intervals_of_a_record() -> None:
    # Recall of class 1: 2 of 3. z = 1.96: (2/3 + z^2/6 +- z sqrt(2/27 + z^2/36)) / (1 + z^2/3) = 0.2077, 0.9385.
    record = measure([0, 1, 1, 1], [0.1, 0.9, 0.8, 0.2])
    low, high = record.interval("recall")
    assert (low[1], high[1]) == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert (low[0] > 0, high[0]) == (True, 1.0)  # 1 of 1
    low, high = record.interval("accuracy", 0.99)
    assert low[0] < record.accuracy < high[0]
    assert np.isnan(measure([0, 0], [0.9, 0.1]).interval("recall")[0]).tolist() == [False, True]
    assert np.isnan(measure([0, 1], [0.9, 0.1], sample_weight=[1, 2]).interval("accuracy")[1]).all()


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.9])
def test_wilson_intervals_hold_what_they_promise(rate: float) -> None:
    n = 200
    part = np.arange(n + 1)
    low, high = wilson_interval(part, np.full(n + 1, n))
    chance = np.exp(
        np.append(0, np.cumsum(np.log((n - part[:-1]) / (part[:-1] + 1))))
        + part * np.log(rate)
        + (n - part) * np.log1p(-rate)
    )
    assert chance.sum() == pytest.approx(1)
    assert 0.93 < chance[(low <= rate) & (rate <= high)].sum() < 0.98  # exactly: a sum over all outcomes
    assert (low[0], high[-1]) == (0, 1)


@pytest.mark.parametrize(
    ("gap", "n_positives", "logit_at_least", "plain_at_most"), [(1.0, 50, 0.93, 0.97), (2.5, 15, 0.93, 0.92)]
)
def test_intervals_of_the_area_hold_what_they_promise(
    gap: float, n_positives: int, logit_at_least: float, plain_at_most: float
) -> None:
    rng = np.random.default_rng(0)
    y_true = np.arange(4 * n_positives) < n_positives
    # The area of the population: P(N(gap, 1) > N(0, 1)) = Phi(gap / sqrt 2).
    area = {1.0: 0.7602499389065233, 2.5: 0.9614501288155853}[gap]
    held = {"logit": [], "plain": []}  # type: dict[str, list[bool]]
    for _ in range(1500):
        table = CountTable.from_scores(y_true, rng.normal(size=len(y_true)) + gap * y_true)
        for method, found in held.items():
            low, high = auc_interval(roc_auc(table), roc_auc_se(table), method=method)  # type: ignore[arg-type]
            assert np.isnan(low) or 0 <= low < roc_auc(table) < high <= 1
            found.append(low <= area <= high)
    assert np.mean(held["logit"]) >= logit_at_least
    assert np.mean(held["plain"]) <= plain_at_most
    assert np.mean(held["plain"]) < np.mean(held["logit"]) + 0.01


def test_interval_of_a_curve() -> None:
    rng = np.random.default_rng(0)
    y_true = rng.random(500) < 0.3
    (curve,) = measure(y_true, rng.normal(size=500) + y_true).curves
    low, high = curve.roc_auc_interval(method="plain")
    assert (low, high) == pytest.approx((curve.roc_auc - 1.959964 * curve.roc_auc_se, 2 * curve.roc_auc - low))
    assert curve.roc_auc_interval(0.99)[0] < curve.roc_auc_interval()[0] < curve.roc_auc
    (perfect,) = measure([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]).curves
    assert np.isnan(perfect.roc_auc_interval()).all()
    with pytest.raises(ValueError, match="'logit' or 'plain'; received 'wald'"):
        curve.roc_auc_interval(method="wald")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="between 0 and 1; received 1"):
        curve.roc_auc_interval(1)
