"""`curveboard log`: a file of predictions becomes a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curveboard.cli.predictions import Columns, Piece, read_predictions
from curveboard.cli.terminal import Progress, count, number
from curveboard.outcomes import check_threshold
from curveboard.sharded import ShardCounts, ShardMerger
from curveboard.writer import CurveWriter

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from curveboard.record import Task


def run(options: argparse.Namespace) -> int:
    """Counts the predictions piece by piece, and writes the record of all."""
    if not options.predictions.exists() or options.predictions.is_dir():  # it may be a pipe
        raise FileNotFoundError(f"expected a file of predictions; received {options.predictions}")
    check_threshold(options.threshold, options.from_logits)
    writer = CurveWriter(options.logdir)
    columns = Columns(options.true, options.score, options.weight)
    names: Sequence[str] | None = options.class_names
    if names is None and len(columns.score) > 1:
        names = columns.score
    merger = ShardMerger()
    with Progress("examples") as progress:
        for piece in read_predictions(options.predictions, columns, names):
            merger.add(
                ShardCounts.of(
                    piece.y_true,
                    piece.y_score,
                    piece.sample_weight,
                    task=options.task or _task(piece),
                    class_names=names,
                    from_logits=options.from_logits,
                )
            )
            progress.advance(len(piece.y_true))
    if not merger:
        raise ValueError(f"expected predictions; received none in {options.predictions}")
    record = merger.result().record(threshold=options.threshold, split=options.split, head=options.head)
    with writer:
        written = writer.write_record(options.step, record)
    print(
        f"{count(written.n_examples)} examples in {options.logdir / written.run}, epoch {written.step}: "
        f"ROC-AUC {number(written.roc_auc)}, average precision {number(written.average_precision)}"
    )
    return 0


def _task(piece: Piece) -> Task:
    """Returns the task by the number of columns, which is the same in all pieces."""
    n_scores = 1 if piece.y_score.ndim == 1 else piece.y_score.shape[1]
    n_labels = 1 if piece.y_true.ndim == 1 else piece.y_true.shape[1]
    if n_labels > 1:
        raise ValueError(f"expected --task multiclass or multilabel for labels in {n_labels} columns; received neither")
    return "binary" if n_scores <= 2 else "multiclass"
