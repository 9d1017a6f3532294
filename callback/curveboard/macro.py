"""The mean of the classes' curves, and of their areas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curveboard.classes import Measured
from curveboard.counts import CountTable
from curveboard.curves import macro_precision_recall, macro_roc
from curveboard.record import FloatArray, MacroCurve
from curveboard.simplify import simplify_line

LINE_SHARE = 0.75  # of the tolerance left to macro curves: candidates and the places of the mean spend an eighth each


def macro_of(classes: Sequence[Measured], tolerance: float) -> MacroCurve:
    """Averages the classes whose areas are defined."""
    with_roc = [each for each in classes if not np.isnan(each.roc_auc)]
    with_pr = [each for each in classes if not np.isnan(each.average_precision)]
    fpr, tpr = _macro_roc([each.table for each in with_roc], tolerance)
    recall, precision = _macro_precision_recall([each.table for each in with_pr], tolerance)
    return MacroCurve(
        fpr=fpr.astype(np.float32),
        tpr=tpr.astype(np.float32),
        recall=recall.astype(np.float32),
        precision=precision.astype(np.float32),
        roc_auc=float(np.mean([each.roc_auc for each in with_roc])) if with_roc else np.nan,
        average_precision=float(np.mean([each.average_precision for each in with_pr])) if with_pr else np.nan,
    )


def _macro_roc(tables: Sequence[CountTable], tolerance: float) -> tuple[FloatArray, FloatArray]:
    """Returns the mean ROC curve, `(fpr, tpr)` from (0, 0) to (1, 1).

    It is taken at steps of an eighth of the tolerance: between two of them the mean, which never decreases, stays
    within their rectangle, and so within an eighth of the tolerance of the line that joins them.
    """
    if not tables:
        return np.empty(0), np.empty(0)
    steps = np.linspace(0.0, 1.0, int(np.ceil(8 / tolerance)) + 1)
    fpr, tpr = np.append(0.0, steps), np.append(0.0, macro_roc(tables, steps))
    rows = simplify_line(fpr, tpr, LINE_SHARE * tolerance)
    return fpr[rows], tpr[rows]


def _macro_precision_recall(tables: Sequence[CountTable], tolerance: float) -> tuple[FloatArray, FloatArray]:
    """Returns the mean PR curve, `(recall, precision)`, recall from 0 to 1.

    Along a stretch of recall a class' precision rises by `(1 - p) / (tp + fp)` a positive, `p (1 - p) / recall` times
    the stretch in all, and falls by as much more than between its ends. The mean is therefore taken at steps that grow
    with recall, of a quarter of the tolerance times it: what happens between two of them is within a sixteenth of the
    tolerance of their range. Below `tolerance`, where recall is exempt (`curveboard.simplify`), steps are even.
    """
    if not tables:
        return np.empty(0), np.empty(0)
    even = np.linspace(0.0, tolerance, 8, endpoint=False)
    n_steps = int(np.ceil(np.log(1 / tolerance) * 4 / tolerance))
    recall = np.append(even, np.geomspace(tolerance, 1.0, n_steps + 1))
    precision = macro_precision_recall(tables, recall)
    rows = simplify_line(recall, precision, LINE_SHARE * tolerance)
    return recall[rows], precision[rows]
