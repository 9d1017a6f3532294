"""How far areas are off scikit-learn's: ours, those of `keras.metrics.AUC`, and those of TensorBoard's PR curves.

    PYTHONPATH=tests KERAS_BACKEND=tensorflow python benchmarks/accuracy.py [--n N] [--families a,b]

Per family of scores (`tests/families.py`, and two that only large problems have): ROC-AUC and average precision by
scikit-learn, and the difference from them of

- ours: `curveboard.measure`;
- Keras: `keras.metrics.AUC` with its defaults, 200 thresholds and interpolation, for ROC and for PR;
- TensorBoard: `pr_curve.summary.pb` with its default of 201 thresholds: the trapezoids under the ROC points and the
  steps under the PR points that its counts give.

Where Keras is said to be off by 0.4, 0.4 is what its progress bar shows too little or too much.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import keras
import numpy as np
import numpy.typing as npt
from sklearn import metrics
from tensorboard.plugins.pr_curve import summary as pr_curve
from tensorboard.util import tensor_util

from curveboard.measure import measure
from families import FAMILIES, Labels, Rng, Scores, binormal

Areas = tuple[float, float]  # under the ROC curve, and average precision

BATCH = 1 << 16
LARGE: dict[str, Callable[[Rng, int], tuple[Labels, Scores]]] = {
    "rare below 0.001": lambda rng, n: binormal(rng, n, 0.001, 2.0, 1.0, -11.0),
    "fresh softmax of 1000": lambda rng, n: binormal(rng, n, 0.001, 1.0, 0.5, -6.9),
}


def by_sklearn(y: Labels, score: Scores) -> Areas:
    return float(metrics.roc_auc_score(y, score)), float(metrics.average_precision_score(y, score))


def by_us(y: Labels, score: Scores) -> Areas:
    record = measure(y, score, task="binary")
    return record.roc_auc, record.average_precision


def by_keras(y: Labels, score: Scores) -> Areas:
    both = keras.metrics.AUC(curve="ROC"), keras.metrics.AUC(curve="PR")
    for start in range(0, len(y), BATCH):
        for metric in both:
            metric.update_state(y[start : start + BATCH], score[start : start + BATCH])
    roc, pr = (float(metric.result()) for metric in both)
    return roc, pr


def by_tensorboard(y: Labels, score: Scores) -> Areas:
    (value,) = pr_curve.pb("curve", y, score).value
    counts: npt.NDArray[np.float64] = tensor_util.make_ndarray(value.tensor).astype(np.float64)
    tp, fp, tn, fn = (row[::-1] for row in counts[:4])
    recall, fpr = np.append(0.0, tp / (tp + fn)), np.append(0.0, fp / (fp + tn))
    precision = tp / np.maximum(tp + fp, 1e-7)
    return float(np.trapezoid(recall, fpr)), float(np.sum(np.diff(recall) * precision))


CONTESTANTS = {"ours": by_us, "Keras": by_keras, "TensorBoard": by_tensorboard}


def signed(difference: float) -> str:
    return "0" if difference == 0 else f"{difference:+.0e}" if abs(difference) < 0.005 else f"**{difference:+.2f}**"


def main() -> None:
    families = FAMILIES | LARGE
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1_000_000, help="examples of each family")
    parser.add_argument("--families", default=",".join(families), help="some of them, with commas between")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| family | ROC-AUC / AP | " + " | ".join(f"{name}: ROC, PR" for name in CONTESTANTS) + " |")
    print("|---" * (2 + len(CONTESTANTS)) + "|")
    for name in options.families.split(","):
        y, score = families[name](np.random.default_rng(0), options.n)
        truth = by_sklearn(y, score)
        cells = [
            ", ".join(signed(found - true) for found, true in zip(contestant(y, score), truth, strict=True))
            for contestant in CONTESTANTS.values()
        ]
        print(f"| {name} | {truth[0]:.4f} / {truth[1]:.4f} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
