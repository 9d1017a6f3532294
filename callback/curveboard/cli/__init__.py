"""The `curveboard` command. Each subcommand is a module here, which is imported when it is asked for."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import TYPE_CHECKING

from curveboard.cli.options import parser

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: Words after the command's name; `sys.argv[1:]` by default.

    Returns:
        Exit status: 0 for success, 1 for an error that was printed, in one line, 130 after Ctrl+C. Wrong usage exits
        with 2.
    """
    options = parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = _show_warning
        try:
            status = int(importlib.import_module(f"curveboard.cli.{options.module}").run(options))
            sys.stdout.flush()
        except KeyboardInterrupt:
            return 130
        except BrokenPipeError:  # whoever read the output, such as `head`, has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except (OSError, ValueError, LookupError, ModuleNotFoundError) as error:
            _say(f"error: {error.args[0] if isinstance(error, KeyError) else error}")
            return 1
    return status


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if issubclass(category, (UserWarning, RuntimeWarning)):  # what users can do something about
        _say(f"warning: {message}")


def _say(what: str) -> None:
    print(f"curveboard: {' '.join(what.split())}", file=sys.stderr)
