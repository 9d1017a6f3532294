"""Event files: what TensorBoard's own readers find in them, what damage and a refusing disk leave of them."""

from __future__ import annotations

import json
import math
import os
import re
import struct
import subprocess
import sys
import textwrap
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax  # type: ignore[import-untyped]
from sklearn import metrics
from tensorboard.compat.proto.event_pb2 import Event

from curveboard import wire
from curveboard.crc32c import masked_crc32c
from curveboard.events import EventWriter, epoch_scalars, read_events
from curveboard.measure import measure
from handmade import record

ROOT = Path(__file__).parent.parent.parent


def python(script: str, *arguments: object, timeout: float = 120) -> str:
    """What a script prints in an interpreter of its own."""
    paths = os.pathsep.join([str(ROOT / "callback"), str(ROOT / "tests")])
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=os.environ | {"PYTHONPATH": paths},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def event_file(directory: Path) -> Path:
    """The one event file of a directory."""
    (path,) = directory.iterdir()
    return path


def steps(path: Path) -> list[int]:
    return [event.step for event in read_events(path) if event.summary.value]


def frame(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return b"".join([length, struct.pack("<I", masked_crc32c(length)), data, struct.pack("<I", masked_crc32c(data))])


# Writing


def test_nothing_is_created_before_the_first_write(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "run" / "validation"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_name_sorts_before_files_of_other_writers(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.write(record())
    ours = event_file(tmp_path).name
    assert re.fullmatch(r"events\.out\.tfevents\.0{10}\.curveboard\.\d{17}\..+\.\d+", ours)
    assert ours < "events.out.tfevents.1763769600.host.1.0.v2"


def test_files_of_one_directory_sort_as_they_were_begun(tmp_path: Path) -> None:
    for step in range(12):
        with EventWriter(tmp_path) as writer:
            writer.write(record(), step=step)
    assert [steps(path) for path in sorted(tmp_path.iterdir())] == [[step] for step in range(12)]


def test_two_writers_in_one_directory_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1_700_000_000_000_000_000)
    with EventWriter(tmp_path) as one, EventWriter(tmp_path) as other:
        for step in range(3):
            one.write(record(), step=step)
            other.write(record(), step=10 + step)
    assert [steps(path) for path in sorted(tmp_path.iterdir())] == [[0, 1, 2], [10, 11, 12]]


def test_each_event_is_there_whole_as_soon_as_it_is_written(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path)
    for step in range(3):
        writer.write(record(), step=step, scalars={"epoch_loss": 0.5})
        assert steps(event_file(tmp_path)) == list(range(step + 1))
    writer.flush()
    writer.close()


def test_an_event_holds_what_the_page_says(tmp_path: Path) -> None:
    made = record(seed=5)
    with EventWriter(tmp_path) as writer:
        writer.write(made, step=3, wall_time=1e9 + 0.25, scalars={"epoch_roc_auc": 0.1, "epoch_loss": math.nan})
    first, event = read_events(event_file(tmp_path))
    assert first.file_version == "brain.Event:2"
    assert (event.step, event.wall_time) == (3, 1e9 + 0.25)
    ours, area, loss = event.summary.value
    assert ours.tag == "curveboard/output"
    assert (ours.metadata.plugin_data.plugin_name, ours.metadata.plugin_data.content) == ("curveboard", b"1")
    assert ours.tensor.tensor_content == wire.encode(made)
    assert [dim.size for dim in ours.tensor.tensor_shape.dim] == [len(wire.encode(made))]
    assert area.tag == "epoch_roc_auc"
    assert area.metadata.plugin_data.plugin_name == "scalars"
    assert np.frombuffer(area.tensor.tensor_content, "<f4") == np.float32(0.1)
    assert np.isnan(np.frombuffer(loss.tensor.tensor_content, "<f4"))


def test_step_and_time_are_the_records_and_the_clocks_unless_given(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        writer.write(replace(record(), step=7))
    first, event = read_events(event_file(tmp_path))
    assert event.step == 7
    assert 0 <= event.wall_time - first.wall_time + 1 < 60


DECISIONS = ["accuracy", "balanced_accuracy", "f1", "precision", "recall", "specificity"]


def test_scalars_are_named_after_a_head_that_has_a_name() -> None:
    made = record()
    scalars = epoch_scalars(made)
    names = ["roc_auc", "average_precision", *DECISIONS]
    assert list(scalars) == [f"epoch_{name}" for name in names]
    assert list(epoch_scalars(replace(made, head="colour"))) == [f"epoch_colour_{name}" for name in names]
    assert (scalars["epoch_roc_auc"], scalars["epoch_average_precision"]) == (made.roc_auc, made.average_precision)


def test_scalars_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = rng.integers(0, 12, 400), softmax(rng.normal(size=(400, 12)), axis=1)
    y_pred, one_hot = y_score.argmax(axis=1), np.eye(12)[y_true]
    expected = {
        "epoch_roc_auc": metrics.roc_auc_score(one_hot, y_score),
        "epoch_average_precision": metrics.average_precision_score(one_hot, y_score),
        "epoch_accuracy": metrics.accuracy_score(y_true, y_pred),
        "epoch_balanced_accuracy": metrics.balanced_accuracy_score(y_true, y_pred),
        "epoch_f1": metrics.f1_score(y_true, y_pred, average="macro"),
        "epoch_precision": metrics.precision_score(y_true, y_pred, average="macro"),
        "epoch_recall": metrics.recall_score(y_true, y_pred, average="macro"),
        "epoch_brier": metrics.brier_score_loss(y_true, y_score),
    }
    for k in (1, 3, 5, 10):
        expected[f"epoch_top_{k}_accuracy"] = metrics.top_k_accuracy_score(y_true, y_score, k=k)
    found = epoch_scalars(measure(y_true, y_score))
    assert set(found) - set(expected) == {"epoch_specificity", "epoch_ece"}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)


def test_what_is_not_defined_this_time_is_nan_and_what_a_head_never_has_is_left_out() -> None:
    scalars = epoch_scalars(measure([0, 1, 1], [0.1, 0.2, 0.3]))  # nothing is predicted positive
    assert np.isnan(scalars["epoch_precision"])
    assert scalars["epoch_recall"] == 0
    margins = epoch_scalars(measure([0, 1, 1], [-1.0, 2.0, 3.0]))
    assert set(scalars) - set(margins) == {"epoch_brier", "epoch_ece"}
    assert not any("top" in name for name in scalars)


def test_a_record_that_cannot_be_encoded_leaves_nothing_behind(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "run")
    with pytest.raises(ValueError, match="confusion"):
        writer.write(replace(record(), confusion=np.zeros((1, 1), np.int64)))
    assert not (tmp_path / "run").exists()


def test_a_writer_begins_another_file_after_close(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path)
    for step in range(2):
        writer.write(record(), step=step)
        writer.close()
    assert [steps(path) for path in sorted(tmp_path.iterdir())] == [[0], [1]]


@pytest.mark.parametrize("below", ["", "run", "run/validation"])
def test_a_file_in_the_way_is_named_before_training_begins(tmp_path: Path, below: str) -> None:
    (tmp_path / "logs").write_text("")
    with pytest.raises(NotADirectoryError, match=r"expected a directory.*; received .*logs is a file"):
        EventWriter(tmp_path / "logs" / below)


def test_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a local directory; received 'gs://bucket/logs'"):
        EventWriter("gs://bucket/logs")


def test_a_forked_process_writes_a_file_of_its_own(tmp_path: Path) -> None:
    script = """
        import os, sys
        from curveboard.events import EventWriter
        from handmade import record

        writer = EventWriter(sys.argv[1])
        writer.write(record(), step=0)
        child = os.fork()
        for step in range(1, 4):
            writer.write(record(), step=step if child else 10 * step)
        if not child:
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    """
    python(script, tmp_path)
    assert sorted(steps(path) for path in tmp_path.iterdir()) == [[0, 1, 2, 3], [10, 20, 30]]


def test_a_run_deleted_while_training_is_begun_again(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "run") as writer:
        writer.write(record(), step=0)
        event_file(tmp_path / "run").unlink()
        (tmp_path / "run").rmdir()
        writer.write(record(), step=1)
    assert steps(event_file(tmp_path / "run")) == [1]


def test_a_full_disk_is_one_warning_and_no_half_event(tmp_path: Path) -> None:
    # The limit on file sizes makes the kernel take half of an event and refuse the rest, as a full disk does.
    script = """
        import json, resource, signal, sys, warnings
        from curveboard.events import EventWriter
        from handmade import record

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        writer = EventWriter(sys.argv[1])
        writer.write(record(), step=0)
        size = writer._file.tell()
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, hard))
            for step in (1, 2, 3):
                writer.write(record(n_points=300), step=step)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            writer.write(record(), step=4)
            writer.close()
        print(json.dumps([(w.category.__name__, str(w.message), w.filename) for w in caught]))
    """
    ((category, message, filename),) = json.loads(python(script, tmp_path))
    assert category == "RuntimeWarning"
    assert re.search(r"curves are not saved: expected to write to .*; received .*File too large", message)
    assert filename == "<string>", "the warning points at the caller"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [steps(path) for path in sorted(tmp_path.iterdir())] == [[0], [4]]


def test_a_directory_that_cannot_be_made_is_a_warning_and_is_tried_again(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "run")
    (tmp_path / "run").write_text("in the way since the writer was made")
    with pytest.warns(RuntimeWarning, match=r"expected to write to .*run; received .*File exists"):
        writer.write(record(), step=0)
    (tmp_path / "run").unlink()
    writer.write(record(), step=1)
    assert steps(event_file(tmp_path / "run")) == [1]


# Reading


def test_tensorboard_and_tensorflow_read_the_same_file(tmp_path: Path) -> None:
    records = [record(seed=seed) for seed in range(20)]
    with EventWriter(tmp_path) as writer:
        for step, made in enumerate(records):
            writer.write(made, step=step, scalars=epoch_scalars(made))
    script = """
        import json, sys
        import tensorflow as tf
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.util import tensor_util

        run = event_accumulator.EventAccumulator(sys.argv[1], {"tensors": 0})
        run.Reload()
        tensors = {tag: run.Tensors(tag) for tag in run.Tags()["tensors"]}
        found = {
            "frames": sum(1 for _ in tf.data.TFRecordDataset(sys.argv[2])),
            "steps": {tag: [event.step for event in events] for tag, events in tensors.items()},
            "blobs": [
                bytes(tensor_util.make_ndarray(event.tensor_proto)).hex() for event in tensors["curveboard/output"]
            ],
            "values": [float(tensor_util.make_ndarray(event.tensor_proto)) for event in tensors["epoch_roc_auc"]],
            "class": run.SummaryMetadata("curveboard/output").data_class,
        }
        print(json.dumps(found))
    """
    found = json.loads(python(script, tmp_path, event_file(tmp_path)))
    assert found["frames"] == 21
    names = ["roc_auc", "average_precision", *DECISIONS]
    assert set(found["steps"]) == {"curveboard/output", *(f"epoch_{name}" for name in names)}
    assert all(tag_steps == list(range(20)) for tag_steps in found["steps"].values())
    assert found["blobs"] == [wire.encode(made).hex() for made in records]
    assert found["values"] == [np.float32(made.roc_auc) for made in records]
    assert found["class"] == 2  # DATA_CLASS_TENSOR


def test_1500_steps_survive(tmp_path: Path) -> None:
    made = record()
    with EventWriter(tmp_path) as writer:
        for step in range(1500):
            writer.write(made, step=step)
    assert steps(event_file(tmp_path)) == list(range(1500))


def test_importing_it_and_writing_import_no_tensorflow(tmp_path: Path) -> None:
    script = """
        import sys
        from curveboard.events import EventWriter, read_events
        from handmade import record

        with EventWriter(sys.argv[1]) as writer:
            writer.write(record(), scalars={"epoch_loss": 0.5})
        print(*sorted(name for name in ("tensorflow", "keras", "sklearn", "jax", "scipy") if name in sys.modules))
    """
    assert python(script, tmp_path).split() == []


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of three events after the version."""
    directory = tmp_path_factory.mktemp("three")
    with EventWriter(directory) as writer:
        for step in range(3):
            writer.write(record(), step=step)
    return event_file(directory).read_bytes()


def read(path: Path, data: bytes) -> tuple[list[int], list[str]]:
    """Steps and warnings of a file with these bytes."""
    path.write_bytes(data)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = steps(path)
    return found, [str(warning.message) for warning in caught]


def ends(data: bytes) -> list[int]:
    """Where each event of a file ends."""
    found = [0]
    while found[-1] < len(data):
        found.append(found[-1] + 16 + struct.unpack_from("<Q", data, found[-1])[0])
    return found[1:]


def test_a_torn_last_event_ends_the_file_quietly(tmp_path: Path, three: bytes) -> None:
    version, first, second, third = ends(three)
    for size in (0, 5, version, first, second - 1, second, *(second + more for more in (1, 11, 12, 40)), third - 1):
        whole = sum(end <= size for end in (first, second, third))
        assert read(tmp_path / "file", three[:size]) == (list(range(whole)), [])


def test_a_damaged_event_is_left_out_with_one_warning(tmp_path: Path, three: bytes) -> None:
    damaged = bytearray(three)
    damaged[ends(three)[1] + 30] ^= 1
    found, caught = read(tmp_path / "file", bytes(damaged))
    assert found == [0, 2]
    (message,) = caught
    assert re.search(rf"left out 1 damaged events of .*file \(byte {ends(three)[1]}: .*checksum", message)


def test_a_damaged_length_ends_the_file_with_one_warning(tmp_path: Path, three: bytes) -> None:
    damaged = bytearray(three)
    damaged[ends(three)[1] + 3] ^= 1
    found, caught = read(tmp_path / "file", bytes(damaged))
    assert found == [0]
    assert len(caught) == 1
    assert "nothing after it" in caught[0]


def test_a_length_beyond_the_file_asks_for_no_memory(tmp_path: Path, three: bytes) -> None:
    length = struct.pack("<Q", 1 << 60)
    assert read(tmp_path / "file", three + length + struct.pack("<I", masked_crc32c(length)) + b"x") == ([0, 1, 2], [])


def test_data_that_is_no_event_is_left_out_with_one_warning(tmp_path: Path, three: bytes) -> None:
    found, caught = read(tmp_path / "file", frame(b"\xff\xff no protocol buffer") + three)
    assert found == [0, 1, 2]
    assert len(caught) == 1


@given(st.binary(max_size=100), st.integers(0, 10_000))
def test_noise_is_read_without_an_error(tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int) -> None:
    data = frame(Event(step=1, file_version="x").SerializeToString())
    place %= len(data)
    read(tmp_path_factory.getbasetemp() / "noise", data[:place] + noise + data[place:])


def test_events_without_the_bytes_asked_for_are_passed_over(tmp_path: Path) -> None:
    events: list[Any] = [Event(step=1), Event(step=2)]
    events[1].summary.value.add(tag="curveboard/output")
    other = bytearray(frame(events[0].SerializeToString()))
    other[-1] ^= 1  # not looked at, so its damage does not matter
    (tmp_path / "file").write_bytes(bytes(other) + frame(events[1].SerializeToString()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [event.step for event in read_events(tmp_path / "file", containing=b"curveboard")] == [2]
