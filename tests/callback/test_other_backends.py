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
SELECTED = (
    "sign or float32 or batches or every_task or compiled or half or fit or kind_of_data or logits or forward_pass "
    "or device or as_it_was or breaks or cannot_be_ridden or listed"
)


@pytest.mark.parametrize("backend", ["jax"])
def test_collecting_and_logging_on(backend: str) -> None:
    if keras.backend.backend() != "tensorflow":
        return  # this is the process started below
    files = [str(HERE / name) for name in ("test_collect.py", "test_logger.py")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", "-k", SELECTED, *files],
        env={**os.environ, "KERAS_BACKEND": backend},
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
