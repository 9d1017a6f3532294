"""The direction of imports: a table, and a test that reads every import statement, also those inside functions."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CALLBACK = ROOT / "callback" / "curveboard"
PLUGIN = ROOT / "plugin" / "tensorboard_curveboard"

# What each module may import, beyond the standard library. `curveboard` modules are named without the package.
NUMBERS = {"numpy"}
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": {"counts", "logger", "reader", "record", "writer"},  # lazily
    "calibration": NUMBERS,
    "statistics": NUMBERS | {"calibration"},
    "record": NUMBERS | {"calibration", "statistics"},
    "keys": NUMBERS,
    "rounding": NUMBERS | {"record"},
    "counts": NUMBERS | {"record", "keys", "rounding"},
    "curves": NUMBERS | {"record", "counts"},
    "simplify": NUMBERS | {"record", "counts"},
    "outcomes": NUMBERS | {"record"},
    "thin": NUMBERS | {"keys"},
    "rises": NUMBERS | {"record", "counts", "keys", "thin"},
    "classes": NUMBERS | {"record", "keys", "counts", "rises", "rounding", "curves", "simplify", "outcomes"},
    "macro": NUMBERS | {"record", "counts", "curves", "simplify", "classes"},
    "logits": NUMBERS | {"record"},
    "confidence": NUMBERS | {"record", "counts", "simplify", "outcomes", "classes", "logits", "calibration"},
    "measure": NUMBERS
    | {"record", "keys", "simplify", "outcomes", "classes", "macro", "logits", "calibration", "reliability"},
    "reliability": {"record", "counts", "outcomes", "calibration", "confidence"},
    "sharded": NUMBERS | {"record", "counts", "outcomes", "classes", "measure", "calibration", "reliability"},
    "beam": NUMBERS | {"record", "sharded", "writer", "apache_beam"},
    "ordered": NUMBERS | {"record", "keys"},
    "certified": NUMBERS | {"record", "counts", "curves"},
    "summary": NUMBERS | {"counts", "certified", "ordered"},
    "stream_batch": NUMBERS | {"record", "measure", "outcomes", "ordered"},
    "stream_reliability": NUMBERS
    | {"record", "calibration", "confidence", "logits", "outcomes", "simplify", "stream_batch", "summary"},
    "stream_counts": NUMBERS | {"record", "ordered", "stream_batch", "stream_reliability", "summary"},
    "streaming": NUMBERS
    | {"record", "classes", "confidence", "measure", "outcomes", "simplify", "certified", "summary"}
    | {"stream_batch", "stream_counts"},
    "wire": NUMBERS | {"record", "calibration"},
    "crc32c": NUMBERS,
    "events": NUMBERS | {"record", "wire", "crc32c", "tensorboard", "google"},  # google: protobuf, as TensorBoard's
    "reader": NUMBERS | {"record", "wire", "events", "tensorboard"},
    "tables": {"record"},
    "estimators": NUMBERS | {"record"},
    "writer": NUMBERS | {"record", "measure", "events", "estimators"},
    "collect": NUMBERS | {"keras", "tensorflow", "jax"},
    "tasks": NUMBERS | {"record", "collect"},
    "finish": NUMBERS | {"record", "collect", "measure", "streaming"},
    "split_log": {"record", "collect", "tasks", "finish", "events"},
    "logger": {"record", "collect", "tasks", "split_log", "keras"},
    "plot": NUMBERS | {"record", "matplotlib", "typing_extensions"},
    "demo": NUMBERS | {"logger", "reader", "writer", "keras", "sklearn"},
    "cli": NUMBERS
    | {"record", "outcomes", "statistics", "sharded", "reader", "writer", "tables", "plot", "demo"}
    | {"pyarrow", "rich"},  # on use
}
PLUGIN_MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "loader": {"tensorboard", "plugin"},
    "plugin": {
        "tensorboard",
        "werkzeug",
        "series",
        "decoding",
        "records",
        "legacy",
        "cache",
        "payload",
        "assets",
        "curveboard.__version__",
        "curveboard.wire",
    },
    "series": NUMBERS | {"tensorboard", "curveboard.wire", "records", "sources", "legacy", "cache"},
    "decoding": NUMBERS
    | {"curveboard.record", "curveboard.calibration", "curveboard.wire", "records", "sources", "cache"},
    "records": NUMBERS | {"curveboard.wire", "sources"},
    "sources": NUMBERS | {"curveboard.record", "curveboard.calibration", "curveboard.wire"},
    "legacy": NUMBERS
    | {"curveboard.record", "curveboard.calibration", "curveboard.certified", "curveboard.wire", "sources"},
    "cache": set(),
    "payload": NUMBERS
    | {"curveboard.record", "curveboard.calibration", "curveboard.wire", "records", "decoding", "series"},
    "assets": {"tensorboard", "werkzeug"},
}


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports: first names, and dotted names within our own two packages."""
    ours = {"curveboard", "tensorboard_curveboard"}
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} line {node.lineno}: imports are absolute"
            name = str(node.module)
            found |= {f"{name}.{alias.name}" for alias in node.names} if name in ours else {name}
    return {name if name.split(".")[0] in ours else name.split(".")[0] for name in found} - set(sys.stdlib_module_names)


def short(name: str, package: str) -> str:
    """A module of the same package by its own name; a name taken from the package itself is `__init__`."""
    if not name.startswith(package + "."):
        return name
    last = name.removeprefix(package + ".")
    folder = {"curveboard": CALLBACK, "tensorboard_curveboard": PLUGIN}[package]
    first = last.split(".")[0]
    return first if (folder / f"{first}.py").exists() or (folder / first).is_dir() else "__init__"


@pytest.mark.parametrize(
    ("folder", "package", "table"),
    [(CALLBACK, "curveboard", MAY_IMPORT), (PLUGIN, "tensorboard_curveboard", PLUGIN_MAY_IMPORT)],
    ids=["curveboard", "tensorboard_curveboard"],
)
def test_every_module_imports_only_what_its_layer_may(folder: Path, package: str, table: dict[str, set[str]]) -> None:
    modules: dict[str, list[Path]] = {}
    for path in folder.rglob("*.py"):  # the files of a subpackage share one row
        modules.setdefault(path.relative_to(folder).parts[0].removesuffix(".py"), []).append(path)
    assert set(modules) == set(table), "each module has its row in the table, and each row its module"
    wrong = {
        stem: sorted(extra)
        for stem, paths in modules.items()
        if (
            extra := {short(name, package) for path in paths for name in imports_of(path)}
            - table[stem]
            - {stem, "__init__"}
        )
    }
    assert not wrong


def loaded_after(statement: str) -> set[str]:
    """First names of all modules that a fresh interpreter holds after a statement."""
    script = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    path = f"{ROOT / 'callback'}:{ROOT / 'plugin'}"
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": path, "PATH": ""},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib", "jax", "torch", "scipy", "pandas"}


@pytest.mark.parametrize(
    "statement",
    [
        "import curveboard",
        "from curveboard import CurveWriter, read_curves, CountTable",
        "import curveboard.events, curveboard.cli",
        "import tensorboard_curveboard.loader, tensorboard_curveboard.plugin",
    ],
)
def test_importing_it_loads_no_framework(statement: str) -> None:
    assert not loaded_after(statement) & HEAVY


def test_importing_the_package_loads_not_even_numpy_or_tensorboard() -> None:
    assert not loaded_after("import curveboard") & {"numpy", "tensorboard"}
