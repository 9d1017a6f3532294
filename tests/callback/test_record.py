"""The record itself: what it computes from its fields, and how it shows itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve, roc_curve

from curveboard.record import Curve
from handmade import record

# Scores 0.9 (positive), 0.8 (negative), 0.8 (positive), 0.3 (positive), 0.1 (negative), every distinct score stored.
Y_TRUE = np.array([1, 0, 1, 1, 0])
Y_SCORE = np.array([0.9, 0.8, 0.8, 0.3, 0.1])
CURVE = Curve(
    name="spam",
    thresholds=np.array([0.9, 0.8, 0.3, 0.1]),
    tp=np.array([1, 2, 3, 3]),
    fp=np.array([0, 1, 1, 2]),
    positives=3,
    negatives=2,
    roc_auc=0.75,
    average_precision=5 / 6,
    roc_auc_se=0.25,
)


def test_roc_is_scikit_learns() -> None:
    for found, expected in zip(CURVE.roc(), roc_curve(Y_TRUE, Y_SCORE, drop_intermediate=False), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_precision_recall_is_scikit_learns() -> None:
    for found, expected in zip(CURVE.precision_recall(), precision_recall_curve(Y_TRUE, Y_SCORE), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_rates_without_a_denominator_are_nan() -> None:
    nothing = np.zeros(4, np.int64)
    fpr, tpr, _ = replace(CURVE, tp=nothing, positives=0).roc()
    assert np.isnan(tpr).all()
    assert np.isfinite(fpr).all()
    _, recall, _ = replace(CURVE, tp=nothing, positives=0).precision_recall()
    assert np.isnan(recall[:-1]).all()


def test_float32_thresholds_come_out_as_the_float64_of_the_same_value() -> None:
    single = replace(CURVE, thresholds=CURVE.thresholds.astype(np.float32))
    assert single.roc()[2].dtype == np.float64
    np.testing.assert_array_equal(single.precision_recall()[2], np.float64(single.thresholds[::-1]))


def test_a_macro_curve_has_rates_and_no_thresholds() -> None:
    macro = record()["macro"]
    fpr, tpr, thresholds = macro.roc()
    assert (fpr[0], fpr[-1], len(tpr)) == (0, 1, 3)
    assert np.isnan(thresholds).all()
    precision, recall, thresholds = macro.precision_recall()
    assert recall.tolist() == [1, 0]
    assert len(thresholds) == len(precision) - 1


@pytest.mark.parametrize("task", ["multiclass", "multilabel"])
def test_areas_of_several_classes_are_the_macro_averages(task: str) -> None:
    made = record("multiclass" if task == "multiclass" else "multilabel")
    assert made.roc_auc == np.mean([curve.roc_auc for curve in made.curves])
    assert made.average_precision == np.mean([curve.average_precision for curve in made.curves])


def test_areas_of_a_binary_record_are_its_curves() -> None:
    made = record("binary", ("no", "yes"))
    assert (made.roc_auc, made.average_precision) == (made["yes"].roc_auc, made["yes"].average_precision)


def test_classes_without_an_area_are_listed() -> None:
    made = record()
    undefined = replace(made.curves[1], roc_auc=np.nan)
    assert made.undefined == ()
    assert replace(made, curves=(made.curves[0], undefined, made.curves[2])).undefined == ("dog",)


def test_curves_are_found_by_name_and_a_class_so_named_comes_before_the_average() -> None:
    made = record("multiclass", ("cat", "micro"))
    assert made["cat"] is made.curves[0]
    assert made["micro"] is made.curves[1]
    assert made["macro"] is made.macro


def test_a_name_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(KeyError, match="expected one of 'yes'; received 'no'"):
        record("binary", ("no", "yes"))["no"]


def test_what_it_shows_is_short_and_has_no_arrays() -> None:
    assert repr(CURVE) == "Curve('spam', 4 points, 3 positives, 2 negatives, roc_auc=0.7500, average_precision=0.8333)"
    assert repr(replace(CURVE, positives=1234567.5)).count("1234567.5 positives") == 1
    made = replace(record("binary", ("ham", "spam")), curves=(CURVE,), n_examples=5, run="forest/validation", step=7)
    assert repr(made) == (
        "Record(run='forest/validation', head='output', split='validation', step=7, binary, 2 classes, 5 examples, "
        "roc_auc=0.7500, average_precision=0.8333)"
    )
    assert repr(record()["macro"]).startswith("MacroCurve(3 + 2 points, roc_auc=0.")
