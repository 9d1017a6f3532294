"""What a record holds beside curves and confusion: how far scores can be trusted, as sums that add up over shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from curveboard.calibration import Calibration, summed
from curveboard.confidence import confidence_curve, count_confidence, count_top_k
from curveboard.counts import CountTable
from curveboard.outcomes import Outcomes
from curveboard.record import FloatArray, Record


@dataclass(frozen=True, eq=False)
class Reliability:
    """Sums over examples from which calibration, confidence and top-k accuracy follow.

    Attributes:
        calibrations: One for each class (binary: of the positive class); empty where a score is no probability.
        confidence: The highest score of each example against whether it is right, of a multiclass head; else None.
        confidence_calibration: The same in bins; None where a score is no probability, too.
        top_k: As in `Record`.
    """

    calibrations: tuple[Calibration, ...]
    confidence: CountTable | None = None
    confidence_calibration: Calibration | None = None
    top_k: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(cls, outcomes: Outcomes, score: FloatArray, calibrations: tuple[Calibration, ...]) -> Reliability:
        """Sums up checked outcomes, given the scores that rank the classes and the classes' calibrations."""
        if outcomes.task != "multiclass":
            return cls(calibrations)
        table, calibration = count_confidence(outcomes, score, bool(calibrations))
        return cls(calibrations, table, calibration, count_top_k(outcomes))

    @classmethod
    def merged(cls, parts: Sequence[Reliability]) -> Reliability:
        """Returns the sums of all parts; without calibrations if a part has none."""
        calibrated = all(part.calibrations for part in parts)
        columns = zip(*(part.calibrations for part in parts), strict=True) if calibrated else ()
        tables = [part.confidence for part in parts if part.confidence]
        bins = [part.confidence_calibration for part in parts if part.confidence_calibration]
        return cls(
            tuple(summed(column[0].name, column) for column in columns),
            CountTable.merged(tables) if tables else None,
            summed("confidence", bins) if bins and calibrated else None,
            tuple(
                (same[0][0], sum(count for _, count in same))
                for same in zip(*(part.top_k for part in parts), strict=True)
            ),
        )

    def added_to(self, record: Record) -> Record:
        """Returns the record with what follows from the sums."""
        kept = replace(record, calibrations=self.calibrations, top_k=self.top_k)
        if self.confidence is None:
            return kept
        curve = confidence_curve(self.confidence, self.confidence_calibration, record.tolerance)
        return replace(kept, confidence=curve)
