"""What is counted of a stream of examples: a summary of each class and of all pooled, and decisions at a threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.measure import columns_of
from curveboard.ordered import OrderedScores, ordered_keys
from curveboard.outcomes import BoolArray, Outcomes
from curveboard.record import FloatArray, Task
from curveboard.summary import ScoreSummary

COLUMNS = 16  # copied together: a cache line of float32

Counts: TypeAlias = npt.NDArray[Any]  # int64, or float64 sums of weights
Pair: TypeAlias = tuple[OrderedScores, OrderedScores]  # of positives and of negatives


@dataclass(frozen=True, eq=False)
class Batch:
    """Some examples of a head.

    Attributes:
        score: `(n, n_columns)` float32 or float64.
        positive: `(n, n_columns)`.
        weight: `(n,)` float64, or None.
        cell: `(n,)` flat index into the confusion matrix of a multiclass head; else None.
    """

    score: FloatArray
    positive: BoolArray
    weight: npt.NDArray[np.float64] | None
    cell: npt.NDArray[np.intp] | None

    @classmethod
    def of(cls, outcomes: Outcomes) -> Batch:
        """Lays checked outcomes out in columns."""
        positive, score = columns_of(outcomes)
        weight = None if outcomes.sample_weight is None else outcomes.sample_weight.astype(np.float64)
        cell = None
        if outcomes.task == "multiclass":
            cell = outcomes.y_true * score.shape[1] + outcomes.y_score.argmax(axis=1)
        return cls(score, positive, weight, cell)

    @classmethod
    def joined(cls, batches: Sequence[Batch]) -> Batch:
        """Returns the examples of batches of the same kind, at least one."""
        weights = [batch.weight for batch in batches if batch.weight is not None]
        cells = [batch.cell for batch in batches if batch.cell is not None]
        return cls(
            np.concatenate([batch.score for batch in batches]),
            np.concatenate([batch.positive for batch in batches]),
            np.concatenate(weights) if weights else None,
            np.concatenate(cells) if cells else None,
        )

    def __len__(self) -> int:
        return len(self.score)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(array.nbytes for array in (self.score, self.positive, self.weight, self.cell) if array is not None)

    @property
    def kind(self) -> tuple[int, np.dtype[Any], bool]:
        """Number of columns, dtype of scores, whether there are weights."""
        return self.score.shape[1], self.score.dtype, self.weight is not None

    def take(self, rows: slice | BoolArray) -> Batch:
        """Returns some of the examples."""
        return Batch(
            self.score[rows],
            self.positive[rows],
            None if self.weight is None else self.weight[rows],
            None if self.cell is None else self.cell[rows],
        )

    def ordered(self) -> Iterator[Pair]:
        """Sorts the scores, column after column."""
        for start in range(0, self.score.shape[1], COLUMNS):
            group = slice(start, start + COLUMNS)
            scores, labels = (np.ascontiguousarray(array[:, group].T) for array in (self.score, self.positive))
            for score, label in zip(scores, labels, strict=True):
                yield self._ordered(score, label), self._ordered(score, ~label)

    def _ordered(self, score: FloatArray, rows: BoolArray) -> OrderedScores:
        return OrderedScores.of(score[rows], None if self.weight is None else self.weight[rows])


class StreamCounts:
    """Counts of one head.

    Args:
        kind: As of `Batch`.
        task: `"binary"`, `"multiclass"` or `"multilabel"`.
        n_bins: Bins of each summary.

    Attributes:
        kind: As given.
        summaries: One of each column, and unless binary one of all pooled.
        predicted: `(n_columns, 2)` positives and negatives at or above the threshold: int64 or float64.
        confusion: `(n_columns, n_columns)`, rows true, columns predicted by the highest score; None unless multiclass.
    """

    def __init__(self, kind: tuple[int, np.dtype[Any], bool], task: Task, n_bins: int) -> None:
        self.kind = kind
        n_columns, dtype, weighted = kind
        n_summaries = n_columns if task == "binary" else n_columns + 1
        self.summaries = [ScoreSummary(n_bins, dtype, weighted) for _ in range(n_summaries)]
        counts: type[np.generic] = np.float64 if weighted else np.int64
        self.predicted: Counts = np.zeros((n_columns, 2), counts)
        self.confusion: Counts | None = np.zeros((n_columns, n_columns), counts) if task == "multiclass" else None

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

    def merge(self, other: StreamCounts) -> None:
        """Counts what another of the same kind has counted."""
        for mine, theirs in zip(self.summaries, other.summaries, strict=True):
            mine.merge(theirs)
        self.predicted += other.predicted
        if self.confusion is not None:
            self.confusion += other.confusion
