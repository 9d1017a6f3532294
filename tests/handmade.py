"""Small consistent records, made without the code that measures: for tests of everything behind the record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from curveboard.events import EventWriter
from curveboard.record import Curve, MacroCurve, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from curveboard.record import Task


def curve(name: str, rng: np.random.RandomState, n_points: int = 6, *, weighted: bool = False) -> Curve:
    """A curve of `n_points` thresholds, none of them tied, whose areas are those of its own points."""
    tp, fp = np.cumsum(rng.randint(0, 9, (2, n_points), dtype=np.int64), axis=1) + 1
    if weighted:
        tp, fp = tp * 0.25, fp * 0.125
    tpr, fpr = (np.concatenate([[0.0], counts / counts[-1]]) for counts in (tp, fp))
    return Curve(
        name=name,
        thresholds=np.sort(rng.choice(2**12, n_points, replace=False))[::-1].astype(np.float32) / 2**12,
        tp=tp,
        fp=fp,
        positives=tp[-1].item(),
        negatives=fp[-1].item(),
        roc_auc=float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2)),
        average_precision=float(np.sum(np.diff(tpr) * tp / (tp + fp))),
        roc_auc_se=np.nan if weighted else 0.03125,
    )


def macro(curves: Sequence[Curve]) -> MacroCurve:
    """A mean curve of three and two points, with the means of the areas."""
    return MacroCurve(
        fpr=np.array([0, 0.25, 1], np.float32),
        tpr=np.array([0, 0.75, 1], np.float32),
        recall=np.array([0, 1], np.float32),
        precision=np.array([1, 0.5], np.float32),
        roc_auc=float(np.mean([one.roc_auc for one in curves])),
        average_precision=float(np.mean([one.average_precision for one in curves])),
    )


def record(
    task: Task = "multiclass",
    class_names: Sequence[str] = ("cat", "dog", "eel"),
    *,
    seed: int = 0,
    n_points: int = 6,
    weighted: bool = False,
) -> Record:
    """A record of any task; the same arguments give the same record."""
    rng = np.random.RandomState(seed)  # its stream is frozen, so that golden files last
    several = task != "binary"
    curves = tuple(
        curve(name, rng, n_points, weighted=weighted) for name in (class_names if several else class_names[1:])
    )
    shape = (len(class_names), 2, 2) if task == "multilabel" else (len(class_names),) * 2
    confusion = rng.randint(0, 4, shape, dtype=np.int64)
    return Record(
        task=task,
        class_names=tuple(class_names),
        curves=curves,
        micro=curve("micro", rng, n_points, weighted=weighted) if several else None,
        macro=macro(curves) if several else None,
        confusion=confusion.astype(np.float64) / 2 if weighted else confusion,
        n_examples=int(confusion.sum()),
    )


def write(run_dir: Path, steps: Iterable[int], **options: Any) -> list[Record]:
    """Writes records, whose seeds are their steps, as a process of its own would: into a new event file."""
    records = [replace(record(seed=step, **options), step=step) for step in steps]
    with EventWriter(run_dir) as writer:
        for one in records:
            writer.write(one)
    return records
