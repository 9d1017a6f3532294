"""Predictions in many files, counted where they lie with Apache Beam and written as curves of two models."""

from pathlib import Path

import apache_beam as beam
import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.model_selection import train_test_split

from curveboard.beam import CombineCurves, WriteCurves

PREDICTIONS = Path("predictions")


def save_predictions() -> None:
    """What a batch inference leaves behind: a file for each model, step and shard."""
    x, y = load_digits(return_X_y=True)
    x_train, x_validation, y_train, y_validation = train_test_split(x, y, random_state=0, stratify=y)
    PREDICTIONS.mkdir(exist_ok=True)
    for name, kind in (("forest", RandomForestClassifier), ("extra", ExtraTreesClassifier)):
        for step in range(3):
            scores = kind(10 * (step + 1), random_state=0).fit(x_train, y_train).predict_proba(x_validation)
            for shard in range(5):
                path = PREDICTIONS / f"{name}-{step}-{shard}.npz"
                np.savez(path, y_true=y_validation[shard::5], y_score=scores[shard::5])


def read(path: str) -> tuple[tuple[str, str, int], tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
    """Returns a key `(run, head, step)` and a batch of examples."""
    name, step, _ = Path(path).stem.split("-")
    with np.load(path) as arrays:
        return (name, "output", int(step)), (arrays["y_true"], arrays["y_score"])


if __name__ == "__main__":
    save_predictions()
    with beam.Pipeline("FnApiRunner") as pipeline:  # in this process; a cluster has a runner of its own
        counted = (
            pipeline
            | beam.Create([str(path) for path in sorted(PREDICTIONS.iterdir())])
            | beam.Map(read)
            | beam.CombinePerKey(CombineCurves(task="multiclass", class_names=[f"digit {n}" for n in range(10)]))
        )
        counted | beam.MapTuple(lambda key, record: print(*key, f"macro ROC-AUC {record.roc_auc:.4f}"))
        counted | WriteCurves("logs")
