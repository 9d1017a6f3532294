"""Outputs, labels and weights: matched by name, and laid out as rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from keras import ops

from curveboard.collect import SINGLE, Collector, Head, Reading, Scores
from curveboard.collect.heads import heads_of

RNG = np.random.default_rng(0)
PLAIN = Head(SINGLE)


def collect(y_true: Any, y_pred: Any, sample_weight: Any = None, *, head: Head = PLAIN, mask: Any = None) -> Scores:
    """Runs one batch of one head through a collector."""
    collector = Collector(Reading(head))
    y_pred = ops.convert_to_tensor(np.asarray(y_pred, np.float32))
    if mask is not None:
        y_pred._keras_mask = ops.convert_to_tensor(mask)
    weights = None if sample_weight is None else ops.convert_to_tensor(sample_weight)
    collector.append(collector.encode(ops.convert_to_tensor(y_true), y_pred, weights))
    scores: Scores = collector.take()[SINGLE]
    return scores


def assert_holds(scores: Scores, y_true: npt.NDArray[Any], y_score: npt.NDArray[Any]) -> None:
    """Compares the encoding with labels, a column per class, and scores."""
    np.testing.assert_array_equal(np.abs(scores.values), np.asarray(y_score, np.float32))
    np.testing.assert_array_equal(np.signbit(scores.values), np.asarray(y_true, bool))


@pytest.mark.parametrize("labels", [(3, 4, 5), (3, 4, 5, 1)])
@pytest.mark.parametrize("outputs", [(3, 4, 5), (3, 4, 5, 1)])
def test_binary_pixels(labels: tuple[int, ...], outputs: tuple[int, ...]) -> None:
    y_true, y_score = RNG.integers(0, 2, 60), RNG.random(60)
    collected = collect(y_true.reshape(labels), y_score.reshape(outputs))
    assert_holds(collected, y_true[:, np.newaxis], y_score[:, np.newaxis])
    assert not collected.class_indices


@pytest.mark.parametrize("labels", [(3, 4, 5), (3, 4, 5, 1)])
def test_pixels_of_several_classes(labels: tuple[int, ...]) -> None:
    y_true, y_score = RNG.integers(0, 7, 60), RNG.random((60, 7))
    collected = collect(y_true.reshape(labels), y_score.reshape(3, 4, 5, 7))
    assert_holds(collected, np.eye(7)[y_true], y_score)
    assert collected.class_indices
    one_hot = collect(np.eye(7)[y_true].reshape(3, 4, 5, 7), y_score.reshape(3, 4, 5, 7))
    np.testing.assert_array_equal(one_hot.values, collected.values)


def test_sequences_of_classes() -> None:
    y_true, y_score = RNG.integers(0, 7, 12), RNG.random((12, 7))
    assert_holds(collect(y_true.reshape(3, 4), y_score.reshape(3, 4, 7)), np.eye(7)[y_true], y_score)
    one_hot = np.eye(7)[y_true].reshape(3, 4, 7)
    columns = collect(one_hot, y_score.reshape(3, 4, 7), head=Head(SINGLE, columns=True))
    assert_holds(columns, np.eye(7)[y_true], y_score)
    assert collect(one_hot, y_score.reshape(3, 4, 7)).values.shape == (84, 1)


def test_binary_time_steps_are_columns_unless_the_task_says_otherwise() -> None:
    y_true, y_score = RNG.integers(0, 2, (3, 4)), RNG.random((3, 4))
    assert collect(y_true, y_score).values.shape == (3, 4)
    assert collect(y_true, y_score, head=Head(SINGLE, columns=False)).values.shape == (12, 1)
    two = collect(np.eye(2)[[0, 1, 1]], RNG.random((3, 2)), head=Head(SINGLE, columns=False))
    assert two.values.shape == (3, 2)


@pytest.mark.parametrize("weights", [(3,), (3, 1), (3, 4), (3, 4, 1)])
def test_weights_of_examples_and_of_decisions(weights: tuple[int, ...]) -> None:
    given = RNG.random(weights).astype(np.float32)
    collected = collect(RNG.integers(0, 5, (3, 4)), RNG.random((3, 4, 5)), given)
    expected = np.broadcast_to(given.reshape(3, -1), (3, 4)).ravel()
    assert collected.sample_weight is not None
    np.testing.assert_array_equal(collected.sample_weight, expected)


@pytest.mark.parametrize("from_logits", [False, True])
def test_masked_and_ignored_decisions_do_not_count(from_logits: bool) -> None:
    y_true, y_score, weights = RNG.integers(0, 5, (3, 4)), RNG.random((3, 4, 5)), RNG.random((3, 4))
    y_true[0, :2] = 255
    mask = np.ones((3, 4), bool)
    mask[2, 1:] = False
    head = Head(SINGLE, from_logits=from_logits, ignore_class=255)
    collected = collect(y_true, y_score, weights, head=head, mask=mask)
    kept = mask & (y_true != 255)
    assert kept.sum() == 7
    np.testing.assert_array_equal(np.abs(collected.values), y_score[kept].astype(np.float32))
    assert collected.sample_weight is not None
    np.testing.assert_allclose(collected.sample_weight, weights[kept], rtol=1e-6)
    labels = collected.labels if from_logits else np.signbit(collected.values).argmax(axis=1)
    np.testing.assert_array_equal(labels, y_true[kept])


def test_a_mask_of_examples_covers_their_decisions() -> None:
    collected = collect(np.zeros((2, 3)), np.full((2, 3, 4), 0.25), mask=np.array([True, False]))
    assert collected.values.shape == (3, 4)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "message"),
    [
        ((2, 5), (2, 4, 3), r"shape \(batch, 4\) or \(batch, 4, 3\) for outputs .*; received \(batch, 5\)"),
        ((2, 4), (2, 3), r"shape \(batch,\) or \(batch, 3\) for outputs .*; received \(batch, 4\)"),
        ((2, 1, 3), (2, 3), r"received \(batch, 1, 3\)"),
        ((2, 3), (2,), r"received \(batch, 3\)"),
        ((2, 4, 6), (2, 4, 5, 3), r"received \(batch, 4, 6\)"),
    ],
)
def test_shapes_that_do_not_fit(y_true: tuple[int, ...], y_pred: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        collect(np.zeros(y_true), np.zeros(y_pred))


def test_weights_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"one sample weight per example or decision; received .*\(batch, 3\)"):
        collect(np.zeros((2, 1)), np.zeros((2, 1)), np.zeros((2, 3)))


def test_ignoring_a_label_needs_class_indices() -> None:
    with pytest.raises(ValueError, match="class indices as labels with ignore_class; received a column per class"):
        collect(np.eye(3), np.eye(3), head=Head(SINGLE, ignore_class=255))


def names_of(reading: Reading, y_true: Any, y_pred: Any, weights: Any = None) -> list[tuple[str, Any, Any, Any]]:
    return [
        (head.name, labels, output, weight)
        for head, labels, output, weight in heads_of(reading, y_true, y_pred, weights)
    ]


A, B, C, D = (np.full((2, 1), value) for value in range(4))


def test_one_output_is_named_output_in_whatever_it_comes() -> None:
    for wrap in (lambda x: x, lambda x: [x], lambda x: {"probability": x}):
        (found,) = names_of(Reading(output_names=("probability",)), wrap(A), wrap(B), wrap(C))
        assert found == (SINGLE, A, B, C)


def test_several_outputs_are_matched_by_name_or_place() -> None:
    reading = Reading(output_names=("left", "right"))
    expected = [("left", A, C, None), ("right", B, D, None)]
    assert names_of(reading, [A, B], [C, D]) == expected
    assert names_of(reading, {"right": B, "left": A}, [C, D]) == expected
    assert names_of(Reading(), {"right": B, "left": A}, {"left": C, "right": D}) == expected
    assert [name for name, *_ in names_of(Reading(), [A, B], [C, D])] == ["output_1", "output_2"]


def test_weights_for_all_outputs_or_for_some() -> None:
    reading = Reading(output_names=("left", "right"))
    assert [found[3] for found in names_of(reading, [A, B], [C, D], A)] == [A, A]
    assert [found[3] for found in names_of(reading, [A, B], [C, D], {"right": B})] == [None, B]


def test_outputs_without_labels_and_those_left_out_are_passed_over() -> None:
    reading = Reading(left_out=frozenset({"box"}), output_names=("digit", "box", "spare"))
    assert [name for name, *_ in names_of(reading, {"digit": A, "box": B}, [B, C, D])] == ["digit"]
    with pytest.raises(ValueError, match="expected labels beside the inputs; received none"):
        names_of(reading, None, [A, B, C])
    with pytest.raises(ValueError, match="deeper nesting"):
        names_of(reading, [A], {"a": [B, C]})


def test_an_error_names_the_head_where_there_are_several() -> None:
    with pytest.raises(ValueError, match=r"head 'right': expected labels of shape .*; received \(batch, 4\)"):
        Collector(Reading()).encode(
            {"left": A, "right": np.zeros((2, 4))}, {"left": B, "right": np.zeros((2, 3))}, None
        )
