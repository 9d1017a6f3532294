"""What can be shown: each kind of stored record, and how it is read. `legacy.py` has the other kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy.typing as npt

from curveboard import wire
from curveboard.calibration import pooled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard.calibration import Calibration
    from curveboard.record import Curve, MacroCurve

# In place of a curve's id: the highest probability of each example against whether it is right.
CONFIDENCE = "confidence"

# A tensor as TensorBoard hands it over: anybody may write under a tag, so it can be of any type and shape.
Blob = npt.NDArray[Any]


class Source(Protocol):
    """A kind of stored record.

    Everything that reads a record raises `wire.WireError` where it is damaged, or is none.
    """

    @property
    def name(self) -> str:
        """The plugin whose summaries they are; the index tells it as `source`."""

    def head(self, tag: str) -> str | None:
        """Returns the head that a tag holds; None if it holds none."""

    def thresholds(self, blob: Blob) -> int | None:
        """Returns how many thresholds the curves were counted at; None where they are exact."""

    def check(self, blob: Blob) -> None:
        """Checks as much of a record as costs next to nothing."""

    def decode_areas(self, blobs: Sequence[Blob]) -> list[wire.Areas]:
        """Returns names, areas and totals of many records; raises if any is damaged."""

    def decode_curves(self, blobs: Sequence[Blob], areas: Sequence[wire.Areas], curve: str) -> list[Curve | MacroCurve]:
        """Returns the same curve of many records that have it; raises if any is damaged."""

    def decode_confusion(self, blob: Blob) -> wire.Confusion:
        """Returns the confusion matrix."""

    def decode_calibration(self, blob: Blob, curve: str) -> Calibration | None:
        """Returns the calibration of a curve, or of `CONFIDENCE`; None where the record has none."""


class Records:
    """Our own records."""

    name = wire.PLUGIN_NAME

    def head(self, tag: str) -> str | None:
        """Returns what follows our prefix."""
        return tag.removeprefix(wire.TAG_PREFIX) if tag.startswith(wire.TAG_PREFIX) else None

    def thresholds(self, blob: Blob) -> int | None:
        """Returns None: our curves are made of the scores themselves."""
        return None

    def check(self, blob: Blob) -> None:
        """Checks header and directory."""
        wire.check(blob)

    def decode_areas(self, blobs: Sequence[Blob]) -> list[wire.Areas]:
        """Returns names, areas and totals of many records."""
        return wire.decode_areas_of_many(blobs)

    def decode_curves(self, blobs: Sequence[Blob], areas: Sequence[wire.Areas], curve: str) -> list[Curve | MacroCurve]:
        """Returns the same curve of many records; records of the same classes are decoded in one pass."""
        return wire.decode_curves(blobs, areas, curve)

    def decode_confusion(self, blob: Blob) -> wire.Confusion:
        """Returns the confusion matrix."""
        return wire.decode_confusion(blob)

    def decode_calibration(self, blob: Blob, curve: str) -> Calibration | None:
        """Returns the calibration of a class, of all pooled, or of the highest probability."""
        calibrations, confidence, _ = wire.decode_reliability(blob)
        if curve == CONFIDENCE:
            return confidence.calibration if confidence else None
        if curve == "micro":
            return pooled(calibrations) if len(calibrations) > 1 else None
        return next((one for one in calibrations if f"class:{one.name}" == curve), None)
