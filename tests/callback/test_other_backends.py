"""The same tests on the other Keras backends; the backend is chosen once per process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest

HERE = Path(__file__).parent

# What meets the backend's own code: compiled steps, their data, their state, and the way back from the device.
FILES = ("test_collect.py", "test_riding.py", "test_own_pass.py", "test_train_curves.py", "test_manners.py")
LEFT_OUT = (
    "sign_holds or one-hot or column or two or bfloat16 or unknown or several or folder or metric_of or progress "
    "or another_size or every_second or listed"
)


@pytest.mark.timeout(900)  # a session of its own, which compiles every step anew
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_collecting_and_logging_on(backend: str) -> None:
    if keras.backend.backend() != "tensorflow":
        return  # this is the process started below
    files = [str(HERE / name) for name in FILES]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "-k",
            f"not ({LEFT_OUT})",
            *files,
        ],
        env={**os.environ, "KERAS_BACKEND": backend},
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
