from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard.counts import CountTable, Rises
from curveboard.curves import AreaSums, average_precision, roc_auc, roc_auc_se
from curveboard.keys import BLOCK_KEYS, PIECE_KEYS, KeyArray, blocks_of, signed_keys, sorted_pieces
from curveboard.rises import rises_of
from families import FAMILIES

Labels = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32]

SMALLEST = float(np.float32(1e-45))  # a denormal
SCORES = st.one_of(
    st.sampled_from([0.0, 1.0, SMALLEST, 0.5, float(np.nextafter(np.float32(1), np.float32(0)))]),
    st.floats(0, 1, width=32),
    st.floats(0, float(np.finfo(np.float32).max), width=32),
)
EXAMPLES = st.lists(st.tuples(st.booleans(), SCORES), min_size=1, max_size=60).filter(
    lambda rows: any(label for label, _ in rows)
)


def keys_of(y_true: Labels, y_score: Scores) -> KeyArray:
    return signed_keys(np.where(y_true, -y_score, y_score).reshape(len(y_true), -1))


def rises_in(keys: KeyArray) -> list[Rises]:
    return list(rises_of(blocks_of([piece for row in keys for piece in sorted_pieces(row.copy())])))


def assert_rises(pieces: Iterable[Rises], y_true: Labels, y_score: Scores) -> None:
    """Compares every rise with the table of all distinct scores, and the areas computed from pieces with the whole."""
    full = CountTable.from_scores(y_true, y_score)
    expected = full.rises()
    sums = AreaSums(full.positives, full.negatives)
    pieces = list(pieces)
    for piece in pieces:
        sums.add(piece)
    for name in ("thresholds", "tp_above", "fp_above", "tp", "fp"):
        column = np.concatenate([getattr(piece, name) for piece in pieces])
        np.testing.assert_array_equal(column, getattr(expected, name), name)
    above = np.concatenate([piece.thresholds_above for piece in pieces])
    something = expected.tp_above + expected.fp_above > 0
    np.testing.assert_array_equal(above[something], expected.thresholds_above[something])
    assert abs(sums.roc_auc - roc_auc(full)) < 1e-14 or np.isnan(roc_auc(full))
    assert abs(sums.average_precision - average_precision(full)) < 1e-14
    np.testing.assert_allclose(sums.roc_auc_se, roc_auc_se(full), rtol=1e-11, atol=1e-15)


@given(EXAMPLES)
def test_rises_are_those_of_the_full_table(examples: list[tuple[bool, float]]) -> None:
    y_true = np.array([label for label, _ in examples])
    y_score = np.array([score for _, score in examples], np.float32)
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("share", [1.0, 0.2, 0.001])
def test_every_family(family: str, share: float) -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = FAMILIES[family](rng, PIECE_KEYS + 50_000)
    y_true &= rng.random(len(y_true)) < share
    y_true[0] = True
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("steps", [7, 255, 65_000])
def test_many_ties(steps: int) -> None:
    rng = np.random.default_rng(steps)
    y_score = (rng.integers(0, steps, 3 * BLOCK_KEYS) / steps).astype(np.float32)
    y_true = rng.random(len(y_score)) < 0.1 + 0.1 * y_score
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("shape", [(5, 3), (9000, 40), (200_000, 3)])
def test_classes_are_pooled(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    # Classes on different scales, one of them constant, so that slices are uneven.
    y_score = (rng.random(shape) ** np.arange(shape[1])).astype(np.float32)
    y_true = rng.random(shape) < 0.15
    y_true[0] = True
    keys = keys_of(y_true, y_score)
    np.testing.assert_array_equal(np.concatenate(list(blocks_of([*np.sort(keys, axis=1)]))), np.sort(keys, axis=None))
    assert_rises(rises_in(keys), y_true.ravel(), y_score.ravel())


def test_without_positives_nothing_rises() -> None:
    assert rises_in(keys_of(np.zeros(5, bool), np.ones(5, np.float32))) == []
