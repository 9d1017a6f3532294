"""Paired rounds: every contestant in every round, in alternating order, timed by the process' own CPU clock.

A shared machine makes the same code differ from itself, so each table has a null row: identical code against itself in
the same rounds. A ratio is read beside it, with the 95 % interval of its median.
"""

from __future__ import annotations

import gc
import resource
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt


def limit_memory(gibibytes: float) -> None:
    """Makes an allocation beyond the limit fail, rather than the machine."""
    limit = int(gibibytes * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of all threads of this process spent in one call."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def play(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, npt.NDArray[np.float64]]:
    """Plays all contestants in each round, every other round backwards; returns what each call returned, by name."""
    seen: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds):
        order = list(contestants.items())
        for name, play_once in order if number % 2 == 0 else reversed(order):
            seen[name].append(play_once())
        print(f"\r  round {number + 1} of {rounds}", end="", flush=True)
    print("\r" + " " * 30 + "\r", end="", flush=True)
    return {name: np.array(values) for name, values in seen.items()}


def median_interval(samples: npt.NDArray[np.float64], resamples: int = 4000) -> tuple[float, float, float]:
    """The median and its 95 % bootstrap interval."""
    draws = np.random.default_rng(0).choice(samples, (resamples, len(samples)))
    low, high = np.percentile(np.median(draws, axis=1), [2.5, 97.5])
    return float(np.median(samples)), float(low), float(high)


def ratio_interval(
    above: npt.NDArray[np.float64], below: npt.NDArray[np.float64], resamples: int = 4000
) -> tuple[float, float, float]:
    """The ratio of two medians and its 95 % bootstrap interval, both sides resampled."""
    random = np.random.default_rng(0)
    medians = [np.median(random.choice(side, (resamples, len(side))), axis=1) for side in (above, below)]
    low, high = np.percentile(medians[0] / medians[1], [2.5, 97.5])
    return float(np.median(above) / np.median(below)), float(low), float(high)


def show(samples: npt.NDArray[np.float64], unit: str = "", scale: float = 1.0, digits: int = 2) -> str:
    """`median [low, high]` with the unit."""
    middle, low, high = (value * scale for value in median_interval(samples))
    return f"{middle:.{digits}f}{unit} [{low:.{digits}f}, {high:.{digits}f}]"
