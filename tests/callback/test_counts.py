from __future__ import annotations

from collections.abc import Iterable

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from curveboard.counts import (
    BLOCK_KEYS,
    CountTable,
    blocks_of,
    count_positives,
    lean_pieces,
    pooled_blocks,
    predicted_positive,
    signed_keys,
)
from curveboard.curves import average_precision, roc_auc, roc_auc_se

SMALLEST = float(np.float32(1e-45))  # a denormal
SCORES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, SMALLEST, 0.5, float(np.nextafter(np.float32(1), np.float32(0)))]),
    st.floats(0, 1, width=32),
)
EXAMPLES = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=40)
ANY_SCORE = st.floats(-(2.0**100), 2.0**100, width=32)
Examples = list[tuple[bool, float]]
WEIGHTS = st.one_of(st.just(0.0), st.integers(1, 8).map(lambda eighths: eighths / 8))  # sums are exact


def arrays(examples: Examples, dtype: type = np.float32) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    return np.array([label for label, _ in examples]), np.array([score for _, score in examples], dtype)


def by_definition(
    y_true: npt.NDArray[np.bool_], y_score: npt.NDArray[np.floating], weight: npt.NDArray[np.float64]
) -> list[tuple[float, float, float]]:
    """One row for each distinct score of positive weight, counted by comparing all scores with it."""
    return [
        (
            score,
            weight[(y_score >= score) & y_true].sum(),
            weight[(y_score >= score) & ~y_true].sum(),
        )
        for score in sorted(set((y_score[weight > 0] + 0).tolist()), reverse=True)
    ]


def rows(table: CountTable) -> list[tuple[float, float, float]]:
    return list(zip(table.thresholds.tolist(), table.tp.tolist(), table.fp.tolist(), strict=True))


@given(EXAMPLES, st.sampled_from([np.float32, np.float64]))
def test_counts_are_those_of_comparing_every_score(examples: Examples, dtype: type) -> None:
    y_true, y_score = arrays(examples, dtype)
    table = CountTable.from_scores(y_true, y_score)
    assert rows(table) == by_definition(y_true, y_score, np.ones(len(y_true)))
    assert table.thresholds.dtype == dtype
    assert table.tp.dtype == table.fp.dtype == np.int64
    assert (table.positives, table.negatives) == (y_true.sum(), (~y_true).sum())
    assert not np.signbit(table.thresholds).any()


@given(st.lists(st.tuples(st.booleans(), ANY_SCORE), min_size=1, max_size=40))
def test_logits_and_decision_values_may_be_negative(examples: Examples) -> None:
    y_true, y_score = arrays(examples)
    assert rows(CountTable.from_scores(y_true, y_score)) == by_definition(y_true, y_score, np.ones(len(y_true)))


@given(st.lists(st.tuples(st.booleans(), SCORES, WEIGHTS), max_size=30))
def test_weights_are_summed_and_weight_zero_leaves_no_trace(examples: list[tuple[bool, float, float]]) -> None:
    y_true, y_score = arrays([example[:2] for example in examples])
    weight = np.array([example[2] for example in examples], np.float64)
    table = CountTable.from_scores(y_true, y_score, weight)
    assert rows(table) == by_definition(y_true.astype(bool), y_score, weight)
    assert table.weighted


@given(EXAMPLES)
def test_the_sign_bit_carries_the_label(examples: Examples) -> None:
    y_true, y_score = arrays(examples)
    signed = np.where(y_true, -np.abs(y_score), np.abs(y_score))
    assert rows(CountTable.from_signed(signed)) == rows(CountTable.from_scores(y_true, y_score))


def test_minus_zero_is_a_positive_of_score_zero() -> None:
    assert rows(CountTable.from_signed(np.array([-0.0, 0.0], np.float32))) == [(0.0, 1, 1)]


def test_scores_above_one_are_counted_in_the_sign_bit_too() -> None:
    table = CountTable.from_signed(np.array([3e38, -2.5, 1.0, -1e-40], np.float32))
    np.testing.assert_array_equal(table.thresholds, np.array([3e38, 2.5, 1, 1e-40], np.float32))
    assert table.tp.tolist() == [0, 1, 1, 2]


@given(EXAMPLES, EXAMPLES)
def test_merging_equals_counting_together(one: Examples, other: Examples) -> None:
    merged = CountTable.from_scores(*arrays(one)).merge(CountTable.from_scores(*arrays(other)))
    assert rows(merged) == rows(CountTable.from_scores(*arrays(one + other)))


def test_merging_with_nothing_changes_nothing() -> None:
    table = CountTable.from_scores([0, 1, 1], np.array([0.1, 0.1, 0.7], np.float32))
    empty = CountTable.from_scores(np.empty(0, bool), np.empty(0, np.float32))
    assert rows(table.merge(empty)) == rows(empty.merge(table)) == rows(table)
    assert (empty.positives, empty.negatives) == (0, 0)


@given(EXAMPLES, SCORES)
def test_confusion_at_any_threshold(examples: Examples, threshold: float) -> None:
    y_true, y_score = arrays(examples)
    expected = confusion_matrix(y_true, y_score >= threshold, labels=[False, True]).ravel()
    assert CountTable.from_scores(y_true, y_score).confusion_at(threshold) == tuple(expected.tolist())


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [(np.float16, np.float32), (ml_dtypes.bfloat16, np.float32), (np.int64, np.float64)],
)
def test_narrow_scores_are_widened(dtype: type, kept: type) -> None:
    table = CountTable.from_scores([0, 1], np.array([0, 1]).astype(dtype))
    assert table.thresholds.dtype == kept
    assert table.thresholds.tolist() == [1, 0]


def sorted_keys(y_true: npt.NDArray[np.bool_], y_score: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    keys = signed_keys(np.where(y_true, -np.abs(y_score), np.abs(y_score)).reshape(len(y_true), -1))
    keys.sort(axis=1)
    return keys


def counted(blocks: Iterable[npt.NDArray[np.uint32]]) -> CountTable:
    return CountTable.joined(list(lean_pieces(blocks)))


def assert_same_areas(lean: CountTable, full: CountTable) -> None:
    np.testing.assert_allclose(roc_auc(lean), roc_auc(full), rtol=0, atol=1e-14)
    np.testing.assert_allclose(average_precision(lean), average_precision(full), rtol=0, atol=1e-14)
    np.testing.assert_allclose(roc_auc_se(lean), roc_auc_se(full), rtol=1e-12)
    assert set(rows(lean)) <= set(rows(full))
    assert rows(lean)[0] == rows(full)[0]
    assert rows(lean)[-1] == rows(full)[-1]


@given(EXAMPLES)
def test_lean_tables_keep_exact_rows_and_all_areas(examples: Examples) -> None:
    y_true, y_score = arrays(examples)
    full = CountTable.from_scores(y_true, y_score)
    assert_same_areas(full.lean(), full)
    assert_same_areas(counted(blocks_of(sorted_keys(y_true, y_score)[0])), full)


@pytest.mark.parametrize("steps", [7, 1000, 10**6])
def test_more_keys_than_a_block_holds(steps: int) -> None:
    rng = np.random.default_rng(steps)
    y_score = (rng.integers(0, steps, 3 * BLOCK_KEYS) / steps).astype(np.float32)
    y_true = rng.random(len(y_score)) < 0.1 + 0.3 * y_score
    keys = sorted_keys(y_true, y_score)[0]
    full = CountTable.from_scores(y_true, y_score)
    assert len(list(blocks_of(keys))) > 1
    assert_same_areas(counted(blocks_of(keys)), full)
    assert len(counted(blocks_of(keys)).tp) < 0.9 * len(full.tp) or steps < 10**6


@pytest.mark.parametrize("shape", [(1, 5), (3, 1), (40, 9000), (3, 200_000)])
def test_pooling_equals_counting_all_classes_together(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    # Classes on different scales, one of them constant, so that slices are uneven.
    y_score = (rng.random(shape[::-1]) ** np.arange(shape[0])).astype(np.float32)
    y_true = rng.random(y_score.shape) < 0.2
    keys = sorted_keys(y_true, y_score)
    blocks = list(pooled_blocks(keys))
    np.testing.assert_array_equal(np.concatenate(blocks), np.sort(keys, axis=None))
    full = CountTable.from_scores(y_true.ravel(), y_score.ravel())
    assert_same_areas(counted(blocks), full)


@given(EXAMPLES, st.one_of(SCORES, st.sampled_from([-1.0, 2.0])))
def test_predicted_positives_among_keys(examples: Examples, threshold: float) -> None:
    y_true, y_score = arrays(examples)
    fp, tp = predicted_positive(sorted_keys(y_true, y_score)[0], threshold)
    _, expected_fp, _, expected_tp = confusion_matrix(y_true, y_score >= threshold, labels=[False, True]).ravel()
    assert (fp, tp) == (int(expected_fp), int(expected_tp))
    assert count_positives(sorted_keys(y_true, y_score)) == y_true.sum()
