"""Logs of other writers, and logs that change while they are looked at, through real TensorBoard processes."""

from __future__ import annotations

import gzip
import json
import struct
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn import metrics
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.plugins.pr_curve import summary as tensorflow_1

from handmade import write
from pr_summaries import event, summary
from serving import serve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serving import Served

PLUGIN = "data/plugin/curveboard"
FIRST = event_pb2.Event(wall_time=1e9, file_version="brain.Event:2")


def framed(one: event_pb2.Event) -> bytes:
    """An event as it stands in a file."""
    data: bytes = one.SerializeToString()
    length = struct.pack("<Q", len(data))
    crcs = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    return length + crcs[0] + data + crcs[1]


def append(path: Path, *parts: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(parts))


def case(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Labels, and scores in the middle between two of 101 thresholds, so that none is lost by counting there."""
    rng = np.random.default_rng(seed)
    y_true = rng.random(n) < 0.3
    return y_true, np.clip(np.floor(rng.normal(40 + 20 * y_true, 20)), 0, 99) / 100 + 0.005


def test_pr_summaries_of_pytorch_and_tensorflow_1_stand_beside_our_runs(shared: Served) -> None:
    path = shared.logdir / "pr" / "torch" / "events.out.tfevents.1.host"
    append(path, framed(FIRST), *(framed(event("cat/pr", step, summary(*case(step), 101))) for step in range(3)))
    append(path, framed(event("made/up", 0, np.full((6, 11), -1, np.float32))))
    labels, scores = case(7)
    written = summary_pb2.Summary.FromString(
        tensorflow_1.pb("dog", labels, scores, num_thresholds=101).SerializeToString()
    )
    append(
        shared.logdir / "pr" / "tf1" / "events.out.tfevents.1.host",
        framed(FIRST),
        framed(event_pb2.Event(step=7, wall_time=1e9, summary=written)),
    )
    write(shared.logdir / "pr" / "ours", [0, 1])
    shared.wait(lambda: shared.steps("pr/torch", "cat/pr"), [0, 1, 2])
    shared.wait(lambda: shared.steps("pr/tf1", "dog/pr_curves"), [7])
    shared.wait(lambda: shared.steps("pr/ours"), [0, 1])

    index = shared.index()
    entry = index["pr/torch", "cat/pr"]
    assert (entry["source"], entry["thresholds"]) == ("pr_curves", 101)
    assert (entry["task"], entry["curves"]) == ("binary", ["class:positive"])
    assert index["pr/ours", "output"]["source"] == "curveboard"
    assert "thresholds" not in index["pr/ours", "output"]
    assert ("pr/torch", "made/up") not in index
    assert [reason.partition(":")[0] for reason in shared.problems("pr/torch")] == ["1 of 1 records skipped"]

    for run, head, seeds in (("pr/torch", "cat/pr", (0, 1, 2)), ("pr/tf1", "dog/pr_curves", (7,))):
        query = {"run": run, "head": head, "curve": "class:positive"}
        _, areas = shared.block("areas", **query)
        truth = [metrics.roc_auc_score(*case(seed)) for seed in seeds]
        assert areas["roc_auc"] == pytest.approx(truth, abs=1e-9)
        precision = [metrics.average_precision_score(*case(seed)) for seed in seeds]
        assert areas["average_precision"] == pytest.approx(precision, abs=1e-9)
        low, high = areas["roc_auc_low"], areas["roc_auc_high"]
        assert all(below <= true <= above for below, true, above in zip(low, truth, high, strict=True))
        _, curves = shared.block("curves", steps="last", **query)
        y_true, y_score = case(seeds[-1])
        above = [y_score >= threshold for threshold in curves["threshold"]]
        assert curves["tp"] == [(chosen & y_true).sum() for chosen in above]
        assert curves["fp"] == [(chosen & ~y_true).sum() for chosen in above]


def test_the_tab_is_active_for_a_log_of_pr_summaries_alone(backend: str, tmp_path: Path) -> None:
    path = tmp_path / "logs" / "torch" / "events.out.tfevents.1.host"
    append(path, framed(FIRST), *(framed(event("pr", step, summary(*case(step), 11))) for step in range(400)))
    with serve(tmp_path / "logs", tmp_path / "log.txt", f"--load_fast={backend}") as served:
        served.wait(lambda: served.json("data/plugins_listing")["curveboard"]["enabled"], True)
        served.wait(lambda: served.steps("torch", "pr"), list(range(400)))
        assert "Traceback" not in served.tail()


def test_a_record_torn_at_the_end_appears_once_it_is_whole(shared: Served) -> None:
    write(shared.logdir / "torn", [0, 1])
    (path,) = (shared.logdir / "torn").iterdir()
    whole = path.read_bytes()
    write(shared.logdir / "elsewhere", [0, 1, 2])
    (longer,) = (shared.logdir / "elsewhere").iterdir()
    rest = longer.read_bytes()[len(whole) :]
    append(path, rest[: len(rest) // 2])
    shared.wait(lambda: (shared.steps("torn"), shared.steps("elsewhere")), ([0, 1], [0, 1, 2]))
    assert shared.problems("torn") == []
    append(path, rest[len(rest) // 2 :])
    shared.wait(lambda: shared.steps("torn"), [0, 1, 2])


def test_a_run_that_restarts_while_it_is_looked_at_shows_the_restart(shared: Served) -> None:
    write(shared.logdir / "again", range(4))
    shared.wait(lambda: shared.steps("again"), [0, 1, 2, 3])
    query = {"head": "output", "curve": "micro", "run": "again"}
    before = shared.block("areas", **query).columns
    revision = shared.index()["again", "output"]["revision"]
    write(shared.logdir / "again", [1], class_names=("cat", "dog", "fox"))
    shared.wait(lambda: shared.steps("again"), [0, 1])
    assert shared.index()["again", "output"]["revision"] != revision
    after = shared.block("areas", **query).columns
    assert after["roc_auc"][0] == before["roc_auc"][0]
    assert after["wall_time"][1] > before["wall_time"][3]
    assert shared.index()["again", "output"]["class_names"] == ["cat", "dog", "fox"]


def test_a_cursor_brings_only_what_changed(shared: Served) -> None:
    write(shared.logdir / "cursor" / "still", [0])
    write(shared.logdir / "cursor" / "grows", [0])
    shared.wait(lambda: (shared.steps("cursor/still"), shared.steps("cursor/grows")), ([0], [0]))
    first = shared.json(f"{PLUGIN}/index")
    write(shared.logdir / "cursor" / "grows", [1])

    def changed() -> list[list[int]]:
        told = shared.json(f"{PLUGIN}/index", since=first["cursor"])
        assert {"run": "cursor/still", "head": "output"} in told["unchanged"]
        return [one["steps"] for one in told["series"] if one["run"] == "cursor/grows"]

    shared.wait(changed, [[0, 1]])


def ask(
    served: Served, route: str, query: Mapping[str, object], method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and the body as it was sent."""
    address = f"{served.url}/{PLUGIN}/{route}?{urllib.parse.urlencode(query, doseq=True)}"
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip", **headers}, method=method)
    try:
        response = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, dict(response.headers), response.read()


def test_a_browser_keeps_what_cannot_change(shared: Served) -> None:
    write(shared.logdir / "kept", [0, 1])
    shared.wait(lambda: shared.steps("kept"), [0, 1])
    revision = shared.index()["kept", "output"]["revision"]
    query = {"head": "output", "curve": "micro", "steps": "all", "run": "kept"}
    status, headers, body = ask(shared, "curves", query)
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert "no-cache" in headers["Cache-Control"]
    status, lasting, same = ask(shared, "curves", {**query, "revision": revision})
    assert (status, same) == (200, body)
    assert lasting["Cache-Control"] == "private, max-age=31536000"
    assert "no-cache" in ask(shared, "curves", {**query, "revision": "0" * 16})[1]["Cache-Control"]

    for route, asked in (("curves", query), ("index", {})):
        tag = ask(shared, route, asked)[1]["ETag"]
        status, _, body = ask(shared, route, asked, **{"If-None-Match": tag})
        assert (status, body) == (304, b"")
        status, headers, body = ask(shared, route, asked, method="HEAD")
        assert (status, body, headers["ETag"]) == (200, b"", tag)
        assert headers["Content-Encoding"] == "gzip"
    write(shared.logdir / "kept", [2])
    shared.wait(lambda: shared.steps("kept"), [0, 1, 2])
    status, headers, body = ask(shared, "curves", query, **{"If-None-Match": tag})
    assert status == 200
    assert gzip.decompress(body)


def test_a_table_holds_all_classes_at_all_steps(shared: Served) -> None:
    written = write(shared.logdir / "table", [0, 3])
    shared.wait(lambda: shared.steps("table"), [0, 3])
    header, columns = shared.block("table", run="table", head="output", metric="roc_auc")
    assert header["curves"] == ["class:cat", "class:dog", "class:eel", "micro", "macro"]
    assert columns["step"] == [0, 3]
    expected = [[one[name].roc_auc for one in written] for name in ("cat", "dog", "eel", "micro", "macro")]
    np.testing.assert_array_equal(np.array(columns["value"]).reshape(5, 2), np.array(expected, np.float32))
    assert shared.get(f"{PLUGIN}/table", {"run": "table", "head": "output", "metric": "shine"})[0] == 400


def test_json_is_compressed_and_plain_where_asked(shared: Served) -> None:
    write(shared.logdir / "json", [0])
    shared.wait(lambda: shared.steps("json"), [0])
    _, headers, packed = ask(shared, "index", {})
    assert headers["Content-Encoding"] == "gzip"
    _, headers, plain = ask(shared, "index", {}, **{"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in headers
    assert json.loads(gzip.decompress(packed))["version"] == json.loads(plain)["version"]


def test_nothing_was_raised(shared: Served) -> None:
    assert "Traceback" not in shared.tail()
