"""Some examples of a head, laid out in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from curveboard.measure import columns_of
from curveboard.ordered import OrderedScores
from curveboard.outcomes import BoolArray, Outcomes
from curveboard.record import FloatArray

COLUMNS = 16  # copied together: a cache line of float32

Kind: TypeAlias = tuple[int, np.dtype[Any], bool]  # number of columns, dtype of scores, whether there are weights
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
            cell = outcomes.y_true * score.shape[1] + outcomes.predicted
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
    def kind(self) -> Kind:
        """What batches of the same head have in common."""
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
                yield self.divided(score, label)

    def divided(self, score: FloatArray, positive: BoolArray) -> Pair:
        """Sorts one score of each example, those of positives and those of negatives."""
        positives, negatives = (
            OrderedScores.of(score[rows], None if self.weight is None else self.weight[rows])
            for rows in (positive, ~positive)
        )
        return positives, negatives
