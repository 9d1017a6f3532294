"""Every example runs as a user would run it, and what it logged equals scikit-learn's numbers where it says so."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from curveboard import read_curves

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run_example(path: Path, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'callback'}{os.pathsep}{ROOT / 'plugin'}"}
    result = subprocess.run(
        [sys.executable, path], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs_and_logs(path: Path, tmp_path: Path) -> None:
    printed = run_example(path, tmp_path)
    records = list(read_curves(tmp_path / "logs"))
    assert records
    assert all(0.5 < record.roc_auc <= 1 for record in records)
    assert printed


def test_what_read_back_prints_is_what_scikit_learn_says(tmp_path: Path) -> None:
    run_example(ROOT / "examples" / "read_back.py", tmp_path)
    first, second = read_curves(tmp_path / "logs")
    assert first.roc_auc == 0.75  # of 2 x 2 pairs, 3 are in order
    assert second.roc_auc == 1
    assert first.confusion.tolist() == [[1, 1], [1, 1]]
    assert second.confusion.tolist() == [[2, 0], [0, 2]]


def test_the_readme_names_every_example() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [path.name for path in EXAMPLES if f"examples/{path.name}" not in text] == []


@pytest.mark.parametrize("number", range(5))
def test_the_readme_code_runs(number: int, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    preamble = (
        "import keras, numpy as np\n"
        "x = np.random.default_rng(0).random((64, 4)).astype('float32'); y = (x[:, 0] > 0.5).astype('int32')\n"
        "xv, yv = x, y; y_true, y_score, epoch = y, x[:, 0], 0\n"
        "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation='sigmoid')])\n"
        "model.compile('adam', 'binary_crossentropy')\n"
        "from curveboard import CurveWriter\n"
        "CurveWriter('logs').write(0, y_true, y_score)\n"
    )
    script = tmp_path / "readme.py"
    script.write_text(preamble + blocks[number])
    run_example(script, tmp_path)
    assert len(blocks) == 5, "each block has its run"
