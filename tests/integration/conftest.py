"""Few TensorBoard processes for many tests: every test writes runs of its own below a shared log directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handmade import write
from serving import BACKENDS, Served, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Python runs this before anything else; afterwards TensorFlow is not to be found.
WITHOUT_TENSORFLOW = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "sklearn", "matplotlib"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="session", params=BACKENDS, ids=[f"load_fast={backend}" for backend in BACKENDS])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of its two data backends TensorBoard uses."""
    return str(request.param)


@pytest.fixture(scope="session")
def shared(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """TensorBoard as users start it, without any flag that changes what it keeps."""
    folder = tmp_path_factory.mktemp(f"shared-{backend}")
    for steps in (range(9), [6, 7], [2, 3]):
        write(folder / "logs" / "written" / "before", steps)
    with serve(folder / "logs", folder / "log.txt", f"--load_fast={backend}", "--reload_interval=1") as served:
        yield served


@pytest.fixture
def bare(backend: str, tmp_path: Path) -> Iterator[Served]:
    """TensorBoard below a path prefix, in an environment without TensorFlow, over an empty log directory."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(WITHOUT_TENSORFLOW, "utf-8")
    flags = (f"--load_fast={backend}", "--reload_interval=1", "--path_prefix=/some/where")
    environment = {"PYTHONPATH": str(tmp_path / "site")}
    with serve(tmp_path / "logs", tmp_path / "log.txt", *flags, environment=environment) as served:
        yield served
