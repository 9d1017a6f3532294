"""Writes a large log directory, to see how the dashboard and the plugin bear it.

    python benchmarks/biglog.py logs/big                      # 50 runs x 100 epochs x 10 classes
    python benchmarks/biglog.py logs/big --runs 10 --epochs 1500 --classes 100
    python benchmarks/biglog.py logs/big --pr-curves          # beside it, one class as TensorBoard's own pr_curves
    tensorboard --logdir logs/big

A few runs are measured from scores that get better over the epochs, each at its own pace; all others are copies of
their events at times of their own, so that writing takes seconds.
"""

from __future__ import annotations

import argparse
import struct
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.plugins.pr_curve import metadata

from curveboard import CurveWriter
from curveboard.crc32c import masked_crc32c
from curveboard.events import read_events

# Enough that gzip, whose window holds the counts of four runs, never finds a copy.
DISTINCT = 8
EPOCH_SECONDS = 30.0

# What torch writes at most.
PR_THRESHOLDS = 127
PR_TAG = "class 1"


def write_run(run_dir: Path, epochs: int, classes: int, examples: int, seed: int, *, pr_curves: bool) -> None:
    """Writes one measured run of a multi-class classifier."""
    rng = np.random.default_rng(seed)
    y_true = rng.integers(0, classes, examples)
    evidence = np.eye(classes, dtype=np.float32)[y_true]
    noise = rng.normal(size=(examples, classes)).astype(np.float32)
    with CurveWriter(run_dir, class_names=[str(name) for name in range(classes)], task="multiclass") as writer:
        for epoch in range(epochs):
            learnt = np.float32(4 * (1 - np.exp(-(epoch + 1) * (1 + seed % 4) / epochs)))
            logits = learnt * evidence + noise + rng.normal(0, 0.1, noise.shape).astype(np.float32)
            scores = np.exp(logits - logits.max(axis=1, keepdims=True))
            scores /= scores.sum(axis=1, keepdims=True)
            writer.write(epoch, y_true, scores)
            if pr_curves:
                append(run_dir / "validation" / "events.out.tfevents.1.pr", pr_event(epoch, y_true == 1, scores[:, 1]))


def pr_event(step: int, y_true: npt.NDArray[np.bool_], y_score: npt.NDArray[np.float32]) -> Event:
    """The event that `torch.utils.tensorboard.SummaryWriter.add_pr_curve` writes."""
    bucket = np.floor(y_score * (PR_THRESHOLDS - 1)).astype(int)
    tp, fp = (np.bincount(bucket[part], minlength=PR_THRESHOLDS)[::-1].cumsum()[::-1] for part in (y_true, ~y_true))
    tn, fn = fp[0] - fp, tp[0] - tp
    data = np.stack([tp, fp, tn, fn, tp / np.maximum(1e-7, tp + fp), tp / np.maximum(1e-7, tp + fn)])
    shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in data.shape])
    value = Summary.Value(
        tag=PR_TAG,
        metadata=metadata.create_summary_metadata(PR_TAG, "", PR_THRESHOLDS),
        tensor=TensorProto(dtype=DT_FLOAT, float_val=data.ravel().tolist(), tensor_shape=shape),
    )
    return Event(step=step, wall_time=time.time(), summary=Summary(value=[value]))


def append(path: Path, event: Event) -> None:
    """Appends an event to an event file."""
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    crcs = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    with path.open("ab") as file:
        file.write(length + crcs[0] + data + crcs[1])


def copy_run(source: Path, target: Path, seed: int) -> None:
    """Copies a run as if it had been trained at another time, with epochs of another length."""
    rng = np.random.default_rng(seed)
    for file in source.rglob("events.out.tfevents.*"):
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        now = 1.75e9 + 1e4 * seed
        for event in read_events(file):
            now += EPOCH_SECONDS * rng.uniform(0.9, 1.1)
            event.wall_time = round(now, 6)
            append(copy, event)


def write_log(log_dir: Path, options: argparse.Namespace) -> None:
    """Writes the runs, named `run000/validation` and so on."""
    names = [log_dir / f"run{at:03}" for at in range(options.runs)]
    for seed, run_dir in enumerate(names[:DISTINCT]):
        write_run(run_dir, options.epochs, options.classes, options.examples, seed, pr_curves=options.pr_curves)
    for at, run_dir in enumerate(names[DISTINCT:], DISTINCT):
        copy_run(names[at % DISTINCT], run_dir, at)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log_dir", type=Path, help="a directory that does not exist yet")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--examples", type=int, default=5000)
    parser.add_argument(
        "--pr-curves", action="store_true", help=f"also writes {PR_TAG!r} with {PR_THRESHOLDS} thresholds"
    )
    options = parser.parse_args()
    options.log_dir.mkdir(parents=True)
    write_log(options.log_dir, options)
    size = sum(file.stat().st_size for file in options.log_dir.rglob("*") if file.is_file())
    print(f"{options.runs} runs x {options.epochs} epochs x {options.classes} classes: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
