from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from curveboard import keys as keys_module
from curveboard.keys import (
    FEW_KEYS,
    ROW,
    TILE_KEYS,
    KeyArray,
    blocks_of,
    is_positive,
    merged_blocks,
    pieces_of,
    positives_of,
    predicted_among,
    scores_of,
    signed_keys,
    sort_keys,
)
from families import FAMILIES

SCORES = st.one_of(
    st.sampled_from([0.0, 1.0, 1.401298464324817e-45, 0.5]),
    st.floats(0, 1, width=32),
    st.floats(0, float(np.finfo(np.float32).max), width=32),
)
EXAMPLES = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=40)


@given(EXAMPLES)
def test_keys_sort_by_decreasing_score_positives_first(examples: list[tuple[bool, float]]) -> None:
    signed = np.array([-score if label else score for label, score in examples], np.float32)
    keys = np.sort(signed_keys(signed[:, np.newaxis])[0])
    expected = sorted(((np.float32(score), label) for label, score in examples), reverse=True)
    assert scores_of(keys).tolist() == [score for score, _ in expected]
    assert ((keys & 1) == 0).tolist() == [label for _, label in expected]


def test_one_row_of_keys_per_class() -> None:
    signed = np.random.default_rng(0).normal(size=(TILE_KEYS // 2, 5)).astype(np.float32)
    keys = signed_keys(signed)
    assert keys.flags.c_contiguous
    np.testing.assert_array_equal(scores_of(keys), np.abs(signed).T)
    np.testing.assert_array_equal((keys & 1) == 0, signed.T < 0)


@given(EXAMPLES, st.one_of(SCORES, st.sampled_from([-1.0, 2.0])))
def test_predicted_positives_among_keys(examples: list[tuple[bool, float]], threshold: float) -> None:
    y_true = np.array([label for label, _ in examples])
    y_score = np.array([score for _, score in examples], np.float32)
    keys = signed_keys(np.where(y_true, -y_score, y_score)[:, np.newaxis])[0]
    assert scores_of(positives_of(keys)).tolist() == y_score[y_true].tolist()
    predicted = predicted_among(keys, threshold)
    _, fp, _, tp = confusion_matrix(y_true, y_score >= np.float32(threshold), labels=[False, True]).ravel()
    assert (np.sum(predicted & is_positive(keys)), np.sum(predicted)) == (tp, tp + fp)


@pytest.mark.parametrize("label", [True, False])
def test_minus_zero_is_a_positive_of_score_zero(label: bool) -> None:
    assert is_positive(signed_keys(np.array([[-0.0 if label else 0.0]], np.float32))).item() == label


def crowded(rng: np.random.Generator, n: int) -> KeyArray:
    """More keys than half a row share their leading bits, because one is far off."""
    keys: KeyArray = rng.integers(2**31, 2**31 + n, n, np.uint32)
    keys[0] = 0
    return keys


def extremes(rng: np.random.Generator, n: int) -> KeyArray:
    keys: KeyArray = rng.choice(np.array([0, 1, 2**32 - 1], np.uint32), n)
    return keys


@pytest.mark.parametrize("n", [FEW_KEYS - 1, FEW_KEYS, FEW_KEYS + ROW // 2 - 1, 20 * ROW, 100_001])
@pytest.mark.parametrize("draw", [crowded, extremes])
@pytest.mark.parametrize("vector_sort", [True, False])
def test_either_way_sorts_any_keys(
    draw: Callable[[np.random.Generator, int], KeyArray], n: int, vector_sort: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "_vector_sort_is_faster", lambda: vector_sort)
    keys = draw(np.random.default_rng(n), n)
    expected = np.sort(keys)
    sort_keys(keys)
    np.testing.assert_array_equal(keys, expected)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("vector_sort", [True, False])
def test_either_way_sorts_every_family(family: str, vector_sort: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_vector_sort_is_faster", lambda: vector_sort)
    y_true, y_score = FAMILIES[family](np.random.default_rng(0), 50_000)
    keys = signed_keys(np.where(y_true, -y_score, y_score)[:, np.newaxis])[0]
    expected = np.sort(keys)
    sort_keys(keys)
    np.testing.assert_array_equal(keys, expected)


def test_the_faster_way_is_found_by_trying() -> None:
    assert keys_module._vector_sort_is_faster() in (True, False)


def assert_blocks(blocks: list[KeyArray], keys: KeyArray) -> None:
    """Blocks hold all keys, in increasing order from block to block, and no score spans two."""
    np.testing.assert_array_equal(np.concatenate([np.sort(block) for block in blocks]), np.sort(keys, axis=None))
    assert all((one >> 1).max() < (other >> 1).min() for one, other in pairwise(blocks))


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_of_every_family(family: str) -> None:
    y_true, y_score = FAMILIES[family](np.random.default_rng(0), 200_000)
    keys = signed_keys(np.where(y_true, -y_score, y_score)[:, np.newaxis])[0]
    blocks = list(blocks_of(pieces_of(keys), 4096))
    assert_blocks(blocks, keys)
    assert all(len(block) <= 4 * 4096 or (block >> 1 == block[0] >> 1).all() for block in blocks)


@pytest.mark.parametrize("draw", [crowded, extremes])
@pytest.mark.parametrize("size", [10, 1000])
def test_blocks_of_crowded_keys(draw: Callable[[np.random.Generator, int], KeyArray], size: int) -> None:
    keys = draw(np.random.default_rng(0), 20_000)
    assert_blocks(list(blocks_of(pieces_of(keys), size)), keys)


@pytest.mark.parametrize("shape", [(3, 5), (40, 9000), (3, 200_000)])
def test_blocks_of_sorted_rows(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    # Rows on different scales, one of them constant, so that their slices are uneven.
    rows = np.sort(signed_keys((rng.random(shape[::-1]) ** np.arange(shape[0])).astype(np.float32)), axis=1)
    assert_blocks(list(merged_blocks([*rows])), rows)
