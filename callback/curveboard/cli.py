"""The `curveboard` command."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from curveboard import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: Words after the command's name; `sys.argv[1:]` by default.

    Returns:
        Exit status: 0 for success, 1 for an error that was printed, 2 for wrong usage.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="curveboard",
        description="ROC and PR curves, their areas and confusion matrices of every epoch, in TensorBoard.",
    )
    parser.add_argument("--version", action="version", version=f"curveboard {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    demo = commands.add_parser(
        "demo",
        help="train five small classifiers on data that ships with scikit-learn and open TensorBoard on them",
        description="Trains three runs on handwritten digits (10 classes) and two on breast cancer (2 classes), "
        "in about a minute on two cores, then opens TensorBoard on the dashboard.",
    )
    demo.add_argument("--logdir", type=Path, default=Path("logs/demo"), help="where to write (default: %(default)s)")
    demo.add_argument("--port", type=int, default=None, help="TensorBoard's port (default: 6006, or the next free one)")
    demo.add_argument("--host", default="localhost", help="address TensorBoard listens on (default: %(default)s)")
    demo.add_argument("--no-serve", action="store_true", help="stop after writing, do not start TensorBoard")
    demo.set_defaults(run=_demo)
    return parser


def _demo(options: argparse.Namespace) -> int:
    try:
        from curveboard import demo
    except ModuleNotFoundError as missing:
        print(f"The demo needs {missing.name}. Install it with: pip install 'curveboard[all]'", file=sys.stderr)
        return 1
    try:
        demo.write(options.logdir)
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 1
    if options.no_serve:
        print(f"\nView them with: tensorboard --logdir {options.logdir}")
        return 0
    return demo.serve(options.logdir, host=options.host, port=options.port)


if __name__ == "__main__":
    sys.exit(main())
