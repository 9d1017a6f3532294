"""Encoding a batch and bringing a pass to the host, without a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from keras import ops

from curveboard.collect import SINGLE, Collector, Head, Reading, Scores
from curveboard.finish import complaint, finish

OPTIONS: dict[str, Any] = {
    "class_names": None,
    "from_logits": False,
    "threshold": 0.5,
    "tolerance": 1 / 256,
    "split": "validation",
    "head": "output",
}


def collect(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    sample_weight: npt.ArrayLike | None = None,
    *,
    from_logits: bool = False,
    batch_size: int = 3,
) -> Scores:
    """Runs arrays through a collector batch by batch, the last one partial."""
    collector = Collector(Reading(Head(SINGLE, from_logits)))
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    for start in range(0, len(y_pred), batch_size):
        rows = slice(start, start + batch_size)
        weights = None if sample_weight is None else ops.convert_to_tensor(np.asarray(sample_weight)[rows])
        batch = ops.convert_to_tensor(y_true[rows]), ops.convert_to_tensor(y_pred[rows]), weights
        collector.append(collector.encode(*batch))
    scores: Scores = collector.take()[SINGLE]
    return scores


scores_of_any_shape = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
    # TensorFlow flushes denormals in some kernels; a probability that small is the models' own doing.
    elements=st.floats(0, 1, width=32, allow_subnormal=False),
)


@given(scores_of_any_shape, st.data())
@settings(max_examples=60, deadline=None)
def test_the_sign_holds_the_label_and_the_rest_the_score(scores: npt.NDArray[np.float32], data: st.DataObject) -> None:
    labels = data.draw(hnp.arrays(np.int64, scores.shape, elements=st.integers(0, 1)))
    values = collect(labels, scores).values
    np.testing.assert_array_equal(np.signbit(values), labels == 1)
    np.testing.assert_array_equal(np.abs(values), scores)


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32", "uint8"])
@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_labels_of_any_type_and_of_both_shapes(dtype: str, shape: tuple[int, ...]) -> None:
    values = collect(np.array([0, 1, 1, 0], dtype).reshape(shape), np.array([0.0, 0.0, 1.0, -0.0], np.float32)).values
    # A zero keeps its label too; the score's own minus sign, in the last row, does not count.
    assert values.shape == (4, 1)
    assert np.signbit(values[:, 0]).tolist() == [False, True, True, False]


def test_class_indices_and_one_hot_rows_encode_alike() -> None:
    scores, indices = np.full((4, 3), 1 / 3, np.float32), np.array([2, 0, 1, 2])
    sparse, one_hot = collect(indices, scores), collect(np.eye(3)[indices], scores)
    np.testing.assert_array_equal(sparse.values, one_hot.values)
    assert (sparse.class_indices, one_hot.class_indices) == (True, False)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_scores_of_other_types_are_widened_or_rounded_to_float32(dtype: str) -> None:
    scores = ops.cast(ops.convert_to_tensor(np.array([0.1, 0.7], np.float32)), dtype)
    collector = Collector(Reading())
    collector.append(collector.encode(ops.convert_to_tensor([0, 1]), scores, None))
    expected = ops.convert_to_numpy(ops.cast(scores, "float32"))
    np.testing.assert_array_equal(np.abs(collector.take()[SINGLE].values[:, 0]), expected)


def test_logits_keep_their_sign_and_have_their_labels_beside_them() -> None:
    collected = collect([1, 0], np.array([-3.0, 40.0], np.float32), from_logits=True)
    assert collected.values[:, 0].tolist() == [-3.0, 40.0]
    assert collected.labels is not None
    assert collected.labels[:, 0].tolist() == [1, 0]


def test_weights_are_collected_and_many_batches_stay_in_order() -> None:
    scores = np.linspace(0, 1, 500, dtype=np.float32)
    collected = collect(np.zeros(500), scores, scores[:, np.newaxis] + 1)
    np.testing.assert_array_equal(collected.values[:, 0], scores)
    assert collected.sample_weight is not None
    np.testing.assert_array_equal(collected.sample_weight, scores + 1)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        ([0, 1, 0], [0.5, np.nan, np.inf], "expected finite scores; received 2 NaN or infinite, first at example 1"),
        (
            [0, 1, 1],
            [0.5, 0.5, -2.0],
            "of at least 0 (from_logits=True for logits); received 1 below, first at example 2",
        ),
        ([0, 2, 1], [0.5, 0.5, 0.5], "expected labels 0 or 1; received 1 others, first at example 1"),
        ([0, 0.3, 1], [0.5, -1.0, 0.5], "expected labels 0 or 1; received 1 others, first at example 1"),
        ([0, 3, -1], np.full((3, 3), 0.3), "expected labels from 0 to 2; received 2 others, first at example 1"),
        (np.full((2, 3), 0.3), np.full((2, 3), 0.3), "labels 0 or 1; received 6 others, first at example 0, class 0"),
    ],
)
def test_what_is_no_score_or_no_label_is_named(y_true: Any, y_pred: Any, message: str) -> None:
    collected = collect(y_true, np.asarray(y_pred, np.float32))
    assert message in str(complaint(collected))
    with pytest.raises(ValueError, match="received"):
        finish(collected, task="binary" if collected.values.shape[1] == 1 else "multiclass", **OPTIONS)


def test_nothing_to_complain_of() -> None:
    assert complaint(collect([0, 1], np.array([0.0, 1.0], np.float32))) is None


@pytest.mark.parametrize("labels", [[[1, 1], [0, 1]], [[0, 0], [0, 1]]])
def test_two_classes_that_exclude_each_other_have_exactly_one_label(labels: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"exactly one of two classes per example; received 1 .* at example 0"):
        finish(collect(labels, np.full((2, 2), 0.5, np.float32)), task="binary", **OPTIONS)


def test_a_pass_is_copied_once_and_forgotten() -> None:
    collector = Collector(Reading())
    collector.append(collector.encode(ops.zeros((2,)), ops.zeros((2,)), None))
    assert collector.take() is collector.take()
    collector.forget()
    with pytest.raises(ValueError, match=r"at least one batch .* received none"):
        collector.take()
