"""The routes through TensorBoard's own WSGI application, over a provider in memory."""

from __future__ import annotations

import gzip
import json
import math
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import numpy as np
import pytest
from tensorboard.backend import application
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from blocks import Block, read_block
from curveboard import __version__
from curveboard.measure import measure
from handmade import record
from provider import MemoryProvider
from tensorboard_curveboard import assets, payload
from tensorboard_curveboard.plugin import CurveboardPlugin

if TYPE_CHECKING:
    from pathlib import Path

ROUTE = "/data/plugin/curveboard/"
STEPS = {"a": (0, 1, 5), "b": (2, 3)}


@pytest.fixture
def provider() -> MemoryProvider:
    found = MemoryProvider()
    for run, steps in STEPS.items():
        for step in steps:
            found.write(run, step, record(seed=step))
    found.write("binary", 0, record("binary", ("no", "yes")))
    found.write("a", 0, record("multilabel", ("x", "y")), head="aux")
    return found


@pytest.fixture
def client(provider: MemoryProvider) -> Client:
    plugin = CurveboardPlugin(base_plugin.TBContext(data_provider=provider))
    return Client(application.TensorBoardWSGI([plugin]))


def block(client: Client, route: str, **query: Any) -> Block:
    response = client.get(ROUTE + route, query_string=query, headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 200, response.text
    assert response.content_type == "application/octet-stream"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return read_block(gzip.decompress(response.data))


def test_index_lists_every_series(client: Client) -> None:
    response = client.get(ROUTE + "index")
    assert response.content_type == "application/json"
    told = json.loads(response.data)
    assert told["version"] == __version__
    assert [(one["run"], one["head"], one["steps"]) for one in told["series"]] == [
        ("a", "aux", [0]),
        ("a", "output", [0, 1, 5]),
        ("b", "output", [2, 3]),
        ("binary", "output", [0]),
    ]


def test_areas_keep_the_order_of_the_runs_and_name_the_missing(client: Client) -> None:
    header, columns = block(client, "areas", head="output", curve="class:dog", run=["b", "gone", "a", "binary"])
    assert header["runs"] == [{"run": "b", "records": 2}, {"run": "a", "records": 3}]
    assert header["missing"] == ["gone", "binary"]
    assert columns["step"] == [2, 3, 0, 1, 5]
    assert columns["roc_auc"] == [record(seed=seed)["dog"].roc_auc for seed in (2, 3, 0, 1, 5)]


@pytest.mark.parametrize(
    ("steps", "a", "b"),
    [
        ("all", [0, 1, 5], [2, 3]),
        ("last", [5], [3]),
        ("2", [1], [2]),
        ("0", [0], []),
        ("9999999", [5], [3]),
        ("1-2", [1], [2]),
        ("4-9", [5], []),
        (["0-1", "3"], [0, 1], [3]),
    ],
)
def test_steps_select_records_of_every_run(client: Client, steps: str | list[str], a: list[int], b: list[int]) -> None:
    header, columns = block(client, "curves", head="output", curve="micro", run=["a", "b"], steps=steps)
    assert header["runs"] == [{"run": run, "records": len(chosen)} for run, chosen in (("a", a), ("b", b)) if chosen]
    assert header["missing"] == [run for run, chosen in (("a", a), ("b", b)) if not chosen]
    assert columns["step"] == a + b
    assert columns["tp"] == [count for seed in a + b for count in record(seed=seed)["micro"].tp.tolist()]  # type: ignore[union-attr]


def test_one_run_may_be_asked_for_twice(client: Client) -> None:
    header, columns = block(client, "curves", head="output", curve="macro", run=["a", "a"], steps=["0", "5"])
    assert header["runs"] == [{"run": "a", "records": 1}] * 2
    assert columns["step"] == [0, 5]


@pytest.mark.parametrize(("step", "a", "b"), [("last", 5, 3), ("4", 1, 3), ("1", 1, None)])
def test_confusion_is_that_of_the_latest_record_before(client: Client, step: str, a: int, b: int | None) -> None:
    header, columns = block(client, "confusion", head="output", step=step, run=["b", "a"])
    told = {one["run"]: one["step"] for one in header["runs"]}
    assert told == {run: at for run, at in (("b", b), ("a", a)) if at is not None}
    assert header["missing"] == ([] if b is not None else ["b"])
    cells = header["runs"][-1]["cells"]
    flat = record(seed=a).confusion.ravel()
    assert columns["index"][-cells:] == np.flatnonzero(flat).tolist()
    assert columns["count"][-cells:] == flat[flat > 0].tolist()


def test_a_table_is_of_one_run_and_one_metric(client: Client) -> None:
    header, columns = block(client, "table", head="output", run="a", metric="average_precision")
    assert columns["step"] == [0, 1, 5]
    at = header["curves"].index("class:dog")
    expected = np.array([record(seed=seed)["dog"].average_precision for seed in (0, 1, 5)], np.float32)
    np.testing.assert_array_equal(columns["value"][3 * at : 3 * at + 3], expected)


def test_calibration_is_that_of_the_selected_records(provider: MemoryProvider, client: Client) -> None:
    rng = np.random.default_rng(1)
    measured = measure(rng.integers(0, 2, 50), rng.random(50), class_names=("no", "yes"))
    provider.write("c", 2, measured)
    query = {"head": "output", "curve": "class:yes", "steps": "all"}
    header, columns = block(client, "calibration", run=["c", "binary"], **query)
    assert header["runs"] == [{"run": "c", "records": 1}]
    assert (header["missing"], header["bins"]) == (["binary"], 20)
    assert columns["step"] == [2]
    assert columns["examples"] == measured.calibration("yes").examples.tolist()
    assert columns["positives"] == measured.calibration("yes").positives.tolist()
    assert columns["brier"] == [pytest.approx(measured.brier)]
    assert columns["ece"] == [pytest.approx(measured.ece, abs=1e-4)]


def test_revisions_make_an_answer_last(client: Client) -> None:
    told = {(one["run"], one["head"]): one for one in json.loads(client.get(ROUTE + "index").data)["series"]}
    revisions = [told[run, "output"]["revision"] for run in ("a", "b")]
    query = GOOD["curves"] | {"revision": revisions}
    response = client.get(ROUTE + "curves", query_string=query)
    assert response.headers["Cache-Control"] == "private, max-age=31536000"
    for other in (revisions[::-1], ["", ""]):
        response = client.get(ROUTE + "curves", query_string=query | {"revision": other})
        assert response.status_code == 200
        assert "no-cache" in response.headers["Cache-Control"]
    wrong = client.get(ROUTE + "curves", query_string=query | {"revision": revisions[:1]})
    assert (wrong.status_code, "'revision'" in wrong.text) == (400, True)


def test_the_same_question_is_answered_from_memory(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get(ROUTE + "curves", query_string=GOOD["curves"])
    made = Mock(wraps=payload.curves)
    monkeypatch.setattr(payload, "curves", made)
    again = client.get(ROUTE + "curves", query_string=GOOD["curves"])
    assert again.data == first.data
    assert client.get(ROUTE + "curves", query_string=GOOD["curves"] | {"steps": "last"}).data != first.data
    assert made.call_count == 1
    asked = {"If-None-Match": first.headers["ETag"]}
    assert client.get(ROUTE + "curves", query_string=GOOD["curves"], headers=asked).status_code == 304
    assert made.call_count == 1


def test_post_answers_as_get_does(client: Client) -> None:
    query = {"head": "output", "curve": "micro", "steps": "all", "run": ["a", "b"]}
    posted = client.post(ROUTE + "curves", data=query, headers={"Accept-Encoding": "gzip"})
    assert read_block(gzip.decompress(posted.data)) == block(client, "curves", **query)


def test_post_takes_run_lists_of_megabytes(client: Client) -> None:
    runs = ["a", *(f"{at:0100}" for at in range(20_000))]
    posted = client.post(ROUTE + "areas", data={"head": "output", "curve": "micro", "run": runs})
    assert posted.status_code == 200
    header = read_block(posted.data)[0]
    assert header["runs"] == [{"run": "a", "records": 3}]
    assert len(header["missing"]) == 20_000


def test_a_client_without_gzip_gets_plain_bytes(client: Client) -> None:
    response = client.get(ROUTE + "areas", query_string={"head": "output", "curve": "micro", "run": "a"})
    assert "Content-Encoding" not in response.headers
    assert read_block(response.data).columns["step"] == [0, 1, 5]


GOOD: dict[str, dict[str, Any]] = {
    "areas": {"head": "output", "curve": "micro", "run": "a"},
    "curves": {"head": "output", "curve": "micro", "run": ["a", "b"], "steps": "all"},
    "confusion": {"head": "output", "run": "a", "step": "last"},
    "table": {"head": "output", "run": "a", "metric": "roc_auc"},
    "calibration": {"head": "output", "curve": "micro", "run": "a", "steps": "all"},
}


@pytest.mark.parametrize(("route", "missing"), [(route, name) for route, query in GOOD.items() for name in query])
def test_a_missing_parameter_is_a_400_that_names_it(client: Client, route: str, missing: str) -> None:
    query = {name: value for name, value in GOOD[route].items() if name != missing}
    response = client.get(ROUTE + route, query_string=query)
    assert response.status_code == 400
    assert repr(missing) in response.text
    assert "; received" in response.text
    assert "\n" not in response.text


@pytest.mark.parametrize(
    ("route", "wrong"),
    [
        ("curves", {"steps": "first"}),
        ("curves", {"steps": "-1"}),
        ("curves", {"steps": "5-1"}),
        ("curves", {"steps": "1.5"}),
        ("curves", {"steps": "²"}),
        ("curves", {"steps": "9" * 400}),
        ("curves", {"steps": ["all", "all", "all"]}),
        ("confusion", {"step": "all"}),
        ("confusion", {"step": "1-2"}),
        ("areas", {"head": ["output", "aux"]}),
        ("table", {"metric": "accuracy"}),
        ("table", {"run": ["a", "b"]}),
    ],
)
def test_a_wrong_parameter_is_a_400(client: Client, route: str, wrong: dict[str, Any]) -> None:
    response = client.get(ROUTE + route, query_string=GOOD[route] | wrong)
    assert response.status_code == 400
    assert "expected" in response.text
    assert "; received" in response.text


@pytest.mark.parametrize(
    ("route", "unknown"),
    [(route, one) for route in GOOD for one in ({"head": "nose"}, {"run": "gone"})]
    + [(route, {"curve": "class:fox"}) for route in ("areas", "curves")],
)
def test_what_no_run_has_is_a_404(client: Client, route: str, unknown: dict[str, str]) -> None:
    response = client.get(ROUTE + route, query_string=GOOD[route] | unknown)
    assert response.status_code == 404
    assert "; received" in response.text


def test_a_step_before_all_records_is_no_error(client: Client) -> None:
    header, columns = block(client, "curves", head="output", curve="micro", run="b", steps="0")
    assert header["missing"] == ["b"]
    assert columns["step"] == columns["tp"] == []


@pytest.mark.parametrize("route", ["index", *GOOD])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_other_methods_are_refused(client: Client, route: str, method: str) -> None:
    response = client.open(ROUTE + route, method=method)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_undefined_areas_never_reach_json(provider: MemoryProvider, client: Client) -> None:
    header, columns = block(client, "areas", head="output", curve="macro", run="a")
    assert all(math.isnan(error) for error in columns["roc_auc_se"])
    assert "NaN" not in json.dumps(header)


def test_the_dashboard_is_served_as_a_module(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    absent = client.get(ROUTE + "index.js")
    assert absent.status_code == 404
    assert "; received" in absent.text
    (tmp_path / "index.js").write_text("export function render() {}", "utf-8")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    served = client.get(ROUTE + "index.js")
    assert served.text == "export function render() {}"
    assert served.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in served.headers["Cache-Control"]
    for name in ("secret.txt", "../plugin.py", "%2e%2e/plugin.py", "static/index.js"):
        assert client.get(ROUTE + name).status_code == 404


def test_the_listing_names_the_tab_and_its_module(client: Client) -> None:
    listing = json.loads(client.get("/data/plugins_listing").data)["curveboard"]
    assert listing["tab_name"] == "Curves"
    assert listing["loading_mechanism"] == {"type": "IFRAME", "module_path": "/data/plugin/curveboard/index.js"}
