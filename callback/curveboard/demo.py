"""What `curveboard demo` does: five classifiers that differ in kind, each epoch of them in the dashboard.

Digits (10 classes, 300 examples to learn from): a small convolutional network, a wide network that sees partly
mislabelled examples and visibly overfits, and a random forest that grows, through `CurveWriter`. Breast cancer
(binary): logistic regression and a network, both trained by Keras.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # the demo's own lines, not TensorFlow's start-up notes

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from curveboard.logger import CurveLogger
from curveboard.reader import read_curves
from curveboard.writer import CurveWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

MARKER = ".curveboard-demo"
EPOCHS = 30


@dataclass(frozen=True)
class Split:
    """Training and validation examples of one data set; `x` is float32 `(n, ...)`, `y` int64 `(n,)`."""

    x_train: npt.NDArray[np.float32]
    y_train: npt.NDArray[np.int64]
    x_validation: npt.NDArray[np.float32]
    y_validation: npt.NDArray[np.int64]
    class_names: list[str]


def write(log_dir: Path) -> None:
    """Trains the five runs and writes them below `log_dir`, replacing what an earlier demo wrote there.

    Raises:
        FileExistsError: `log_dir` holds something that no demo wrote.
    """
    _claim(log_dir)
    began = time.monotonic()
    for name, train in RUNS.items():
        print(f"{name:<18} training ...", end="", flush=True)
        start = time.monotonic()
        keras.utils.set_random_seed(7)
        train(log_dir / name)
        print(f"\r{name:<18} trained in {time.monotonic() - start:.0f} s", flush=True)
    _report(log_dir, time.monotonic() - began)


def serve(log_dir: Path, *, host: str = "localhost", port: int | None = None) -> int:
    """Runs TensorBoard on `log_dir` until it is interrupted; returns its exit status."""
    port = port or _free_port(host)
    print(f"\nOpen http://{host}:{port}/#curveboard  (Ctrl+C ends it)\n", flush=True)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(log_dir), "--host", host, "--port", str(port)]
    return subprocess.run(command, check=False).returncode


def _claim(log_dir: Path) -> None:
    """Empties a folder that an earlier demo wrote, and refuses any other that is not empty."""
    if log_dir.exists() and any(log_dir.iterdir()):
        if not (log_dir / MARKER).exists():
            raise FileExistsError(
                f"expected --logdir to be empty, new, or written by an earlier demo; received {log_dir}, which is none"
            )
        shutil.rmtree(log_dir)
    log_dir.mkdir(parents=True, exist_ok=True)
    (log_dir / MARKER).touch()


def _digits() -> Split:
    images, labels = load_digits(return_X_y=True)
    x = (images / 16).reshape(-1, 8, 8, 1).astype(np.float32)
    parts = train_test_split(x, labels, train_size=300, random_state=0, stratify=labels)
    return Split(parts[0], parts[2], parts[1], parts[3], [str(digit) for digit in range(10)])


def _cancer() -> Split:
    x, y = load_breast_cancer(return_X_y=True)
    x_train, x_validation, y_train, y_validation = train_test_split(x, y, test_size=0.5, random_state=0, stratify=y)
    scaler = StandardScaler().fit(x_train)
    x_train, x_validation = (scaler.transform(part).astype(np.float32) for part in (x_train, x_validation))
    return Split(x_train, y_train, x_validation, y_validation, ["malignant", "benign"])


def _fit(
    model: keras.Model, data: Split, log_dir: Path, *, loss: str, learning_rate: float, batch_size: int = 32
) -> None:
    model.compile(keras.optimizers.Adam(learning_rate), loss=loss, metrics=["accuracy"])
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=batch_size,
        epochs=EPOCHS,
        validation_data=(data.x_validation, data.y_validation),
        validation_batch_size=256,
        callbacks=[CurveLogger(log_dir, class_names=data.class_names)],
        verbose=0,
    )


def _digits_convnet(log_dir: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    _fit(model, _digits(), log_dir, loss="sparse_categorical_crossentropy", learning_rate=2e-3)


def _digits_overfit(log_dir: Path) -> None:
    """A wide network, a third of whose examples are mislabelled: it learns the mistakes by heart."""
    data = _digits()
    noise = np.random.default_rng(7)
    y_train = data.y_train.copy()
    wrong = noise.random(len(y_train)) < 1 / 3
    y_train[wrong] = noise.integers(0, 10, wrong.sum())
    noisy = Split(data.x_train, y_train, data.x_validation, data.y_validation, data.class_names)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    _fit(model, noisy, log_dir, loss="sparse_categorical_crossentropy", learning_rate=2e-3)


def _digits_forest(log_dir: Path) -> None:
    """A forest that grows by two trees a step: a model of scikit-learn, logged by `CurveWriter`."""
    data = _digits()
    x_train, x_validation = (x.reshape(len(x), -1) for x in (data.x_train, data.x_validation))
    forest = RandomForestClassifier(n_estimators=0, max_depth=5, warm_start=True, random_state=0)
    with CurveWriter(log_dir, class_names=data.class_names) as writer:
        for step in range(EPOCHS):
            forest.n_estimators += 2
            forest.fit(x_train, data.y_train)
            writer.write(step, data.y_validation, forest.predict_proba(x_validation))


def _cancer_logistic(log_dir: Path) -> None:
    model = keras.Sequential([keras.Input((30,)), layers.Dense(1, activation="sigmoid")])
    _fit(model, _cancer(), log_dir, loss="binary_crossentropy", learning_rate=5e-3)


def _cancer_mlp(log_dir: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((30,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    _fit(model, _cancer(), log_dir, loss="binary_crossentropy", learning_rate=3e-3)


RUNS: dict[str, Callable[[Path], None]] = {
    "digits/convnet": _digits_convnet,
    "digits/overfit": _digits_overfit,
    "digits/forest": _digits_forest,
    "cancer/logistic": _cancer_logistic,
    "cancer/mlp": _cancer_mlp,
}


def _report(log_dir: Path, seconds: float) -> None:
    """Prints what was written, read back from the event files themselves."""
    print(f"\n{'run':<28}{'epochs':>7}{'best ROC-AUC':>14}{'at epoch':>10}{'last':>9}")
    by_run: dict[str, list[float]] = {}
    for record in read_curves(log_dir):
        by_run.setdefault(record.run, []).append(record.roc_auc)
    for run, areas in by_run.items():
        best = int(np.argmax(areas))
        print(f"{run:<28}{len(areas):>7}{areas[best]:>14.4f}{best:>10}{areas[-1]:>9.4f}")
    size = sum(path.stat().st_size for path in log_dir.rglob("events.out.tfevents.*"))
    print(f"\n{len(by_run)} runs, {size / 1024:.0f} KiB in {log_dir}, {seconds:.0f} s")


def _free_port(host: str, first: int = 6006) -> int:
    """The first port from `first` on that nobody listens on."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) != 0:
                return port
    raise OSError(f"expected a free port from {first} to {first + 99}; all are taken, choose one with --port")
