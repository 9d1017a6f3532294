"""The tensors of TensorBoard's PR Curves plugin, and the events that hold them, as their writers make them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.plugins.pr_curve import metadata


def summary(
    y_true: npt.ArrayLike, y_score: npt.ArrayLike, n: int, sample_weight: npt.ArrayLike = 1.0
) -> npt.NDArray[np.float32]:
    """The `(6, n)` tensor that `torch.utils.tensorboard.summary.compute_curve` computes."""
    labels, scores = np.asarray(y_true, np.float64), np.asarray(y_score, np.float64)
    weights = np.broadcast_to(np.asarray(sample_weight, np.float64), labels.shape)
    bucket = np.floor(scores * (n - 1) + 1e-4)  # a score on the grid is in its own bucket, whatever float32 made of it
    tp, fp = (
        np.histogram(bucket, bins=n, range=(0, n - 1), weights=part * weights)[0] for part in (labels, 1 - labels)
    )
    tp, fp = np.cumsum(tp[::-1])[::-1], np.cumsum(fp[::-1])[::-1]
    tn, fn = fp[0] - fp, tp[0] - tp
    rates = tp / np.maximum(1e-7, tp + fp), tp / np.maximum(1e-7, tp + fn)
    return np.stack([tp, fp, tn, fn, *rates]).astype(np.float32)


def event(tag: str, step: int, tensor: npt.NDArray[np.float32]) -> event_pb2.Event:
    """The event that PyTorch and tensorboardX write: numbers one by one, and no data class."""
    plugin_data = metadata.create_summary_metadata("", "", tensor.shape[1]).plugin_data
    value = summary_pb2.Summary.Value(
        tag=tag,
        metadata=summary_pb2.SummaryMetadata(plugin_data=plugin_data),
        tensor=tensor_pb2.TensorProto(
            dtype="DT_FLOAT",
            float_val=tensor.reshape(-1).tolist(),
            tensor_shape=tensor_shape_pb2.TensorShapeProto(
                dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in tensor.shape]
            ),
        ),
    )
    return event_pb2.Event(step=step, wall_time=1e9 + step, summary=summary_pb2.Summary(value=[value]))
