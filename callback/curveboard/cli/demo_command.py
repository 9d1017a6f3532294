"""`curveboard demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Trains and writes the demo's runs, and serves them."""
    try:
        from curveboard import demo
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(f"the demo needs {missing.name}: pip install 'curveboard[all]'") from missing
    demo.write(options.logdir)
    if options.no_serve:
        print(f"\nView them with: tensorboard --logdir {options.logdir}")
        return 0
    return demo.serve(options.logdir, host=options.host, port=options.port)
