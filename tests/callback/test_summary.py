"""Summaries of scores: whatever comes, in whatever portions and order, the truth lies between the bounds."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from curveboard.certified import CertifiedAreas
from curveboard.counts import CountTable
from curveboard.curves import average_precision, roc_auc, roc_auc_se
from curveboard.ordered import OrderedScores, ordered_keys, scores_at
from curveboard.summary import ScoreSummary
from families import FAMILIES

Labels = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating]
Weights = npt.NDArray[np.float64]

ORDERS: dict[str, Callable[[Labels, Scores], npt.NDArray[np.intp]]] = {
    "as drawn": lambda y, score: np.arange(len(y)),
    "negatives first": lambda y, score: np.argsort(y, kind="stable"),
    "positives first": lambda y, score: np.argsort(~y, kind="stable"),
    "increasing": lambda y, score: np.argsort(score, kind="stable"),
    "decreasing": lambda y, score: np.argsort(score, kind="stable")[::-1],
}


def add(summary: ScoreSummary, y: Labels, score: Scores, weight: Weights | None = None) -> None:
    both = (OrderedScores.of(score[rows], None if weight is None else weight[rows]) for rows in (y, ~y))
    summary.add(*both)


def summarized(y: Labels, score: Scores, portion: int, n_bins: int = 4096) -> ScoreSummary:
    summary = ScoreSummary(n_bins, score.dtype)
    for start in range(0, len(y), portion):
        add(summary, y[start : start + portion], score[start : start + portion])
    return summary


def half_widths(areas: CertifiedAreas) -> tuple[float, float]:
    (low, high), (lower, higher) = areas.roc_auc_bounds or (0, 0), areas.average_precision_bounds or (0, 0)
    return (high - low) / 2, (higher - lower) / 2


def assert_certified(summary: ScoreSummary, truth: CountTable) -> None:
    """The bounds hold, and so do the thresholds: each has the counts it had in the table of all scores."""
    areas, table = summary.areas(), summary.table()
    for area, bounds, exact in (
        (areas.roc_auc, areas.roc_auc_bounds, roc_auc(truth)),
        (areas.average_precision, areas.average_precision_bounds, average_precision(truth)),
    ):
        low, high = bounds or (area - 1e-12, area + 1e-12)
        assert np.isnan(exact) == np.isnan(area)
        assert np.isnan(exact) or low <= area <= high
        assert np.isnan(exact) or low <= min(exact, 1.0) <= high  # sums of weights round
    assert (table.positives, table.negatives) == pytest.approx((truth.positives, truth.negatives), rel=1e-12)
    assert (np.diff(table.thresholds) < 0).all()
    for threshold, tp, fp in zip(table.thresholds.tolist(), table.tp, table.fp, strict=True):
        assert (fp, tp) == pytest.approx(truth.confusion_at(threshold)[1::2], rel=1e-12)


# What certainly holds


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Labels, Scores]:
    """Scores of few or of many values, crowded or spread over all floats, with labels that depend on them or not."""
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    anything = hnp.from_dtype(np.dtype(dtype), allow_nan=False, allow_infinity=False)
    n_values, size = draw(st.sampled_from([1, 2, 7, 300])), draw(st.integers(0, 400))
    values = draw(hnp.arrays(dtype, n_values, elements=anything, fill=anything))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if draw(st.booleans()):
        values = rng.normal(0.5, draw(st.sampled_from([1e-6, 1.0, 100.0])), n_values).astype(dtype)
    score = rng.choice(values, size)
    y = rng.random(size) < draw(st.sampled_from([0.0, 0.02, 0.5, 1.0]))
    return y ^ (draw(st.booleans()) & (score > values[0])), score


def portions(data: st.DataObject, n: int) -> Iterator[slice]:
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=6)))
    yield from (slice(start, stop) for start, stop in zip([0, *cuts], [*cuts, n], strict=True))


@settings(max_examples=150, deadline=None)
@given(labelled(), st.sampled_from(sorted(ORDERS)), st.data())
def test_bounds_hold_whatever_the_portions_and_their_order(
    drawn: tuple[Labels, Scores], order: str, data: st.DataObject
) -> None:
    rows = ORDERS[order](*drawn)
    y, score = drawn[0][rows], drawn[1][rows]
    summary = ScoreSummary(64, score.dtype)
    for part in portions(data, len(y)):
        add(summary, y[part], score[part])
        assert summary.nbytes <= 64 * (score.itemsize + 32)
    assert_certified(summary, CountTable.from_scores(y, score))


@settings(max_examples=150, deadline=None)
@given(labelled(), st.data())
def test_bounds_hold_whatever_is_merged_with_whatever(drawn: tuple[Labels, Scores], data: st.DataObject) -> None:
    y, score = drawn
    parts = []
    for part in portions(data, len(y)):
        parts.append(ScoreSummary(64, score.dtype))
        add(parts[-1], y[part], score[part])
    while len(parts) > 1:
        other = parts.pop(data.draw(st.integers(0, len(parts) - 1)))
        parts[data.draw(st.integers(0, len(parts) - 1))].merge(other)
        assert all(part.nbytes <= 64 * (score.itemsize + 32) for part in parts)
    assert parts[0].n_scores == len(y)
    assert_certified(parts[0], CountTable.from_scores(y, score))


@settings(max_examples=100, deadline=None)
@given(labelled(), st.data())
def test_bounds_hold_for_sums_of_weights(drawn: tuple[Labels, Scores], data: st.DataObject) -> None:
    y, score = drawn
    weights = st.sampled_from([0.1, 1.0, 3.7, 1e-9, 1e9])
    weight = np.array(data.draw(st.lists(weights, min_size=len(y), max_size=len(y))), np.float64)
    summary, other = (ScoreSummary(64, score.dtype, weighted=True) for _ in range(2))
    for number, part in enumerate(portions(data, len(y))):
        add(other if number == 2 else summary, y[part], score[part], weight[part])
        assert summary.nbytes <= 64 * (score.itemsize + 32)
    summary.merge(other)
    assert_certified(summary, CountTable.from_scores(y, score, weight))


def test_few_distinct_scores_are_exact() -> None:
    rng = np.random.default_rng(0)
    y, score = rng.random(50_000) < 0.3, (rng.integers(0, 500, 50_000) / 500).astype(np.float32)
    truth, summary = CountTable.from_scores(y, score), summarized(y, score, 1000)
    areas, table = summary.areas(), summary.table()
    assert areas.roc_auc_bounds is areas.average_precision_bounds is None
    assert areas.roc_auc == pytest.approx(roc_auc(truth), abs=1e-13)
    assert areas.average_precision == pytest.approx(average_precision(truth), abs=1e-13)
    assert areas.roc_auc_se == pytest.approx(roc_auc_se(truth), rel=1e-9)
    np.testing.assert_array_equal(table.thresholds, truth.thresholds)
    np.testing.assert_array_equal(table.tp, truth.tp)
    np.testing.assert_array_equal(table.fp, truth.fp)


def test_counts_stay_exact_beyond_the_integers_of_float32_and_float64() -> None:
    # 1000 scores, doubled 52 times: 2^52 * 1000 > 2^61 of them
    y, score = FAMILIES["moderate"](np.random.default_rng(0), 1000)
    truth, summary = CountTable.from_scores(y, score), summarized(y, score, 1000)
    before = summary.areas()
    for _ in range(52):
        summary.merge(pickle.loads(pickle.dumps(summary)))
    assert summary.table().positives == int(truth.positives) << 52
    assert summary.table().negatives == int(truth.negatives) << 52
    assert summary.areas().roc_auc == pytest.approx(before.roc_auc, abs=1e-12)


def test_what_is_merged_into_another_stays_as_it_is() -> None:
    y, score = FAMILIES["moderate"](np.random.default_rng(0), 2000)
    one, other = summarized(y[:1000], score[:1000], 100, 64), summarized(y[1000:], score[1000:], 100, 64)
    before = other.areas(), other.table().tp.tolist()
    one.merge(other)
    assert (other.areas(), other.table().tp.tolist()) == before


def test_summaries_of_other_scores_are_not_merged() -> None:
    with pytest.raises(ValueError, match="expected a summary of float32 scores with weighted=False; received float64"):
        ScoreSummary().merge(ScoreSummary(dtype=np.float64))
    with pytest.raises(ValueError, match="received float32 and weighted=True"):
        ScoreSummary().merge(ScoreSummary(weighted=True))


def test_too_few_bins_are_refused() -> None:
    with pytest.raises(ValueError, match="expected n_bins of at least 64; received 63"):
        ScoreSummary(63)


# How good it is: the targets


@pytest.mark.parametrize("family", FAMILIES)
def test_areas_are_right_within_the_targets_in_any_order(family: str) -> None:
    y, score = FAMILIES[family](np.random.default_rng(1), 100_000)
    truth = CountTable.from_scores(y, score)
    for order in ORDERS.values():
        rows = order(y, score)
        areas = summarized(y[rows], score[rows], 1 << 14).areas()
        assert areas.roc_auc == pytest.approx(roc_auc(truth), abs=5e-5)
        assert areas.average_precision == pytest.approx(average_precision(truth), abs=5e-5)
        assert max(half_widths(areas)) <= 5e-4
        assert areas.roc_auc_se == pytest.approx(roc_auc_se(truth), rel=0.01, abs=1e-6)


def test_logits_and_scores_beyond_one_are_no_different() -> None:
    rng = np.random.default_rng(0)
    y = rng.random(100_000) < 0.3
    score = (rng.normal(size=len(y)) + y) * 100
    truth = CountTable.from_scores(y, score)
    areas = summarized(y, score, 10_000).areas()
    assert max(half_widths(areas)) <= 5e-4
    assert (areas.roc_auc, areas.average_precision) == pytest.approx(
        (roc_auc(truth), average_precision(truth)), abs=5e-5
    )


def test_summaries_of_parts_are_as_good_merged() -> None:
    y, score = FAMILIES["moderate"](np.random.default_rng(2), 160_000)
    truth = CountTable.from_scores(y, score)
    parts = [summarized(y[part::16], score[part::16], 10_000) for part in range(16)]
    while len(parts) > 1:
        parts[0].merge(parts.pop())
    areas, table = parts[0].areas(), parts[0].table()
    assert max(half_widths(areas)) <= 5e-4
    shares = np.diff(table.tp, prepend=0) / truth.positives, np.diff(table.fp, prepend=0) / truth.negatives
    assert np.max(shares) < 0.01  # the counts at most edges are exact still
    assert (areas.roc_auc, areas.average_precision) == pytest.approx(
        (roc_auc(truth), average_precision(truth)), abs=5e-5
    )


# Scores as integers


@given(hnp.arrays(np.float32, 20, elements=st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_integers_have_the_order_of_the_scores_and_give_them_back(single: npt.NDArray[np.float32]) -> None:
    for score in (single, single.astype(np.float64) * 1e10):
        keys = ordered_keys(score)
        np.testing.assert_array_equal(scores_at(keys), score + 0.0)
        np.testing.assert_array_equal(keys[:, np.newaxis] < keys, score[:, np.newaxis] < score)
        with np.errstate(over="ignore"):
            following = np.nextafter(score, score.dtype.type(np.inf))
        np.testing.assert_array_equal(scores_at(keys + keys.dtype.type(1)), following)


def test_scores_above_an_edge_are_counted_over_all_classes() -> None:
    rng = np.random.default_rng(0)
    classes = [rng.normal(size=n).astype(np.float32) for n in (0, 3, 400)]
    weights = [rng.random(len(score)) for score in classes]
    edges = np.sort(ordered_keys(rng.normal(size=50).astype(np.float32)))
    pooled = OrderedScores.pooled([OrderedScores.of(score) for score in classes])
    weighted = OrderedScores.pooled(list(map(OrderedScores.of, classes, weights)))
    every, weight = np.concatenate(classes), np.concatenate(weights)
    is_above = every >= scores_at(edges)[:, np.newaxis]
    np.testing.assert_array_equal(pooled.above(edges), is_above.sum(axis=1))
    np.testing.assert_allclose(weighted.above(edges), (is_above * weight).sum(axis=1))
    np.testing.assert_array_equal(scores_at(np.sort(pooled.highest(7))), np.sort(every)[-7:])
    assert len(pooled) == len(weighted) == 403


def test_a_sketch_is_near_in_rank_and_exact_at_the_top() -> None:
    score = np.random.default_rng(0).normal(size=100_000).astype(np.float32)
    ordered = OrderedScores.of(score)
    sketch = ordered.sketch(1000, 50)
    assert len(sketch) < 1100
    edges = np.sort(ordered_keys(score[:200]))
    np.testing.assert_allclose(sketch.above(edges), ordered.above(edges), atol=200)
    top = ordered.parts[0][-50:]
    np.testing.assert_array_equal(sketch.above(top), ordered.above(top))
