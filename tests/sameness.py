"""When two records are the same."""

from __future__ import annotations

import numpy as np

from curveboard.record import Curve, Record


def counted_curves(record: Record) -> list[Curve]:
    """The curves that have counts: of each class, and of all pooled."""
    return [*record.curves, *([record.micro] if record.micro else [])]


def assert_same(one: Record, other: Record, relative: float) -> None:
    """Compares everything; thresholds exactly, counts and areas to a relative tolerance."""
    for name in ("task", "class_names", "n_examples", "threshold", "tolerance", "from_logits", "split", "head"):
        assert getattr(one, name) == getattr(other, name), name
    np.testing.assert_allclose(one.confusion, other.confusion, rtol=relative, atol=relative)
    assert one.confusion.dtype == other.confusion.dtype
    assert (one.micro is None, one.macro is None) == (other.micro is None, other.macro is None)
    for mine, theirs in zip(counted_curves(one), counted_curves(other), strict=True):
        assert mine.name == theirs.name
        np.testing.assert_array_equal(mine.thresholds, theirs.thresholds)
        assert mine.thresholds.dtype == theirs.thresholds.dtype
        for field in ("tp", "fp", "positives", "negatives", "roc_auc", "average_precision", "roc_auc_se"):
            np.testing.assert_allclose(
                getattr(mine, field), getattr(theirs, field), rtol=relative, atol=0, err_msg=field
            )
    assert_same_reliability(one, other, max(relative, 1e-12))  # sums of scores, whose order differs
    np.testing.assert_allclose(one.roc_auc, other.roc_auc, rtol=relative)
    np.testing.assert_allclose(one.average_precision, other.average_precision, rtol=relative)
    if one.macro is not None and other.macro is not None:
        for name in ("fpr", "tpr", "recall", "precision"):
            np.testing.assert_allclose(getattr(one.macro, name), getattr(other.macro, name), rtol=max(relative, 1e-6))


def assert_same_reliability(one: Record, other: Record, relative: float) -> None:
    """Compares calibration, confidence and top-k counts."""
    np.testing.assert_allclose(np.array(one.top_k), np.array(other.top_k), rtol=relative)
    assert (one.confidence is None) == (other.confidence is None)
    bins = [*zip(one.calibrations, other.calibrations, strict=True)]
    if one.confidence is not None and other.confidence is not None:
        for name in ("positives", "negatives", "roc_auc", "average_precision", "roc_auc_se", "aurc"):
            mine, theirs = getattr(one.confidence, name), getattr(other.confidence, name)
            np.testing.assert_allclose(mine, theirs, rtol=relative, atol=1e-14, err_msg=name)
        assert (one.confidence.calibration is None) == (other.confidence.calibration is None)
        if one.confidence.calibration is not None and other.confidence.calibration is not None:
            bins.append((one.confidence.calibration, other.confidence.calibration))
    for mine, theirs in bins:
        assert mine.name == theirs.name
        assert mine.examples.dtype == theirs.examples.dtype
        for name in ("examples", "positives", "score_sum", "brier"):
            np.testing.assert_allclose(getattr(mine, name), getattr(theirs, name), relative, 1e-14, err_msg=name)
