"""Displays: the lines on the axes are scikit-learn's curves, within the tolerance; matrices are scikit-learn's."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn import metrics

from curveboard.measure import measure
from curveboard.plot import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay, figure

if TYPE_CHECKING:
    from pathlib import Path

    from curveboard.record import Record

RNG = np.random.default_rng(3)
Y_TRUE = RNG.integers(0, 3, 600)
Y_SCORE = RNG.dirichlet([1, 1, 1], 600) * 0.7 + 0.3 * np.eye(3)[Y_TRUE]
NAMES = ["cat", "dog", "eel"]


def multiclass() -> Record:
    return measure(Y_TRUE, Y_SCORE, class_names=NAMES)


def binary(part: slice = slice(None)) -> Record:
    return measure(Y_TRUE[part] == 0, Y_SCORE[part, 0], class_names=["rest", "cat"])


def axes() -> Any:
    return Figure().subplots()


def distance(xs: Any, ys: Any, line: Any) -> float:
    """The largest of the distances (the larger of both coordinates') from points to a line."""
    x, y = (np.concatenate([np.linspace(a, b, 50) for a, b in pairwise(v)]) for v in line.get_data())
    return float(max(np.min(np.maximum(abs(x - a), abs(y - b))) for a, b in zip(xs, ys, strict=True)))


def test_a_roc_line_lies_on_scikit_learns_curve() -> None:
    ax = axes()
    display = RocCurveDisplay.from_record(multiclass(), classes=["dog"], ax=ax)
    fpr, tpr, _ = metrics.roc_curve(Y_TRUE == 1, Y_SCORE[:, 1])
    assert display.ax_ is ax
    assert display.figure_ is ax.figure
    assert distance(fpr, tpr, display.line_[0]) <= 1 / 256
    area = metrics.roc_auc_score(Y_TRUE == 1, Y_SCORE[:, 1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [f"dog (AUC = {area:.3f})"]


def test_a_pr_line_lies_on_scikit_learns_points() -> None:
    display = PrecisionRecallDisplay(multiclass()["dog"], names=["forest"]).plot(axes())
    precision, recall, _ = metrics.precision_recall_curve(Y_TRUE == 1, Y_SCORE[:, 1])
    shown = (recall > 1 / 256) & (recall > 0)  # recalls below the tolerance are exempt
    assert distance(recall[shown], precision[shown], display.line_[0]) <= 1 / 256 + 1e-3
    area = metrics.average_precision_score(Y_TRUE == 1, Y_SCORE[:, 1])
    assert display.line_[0].get_label() == f"forest (AP = {area:.3f})"


def test_a_pr_line_between_points_follows_the_counts() -> None:
    # From (tp, fp) = (1, 0) to (3, 2) on a straight line of counts: half way, precision is 2 / 3, not (1 + 3 / 5) / 2.
    record = measure([1, 1, 1, 0, 0], [0.9, 0.5, 0.5, 0.5, 0.5])
    recall, precision = PrecisionRecallDisplay(record.curves[0]).plot(axes()).line_[0].get_data()
    assert np.interp(2 / 3, recall, precision) == pytest.approx(2 / 3)
    assert (recall[0], precision[0]) == (0, 1)


def test_chance_is_the_diagonal_and_the_share_of_positives() -> None:
    roc = RocCurveDisplay.from_record(binary(), ax=axes(), plot_chance_level=True)
    assert roc.ax_.lines[-1].get_xydata().tolist() == [[0, 0], [1, 1]]
    pr = PrecisionRecallDisplay.from_record(binary(), ax=axes(), plot_chance_level=True)
    assert pr.ax_.lines[-1].get_ydata()[0] == pytest.approx(np.mean(Y_TRUE == 0))


def test_averages_and_all_classes_are_drawn_unless_they_are_many() -> None:
    assert RocCurveDisplay.from_record(multiclass(), ax=axes()).names == ("macro", "micro", *NAMES)
    many = measure(np.arange(60) % 12, RNG.dirichlet(np.ones(12), 60))
    assert RocCurveDisplay.from_record(many, ax=axes()).names == ("macro", "micro")
    assert RocCurveDisplay.from_record(binary(), ax=axes()).names == ("cat",)


def test_several_records_are_named_by_what_differs() -> None:
    epochs = [replace(multiclass(), step=step) for step in range(2)]
    assert RocCurveDisplay.from_records(epochs, ax=axes()).names == ("epoch 0", "epoch 1")
    runs = [replace(multiclass(), run=run) for run in ("a/validation", "b/validation")]
    display = RocCurveDisplay.from_records(runs, classes=["cat", "dog"], ax=axes())
    assert display.names == ("a cat", "a dog", "b cat", "b dog")
    assert RocCurveDisplay.from_records(runs, names=["x", "y"], ax=axes()).names == ("x", "y")
    splits = [replace(multiclass(), run=f"a/{split}", split=split) for split in ("train", "validation")]
    assert RocCurveDisplay.from_records(splits, ax=axes()).names == ("a/train", "a/validation")
    fresh = [replace(one, run=".") for one in splits]  # as measured, not written
    assert RocCurveDisplay.from_records(fresh, ax=axes()).names == ("train", "validation")


def test_mean_and_band_are_those_of_scikit_learns_recipe() -> None:
    folds = [slice(fold, None, 5) for fold in range(5)]
    display = RocCurveDisplay(*(binary(part).curves[0] for part in folds)).plot_mean(axes())
    places = np.linspace(0, 1, 101)
    expected = []
    for part in folds:
        fpr, tpr, _ = metrics.roc_curve(Y_TRUE[part] == 0, Y_SCORE[part, 0], drop_intermediate=False)
        expected.append(np.interp(places, fpr, tpr))
        expected[-1][0] = 0.0
    # Points left out lie within 1/256 of the line, to the side, too: where it is steep that is more upwards.
    assert np.mean(abs(display.mean_ - np.mean(expected, axis=0))) < 1 / 256
    assert np.mean(abs(display.deviation_ - np.std(expected, axis=0))) < 1 / 256


def test_a_curve_that_is_not_defined_says_so() -> None:
    with pytest.warns(UserWarning, match="NaN"):
        record = measure([0, 0], [0.1, 0.2])
    display = RocCurveDisplay(record.curves[0], binary().curves[0]).plot(axes())
    assert display.line_[0].get_label() == "1 (AUC undefined)"
    np.testing.assert_array_equal(
        display.plot_mean(axes()).mean_, RocCurveDisplay(binary().curves[0]).plot_mean(axes()).mean_
    )
    with pytest.raises(ValueError, match="expected a curve that is defined"):
        RocCurveDisplay(record.curves[0]).plot_mean(axes())


@pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
def test_confusion_is_scikit_learns(normalize: str | None) -> None:
    display = ConfusionMatrixDisplay.from_record(multiclass(), normalize=normalize, ax=axes())
    expected = metrics.confusion_matrix(Y_TRUE, Y_SCORE.argmax(1), normalize=normalize)
    np.testing.assert_allclose(display.confusion_matrix, expected, rtol=1e-12)
    np.testing.assert_allclose(display.im_.get_array(), expected, rtol=1e-12)
    assert display.text_[2, 1].get_text() == (str(expected[2, 1]) if normalize is None else f"{expected[2, 1]:.2g}")
    assert [label.get_text() for label in display.ax_.get_yticklabels()] == NAMES
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == NAMES


def test_labels_are_rows_of_four_counts() -> None:
    y_true = np.eye(3, dtype=int)[Y_TRUE]
    record = measure(y_true, Y_SCORE, task="multilabel", class_names=NAMES)
    display = ConfusionMatrixDisplay.from_record(record, ax=axes())
    expected = metrics.multilabel_confusion_matrix(y_true, Y_SCORE >= 0.5)
    np.testing.assert_array_equal(display.confusion_matrix, expected.reshape(3, 4))
    assert [label.get_text() for label in display.ax_.get_xticklabels()] == ["TN", "FP", "FN", "TP"]
    with pytest.raises(ValueError, match="received 'pred'"):
        ConfusionMatrixDisplay.from_record(record, normalize="pred", ax=axes())


def test_a_share_of_nothing_is_blank() -> None:
    matrix = ConfusionMatrixDisplay.from_record(measure([0, 1], [0.1, 0.2]), normalize="pred", ax=axes())
    assert np.isnan(matrix.confusion_matrix[:, 1]).all()
    assert matrix.text_[0, 1].get_text() == ""


def test_a_figure_is_saved_without_pyplot(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    figure(replace(multiclass(), run="forest/validation", step=7)).savefig(tmp_path / "epoch.png", dpi=40)
    assert (tmp_path / "epoch.png").read_bytes().startswith(b"\x89PNG")
    assert plt.get_fignums() == before


def test_a_figure_of_many_classes_can_be_drawn() -> None:
    y = np.tile(np.arange(200), 5)
    picture = figure(measure(y, RNG.dirichlet(np.ones(200), len(y))))
    assert len(picture.axes[2].get_yticklabels()) == 40  # every fifth class is named
    assert len(picture.axes[2].texts) == 0
    picture.draw_without_rendering()


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "curveboard.plot")
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'curveboard\[plot\]'"):
        importlib.import_module("curveboard.plot")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RocCurveDisplay(), "at least one curve; received none"),
        (lambda: RocCurveDisplay(binary().curves[0], names=[]), "one name for each of 1 curves; received 0"),
        (lambda: RocCurveDisplay.from_records([], ax=axes()), "at least one curve; received none"),
        (lambda: RocCurveDisplay.from_records([binary()], names=[], ax=axes()), "for each of 1 records; received 0"),
        (lambda: ConfusionMatrixDisplay.from_record(binary(), normalize="row", ax=axes()), "received 'row'"),
    ],
)
def test_a_wrong_argument_is_an_error(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
