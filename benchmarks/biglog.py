"""Writes a large log directory, to see how the dashboard and the plugin bear it.

    python benchmarks/biglog.py logs/big                      # 50 runs x 100 epochs x 10 classes
    python benchmarks/biglog.py logs/big --runs 10 --epochs 1500 --classes 100
    tensorboard --logdir logs/big

A few runs are measured from scores that get better over the epochs, each at its own pace; all others are copies of
their files, so that writing takes seconds.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import numpy as np

from curveboard import CurveWriter

DISTINCT = 4


def write_run(run_dir: Path, epochs: int, classes: int, examples: int, seed: int) -> None:
    """Writes one measured run of a multi-class classifier."""
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, classes, examples)
    evidence = np.eye(classes, dtype=np.float32)[y_true]
    noise = rng.normal(size=(examples, classes)).astype(np.float32)
    with CurveWriter(run_dir, class_names=[str(name) for name in range(classes)], task="multiclass") as writer:
        for epoch in range(epochs):
            learnt = 4 * (1 - np.exp(-(epoch + 1) * (1 + seed) / epochs))
            logits = learnt * evidence + noise + 0.1 * rng.normal(size=noise.shape).astype(np.float32)
            scores = np.exp(logits - logits.max(axis=1, keepdims=True))
            writer.write(epoch, y_true, scores / scores.sum(axis=1, keepdims=True))


def write_log(log_dir: Path, runs: int, epochs: int, classes: int, examples: int) -> None:
    """Writes `runs` runs, named `run000/validation` and so on."""
    names = [log_dir / f"run{at:03}" for at in range(runs)]
    for seed, run_dir in enumerate(names[:DISTINCT]):
        write_run(run_dir, epochs, classes, examples, seed)
    for at, run_dir in enumerate(names[DISTINCT:]):
        shutil.copytree(names[at % DISTINCT], run_dir)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log_dir", type=Path, help="a directory that does not exist yet")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--examples", type=int, default=5000)
    options = parser.parse_args()
    options.log_dir.mkdir(parents=True)
    write_log(options.log_dir, options.runs, options.epochs, options.classes, options.examples)
    size = sum(file.stat().st_size for file in options.log_dir.rglob("*") if file.is_file())
    print(f"{options.runs} runs x {options.epochs} epochs x {options.classes} classes: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
