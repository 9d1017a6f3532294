"""Every recipe runs, and what it logged is what scikit-learn says of the model that it leaves behind."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from curveboard import Record, read_curves

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "examples" / "recipes"
NEARLY = 1e-4  # the same scores, computed in batches of another size: the last bits may swap a pair


@pytest.fixture
def cook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a recipe in a folder of its own and returns what it leaves behind."""
    monkeypatch.chdir(tmp_path)
    return lambda name: runpy.run_path(str(RECIPES / f"{name}.py"))


def stored(run: str, head: str | None = None) -> list[Record]:
    return list(read_curves("logs", run=run, head=head))


def is_picture(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG")


def test_train_and_validation(cook: Any) -> None:
    left = cook("train_and_validation")
    history = left["history"].history
    train, validation = stored("net/train"), stored("net/validation")
    assert [record.roc_auc for record in train] == history["roc_auc"]
    assert [record.roc_auc for record in validation] == history["val_roc_auc"]
    best = int(np.argmax(history["val_roc_auc"]))
    assert len(validation) == min(best + 4, 20)  # three epochs of patience
    for records, split in ((train, "train"), (validation, "validation")):
        score = left["model"].predict(left[f"x_{split}"], verbose=0).ravel()  # of the best epoch's weights
        expected = metrics.roc_auc_score(left[f"y_{split}"], score)
        assert records[best].roc_auc == pytest.approx(expected, abs=NEARLY)


def test_keras_and_forest(cook: Any, tmp_path: Path) -> None:
    left = cook("keras_and_forest")
    for run, score in (
        ("keras", left["model"].predict(left["x_validation"], verbose=0).ravel()),
        ("forest", left["forest"].predict_proba(left["x_validation"])[:, 1]),
    ):
        record = stored(f"{run}/validation")[-1]
        assert record.step == 4
        assert record.roc_auc == pytest.approx(metrics.roc_auc_score(left["y_validation"], score), abs=NEARLY)
    assert [line.get_label().split(" (")[0] for line in left["zoomed"].lines] == [
        "random forest",
        "Keras",
        "Chance level",
    ]
    assert (left["zoomed"].get_xlim(), left["zoomed"].get_ylim()) == ((0, 0.2), (0.8, 1))
    assert is_picture(tmp_path / "keras_and_forest.png")


def test_cross_validation(cook: Any, tmp_path: Path) -> None:
    left = cook("cross_validation")
    results, x, y = left["results"], left["x"], left["y"]
    found = [record.roc_auc for fold in range(5) for record in stored(f"logistic/fold{fold}/validation")]
    assert found == pytest.approx(results["test_score"].tolist(), abs=1e-12)
    lines = []
    for estimator, rows in zip(results["estimator"], results["indices"]["test"], strict=True):
        fpr, tpr, _ = metrics.roc_curve(y[rows], estimator.predict_proba(x[rows])[:, 1], drop_intermediate=False)
        lines.append(np.interp(np.linspace(0, 1, 101), fpr, tpr))
        lines[-1][0] = 0.0
    assert np.mean(abs(left["display"].mean_ - np.mean(lines, axis=0))) < 1 / 256
    assert np.mean(abs(left["display"].deviation_ - np.std(lines, axis=0))) < 1 / 256
    assert is_picture(tmp_path / "cross_validation.png")


def test_metrics_per_epoch(cook: Any) -> None:
    left = cook("metrics_per_epoch")
    for run, (model, x, y) in left["trained"].items():
        records = stored(f"{run}/validation")
        assert [record.step for record in records] == [0, 1, 2]
        score = model.predict(x, verbose=0)
        predicted = score.ravel() >= 0.5 if run == "cancer" else score.argmax(axis=1)
        average = "binary" if run == "cancer" else "macro"
        last = records[-1]
        np.testing.assert_array_equal(last.confusion, metrics.confusion_matrix(y, predicted))
        assert last.accuracy == pytest.approx(metrics.accuracy_score(y, predicted))
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(y, predicted, average=average)
        assert (last.precision(), last.recall(), last.f1()) == pytest.approx((precision, recall, f1))


def test_pictures(cook: Any, tmp_path: Path) -> None:
    left = cook("pictures")
    assert [path.name for path in sorted((tmp_path / "pictures").iterdir())] == [f"epoch_00{n}.png" for n in range(3)]
    assert all(map(is_picture, (tmp_path / "pictures").iterdir()))
    last = stored("softmax/validation")[-1]
    score = left["model"].predict(left["x_validation"], verbose=0)
    expected = metrics.roc_auc_score(left["y_validation"], score, multi_class="ovr")
    assert last.roc_auc == pytest.approx(expected, abs=NEARLY)
    np.testing.assert_array_equal(last.confusion, metrics.confusion_matrix(left["y_validation"], score.argmax(axis=1)))


def test_many_outputs(cook: Any) -> None:
    left = cook("many_outputs")
    records = stored("net/validation")
    score, y = left["model"].predict(left["x_validation"], verbose=0), left["y_validation"]
    assert [record.step for record in records] == [0, 1, 2, 3]
    last = records[-1]
    assert last.task == "multilabel"
    by_class = metrics.roc_auc_score(y, score, average=None)
    assert [curve.roc_auc for curve in last.curves] == pytest.approx(by_class, abs=NEARLY)
    assert last.roc_auc == pytest.approx(np.mean(by_class), abs=NEARLY)
    assert last["micro"].roc_auc == pytest.approx(metrics.roc_auc_score(y, score, average="micro"), abs=NEARLY)
    assert left["hardest"][0].roc_auc == pytest.approx(min(by_class), abs=NEARLY)


def test_one_vs_rest(cook: Any, tmp_path: Path) -> None:
    left = cook("one_vs_rest")
    (three,), (two,) = stored("iris/validation", "output"), stored("iris/validation", "is_virginica")
    score, y = left["model"].predict_proba(left["x_test"]), left["y_test"]
    onehot = y[:, None] == left["model"].classes_
    assert [curve.roc_auc for curve in three.curves] == pytest.approx(
        metrics.roc_auc_score(onehot, score, average=None), abs=1e-12
    )
    for average in ("micro", "macro"):
        assert three[average].roc_auc == pytest.approx(metrics.roc_auc_score(onehot, score, average=average), abs=1e-12)
    expected = metrics.roc_auc_score(y == "virginica", left["is_virginica"].predict_proba(left["x_test"])[:, 1])
    assert two.roc_auc == pytest.approx(expected, abs=1e-12)
    assert is_picture(tmp_path / "one_vs_rest.png")


def test_every_recipe_is_judged_and_in_the_readme() -> None:
    names = {path.stem for path in RECIPES.glob("*.py")}
    assert {f"test_{name}" for name in names} <= set(globals())
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in names if f"examples/recipes/{name}.py" not in text] == []


def test_a_recipe_runs_as_users_run_it(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, RECIPES / "one_vs_rest.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "callback")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "MacroCurve(" in result.stdout
