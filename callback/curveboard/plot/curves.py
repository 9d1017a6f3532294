"""ROC and precision-recall curves on matplotlib axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from curveboard.plot.axes import Axes, new_axes
from curveboard.record import Curve, FloatArray, MacroCurve, Record

if TYPE_CHECKING:
    from typing_extensions import Self

FEW_CLASSES = 10  # beyond, classes are neither drawn one by one unasked
MEAN_PLACES = 101
_LOOKS = {  # of averages beside the classes, whose colours they would take
    "macro": {"color": "black", "linewidth": 2},
    "micro": {"color": "dimgray", "linewidth": 2, "linestyle": ":"},
}
BEND = 16  # straight pieces that draw the hyperbola between two points of a PR curve


class _CurvesDisplay:
    """What ROC and PR curves have in common: see `RocCurveDisplay`."""

    _labels: ClassVar[tuple[str, str]]
    _corner: ClassVar[str]
    _area: ClassVar[str]

    def __init__(self, *curves: Curve | MacroCurve, names: Sequence[str] | None = None) -> None:
        if not curves:
            raise ValueError("expected at least one curve; received none")
        if names is not None and len(names) != len(curves):
            raise ValueError(f"expected one name for each of {len(curves)} curves; received {len(names)}")
        self.curves = curves
        self.names = tuple(curve.name for curve in curves) if names is None else tuple(names)
        self.line_: list[Any] = []
        self._looks: list[dict[str, Any]] = [{} for _ in curves]

    @classmethod
    def from_record(
        cls, record: Record, *, classes: Sequence[str] | None = None, ax: Axes | None = None, **options: Any
    ) -> Self:
        """Draws curves of one record.

        Args:
            record: The record.
            classes: Names of classes, `"micro"`, `"macro"`. By default the one curve of a binary record; else macro,
                micro, and all classes where they are ten at most.
            ax: Axes to draw on; new ones by default.
            **options: As for `plot`.

        Returns:
            The display, drawn.

        Raises:
            KeyError: There is no such class.
        """
        display = cls(*(record[name] for name in classes or _all_names(record)))
        for curve, look in zip(display.curves, display._looks, strict=True):
            look.update(_LOOKS["macro"] if curve is record.macro else _LOOKS["micro"] if curve is record.micro else {})
        return display.plot(ax, **options)

    @classmethod
    def from_records(
        cls,
        records: Iterable[Record],
        *,
        classes: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
        ax: Axes | None = None,
        **options: Any,
    ) -> Self:
        """Draws curves of several records, such as epochs or runs, on the same axes.

        Args:
            records: The records, at least one.
            classes: Classes of each; by default the curve of a binary record, the macro average of others.
            names: One for each record; by default what tells them apart: run, head, split or step.
            ax: Axes to draw on; new ones by default.
            **options: As for `plot`.

        Returns:
            The display, drawn.

        Raises:
            KeyError: A record has no such class.
            ValueError: There are no records, or not one name for each.
        """
        chosen = list(records)
        titles = _told_apart(chosen) if names is None else list(names)
        if len(titles) != len(chosen):
            raise ValueError(f"expected one name for each of {len(chosen)} records; received {len(titles)}")
        curves, labels = [], []
        for record, title in zip(chosen, titles, strict=True):
            for name in classes or [_main_name(record)]:
                curves.append(record[name])
                labels.append(f"{title} {name}".strip() if classes is not None and len(classes) > 1 else title or name)
        return cls(*curves, names=labels).plot(ax, **options)

    def plot(self, ax: Axes | None = None, *, plot_chance_level: bool = False, **line: Any) -> Self:
        """Draws the curves.

        Args:
            ax: Axes to draw on; by default new ones, made with pyplot, so that notebooks show them.
            plot_chance_level: Whether to draw what scores without information would give.
            **line: How the lines look, as for `matplotlib.axes.Axes.plot`.

        Returns:
            The display, with `ax_`, `figure_` and `line_`, the lines in the order of the curves.
        """
        self._on(ax)
        for curve, name, look in zip(self.curves, self.names, self._looks, strict=True):
            area = getattr(curve, "roc_auc" if self._area == "AUC" else "average_precision")
            said = "undefined" if np.isnan(area) else f"= {area:.3f}"
            self.line_ += self.ax_.plot(
                *self._line(curve), **{"label": f"{name} ({self._area} {said})", **look, **line}
            )
        if plot_chance_level:
            self._plot_chance_level()
        return self._finished()

    def plot_mean(self, ax: Axes | None = None, *, name: str = "mean", color: str = "tab:blue") -> Self:
        """Draws the mean of the curves, taken vertically, and a band of one standard deviation to both sides.

        Curves that are not defined, having no positives or no negatives, are left out. The deviation is that of the
        curves themselves (`ddof=0`).

        Args:
            ax: Axes to draw on; by default new ones.
            name: What the legend calls it.
            color: Of the line and the band.

        Returns:
            The display, with `mean_` and `deviation_`, `(101,)` values at `np.linspace(0, 1, 101)`.

        Raises:
            ValueError: No curve is defined.
        """
        self._on(ax)
        places = np.linspace(0.0, 1.0, MEAN_PLACES)
        lines = [line for line in map(self._line, self.curves) if len(line[1]) and not np.isnan(line).any()]
        if not lines:
            raise ValueError("expected a curve that is defined; received none")
        values = np.array([np.interp(places, *line) for line in lines])
        self.mean_, self.deviation_ = self._pinned(values).mean(axis=0), self._pinned(values).std(axis=0)
        low, high = self.mean_ - self.deviation_, self.mean_ + self.deviation_
        self.ax_.fill_between(places, np.maximum(low, 0), np.minimum(high, 1), color=color, alpha=0.2, linewidth=0)
        self.line_ += self.ax_.plot(places, self.mean_, color=color, linewidth=2, label=f"{name} ± 1 std. dev.")
        return self._finished()

    def _on(self, ax: Axes | None) -> None:
        self.ax_ = new_axes() if ax is None else ax
        self.figure_ = self.ax_.figure

    def _finished(self) -> Self:
        xlabel, ylabel = self._labels
        self.ax_.set(xlabel=xlabel, ylabel=ylabel, xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
        self.ax_.legend(loc=self._corner, fontsize="small")
        return self

    def _line(self, curve: Curve | MacroCurve) -> tuple[FloatArray, FloatArray]:
        raise NotImplementedError

    def _pinned(self, values: FloatArray) -> FloatArray:
        raise NotImplementedError

    def _plot_chance_level(self) -> None:
        raise NotImplementedError


class RocCurveDisplay(_CurvesDisplay):
    """ROC curves on one pair of axes.

    Args:
        *curves: Curves of any records: `record["cat"]`, `record["macro"]`.
        names: One for each, for the legend; the names of the classes by default.

    Attributes:
        ax_: Axes drawn on.
        figure_: Their figure.
        line_: Lines drawn.

    Raises:
        ValueError: There is no curve, or not one name for each.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> from curveboard.measure import measure
        >>> record = measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], class_names=["ham", "spam"])
        >>> display = RocCurveDisplay.from_record(record, ax=Figure().subplots(), plot_chance_level=True)
        >>> [line.get_label() for line in display.line_]
        ['spam (AUC = 0.750)']
    """

    _labels = "False positive rate", "True positive rate"
    _corner = "lower right"
    _area = "AUC"

    def _line(self, curve: Curve | MacroCurve) -> tuple[FloatArray, FloatArray]:
        fpr, tpr, _ = curve.roc()
        return fpr, tpr

    def _pinned(self, values: FloatArray) -> FloatArray:
        values[:, 0] = 0.0  # a curve begins there, however steep
        return values

    def _plot_chance_level(self) -> None:
        self.ax_.plot((0, 1), (0, 1), "k--", linewidth=1, label="Chance level (AUC = 0.5)")


class PrecisionRecallDisplay(_CurvesDisplay):
    """Precision-recall curves on one pair of axes; as `RocCurveDisplay`, with average precision in the legend.

    Between stored points precision follows the counts, on a hyperbola. The chance level is the share of positives.

    Examples:
        >>> from matplotlib.figure import Figure
        >>> from curveboard.measure import measure
        >>> record = measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], class_names=["ham", "spam"])
        >>> display = PrecisionRecallDisplay(record["spam"], names=["logistic"]).plot(Figure().subplots())
        >>> [line.get_label() for line in display.line_]
        ['logistic (AP = 0.833)']
    """

    _labels = "Recall", "Precision"
    _corner = "lower left"
    _area = "AP"

    def _line(self, curve: Curve | MacroCurve) -> tuple[FloatArray, FloatArray]:
        if isinstance(curve, MacroCurve):
            return curve.recall, curve.precision
        rows = np.linspace(0, len(curve.tp), BEND * len(curve.tp) + 1)
        tp, fp = (np.interp(rows, np.arange(len(counts) + 1), np.append(0, counts)) for counts in (curve.tp, curve.fp))
        with np.errstate(invalid="ignore"):
            recall, precision = tp / np.float64(curve.positives), tp / (tp + fp)
        precision[:1] = precision[1:2]  # nothing is predicted positive: what the first scores give
        return recall, precision

    def _pinned(self, values: FloatArray) -> FloatArray:
        return values

    def _plot_chance_level(self) -> None:
        for curve, line in zip(self.curves, self.line_, strict=False):
            if isinstance(curve, Curve):
                share = curve.positives / (curve.positives + curve.negatives)
                self.ax_.axhline(share, color=line.get_color(), linestyle="--", linewidth=1)


def _main_name(record: Record) -> str:
    return record.curves[0].name if record.macro is None else "macro"


def _all_names(record: Record) -> list[str]:
    """Curves to draw of a record unasked."""
    classes = [curve.name for curve in record.curves]
    if record.macro is None:
        return classes
    return ["macro", "micro", *(classes if len(classes) <= FEW_CLASSES else [])]


def _told_apart(records: Sequence[Record]) -> list[str]:
    """Names records by what differs among them; a single one by nothing. Runs end in their split, if that differs."""
    one_split = len({record.split for record in records}) == 1
    runs = [record.run.removesuffix(f"/{record.split}") if one_split else record.run for record in records]
    if len(set(runs)) == 1 and not one_split:
        runs = [record.split for record in records]
    facts = [(run, record.head, f"epoch {record.step}") for run, record in zip(runs, records, strict=True)]
    differs = [len(set(column)) > 1 for column in zip(*facts, strict=True)]
    return [", ".join(fact for fact, shown in zip(row, differs, strict=True) if shown) for row in facts]
