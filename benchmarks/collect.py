"""What collecting adds to the validation pass of `fit`, and what our own pass costs beside `model.predict`.

    python benchmarks/collect.py                        # a tiny MLP and a 10-class CNN, 15 rounds
    KERAS_BACKEND=jax python benchmarks/collect.py      # on another backend
    python benchmarks/collect.py --quick                # to see that it runs

Each round runs, on one model and one validation set:

- `model.evaluate`, twice (*plain* and *null*: identical code, so their difference is what the machine does by itself);
- the same with the collector aboard, up to the copy to the host (*riding*);
- `model.predict` (*predict*), and our own pass over the same data in batches of the same size (*own pass*).
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NoReturn

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

from curveboard.collect import OwnPass, Reading, Ride, Scores
from paired import cpu_seconds, play, show

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

BATCH = 256


@dataclass(frozen=True)
class Case:
    """A compiled model with data to evaluate it on."""

    name: str
    model: keras.Model
    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]


class Passenger(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints
    """Boards a pass and copies its scores to the host, as `CurveLogger` does, without measuring them."""

    def __init__(self, ride: Ride) -> None:
        super().__init__()
        self._ride = ride

    def on_test_begin(self, logs: dict[str, float] | None = None) -> None:
        self._ride.board(Reading(), measured=lambda scores: {}, open_stream=_expect_room)


def _expect_room(head: str, first: Scores) -> NoReturn:
    raise MemoryError(f"expected scores within the memory limit; received more for head {head!r}")


def tiny_mlp(n: int) -> Case:
    """Small enough that what is added per batch shows."""
    layers = [keras.layers.Input((32,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(0)
    return Case(
        f"tiny MLP, {n:,} x 1", model, random.normal(size=(n, 32)).astype("float32"), random.integers(2, size=n)
    )


def cnn(n: int) -> Case:
    """A ten-class convolutional network on 28 x 28 pixels."""
    model = keras.Sequential(
        [
            keras.layers.Input((28, 28, 1)),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(64, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10, "softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    random = np.random.default_rng(0)
    x = random.normal(size=(n, 28, 28, 1)).astype("float32")
    return Case(f"CNN, {n:,} x 10", model, x, random.integers(10, size=n))


def contestants(case: Case) -> dict[str, Callable[[], float]]:
    """Every way to get through the data, by name."""
    model, data = case.model, (case.x, case.y)
    own_pass = OwnPass(data, batch_size=BATCH)
    # In `fit` there is always a callback; the plain pass has one that does nothing.
    evaluate = partial(model.evaluate, *data, batch_size=BATCH, verbose=0, callbacks=[keras.callbacks.Callback()])

    def riding() -> None:
        ride = Ride.on(model)
        model.evaluate(*data, batch_size=BATCH, verbose=0, callbacks=[Passenger(ride)])
        ride.leave()

    works: dict[str, Callable[[], object]] = {
        "plain": evaluate,
        "null": evaluate,
        "riding": riding,
        "predict": partial(model.predict, case.x, batch_size=BATCH, verbose=0),
        "own pass": partial(own_pass.run, model, Reading()),
    }
    return {name: partial(cpu_seconds, work) for name, work in works.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="paired rounds (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="little data, 3 rounds: a smoke test, not a measurement")
    options = parser.parse_args()
    rounds = 3 if options.quick else options.rounds
    cases = (tiny_mlp(4_000), cnn(1_000)) if options.quick else (tiny_mlp(100_000), cnn(6_000))
    print(f"{keras.backend.backend()}, batches of {BATCH}, {rounds} rounds, CPU seconds\n")
    print("| | plain | null / plain | riding / plain | added per batch | own pass / predict |")
    print("|---|---|---|---|---|---|")
    for case in cases:
        named = contestants(case)
        play(named, 1)  # traces and compiles; not counted
        seen = play(named, rounds)
        per_batch = (seen["riding"] - seen["plain"]) / -(-len(case.x) // BATCH)
        ratios = [seen[above] / seen[below] for above, below in (("null", "plain"), ("riding", "plain"))]
        cells = [show(seen["plain"], " s", digits=3), *map(show, ratios), show(per_batch, " us", 1e6, 0)]
        print("| " + " | ".join([case.name, *cells, show(seen["own pass"] / seen["predict"])]) + " |")


if __name__ == "__main__":
    main()
