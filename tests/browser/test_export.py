"""What is taken out of the dashboard: pictures, numbers, and code that gives the same numbers."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn import metrics

from dashboard import CLASS_NAMES, EPOCHS
from serving import BACKENDS

if TYPE_CHECKING:
    from dashboard import Dashboard, Logged

# Both of TensorBoard's backends answer the same routes (test_numbers.py); these are about what the browser makes of it.
pytestmark = pytest.mark.parametrize("backend", BACKENDS[:1], indirect=True, scope="session")


def test_a_chart_as_a_picture(dashboard: Dashboard) -> None:
    png = dashboard.download("ROC", "PNG")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert width == 1280
    assert height > 880  # caption and legend stand below the plot
    svg = ET.fromstring(dashboard.download("AUC per epoch", "SVG"))
    texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"nets/alpha", "nets/beta", "trees/gamma", "Epoch"} <= texts


def test_the_curves_as_numbers(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    dashboard.frame.wait_for_timeout(500)
    rows = list(csv.DictReader(io.StringIO(dashboard.download("ROC", "CSV").decode())))
    assert {row["run"] for row in rows} == {f"{run}/validation" for run in EPOCHS}
    column = CLASS_NAMES.index("cat")
    for row in rows[:: len(rows) // 40]:
        score = logged.y_score[row["run"].removesuffix("/validation"), int(row["step"])][:, column]
        predicted = score >= float(row["threshold"])
        matrix = [[int(row["tn"]), int(row["fp"])], [int(row["fn"]), int(row["tp"])]]
        assert metrics.confusion_matrix(logged.y_true == column, predicted).tolist() == matrix


def test_the_table_as_numbers(dashboard: Dashboard, logged: Logged) -> None:
    records = {record["run"]: record for record in json.loads(dashboard.download("Operating point", "JSON"))}
    for run, epochs in EPOCHS.items():
        truth = np.eye(4)[logged.y_true]
        expected = metrics.roc_auc_score(truth, logged.y_score[run, epochs - 1], average="micro")
        assert records[f"{run}/validation"]["roc_auc"] == pytest.approx(expected, abs=1e-12)
        assert records[f"{run}/validation"]["partial_auc"] is None  # all false positive rates are in view


@pytest.mark.parametrize("shown", ["cat", "micro-average", "macro-average"])
def test_the_code_gives_the_numbers_on_screen(dashboard: Dashboard, logged: Logged, shown: str) -> None:
    dashboard.choose_class(shown)
    dashboard.choose_rule("FPR ≤", 0.1)
    dashboard.open_export("ROC").get_by_role("button", name="scikit-learn code").click()
    code = dashboard.frame.get_by_label("scikit-learn code").input_value()
    focus = dashboard.frame.locator(".roles b").first.inner_text()
    given = {"y_true": logged.y_true, "y_score": logged.y_score[focus, EPOCHS[focus] - 1]}
    heard = io.StringIO()
    with contextlib.redirect_stdout(heard):
        exec(code, given)  # it is what the user would run
    said = [float(text) for text in heard.getvalue().replace("[", " ").replace("]", " ").split()]
    comments = [line.split("  # ")[1] for line in code.splitlines() if line.startswith("print")]
    promised = [
        float(text) for line in comments for text in line.replace("[", " ").replace("]", " ").replace(",", " ").split()
    ]
    assert said == pytest.approx(promised, abs=1e-6)
    assert len(said) == (2 if shown == "macro-average" else 6)


def test_the_code_is_copied(dashboard: Dashboard) -> None:
    dashboard.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dashboard.open_export("ROC").get_by_role("button", name="scikit-learn code").click()
    dashboard.frame.get_by_role("button", name="Copy").click()
    expect(dashboard.frame.get_by_text("Copied.")).to_be_visible()
    assert "from sklearn import metrics" in dashboard.frame.evaluate("navigator.clipboard.readText()")


def test_the_menu_opens_and_closes_by_keyboard(dashboard: Dashboard) -> None:
    dashboard.press("e")
    menu = dashboard.frame.get_by_role("group", name="Export: ROC")
    expect(menu.get_by_role("button").first).to_be_focused()
    menu.get_by_role("button").first.press("Escape")
    expect(menu).not_to_be_visible()
