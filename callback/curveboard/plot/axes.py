"""Axes to draw on where none were given."""

from __future__ import annotations

from typing import Any, TypeAlias

Axes: TypeAlias = Any  # matplotlib is optional, and brings no types of its own


def new_axes() -> Axes:
    """Returns the axes of a new figure of pyplot."""
    import matplotlib.pyplot as plt  # here, as it chooses a display, which `figure` has no need of

    return plt.subplots()[1]
