"""Records through a provider: what is read, how often, in which order, and what is left out with a reason."""

from __future__ import annotations

import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.data.provider import TensorDatum

from curveboard import wire
from curveboard.measure import measure
from handmade import record
from provider import MemoryProvider
from tensorboard_curveboard.decoding import Decoder
from tensorboard_curveboard.records import EVERY, Content, Selection, row_of
from tensorboard_curveboard.series import SeriesStore, without_restarted

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.fixture
def provider() -> MemoryProvider:
    return MemoryProvider()


@pytest.fixture
def store(provider: MemoryProvider) -> SeriesStore:
    return SeriesStore(provider, fresh=0.0)


def content_of(store: SeriesStore, run: str, head: str = "output") -> Content:
    return store.find(None, "", [run], head)[run]


def steps_of(store: SeriesStore, run: str, curve: str = "class:dog", selection: Selection = EVERY) -> list[int]:
    (found,) = Decoder().curves([(content_of(store, run), selection)], curve)
    return [step for step, _ in found]


def survivors(steps: Iterable[int]) -> list[int]:
    """The rule, slowly: a step survives if every later written step is larger."""
    steps = list(steps)
    return [step for at, step in enumerate(steps) if all(later > step for later in steps[at + 1 :])]


@given(st.lists(st.integers(0, 12), max_size=30))
def test_a_new_step_drops_earlier_records_of_that_step_or_later(steps: list[int]) -> None:
    data = [TensorDatum(step=step, wall_time=float(at), numpy=None) for at, step in enumerate(steps)]
    kept = without_restarted(data)
    assert [datum.step for datum in kept] == survivors(steps)
    assert [datum.wall_time for datum in kept] == sorted(datum.wall_time for datum in kept)


@given(st.sets(st.integers(0, 30)), st.integers(0, 31), st.integers(0, 31))
def test_selections_pick_by_step(steps: set[int], low: int, high: int) -> None:
    ordered = sorted(steps)
    array = np.array(ordered, np.int64)

    def picked(selection: Selection) -> list[int]:
        return [ordered[at] for at in selection.within(array)]

    assert picked(EVERY) == ordered
    assert picked(Selection()) == ordered[-1:]
    assert picked(Selection(last=high)) == [step for step in ordered if step <= high][-1:]
    assert picked(Selection(first=low, last=high)) == [step for step in ordered if low <= step <= high]


def test_the_index_is_sorted_and_tells_the_latest_record(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("b", 0, record("binary", ("no", "yes")))
    provider.write("a", 3, record(class_names=("x", "y")))
    provider.write("a", 5, record(class_names=("x", "y", "z")))
    provider.write("a", 0, record(), head="aux")
    series, _, problems, _ = store.index(None, "")
    assert [(one.run, one.head) for one in series] == [("a", "aux"), ("a", "output"), ("b", "output")]
    assert series[1].steps.tolist() == [3, 5]
    assert series[1].wall_times.tolist() == [1000.0, 1001.0]
    assert series[1].latest is not None
    assert series[1].latest.class_names == ("x", "y", "z")
    assert problems == []


def test_a_restart_shows_its_own_steps_from_there_on(provider: MemoryProvider, store: SeriesStore) -> None:
    for step in (0, 1, 2, 3, 4, 2, 3):
        provider.write("r", step, record(seed=step))
    assert store.index(None, "").series[0].steps.tolist() == [0, 1, 2, 3]


def test_a_series_is_read_once_and_again_only_when_it_grew(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("r", 0, record())
    provider.write("other", 0, record())
    for _ in range(3):
        store.index(None, "")
        store.find(None, "", ["r"], "output")
        assert steps_of(store, "r") == [0]
    assert sorted(provider.reads) == [("other", "curveboard/output"), ("r", "curveboard/output")]

    provider.write("r", 1, record())
    assert steps_of(store, "r") == [0, 1]
    assert provider.reads.count(("r", "curveboard/output")) == 2
    assert provider.reads.count(("other", "curveboard/output")) == 1


def test_of_a_grown_series_only_the_new_records_are_decoded(
    provider: MemoryProvider, store: SeriesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = Decoder()
    for step in range(3):
        provider.write("r", step, record(seed=step))
    before = decoder.areas(content_of(store, "r"))
    counted = Mock(wraps=wire.decode_areas_of_many)
    monkeypatch.setattr(wire, "decode_areas_of_many", counted)
    provider.write("r", 3, record(seed=3))
    after = decoder.areas(content_of(store, "r"))
    assert [one.step for one in after] == [0, 1, 2, 3]
    assert all(new.areas is old.areas for new, old in zip(after, before, strict=False))
    decoded = sum(len(call.args[0]) for call in counted.call_args_list)
    assert decoded == 2, "the latest for the index, and once for the answer"


def test_a_restart_at_an_earlier_step_is_noticed(provider: MemoryProvider, store: SeriesStore) -> None:
    for step in (0, 1, 2):
        provider.write("r", step, record(seed=step))
    before = store.index(None, "").series[0]
    provider.write("r", 1, record(seed=9))  # the largest step stays 2 in the file
    after = store.index(None, "").series[0]
    assert after.steps.tolist() == [0, 1]
    assert after.revision != before.revision


def test_the_revision_depends_on_the_bytes_alone(provider: MemoryProvider) -> None:
    provider.write("r", 0, record(seed=1))
    one, again = (SeriesStore(provider).index(None, "").series[0].revision for _ in range(2))
    assert one == again
    provider.data.clear()
    provider.write("r", 0, record(seed=2))  # the same step and time
    assert SeriesStore(provider).index(None, "").series[0].revision != one


def test_simultaneous_requests_share_one_reading(provider: MemoryProvider, store: SeriesStore) -> None:
    n_requests = 8
    provider.write("r", 0, record())
    started = threading.Barrier(n_requests)

    def ask(_: int) -> list[int]:
        started.wait(timeout=30)
        return steps_of(store, "r")

    with ThreadPoolExecutor(n_requests) as pool:
        assert list(pool.map(ask, range(n_requests))) == [[0]] * n_requests
    assert len(provider.reads) == 1


def test_different_series_are_read_at_the_same_time(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("a", 0, record())
    provider.write("b", 0, record())
    provider.barrier = threading.Barrier(2)  # each reading waits until the other has begun
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda run: steps_of(store, run), ["a", "b"])) == [[0], [0]]


def test_records_beyond_the_budget_are_read_again_but_not_their_index(provider: MemoryProvider) -> None:
    runs = [f"r{at}" for at in range(4)]
    for run in runs:
        provider.write(run, 0, record())
    size = len(wire.encode(record()))
    store = SeriesStore(provider, budget=2 * size, fresh=0.0)
    store.index(None, "")
    store.index(None, "")
    assert len(provider.reads) == 4
    assert steps_of(store, "r3") == steps_of(store, "r2") == [0]
    read = len(provider.reads)
    assert steps_of(store, "r3") == steps_of(store, "r2") == [0]
    assert len(provider.reads) == read, "the two read last are kept"
    assert steps_of(store, "r0") == [0]
    assert len(provider.reads) == read + 1
    assert steps_of(store, "r2") == [0]
    assert len(provider.reads) == read + 1, "r2 was used after r3, so r3 made room"


def test_a_series_larger_than_the_budget_is_still_served(provider: MemoryProvider) -> None:
    provider.write("r", 0, record())
    store = SeriesStore(provider, budget=1, fresh=0.0)
    assert steps_of(store, "r") == [0]
    assert steps_of(store, "r") == [0]


def test_deleted_runs_are_forgotten(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("gone", 0, record())
    store.index(None, "")
    del provider.data["gone"]
    assert store.index(None, "")[:3] == ([], [], [])
    assert store.find(None, "", ["gone"], "output") == {}
    assert not store._slots
    assert store._blobs.size == 0


def test_what_is_not_a_record_is_left_out_and_told(provider: MemoryProvider, store: SeriesStore) -> None:
    blob = wire.encode(record())
    provider.write("r", 0, record())
    provider.write(
        "r", 1, np.array(0.5, np.float32)
    )  # a foreign scalar under our tag, as the Python backend hands it over
    provider.write("r", 2, blob[:4] + struct.pack("<H", 2) + blob[6:])
    provider.write("r", 3, blob[:4] + struct.pack("<H", 2) + blob[6:])
    provider.write("r", 4, blob[:-1])
    (series,), _, (problem,), _ = store.index(None, "")
    assert series.steps.tolist() == [0]
    assert (problem.run, problem.head) == ("r", "output")
    assert problem.reason.startswith("4 of 5 records skipped: ")
    assert "version 2 (2 times)" in problem.reason
    assert "received float32 of shape ()" in problem.reason
    assert "\n" not in problem.reason


def test_a_series_without_any_record_is_a_problem_only(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("r", 0, b"something else")
    series, _, (problem,), _ = store.index(None, "")
    assert series == []
    assert problem.reason.startswith("1 of 1 records skipped: ")


def test_damage_inside_a_curve_leaves_out_that_record_alone(provider: MemoryProvider, store: SeriesStore) -> None:
    for step in range(3):
        provider.write("r", step, record(seed=step))
    damaged = provider.data["r"]["curveboard/output"][1]
    blob = damaged.numpy.copy()
    start = _section(blob.tobytes(), b"CURV")
    blob[start + 4 : start + 12] ^= 0xFF
    provider.data["r"]["curveboard/output"][1] = TensorDatum(step=1, wall_time=damaged.wall_time, numpy=blob)
    assert steps_of(store, "r") == [0, 2]
    (problem,) = store.index(None, "").problems
    assert problem.reason.startswith("1 of 3 records skipped: ")
    assert "CURV" in problem.reason
    provider.write("r", 3, record(seed=3))
    assert store.index(None, "").problems[0].reason.startswith("1 of 4 "), "what is known of the others stays known"


def _section(blob: bytes, name: bytes) -> int:
    """Where a section of a record begins."""
    n_sections: int = struct.unpack_from("<H", blob, 6)[0]
    offset = 8 + 12 * n_sections
    for at in range(n_sections):
        found: bytes
        stored: int
        found, stored, _ = struct.unpack_from("<4sII", blob, 8 + 12 * at)
        if found == name:
            return offset
        offset += stored
    raise AssertionError(name)


def test_a_series_that_the_provider_fails_on_does_not_hide_the_others(
    provider: MemoryProvider, store: SeriesStore
) -> None:
    provider.write("bad", 0, record())
    provider.write("good", 0, record())
    provider.broken.add("bad")
    series, _, problems, _ = store.index(None, "")
    assert [one.run for one in series] == ["good"]
    assert problems == [("bad", "output", "TensorBoard could not read the series: the disk is on fire")]
    provider.broken.clear()
    assert [one.run for one in store.index(None, "").series] == ["bad", "good"], "it is tried again"


def test_a_matrix_tells_where_it_comes_from(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("some/run", 0, record(seed=3))
    provider.write("some/run", 7, record(seed=4))
    content = content_of(store, "some/run")
    found = Decoder().confusion(content, Selection())
    assert found is not None
    assert (found.run, found.step) == ("some/run", 7)
    np.testing.assert_array_equal(found.confusion.counts, record(seed=4).confusion)
    assert Decoder().confusion(content, Selection(first=1, last=3)) is None


def test_a_curve_is_found_by_class_though_classes_changed(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("r", 0, record(class_names=("dog", "cat")))
    provider.write("r", 1, record(class_names=("cat", "eel")))
    provider.write("r", 2, record(class_names=("cat", "dog")))
    provider.write("r", 3, record(class_names=("cat", "fox")))
    content, decoder = content_of(store, "r"), Decoder()
    for _ in range(2):  # decoded, then from memory
        (found,) = decoder.curves([(content, EVERY)], "class:dog")
        assert [(step, curve.name) for step, curve in found] == [(0, "dog"), (2, "dog")]
    assert decoder.has(content, "class:dog"), "though the latest record has it no longer"
    assert not decoder.has(content, "class:bee")


def test_a_class_may_be_called_micro(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("r", 0, record(class_names=("micro", "macro")))
    (areas,) = Decoder().areas(content_of(store, "r"))
    assert [row_of(areas.areas, curve) for curve in ("class:micro", "class:macro", "micro", "macro")] == [0, 1, 2, 3]


def test_calibrations_come_as_they_were_measured(provider: MemoryProvider, store: SeriesStore) -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = rng.integers(0, 3, 200), rng.dirichlet(np.ones(3), 200)
    measured = measure(y_true, y_score, class_names=("cat", "dog", "eel"))
    provider.write("r", 0, record())  # a record of before there were calibrations
    provider.write("r", 4, measured)
    chosen = [(content_of(store, "r"), EVERY)]
    decoder = Decoder()
    assert measured.confidence is not None
    expected = {
        "class:dog": measured.calibration("dog"),
        "micro": measured.calibration("micro"),
        "confidence": measured.confidence.calibration,
    }
    for curve, calibration in expected.items():
        assert calibration is not None
        ((found,),) = decoder.calibrations(chosen, curve)
        assert found.step == 4
        np.testing.assert_array_equal(found.calibration.examples, calibration.examples)
        np.testing.assert_array_equal(found.calibration.positives, calibration.positives)
        assert found.calibration.ece == pytest.approx(calibration.ece, abs=1e-4)
    assert decoder.calibrations(chosen, "macro") == [[]]


def test_curves_of_many_runs_are_decoded_together(
    provider: MemoryProvider, store: SeriesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed, run in enumerate("abc"):
        provider.write(run, 0, record(seed=seed))
    counted = Mock(wraps=wire.decode_curves)
    monkeypatch.setattr(wire, "decode_curves", counted)
    contents = [content_of(store, run) for run in "abca"]
    found = Decoder().curves([(content, EVERY) for content in contents], "class:dog")
    expected = [record(seed=seed)["dog"].roc_auc for seed in (0, 1, 2, 0)]
    assert [curve.roc_auc for each in found for _, curve in each] == expected
    assert counted.call_count == 1


def test_decoded_values_stay_within_their_budget(provider: MemoryProvider, store: SeriesStore) -> None:
    for step in range(20):
        provider.write("r", step, record(seed=step))
    decoder = Decoder(budget=5000)
    (found,) = decoder.curves([(content_of(store, "r"), EVERY)], "micro")
    assert [step for step, _ in found] == list(range(20))
    assert 0 < decoder.size <= 5000


def test_a_record_that_is_gone_from_tensorboard_is_left_out(provider: MemoryProvider) -> None:
    provider.write("r", 0, record(seed=0))
    provider.write("r", 1, record(seed=1))
    store = SeriesStore(provider, budget=0, fresh=0.0)
    content = content_of(store, "r")
    provider.data["r"]["curveboard/output"].pop()
    (found,) = Decoder().curves([(content, EVERY)], "micro")
    assert [step for step, _ in found] == [0]


def test_a_listing_serves_the_requests_that_follow_it(provider: MemoryProvider) -> None:
    provider.write("r", 0, record())
    store = SeriesStore(provider, fresh=3600.0)
    assert steps_of(store, "r") == [0]
    provider.write("r", 1, record())
    assert steps_of(store, "r") == [0]
    assert store.index(None, "").series[0].steps.tolist() == [0, 1], "the index always asks"
    assert steps_of(store, "r") == [0, 1]


def test_a_cursor_tells_what_changed_since(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("a", 0, record())
    provider.write("b", 0, record())
    first = store.index(None, "")
    assert first.changed == [True, True]
    assert store.index(None, "", first.cursor).changed == [False, False]
    provider.write("b", 1, record())
    provider.write("c", 0, record())
    del provider.data["a"]
    second = store.index(None, "", first.cursor)
    assert [(one.run, new) for one, new in zip(second.series, second.changed, strict=True)] == [
        ("b", True),
        ("c", True),
    ]
    provider.write("a", 0, record())
    third = store.index(None, "", second.cursor)
    assert third.changed == [True, False, False], "a run that came back is new"
    assert store.index(None, "", first.cursor).changed == [True, True, True]
    for stranger in ("", "x", "12345678-3", f"{first.cursor}x", first.cursor.partition("-")[0]):
        assert store.index(None, "", stranger).changed == [True, True, True]


def test_tags_without_our_prefix_are_not_ours(provider: MemoryProvider, store: SeriesStore) -> None:
    provider.write("r", 0, record())
    provider.data["r"]["foreign"] = provider.data["r"].pop("curveboard/output")
    assert store.index(None, "")[:3] == ([], [], [])
