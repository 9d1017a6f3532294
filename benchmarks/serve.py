"""Times what the dashboard asks, over HTTP, on both of TensorBoard's data backends, beside its own PR Curves route.

    python benchmarks/serve.py                    # writes the logs to a temporary directory first: 3 minutes in all
    python benchmarks/serve.py --logs logs/serve  # writes them there, or finds them there

Times are wall milliseconds of the whole request, medians over `--rounds`; sizes are bytes on the wire. *first*: nothing
of it was asked before, all records are in memory as they are stored; *again*: the same question a second time.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import biglog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PLUGIN = "data/plugin/curveboard"
LOGS: dict[str, dict[str, Any]] = {
    "many": {"runs": 200, "epochs": 200, "classes": 20, "examples": 5000, "pr_curves": False},
    "middle": {"runs": 50, "epochs": 100, "classes": 10, "examples": 5000, "pr_curves": True},
    "wide": {"runs": 1, "epochs": 9, "classes": 1000, "examples": 50_000, "pr_curves": False},
}

# Modules that TensorBoard has loaded anyway when it comes to a plugin.
IMPORTS = """
import time
import numpy
import tensorboard.default, tensorboard.program, tensorboard.backend.application
import tensorboard.plugins.pr_curve.pr_curves_plugin
from tensorboard.plugins import base_plugin
began = time.process_time()
from tensorboard_curveboard.loader import CurveboardLoader
CurveboardLoader().load(base_plugin.TBContext())
print(1000 * (time.process_time() - began))
"""


class Answer(NamedTuple):
    """What a request brought."""

    milliseconds: float
    size: int
    status: int
    body: bytes
    tag: str


class Server:
    """A running TensorBoard."""

    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.process = process

    def ask(self, path: str, query: Mapping[str, Any] | None = None, tag: str = "") -> Answer:
        """Asks once; a list of runs that outgrows an address is posted, an answer known by its tag may be left out."""
        form = urllib.parse.urlencode(query or {}, doseq=True)
        post = form.encode() if len(form) > 8000 and path.startswith(PLUGIN) else None
        address = f"{self.url}/{path}" + (f"?{form}" if form and post is None else "")
        request = urllib.request.Request(address, post, {"Accept-Encoding": "gzip", "If-None-Match": tag})
        began = time.perf_counter()
        try:
            response = urllib.request.urlopen(request, timeout=600)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body = response.read()
            took = 1000 * (time.perf_counter() - began)
            plain = gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
            return Answer(took, len(body), response.status, plain, response.headers.get("ETag", ""))

    def memory(self) -> str:
        """Megabytes resident now: TensorBoard's, and its data server's."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("utf-8").split()
        return " + ".join(f"{_resident(pid):.0f}" for pid in [str(self.process.pid), *children])


@contextlib.contextmanager
def serve(log_dir: Path, backend: str) -> Iterator[Server]:
    """Runs TensorBoard, ready once it has loaded every epoch."""
    command = [sys.executable, "-m", "tensorboard.main", f"--logdir={log_dir}", "--port=0", f"--load_fast={backend}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        while not (found := re.search(rb"at (http://\S+?)/? \(Press", line := process.stderr.readline())):
            if not line:
                raise RuntimeError(f"expected TensorBoard to start; received exit status {process.wait()}")
        yield Server(found[1].decode(), process)
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_loaded(server: Server, runs: list[str], epochs: int) -> None:
    """Waits until TensorBoard shows the last epoch of every run as scalars."""
    for run in runs:
        while True:
            answer = server.ask("data/plugin/scalars/scalars", {"run": run, "tag": "epoch_roc_auc"})
            if answer.status == 200 and len(json.loads(answer.body)) == epochs:
                break
            time.sleep(0.2)


def show(name: str, answers: list[Answer]) -> None:
    for answer in answers:
        assert answer.status in (200, 304), f"{name}: {answer.status} {answer.body[:200]!r}"
    took = statistics.median(answer.milliseconds for answer in answers)
    print(f"| {name} | {took:.1f} | {max(answer.size for answer in answers):,} |", flush=True)


def many(server: Server, runs: list[str], rounds: int) -> None:
    index = f"{PLUGIN}/index"
    loaded = server.memory()
    cold = server.ask(index)
    show("index, cold", [cold])
    show("index, warm", [server.ask(index) for _ in range(rounds)])
    show("index, the browser's own still good", [server.ask(index, tag=cold.tag) for _ in range(rounds)])
    cursor = json.loads(cold.body)["cursor"]
    show("index, what changed since", [server.ask(index, {"since": cursor}) for _ in range(rounds)])
    query = {"head": "output", "run": runs, "curve": "micro"}
    show("areas of one class, all runs, first", [server.ask(f"{PLUGIN}/areas", query)])
    show("areas of another class", [server.ask(f"{PLUGIN}/areas", query | {"curve": "macro"})])
    show("one epoch, all runs, first", [server.ask(f"{PLUGIN}/curves", query | {"steps": "last"})])
    table = {"head": "output", "run": runs[0], "metric": "roc_auc"}
    show(
        "table of one run",
        [server.ask(f"{PLUGIN}/table", table | {"metric": name}) for name in ("roc_auc", "roc_auc_se")],
    )
    print(f"| resident MB: log loaded; after all of the above | {loaded}; {server.memory()} | |")


def middle(server: Server, runs: list[str], rounds: int) -> None:
    server.ask(f"{PLUGIN}/index")
    query: dict[str, Any] = {"head": "output", "run": runs}
    curves = f"{PLUGIN}/curves"

    def ask(**more: object) -> Answer:
        return server.ask(curves, query | more)

    show("areas of one class, first", [server.ask(f"{PLUGIN}/areas", query | {"curve": "micro"})])
    show("next epoch (scrubbing), first", [ask(curve="class:0", steps=step) for step in range(40)])
    show("all epochs of one class, first", ours := [ask(curve=f"class:{name}", steps="all") for name in (2, 3, 4)])
    # All but one epoch: decoded before, yet another answer.
    show(
        "all epochs, decoded before", decoded := [ask(curve="class:2", steps=f"{at}-99") for at in range(1, rounds + 1)]
    )
    show("all epochs, again", [ask(curve="class:2", steps="all") for _ in range(rounds)])
    theirs = [server.ask("data/plugin/pr_curves/pr_curves", {"tag": biglog.PR_TAG, "run": runs}) for _ in range(3)]
    show("TensorBoard's PR route, one tag", theirs)
    legacy = {"head": biglog.PR_TAG, "curve": "class:positive", "steps": "all"}
    first = ask(**legacy)
    show("the same summaries by us, first", [first])
    show("the same summaries by us, again", [ask(**legacy) for _ in range(rounds)])
    for name, by_us in (
        ("our records, first", ours),
        ("decoded before", decoded),
        ("its summaries by us, first", [first]),
    ):
        faster, smaller = (
            statistics.median(getattr(one, field) for one in theirs)
            / statistics.median(getattr(one, field) for one in by_us)
            for field in ("milliseconds", "size")
        )
        print(f"| PR route / {name} | {faster:.0f}x | {smaller:.1f}x |")


def wide(server: Server, runs: list[str], rounds: int) -> None:
    server.ask(f"{PLUGIN}/index")
    query = {"head": "output", "run": runs}
    confusion = [server.ask(f"{PLUGIN}/confusion", query | {"step": step}) for step in range(9)]
    show("confusion of 1000 classes, first", confusion)
    show("table of 1000 classes", [server.ask(f"{PLUGIN}/table", query | {"metric": "roc_auc"})])


def startup(rounds: int) -> None:
    """What we add to TensorBoard's start."""
    took = [
        float(subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, check=True, text=True).stdout)
        for _ in range(rounds)
    ]
    print(f"\nOur share of TensorBoard's start: {statistics.median(took):.0f} CPU ms (least {min(took):.0f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=Path, help="where the logs are, or are written to")
    parser.add_argument("--only", choices=LOGS, help="only this log")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    ask: dict[str, Callable[[Server, list[str], int], None]] = {"many": many, "middle": middle, "wide": wide}
    with tempfile.TemporaryDirectory() as scratch:
        for name in [options.only] if options.only else LOGS:
            log_dir, size = (options.logs or Path(scratch)) / name, LOGS[name]
            if not log_dir.exists():
                log_dir.mkdir(parents=True)
                biglog.write_log(log_dir, argparse.Namespace(**size))
            megabytes = sum(file.stat().st_size for file in log_dir.rglob("*") if file.is_file()) / 1e6
            runs = [f"run{at:03}/validation" for at in range(size["runs"])]
            for backend in ("true", "false"):
                print(f"\n{name}: {size['runs']} runs x {size['epochs']} epochs x {size['classes']} classes, ", end="")
                print(f"{megabytes:.0f} MB, --load_fast={backend}\n\n| request | ms | bytes |\n|---|---|---|")
                with serve(log_dir, backend) as server:
                    wait_until_loaded(server, runs, size["epochs"])
                    ask[name](server, runs, options.rounds)
    startup(5)


def _resident(pid: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else float("nan")


if __name__ == "__main__":
    main()
