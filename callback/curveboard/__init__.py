"""Exact ROC and PR curves, their areas and the confusion matrix of every epoch, in TensorBoard.

Importing this package imports neither Keras nor TensorFlow; each public name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from curveboard.counts import CountTable
    from curveboard.logger import CurveLogger
    from curveboard.reader import read_curves
    from curveboard.record import Curve, MacroCurve, Record
    from curveboard.writer import CurveWriter

_HOME = {
    "CountTable": "counts",
    "Curve": "record",
    "CurveLogger": "logger",
    "CurveWriter": "writer",
    "MacroCurve": "record",
    "Record": "record",
    "read_curves": "reader",
}

__all__ = ["CountTable", "Curve", "CurveLogger", "CurveWriter", "MacroCurve", "Record", "read_curves"]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'curveboard' has no attribute {name!r}; it offers {', '.join(__all__)}")
    return getattr(importlib.import_module(f"curveboard.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
