"""What an epoch of curveboard costs, beside what people do today.

    python benchmarks/epoch.py                       # all four sizes, 15 rounds: about an hour
    python benchmarks/epoch.py --size labels200      # one size
    python benchmarks/epoch.py --quick               # small sizes, to see that it runs

Each round fits the same small model (two hidden layers of 256) for twenty steps, validates it on the whole validation
set, and adds in turn:

- nothing, twice (*plain* and *null*: identical code, so their difference is what the machine does by itself);
- a `CurveLogger` (*ours*: collect, count, choose points, write the event file);
- the blog recipe (*recipe*): `model.predict`, then for every class scikit-learn's `roc_curve`, `roc_auc_score`,
  `precision_recall_curve` and `average_precision_score`, one `confusion_matrix` (per label for multi-label), and a
  figure of the curves saved as PNG;
- `keras.metrics.AUC` for ROC and PR among the compiled metrics (*keras AUC*; approximate, one-hot labels).

Costs are CPU seconds of the process *added* to the plain fit of the same round. The model is compiled with an accuracy,
as most are: without any metric TensorFlow does not even compute the last activation, which every curve needs.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import matplotlib as mpl
import numpy as np
from sklearn import metrics

from curveboard import CurveLogger
from paired import cpu_seconds, limit_memory, play, ratio_interval, show

mpl.use("Agg")
import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

FEATURES = 32
TRAIN_STEPS = 20
BATCH = 1024


@dataclass(frozen=True)
class Size:
    """A validation set: so many examples, so many outputs, one task."""

    name: str
    examples: int
    outputs: int
    task: str
    positive_rate: float = 0.5

    @property
    def loss(self) -> str:
        return "sparse_categorical_crossentropy" if self.task == "multiclass" else "binary_crossentropy"

    @property
    def accuracy(self) -> str:
        return "sparse_categorical_accuracy" if self.task == "multiclass" else "binary_accuracy"

    @property
    def activation(self) -> str:
        return "softmax" if self.task == "multiclass" else "sigmoid"


SIZES = (
    Size("binary1m", 1_000_000, 1, "binary"),
    Size("rare1m", 1_000_000, 1, "binary", positive_rate=0.001),
    Size("labels200", 100_000, 200, "multilabel", positive_rate=0.05),
    Size("classes10", 50_000, 10, "multiclass"),
    Size("classes1000", 50_000, 1000, "multiclass"),
)
QUICK = (
    Size("binary", 20_000, 1, "binary"),
    Size("labels", 2_000, 20, "multilabel", positive_rate=0.05),
    Size("classes", 2_000, 10, "multiclass"),
)


@dataclass(frozen=True)
class Data:
    """Features and labels; the labels come from a random teacher plus noise, so that the curves look like curves."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]

    @classmethod
    def draw(cls, size: Size) -> Data:
        random = np.random.default_rng(1)
        x = random.standard_normal((size.examples, FEATURES), dtype=np.float32)
        teacher = random.standard_normal((FEATURES, size.outputs), dtype=np.float32)
        logits = x @ teacher / np.sqrt(FEATURES)
        logits += random.standard_normal(logits.shape, dtype=np.float32)
        if size.task == "multiclass":
            return cls(x, logits.argmax(axis=1))
        return cls(x, (logits > np.quantile(logits, 1 - size.positive_rate, axis=0)).astype(np.int64))


def build(size: Size, *more_metrics: keras.Metric) -> keras.Model:
    """The model, compiled; always with the same weights."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(size.outputs, activation=size.activation),
        ]
    )
    model.compile("adam", loss=size.loss, metrics=[size.accuracy, *more_metrics])
    return model


class PassTimer(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
    """CPU seconds of fit's validation pass, from its first callback to the first callback of its end."""

    def on_test_begin(self, logs: object = None) -> None:
        self._began = time.process_time()

    def on_test_end(self, logs: object = None) -> None:
        self.seconds = time.process_time() - self._began


class Contest:
    """One size: the model of each contestant is built and traced once, then every round times one fit of it."""

    def __init__(self, size: Size, folder: Path) -> None:
        self.size, self.folder = size, folder
        self.data = Data.draw(size)
        self.passes: dict[str, list[float]] = {"plain": [], "null": [], "ours": []}
        self.models = {name: build(size) for name in ("plain", "null", "ours", "recipe")}
        self.keras_auc: keras.Model | None = None
        if size.task != "multiclass":
            auc = [keras.metrics.AUC(curve=curve, multi_label=size.outputs > 1) for curve in ("ROC", "PR")]
            self.keras_auc = build(size, *auc)

    def contestants(self) -> dict[str, Callable[[], float]]:
        """Every contestant but the recipe, which is slow enough to have rounds of its own."""
        named: dict[str, Callable[[], float]] = {
            name: partial(cpu_seconds, partial(self.fit, name)) for name in ("plain", "null", "ours")
        }
        if self.keras_auc is not None:
            named["keras AUC"] = partial(cpu_seconds, partial(self._fit, self.keras_auc, []))
        return named

    def fit(self, name: str) -> None:
        """One epoch of `plain`, `null` or `ours`."""
        timer = PassTimer()
        ours = [CurveLogger(self.folder / self.size.name)] if name == "ours" else []
        self._fit(self.models[name], [timer, *ours])
        self.passes[name].append(timer.seconds)

    def recipe(self) -> None:
        """One epoch of the recipe people copy from blogs, for all classes."""
        model, data, size = self.models["recipe"], self.data, self.size
        self._fit(model, [])
        scores = model.predict(data.x, batch_size=BATCH, verbose=0)
        truth = np.eye(size.outputs, dtype=np.int64)[data.y] if size.task == "multiclass" else data.y
        figure, (roc_axes, pr_axes) = plt.subplots(1, 2, figsize=(12, 5))
        for column in range(size.outputs):
            y_true, y_score = truth[:, column], scores[:, column]
            fpr, tpr, _ = metrics.roc_curve(y_true, y_score)
            precision, recall, _ = metrics.precision_recall_curve(y_true, y_score)
            roc_axes.plot(fpr, tpr, label=f"{column}: {metrics.roc_auc_score(y_true, y_score):.3f}")
            pr_axes.plot(recall, precision, label=f"{column}: {metrics.average_precision_score(y_true, y_score):.3f}")
            if size.task != "multiclass":
                metrics.confusion_matrix(y_true, y_score >= 0.5)
        if size.task == "multiclass":
            metrics.confusion_matrix(data.y, scores.argmax(axis=1))
        figure.savefig(self.folder / "recipe.png")
        plt.close(figure)

    def _fit(self, model: keras.Model, callbacks: list[keras.callbacks.Callback]) -> None:
        train = slice(0, TRAIN_STEPS * BATCH)
        model.fit(
            self.data.x[train],
            self.data.y[train],
            batch_size=BATCH,
            epochs=1,
            validation_data=(self.data.x, self.data.y),
            validation_batch_size=BATCH,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,
        )


def run(size: Size, rounds: int, recipe_rounds: int, folder: Path) -> None:
    """Plays one size and prints its table."""
    print(
        f"\n### {size.name}: {size.examples:,} x {size.outputs}, {size.task}; {rounds} rounds, recipe {recipe_rounds}\n"
    )
    contest = Contest(size, folder)
    contestants = contest.contestants()
    play(contestants, 1)  # traces and compiles; not counted
    for seen in contest.passes.values():
        seen.clear()
    seconds = play(contestants, rounds)
    plain = seconds.pop("plain")
    passes = {name: np.array(values) for name, values in contest.passes.items()}
    slow = play({"plain": contestants["plain"], "recipe": partial(cpu_seconds, contest.recipe)}, recipe_rounds)

    print("| | CPU s added to plain fit + validation | share of plain | recipe / it |")
    print("|---|---|---|---|")
    print(f"| plain fit + validation | {show(plain)} (whole) | | |")
    recipe = slow["recipe"] - slow["plain"]
    for name, values in seconds.items():
        added = values - plain
        ratio = "" if name == "null" else "{:.0f}x [{:.0f}, {:.0f}]".format(*ratio_interval(recipe, added))
        print(f"| {name} | {show(added)} | {show(added / plain, ' %', 100, 1)} | {ratio} |")
    print(f"| recipe | {show(recipe)} | {show(recipe / slow['plain'], ' %', 100, 0)} | |")
    print(f"\nValidation pass alone: {show(passes['plain'], ' s')} plain; added while collecting", end=" ")
    print(show(passes["ours"] / passes["plain"] - 1, " %", 100, 1), end="; null row ")
    print(show(passes["null"] / passes["plain"] - 1, " %", 100, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=[size.name for size in SIZES], action="append", help="one size; repeatable")
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds (default: %(default)s)")
    parser.add_argument("--recipe-rounds", type=int, default=5, help="rounds of the recipe (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="small sizes, 3 rounds: a smoke test, not a measurement")
    options = parser.parse_args()
    limit_memory(16)
    sizes = QUICK if options.quick else [size for size in SIZES if options.size is None or size.name in options.size]
    rounds, recipe_rounds = (3, 2) if options.quick else (options.rounds, options.recipe_rounds)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            run(size, rounds, recipe_rounds, Path(folder))


if __name__ == "__main__":
    main()
