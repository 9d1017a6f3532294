from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from curveboard.keys import TILE_KEYS, count_predicted, positives_of, scores_of, signed_keys

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
    positives = positives_of(keys)
    assert scores_of(positives).tolist() == y_score[y_true].tolist()
    _, fp, _, tp = confusion_matrix(y_true, y_score >= np.float32(threshold), labels=[False, True]).ravel()
    assert (count_predicted(positives, threshold), count_predicted(keys, threshold)) == (int(tp), int(tp + fp))


@pytest.mark.parametrize("label", [True, False])
def test_minus_zero_is_a_positive_of_score_zero(label: bool) -> None:
    assert len(positives_of(signed_keys(np.array([[-0.0 if label else 0.0]], np.float32))[0])) == label
