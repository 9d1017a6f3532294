"""What is known of one head at one step: its curves, their areas and its confusion matrix.

A `Record` is the value that travels through the whole system: `measure` makes it from scores, `wire` turns it into
bytes and back, `read_curves` hands it to the user, and the TensorBoard plugin turns it into payloads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from curveboard.calibration import Calibration, pooled
from curveboard.statistics import Statistics, auc_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

Task = Literal["binary", "multiclass", "multilabel"]
FloatArray = npt.NDArray[np.floating]
CountArray = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Bounds = tuple[float, float]

TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel")


@dataclass(frozen=True, eq=False, repr=False)
class Curve:
    """Counts at the stored thresholds of one class (or of all classes pooled: `"micro"`).

    Predicted positive means `score >= threshold`. The stored points are vertices of the full curve, chosen so that
    every vertex left out lies within the record's `tolerance` of them; counts and thresholds of the stored points are
    exact, and so are the areas, which were computed from all scores, unless they have bounds.

    Attributes:
        name: Class name, or `"micro"`.
        thresholds: `(n_points,)` float32 or float64, strictly decreasing, in units of the score. Applied to the same
            scores they reproduce the counts; they need not be scores that occur.
        tp: `(n_points,)` true positives at each threshold: int64, or float64 sums of weights. Never decreasing.
        fp: `(n_points,)` false positives at each threshold, as `tp`. The last point counts every example:
            `tp[-1] == positives` and `fp[-1] == negatives`. The point where nothing is predicted positive
            (`tp == fp == 0`) is not stored.
        positives: Number (or total weight) of positive examples.
        negatives: Number (or total weight) of negative examples.
        roc_auc: Area under the ROC curve; NaN without positives or without negatives.
        average_precision: Average precision (scikit-learn's step rule, not a trapezoid); NaN without positives.
        roc_auc_se: DeLong's standard error of `roc_auc`; NaN where it is not defined (fewer than two positives or
            negatives, weighted counts).
        roc_auc_bounds: `(low, high)`, between which the ROC-AUC of all scores surely is, where there were too many to
            keep and `roc_auc` is an estimate; None where it is exact or not defined.
        average_precision_bounds: As `roc_auc_bounds`.
    """

    name: str
    thresholds: FloatArray
    tp: CountArray
    fp: CountArray
    positives: float
    negatives: float
    roc_auc: float
    average_precision: float
    roc_auc_se: float
    roc_auc_bounds: Bounds | None = None
    average_precision_bounds: Bounds | None = None

    def __repr__(self) -> str:
        return (
            f"Curve({self.name!r}, {len(self.thresholds)} points, {self.positives:.10g} positives, "
            f"{self.negatives:.10g} negatives, {_areas(self)})"
        )

    def roc(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Returns the ROC curve as `sklearn.metrics.roc_curve` does.

        Returns:
            `(fpr, tpr, thresholds)`, each `(n_points + 1,)` float64, beginning with `(0, 0, inf)`. A rate without a
            denominator is NaN.
        """
        tp, fp = (np.concatenate([[0.0], counts]) for counts in (self.tp, self.fp))
        thresholds = np.concatenate([[np.inf], self.thresholds])
        return _ratio(fp, self.negatives), _ratio(tp, self.positives), thresholds

    def precision_recall(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Returns the PR curve in the order of `sklearn.metrics.precision_recall_curve`.

        Returns:
            `(precision, recall, thresholds)` with thresholds increasing, `(n_points,)`; precision and recall have one
            value more: they end with the point `(1, 0)`, which has no threshold.
        """
        precision = _ratio(self.tp, self.tp + self.fp)
        recall = _ratio(self.tp, self.positives)
        return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), self.thresholds[::-1].astype(np.float64)

    def roc_auc_interval(
        self, confidence: float = 0.95, method: Literal["logit", "plain"] = "logit"
    ) -> tuple[float, float]:
        """Returns DeLong's confidence interval of `roc_auc`, `(low, high)`; see `curveboard.statistics.auc_interval`.

        NaN where there is no standard error, and for areas of exactly 0 or 1.
        """
        return auc_interval(self.roc_auc, self.roc_auc_se, confidence, method)


@dataclass(frozen=True, eq=False, repr=False)
class ConfidenceCurve(Curve):
    """How the highest score of an example, the confidence of a multiclass decision, tells right from wrong.

    A curve whose positives are the examples that were decided rightly: `roc_auc` is the probability that a right
    decision is the more confident one of a right and a wrong decision. Named `"confidence"`.

    Attributes:
        aurc: Area under the risk-coverage curve: the mean, over all examples, of the share of wrong decisions among
            those at least as confident. Lower is better.
        calibration: The highest probability against whether it is right; None where scores are no probabilities. Read
            `calibration.ece` for what is mostly called the calibration error of a multiclass model.
    """

    aurc: float = np.nan
    calibration: Calibration | None = None

    def risk_coverage(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Returns the risk-coverage curve: what is decided wrongly if only the most confident decisions are taken.

        Returns:
            `(coverage, risk, thresholds)`, each `(n_points,)` float64 in decreasing order of threshold: the share of
            examples with `confidence >= threshold`, and the share of wrong decisions among them.
        """
        covered = self.tp + self.fp
        coverage = _ratio(covered, self.positives + self.negatives)
        return coverage, _ratio(self.fp, covered), self.thresholds.astype(np.float64)


@dataclass(frozen=True, eq=False, repr=False)
class MacroCurve:
    """Unweighted mean of the classes' curves, vertically averaged; it has rates but neither counts nor thresholds.

    Classes whose area is undefined are left out of the mean. The area of the mean curve is the mean of the areas.

    Attributes:
        fpr: `(n_roc,)` float32, from 0 to 1, never decreasing.
        tpr: `(n_roc,)` float32, mean true positive rate at `fpr`.
        recall: `(n_pr,)` float32, from 0 to 1, never decreasing.
        precision: `(n_pr,)` float32, mean precision at `recall`.
        roc_auc: Mean of the classes' defined `roc_auc`; NaN where none is.
        average_precision: Mean of the classes' defined `average_precision`; NaN where none is.
        name: Always `"macro"`.
        roc_auc_bounds: Mean of the classes' bounds; None where all their areas are exact.
        average_precision_bounds: As `roc_auc_bounds`.
    """

    fpr: FloatArray
    tpr: FloatArray
    recall: FloatArray
    precision: FloatArray
    roc_auc: float
    average_precision: float
    name: str = "macro"
    roc_auc_bounds: Bounds | None = None
    average_precision_bounds: Bounds | None = None

    def __repr__(self) -> str:
        return f"MacroCurve({len(self.fpr)} + {len(self.recall)} points, {_areas(self)})"

    def roc(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Returns `(fpr, tpr, thresholds)`; a mean over classes has no threshold, so `thresholds` is NaN."""
        return self.fpr, self.tpr, np.full(len(self.fpr), np.nan)

    def precision_recall(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Returns `(precision, recall, thresholds)` with recall falling to 0, as scikit-learn; thresholds are NaN."""
        return self.precision[::-1], self.recall[::-1], np.full(max(len(self.recall) - 1, 0), np.nan)


@dataclass(frozen=True, eq=False, repr=False)
class Record(Statistics):
    """Everything stored for one run, split, head and step.

    What follows from the confusion matrix, accuracy, F1 and their like, is inherited from
    `curveboard.statistics.Statistics`.

    Attributes:
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        class_names: Names of all classes, unique. A binary record has two, the negative class first.
        curves: One curve per class, in the order of `class_names`; a binary record has one, of the positive class.
        micro: All (example, class) decisions pooled; None for a binary record.
        macro: Mean over classes; None for a binary record.
        confusion: Rows true, columns predicted; int64, or float64 sums of weights. `(n_classes, n_classes)`, predicted
            by `score >= threshold` (binary) or by the highest score, ties to the lower index (multiclass);
            `(n_classes, 2, 2)`, one `[[tn, fp], [fn, tp]]` per label at `threshold`, for multilabel.
        n_examples: Number of examples counted.
        threshold: Decision threshold of the confusion matrix, in units of the score.
        tolerance: Largest distance of a vertex left out from the stored curve, in the ROC and in the PR plane.
        from_logits: Whether thresholds are logits (log-odds) rather than probabilities.
        split: `"train"`, `"validation"` or whatever the writer was told.
        head: Name of the model's output.
        run: Run as TensorBoard names it: the directory relative to the log directory, `"."` for itself.
        step: Epoch, from 0.
        wall_time: When it was written, seconds since 1970.
        calibrations: One per curve of `curves`, in their order; empty where scores are no probabilities, being outside
            of [0, 1] and no logits.
        confidence: The highest score against whether it is right, of a multiclass record; else None.
        top_k: `(k, number or weight of examples whose true class is among the k highest scores)` for k = 1, 3, 5 and 10
            below the number of classes, of a multiclass record of more than ten classes; else empty.
    """

    task: Task
    class_names: tuple[str, ...]
    curves: tuple[Curve, ...]
    micro: Curve | None
    macro: MacroCurve | None
    confusion: CountArray
    n_examples: int
    threshold: float = 0.5
    tolerance: float = 1 / 256
    from_logits: bool = False
    split: str = "validation"
    head: str = "output"
    run: str = "."
    step: int = 0
    wall_time: float = 0.0
    calibrations: tuple[Calibration, ...] = ()
    confidence: ConfidenceCurve | None = None
    top_k: tuple[tuple[int, float], ...] = ()

    def __repr__(self) -> str:
        return (
            f"Record(run={self.run!r}, head={self.head!r}, split={self.split!r}, step={self.step}, {self.task}, "
            f"{len(self.class_names)} classes, {self.n_examples} examples, {_areas(self)})"
        )

    @property
    def roc_auc(self) -> float:
        """ROC-AUC of the positive class (binary), else the macro average over the classes where it is defined."""
        return self.curves[0].roc_auc if self.macro is None else self.macro.roc_auc

    @property
    def average_precision(self) -> float:
        """Average precision of the positive class (binary), else the macro average where it is defined."""
        return self.curves[0].average_precision if self.macro is None else self.macro.average_precision

    @property
    def exact(self) -> bool:
        """Whether all areas are exact, rather than estimates with bounds."""
        return all(curve.roc_auc_bounds is curve.average_precision_bounds is None for curve in self._all())

    @property
    def brier(self) -> float:
        """Brier score: of the positive class (binary), the classes' sum (multiclass), or their mean (multilabel).

        As `sklearn.metrics.brier_score_loss`, which knows no multilabel; NaN without calibrations.
        """
        scores = np.array([calibration.brier for calibration in self.calibrations] or [np.nan])
        return float(scores.sum() if self.task == "multiclass" else scores.mean())

    @property
    def ece(self) -> float:
        """Expected calibration error, in 20 bins; NaN without calibrations.

        That of the positive class (binary), of the highest probability (multiclass: "top-label"), or the mean over the
        labels (multilabel).
        """
        if self.task == "multiclass":
            return self.confidence.calibration.ece if self.confidence and self.confidence.calibration else np.nan
        return float(np.mean([calibration.ece for calibration in self.calibrations] or [np.nan]))

    def calibration(self, name: str) -> Calibration:
        """Returns the calibration of a class by name, or `"micro"` for all classes pooled.

        Raises:
            KeyError: The record has none of that name.
        """
        for calibration in self.calibrations:
            if calibration.name == name:
                return calibration
        if name == "micro" and len(self.calibrations) > 1:
            return pooled(self.calibrations)
        known = ", ".join(repr(calibration.name) for calibration in self.calibrations)
        raise KeyError(f"expected one of {known or 'no calibrations'}; received {name!r}")

    @property
    def undefined(self) -> tuple[str, ...]:
        """Names of the classes whose `roc_auc` is NaN, having no positive or no negative example."""
        return tuple(curve.name for curve in self.curves if np.isnan(curve.roc_auc))

    def __getitem__(self, name: str) -> Curve | MacroCurve:
        """Returns the curve of a class by name, or `"micro"` or `"macro"`; a class so named comes first."""
        for curve in self._all():
            if curve.name == name:
                return curve
        raise KeyError(f"expected one of {', '.join(repr(curve.name) for curve in self._all())}; received {name!r}")

    def _all(self) -> Sequence[Curve | MacroCurve]:
        averages = [average for average in (self.micro, self.macro) if average is not None]
        return [*self.curves, *averages]


def _areas(measured: Curve | MacroCurve | Record) -> str:
    return f"roc_auc={measured.roc_auc:.4f}, average_precision={measured.average_precision:.4f}"


def _ratio(part: CountArray, whole: CountArray | float) -> FloatArray:
    """Divides in float64; 0 / 0 is NaN, without a warning."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(part, np.float64) / np.asarray(whole, np.float64)
