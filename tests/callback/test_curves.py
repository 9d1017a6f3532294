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


CLASSES = st.lists(LABELLED, min_size=1, max_size=5)
PLACES = np.linspace(0, 1, 97)  # with the vertices of many curves of few examples among them


@given(CLASSES)
def test_macro_roc_is_the_vertical_mean(classes: list[Examples]) -> None:
    tables = [table_of(examples)[0] for examples in classes]
    tpr = macro_roc(tables, PLACES)
    assert tpr[-1] == 1
    assert (np.diff(tpr) >= -1e-12).all()
    for at, mean in zip(PLACES, tpr, strict=True):
        curves = [roc(table)[:2] for table in tables]
        upper_ends = [max(np.interp(at, fpr, tpr), *tpr[fpr <= at]) for fpr, tpr in curves]
        assert abs(mean - np.mean(upper_ends)) < 1e-12


@given(CLASSES)
def test_macro_precision_recall_is_the_mean_of_the_step_functions(classes: list[Examples]) -> None:
    tables = [table_of(examples)[0] for examples in classes]

    def step(table: CountTable, at: float) -> float:
        row = np.argmax(table.tp >= max(at * table.positives, 1))
        return float(table.tp[row] / (table.tp[row] + table.fp[row]))

    for at, mean in zip(PLACES, macro_precision_recall(tables, PLACES), strict=True):
        assert abs(mean - np.mean([step(table, at) for table in tables])) < 1e-12
