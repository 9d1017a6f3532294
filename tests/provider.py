"""A data provider in memory: TensorBoard's Python backend as far as the plugin uses it, counting what it is asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
from tensorboard.data.provider import RunTagFilter, TensorDatum, TensorTimeSeries

from curveboard import wire

if TYPE_CHECKING:
    from curveboard.record import Record


class MemoryProvider:
    """Holds tensors by run and tag, in the order written.

    Attributes:
        data: What was written.
        plugins: Whose summaries a tag holds, by run and tag; those not named are curveboard's.
        reads: `(run, tag)` of each series read, in order.
        broken: Runs whose reading raises.
        barrier: Waited at by every reading, where there is one.
    """

    def __init__(self) -> None:
        self.data: dict[str, dict[str, list[TensorDatum]]] = {}
        self.plugins: dict[tuple[str, str], str] = {}
        self.reads: list[tuple[str, str]] = []
        self.broken: set[str] = set()
        self.barrier: threading.Barrier | None = None

    def write(self, run: str, step: int, record: Record | bytes | np.ndarray, head: str = "output") -> None:
        """Appends a record, bytes in a record's place, or any tensor."""
        if not isinstance(record, np.ndarray):
            blob = record if isinstance(record, bytes) else wire.encode(record)
            record = np.frombuffer(blob, np.uint8)
        series = self.data.setdefault(run, {}).setdefault(f"curveboard/{head}", [])
        series.append(TensorDatum(step=step, wall_time=1000.0 + sum(map(len, self.data[run].values())), numpy=record))

    def write_pr_curve(self, run: str, step: int, tensor: np.ndarray, tag: str = "pr") -> None:
        """Appends a tensor under a tag of TensorBoard's own PR Curves plugin."""
        self.plugins[run, tag] = "pr_curves"
        series = self.data.setdefault(run, {}).setdefault(tag, [])
        series.append(TensorDatum(step=step, wall_time=1000.0 + sum(map(len, self.data[run].values())), numpy=tensor))

    def list_tensors(
        self, ctx: object = None, *, experiment_id: str, plugin_name: str, run_tag_filter: RunTagFilter
    ) -> dict[str, dict[str, TensorTimeSeries]]:
        return {
            run: {
                tag: TensorTimeSeries(
                    max_step=max(datum.step for datum in series),
                    max_wall_time=max(datum.wall_time for datum in series),
                    plugin_content=b"1",
                    description="",
                    display_name="",
                )
                for tag, series in tags.items()
            }
            for run, tags in self._chosen(plugin_name, run_tag_filter).items()
        }

    def read_tensors(
        self, ctx: object = None, *, experiment_id: str, plugin_name: str, downsample: int, run_tag_filter: RunTagFilter
    ) -> dict[str, dict[str, list[TensorDatum]]]:
        chosen = self._chosen(plugin_name, run_tag_filter)
        if self.broken & set(chosen):
            raise RuntimeError("the disk is on fire")
        self.reads += [(run, tag) for run, tags in chosen.items() for tag in tags]
        if self.barrier:
            self.barrier.wait(timeout=30)
        return {run: {tag: series[-downsample:] for tag, series in tags.items()} for run, tags in chosen.items()}

    def _chosen(self, plugin_name: str, chosen: RunTagFilter) -> dict[str, dict[str, list[TensorDatum]]]:
        found = {
            run: {
                tag: list(series)
                for tag, series in tags.items()
                if (chosen.tags is None or tag in chosen.tags)
                and plugin_name == self.plugins.get((run, tag), "curveboard")
            }
            for run, tags in self.data.items()
            if chosen.runs is None or run in chosen.runs
        }
        return {run: tags for run, tags in found.items() if tags}
