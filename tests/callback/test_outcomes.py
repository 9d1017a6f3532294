from __future__ import annotations

import warnings
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from curveboard.outcomes import (
    UndefinedCurveWarning,
    check_outcomes,
    check_threshold,
    check_tolerance,
    warn_undefined,
)

ONE = np.array([0.1, 0.7, 0.4])
TWO = np.column_stack([1 - ONE, ONE])
THREE = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2]], np.float32)
ONE_HOT = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])
MULTI_HOT = np.array([[0, 0, 1], [0, 1, 1], [0, 0, 0]])


@pytest.mark.parametrize(
    "y_true", [[0, 1, 0], [[0], [1], [0]], [False, True, False], [0.0, 1.0, 0.0], [[1, 0], [0, 1], [1, 0]]]
)
@pytest.mark.parametrize("y_score", [ONE, ONE[:, np.newaxis], TWO])
@pytest.mark.parametrize("task", ["auto", "binary"])
def test_binary(y_true: Any, y_score: Any, task: Any) -> None:
    outcomes = check_outcomes(y_true, y_score, task=task)
    assert outcomes.task == "binary"
    assert outcomes.y_true.tolist() == [False, True, False]
    assert outcomes.y_score.tolist() == ONE.tolist()
    assert outcomes.class_names == ("0", "1")
    assert outcomes.sample_weight is None


@pytest.mark.parametrize(
    "y_true", [[2, 1, 0], [[2], [1], [0]], [2.0, 1.0, 0.0], ONE_HOT, ONE_HOT.astype(bool), ["c", "b", "a"]]
)
@pytest.mark.parametrize("task", ["auto", "multiclass"])
def test_multiclass(y_true: Any, task: Any) -> None:
    outcomes = check_outcomes(y_true, THREE, task=task, class_names=["a", "b", "c"])
    assert outcomes.task == "multiclass"
    assert outcomes.y_true.tolist() == [2, 1, 0]
    assert outcomes.class_names == ("a", "b", "c")


@pytest.mark.parametrize("task", ["auto", "multilabel"])
def test_multilabel(task: Any) -> None:
    outcomes = check_outcomes(MULTI_HOT, THREE, task=task)
    assert outcomes.task == "multilabel"
    np.testing.assert_array_equal(outcomes.y_true, MULTI_HOT == 1)


def test_two_columns_are_multilabel_if_the_labels_are() -> None:
    assert check_outcomes([[0, 0], [1, 1], [1, 0]], TWO).task == "multilabel"
    assert check_outcomes([[0, 1], [0, 1], [1, 0]], TWO, task="multilabel").task == "multilabel"


def test_two_columns_are_multiclass_when_told() -> None:
    outcomes = check_outcomes([0, 1, 1], TWO, task="multiclass")
    assert (outcomes.task, outcomes.y_score.shape) == ("multiclass", (3, 2))


def test_of_two_logits_the_difference_is_ranked() -> None:
    # Ranking by column 1 alone would put the second example first; softmax gives 0.88, 0.27, 0.5.
    outcomes = check_outcomes([0, 1, 1], [[0.0, 2.0], [4.0, 3.0], [1.0, 1.0]], from_logits=True)
    assert outcomes.y_score.tolist() == [2, -1, 0]


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        (np.float16, np.float32),
        (ml_dtypes.bfloat16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.int64, np.float64),
    ],
)
def test_score_types(dtype: Any, kept: Any) -> None:
    assert check_outcomes([0, 1], np.array([0, 1]).astype(dtype)).y_score.dtype == kept


def test_string_labels_of_a_binary_task() -> None:
    outcomes = check_outcomes(np.array(["no", "yes", "no"], object), ONE, class_names=("no", "yes"))
    assert outcomes.y_true.tolist() == [False, True, False]


def test_weights() -> None:
    assert check_outcomes([0, 1, 0], ONE, sample_weight=[[0], [2], [1]]).sample_weight.tolist() == [0, 2, 1]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("y_true", "y_score", "options", "message"),
    [
        ([0, 1, 1], [0.1, np.nan, np.inf], {}, r"finite scores; received 2 that are not, the first nan at 1$"),
        ([0, 1, 1], np.where(THREE == 0.8, np.inf, THREE), {}, r"received 1 that are not, the first inf at \(1, 1\)$"),
        ([0, 2, 1], ONE, {}, r"hard labels 0 or 1 for a binary task; received 1 that are not, the first 2 at 1$"),
        ([-1, 1, 1], ONE, {}, r"the first -1 at 0$"),
        ([0.1, 0.9, 1.0], ONE, {}, r"hard labels .*; received 2 that are not, the first 0\.1 at 0$"),
        ([0, np.nan, 1], ONE, {}, r"hard labels .*the first nan at 1$"),
        ([0, 3, 1], THREE, {}, r"hard labels, whole numbers from 0 to 2; received 1 that are not, the first 3 at 1$"),
        ([0.5, 2.0, 1.0], THREE, {}, r"whole numbers .*the first 0\.5 at 0$"),
        (ONE_HOT * 0.9 + 0.03, THREE, {}, r"hard labels 0 or 1 in each column .*received 9 that are not"),
        (MULTI_HOT, THREE, {"task": "multiclass"}, r"exactly one class in each row .*; received 2 .*the first 2 at 1$"),
        ([0, 1], ONE, {}, r"one label per score; received 2 labels and 3 scores$"),
        ([], [], {}, r"at least one example; received shape \(0,\)$"),
        (1, 0.5, {}, r"at least one example; received shape \(\)$"),
        ([0, 1, 0], THREE[np.newaxis], {}, r"y_score of 1 or 2 dimensions; received shape \(1, 3, 3\)$"),
        (ONE_HOT[:, :, np.newaxis, np.newaxis], THREE, {}, r"y_true of 1 or 2 dimensions; received shape"),
        (ONE_HOT[:, :2], THREE, {}, r"y_true of shape \(3, 3\), as the scores; received \(3, 2\)$"),
        ([0, 1, 0], ["a", "b", "c"], {}, r"numbers as y_score; received <U1$"),
        ([0, 1, 0], ONE, {"task": "regression"}, r"'auto', 'binary', .*; received 'regression'$"),
        (
            [0, 1, 0],
            THREE,
            {"task": "binary"},
            r"shape \(n,\), \(n, 1\) or \(n, 2\) for a binary task; received \(3, 3\)$",
        ),
        ([0, 1, 0], ONE, {"task": "multiclass"}, r"\(n, n_classes\) for a multiclass task; received \(3,\)$"),
        ([0, 1, 0], ONE, {"class_names": ["yes"]}, r"2 class_names .*; received 1$"),
        ([0, 1, 0], THREE, {"class_names": ["a", "b", "a"]}, r"unique class_names; received 'a' more than once$"),
        ([0, 1, 0], THREE, {"class_names": "abc"}, r"sequence of strings; received 'abc'$"),
        ([0, 1, 0], ONE, {"class_names": [0, 1]}, r"sequence of strings; received \[0, 1\]$"),
        (["a", "b", "a"], ONE, {}, r"class_names with labels that are strings; received y_true\[0\] = 'a'$"),
        (["a", "x", "a"], ONE, {"class_names": ["a", "b"]}, r"'a', 'b'; received 1 that are not, the first x at 1$"),
        ([0, 1, 0], ONE, {"sample_weight": [1, -1, np.nan]}, r"not negative; received 2 .*the first -1\.0 at 1$"),
        ([0, 1, 0], ONE, {"sample_weight": [0, 0, 0]}, r"a sample_weight above 0; received 3 zeros$"),
        ([0, 1, 0], ONE, {"sample_weight": [1, 1]}, r"3 numbers as sample_weight; received int64 of shape \(2,\)$"),
    ],
)
def test_errors_say_what_was_expected_and_what_came(y_true: Any, y_score: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_outcomes(y_true, y_score, **options)


def test_threshold_of_logits_is_a_probability() -> None:
    assert check_threshold(0.5, from_logits=True) == 0
    assert check_threshold(0.9, from_logits=True) == pytest.approx(np.log(9))
    assert check_threshold(-3.5, from_logits=False) == -3.5
    with pytest.raises(ValueError, match=r"probability between 0 and 1 .*; received 1\.5$"):
        check_threshold(1.5, from_logits=True)
    with pytest.raises(ValueError, match=r"finite threshold; received nan$"):
        check_threshold(np.nan, from_logits=False)


@pytest.mark.parametrize("tolerance", [0, 1, -0.1, np.nan])
def test_tolerance_is_a_distance(tolerance: float) -> None:
    with pytest.raises(ValueError, match=r"tolerance between 0 and 1; received"):
        check_tolerance(tolerance)


def test_one_warning_names_all_classes_and_reasons() -> None:
    with pytest.warns(UndefinedCurveWarning, match=r"without a positive: a, b; .*without a negative: c$") as caught:
        warn_undefined(["a", "b"], ["c"], stacklevel=1)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_undefined([], [], stacklevel=1)
