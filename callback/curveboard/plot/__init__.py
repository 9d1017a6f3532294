"""Pictures of records with matplotlib: displays to be drawn on any axes, and the figure that people save each epoch.

The displays are used as scikit-learn's are, and keep the names of what they leave behind (`ax_`, `figure_`, `line_`,
`im_`, `text_`). They are not those: a stored curve is simplified, and is true to its tolerance where it is drawn as
straight lines in ROC and as hyperbolas in PR, while scikit-learn draws the steps of a full curve; a display here takes
several curves; and constructors there differ from release to release.
"""

from __future__ import annotations

try:
    from matplotlib.figure import Figure
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(f"curveboard.plot needs {missing.name}: pip install 'curveboard[plot]'") from missing

from curveboard.plot.curves import PrecisionRecallDisplay, RocCurveDisplay
from curveboard.plot.matrix import ConfusionMatrixDisplay
from curveboard.record import Record

__all__ = ["ConfusionMatrixDisplay", "PrecisionRecallDisplay", "RocCurveDisplay", "figure"]


def figure(record: Record, *, normalize: str | None = None) -> Figure:
    """Returns the picture to save each epoch: ROC curves, PR curves and the confusion matrix side by side.

    It is made without pyplot, which would keep every figure until it is closed: thousands can be saved in a row, from
    any thread, without a display.

    Args:
        record: The record.
        normalize: As for `ConfusionMatrixDisplay.from_record`.

    Returns:
        The figure; its `savefig` writes PNG, SVG or PDF.

    Raises:
        ValueError: As from `ConfusionMatrixDisplay.from_record`.

    Examples:
        >>> from curveboard.measure import measure
        >>> picture = figure(measure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]))
        >>> [axes.get_xlabel() for axes in picture.axes[:3]]
        ['False positive rate', 'Recall', 'Predicted']
    """
    picture = Figure(figsize=(16, 5.2), layout="constrained")
    roc, precision_recall, confusion = picture.subplots(1, 3)
    RocCurveDisplay.from_record(record, ax=roc, plot_chance_level=True)
    PrecisionRecallDisplay.from_record(record, ax=precision_recall)
    ConfusionMatrixDisplay.from_record(record, normalize=normalize, ax=confusion)
    head = "" if record.head == "output" else f", {record.head}"
    run = record.split if record.run == "." else record.run
    picture.suptitle(f"{run}{head}, epoch {record.step}, {record.n_examples:,} examples")
    return picture
