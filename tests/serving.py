"""A real TensorBoard in a process of its own, and what tests ask it over HTTP."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import tensorboard_data_server  # type: ignore[import-untyped]

from blocks import Block, read_block

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Value = TypeVar("Value")

PATIENCE = 90.0  # seconds; a start takes 2 to 10 on a quiet machine

# Both of TensorBoard's data backends; its data server is a binary that some platforms do not have.
BACKENDS = ["true", "false"] if tensorboard_data_server.server_binary() else ["false"]


@dataclass(frozen=True)
class Served:
    """A running TensorBoard.

    Attributes:
        url: Its address, without a slash at the end.
        logdir: What it watches.
        log: What it printed.
    """

    url: str
    logdir: Path
    log: Path

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> tuple[int, bytes]:
        """Status and decoded body of a GET."""
        address = f"{self.url}/{path}"
        if query:
            address += "?" + urllib.parse.urlencode(query, doseq=True)
        return self._open(urllib.request.Request(address))

    def post(self, path: str, query: Mapping[str, Any]) -> tuple[int, bytes]:
        """Status and decoded body of a POST of a form."""
        form = urllib.parse.urlencode(query, doseq=True).encode()
        return self._open(urllib.request.Request(f"{self.url}/{path}", data=form))

    def json(self, path: str, **query: Any) -> Any:
        """The JSON that a route answers."""
        status, body = self.get(path, query)
        assert status == 200, f"{path} answered {status}: {body!r}\n{self.tail()}"
        return json.loads(body)

    def block(self, route: str, **query: Any) -> Block:
        """The block that one of our routes answers."""
        status, body = self.get(f"data/plugin/curveboard/{route}", query)
        assert status == 200, f"{route} answered {status}: {body!r}\n{self.tail()}"
        return read_block(body)

    def index(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The series of our index by run and head."""
        return {(one["run"], one["head"]): one for one in self.json("data/plugin/curveboard/index")["series"]}

    def problems(self, run: str) -> list[str]:
        """What our index says of a run's unreadable records."""
        found = self.json("data/plugin/curveboard/index")["problems"]
        return [problem["reason"] for problem in found if problem["run"] == run]

    def steps(self, run: str, head: str = "output") -> list[int]:
        """The steps that our index shows of a series; none if it has not been seen yet."""
        series = self.index().get((run, head))
        return series["steps"] if series else []

    def wait(self, answer: Callable[[], Value], expected: Value) -> None:
        """Asks until the answer is the expected one; fails with both answers and what TensorBoard printed."""
        until = time.monotonic() + PATIENCE
        while (received := answer()) != expected:
            if time.monotonic() > until:
                raise AssertionError(f"expected {expected!r}; received {received!r}\n{self.tail()}")
            time.sleep(0.2)

    def tail(self) -> str:
        """The end of what TensorBoard printed."""
        return self.log.read_text("utf-8", errors="replace")[-6000:]

    def _open(self, request: urllib.request.Request) -> tuple[int, bytes]:
        request.add_header("Accept-Encoding", "gzip")
        try:
            response = urllib.request.urlopen(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            body: bytes = response.read()
            packed = response.headers.get("Content-Encoding") == "gzip"
            return response.status, gzip.decompress(body) if packed else body


@contextlib.contextmanager
def serve(logdir: Path, log: Path, *flags: str, environment: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Runs TensorBoard until the end of the block; no process is left, whatever happens.

    Args:
        logdir: What it watches.
        log: Where its output goes.
        flags: More flags for its command line.
        environment: Added to the environment.
    """
    command = [sys.executable, "-m", "tensorboard.main", f"--logdir={logdir}", "--host=127.0.0.1", "--port=0", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # its own group, so that its data server ends with it
        )
    try:
        yield Served(_address(process, log), logdir, log)
    finally:
        _end(process)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Waits until TensorBoard prints its address."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"at (http://\S+?)/? \(Press", log.read_text("utf-8", errors="replace")):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"TensorBoard did not start: exit status {process.poll()}\n{log.read_text('utf-8')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
