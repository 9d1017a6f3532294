"""What follows from a record's decisions: rates at its threshold, averages over classes, confidence intervals.

Values are those of scikit-learn, with two differences. A rate without a denominator is NaN, and left out of averages
(scikit-learn: 0 unless `zero_division=np.nan`); `Statistics.why_undefined` says why. And a statistic is computed from
counts, so that it costs nothing to ask for another.
"""

from __future__ import annotations

from functools import cached_property
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from curveboard.calibration import Calibration

Average = Literal["auto", "binary", "macro", "micro", "weighted"]
Rate = Literal["precision", "recall", "specificity", "f1", "jaccard"]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64] | npt.NDArray[np.float64]

AVERAGES: tuple[Average, ...] = ("auto", "binary", "macro", "micro", "weighted")
_NEEDED: dict[Rate, str] = {
    "precision": "an example predicted to be of the class",
    "recall": "an example of the class",
    "specificity": "an example that is not of the class",
    "f1": "an example that is, or is predicted to be, of the class",
    "jaccard": "an example that is, or is predicted to be, of the class",
}


class Statistics:
    """Statistics of decisions. `Record` inherits them: `record.accuracy`, `record.f1(average="weighted")`.

    Decisions are those of the record's confusion matrix: `score >= threshold` (binary, multilabel), or the class with
    the highest score (multiclass).

    Rates take `average`, as in scikit-learn: `"macro"` is the mean over the classes, `"weighted"` the mean weighted by
    the number of their examples, `"micro"` the rate of all classes' decisions pooled, `"binary"` that of the positive
    class of a binary record. Where none of the classes has the rate, or none of the classes that occur for
    `"weighted"`, it is NaN. `"auto"`, the default, is `"binary"` where the record is, else `"macro"`. Binary records
    have two classes, of which the average over both is taken if it is asked for.

    Examples:
        >>> from curveboard.measure import measure
        >>> record = measure(["cat", "dog", "dog"], [0.2, 0.9, 0.4], class_names=["cat", "dog"])
        >>> record.recall(), record.recall("macro"), record.by_class("precision")
        (0.5, 0.75, array([0.5, 1. ]))
    """

    task: Literal["binary", "multiclass", "multilabel"]
    class_names: tuple[str, ...]
    confusion: Counts
    top_k: tuple[tuple[int, float], ...]
    calibrations: tuple[Calibration, ...]

    @property
    def accuracy(self) -> float:
        """Share of right decisions. Multilabel: of all decisions on all labels, `1 - hamming_loss`."""
        if self.task == "multilabel":
            return _ratio(np.trace(self.confusion, axis1=1, axis2=2).sum(), self.confusion.sum()).item()
        return _ratio(np.trace(self.confusion), self.confusion.sum()).item()

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that occur. Multilabel: mean, over labels, of that of label and not label."""
        if self.task == "multilabel":
            return _mean((self.by_class("recall") + self.by_class("specificity")) / 2)
        return self.recall("macro")

    def precision(self, average: Average = "auto") -> float:
        """Share of right ones among the decisions for a class: `tp / (tp + fp)`."""
        return self._averaged("precision", average)

    def recall(self, average: Average = "auto") -> float:
        """Share of the examples of a class that are recognised: `tp / (tp + fn)`."""
        return self._averaged("recall", average)

    def specificity(self, average: Average = "auto") -> float:
        """Share of the examples of other classes that are recognised as such: `tn / (tn + fp)`."""
        return self._averaged("specificity", average)

    def f1(self, average: Average = "auto") -> float:
        """Harmonic mean of precision and recall: `2 tp / (2 tp + fp + fn)`."""
        return self._averaged("f1", average)

    def jaccard(self, average: Average = "auto") -> float:
        """Intersection over union of the examples of a class and the decisions for it: `tp / (tp + fp + fn)`."""
        return self._averaged("jaccard", average)

    @property
    def mean_iou(self) -> float:
        """Mean intersection over union of all classes, two where the record is binary: `jaccard("macro")`."""
        return self.jaccard("macro")

    @property
    def cohen_kappa(self) -> float:
        """Agreement of labels and decisions beyond that by chance. Multilabel: mean over labels."""
        agreed, whole, _, chance = self._agreement()
        return _mean(_ratio(agreed * whole - chance, whole * whole - chance))

    @property
    def matthews_corrcoef(self) -> float:
        """Correlation of labels and decisions (Gorodkin, 2004). Multilabel: mean over labels.

        NaN, not 0, where all labels or all decisions are the same.
        """
        agreed, whole, spread, chance = self._agreement()
        return _mean(np.where(spread > 0, _ratio(agreed * whole - chance, spread), np.nan))

    def top_k_accuracy(self, k: int) -> float:
        """Share of examples whose true class is among the `k` highest scores, ties counted as scikit-learn does.

        Raises:
            ValueError: It was not counted for this `k`: it is for 1, 3, 5 and 10 in multiclass heads of more classes
                than ten.
        """
        counted = dict(self.top_k)
        if k not in counted:
            known = ", ".join(map(str, counted)) or "none (a multiclass head of more than ten classes has some)"
            raise ValueError(f"expected one of the k that were counted, {known}; received {k}")
        return _ratio(counted[k], self.confusion.sum()).item()

    def by_class(self, rate: Rate) -> Floats:
        """Returns a rate of every class.

        Args:
            rate: `"precision"`, `"recall"`, `"specificity"`, `"f1"` or `"jaccard"`.

        Returns:
            `(n_classes,)` in the order of `class_names`; NaN where there is no denominator.
        """
        return _ratio(*self._parts(rate))

    def interval(self, rate: Rate | Literal["accuracy"], confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Returns Wilson's confidence interval of a share of examples.

        Args:
            rate: `"precision"`, `"recall"`, `"specificity"`, or `"accuracy"`. `f1` and `jaccard` are no shares of
                independent examples.
            confidence: Probability that the interval holds the true rate.

        Returns:
            `(low, high)`, each `(n_classes,)`, or `(1,)` for the accuracy; NaN where the rate is, and where counts are
            sums of weights, which do not say how many examples there are.

        Raises:
            ValueError: There is no such interval.
        """
        if rate in ("f1", "jaccard"):
            raise ValueError(f"expected precision, recall, specificity or accuracy; received {rate!r}")
        if self.confusion.dtype.kind == "f":
            unknown = np.full(1 if rate == "accuracy" else len(self.class_names), np.nan)
            return unknown, unknown
        if rate != "accuracy":
            return wilson_interval(*self._parts(rate), confidence)
        whole = self.confusion.sum()
        return wilson_interval(np.array([self.accuracy * whole]), np.array([whole]), confidence)

    def why_undefined(self, statistic: Rate | Literal["brier", "ece"]) -> str:
        """Returns which classes a statistic is NaN for, and why; an empty string where it is defined for all.

        Example:
            >>> from curveboard.record import Record
            >>> record = Record("binary", ("ham", "spam"), (), None, None, np.array([[3, 0], [1, 0]]), 4)
            >>> record.why_undefined("precision")
            'expected an example predicted to be of the class; there is none for spam'
        """
        if statistic == "brier" or statistic == "ece":  # one by one, which narrows the type
            return "" if self.calibrations else "expected probabilities, scores within [0, 1] or logits"
        values = zip(self.class_names, self.by_class(statistic), strict=True)
        lacking = [name for name, value in values if np.isnan(value)]
        return f"expected {_NEEDED[statistic]}; there is none for {', '.join(lacking)}" if lacking else ""

    def _averaged(self, rate: Rate, average: Average) -> float:
        if average not in AVERAGES or (average == "binary" and self.task != "binary"):
            known = ", ".join(map(repr, AVERAGES))
            raise ValueError(f"expected average to be {known} ('binary' for binary records); received {average!r}")
        part, whole = self._parts(rate)
        if average == "micro":
            return _ratio(part.sum(), whole.sum()).item()
        values = _ratio(part, whole)
        if self.task == "binary" and average in ("auto", "binary"):
            return float(values[1])
        return _mean(values, self._cells.tp + self._cells.fn if average == "weighted" else None)

    def _parts(self, rate: Rate) -> tuple[Floats, Floats]:
        """Returns numerators and denominators of a rate, one for each class."""
        if rate not in _NEEDED:
            raise ValueError(f"expected one of {', '.join(_NEEDED)}; received {rate!r}")
        tn, fp, fn, tp = self._cells
        return {
            "precision": (tp, tp + fp),
            "recall": (tp, tp + fn),
            "specificity": (tn, tn + fp),
            "f1": (2 * tp, 2 * tp + fp + fn),
            "jaccard": (tp, tp + fp + fn),
        }[rate]

    @cached_property
    def _cells(self) -> _Cells:
        matrix = self.confusion.astype(np.float64)
        if self.task == "multilabel":
            return _Cells(*matrix.reshape(-1, 4).T)
        tp = np.diag(matrix)
        wrong = matrix - np.diag(tp)
        # What is nothing must be exactly 0, also in sums of weights: nothing is subtracted but what was added.
        fp, fn = wrong.sum(axis=0), wrong.sum(axis=1)
        rows = matrix.sum(axis=1)
        others = rows.sum() - rows
        return _Cells(np.maximum(others - fp, 0.0), fp, fn, tp)

    def _agreement(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Returns what kappa and correlation are made of, one for each label or one in all.

        Examples decided rightly, all examples, the product of the spreads of labels and decisions, and the number of
        agreements that chance would bring, times that of examples.
        """
        matrices = self.confusion.astype(np.float64).reshape(-1, *self.confusion.shape[-2:])
        true, predicted = matrices.sum(axis=2), matrices.sum(axis=1)
        spreads = [np.maximum(sums.sum(axis=1) ** 2 - (sums**2).sum(axis=1), 0.0) for sums in (true, predicted)]
        spread = np.sqrt(spreads[0] * spreads[1])
        return np.trace(matrices, axis1=1, axis2=2), true.sum(axis=1), spread, (true * predicted).sum(axis=1)


class _Cells(NamedTuple):
    """True and false negatives and positives of each class against all others, `(n_classes,)`."""

    tn: Floats
    fp: Floats
    fn: Floats
    tp: Floats


def wilson_interval(part: npt.ArrayLike, whole: npt.ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Returns Wilson's score interval of a rate: unlike `p ± z se`, it holds what it promises for rates near 0 and 1.

    Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Args:
        part: Successes, any shape.
        whole: Trials, likewise.
        confidence: Probability that the interval holds the true rate.

    Returns:
        `(low, high)` float64 of the same shape; NaN without trials.

    Raises:
        ValueError: `confidence` is not between 0 and 1.

    Example:
        >>> low, high = wilson_interval(10, 10)
        >>> round(float(low), 3), float(high)
        (0.722, 1.0)
    """
    z = _quantile(confidence)
    n = np.asarray(whole, np.float64)
    rate = _ratio(part, n)
    middle = _ratio(rate + _ratio(z * z, 2 * n), 1 + _ratio(z * z, n))
    half = _ratio(z * np.sqrt(_ratio(rate * (1 - rate), n) + _ratio(z * z, 4 * n * n)), 1 + _ratio(z * z, n))
    # At rates of 0 and 1 the interval ends there, which rounding would miss.
    low, high = np.where(rate == 0, 0.0, middle - half), np.where(rate == 1, 1.0, middle + half)
    return low, high


def auc_interval(
    roc_auc: float, standard_error: float, confidence: float = 0.95, method: Literal["logit", "plain"] = "logit"
) -> tuple[float, float]:
    """Returns the confidence interval of a ROC-AUC from DeLong's standard error.

    Args:
        roc_auc: The area.
        standard_error: Its standard error.
        confidence: Probability that the interval holds the area of the whole population.
        method: `"logit"` takes the interval `z` standard errors wide on the scale of log-odds, on which the estimate
            is distributed more evenly: it stays within 0 and 1, and of areas near 1 from few examples it holds what it
            promises, where `"plain"`, `roc_auc ± z se`, holds too few. For many examples both are the same.

    Returns:
        `(low, high)`; NaN where the area or its error is, and for areas of 0 or 1, whose error DeLong's estimate takes
        for 0 however few examples there are.

    Raises:
        ValueError: `confidence` is not between 0 and 1, or there is no such method.

    Example:
        >>> low, high = auc_interval(0.9, 0.05)
        >>> round(low, 3), round(high, 3)
        (0.752, 0.964)
    """
    if method not in ("logit", "plain"):
        raise ValueError(f"expected method to be 'logit' or 'plain'; received {method!r}")
    z = _quantile(confidence)
    if not 0 < roc_auc < 1 or not standard_error > 0:
        return np.nan, np.nan
    if method == "plain":
        return max(roc_auc - z * standard_error, 0.0), min(roc_auc + z * standard_error, 1.0)
    centre = np.log(roc_auc) - np.log1p(-roc_auc)
    half = z * standard_error / (roc_auc * (1 - roc_auc))
    low, high = 1 / (1 + np.exp(-(centre - half))), 1 / (1 + np.exp(-(centre + half)))
    return float(low), float(high)


def _quantile(confidence: float) -> float:
    """Returns how many standard errors to each side hold the share `confidence` of a normal distribution."""
    if not 0 < confidence < 1:
        raise ValueError(f"expected confidence between 0 and 1; received {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _mean(values: Floats, weights: Floats | None = None) -> float:
    """Returns the mean of the defined values; NaN where none is, or none has a weight."""
    defined = ~np.isnan(values)
    parts = np.ones(len(values)) if weights is None else weights
    return _ratio((values[defined] * parts[defined]).sum(), parts[defined].sum()).item()


def _ratio(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """Divides in float64; 0 / 0 is NaN, without a warning."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.asarray(part, np.float64) / np.asarray(whole, np.float64))
