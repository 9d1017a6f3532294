"""Bounds of areas, judged by everything that can be the case: every order within bins, every count within bounds."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard.certified import ROUNDING, Band, harmonic_difference
from curveboard.counts import CountTable
from curveboard.curves import average_precision, roc_auc

Rows = list[tuple[int, int]]  # positives and negatives at or above each threshold, from none to all


def exact_band(rows: Rows, tied: list[bool]) -> Band:
    counts = np.array(rows).T
    return Band(counts, counts.copy(), np.array(tied))


def orders(rows: Rows, tied: list[bool]) -> list[CountTable]:
    """Every table that has these counts: within each bin any sequence of groups of equal scores."""
    found = [[(0, 0)]]
    for (tp, fp), (next_tp, next_fp), equal in zip(rows[:-1], rows[1:], tied, strict=True):
        ways = [[(next_tp, next_fp)]] if equal else paths(next_tp - tp, next_fp - fp, tp, fp)
        found = [path + way for path, way in product(found, ways)]
    return [table_of(path) for path in found]


def paths(positives: int, negatives: int, tp: int, fp: int) -> list[Rows]:
    """Every way from `(tp, fp)` to so many more of both, in steps of any size."""
    if not positives and not negatives:
        return [[]]
    found = []
    for p, n in product(range(positives + 1), range(negatives + 1)):
        if p or n:
            rest = paths(positives - p, negatives - n, tp + p, fp + n)
            found += [[(tp + p, fp + n), *way] for way in rest]
    return found


def table_of(path: Rows) -> CountTable:
    kept = [after for before, after in pairwise(path) if after != before]
    return CountTable(np.arange(len(kept), 0, -1.0), np.array([p for p, _ in kept]), np.array([n for _, n in kept]))


@st.composite
def bins(draw: st.DrawFn) -> tuple[Rows, list[bool]]:
    """One to three bins of so few scores that all orders can be tried."""
    steps = draw(st.lists(st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2)]), max_size=2))
    steps.insert(draw(st.integers(0, len(steps))), (1, 1))  # there are both labels
    rows = [(0, 0), *((tp, fp) for tp, fp in np.cumsum(steps, axis=0).tolist())]
    return rows, draw(st.lists(st.booleans(), min_size=len(steps), max_size=len(steps)))


@given(bins())
def test_bounds_of_exact_counts_are_what_the_best_and_the_worst_order_reach(drawn: tuple[Rows, list[bool]]) -> None:
    tables = orders(*drawn)
    areas = exact_band(*drawn).areas()
    for area, bounds, judge in (
        (areas.roc_auc, areas.roc_auc_bounds, roc_auc),
        (areas.average_precision, areas.average_precision_bounds, average_precision),
    ):
        possible = [judge(table) for table in tables]
        low, high = bounds or (area, area)
        np.testing.assert_allclose([low, high], [min(possible), max(possible)], atol=2 * ROUNDING)
        assert low - ROUNDING <= area <= high + ROUNDING


@given(st.data())
def test_bounds_hold_for_every_count_that_is_possible(data: st.DataObject) -> None:
    rows, tied = data.draw(bins())
    truth = np.array(rows).T
    slack = [data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows))) for _ in range(4)]
    low = np.maximum.accumulate(np.maximum(truth - np.array(slack[:2]), 0), axis=1)
    high = np.minimum.accumulate(np.minimum(truth + np.array(slack[2:]), truth[:, -1:])[:, ::-1], axis=1)[:, ::-1]
    for counts in (low, high):
        counts[:, 0], counts[:, -1] = truth[:, 0], truth[:, -1]
    areas = Band(low, high, np.array(tied)).areas()
    for table in orders(rows, tied):
        for area, bounds, judge in (
            (areas.roc_auc, areas.roc_auc_bounds, roc_auc),
            (areas.average_precision, areas.average_precision_bounds, average_precision),
        ):
            lowest, highest = bounds or (area, area)
            assert lowest - ROUNDING <= judge(table) <= highest + ROUNDING


def test_an_area_that_is_known_has_no_bounds() -> None:
    # 0.9 (+), 0.8 (-), 0.8 (+): of two pairs one is in order and one tied; precisions 1 and 2/3
    areas = exact_band([(0, 0), (1, 0), (2, 1)], [True, True]).areas()
    assert (areas.roc_auc, areas.roc_auc_bounds) == (0.75, None)
    assert areas.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert areas.average_precision_bounds is None


def test_areas_without_a_label_are_not_defined() -> None:
    only_negatives = exact_band([(0, 0), (0, 3)], [False]).areas()
    assert np.isnan([only_negatives.roc_auc, only_negatives.average_precision, only_negatives.roc_auc_se]).all()
    assert only_negatives.roc_auc_bounds is only_negatives.average_precision_bounds is None
    only_positives = exact_band([(0, 0), (3, 0)], [False]).areas()
    assert np.isnan(only_positives.roc_auc)
    assert (only_positives.average_precision, only_positives.average_precision_bounds) == (1.0, None)


def test_weights_are_bounded_by_integrals() -> None:
    # A weight of 1 in parts of 0 behind a negative of weight 1: the integral of x / (x + 1) is 1 - log(2).
    counts = np.array([[0.0, 1.0], [0.0, 1.0]])
    bounds = Band(counts, counts, np.array([False])).areas().average_precision_bounds
    assert bounds == pytest.approx((1 - np.log(2), 1.0))


@given(st.integers(0, 200), st.integers(0, 200))
def test_differences_of_harmonic_numbers(start: int, steps: int) -> None:
    expected = float(sum(Fraction(1, start + step) for step in range(1, steps + 1)))
    found = harmonic_difference(np.array([float(start)]), np.array([float(steps)]))[0]
    assert found == pytest.approx(expected, rel=1e-13, abs=1e-14)


def test_differences_of_large_harmonic_numbers_do_not_cancel() -> None:
    # The mean of 1 / n over 10 numbers around 1e12 + 5.5
    [found] = harmonic_difference(np.array([1e12]), np.array([10.0]))
    assert found == pytest.approx(10 / (1e12 + 5.5), rel=1e-12)
