"""CurveWriter.write_estimator and write_cv_results: scikit-learn's numbers of scikit-learn's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from curveboard import CurveWriter, read_curves

if TYPE_CHECKING:
    from pathlib import Path

X, SPECIES = load_iris(return_X_y=True)
Y = np.array(["setosa", "versicolor", "virginica"])[SPECIES]


def test_probabilities_of_several_classes(tmp_path: Path) -> None:
    forest = RandomForestClassifier(10, max_depth=2, random_state=0).fit(X, Y)
    with CurveWriter(tmp_path) as writer:
        record = writer.write_estimator(2, forest, X, Y, head="iris", split="train")
    probabilities = forest.predict_proba(X)
    assert (record.step, record.head, record.run, record.class_names) == (2, "iris", "train", tuple(forest.classes_))
    assert record.roc_auc == pytest.approx(metrics.roc_auc_score(Y, probabilities, multi_class="ovr"), abs=1e-12)
    np.testing.assert_array_equal(record.confusion, metrics.confusion_matrix(Y, forest.predict(X)))


def test_a_decision_function_decides_at_0(tmp_path: Path) -> None:
    x, y = load_breast_cancer(return_X_y=True)
    machine = make_pipeline(StandardScaler(), LinearSVC(random_state=0)).fit(x, y)
    weight = np.linspace(0, 1, len(y))
    with CurveWriter(tmp_path, class_names=["malignant", "benign"], threshold=0.7) as writer:
        record = writer.write_estimator(0, machine, x, y, weight)
    assert record.threshold == 0
    assert record["benign"].roc_auc == pytest.approx(
        metrics.roc_auc_score(y, machine.decision_function(x), sample_weight=weight), abs=1e-12
    )
    expected = metrics.confusion_matrix(y, machine.predict(x), sample_weight=weight)
    np.testing.assert_allclose(record.confusion, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "estimator", [RandomForestClassifier(5, random_state=0), OneVsRestClassifier(LogisticRegression(max_iter=500))]
)
def test_labels(tmp_path: Path, estimator: Any) -> None:
    y = np.column_stack([SPECIES == 1, SPECIES > 0, X[:, 0] > 6]).astype(int)
    estimator.fit(X, y)
    with CurveWriter(tmp_path) as writer:
        record = writer.write_estimator(0, estimator, X, y)
    score = estimator.predict_proba(X)
    score = np.column_stack([part[:, 1] for part in score]) if isinstance(score, list) else score
    assert record.task == "multilabel"
    assert record.roc_auc == pytest.approx(metrics.roc_auc_score(y, score), abs=1e-12)


def test_a_label_that_was_always_there_has_one_column(tmp_path: Path) -> None:
    always = np.column_stack([SPECIES > 0, np.ones(150, int), np.zeros(150, int)])
    forest = RandomForestClassifier(5, random_state=0).fit(X, always)
    seen = np.column_stack([SPECIES > 0, SPECIES > 0, SPECIES > 0])
    with CurveWriter(tmp_path) as writer:
        record = writer.write_estimator(0, forest, X, seen)
    assert [curve.roc_auc for curve in record.curves] == [1.0, 0.5, 0.5]
    assert record.confusion[:, :, 1].sum(axis=1).tolist() == [100, 150, 0]  # always yes, never yes


def test_folds_are_runs(tmp_path: Path) -> None:
    frame = pd.DataFrame(X)
    results = cross_validate(
        LogisticRegression(max_iter=500),
        frame,
        Y,
        cv=4,
        scoring="roc_auc_ovr",
        return_estimator=True,
        return_indices=True,
    )
    with CurveWriter(tmp_path) as writer:
        written = writer.write_cv_results(results, frame, list(Y), step=5)
    assert [record.run for record in written] == [f"fold{fold}/validation" for fold in range(4)]
    found = list(read_curves(tmp_path))
    assert [(record.run, record.step) for record in found] == [(record.run, 5) for record in written]
    assert [record.roc_auc for record in found] == pytest.approx(results["test_score"].tolist(), abs=1e-12)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    writer = CurveWriter(tmp_path)
    with pytest.raises(TypeError, match=r"expected a classifier with predict_proba.*; received LinearRegression"):
        writer.write_estimator(0, LinearRegression().fit(X, SPECIES), X, SPECIES)
    with pytest.raises(ValueError, match="received 100 that are not, the first 2"):
        writer.write_estimator(0, LogisticRegression().fit(X, SPECIES > 0), X, SPECIES + (SPECIES > 0))
    with pytest.raises(ValueError, match=r"return_indices=True.*; received some without 'estimator' and 'indices'"):
        writer.write_cv_results({"test_score": [1]}, X, Y)
    assert list(tmp_path.iterdir()) == []
