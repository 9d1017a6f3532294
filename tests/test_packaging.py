"""What users install: wheel and sdist hold what git tracks, and a bare environment starts TensorBoard with our tab."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curveboard import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
SOURCES = ("callback/curveboard/", "plugin/tensorboard_curveboard/")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Runs a command to success and returns what it printed."""
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files as they are in the working tree, and nothing else."""
    folder = tmp_path_factory.mktemp("clone")
    for name in run("git", "ls-files", "-z").split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def built(clone: Path) -> Path:
    """The folder with the wheel and the sdist, the wheel built from the sdist as an index would have it."""
    run(sys.executable, "-m", "build", "--outdir", clone / "dist", clone)
    return clone / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


def tracked_sources() -> set[str]:
    """Paths within the packages that git tracks, as a wheel names them."""
    names = run("git", "ls-files", *SOURCES).splitlines()
    return {name.split("/", 1)[1] for name in names if (ROOT / name).exists()}


def test_the_wheel_is_pure_and_holds_what_git_tracks(wheel: Path) -> None:
    assert wheel.name == f"curveboard-{__version__}-py3-none-any.whl"
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == tracked_sources()
    assert "tensorboard_curveboard/static/index.js" in names


def test_the_sdist_holds_what_the_wheel_needs(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        inner = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"setup.py", "README.md", "LICENSE", "plugin/tensorboard_curveboard/static/index.js"} <= inner


def test_the_checkers_of_the_index_accept_it(built: Path, wheel: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir())
    run(sys.executable, "-m", "check_wheel_contents", "--toplevel", "curveboard,tensorboard_curveboard", wheel)


class Bare:
    """A virtual environment with the wheel, NumPy and TensorBoard, and nothing else of ours."""

    def __init__(self, folder: Path, what: str | Path, *options: str) -> None:
        venv.create(folder, with_pip=True)
        self.python = folder / "bin" / "python"
        run(self.python, "-m", "pip", "install", "-q", *options, what)


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    return Bare(tmp_path_factory.mktemp("bare") / "venv", wheel)


@pytest.fixture
def tensorboard(bare: Bare, tmp_path: Path) -> Iterator[str]:
    """The address of a TensorBoard that runs in the bare environment over one logged record."""
    script = (
        "from curveboard import CurveWriter\nwith CurveWriter('logs/a') as w: w.write(0, [0, 1, 1], [0.1, 0.4, 0.9])"
    )
    run(bare.python, "-c", script, cwd=tmp_path)
    log = (tmp_path / "tensorboard.log").open("w+")
    server = subprocess.Popen(
        [bare.python, "-m", "tensorboard.main", "--logdir", "logs", "--port", "0"],
        cwd=tmp_path,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 60
        while "http://" not in (printed := Path(log.name).read_text()):
            assert server.poll() is None, printed
            assert time.monotonic() < deadline, printed
            time.sleep(0.2)
        yield "http://" + printed.split("http://", 1)[1].split()[0].rstrip("/")
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return bytes(answer.read())


def test_a_bare_environment_starts_tensorboard_with_our_tab(bare: Bare, tensorboard: str) -> None:
    assert "tensorflow" not in run(bare.python, "-m", "pip", "list").lower()
    listing = json.loads(get(f"{tensorboard}/data/plugins_listing"))
    assert listing["curveboard"]["enabled"] is True
    index = json.loads(get(f"{tensorboard}/data/plugin/curveboard/index"))
    assert [series["run"] for series in index["series"]] == ["a/validation"]
    assert b"render" in get(f"{tensorboard}/data/plugin/curveboard/index.js")


def test_the_demo_names_what_is_missing(bare: Bare) -> None:
    result = subprocess.run(
        [bare.python.parent / "curveboard", "demo", "--no-serve"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "pip install 'curveboard[all]'" in result.stderr


def test_it_installs_from_a_clone_regular_and_editable(clone: Path, tmp_path: Path) -> None:
    script = (
        "import importlib.metadata as metadata, importlib.util as util, curveboard\n"
        "assert util.find_spec('tensorboard_curveboard')\n"
        "assert [point.name for point in metadata.entry_points(group='tensorboard_plugins')] == ['curveboard']\n"
        "print(metadata.version('curveboard'))"
    )
    for number, options in enumerate([(), ("-e",)]):
        bare = Bare(tmp_path / f"venv{number}", clone, "--no-deps", *options)
        assert run(bare.python, "-c", script, cwd=tmp_path).strip() == __version__
