"""Several devices, several processes: the records are those of one device, and only the chief writes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from curveboard import read_curves

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curveboard import Record

TESTS = Path(__file__).parent.parent
PATHS = [str(TESTS), *(str(TESTS.parent / name) for name in ("callback", "plugin"))]

History = dict[str, list[float]]


def start(kind: str, log_dir: Path, *arguments: str, backend: str = "tensorflow") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(PATHS), "KERAS_BACKEND": backend}
    command = [sys.executable, str(TESTS / "replicated.py"), kind, str(log_dir), *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def histories(processes: Sequence[subprocess.Popen[str]]) -> list[History]:
    """Waits for programs that run side by side, and ends them if one hangs."""
    try:
        outputs = [process.communicate(timeout=150) for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, (_, errors) in zip(processes, outputs, strict=True):
        assert process.returncode == 0, errors[-4000:]
    return [json.loads(output.splitlines()[-1]) for output, _ in outputs]


def curves(log_dir: Path) -> dict[tuple[str, int], tuple[float, float, int, list[list[int]]]]:
    """What the records of a folder say, by run and epoch."""

    def told(record: Record) -> tuple[float, float, int, list[list[int]]]:
        return record.roc_auc, record.average_precision, record.n_examples, record.confusion.tolist()

    return {(record.run, record.step): told(record) for record in read_curves(log_dir)}


@pytest.mark.parametrize(("kind", "backend"), [("mirrored", "tensorflow"), ("sharded", "jax")])
def test_two_devices_of_one_process(kind: str, backend: str, tmp_path: Path) -> None:
    """Riding, train curves and our own pass: every record is the same."""
    one, two = histories([start(each, tmp_path / each, backend=backend) for each in ("one", kind)])
    expected = curves(tmp_path / "one")
    assert sorted({run for run, _ in expected}) == ["own/validation", "train", "validation"]
    assert curves(tmp_path / kind) == expected
    for name in ("roc_auc", "val_roc_auc", "val_average_precision"):
        assert two[name] == one[name]


def test_two_processes(tmp_path: Path) -> None:
    """Each predicts its shard; both know the areas of all, and the chief alone writes."""
    addresses = [f"localhost:{port}" for port in free_ports(2)]
    workers = [start(f"worker{index}", tmp_path / f"worker{index}", *addresses) for index in range(2)]
    chief, other, one = histories([*workers, start("one", tmp_path / "one")])
    assert chief == other
    assert chief["val_roc_auc"] == one["val_roc_auc"]
    assert curves(tmp_path / "worker0") == {
        place: told for place, told in curves(tmp_path / "one").items() if place[0] == "own/validation"
    }
    assert not (tmp_path / "worker1").exists()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
