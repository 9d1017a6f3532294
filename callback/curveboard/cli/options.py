"""What can be said on the command line. Nothing heavier than argparse is imported to say what can be said."""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curveboard import __version__

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FORMATS = ("png", "svg", "csv", "json", "parquet")


def parser() -> argparse.ArgumentParser:
    """Returns the parser; what it parses has a `module`, that of the command within `curveboard.cli`."""
    made = argparse.ArgumentParser(
        prog="curveboard",
        description="ROC and PR curves, their areas and confusion matrices of every epoch, in TensorBoard.",
        epilog="exit status: 0 fine, 1 an error that is said in one line, 2 wrong usage. "
        "'curveboard COMMAND --help' shows examples.",
    )
    made.add_argument("--version", action="version", version=f"curveboard {__version__}")
    commands = made.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_inspect(commands)
    _add_export(commands)
    _add_log(commands)
    _add_compare(commands)
    return made


def step(text: str) -> int | str:
    """Reads `last`, `best` or the number of a step."""
    if text in ("last", "best"):
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected last, best or a number; received {text!r}") from None


def _natural(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a number from 0; received {text!r}")
    return int(text)


def _add_demo(commands: Commands) -> None:
    demo = _command(
        commands,
        "demo",
        "demo_command",
        "train five small classifiers on data that ships with scikit-learn and open TensorBoard on them",
        "Trains three runs on handwritten digits (10 classes) and two on breast cancer (2 classes), in about a minute "
        "on two cores, then opens TensorBoard on the dashboard.",
        "curveboard demo",
        "curveboard demo --logdir /tmp/demo --no-serve",
    )
    demo.add_argument("--logdir", type=Path, default=Path("logs/demo"), help="where to write (default: %(default)s)")
    demo.add_argument("--port", type=int, default=None, help="TensorBoard's port (default: 6006, or the next free one)")
    demo.add_argument("--host", default="localhost", help="address TensorBoard listens on (default: %(default)s)")
    demo.add_argument("--no-serve", action="store_true", help="stop after writing, do not start TensorBoard")


def _add_inspect(commands: Commands) -> None:
    inspect = _command(
        commands,
        "inspect",
        "inspect",
        "say what is in a log directory: runs, epochs, areas, and precision and recall of each class",
        "Prints a line for each run and head: its epochs, the last and the best area under the ROC curve and average "
        "precision, and how the former went. With --report, prints precision, recall, F1 and support of each class, "
        "the numbers of scikit-learn's classification_report.",
        "curveboard inspect logs",
        "curveboard inspect logs --report --run mlp/validation --step best",
        "curveboard inspect logs --threshold 0.3",
    )
    _add_filters(inspect)
    inspect.add_argument("--report", action="store_true", help="print a table of the classes at one epoch of each run")
    inspect.add_argument("--step", type=step, help="epoch of the report: a number, last or best (default: last)")
    inspect.add_argument(
        "--threshold",
        type=float,
        help="decide anew for the report, each class on its own: at the stored threshold nearest to this probability "
        "(or score), which is printed. Default: the decisions of the stored confusion matrix. --step and --threshold "
        "imply --report",
    )


def _add_export(commands: Commands) -> None:
    export = _command(
        commands,
        "export",
        "export",
        "write pictures of each epoch, or tables for other programs",
        "Pictures (png, svg; needs matplotlib): the ROC curves, PR curves and confusion matrix of each epoch, as "
        "OUTPUT/<run>/<head>_<step>.png. Tables (csv, parquet; the latter needs pyarrow): areas, points and confusion. "
        "json: one file, records.json, with everything.",
        "curveboard export logs --format png --output pictures",
        "curveboard export logs --format csv parquet --run mlp/validation",
        "curveboard export logs --format svg --step best",
    )
    _add_filters(export)
    export.add_argument("--format", nargs="+", choices=FORMATS, required=True, help="one or several of %(choices)s")
    export.add_argument(
        "--output", type=Path, default=Path("curveboard-export"), help="folder to write to (default: %(default)s)"
    )
    export.add_argument("--step", type=step, help="only this epoch: a number, last or best (default: all)")
    export.add_argument("--dpi", type=int, default=100, help="resolution of png (default: %(default)s)")


def _add_log(commands: Commands) -> None:
    log = _command(
        commands,
        "log",
        "log",
        "turn a file of predictions into a record",
        "Reads labels and scores from CSV (or TSV, also with .gz), NPZ or Parquet, piece by piece: the file may be "
        "larger than memory, which holds one row of counts for each class and distinct score. The areas are exact.",
        "curveboard log predictions.csv --logdir logs/forest --true label --score probability",
        "curveboard log predictions.csv --logdir logs/forest --true species --score cat dog eel",
        "curveboard log predictions.npz --logdir logs/net --step 12",
    )
    log.add_argument("predictions", type=Path, metavar="PREDICTIONS", help="a .csv, .tsv, .npz or .parquet file")
    log.add_argument("--logdir", type=Path, required=True, help="directory of the run to write to")
    log.add_argument("--true", nargs="+", default=["y_true"], metavar="COLUMN", help="labels (default: y_true)")
    log.add_argument(
        "--score",
        nargs="+",
        default=["y_score"],
        metavar="COLUMN",
        help="scores (default: y_score); one for two classes, else one for each class, in their order",
    )
    log.add_argument("--weight", metavar="COLUMN", help="weights of the examples (default: none)")
    log.add_argument(
        "--class-names",
        nargs="+",
        metavar="NAME",
        help="names of the classes, of two the negative one first (default: the score columns if there are several)",
    )
    log.add_argument("--task", choices=("binary", "multiclass", "multilabel"), help="default: by the columns")
    log.add_argument("--from-logits", action="store_true", help="scores are logits")
    log.add_argument("--threshold", type=float, default=0.5, help="of the confusion matrix (default: %(default)s)")
    log.add_argument("--step", type=_natural, default=0, help="epoch to write at (default: %(default)s)")
    log.add_argument("--split", default="validation", help="name of the data (default: %(default)s)")
    log.add_argument("--head", default="output", help="name of the model's output (default: %(default)s)")


def _add_compare(commands: Commands) -> None:
    compare = _command(
        commands,
        "compare",
        "compare",
        "compare the areas of two runs, class by class",
        "Prints areas of both and their difference, B - A, with its confidence interval from the stored standard "
        "errors. The interval takes the examples of both runs as drawn independently; where both saw the same "
        "examples, it tends to be wider than need be. Macro averages and average precision have no standard error.",
        "curveboard compare logs/mlp logs/forest",
        "curveboard compare logs/mlp/validation logs/forest/validation --step best",
    )
    compare.add_argument("run_a", type=Path, metavar="RUN_A", help="directory of a run")
    compare.add_argument("run_b", type=Path, metavar="RUN_B", help="directory of another")
    compare.add_argument(
        "--step", type=step, default="last", help="epoch of each: a number, last or best (default: %(default)s)"
    )
    compare.add_argument("--head", help="only this model output")
    compare.add_argument("--confidence", type=float, default=0.95, help="of the intervals (default: %(default)s)")


def _add_filters(command: argparse.ArgumentParser) -> None:
    command.add_argument("logdir", type=Path, metavar="LOGDIR", help="a directory given to tensorboard --logdir")
    command.add_argument("--run", help="only this run, such as mlp/validation")
    command.add_argument("--head", help="only this model output")
    command.add_argument("--split", help="only this split, such as validation")


def _command(
    commands: Commands, name: str, module: str, summary: str, description: str, *examples: str
) -> argparse.ArgumentParser:
    shown = "\n".join(f"  {example}" for example in examples)
    options: dict[str, Any] = {
        "help": summary,
        "description": textwrap.fill(description, 80),
        "epilog": f"examples:\n{shown}",
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }
    command = commands.add_parser(name, **options)
    command.set_defaults(module=module)
    return command
