from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard.counts import CountTable, Rises, interleaved
from curveboard.curves import AreaSums, average_precision, roc_auc, roc_auc_se
from curveboard.keys import BLOCK_KEYS, KeyArray, is_positive, signed_keys
from curveboard.rises import rare_positives, rises_of, stretches_of_all, stretches_of_row
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
    """The rises of all rows pooled, measured as they are for a record."""
    rows = keys.copy()
    n_positives = int(np.count_nonzero(is_positive(rows)))
    rare = [rare_positives(row) for row in rows]
    for owner, row in enumerate(rows):
        list(stretches_of_row(owner, row, rare[owner]))
    return list(rises_of(stretches_of_all(0, rows, rare, n_positives), 1))


def assert_rises(pieces: Iterable[Rises], y_true: Labels, y_score: Scores) -> None:
    """Compares every rise with the table of all distinct scores, and the areas computed from pieces with the whole.

    All thresholds that are said to reproduce the counts above or at a score do.
    """
    full = CountTable.from_scores(y_true, y_score)
    expected = full.rises()
    sums = AreaSums(np.array([full.positives]), np.array([full.negatives]))
    pieces = list(pieces)
    for piece in pieces:
        sums.add(piece)
        rows = np.arange(2 * len(piece.tp))
        low, high = piece.spans(rows)
        total = interleaved(piece.tp_above + piece.fp_above, piece.tp + piece.fp)
        for threshold in (high, np.where(low < high, np.nextafter(low, high), high)):
            row = np.searchsorted(-full.thresholds, -threshold, side="right")
            counted = np.append(0, full.tp + full.fp)[row]
            np.testing.assert_array_equal(counted[total > 0], total[total > 0])
        assert (low <= high)[total > 0].all()
    for name in ("tp_above", "fp_above", "tp", "fp"):
        column = np.concatenate([getattr(piece, name) for piece in pieces])
        np.testing.assert_array_equal(column, getattr(expected, name), name)
    assert abs(sums.roc_auc[0] - roc_auc(full)) < 1e-14 or np.isnan(roc_auc(full))
    assert abs(sums.average_precision[0] - average_precision(full)) < 1e-14
    np.testing.assert_allclose(sums.roc_auc_se[0], roc_auc_se(full), rtol=1e-11, atol=1e-15)


@given(EXAMPLES)
def test_rises_are_those_of_the_full_table(examples: list[tuple[bool, float]]) -> None:
    y_true = np.array([label for label, _ in examples])
    y_score = np.array([score for _, score in examples], np.float32)
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("share", [1.0, 0.2, 0.001])
def test_every_family(family: str, share: float) -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = FAMILIES[family](rng, 3 * BLOCK_KEYS)
    y_true &= rng.random(len(y_true)) < share
    y_true[0] = True
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_with_bins_of_any_width(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    y_true, y_score = FAMILIES[family](rng, 5000)
    y_true &= rng.random(len(y_true)) < 0.02
    y_true[0] = True
    for bits in range(1, 31, 3):
        monkeypatch.setattr("curveboard.thin.MIN_BITS", bits)
        monkeypatch.setattr("curveboard.thin.MAX_BITS", bits)
        assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("steps", [7, 255, 65_000])
def test_many_ties(steps: int) -> None:
    rng = np.random.default_rng(steps)
    y_score = (rng.integers(0, steps, 3 * BLOCK_KEYS) / steps).astype(np.float32)
    y_true = rng.random(len(y_score)) < 0.1 + 0.1 * y_score
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true, y_score)


@pytest.mark.parametrize("shape", [(5, 3), (9000, 40), (200_000, 3)])
@pytest.mark.parametrize("share", [0.15, 0.03, 0.0002])
def test_classes_are_pooled(shape: tuple[int, int], share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curveboard.rises.MANY_POSITIVES", 9000)
    rng = np.random.default_rng(0)
    # Classes on different scales, one of them constant, and one without positives.
    y_score = (rng.random(shape) ** np.arange(shape[1])).astype(np.float32)
    y_true = rng.random(shape) < share * (1 + np.arange(shape[1]) % 3)
    y_true[0], y_true[:, -1] = True, False
    assert_rises(rises_in(keys_of(y_true, y_score)), y_true.ravel(), y_score.ravel())


@given(st.lists(EXAMPLES, min_size=2, max_size=5), st.sampled_from([1, 30, 1000]))
def test_classes_read_together_do_not_touch_each_other(classes: list[list[tuple[bool, float]]], batch: int) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("curveboard.rises.BATCH_KEYS", batch)
        monkeypatch.setattr("curveboard.rises.RARE_POSITIVES", 0.5)  # some classes are thinned out, others are not
        columns = [(np.array([y for y, _ in rows]), np.array([x for _, x in rows], np.float32)) for rows in classes]
        rows = [keys_of(*column)[0] for column in columns]
        stretches = [s for owner, row in enumerate(rows) for s in stretches_of_row(owner, row, rare_positives(row))]
        pieces = list(rises_of(stretches, len(rows)))
    seen: list[int] = []
    for piece in pieces:
        for owner, start, stop in zip(piece.owners.tolist(), piece.starts.tolist(), piece.ends.tolist(), strict=True):
            expected = CountTable.from_scores(*columns[owner]).rises()
            for name in ("tp_above", "fp_above", "tp", "fp"):
                assert getattr(piece, name)[start:stop].tolist() == getattr(expected, name).tolist()
            low, high = piece.spans(np.arange(2 * start, 2 * stop))
            assert ((low <= high) | (np.arange(len(low)) == 0)).all()
            seen.append(owner)
    assert seen == list(range(len(classes)))


def test_without_positives_nothing_rises() -> None:
    assert rises_in(keys_of(np.zeros(5, bool), np.ones(5, np.float32))) == []
