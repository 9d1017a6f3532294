"""TensorBoard's own `pr_curves` summaries, as PyTorch, tensorboardX and TensorFlow 1 write them, read as records.

Such a summary is a `(6, n)` tensor: true positives, false positives, true negatives, false negatives, precision and
recall at the thresholds `linspace(0, 1, n)`. Its ROC curve and areas follow from the counts. Its writers accept counts
that somebody else made, so whatever contradicts itself is refused with the reason rather than drawn.

Counts are whole numbers, or sums of weights, in float32: above 2^24 they are rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from curveboard import wire
from curveboard.certified import Band
from curveboard.record import Bounds, CountArray, Curve, FloatArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard.calibration import Calibration
    from curveboard.record import MacroCurve
    from tensorboard_curveboard.sources import Blob

PLUGIN_NAME = "pr_curves"
CLASS_NAMES = ("negative", "positive")
CURVE = f"class:{CLASS_NAMES[1]}"
DECISION = 0.5

ROWS = 6
ROUNDING = 1e-5  # of float32 arithmetic in the writers; relative for counts, absolute for rates
WHOLE = 2**53  # counts beyond are not told apart by float64


class _Counts(NamedTuple):
    """Counts at decreasing thresholds; the last row counts every example."""

    thresholds: FloatArray
    tp: CountArray
    fp: CountArray


class PrCurves:
    """Summaries of TensorBoard's PR Curves plugin: one binary head a tag."""

    name = PLUGIN_NAME

    def head(self, tag: str) -> str | None:
        """Returns the tag itself."""
        return tag

    def thresholds(self, blob: Blob) -> int | None:
        """Returns the number of thresholds."""
        return int(blob.shape[1])

    def check(self, blob: Blob) -> None:
        """Checks type, shape and that the counts agree with each other."""
        _counts(blob)

    def decode_areas(self, blobs: Sequence[Blob]) -> list[wire.Areas]:
        """Returns names, areas and totals."""
        return [_areas(decode(blob)) for blob in blobs]

    def decode_curves(self, blobs: Sequence[Blob], areas: Sequence[wire.Areas], curve: str) -> list[Curve | MacroCurve]:
        """Returns the curve of each; there is only one."""
        return [decode(blob) for blob in blobs]

    def decode_confusion(self, blob: Blob) -> wire.Confusion:
        """Returns the confusion matrix at the threshold next to 0.5."""
        thresholds, tp, fp = _counts(blob)
        threshold = np.float32(round(DECISION * (blob.shape[1] - 1)) / (blob.shape[1] - 1))
        n_above = np.count_nonzero(thresholds >= threshold)
        (tp_there, fp_there) = (tp[n_above - 1], fp[n_above - 1]) if n_above else (0, 0)
        counts = np.array([[fp[-1] - fp_there, fp_there], [tp[-1] - tp_there, tp_there]])
        # How many examples a sum of weights stands for is not stored.
        return wire.Confusion(CLASS_NAMES, counts, round(float(tp[-1] + fp[-1])), float(threshold))

    def decode_calibration(self, blob: Blob, curve: str) -> Calibration | None:
        """Returns None: a summary does not hold what the scores of its bins sum to."""
        return None


def decode(tensor: Blob) -> Curve:
    """Turns a summary into a curve.

    Areas are those of the counted points: ROC-AUC by the trapezoidal rule, average precision by the step rule. Where
    the scores of a bin are not all of one class the areas of the scores themselves are not known; the bounds hold them.

    Args:
        tensor: `(6, n)` float, as TensorBoard hands it over.

    Returns:
        The curve, named `"positive"`.

    Raises:
        WireError: The tensor is no such summary, or contradicts itself.

    Examples:
        >>> counts = np.array([[2, 1, 0], [2, 1, 0], [0, 1, 2], [0, 1, 2]])  # tp, fp, tn, fn
        >>> rates = [[0.5, 0.5, 0], [1, 0.5, 0]]
        >>> curve = decode(np.concatenate([counts, rates]))
        >>> curve, curve.thresholds.tolist()
        (Curve('positive', 2 points, 2 positives, 2 negatives, roc_auc=0.5000, average_precision=0.5000), [0.5, 0.0])
    """
    thresholds, tp, fp = _counts(tensor)
    rows = cast("CountArray", np.pad(np.stack([tp, fp]), ((0, 0), (1, 0))))
    areas = Band(rows, rows, np.zeros(len(tp), bool)).areas()
    predicted = tp + fp
    precision = np.divide(tp, predicted, out=np.zeros(len(tp)), where=predicted > 0)
    positives, negatives = tp[-1].item(), fp[-1].item()
    return Curve(
        name=CLASS_NAMES[1],
        thresholds=thresholds,
        tp=tp,
        fp=fp,
        positives=positives,
        negatives=negatives,
        roc_auc=areas.roc_auc,
        average_precision=float(np.sum(np.diff(tp, prepend=0) * precision) / positives) if positives else np.nan,
        roc_auc_se=areas.roc_auc_se,
        roc_auc_bounds=areas.roc_auc_bounds,
        average_precision_bounds=areas.average_precision_bounds,
    )


def _areas(curve: Curve) -> wire.Areas:
    def row(value: float | Bounds) -> FloatArray:
        return np.array([value], np.float64)

    roc_auc_bounds, precision_bounds = curve.roc_auc_bounds, curve.average_precision_bounds
    return wire.Areas(
        task="binary",
        class_names=CLASS_NAMES,
        split="",
        head="",
        names=CLASS_NAMES[1:],
        roc_auc=row(curve.roc_auc),
        average_precision=row(curve.average_precision),
        roc_auc_se=row(curve.roc_auc_se),
        positives=row(curve.positives),
        negatives=row(curve.negatives),
        roc_auc_bounds=None if roc_auc_bounds is None else row(roc_auc_bounds),
        average_precision_bounds=None if precision_bounds is None else row(precision_bounds),
    )


def _counts(tensor: Blob) -> _Counts:
    """Checks a summary and puts it into the order that `Curve` promises, each pair of counts once."""
    if tensor.dtype.kind not in "fiu" or tensor.ndim != 2 or tensor.shape[0] != ROWS or tensor.shape[1] < 2:
        raise wire.WireError(f"expected a float tensor of shape (6, n); received {tensor.dtype} of {tensor.shape}")
    rows = tensor.astype(np.float64)
    _check(rows)
    tp, fp, tn, fn = rows[:4, ::-1]
    thresholds = np.linspace(1, 0, rows.shape[1], dtype=np.float32)
    totals = tp[-1] + fn[-1], fp[-1] + tn[-1]
    if totals != (tp[-1], fp[-1]):
        # Some examples are not above 0, so this writer's "above" is strict, and so is every other threshold of it.
        thresholds = np.append(np.nextafter(thresholds, np.float32(np.inf)), np.float32(0))
        tp, fp = np.append(tp, totals[0]), np.append(fp, totals[1])
    # Of rows with equal counts the highest threshold stays: at every threshold down to the next the counts are its own.
    kept = np.diff(tp, prepend=0) + np.diff(fp, prepend=0) > 0
    tp, fp = tp[kept], fp[kept]
    whole = not (tp % 1).any() and not (fp % 1).any() and max(*totals) < WHOLE
    return _Counts(thresholds[kept], *((tp.astype(np.int64), fp.astype(np.int64)) if whole else (tp, fp)))


def _check(rows: npt.NDArray[np.float64]) -> None:
    counts, (precision, recall) = rows[:4], rows[4:]
    tp, fp, tn, fn = counts
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise wire.WireError(f"expected counts from 0; received {counts.min()}")
    if (np.diff(tp) > 0).any() or (np.diff(fp) > 0).any():
        raise wire.WireError("expected counts that never grow with the threshold; received growing ones")
    for name, total in (("tp + fn", tp + fn), ("fp + tn", fp + tn)):
        if np.ptp(total) > ROUNDING * total.max():
            raise wire.WireError(f"expected {name} to be the same at all thresholds; received {_range(total)}")
    if not (tp[0] + fn[0] or fp[0] + tn[0]):
        raise wire.WireError("expected at least one example; received none")
    for name, rate, part, whole in (("precision", precision, tp, tp + fp), ("recall", recall, tp, tp + fn)):
        known = whole > ROUNDING * (tp[0] + fp[0])
        wrong = np.abs(rate[known] * whole[known] - part[known]) > ROUNDING * whole[known]
        if wrong.any():
            raise wire.WireError(
                f"expected {name} to agree with the counts; received another at {wrong.sum()} thresholds"
            )


def _range(values: npt.NDArray[np.float64]) -> str:
    return f"{values.min():g} to {values.max():g}"
