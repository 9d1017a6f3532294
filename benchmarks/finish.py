"""From scores to areas and curves: our finish against scikit-learn's four calls per class, on the same scores.

    python benchmarks/finish.py [--quick] [--rounds N] [--case NAME]

Columns: CPU nanoseconds per score, and how many times that scikit-learn takes, the medians of all rounds with the 95 %
interval of their ratio. scikit-learn (`roc_curve`, `roc_auc_score`, `precision_recall_curve` and
`average_precision_score`) is timed on every class, in `SKLEARN_ROUNDS` rounds where it takes half a minute; it computes
no standard error. Ours: `areas` are ROC-AUC, average precision and DeLong's standard error of every class; `+ points`
are those and the points within 1/256 that are stored; `null` is the same again: what its ratio differs by, the machine
does by itself; `record` is the whole of `measure_signed`, with all scores pooled (micro), macro, confusion matrix and
calibration. `sort` is `np.sort` of the same keys.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn import metrics

from curveboard.classes import measure_rows
from curveboard.curves import AreaSums
from curveboard.keys import is_positive, signed_keys
from curveboard.measure import measure_signed
from curveboard.record import Task
from curveboard.rises import rare_positives, rises_of, stretches_of_row
from curveboard.simplify import choose
from paired import cpu_seconds, play, ratio_interval

SKLEARN_ROUNDS = 3  # where there are hundreds of classes
TOLERANCE = 1 / 256


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
    keys = signed_keys(signed)
    positives = np.array([np.count_nonzero(is_positive(row)) for row in keys])
    sums = AreaSums(positives, len(signed) - positives)
    stretches = (part for owner, row in enumerate(keys) for part in stretches_of_row(owner, row, rare_positives(row)))
    for piece in rises_of(stretches, len(keys)):
        sums.add(piece)
    assert (sums.roc_auc > 0.5).all()
    assert (sums.average_precision > 0).all()
    assert (sums.roc_auc_se > 0).all()


def areas_and_points(signed: npt.NDArray[np.float32]) -> None:
    measured, _ = measure_rows(signed_keys(signed), 0.5, TOLERANCE)
    assert min(map(len, choose([each.table for each in measured], TOLERANCE))) > 1


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
    once = itertools.count()

    def scikit_learn() -> float:
        slow = case.n_classes >= 200 and next(once) >= SKLEARN_ROUNDS
        return np.nan if slow else cpu_seconds(lambda: recipe(y_true, y_score)) / signed.size * 1e9

    def ours(work: Callable[[], object]) -> Callable[[], float]:
        return lambda: cpu_seconds(work) / signed.size * 1e9

    return {
        "scikit-learn": scikit_learn,
        "sort": ours(lambda: sorted_only(signed)),
        "areas": ours(lambda: areas(signed)),
        "+ points": ours(lambda: areas_and_points(signed)),
        "null": ours(lambda: areas_and_points(signed)),
        "record": ours(lambda: measure_signed(signed, task=case.task)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the classes or examples, 2 rounds")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--case", choices=[case.name for case in CASES], help="this one only")
    options = parser.parse_args()
    rounds = 2 if options.quick else options.rounds
    print("| case | | ns a score | scikit-learn / it |\n|---|---|---|---|")
    for case in CASES:
        if options.case not in (None, case.name):
            continue
        if options.quick:
            few = case.n_classes < 200
            case = replace(case, n=case.n // 20) if few else replace(case, n_classes=case.n_classes // 20)
        seen = play(contestants_of(case), rounds)
        slow = seen["scikit-learn"][np.isfinite(seen["scikit-learn"])]
        print(f"| {case.name} | scikit-learn, {len(slow)} rounds | {np.median(slow):.0f} | |")
        for name, costs in list(seen.items())[1:]:
            ratio, low, high = ratio_interval(slow, costs)
            print(f"| | {name} | {np.median(costs):.1f} | {ratio:.0f}x [{low:.0f}, {high:.0f}] |")


if __name__ == "__main__":
    main()
