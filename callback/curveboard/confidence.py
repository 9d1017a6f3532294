"""How far a model that decides between classes can be trusted with each decision.

The highest score of an example is the model's confidence in its decision. Ranked by it, decisions make a curve of
their own, whose positives are those that are right: how much can be decided at what risk.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from curveboard.calibration import Block, Calibration, calibrate
from curveboard.classes import measure_table
from curveboard.counts import CountTable
from curveboard.logits import ROWS, probabilities
from curveboard.outcomes import BoolArray, LabelArray, Outcomes
from curveboard.record import ConfidenceCurve, FloatArray
from curveboard.simplify import choose

TOP_K = (1, 3, 5, 10)
FEW_CLASSES = 10  # up to which the true class is near the top anyway
_BLOCK = 1 << 16  # scores compared at a time: what is computed of them stays in the cache


def measure_confidence(outcomes: Outcomes, score: FloatArray, calibrated: bool, tolerance: float) -> ConfidenceCurve:
    """Measures how well the highest score of an example tells right decisions from wrong ones.

    Args:
        outcomes: Of a multiclass head.
        score: `(n, n_classes)` what the classes are ranked by, probabilities or log-odds.
        calibrated: Whether scores are probabilities, or logits.
        tolerance: Largest distance of a vertex left out of the stored curve.

    Returns:
        The curve of the highest score against whether it is that of the true class.
    """
    return confidence_curve(*count_confidence(outcomes, score, calibrated), tolerance)


def count_confidence(outcomes: Outcomes, score: FloatArray, calibrated: bool) -> tuple[CountTable, Calibration | None]:
    """Counts, as `measure_confidence` does, right and wrong decisions at each confidence, and in its bins."""
    correct = outcomes.predicted == outcomes.y_true
    confidence = score[np.arange(len(score)), outcomes.predicted]
    table = CountTable.from_scores(correct, confidence, outcomes.sample_weight)
    blocks = _probabilities(outcomes, correct, confidence)
    return table, calibrate(["confidence"], blocks)[0] if calibrated else None


def confidence_curve(table: CountTable, calibration: Calibration | None, tolerance: float) -> ConfidenceCurve:
    """Measures what `count_confidence` counted."""
    measured = measure_table(table, (0, 0, 0, 0), tolerance)
    (rows,) = choose([measured.table], tolerance)
    kept = measured.table.take(rows)
    return ConfidenceCurve(
        name="confidence",
        thresholds=kept.thresholds,
        tp=kept.tp,
        fp=kept.fp,
        positives=table.positives,
        negatives=table.negatives,
        roc_auc=measured.roc_auc,
        average_precision=measured.average_precision,
        roc_auc_se=measured.roc_auc_se,
        aurc=area_under_risk(table),
        calibration=calibration,
    )


def area_under_risk(table: CountTable) -> float:
    """Returns the area under the risk-coverage curve: the mean, over all examples, of the risk at their confidence.

    The risk at a confidence is the share of wrong decisions among all that are at least as confident.

    Geifman and El-Yaniv, "Selective classification for deep neural networks", 2017.

    Example:
        >>> round(area_under_risk(CountTable.from_scores([1, 0, 1], [0.9, 0.8, 0.7])), 4)  # (0 + 1/2 + 1/3) / 3
        0.2778
    """
    covered = table.tp + table.fp
    return float(np.sum(np.diff(covered, prepend=0) * (table.fp / covered)) / covered[-1])


def count_top_k(outcomes: Outcomes) -> tuple[tuple[int, float], ...]:
    """Counts the examples whose true class is among the k highest scores, for several k.

    Of classes whose scores are equal, those with the higher index are taken first, as
    `sklearn.metrics.top_k_accuracy_score` does.

    Args:
        outcomes: Of a multiclass head.

    Returns:
        `(k, number or weight of examples)` for k = 1, 3, 5 and 10 below the number of classes; nothing where there are
        no more than ten classes.
    """
    n_classes = outcomes.y_score.shape[1]
    if n_classes <= FEW_CLASSES:
        return ()
    rows = max(1, _BLOCK // n_classes)
    starts = range(0, len(outcomes.y_score), rows)
    ranks = np.concatenate([_ranks(outcomes.y_score[at : at + rows], outcomes.y_true[at : at + rows]) for at in starts])
    counts = np.bincount(ranks, outcomes.sample_weight, minlength=max(TOP_K)).cumsum()
    return tuple((k, counts[k - 1].item()) for k in TOP_K if k < n_classes)


def _probabilities(outcomes: Outcomes, correct: BoolArray, confidence: FloatArray) -> Iterator[Block]:
    """Yields whether decisions are right, their probabilities and weights, some examples at a time."""
    weight = outcomes.sample_weight
    if not outcomes.from_logits:
        yield correct[:, np.newaxis], confidence[:, np.newaxis], weight
        return
    for start in range(0, len(correct), ROWS):
        rows = slice(start, start + ROWS)
        top = probabilities(outcomes.y_score[rows], exclusive=True).max(axis=1, keepdims=True)
        yield correct[rows, np.newaxis], top, None if weight is None else weight[rows]


def _ranks(score: FloatArray, y_true: LabelArray) -> npt.NDArray[np.int64]:
    """Returns how many classes come before the true one, 0 to 10, where 10 stands for more, too."""
    own = score[np.arange(len(score)), y_true][:, np.newaxis]
    ranks = (score >= own).sum(axis=1, dtype=np.int64) - 1
    unsure = np.flatnonzero(ranks)  # who is alone at the top has no ties to look at
    score, own, true = score[unsure], own[unsure], y_true[unsure, np.newaxis]
    tied_before = (score == own) & (np.arange(score.shape[1]) > true)
    ranks[unsure] = ((score > own) | tied_before).sum(axis=1)
    return np.asarray(np.minimum(ranks, max(TOP_K)))
