"""Families of scores that break approximations, after the shapes that real models give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float32]
Rng = np.random.Generator


def _sigmoid(logits: npt.NDArray[np.float64]) -> Scores:
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


def binormal(
    rng: Rng, n: int, prevalence: float, gap: float, scale: float = 1.0, bias: float = 0.0
) -> tuple[Labels, Scores]:
    """Sigmoids of normally distributed logits, those of positives `gap` higher; both labels occur."""
    y = rng.random(n) < prevalence
    y[:2] = True, False
    return y, _sigmoid(scale * (rng.normal(size=n) + gap * y) + bias)


def _rounded(rng: Rng, n: int, steps: int) -> tuple[Labels, Scores]:
    y, score = binormal(rng, n, 0.3, 1.0)
    return y, np.round(score * steps).astype(np.float32) / np.float32(steps)


def _softmax(rng: Rng, n: int, n_classes: int) -> tuple[Labels, Scores]:
    z = rng.normal(size=(n, n_classes))
    y = rng.integers(0, n_classes, n)
    z[np.arange(n), y] += 1.0
    shares = np.exp(z)
    return np.append(y[:-2] == 0, [True, False]), (shares[:, 0] / shares.sum(axis=1)).astype(np.float32)


FAMILIES: dict[str, Callable[[Rng, int], tuple[Labels, Scores]]] = {
    "moderate": lambda rng, n: binormal(rng, n, 0.5, 1.0),
    "trained": lambda rng, n: binormal(rng, n, 0.5, 3.3, 12.0, -20.0),
    "crowded": lambda rng, n: binormal(rng, n, 0.5, 2.5, 12.0, 10.0),
    "rare": lambda rng, n: binormal(rng, n, 0.001, 2.5, 1.0, -6.0),
    "high tail": lambda rng, n: binormal(rng, n, 0.99, 2.0, 1.0, 6.0),
    "ties": lambda rng, n: _rounded(rng, n, 20),
    "constant": lambda rng, n: (binormal(rng, n, 0.3, 1.0)[0], np.full(n, 0.5, np.float32)),
    "collapsed": lambda rng, n: binormal(rng, n, 0.5, 1.0, 1e-4),
    "softmax": lambda rng, n: _softmax(rng, n, 100),
    "perfect": lambda rng, n: binormal(rng, n, 0.4, 40.0, 1.0, -20.0),
    "inverted": lambda rng, n: binormal(rng, n, 0.4, -2.0),
}
