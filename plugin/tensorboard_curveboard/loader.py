"""TensorBoard's entry point: it must never be the reason that TensorBoard does not start.

TensorBoard imports this module and calls `define_flags` and `fix_flags` without a guard, so an exception in any of them
ends TensorBoard itself. This module therefore imports the standard library and `base_plugin` alone; the plugin, with
NumPy and all that may be broken in a user's environment, is imported in `load`, whose failure TensorBoard logs and
survives.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tensorboard.plugins import base_plugin

if TYPE_CHECKING:
    import argparse

    from tensorboard_curveboard.plugin import CurveboardPlugin

PLUGIN_NAME = "curveboard"

# TensorBoard's own summaries, which we show too. It would keep 100 steps of each; its own tab draws all it is given.
PR_CURVES = "pr_curves"
PR_CURVES_STEPS = 1000

logger = logging.getLogger(__name__)


class CurveboardLoader(base_plugin.TBLoader):  # type: ignore[misc]  # TensorBoard has no types
    """Loads the plugin and asks TensorBoard to keep every epoch."""

    def fix_flags(self, flags: argparse.Namespace) -> None:
        """Changes two defaults of TensorBoard, never what the user has set.

        - `--samples_per_plugin`: TensorBoard would keep 10 (or, with its data server, 100) records of a run; 0 keeps
          all of them. Of its own PR curves it would keep 100 steps.
        - `--reload_multifile`: without it TensorBoard follows only the last event file of a directory, so that either
          our curves or Keras' scalars would stop updating.

        Args:
            flags: TensorBoard's parsed flags; changed in place.
        """
        try:
            flags.samples_per_plugin.setdefault(PLUGIN_NAME, 0)
            flags.samples_per_plugin.setdefault(PR_CURVES, PR_CURVES_STEPS)
            if flags.reload_multifile is None:
                flags.reload_multifile = True
        except Exception:  # a TensorBoard with other flags still shows a sample of the epochs
            logger.warning("curveboard could not ask TensorBoard to keep every epoch", exc_info=True)

    def load(self, context: base_plugin.TBContext) -> CurveboardPlugin:
        """Returns the plugin.

        Args:
            context: What TensorBoard gives to its plugins.
        """
        from tensorboard_curveboard.plugin import CurveboardPlugin

        return CurveboardPlugin(context)
