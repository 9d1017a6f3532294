"""Confusion matrices on matplotlib axes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from curveboard.plot.axes import Axes, new_axes
from curveboard.record import CountArray, FloatArray, Record

READABLE_CELLS = 400  # beyond, a matrix has colours but no numbers


class ConfusionMatrixDisplay:
    """A confusion matrix, rows true, columns predicted.

    Args:
        confusion_matrix: `(n_rows, n_columns)` counts, sums of weights, or shares.
        display_labels: Names of the rows, which are those of the columns where there are as many; `"0"`, `"1"`, ... by
            default.

    Attributes:
        confusion_matrix: What is shown.
        ax_: Axes drawn on.
        figure_: Their figure.
        im_: The image.
        text_: `(n_rows, n_columns)` texts; None where there are too many cells to be read.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> from curveboard.measure import measure
        >>> record = measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> display = ConfusionMatrixDisplay.from_record(record, normalize="true", ax=Figure().subplots())
        >>> display.confusion_matrix.tolist(), display.text_[1, 0].get_text()
        ([[1.0, 0.0], [0.5, 0.5]], '0.5')
    """

    def __init__(
        self, confusion_matrix: CountArray | FloatArray, *, display_labels: Sequence[str] | None = None
    ) -> None:
        self.confusion_matrix = confusion_matrix
        self.display_labels = display_labels or [str(row) for row in range(len(confusion_matrix))]

    @classmethod
    def from_record(
        cls, record: Record, *, normalize: str | None = None, ax: Axes | None = None, **options: Any
    ) -> ConfusionMatrixDisplay:
        """Draws the matrix of a record; for a multi-label one, a row for each label with its four counts.

        Args:
            record: The record.
            normalize: `"true"`, `"pred"` or `"all"` for shares of rows, of columns, of everything; None for counts.
            ax: Axes to draw on; new ones by default.
            **options: As for `plot`.

        Returns:
            The display, drawn.

        Raises:
            ValueError: `normalize` is none of these, or is `"pred"` for a multi-label record, whose columns are no
                classes.
        """
        matrix = record.confusion.reshape(len(record.class_names), -1)
        if record.task == "multilabel":
            options.setdefault("columns", ["TN", "FP", "FN", "TP"])
        if record.task == "multilabel" and normalize == "pred":
            raise ValueError("expected normalize to be 'true', 'all' or None for labels; received 'pred'")
        return cls(_normalized(matrix, normalize), display_labels=record.class_names).plot(ax, **options)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        columns: Sequence[str] | None = None,
        cmap: str = "Blues",
        colorbar: bool = True,
        include_values: bool | None = None,
    ) -> ConfusionMatrixDisplay:
        """Draws the matrix.

        Args:
            ax: Axes to draw on; by default new ones, made with pyplot, so that notebooks show them.
            columns: Names of the columns; those of the rows by default.
            cmap: Colours, as matplotlib names them.
            colorbar: Whether to say beside it what the colours mean.
            include_values: Whether to write the values into the cells; by default where they are few enough.

        Returns:
            The display.
        """
        matrix = self.confusion_matrix
        self.ax_ = new_axes() if ax is None else ax
        self.figure_ = self.ax_.figure
        self.im_ = self.ax_.imshow(matrix, cmap=cmap, aspect="equal" if columns is None else "auto")
        self.text_: Any = None
        if matrix.size <= READABLE_CELLS if include_values is None else include_values:
            self.text_ = self._write_values()
        if colorbar:
            self.figure_.colorbar(self.im_, ax=self.ax_, fraction=0.046, pad=0.04)
        self._name_ticks(self.display_labels if columns is None else columns)
        self.ax_.set(xlabel="Predicted" if columns is None else "", ylabel="True" if columns is None else "Label")
        return self

    def _write_values(self) -> Any:
        """Writes every value, in the lighter or the darker end of the colours, whichever can be read on its cell."""
        matrix = self.confusion_matrix
        dark, light = self.im_.cmap(1.0), self.im_.cmap(0.0)
        middle = (np.nanmin(matrix) + np.nanmax(matrix)) / 2 if not np.isnan(matrix).all() else 0.0
        texts = np.empty(matrix.shape, object)
        for row, column in product(*map(range, matrix.shape)):
            value = matrix[row, column]
            texts[row, column] = self.ax_.text(
                column,
                row,
                _said(value.item()),
                ha="center",
                va="center",
                fontsize="small" if matrix.size <= READABLE_CELLS / 2 else "xx-small",
                color=light if value > middle else dark,
            )
        return texts

    def _name_ticks(self, columns: Sequence[str]) -> None:
        """Names rows and columns, or every so many of them, so that names do not overlap."""
        rows = self.display_labels
        stride = max(1, -(-len(rows) // 40))
        long = max(map(len, columns)) * len(columns) > 40
        self.ax_.set_yticks(range(0, len(rows), stride), rows[::stride])
        self.ax_.set_xticks(range(0, len(columns), stride), columns[::stride], rotation=90 if long else 0)


def _normalized(matrix: CountArray, normalize: str | None) -> CountArray | FloatArray:
    """Divides counts by sums; a share of nothing is NaN."""
    sums = {"true": matrix.sum(axis=1, keepdims=True), "pred": matrix.sum(axis=0), "all": matrix.sum()}
    if normalize is None:
        return matrix
    if normalize not in sums:
        raise ValueError(f"expected normalize to be 'true', 'pred', 'all' or None; received {normalize!r}")
    with np.errstate(invalid="ignore"):
        return np.asarray(matrix / sums[normalize], np.float64)


def _said(value: float) -> str:
    """Writes a count in full, a share or a sum of weights in two digits, and nothing for NaN."""
    if value != value:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.2g}"
