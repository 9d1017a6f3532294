"""TensorBoard's own `pr_curves` summaries, as PyTorch, tensorboardX and TensorFlow 1 write them, read as records.

Such a summary is a `(6, n)` tensor: true positives, false positives, true negatives, false negatives, precision and
recall at the thresholds `linspace(0, 1, n)`. Its ROC curve and areas follow from the counts. Its writers accept counts
that somebody else made, so whatever contradicts itself is refused with the reason rather than drawn.

Counts are whole numbers, or sums of weights, in float32: above 2^24 they are rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from curveboard import wire
from curveboard.certified import ROUNDING, harmonic_difference
from curveboard.record import CountArray, Curve, FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from curveboard.calibration import Calibration
    from curveboard.record import Bounds, MacroCurve
    from tensorboard_curveboard.sources import Blob

PLUGIN_NAME = "pr_curves"
CLASS_NAMES = ("negative", "positive")
CURVE = f"class:{CLASS_NAMES[1]}"
DECISION = 0.5

ROWS = 6
PRECISION = 1e-5  # of float32 arithmetic in the writers; relative for counts, absolute for rates
WHOLE = 2**53  # counts beyond are not told apart by float64

F64Array = npt.NDArray[np.float64]


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
        """Checks type and shape."""
        if blob.dtype.kind not in "fiu" or blob.ndim != 2 or blob.shape[0] != ROWS or blob.shape[1] < 2:
            raise wire.WireError(f"expected numbers of shape (6, n); received {blob.dtype} of shape {blob.shape}")

    def decode_areas(self, blobs: Sequence[Blob]) -> list[wire.Areas]:
        """Returns names, areas and totals of many summaries; those of one number of thresholds are computed at once."""
        found: dict[int, wire.Areas] = {}
        for n in {blob.shape[1] for blob in blobs}:
            alike = [at for at, blob in enumerate(blobs) if blob.shape[1] == n]
            found.update(zip(alike, _areas(_checked(blobs[at] for at in alike)), strict=True))
        return [found[at] for at in range(len(blobs))]

    def decode_curves(self, blobs: Sequence[Blob], areas: Sequence[wire.Areas], curve: str) -> list[Curve | MacroCurve]:
        """Returns the curve of each; there is only one."""
        return [_curve(blob.astype(np.float64), known) for blob, known in zip(blobs, areas, strict=True)]

    def decode_confusion(self, blob: Blob) -> wire.Confusion:
        """Returns the confusion matrix at the threshold next to 0.5."""
        (rows,) = _checked([blob])
        thresholds, tp, fp = _points(rows)
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
        tensor: `(6, n)` numbers, as TensorBoard hands it over.

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
    PrCurves().check(tensor)
    rows = _checked([tensor])
    return _curve(rows[0], _areas(rows)[0])


class _Points(NamedTuple):
    """Counts at decreasing thresholds; the last row counts every example."""

    thresholds: FloatArray
    tp: CountArray
    fp: CountArray


def _points(rows: F64Array) -> _Points:
    """Puts a summary into the order that `Curve` promises, each pair of counts once."""
    tp, fp, tn, fn = rows[:4, ::-1]
    thresholds = np.linspace(1, 0, rows.shape[1], dtype=np.float32)
    if tn[-1] or fn[-1]:
        # Some examples are not above 0, so this writer's "above" is strict, and so is every other threshold of it.
        thresholds = np.append(np.nextafter(thresholds, np.float32(np.inf)), np.float32(0))
        tp, fp = np.append(tp, tp[-1] + fn[-1]), np.append(fp, fp[-1] + tn[-1])
    # Of rows with equal counts the highest threshold stays: at every threshold down to the next the counts are its own.
    kept = np.diff(tp, prepend=0) + np.diff(fp, prepend=0) > 0
    tp, fp = tp[kept], fp[kept]
    if _whole(np.concatenate([tp, fp])):
        return _Points(thresholds[kept], tp.astype(np.int64), fp.astype(np.int64))
    return _Points(thresholds[kept], tp, fp)


def _curve(rows: F64Array, areas: wire.Areas) -> Curve:
    thresholds, tp, fp = _points(rows)
    return Curve(
        name=CLASS_NAMES[1],
        thresholds=thresholds,
        tp=tp,
        fp=fp,
        positives=tp[-1].item(),
        negatives=fp[-1].item(),
        roc_auc=float(areas.roc_auc[0]),
        average_precision=float(areas.average_precision[0]),
        roc_auc_se=float(areas.roc_auc_se[0]),
        roc_auc_bounds=_pair(areas.roc_auc_bounds),
        average_precision_bounds=_pair(areas.average_precision_bounds),
    )


def _areas(rows: F64Array) -> list[wire.Areas]:
    """Areas of many summaries of one number of thresholds, `(m, 6, n)`.

    `certified.py` derives the bounds; here the counts at the thresholds are exact, and nothing is known between them.
    """
    tp, fp, tn, fn = np.moveaxis(rows[:, :4, ::-1], 1, 0)
    # From nothing predicted positive to everything.
    tp, fp = (
        np.concatenate([np.zeros((len(rows), 1)), there, (there + rest)[:, -1:]], axis=1)
        for there, rest in ((tp, fn), (fp, tn))
    )
    positives, negatives = tp[:, -1], fp[:, -1]
    whole = _whole(np.concatenate([tp, fp], axis=1))
    rise, run = np.diff(tp), np.diff(fp)
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = positives * negatives
        roc_auc = 1 - np.sum(rise * (fp[:, :-1] + fp[:, 1:]), axis=1) / (2 * pairs)
        slack = np.sum(rise * run, axis=1) / (2 * pairs)
        precision = np.sum(rise * _ratio(tp[:, 1:], tp[:, 1:] + fp[:, 1:]), axis=1) / positives
        most = np.sum(rise * _ratio(tp[:, 1:], tp[:, 1:] + fp[:, :-1]), axis=1) / positives
        least = 1 - np.sum(fp[:, 1:] * _reciprocals(tp[:, :-1] + fp[:, 1:], rise, whole), axis=1) / positives
        error = np.where(whole, _standard_error(tp, fp, roc_auc), np.nan)
    roc_bounds, precision_bounds = _bounds(roc_auc - slack, roc_auc + slack), _bounds(least, most)
    return [
        wire.Areas(
            task="binary",
            class_names=CLASS_NAMES,
            split="",
            head="",
            names=CLASS_NAMES[1:],
            roc_auc=roc_auc[at : at + 1],
            average_precision=precision[at : at + 1],
            roc_auc_se=error[at : at + 1],
            positives=positives[at : at + 1],
            negatives=negatives[at : at + 1],
            roc_auc_bounds=roc_bounds[at : at + 1],
            average_precision_bounds=precision_bounds[at : at + 1],
        )
        for at in range(len(rows))
    ]


def _standard_error(tp: F64Array, fp: F64Array, roc_auc: F64Array) -> F64Array:
    """DeLong's, as if the scores of a bin were equal; NaN for fewer than two positives or negatives."""
    positives, negatives = tp[:, -1:], fp[:, -1:]
    beaten = 1 - (fp[:, :-1] + fp[:, 1:]) / (2 * negatives)  # share of negatives that a positive of the bin outranks
    missed = (tp[:, :-1] + tp[:, 1:]) / (2 * positives)  # share of positives that outrank a negative of the bin
    spread = [
        np.sum(np.diff(counts) * (share - roc_auc[:, np.newaxis]) ** 2, axis=1) / (total - 1) / total
        for counts, share, total in ((tp, beaten, positives[:, 0]), (fp, missed, negatives[:, 0]))
    ]
    error: F64Array = np.sqrt(spread[0] + spread[1])
    return np.where(np.minimum(positives, negatives)[:, 0] >= 2, error, np.nan)


def _reciprocals(start: F64Array, steps: F64Array, whole: npt.NDArray[np.bool_]) -> F64Array:
    """Sums 1 / (start + i) for i from 1 to `steps`; for sums of weights, its integral, 0 where start is 0."""
    sums = harmonic_difference(start.ravel(), steps.ravel()).reshape(start.shape)
    return np.where(whole[:, np.newaxis], sums, np.log1p(_ratio(steps, start)))


def _bounds(low: F64Array, high: F64Array) -> F64Array:
    """`(m, 2)` intervals, a little wider than computed; NaN where there is none but for rounding."""
    both = np.stack([np.maximum(low - ROUNDING, 0), np.minimum(high + ROUNDING, 1)], axis=1)
    return np.where((high - low > ROUNDING)[:, np.newaxis], both, np.nan)


def _pair(bounds: FloatArray | None) -> Bounds | None:
    return None if bounds is None or np.isnan(bounds[0, 0]) else (float(bounds[0, 0]), float(bounds[0, 1]))


def _checked(tensors: Iterable[Blob]) -> F64Array:
    """Stacks summaries of one number of thresholds, `(m, 6, n)`.

    Raises:
        WireError: One contradicts itself; which shows only where it is alone.
    """
    rows = np.array(list(tensors), np.float64)
    counts, (tp, fp, tn, fn, precision, recall) = rows[:, :4], np.moveaxis(rows, 1, 0)
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise wire.WireError(f"expected counts from 0; received {counts.min()}")
    if (np.diff(tp) > 0).any() or (np.diff(fp) > 0).any():
        raise wire.WireError("expected counts that never grow with the threshold; received growing ones")
    for name, total in (("tp + fn", tp + fn), ("fp + tn", fp + tn)):
        if (np.ptp(total, axis=1) > PRECISION * total.max(axis=1)).any():
            raise wire.WireError(
                f"expected {name} to be the same at all thresholds; received {total.min():g} to {total.max():g}"
            )
    examples = (tp + fn + fp + tn)[:, :1]
    if (examples == 0).any():
        raise wire.WireError("expected at least one example; received none")
    for name, rate, part, whole in (("precision", precision, tp, tp + fp), ("recall", recall, tp, tp + fn)):
        wrong = (whole > PRECISION * examples) & ~(np.abs(rate * whole - part) <= PRECISION * whole)
        if wrong.any():
            raise wire.WireError(
                f"expected {name} to agree with the counts; received another at {wrong.sum()} thresholds"
            )
    return rows


def _whole(counts: F64Array) -> npt.NDArray[np.bool_]:
    """Whether counts are numbers of examples rather than sums of weights."""
    whole: npt.NDArray[np.bool_] = ~(counts % 1).any(axis=-1) & (counts.max(axis=-1, initial=0) < WHOLE)
    return whole


def _ratio(part: F64Array, whole: F64Array) -> F64Array:
    """X / 0 is 0."""
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
