"""Columns of records: what pandas makes of them is what was measured."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn import metrics

from curveboard import tables
from curveboard.measure import measure
from curveboard.record import Record

RNG = np.random.default_rng(5)
Y_TRUE = RNG.integers(0, 3, 200)
Y_SCORE = RNG.dirichlet([1, 1, 1], 200)
NAMES = ["cat", "dog", "eel"]


def records() -> list[Record]:
    one = replace(measure(Y_TRUE, Y_SCORE, class_names=NAMES), run="forest/validation", step=3, wall_time=12.5)
    two = replace(measure(Y_TRUE == 1, Y_SCORE[:, 1]), run="net/validation", step=4)
    return [one, two]


def test_areas_have_a_row_for_each_class_and_average() -> None:
    frame = pd.DataFrame(tables.areas(records()))
    assert list(frame.columns) == list(tables.AREAS)
    assert frame["class"].tolist() == ["cat", "dog", "eel", "micro", "macro", "1"]
    assert frame["run"].tolist() == ["forest/validation"] * 5 + ["net/validation"]
    dog = frame.iloc[1]
    assert (dog["step"], dog["wall_time"], dog["positives"]) == (3, 12.5, np.sum(Y_TRUE == 1))
    assert dog["roc_auc"] == pytest.approx(metrics.roc_auc_score(Y_TRUE == 1, Y_SCORE[:, 1]), abs=1e-12)
    macro = frame.iloc[4]
    assert macro["average_precision"] == pytest.approx(metrics.average_precision_score(Y_TRUE, Y_SCORE), abs=1e-12)
    assert macro[["roc_auc_se", "positives", "negatives"]].isna().all()


def test_points_are_scikit_learns_rates() -> None:
    frame = pd.DataFrame(tables.points(records()))
    assert set(frame["class"]) == {"cat", "dog", "eel", "micro", "1"}
    rows = frame[(frame["class"] == "dog") & (frame["run"] == "forest/validation")]
    fpr, tpr, thresholds = metrics.roc_curve(Y_TRUE == 1, Y_SCORE[:, 1], drop_intermediate=False)
    place = len(thresholds) - np.searchsorted(thresholds[::-1], rows["threshold"]) - 1  # the last one still as high
    np.testing.assert_allclose(rows["fpr"], fpr[place], rtol=1e-12)
    np.testing.assert_allclose(rows["tpr"], tpr[place], rtol=1e-12)
    np.testing.assert_allclose(rows["precision"], rows["tp"] / (rows["tp"] + rows["fp"]), rtol=1e-12)


def test_confusion_is_scikit_learns() -> None:
    frame = pd.DataFrame(tables.confusion(records()[:1]))
    matrix = frame.pivot_table(index="true", columns="predicted", values="count").loc[NAMES, NAMES]
    np.testing.assert_array_equal(matrix, metrics.confusion_matrix(Y_TRUE, Y_SCORE.argmax(1)))


def test_confusion_of_labels_is_scikit_learns() -> None:
    y_true = np.eye(3, dtype=int)[Y_TRUE]
    frame = pd.DataFrame(tables.confusion([measure(y_true, Y_SCORE, task="multilabel", class_names=NAMES)]))
    assert frame["label"].tolist() == np.repeat(NAMES, 4).tolist()
    expected = metrics.multilabel_confusion_matrix(y_true, Y_SCORE >= 0.5)
    np.testing.assert_array_equal(frame["count"].to_numpy().reshape(3, 2, 2), expected)


def test_a_column_holds_one_type() -> None:
    for table in (tables.areas, tables.points, tables.confusion):
        several = [*records(), measure([0, 1], [0.2, 0.7], sample_weight=[0.5, 1])]
        assert all(len(set(map(type, column))) == 1 for column in table(several).values())
    assert set(map(type, tables.points(records())["tp"])) == {int}


def test_no_records_give_empty_columns() -> None:
    assert tables.areas([]) == {name: [] for name in tables.AREAS}


def test_columns_are_pyarrows() -> None:
    assert pa.table(tables.areas(records())).num_rows == 6


def test_a_record_is_said_in_json() -> None:
    with pytest.warns(UserWarning, match="NaN"):
        one_sided = measure([0, 0], [0.25, 0.5], sample_weight=[0.5, 1])
    for record in (*records(), one_sided):
        said = json.loads(json.dumps(tables.as_dict(record), allow_nan=False))
        assert said["confusion"] == record.confusion.tolist()
        assert [curve["tp"] for curve in said["curves"]] == [curve.tp.tolist() for curve in record.curves]
        assert said["class_names"] == list(record.class_names)
    assert said["roc_auc"] is None
    assert tables.as_dict(records()[0])["macro"]["name"] == "macro"
