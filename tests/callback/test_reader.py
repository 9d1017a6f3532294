"""read_curves: every record of a tree of runs, named, ordered and numbered as TensorBoard does."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

import curveboard.events as events_module
from curveboard import read_curves, wire
from curveboard.events import EventWriter
from handmade import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write(directory: Path, steps: Iterable[int], *, head: str = "output", split: str = "validation") -> None:
    """Writes one file with a record at each step, whose seed is the step."""
    with EventWriter(directory) as writer:
        for step in steps:
            made = replace(record(seed=step), head=head, split=split)
            writer.write(made, step=step, wall_time=1e9 + step, scalars={"epoch_loss": 0.5})


def found(log_dir: Path, **filters: str) -> list[tuple[str, str, int]]:
    return [(made.run, made.head, made.step) for made in read_curves(log_dir, **filters)]


def test_records_come_by_run_head_and_step(tmp_path: Path) -> None:
    write(tmp_path / "b" / "validation", [0, 1], head="z")
    write(tmp_path / "b" / "validation", [0, 2], head="a")
    write(tmp_path / "a run, ünï", [5])
    write(tmp_path, [3])
    assert found(tmp_path) == [
        (".", "output", 3),
        ("a run, ünï", "output", 5),
        ("b/validation", "a", 0),
        ("b/validation", "a", 2),
        ("b/validation", "z", 0),
        ("b/validation", "z", 1),
    ]


def test_a_record_is_what_was_written(tmp_path: Path) -> None:
    write(tmp_path / "run", [3])
    (made,) = read_curves(tmp_path)
    assert wire.encode(made) == wire.encode(record(seed=3))
    assert (made.run, made.step, made.wall_time) == ("run", 3, 1e9 + 3)


def test_filters_choose_by_run_head_and_split(tmp_path: Path) -> None:
    write(tmp_path / "a", [0], head="x", split="train")
    write(tmp_path / "a", [0], head="y")
    write(tmp_path / "b", [0], head="x")
    assert found(tmp_path, run="a") == [("a", "x", 0), ("a", "y", 0)]
    assert found(tmp_path, head="x") == [("a", "x", 0), ("b", "x", 0)]
    assert found(tmp_path, split="train") == [("a", "x", 0)]
    assert found(tmp_path, run="nowhere") == found(tmp_path, head="nothing") == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([[0, 1, 2, 3], [2, 3]], [0, 1, 2, 3]),  # restarted at 2
        ([[0, 1, 2, 3], [1]], [0, 1]),  # restarted at 1 and stopped: what came after belongs to the past
        ([[0, 1, 2, 2, 1, 5, 3]], [0, 1, 3]),
        ([[4], [0]], [0]),
    ],
)
def test_a_step_that_comes_again_drops_what_followed(
    tmp_path: Path, written: list[list[int]], expected: list[int]
) -> None:
    for steps in written:
        write(tmp_path, steps)
    assert [made.step for made in read_curves(tmp_path)] == expected


def test_the_later_record_of_a_step_wins(tmp_path: Path) -> None:
    for seed in (1, 2):
        with EventWriter(tmp_path) as writer:
            writer.write(record(seed=seed), step=0)
    (made,) = read_curves(tmp_path)
    assert wire.encode(made) == wire.encode(record(seed=2))


def foreign(path: Path, *values: Summary.Value) -> None:
    """Writes an event file as some other program would."""
    event = Event(step=9, summary=Summary(value=values))
    path.write_bytes(events_module._frame(event.SerializeToString()))


def test_files_and_tags_of_others_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, [0])
    ours = events_module._tensor_value("curveboard/output", wire.encode(record()))
    other_plugin = events_module._tensor_value("curveboard/output", wire.encode(record()))
    other_plugin.metadata.plugin_data.plugin_name = "scalars"
    other_tag = events_module._tensor_value("curves of my own", wire.encode(record()))
    foreign(tmp_path / "events.out.tfevents.2.other", other_plugin, other_tag)
    foreign(tmp_path / "curveboard notes", ours)
    assert found(tmp_path) == [(".", "output", 0)]


def test_our_records_in_a_file_of_another_writer_are_read(tmp_path: Path) -> None:
    blob = wire.encode(replace(record(), head="x"))
    foreign(tmp_path / "events.out.tfevents.2.tensorflow", events_module._tensor_value("curveboard/x", blob))
    assert found(tmp_path) == [(".", "x", 9)]


def test_records_that_cannot_be_read_are_one_warning_that_names_them(tmp_path: Path) -> None:
    good = wire.encode(record())
    newer = good[:4] + b"\x02\x00" + good[6:]
    blobs = {"new": newer, "torn": good[:50]}
    values = [events_module._tensor_value(f"curveboard/{head}", blob) for head, blob in blobs.items()]
    foreign(tmp_path / "events.out.tfevents.2", *values)
    write(tmp_path, [0])
    with pytest.warns(RuntimeWarning) as caught:
        assert found(tmp_path) == [(".", "output", 0)]
    (message,) = (str(warning.message) for warning in caught)
    assert message.startswith("skipped 2 records that cannot be read: run '.', head 'new', step 9: expected a record")
    assert "received version 2; run '.', head 'torn', step 9: expected" in message


def test_a_link_to_a_directory_above_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "run", [0])
    (tmp_path / "run" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert found(tmp_path) == [("run", "output", 0)]


def test_a_directory_of_links_to_runs_holds_those_runs(tmp_path: Path) -> None:
    write(tmp_path / "everything" / "run17", [0])
    (tmp_path / "chosen").mkdir()
    (tmp_path / "chosen" / "best").symlink_to(tmp_path / "everything" / "run17", target_is_directory=True)
    assert found(tmp_path / "chosen") == [("best", "output", 0)]


def test_a_log_directory_without_records_is_empty(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_a_log_directory_that_is_not_there_is_an_error_before_iterating(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected an existing log directory; received '.*nowhere'"):
        read_curves(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="expected a log directory; received the file"):
        read_curves(tmp_path / "file")


def test_1500_steps_come_back(tmp_path: Path) -> None:
    made = record()
    with EventWriter(tmp_path) as writer, warnings.catch_warnings():
        warnings.simplefilter("error")
        for step in range(1500):
            writer.write(made, step=step)
    assert [one.step for one in read_curves(tmp_path)] == list(range(1500))
