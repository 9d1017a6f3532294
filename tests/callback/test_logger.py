"""`CurveLogger`: which epochs it measures, what it says about bad data, and its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curveboard import CurveLogger, read_curves
from curveboard.outcomes import UndefinedCurveWarning
from training import BINARY, CLASSES, MULTI_HOT, N_TRAIN, N, X, build, fit, forever


@pytest.mark.parametrize(
    ("freq", "options", "steps"),
    [
        (2, {"epochs": 5}, [1, 3]),
        (1, {"epochs": 6, "validation_freq": 3}, [2, 5]),
        (2, {"epochs": 4, "validation_freq": [2, 3]}, [1]),
        (1, {"epochs": 5, "initial_epoch": 3}, [3, 4]),
    ],
)
def test_epochs_that_are_measured(freq: int, options: dict[str, Any], steps: list[int], tmp_path: Path) -> None:
    history = fit(build(), BINARY, [CurveLogger(tmp_path, freq=freq)], **options)
    records = list(read_curves(tmp_path))
    assert [record.step for record in records] == steps
    assert history["val_roc_auc"] == [record.roc_auc for record in records]


@pytest.mark.parametrize("value", ["nan", "negative"])
@pytest.mark.parametrize("own_pass", [False, True], ids=["riding", "own pass"])
def test_scores_that_are_none_stop_fit_before_anything_is_written(value: str, own_pass: bool, tmp_path: Path) -> None:
    model = build(activation=None, loss="mse")  # PyTorch's cross-entropy would stop at such scores itself
    if value == "nan":
        model.set_weights([weight * np.nan for weight in model.get_weights()])
    else:
        model.layers[-1].bias.assign([-100.0])
    expected = {"nan": f"finite scores; received {N} NaN", "negative": f"from_logits=True .*; received {N} below"}[
        value
    ]
    data = (X[N_TRAIN:], BINARY[N_TRAIN:])
    callback = CurveLogger(tmp_path, data if own_pass else None)
    with pytest.raises(ValueError, match=f"epoch 0, head 'output': expected .*{expected}.*, first at example 0"):
        fit(model, BINARY, [callback], validation_data=None if own_pass else data)
    assert list(tmp_path.iterdir()) == []


def test_labels_outside_the_task_are_named(tmp_path: Path) -> None:
    y = BINARY.copy()
    y[N_TRAIN + 40] = 3
    with pytest.raises(ValueError, match="expected labels 0 or 1; received 1 others, first at example 40"):
        fit(build(loss="mse"), y, [CurveLogger(tmp_path)])
    model = build(3, "softmax", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="one column of labels per class for task='multilabel'"):
        fit(model, CLASSES, [CurveLogger(tmp_path, task="multilabel")])
    with pytest.raises(ValueError, match=r"2 class_names .*; received 3"):
        fit(build(), BINARY, [CurveLogger(tmp_path, class_names=["a", "b", "c"])])


def test_one_class_only_is_undefined_not_zero(tmp_path: Path) -> None:
    with pytest.warns(UndefinedCurveWarning, match="without a positive"):
        history = fit(build(), BINARY, [CurveLogger(tmp_path)], validation_data=(X[:40], np.zeros(40)), epochs=1)
    assert np.isnan(history["val_roc_auc"]).all()


def test_without_validation_data_the_first_epoch_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pass validation_data= to fit, or to CurveLogger; received neither"):
        fit(build(), BINARY, [CurveLogger(tmp_path)], validation_data=None, epochs=9)


def test_it_says_what_it_decided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit(build(3), MULTI_HOT, [CurveLogger(tmp_path, verbose=1)])
    assert capsys.readouterr().out == "CurveLogger: task='multilabel' (3 columns with sigmoids)\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "regression"}, "task to be one of .*; received 'regression'"),
        ({"freq": 0}, "positive integer; received 0"),
        ({"threshold": 1.5}, "probability; received 1.5"),
        ({"tolerance": 0}, "tolerance between 0 and 1; received 0"),
        ({"validation_data": (X,)}, "received no labels"),
        ({"validation_data": forever()}, "expected steps= .*; received steps=None"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        CurveLogger(tmp_path, **options)
