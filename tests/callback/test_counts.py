from __future__ import annotations

from itertools import chain

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from curveboard.counts import CountTable

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


@given(st.lists(EXAMPLES, min_size=1, max_size=6), st.booleans())
def test_many_tables_are_merged_as_if_counted_together(shards: list[Examples], mixed: bool) -> None:
    dtypes = [np.float64 if mixed and number % 2 else np.float32 for number in range(len(shards))]
    merged = CountTable.merged(
        [CountTable.from_scores(*arrays(shard, dtype)) for shard, dtype in zip(shards, dtypes, strict=True)]
    )
    assert rows(merged) == rows(CountTable.from_scores(*arrays([*chain.from_iterable(shards)])))
    assert merged.thresholds.dtype == np.result_type(*dtypes)


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


@given(st.lists(st.tuples(st.booleans(), SCORES, WEIGHTS), max_size=40), st.booleans())
def test_rises_are_the_rows_at_which_true_positives_grow(
    examples: list[tuple[bool, float, float]], weighted: bool
) -> None:
    y_true, y_score = arrays([example[:2] for example in examples])
    table = CountTable.from_scores(y_true, y_score, [example[2] for example in examples] if weighted else None)
    rises = table.rises()
    before = (0.0, 0.0, 0.0)
    expected = []
    for row in rows(table):
        if row[1] > before[1]:
            expected += [before, row]
        before = row
    lean = rises.table(np.arange(2 * len(rises.tp)))
    counts = [row[1:] for row in rows(lean)]
    assert counts == [row[1:] for row in expected]
    # Thresholds are not scores, but reproduce the counts; where nothing is predicted positive, there is none.
    at = np.searchsorted(-table.thresholds, -lean.thresholds, side="right") - 1
    found = [(table.tp[row], table.fp[row]) for row in at]
    assert all(one == other for one, other in zip(found, counts, strict=True) if any(other))


def test_joined_tables_have_no_row_twice() -> None:
    one = CountTable(np.array([0.9, 0.8]), np.array([0, 1]), np.array([1, 1]))
    other = CountTable(np.array([0.8, 0.5]), np.array([1, 2]), np.array([1, 1]))
    assert rows(CountTable.joined([one, other])) == [(0.9, 0, 1), (0.8, 1, 1), (0.5, 2, 1)]
