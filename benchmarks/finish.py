"""From scores to areas and curves: our finish against scikit-learn's four calls per class, on the same scores.

    python benchmarks/finish.py [--quick] [--rounds N]

Columns: CPU nanoseconds per score of the median round, and how many times that scikit-learn takes (with the 95 %
interval of the ratio of medians). `sort` is `np.sort` of the same keys, the floor of every method that sorts; `areas`
are ROC-AUC, average precision and DeLong's standard error of every class; `record` is the whole of `measure_signed`:
the points within 1/256, micro (all scores pooled), macro and confusion matrix too.
scikit-learn (`roc_curve`, `roc_auc_score`, `precision_recall_curve`, `average_precision_score`) is timed on at most ten
classes and scaled to all; it computes neither standard error nor micro, macro or confusion matrix here.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn import metrics

from curveboard.curves import AreaSums
from curveboard.keys import blocks_of, count_positives, signed_keys, sorted_pieces
from curveboard.measure import measure_signed
from curveboard.record import Task
from curveboard.rises import rises_of
from paired import cpu_seconds, play, ratio_interval

SKLEARN_CLASSES = 10


@dataclass(frozen=True)
class Case:
    """One problem: its size and the share of positives."""

    name: str
    task: Task
    n: int
    n_classes: int
    prevalence: float


CASES = [
    Case("binary, balanced", "binary", 1_000_000, 1, 0.5),
    Case("binary, 1:1000", "binary", 1_000_000, 1, 0.001),
    Case("200 labels", "multilabel", 100_000, 200, 0.05),
    Case("10 classes", "multiclass", 50_000, 10, 0.1),
    Case("1000 classes", "multiclass", 50_000, 1000, 0.001),
]


def scores_of(case: Case, rng: np.random.Generator) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Labels and scores `(n, n_classes)` of a fairly good model."""
    y_true = rng.random((case.n, case.n_classes), np.float32) < case.prevalence
    if case.task == "multiclass":
        y_true[:] = False
        y_true[np.arange(case.n), rng.integers(0, case.n_classes, case.n)] = True
    score = rng.standard_normal((case.n, case.n_classes), np.float32)
    score += 2 * y_true
    np.exp(score, out=score)
    score /= score.sum(axis=1, keepdims=True) if case.task == "multiclass" else 20 + score
    return y_true, score


def sorted_only(signed: npt.NDArray[np.float32]) -> None:
    for row in signed_keys(signed):
        row.sort()


def areas(signed: npt.NDArray[np.float32]) -> None:
    for row in signed_keys(signed):
        n_positives = count_positives(row)
        sums = AreaSums(n_positives, len(row) - n_positives)
        for piece in rises_of(blocks_of(sorted_pieces(row))):
            sums.add(piece)
        assert 0.5 < sums.roc_auc < 1
        assert sums.average_precision > 0
        assert sums.roc_auc_se > 0


def recipe(y_true: npt.NDArray[np.bool_], y_score: npt.NDArray[np.float32]) -> None:
    """What is found in tutorials, for one class after the other."""
    for labels, scores in zip(y_true.T, y_score.T, strict=True):
        metrics.roc_curve(labels, scores)
        metrics.roc_auc_score(labels, scores)
        metrics.precision_recall_curve(labels, scores)
        metrics.average_precision_score(labels, scores)


def contestants_of(case: Case) -> dict[str, Callable[[], float]]:
    """Each returns its CPU nanoseconds per score."""
    y_true, y_score = scores_of(case, np.random.default_rng(0))
    signed = np.where(y_true, -y_score, y_score)
    some = np.linspace(0, case.n_classes - 1, min(case.n_classes, SKLEARN_CLASSES)).astype(int)
    few = np.ascontiguousarray(y_true[:, some]), np.ascontiguousarray(y_score[:, some])
    return {
        "scikit-learn": lambda: cpu_seconds(lambda: recipe(*few)) / few[0].size * 1e9,
        "sort": lambda: cpu_seconds(lambda: sorted_only(signed)) / signed.size * 1e9,
        "areas": lambda: cpu_seconds(lambda: areas(signed)) / signed.size * 1e9,
        "record": lambda: cpu_seconds(lambda: measure_signed(signed, task=case.task)) / signed.size * 1e9,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the classes or examples, 2 rounds")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rounds = 2 if options.quick else options.rounds
    print(f"{'case':18}{'':16}{'ns/score':>10}{'scikit-learn / this':>28}")
    for case in CASES:
        if options.quick:
            few = case.n_classes < 200
            case = replace(case, n=case.n // 20) if few else replace(case, n_classes=case.n_classes // 20)
        seen = play(contestants_of(case), rounds)
        for name, costs in seen.items():
            ratio, low, high = ratio_interval(seen["scikit-learn"], costs)
            print(f"{case.name:18}{name:16}{np.median(costs):10.1f}{f'{ratio:.0f}x [{low:.0f}, {high:.0f}]':>28}")


if __name__ == "__main__":
    main()
