"""Summaries of streams: how far the areas are off, how far they may be, and what a score costs.

    PYTHONPATH=tests python benchmarks/streaming.py [--n N] [--bins K] [--families a,b] [--heads]

Per family of scores (`tests/families.py`) and order of the data: how far the ROC-AUC and average precision are off what
all scores give, half the width of their certified intervals, how far the standard error is off; how many edges have
exact counts, the bytes held, and CPU nanoseconds a score. `merged` merges sixteen summaries of every sixteenth score,
which know nothing of each other. Scores come in portions of 65536.

`--heads` times whole heads by `StreamingScores`: with micro, confusion, calibration and confidence.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from curveboard.certified import CertifiedAreas
from curveboard.counts import CountTable
from curveboard.curves import average_precision, roc_auc, roc_auc_se
from curveboard.ordered import OrderedScores
from curveboard.record import Bounds, Task
from curveboard.streaming import StreamingScores
from curveboard.summary import N_BINS, ScoreSummary
from families import FAMILIES
from paired import cpu_seconds, limit_memory

Labels = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32]
Order = Callable[[Labels, Scores], npt.NDArray[np.intp]]

PORTION = 1 << 16
SHARDS = 16
ORDERS: dict[str, Order] = {
    "random": lambda y, score: np.arange(len(y)),
    "negatives first": lambda y, score: np.argsort(y, kind="stable"),
    "positives first": lambda y, score: np.argsort(~y, kind="stable"),
    "increasing": lambda y, score: np.argsort(score, kind="stable"),
    "decreasing": lambda y, score: np.argsort(-score, kind="stable"),
}
HEADS: list[tuple[str, Task, int, int]] = [
    ("binary", "binary", 4_000_000, 1),
    ("200 labels", "multilabel", 400_000, 200),
    ("10 classes", "multiclass", 500_000, 10),
    ("1000 classes", "multiclass", 100_000, 1000),
]


def summarize(y: Labels, score: Scores, n_bins: int) -> ScoreSummary:
    summary = ScoreSummary(n_bins)
    for start in range(0, len(y), PORTION):
        labels, scores = y[start : start + PORTION], score[start : start + PORTION]
        summary.add(OrderedScores.of(scores[labels]), OrderedScores.of(scores[~labels]))
    return summary


def merge(y: Labels, score: Scores, n_bins: int) -> ScoreSummary:
    merged, *others = (summarize(y[shard::SHARDS], score[shard::SHARDS], n_bins) for shard in range(SHARDS))
    for other in others:
        merged.merge(other)
    return merged


def half_width(bounds: Bounds | None) -> float:
    return (bounds[1] - bounds[0]) / 2 if bounds else 0.0


def row(summary: ScoreSummary, areas: CertifiedAreas, truth: tuple[float, float, float], seconds: float) -> str:
    for area, bounds in zip(truth, (areas.roc_auc_bounds, areas.average_precision_bounds), strict=False):
        assert not bounds or bounds[0] <= area <= bounds[1], f"{area} is not within {bounds}"
    se_error = areas.roc_auc_se / truth[2] - 1 if truth[2] else 0.0
    return (
        f"{abs(areas.roc_auc - truth[0]):.1e} | {half_width(areas.roc_auc_bounds):.1e} | "
        f"{abs(areas.average_precision - truth[1]):.1e} | {half_width(areas.average_precision_bounds):.1e} | "
        f"{se_error:+.2%} | {len(summary.table().tp)} | {summary.nbytes / 1024:.0f} kB | "
        f"{seconds / summary.n_scores * 1e9:.0f} |"
    )


def families(names: list[str], n: int, n_bins: int) -> None:
    print(f"\n#### {n:,} scores, {n_bins} bins\n")
    print("| family, order | ROC-AUC off | half-width | AP off | half-width | SE off | exact edges | held | ns/score |")
    print("|---|---|---|---|---|---|---|---|---|")
    for family in names:
        y, score = FAMILIES[family](np.random.default_rng(0), n)
        table = CountTable.from_scores(y, score)
        truth = roc_auc(table), average_precision(table), roc_auc_se(table)
        orders = ORDERS | {"merged": ORDERS["random"]}
        for name, order in orders.items():
            rows = order(y, score)
            kept: list[ScoreSummary] = []
            way = merge if name == "merged" else summarize
            seconds = cpu_seconds(lambda: kept.append(way(y[rows], score[rows], n_bins)))  # noqa: B023  # called at once
            print(f"| {family}, {name} | {row(kept[0], kept[0].areas(), truth, seconds)}", flush=True)


def heads() -> None:
    print("\n#### Whole heads\n")
    print("| head | scores | count, ns/score | record, ms | held |")
    print("|---|---|---|---|---|")
    for name, task, n, n_classes in HEADS:
        rng = np.random.default_rng(0)
        signed = rng.random((n, n_classes), np.float32)
        if task == "multiclass":
            true = rng.integers(0, n_classes, n)
            signed[np.arange(n), true] *= -1
        else:
            np.negative(signed, out=signed, where=rng.random(signed.shape, np.float32) < 0.1)
        stream = StreamingScores(task=task)
        count = cpu_seconds(lambda: stream.add(signed))  # noqa: B023  # called at once
        count += cpu_seconds(stream._count)
        record = cpu_seconds(stream.record)
        print(
            f"| {name} | {n:,} x {n_classes} | {count / signed.size * 1e9:.0f} | {record * 1e3:.0f} | "
            f"{stream.nbytes / 2**20:.1f} MB |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--bins", type=int, default=N_BINS)
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--heads", action="store_true")
    options = parser.parse_args()
    limit_memory(8)
    if options.heads:
        heads()
    else:
        families(options.families.split(","), options.n, options.bins)
