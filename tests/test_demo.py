"""The demo as a user runs it: five runs, one that overfits, nothing of the user's overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from curveboard import read_curves

ROOT = Path(__file__).parent.parent
RUNS = {"digits/convnet", "digits/overfit", "digits/forest", "cancer/logistic", "cancer/mlp"}


def demo(log_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'callback'}{os.pathsep}{ROOT / 'plugin'}"}
    command = [sys.executable, "-m", "curveboard.cli", "demo", "--no-serve", "--logdir", str(log_dir)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_it_writes_five_runs_of_which_one_overfits(tmp_path: Path) -> None:
    result = demo(tmp_path / "logs")
    assert result.returncode == 0, result.stderr
    areas: dict[str, list[float]] = {}
    for record in read_curves(tmp_path / "logs"):
        areas.setdefault(record.run.removesuffix("/validation"), []).append(record.roc_auc)
    assert set(areas) == RUNS
    assert {len(values) for values in areas.values()} == {30}
    overfit = areas["digits/overfit"]
    assert overfit.index(max(overfit)) < 15
    assert overfit[-1] < max(overfit) - 0.01
    assert all(areas[run][-1] > 0.95 for run in RUNS - {"digits/overfit"})
    assert all(f"{run}/validation" in result.stdout for run in RUNS)
    assert f"tensorboard --logdir {tmp_path / 'logs'}" in result.stdout


def test_it_refuses_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    result = demo(tmp_path)
    assert result.returncode == 1
    assert "expected --logdir to be empty" in result.stderr
    assert (tmp_path / "thesis.txt").read_text() == "all of it"


@pytest.mark.parametrize("words", [[], ["demo", "--port", "many"], ["dmeo"]])
def test_wrong_usage_is_told(words: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "callback")}
    result = subprocess.run(
        [sys.executable, "-m", "curveboard.cli", *words], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "usage: curveboard" in result.stderr
