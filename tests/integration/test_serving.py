"""The whole way from an event file to HTTP, through real TensorBoard processes and both of its data backends."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn import metrics
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from curveboard import CurveWriter, __version__, wire
from handmade import record, write

if TYPE_CHECKING:
    from pathlib import Path

    from serving import Served

HISTORY = "written/before"
PLUGIN = "data/plugin/curveboard"


def append_event(path: Path, event: event_pb2.Event) -> None:
    """Appends to an event file as any writer does, with TensorBoard's own checksum."""
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    crcs = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(length + crcs[0] + data + crcs[1])


def blob_event(step: int, blob: bytes) -> event_pb2.Event:
    """An event that carries any bytes as if they were a record."""
    shape = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=len(blob))])
    value = summary_pb2.Summary.Value(
        tag="curveboard/output",
        metadata=summary_pb2.SummaryMetadata(
            plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="curveboard", content=b"1"),
            data_class=summary_pb2.DATA_CLASS_TENSOR,
        ),
        tensor=tensor_pb2.TensorProto(dtype=types_pb2.DT_UINT8, tensor_shape=shape, tensor_content=blob),
    )
    return event_pb2.Event(step=step, wall_time=1e9 + step, summary=summary_pb2.Summary(value=[value]))


def test_what_was_written_is_answered(shared: Served) -> None:
    runs = ["routes/validation", "routes/other"]
    written = {run: write(shared.logdir / run, [0, 1, 4]) for run in runs}
    for run in runs:
        shared.wait(lambda run=run: shared.steps(run), [0, 1, 4])  # type: ignore[misc]
    series = shared.index()["routes/validation", "output"]
    assert series["curves"] == ["micro", "macro", "class:cat", "class:dog", "class:eel"]
    assert series["task"] == "multiclass"
    assert series["wall_times"] == sorted(series["wall_times"])
    assert shared.json(f"{PLUGIN}/index")["version"] == __version__

    query = {"head": "output", "run": runs}
    header, columns = shared.block("areas", curve="class:dog", **query)
    every = [one for run in runs for one in written[run]]
    assert header["runs"] == [{"run": run, "records": 3} for run in runs]
    assert columns["roc_auc"] == [one["dog"].roc_auc for one in every]

    _, columns = shared.block("curves", curve="micro", steps="all", **query)
    for name in ("tp", "fp"):
        assert columns[name] == [count for one in every for count in getattr(one.micro, name).tolist()]
    assert columns["threshold"] == [value for one in every if one.micro for value in one.micro.thresholds.tolist()]

    header, columns = shared.block("confusion", step="3", **query)
    assert [told["step"] for told in header["runs"]] == [1, 1]
    assert sum(columns["count"]) == sum(written[run][1].confusion.sum() for run in runs)


def test_areas_are_scikit_learns(shared: Served) -> None:
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, 5000)
    y_score = np.float32(np.round(rng.normal(y_true, 1.5), 2))  # ties
    with CurveWriter(shared.logdir / "oracle", from_logits=True) as writer:
        writer.write(3, y_true, y_score)
    run = "oracle/validation"
    shared.wait(lambda: shared.steps(run), [3])
    (curve,) = shared.index()[run, "output"]["curves"]
    _, columns = shared.block("areas", head="output", curve=curve, run=run)
    assert columns["roc_auc"][0] == pytest.approx(metrics.roc_auc_score(y_true, y_score), abs=1e-12)
    assert columns["average_precision"][0] == pytest.approx(metrics.average_precision_score(y_true, y_score), abs=1e-12)
    header, columns = shared.block("confusion", head="output", step="last", run=run)
    matrix = np.zeros(4)
    matrix[np.array(columns["index"], int)] = columns["count"]
    predicted = y_score >= header["runs"][0]["threshold"]
    np.testing.assert_array_equal(matrix.reshape(2, 2), metrics.confusion_matrix(y_true, predicted))


def test_1500_steps_logged_are_1500_steps_shown(shared: Served) -> None:
    write(shared.logdir / "long", range(1500), n_points=2)
    shared.wait(lambda: shared.steps("long"), list(range(1500)))
    header, columns = shared.block("curves", head="output", curve="class:cat", steps="all", run="long")
    assert header["runs"] == [{"run": "long", "records": 1500}]
    assert columns["step"] == list(range(1500))


def test_a_restart_shows_its_own_steps_from_there_on(shared: Served) -> None:
    run_dir = shared.logdir / "restart"
    write(run_dir, range(6))
    shared.wait(lambda: shared.steps("restart"), list(range(6)))
    before = shared.index()["restart", "output"]["revision"]
    write(run_dir, [3, 4])
    shared.wait(lambda: shared.steps("restart"), [0, 1, 2, 3, 4])
    assert shared.index()["restart", "output"]["revision"] != before


def test_restarts_before_tensorboard_started_are_read_in_the_order_written(shared: Served) -> None:
    # 0..8, then 6, 7, then 2, 3: each file began anew at an earlier step
    shared.wait(lambda: shared.steps(HISTORY), [0, 1, 2, 3])


@pytest.mark.parametrize("name", ["with space", "ünï-кот-猫", 'it\'s "quoted"', "a&b=c#d?e+f%41", "deep/er/run"])
def test_any_run_name_is_answered(shared: Served, name: str) -> None:
    run = f"names/{name}"
    write(shared.logdir / run, [0])
    shared.wait(lambda: shared.steps(run), [0])
    query = {"head": "output", "curve": "micro", "run": run}
    assert shared.block("areas", **query).header["runs"] == [{"run": run, "records": 1}]
    status, posted = shared.post(f"{PLUGIN}/areas", query)
    assert status == 200
    assert posted == shared.get(f"{PLUGIN}/areas", query)[1]


FIT = """
import sys
import keras
import numpy as np
from curveboard import CurveLogger

class Turns(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        for writer in board._writers.values():
            writer.flush()  # Keras itself does so every two minutes
        print("epoch", epoch, flush=True)
        sys.stdin.readline()

log_dir = sys.argv[1]
board = keras.callbacks.TensorBoard(log_dir)
rng = np.random.default_rng(0)
x, y = rng.normal(size=(64, 3)).astype("float32"), rng.integers(0, 2, 64)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("sgd", "binary_crossentropy")
model.fit(x, y, validation_data=(x, y), epochs=4, verbose=0, callbacks=[board, CurveLogger(log_dir), Turns()])
"""


def test_keras_scalars_and_our_curves_grow_side_by_side(shared: Served) -> None:
    def scalars() -> list[int]:
        query = {"run": "fit/validation", "tag": "epoch_loss"}
        status, body = shared.get("data/plugin/scalars/scalars", query)
        return [step for _, step, _ in json.loads(body)] if status == 200 else []

    command = [sys.executable, "-c", FIT, str(shared.logdir / "fit")]
    environment = os.environ | {"KERAS_BACKEND": "tensorflow", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as fit:
        try:
            assert fit.stdin is not None
            assert fit.stdout is not None
            for epoch in range(4):
                while (line := fit.stdout.readline()) and not line.startswith("epoch"):
                    pass
                assert line.split() == ["epoch", str(epoch)], fit.communicate()
                so_far = list(range(epoch + 1))
                shared.wait(lambda: (shared.steps("fit/validation"), scalars()), (so_far, so_far))
                fit.stdin.write("\n")
                fit.stdin.flush()
            assert fit.wait(timeout=60) == 0, fit.communicate()
        finally:
            fit.kill()


def test_deleted_runs_vanish(shared: Served) -> None:
    write(shared.logdir / "mortal", [0])
    write(shared.logdir / "immortal", [0])
    shared.wait(lambda: (shared.steps("mortal"), shared.steps("immortal")), ([0], [0]))
    shutil.rmtree(shared.logdir / "mortal")
    shared.wait(lambda: ("mortal", "output") in shared.index(), False)
    header, _ = shared.block("areas", head="output", curve="micro", run=["mortal", "immortal"])
    assert header["missing"] == ["mortal"]
    assert shared.get(f"{PLUGIN}/areas", {"head": "output", "curve": "micro", "run": "mortal"})[0] == 404


def test_unreadable_records_are_told_and_left_out(shared: Served) -> None:
    good = wire.encode(record())
    newer = good[:4] + struct.pack("<H", 7) + good[6:]
    path = shared.logdir / "mixed" / "events.out.tfevents.1.host"
    append_event(path, event_pb2.Event(wall_time=1e9, file_version="brain.Event:2"))
    for step, blob in enumerate([good, newer, good[:-3], b"something else", good]):
        append_event(path, blob_event(step, blob))
    shared.wait(lambda: shared.steps("mixed"), [0, 4])
    (reason,) = shared.problems("mixed")
    assert reason.startswith("3 of 5 records skipped: ")
    assert "version 7" in reason
    assert shared.block("curves", head="output", curve="micro", steps="all", run="mixed").columns["step"] == [0, 4]


def test_many_simultaneous_requests_agree(shared: Served) -> None:
    write(shared.logdir / "busy", range(50))
    shared.wait(lambda: shared.steps("busy"), list(range(50)))
    query = {"head": "output", "curve": "micro", "steps": "all", "run": "busy"}
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: shared.get(f"{PLUGIN}/curves", query), range(16)))
    assert len(answers) == 1
    assert {status for status, _ in answers} == {200}


@pytest.mark.parametrize(
    ("route", "query", "status"),
    [
        ("areas", {"head": "output", "curve": "micro"}, 400),
        ("curves", {"head": "output", "curve": "micro", "run": "x", "steps": "some"}, 400),
        ("curves", {"head": "output", "curve": "micro", "run": "nowhere", "steps": "all"}, 404),
        ("confusion", {"head": "nose", "run": "nowhere", "step": "last"}, 404),
        ("../curveboard/plugin.py", {}, 404),
    ],
)
def test_errors_say_what_was_expected(shared: Served, route: str, query: dict[str, str], status: int) -> None:
    received, body = shared.get(f"{PLUGIN}/{route}", query)
    assert received == status
    assert b"received" in body or route.endswith(".py")


def test_it_works_without_tensorflow_below_a_prefix_from_an_empty_directory(bare: Served) -> None:
    assert bare.url.endswith("/some/where")

    def enabled() -> bool:
        listing = bare.json("data/plugins_listing")["curveboard"]
        assert listing["loading_mechanism"]["module_path"] == "/some/where/data/plugin/curveboard/index.js"
        return bool(listing["enabled"])

    told = bare.json(f"{PLUGIN}/index")
    assert (told["version"], told["series"], told["problems"]) == (__version__, [], [])
    assert not enabled(), "an empty log directory leaves the tab among the inactive ones"
    write(bare.logdir / "first", [0, 1])
    bare.wait(lambda: bare.steps("first"), [0, 1])
    assert enabled()
    assert bare.block("curves", head="output", curve="micro", steps="last", run="first").columns["step"] == [1]
    assert "Traceback" not in bare.tail()


def test_the_built_dashboard_is_served(shared: Served) -> None:
    status, body = shared.get(f"{PLUGIN}/index.js")
    assert status == 200
    assert b"render" in body


def test_nothing_was_raised(shared: Served) -> None:
    assert "Traceback" not in shared.tail()
