"""What is counted of a stream of examples: a summary of each class and of all pooled, and decisions at a threshold."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.ordered import OrderedScores, ordered_keys
from curveboard.record import Task
from curveboard.stream_batch import Batch, Kind
from curveboard.stream_reliability import StreamReliability
from curveboard.summary import ScoreSummary

Counts: TypeAlias = npt.NDArray[Any]  # int64, or float64 sums of weights


class StreamCounts:
    """Counts of one head.

    Args:
        kind: Of the batches.
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        from_logits: Whether scores are log-odds.
        n_bins: Bins of each summary.

    Attributes:
        kind: As given.
        summaries: One of each column, and unless binary one of all pooled.
        predicted: `(n_columns, 2)` positives and negatives at or above the threshold: int64 or float64.
        confusion: `(n_columns, n_columns)`, rows true, columns predicted by the highest score; None unless multiclass.
        reliability: What calibration, confidence and top-k accuracy follow from.
    """

    def __init__(self, kind: Kind, task: Task, from_logits: bool, n_bins: int) -> None:
        self.kind = kind
        n_columns, dtype, weighted = kind
        n_summaries = n_columns if task == "binary" else n_columns + 1
        self.summaries = [ScoreSummary(n_bins, dtype, weighted) for _ in range(n_summaries)]
        counts: type[np.generic] = np.float64 if weighted else np.int64
        self.predicted: Counts = np.zeros((n_columns, 2), counts)
        self.confusion: Counts | None = np.zeros((n_columns, n_columns), counts) if task == "multiclass" else None
        self.reliability = StreamReliability(kind, task, from_logits, n_bins)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        confusion = 0 if self.confusion is None else self.confusion.nbytes
        return sum(summary.nbytes for summary in self.summaries) + self.predicted.nbytes + confusion

    def add(self, batch: Batch, threshold: float) -> None:
        """Counts a batch of the same kind, with the decisions at a threshold."""
        n_columns, dtype, _ = self.kind
        at = ordered_keys(np.array([threshold], dtype))
        pairs = []
        for column, pair in enumerate(batch.ordered()):
            self.summaries[column].add(*pair)
            self.predicted[column] += [scores.above(at)[0] for scores in pair]
            pairs.append(pair)
        if len(self.summaries) > n_columns:
            positives, negatives = zip(*pairs, strict=True)
            self.summaries[-1].add(OrderedScores.pooled(positives), OrderedScores.pooled(negatives))
        if self.confusion is not None and batch.cell is not None:
            cells: Counts = np.bincount(batch.cell, batch.weight, n_columns**2)
            self.confusion += cells.reshape(n_columns, n_columns)
        self.reliability.add(batch)

    def merge(self, other: StreamCounts) -> None:
        """Counts what another of the same kind has counted."""
        for mine, theirs in zip(self.summaries, other.summaries, strict=True):
            mine.merge(theirs)
        self.predicted += other.predicted
        if self.confusion is not None:
            self.confusion += other.confusion
        self.reliability.merge(other.reliability)
