"""Logits as what they stand for: log-odds, one for each of exclusive classes, and probabilities."""

from __future__ import annotations

import numpy as np

from curveboard.record import FloatArray

ROWS = 4096  # examples whose log-odds are computed together: temporaries of a few megabytes at most


def log_odds(logits: FloatArray) -> FloatArray:
    """Returns the log-odds of each class under softmax: its logit minus the log-sum-exp of the others.

    The sum over the others is that over all minus one's own term, which cancels for the largest; the sum over the
    others of the largest is therefore taken on its own. Ranking by log-odds is ranking by probability, without the ties
    that rounding to 0 and 1 makes.

    Args:
        logits: `(n, n_classes)` float32 or float64, two classes at least.

    Returns:
        `(n, n_classes)` of the same dtype, computed in float64.
    """
    result = np.empty_like(logits)
    for start in range(0, len(logits), ROWS):
        z = logits[start : start + ROWS].astype(np.float64)
        row, top = np.arange(len(z)), z.argmax(axis=1)
        largest = z[row, top][:, np.newaxis]
        shares = np.exp(z - largest)
        others = shares.sum(axis=1, keepdims=True) - shares
        others[row, top] = 1.0
        odds = z - largest - np.log(others)
        rest = z.copy()
        rest[row, top] = -np.inf
        second = rest.max(axis=1)
        odds[row, top] = largest[:, 0] - second - np.log(np.exp(rest - second[:, np.newaxis]).sum(axis=1))
        result[start : start + ROWS] = odds
    return result


def probabilities(logits: FloatArray, exclusive: bool) -> FloatArray:
    """Returns the probability of each class.

    Args:
        logits: `(n, n_classes)` float32 or float64.
        exclusive: Whether exactly one class is true (softmax), or any number of them (sigmoid).

    Returns:
        `(n, n_classes)` float64.

    Example:
        >>> probabilities(np.array([[0.0, 0.0]]), exclusive=True)
        array([[0.5, 0.5]])
    """
    z = logits.astype(np.float64)
    if not exclusive:
        with np.errstate(over="ignore"):  # 1 / inf is the 0 that it should be
            return np.asarray(1 / (1 + np.exp(-z)))
    shares: FloatArray = np.exp(z - z.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares
