"""Two real PyTorch processes log what one would: the padding of their sampler leaves no trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from curveboard import read_curves
from curveboard.measure import measure
from curveboard.wire import decode, encode
from sameness import assert_same

ROOT = Path(__file__).parent.parent
SIZES = (597, 64, 5, 2, 1)  # the last has fewer examples than processes

# Scores pass through a model that leaves them as they are, so that nothing but the distribution can change a bit.
SCRIPT = f"""
import numpy as np, torch, torch.distributed as dist
from torch.utils.data import TensorDataset
from curveboard import CurveWriter
from torch_ddp import evaluate

def work(rank):
    dist.init_process_group("gloo", init_method="file://" + sys.argv[1] + "/meeting", rank=rank, world_size=2)
    writer = CurveWriter("logs", task="multiclass", from_logits=True)
    with np.load("data.npz") as data:
        for step, n in enumerate({SIZES}):
            dataset = TensorDataset(torch.from_numpy(data["x"][:n]), torch.from_numpy(data["y"][:n]))
            y_true, y_score = evaluate(torch.nn.Identity(), dataset)
            if rank == 0:
                writer.write(step, y_true, y_score)

if __name__ == "__main__":
    torch.multiprocessing.spawn(work, (), 2)
"""


@pytest.mark.filterwarnings("ignore::curveboard.outcomes.UndefinedCurveWarning")
def test_two_processes_log_what_one_would(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(597, 4)).astype(np.float32), rng.integers(0, 4, 597)
    np.savez(tmp_path / "data.npz", x=x, y=y)
    (tmp_path / "script.py").write_text("import sys\n" + SCRIPT)
    path = os.pathsep.join([str(ROOT / "callback"), str(ROOT / "examples")])
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "script.py", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    records = list(read_curves(tmp_path / "logs"))
    assert [record.n_examples for record in records] == list(SIZES)
    for record, n in zip(records, SIZES, strict=True):
        expected = measure(y[:n], x[:n], task="multiclass", from_logits=True)
        assert_same(record, decode(encode(expected)), 0)
    assert len(list((tmp_path / "logs" / "validation").iterdir())) == 1, "one process writes"
