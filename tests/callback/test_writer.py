"""CurveWriter: labels and scores of anything, in the right run, at the right step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from curveboard import CurveWriter, read_curves
from curveboard.events import read_events
from curveboard.measure import measure
from curveboard.sharded import ShardCounts

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(0)
Y_TRUE = RNG.integers(0, 3, 300)
Y_SCORE = RNG.dirichlet([1, 1, 1], 300) * 0.5 + 0.5 * np.eye(3)[np.where(RNG.random(300) < 0.6, Y_TRUE, 0)]


def test_what_is_read_back_is_scikit_learns(tmp_path: Path) -> None:
    with CurveWriter(tmp_path, class_names=["cat", "dog", "eel"]) as writer:
        written = writer.write(4, Y_TRUE, Y_SCORE)
    (found,) = read_curves(tmp_path)
    for made in (written, found):
        assert (made.run, made.split, made.head, made.step) == ("validation", "validation", "output", 4)
        assert made.roc_auc == pytest.approx(roc_auc_score(Y_TRUE, Y_SCORE, multi_class="ovr"), abs=1e-12)
        assert made.average_precision == pytest.approx(average_precision_score(Y_TRUE, Y_SCORE), abs=1e-12)
        np.testing.assert_array_equal(made.confusion, confusion_matrix(Y_TRUE, Y_SCORE.argmax(1)))
        assert made.curves[1].positives == (Y_TRUE == 1).sum()
    assert written.wall_time == found.wall_time > 1e9


def test_weights_come_back_to_the_bit(tmp_path: Path) -> None:
    weight = RNG.random(300)
    with CurveWriter(tmp_path) as writer:
        written = writer.write(0, Y_TRUE == 1, Y_SCORE[:, 1], weight)
    (found,) = read_curves(tmp_path)
    expected = roc_auc_score(Y_TRUE == 1, Y_SCORE[:, 1], sample_weight=weight)
    assert found.roc_auc == written.roc_auc == pytest.approx(expected, abs=1e-12)
    np.testing.assert_array_equal(found.curves[0].tp, written.curves[0].tp)
    np.testing.assert_array_equal(found.confusion, written.confusion)


def test_splits_are_runs_and_heads_are_series(tmp_path: Path) -> None:
    with CurveWriter(tmp_path) as writer:
        for step in range(2):
            writer.write(step, Y_TRUE, Y_SCORE, split="train")
            writer.write(step, Y_TRUE, Y_SCORE, head="animal")
            writer.write(step, Y_TRUE > 0, Y_SCORE[:, 0], head="is_it", task="binary", class_names=["no", "yes"])
    assert [(made.run, made.head, made.step, made.task) for made in read_curves(tmp_path)] == [
        ("train", "output", 0, "multiclass"),
        ("train", "output", 1, "multiclass"),
        ("validation", "animal", 0, "multiclass"),
        ("validation", "animal", 1, "multiclass"),
        ("validation", "is_it", 0, "binary"),
        ("validation", "is_it", 1, "binary"),
    ]


def test_areas_are_scalars_beside_the_record(tmp_path: Path) -> None:
    with CurveWriter(tmp_path) as writer:
        writer.write(0, Y_TRUE, Y_SCORE)
        writer.write(0, Y_TRUE, Y_SCORE, head="animal")
    (path,) = (tmp_path / "validation").iterdir()
    tags = [value.tag for event in read_events(path) for value in event.summary.value]
    ours, animal = tags[: len(tags) // 2], tags[len(tags) // 2 :]
    assert ours[:4] == ["curveboard/output", "epoch_roc_auc", "epoch_average_precision", "epoch_accuracy"]
    assert animal == ["curveboard/animal", *(tag.replace("epoch_", "epoch_animal_") for tag in ours[1:])]


def test_names_and_task_of_a_write_replace_the_writers(tmp_path: Path) -> None:
    writer = CurveWriter(tmp_path, class_names=["a", "b", "c"], task="multiclass", threshold=0.25)
    assert writer.write(0, Y_TRUE, Y_SCORE, wall_time=12.5).wall_time == 12.5
    made = writer.write(1, np.eye(3, dtype=int)[Y_TRUE], Y_SCORE, class_names=["x", "y", "z"], task="multilabel")
    assert (made.task, made.class_names, made.threshold) == ("multilabel", ("x", "y", "z"), 0.25)
    writer.close()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"step": -1}, ValueError, "expected step to be an integer from 0; received -1"),
        ({"step": True}, ValueError, "received True"),
        ({"step": 2**63}, ValueError, "step"),
        ({"step": 1.0}, TypeError, "integer"),
        ({"split": ""}, ValueError, "expected split to be a name.*; received ''"),
        ({"split": "a/b"}, ValueError, "split"),
        ({"split": "a\\b"}, ValueError, "split"),
        ({"split": ".."}, ValueError, "split"),
        ({"head": "a/b"}, ValueError, "expected head to be a name.*; received 'a/b'"),
        ({"head": "new\nline"}, ValueError, "head"),
        ({"y_true": [0, 1, 7]}, ValueError, "received"),
        ({"y_score": [0.1, np.nan, 0.3]}, ValueError, "received"),
        ({"y_score": [0.1, 0.2]}, ValueError, "received"),
    ],
)
def test_a_wrong_argument_is_an_error_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    good: dict[str, Any] = {"step": 0, "y_true": [0, 1, 1], "y_score": [0.1, 0.2, 0.3]}
    with pytest.raises(error, match=message), CurveWriter(tmp_path) as writer:
        writer.write(**good | arguments)
    assert list(tmp_path.iterdir()) == []


def test_what_was_measured_elsewhere_is_written_as_it_is(tmp_path: Path) -> None:
    shards = [ShardCounts.of(Y_TRUE[part::4], Y_SCORE[part::4], task="multiclass") for part in range(4)]
    record = ShardCounts.merged(shards).record(split="test", head="animal")
    with CurveWriter(tmp_path) as writer:
        written = writer.write_record(7, record, wall_time=1e9)
    (found,) = read_curves(tmp_path)
    for made in (written, found):
        assert (made.run, made.split, made.head, made.step, made.wall_time) == ("test", "test", "animal", 7, 1e9)
        assert made.roc_auc == pytest.approx(roc_auc_score(Y_TRUE, Y_SCORE, multi_class="ovr"), abs=1e-12)


@pytest.mark.parametrize(
    ("step", "names", "message"),
    [
        (-1, {}, "expected step to be an integer from 0; received -1"),
        (0, {"split": "a/b"}, "expected split to be a name.*; received 'a/b'"),
        (0, {"head": ""}, "expected head to be a name.*; received ''"),
    ],
)
def test_a_record_that_has_no_place_is_an_error(tmp_path: Path, step: int, names: Any, message: str) -> None:
    record = replace(measure([0, 1], [0.1, 0.2]), **names)
    with pytest.raises(ValueError, match=message), CurveWriter(tmp_path) as writer:
        writer.write_record(step, record)
    assert list(tmp_path.iterdir()) == []


def test_numpy_integers_are_steps(tmp_path: Path) -> None:
    with CurveWriter(tmp_path) as writer:
        assert writer.write(np.int64(3), [0, 1], [0.1, 0.2]).step == 3


def test_a_log_directory_that_is_a_file_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    with pytest.raises(NotADirectoryError, match="expected a directory"):
        CurveWriter(tmp_path / "log")
