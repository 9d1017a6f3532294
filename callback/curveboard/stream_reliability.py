"""Calibration, confidence and top-k counts of a stream of examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from curveboard.calibration import CalibrationSums
from curveboard.confidence import area_under_risk
from curveboard.logits import ROWS, probabilities
from curveboard.outcomes import BoolArray
from curveboard.record import ConfidenceCurve, FloatArray, Record, Task
from curveboard.simplify import simplify
from curveboard.stream_batch import Batch, Kind
from curveboard.summary import ScoreSummary

TopK = Iterable[tuple[int, float]]


class StreamReliability:
    """Sums from which `curveboard.reliability` follows, in constant memory.

    The confidence curve is made of a `ScoreSummary`: its areas have bounds, `aurc` is an estimate. The rest is exact.

    Args:
        kind: Of the batches.
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        from_logits: Whether scores are log-odds.
        n_bins: Bins of the summary.
    """

    def __init__(self, kind: Kind, task: Task, from_logits: bool, n_bins: int) -> None:
        n_columns, dtype, weighted = kind
        self._from_logits = from_logits
        self._calibrated = True
        self._classes = CalibrationSums(n_columns)
        self._highest = CalibrationSums(1)
        self._confidence = ScoreSummary(n_bins, dtype, weighted) if task == "multiclass" else None
        self._top_k: dict[int, float] = {}

    def add(self, batch: Batch) -> None:
        """Adds a batch."""
        self._calibrate(self._classes, batch.score, batch.positive, batch.weight)
        if self._confidence is None or batch.cell is None:
            return
        true, predicted = np.divmod(batch.cell, batch.score.shape[1])
        right, highest = true == predicted, batch.score[np.arange(len(batch)), predicted]
        self._confidence.add(*batch.divided(highest, right))
        self._calibrate(self._highest, highest[:, np.newaxis], right[:, np.newaxis], batch.weight)

    def add_top_k(self, top_k: TopK) -> None:
        """Adds the counts of a batch, as `curveboard.confidence.count_top_k` gives them."""
        for k, count in top_k:
            self._top_k[k] = self._top_k.get(k, 0) + count

    def merge(self, other: StreamReliability) -> None:
        """Adds what another has added of the same head."""
        self._calibrated &= other._calibrated
        self._classes.merge(other._classes)
        self._highest.merge(other._highest)
        self.add_top_k(other._top_k.items())
        if self._confidence and other._confidence:
            self._confidence.merge(other._confidence)

    def added_to(self, record: Record) -> Record:
        """Returns the record with what follows from the sums."""
        names = [curve.name for curve in record.curves]
        calibrations = self._classes.result(names) if self._calibrated else ()
        kept = replace(record, calibrations=calibrations, top_k=tuple(sorted(self._top_k.items())))
        if self._confidence is None:
            return kept
        areas, table = self._confidence.areas(), self._confidence.table()
        (rows,) = simplify([table], record.tolerance)
        curve = ConfidenceCurve(
            name="confidence",
            thresholds=table.thresholds[rows],
            tp=table.tp[rows],
            fp=table.fp[rows],
            positives=table.positives,
            negatives=table.negatives,
            roc_auc=areas.roc_auc,
            average_precision=areas.average_precision,
            roc_auc_se=areas.roc_auc_se,
            roc_auc_bounds=areas.roc_auc_bounds,
            average_precision_bounds=areas.average_precision_bounds,
            aurc=area_under_risk(table),
            calibration=self._highest.result(["confidence"])[0] if calibrations else None,
        )
        return replace(kept, confidence=curve)

    def _calibrate(
        self, sums: CalibrationSums, score: FloatArray, positive: BoolArray, weight: npt.NDArray[np.float64] | None
    ) -> None:
        """Adds probabilities, some examples at a time; a score below 0 that is no logit ends it."""
        for start in range(0, len(score) if self._calibrated else 0, ROWS):
            rows = slice(start, start + ROWS)
            part = probabilities(score[rows], exclusive=False) if self._from_logits else score[rows]
            if part.min() < 0:
                self._calibrated = False
                return
            sums.add(np.where(positive[rows], -part, np.abs(part)), None if weight is None else weight[rows])
