from __future__ import annotations

import warnings
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from curveboard.counts import CountTable
from curveboard.curves import (
    average_precision,
    macro_precision_recall,
    macro_roc,
    precision_recall,
    roc,
    roc_auc,
    roc_auc_se,
)
from families import FAMILIES

LABELLED = st.lists(
    st.tuples(st.booleans(), st.one_of(st.sampled_from([0.0, 0.25, 1.0, 1e-45]), st.floats(0, 1, width=32))),
    min_size=2,
    max_size=60,
).filter(lambda rows: len({label for label, _ in rows}) == 2)
Examples = list[tuple[bool, float]]


def table_of(
    examples: Examples, dtype: type = np.float32
) -> tuple[CountTable, npt.NDArray[np.bool_], npt.NDArray[np.floating]]:
    y_true = np.array([label for label, _ in examples])
    y_score: npt.NDArray[np.floating] = np.array([score for _, score in examples], dtype)
    return CountTable.from_scores(y_true, y_score), y_true, y_score


@given(LABELLED, st.sampled_from([np.float32, np.float64]))
def test_curves_and_areas_are_those_of_scikit_learn(examples: Examples, dtype: type) -> None:
    table, y_true, y_score = table_of(examples, dtype)
    for ours, theirs in zip(roc(table), metrics.roc_curve(y_true, y_score, drop_intermediate=False), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)
    for ours, theirs in zip(precision_recall(table), metrics.precision_recall_curve(y_true, y_score), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)
    assert abs(roc_auc(table) - metrics.roc_auc_score(y_true, y_score)) < 1e-12
    assert abs(average_precision(table) - metrics.average_precision_score(y_true, y_score)) < 1e-12


@given(LABELLED, st.data())
def test_weighted_areas_are_those_of_scikit_learn(examples: Examples, data: st.DataObject) -> None:
    _, y_true, y_score = table_of(examples)
    weights = st.lists(st.sampled_from([0.0, 0.1, 1.0, 7.3]), min_size=len(y_true), max_size=len(y_true))
    weight = np.array(data.draw(weights))
    weight[np.argmax(y_true)] = weight[np.argmin(y_true)] = 1.0  # of each kind, something is left
    table = CountTable.from_scores(y_true, y_score, weight)
    assert abs(roc_auc(table) - metrics.roc_auc_score(y_true, y_score, sample_weight=weight)) < 1e-12
    expected = metrics.average_precision_score(y_true, y_score, sample_weight=weight)
    assert abs(average_precision(table) - expected) < 1e-12
    assert np.isnan(roc_auc_se(table))


@pytest.mark.parametrize(("family", "n"), list(product(FAMILIES, [50, 3000, 100_000])))
def test_areas_of_every_family(family: str, n: int) -> None:
    y_true, y_score = FAMILIES[family](np.random.default_rng(n), n)
    table = CountTable.from_scores(y_true, y_score)
    assert abs(roc_auc(table) - metrics.roc_auc_score(y_true, y_score)) < 1e-12
    assert abs(average_precision(table) - metrics.average_precision_score(y_true, y_score)) < 1e-12


def test_areas_do_not_overflow() -> None:
    # 4e9 positives and 4e9 negatives: twice the pairs, 3.2e19, are more than int64 holds (9.2e18).
    half = 4 * 10**9
    table = CountTable(np.array([1.0, 0.0]), np.array([half, half]), np.array([0, half]))
    assert roc_auc(table) == 1.0
    assert roc_auc(CountTable(np.array([0.0]), np.array([half]), np.array([half]))) == 0.5


@given(LABELLED)
def test_delong_standard_error_by_its_definition(examples: Examples) -> None:
    table, y_true, y_score = table_of(examples)
    pairs = np.subtract.outer(y_score[y_true], y_score[~y_true])
    wins = (pairs > 0) + (pairs == 0) / 2
    if min(wins.shape) < 2:
        assert np.isnan(roc_auc_se(table))
        return
    variance = wins.mean(axis=1).var(ddof=1) / len(wins) + wins.mean(axis=0).var(ddof=1) / wins.shape[1]
    np.testing.assert_allclose(roc_auc_se(table), np.sqrt(variance), rtol=1e-9, atol=1e-9)


def test_undefined_is_nan_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        no_positive = CountTable.from_scores([0, 0], [0.1, 0.2])
        no_negative = CountTable.from_scores([1, 1], [0.1, 0.2])
        assert np.isnan([roc_auc(no_positive), average_precision(no_positive), roc_auc_se(no_positive)]).all()
        assert np.isnan([roc_auc(no_negative), roc_auc_se(no_negative)]).all()
        assert average_precision(no_negative) == 1.0
        assert np.isnan(roc(no_positive)[1]).all()
        assert np.isnan(precision_recall(no_positive)[1][:-1]).all()
        assert not np.isnan(roc(no_positive)[0]).any()


def mean_at(x: float, tables: list[CountTable]) -> float:
    """Mean true positive rate at a false positive rate that is no vertex: interpolated curve by curve."""
    return float(np.mean([np.interp(x, *roc(table)[:2]) for table in tables]))


CLASSES = st.lists(LABELLED, min_size=1, max_size=5)


@given(CLASSES)
def test_macro_roc_is_the_vertical_mean(classes: list[Examples]) -> None:
    tables = [table_of(examples)[0] for examples in classes]
    fpr, tpr = macro_roc(tables)
    assert (fpr[0], tpr[0], fpr[-1], tpr[-1]) == (0, 0, 1, 1)
    assert (np.diff(fpr) >= 0).all()
    assert (np.diff(tpr) >= -1e-12).all()
    for x in (np.unique(fpr)[1:] + np.unique(fpr)[:-1]) / 2:
        assert abs(np.interp(x, fpr, tpr) - mean_at(x, tables)) < 1e-9
    assert float(np.trapezoid(tpr, fpr)) == pytest.approx(np.mean([roc_auc(table) for table in tables]), abs=1e-9)


@given(CLASSES)
def test_macro_precision_recall_is_the_mean_of_the_step_functions(classes: list[Examples]) -> None:
    tables = [table_of(examples)[0] for examples in classes]
    recall, precision = macro_precision_recall(tables)
    assert (recall[0], recall[-1]) == (0, 1)
    assert (np.diff(recall) >= 0).all()

    def step(table: CountTable, at: float) -> float:
        row = np.argmax(table.tp / table.positives >= at)
        return float(table.tp[row] / (table.tp[row] + table.fp[row]))

    for x in (np.unique(recall)[1:] + np.unique(recall)[:-1]) / 2:
        assert abs(np.interp(x, recall, precision) - np.mean([step(table, x) for table in tables])) < 1e-9
    area = np.mean([average_precision(table) for table in tables])
    assert float(np.trapezoid(precision, recall)) == pytest.approx(area, abs=1e-9)


def test_macro_of_nothing_is_empty() -> None:
    assert [len(line) for line in (*macro_roc([]), *macro_precision_recall([]))] == [0, 0, 0, 0]
