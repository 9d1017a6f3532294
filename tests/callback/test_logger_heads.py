"""CurveLogger on models of several outputs, of one decision per pixel or time step, and with masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from curveboard import CurveLogger, read_curves

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from curveboard.record import Record

N = 90
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 6)).astype(np.float32)
DIGIT = RNG.integers(0, 4, N)
SPAM = (X[:, 0] + 0.5 * RNG.normal(size=N) > 0).astype(np.int64)
BOX = RNG.normal(size=(N, 2)).astype(np.float32)
LOSSES = {"digit": "sparse_categorical_crossentropy", "spam": "binary_crossentropy", "box": "mse"}
DATA = {"digit": DIGIT, "spam": SPAM, "box": BOX}


def branches(as_dict: bool) -> keras.Model:
    """Three outputs on one trunk: ten classes, yes or no, and a place."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    trunk = keras.layers.Dense(8, "relu")(inputs)
    outputs = [
        keras.layers.Dense(4, "softmax", name="digit")(trunk),
        keras.layers.Dense(1, "sigmoid", name="spam")(trunk),
        keras.layers.Dense(2, name="box")(trunk),
    ]
    model = keras.Model(inputs, dict(zip(LOSSES, outputs, strict=True)) if as_dict else outputs)
    model.compile("adam", LOSSES if as_dict else list(LOSSES.values()))
    return model


def records(log_dir: Path) -> dict[str, Record]:
    """The last record of each head."""
    return {record.head: record for record in read_curves(log_dir)}


def assert_equals_scikit_learn(record: Record, y_true: npt.NDArray[Any], y_score: npt.NDArray[Any]) -> None:
    """Compares areas and confusion matrix; scores of `predict` may differ in their last bit from those of the pass."""
    one_hot = np.eye(y_score.shape[-1])[y_true] if y_score.shape[-1] > 1 else y_true[:, np.newaxis]
    predicted = y_score.argmax(axis=1) if y_score.shape[-1] > 1 else y_score[:, 0] >= 0.5
    assert record.roc_auc == pytest.approx(roc_auc_score(one_hot, y_score), abs=1e-6)
    assert record.average_precision == pytest.approx(average_precision_score(one_hot, y_score), abs=1e-6)
    np.testing.assert_array_equal(record.confusion, confusion_matrix(y_true, predicted))


@pytest.mark.parametrize("own_pass", [False, True])
@pytest.mark.parametrize("as_dict", [False, True])
def test_every_output_has_its_record_and_its_values(as_dict: bool, own_pass: bool, tmp_path: Path) -> None:
    model = branches(as_dict)
    y = DATA if as_dict else list(DATA.values())
    own = (X, y) if own_pass else None
    callbacks = [CurveLogger(tmp_path, own, class_names={"spam": ["ham", "spam"]})]
    fits = {} if own_pass else {"validation_data": (X, y), "validation_batch_size": 32}
    history = model.fit(X, y, epochs=2, verbose=0, callbacks=callbacks, **fits).history
    found = records(tmp_path)
    assert sorted(found) == ["digit", "spam"]  # a box is no class
    scores = model.predict(X, verbose=0)
    scores = scores if as_dict else dict(zip(LOSSES, scores, strict=True))
    assert_equals_scikit_learn(found["digit"], DIGIT, scores["digit"])
    assert_equals_scikit_learn(found["spam"], SPAM, scores["spam"])
    assert found["spam"].class_names == ("ham", "spam")
    assert found["digit"].task == "multiclass"
    for head in found:
        assert history[f"val_{head}_roc_auc"][-1] == found[head].roc_auc
        assert history[f"val_{head}_average_precision"][-1] == found[head].average_precision


def test_a_task_for_each_output(tmp_path: Path) -> None:
    model = branches(as_dict=True)
    callbacks = [CurveLogger(tmp_path, task={"digit": "multiclass", "spam": None})]
    model.fit(X, DATA, validation_data=(X, DATA), verbose=0, callbacks=callbacks)
    assert sorted(records(tmp_path)) == ["digit"]
    with pytest.raises(ValueError, match=r"expected task to be one of .*; received 'regression'"):
        CurveLogger(tmp_path, task={"digit": "regression"})


def test_if_one_output_is_wrong_none_is_written(tmp_path: Path) -> None:
    wrong = {**DATA, "spam": SPAM + 7}
    with pytest.raises(ValueError, match=r"epoch 0, head 'spam': expected labels 0 or 1; received 90 others"):
        branches(as_dict=True).fit(X, DATA, validation_data=(X, wrong), verbose=0, callbacks=[CurveLogger(tmp_path)])
    assert not list(tmp_path.rglob("*tfevents*"))


def segmenter(n_classes: int) -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = [keras.Input((8, 8, 1)), keras.layers.Conv2D(n_classes, 3, padding="same")]
    layers.append(keras.layers.Activation("softmax" if n_classes > 1 else "sigmoid"))
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=255) if n_classes > 1 else "binary_crossentropy"
    model.compile("sgd", loss)
    return model


def test_pixels_of_several_classes_some_ignored(tmp_path: Path) -> None:
    images = RNG.normal(size=(12, 8, 8, 1)).astype(np.float32)
    y_true = RNG.integers(0, 3, (12, 8, 8))
    y_true[:, :2] = 255
    model = segmenter(3)
    logger = CurveLogger(tmp_path, ignore_class=255)
    model.fit(images, y_true, validation_data=(images, y_true), verbose=0, callbacks=[logger])
    record = records(tmp_path)["output"]
    kept = y_true != 255
    assert (record.task, record.n_examples) == ("multiclass", 12 * 6 * 8)
    assert_equals_scikit_learn(record, y_true[kept], model.predict(images, verbose=0)[kept])


def test_binary_pixels(tmp_path: Path) -> None:
    images = RNG.normal(size=(12, 8, 8, 1)).astype(np.float32)
    y_true = (images > 0.3).astype(np.float32)
    model = segmenter(1)
    model.fit(images, y_true, validation_data=(images, y_true), verbose=0, callbacks=[CurveLogger(tmp_path)])
    record = records(tmp_path)["output"]
    assert record.task == "binary"
    assert_equals_scikit_learn(record, y_true.ravel().astype(int), model.predict(images, verbose=0).reshape(-1, 1))


def test_masked_time_steps_do_not_count(tmp_path: Path) -> None:
    tokens = RNG.integers(1, 9, (30, 7))
    tokens[:, 5:] = 0
    y_true = RNG.integers(0, 3, (30, 7))
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((7,), dtype="int32"),
            keras.layers.Embedding(9, 4, mask_zero=True),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    for own_pass in (None, (tokens, y_true)):
        log_dir = tmp_path / str(own_pass is None)
        validation = (tokens, y_true) if own_pass is None else None
        model.fit(tokens, y_true, validation_data=validation, verbose=0, callbacks=[CurveLogger(log_dir, own_pass)])
        record = records(log_dir)["output"]
        assert record.n_examples == 30 * 5
        assert_equals_scikit_learn(
            record, y_true[:, :5].ravel(), model.predict(tokens, verbose=0)[:, :5].reshape(-1, 3)
        )
