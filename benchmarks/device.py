"""What `CurveLogger` costs where the model runs on an accelerator: time, memory on the device, copies to the host.

    KERAS_BACKEND=jax python benchmarks/device.py       # or torch, or tensorflow
    python benchmarks/device.py --quick                 # anywhere: small, 3 rounds, to see that it runs

Each round fits one epoch, on the same weights and data: *plain* and *null* (identical code, so their ratio is what the
machine does by itself) and *ours*. Time is wall time: the processor waits while the device works.

- *added*: seconds that `CurveLogger` adds to the epoch, areas and event file included, and their share of it;
- *kept*: bytes that the collected pass holds on the device, for each score;
- *device memory*: by how much the device's peak rises above that of a plain epoch, where the backend tells;
- *copies*: to the host, of ours, while the validation pass runs and after it. On JAX the pass runs under a guard that
  makes any copy from an accelerator to the host an error;
- *traced*: copies from device to host in PyTorch's trace of a plain epoch and of one with `CurveLogger`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from curveboard import CurveLogger
from curveboard.collect import Collector
from paired import play, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

BACKEND = keras.backend.backend()


@dataclass(frozen=True)
class Case:
    """A compiled model with data to train and to validate it on."""

    name: str
    model: keras.Model
    train: tuple[npt.NDArray[Any], npt.NDArray[Any]]
    validation: tuple[npt.NDArray[Any], npt.NDArray[Any]]
    batch_size: int

    @property
    def n_scores(self) -> int:
        """Scores of one validation pass."""
        return len(self.validation[0]) * int(self.model.output_shape[-1])

    def fit(self, *callbacks: keras.callbacks.Callback) -> None:
        """Trains and validates for one epoch."""
        self.model.fit(
            *self.train,
            validation_data=self.validation,
            batch_size=self.batch_size,
            callbacks=list(callbacks),
            verbose=0,
        )


def resnet(n: int, side: int, n_classes: int, batch_size: int) -> Case:
    """ResNet-50 on pixels of noise."""
    model = keras.applications.ResNet50(weights=None, input_shape=(side, side, 3), classes=n_classes)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(0)
    x = random.random((n, side, side, 3), np.float32)
    y = random.integers(n_classes, size=n)
    return Case(f"ResNet-50, {n:,} x {n_classes}", model, (x, y), (x, y), batch_size)


def wide_mlp(n: int, batch_size: int) -> Case:
    """A multi-label network of 200 outputs."""
    layers = [keras.layers.Input((128,)), keras.layers.Dense(512, "relu"), keras.layers.Dense(200, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(0)
    x = random.normal(size=(n, 128)).astype("float32")
    y = (random.random((n, 200)) < 0.1).astype("float32")
    return Case(f"MLP, {n:,} x 200", model, (x, y), (x, y), batch_size)


class Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
    """Sees what is copied to the host while a validation pass runs and after it, and what is kept on the device.

    Args:
        n_batches: Batches of the pass.
    """

    def __init__(self, n_batches: int) -> None:
        super().__init__()
        self.in_pass = self.after = self.kept = 0
        self._n_batches = n_batches
        self._is_in_pass = False
        self._guard = ExitStack()

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        self._is_in_pass = True
        if BACKEND == "jax":
            import jax

            self._guard.enter_context(jax.transfer_guard_device_to_host("disallow_explicit"))

    def on_test_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if batch == self._n_batches - 1:
            self._guard.close()
            self._is_in_pass = False

    @contextmanager
    def between(self) -> Iterator[Watch]:
        """Stands between `CurveLogger` and the device."""
        to_host, append = keras.ops.convert_to_numpy, Collector.append

        def copy(tensor: Any) -> Any:
            self.in_pass += self._is_in_pass
            self.after += not self._is_in_pass
            return to_host(tensor)

        def keep(collector: Collector, encoded: Any) -> None:
            self.kept += sum(map(_bytes, keras.tree.flatten(encoded)))
            append(collector, encoded)

        with (
            patch.object(keras.ops, "convert_to_numpy", copy),
            patch.object(Collector, "append", keep),
            self._guard,
        ):
            yield self


def _bytes(tensor: Any) -> int:
    return int(np.prod(tensor.shape) * np.dtype(keras.backend.standardize_dtype(tensor.dtype)).itemsize)


def device() -> str:
    """Name of the device that the backend runs on."""
    if BACKEND == "jax":
        import jax

        return str(jax.devices()[0].device_kind)
    if BACKEND == "torch":
        import torch

        return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else "cpu"
    return ", ".join(keras.distribution.list_devices())


def peak_bytes() -> int | None:
    """Highest use of the device's memory so far; None where the backend does not tell."""
    if BACKEND == "jax":
        import jax

        found = (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
        return None if found is None else int(found)
    if BACKEND == "torch":
        import torch

        return int(torch.cuda.max_memory_allocated()) if torch.cuda.is_available() else None
    return None


def copies_seen_by_profiler(work: Callable[[], None]) -> int | None:
    """Copies from device to host in PyTorch's own trace; None on other backends, or without a device."""
    if BACKEND != "torch":
        return None
    import torch

    if not torch.cuda.is_available():
        return None
    with torch.profiler.profile() as trace:
        work()
    return sum(int(event.count) for event in trace.key_averages() if "Memcpy DtoH" in event.key)


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def row(case: Case, rounds: int, log_dir: str) -> str:
    """Measures a case; one line of the table."""

    def ours() -> None:
        case.fit(CurveLogger(log_dir))

    contestants: dict[str, Callable[[], float]] = {
        "plain": partial(seconds, case.fit),
        "null": partial(seconds, case.fit),
        "ours": partial(seconds, ours),
    }
    case.fit()  # compiles; not counted
    before = peak_bytes()
    with Watch(-(-len(case.validation[0]) // case.batch_size)).between() as watch:
        case.fit(CurveLogger(log_dir), watch)
    after = peak_bytes()
    traces = [copies_seen_by_profiler(work) for work in (case.fit, ours)]
    seen = play(contestants, rounds)
    cells = [
        case.name,
        show(seen["plain"], " s", digits=3),
        show(seen["null"] / seen["plain"]),
        show(seen["ours"] - seen["plain"], " s", digits=3),
        show((seen["ours"] - seen["plain"]) / seen["plain"], " %", 100, 1),
        f"{watch.kept / case.n_scores:.1f}",
        "not told" if before is None or after is None else f"{(after - before) / 2**20:,.1f} MiB",
        f"{watch.in_pass}, {watch.after}",
        "" if traces[0] is None or traces[1] is None else f"{traces[0]}, {traces[1]}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="small, 3 rounds: a smoke test, not a measurement")
    options = parser.parse_args()
    rounds = 3 if options.quick else options.rounds
    small = (partial(resnet, 32, 32, 10, 16), partial(wide_mlp, 2_000, 256))
    large = (partial(resnet, 4_096, 224, 1_000, 128), partial(wide_mlp, 100_000, 1_024))
    print(f"{BACKEND} on {device()}, {rounds} rounds, wall seconds of an epoch of training and validation\n")
    print(
        "| | plain | null / plain | added | share | kept, bytes a score | device memory "
        "| copies in the pass, after it | traced: plain, ours |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for make in small if options.quick else large:
        with tempfile.TemporaryDirectory() as log_dir:
            print(row(make(), rounds, log_dir))


if __name__ == "__main__":
    main()
