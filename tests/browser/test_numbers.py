"""What the screen says is what scikit-learn says of the same scores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn import metrics

from dashboard import CLASS_NAMES, EPOCHS

if TYPE_CHECKING:
    from dashboard import Dashboard, Logged


def areas(logged: Logged, run: str, epoch: int, name: str) -> tuple[float, float]:
    """ROC-AUC and average precision by scikit-learn; `name` is micro, macro or a class."""
    truth, score = np.eye(4)[logged.y_true], logged.y_score[run, epoch]
    if name in CLASS_NAMES:
        column = CLASS_NAMES.index(name)
        truth, score = truth[:, column], score[:, column]
    average = name if name not in CLASS_NAMES else "macro"
    return (
        metrics.roc_auc_score(truth, score, average=average),
        metrics.average_precision_score(truth, score, average=average),
    )


@pytest.mark.parametrize(("shown", "name"), [("micro-average", "micro"), ("macro-average", "macro"), ("cat", "cat")])
def test_areas_of_the_last_epoch(dashboard: Dashboard, logged: Logged, shown: str, name: str) -> None:
    dashboard.choose_class(shown)
    dashboard.frame.wait_for_function("() => !document.querySelector('.run-list .value').textContent.includes('–')")
    for run, epochs in EPOCHS.items():
        roc_auc, average_precision = areas(logged, run, epochs - 1, name)
        value, _, late = dashboard.run_value(run).partition(" @")
        assert late == ("" if epochs == 10 else str(epochs - 1))
        row = dashboard.row(run)
        assert float(value) == float(row["AUC"]) == pytest.approx(roc_auc, abs=5.0001e-5)  # four digits are shown
        assert float(row["AP"]) == pytest.approx(average_precision, abs=5.0001e-5)


def test_areas_follow_the_epoch(dashboard: Dashboard, logged: Logged) -> None:
    for epoch in (9, 8, 7):
        expect(dashboard.frame.locator("input.epoch")).to_have_value(str(epoch))
        expected = areas(logged, "nets/alpha", epoch, "micro")[0]
        dashboard.frame.wait_for_function(
            "area => Math.abs(document.querySelector('.run-list li .value').title - area) < 1e-12", arg=expected
        )
        assert float(dashboard.run_value("nets/alpha")) == pytest.approx(expected, abs=5.0001e-5)
        dashboard.press("ArrowLeft")


def test_the_operating_point_is_one_of_the_data(dashboard: Dashboard, logged: Logged) -> None:
    """The table's threshold, applied to the scores themselves, gives the table's rates."""
    dashboard.choose_class("cat")
    dashboard.choose_rule("FPR ≤", 0.1)
    positive = logged.y_true == CLASS_NAMES.index("cat")
    score = logged.y_score["nets/alpha", 9][:, CLASS_NAMES.index("cat")]
    row = dashboard.row("nets/alpha")
    predicted = score >= float(row["Threshold"]) - 5e-5  # four digits are shown
    assert float(row["TPR"]) == pytest.approx(np.mean(predicted[positive]), abs=0.02)
    assert float(row["FPR"]) <= 0.1
    fpr, tpr, _ = metrics.roc_curve(positive, score, drop_intermediate=False)
    assert float(row["TPR"]) == pytest.approx(tpr[fpr <= 0.1].max(), abs=1 / 256 + 5e-5)  # stored within the tolerance


def test_the_confusion_matrix(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.press("3")
    table = dashboard.frame.locator("table.visually-hidden").first
    table.locator("td").first.wait_for(state="attached")
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    received = [[int(cell.replace(",", "")) for cell in row] for row in rows]
    focus = dashboard.frame.locator(".roles b").first.inner_text()
    y_pred = logged.y_score[focus, EPOCHS[focus] - 1].argmax(axis=1)
    assert received == metrics.confusion_matrix(logged.y_true, y_pred).tolist()
    accuracy = metrics.accuracy_score(logged.y_true, y_pred)
    assert f"Accuracy {accuracy:.4f}" in dashboard.frame.locator(".read-out").inner_text()


def test_hover_reads_a_point_of_the_data(dashboard: Dashboard, logged: Logged) -> None:
    """Threshold and counts in the tooltip are exact: counting the scores again gives the same."""
    dashboard.choose_class("cat")
    dashboard.frame.wait_for_timeout(500)
    box = dashboard.frame.get_by_label(re.compile("^ROC")).get_by_role("img").bounding_box()
    assert box is not None
    for share in (0.12, 0.15, 0.2, 0.3, 0.4, 0.5):
        dashboard.page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * (0.9 - share))
        dashboard.frame.wait_for_timeout(150)
        if dashboard.frame.locator(".tooltip").count():
            break
    lines = dict(
        zip(
            dashboard.frame.locator(".tooltip dt").all_inner_texts(),
            dashboard.frame.locator(".tooltip dd").all_inner_texts(),
            strict=True,
        )
    )
    run = dashboard.frame.locator(".tooltip b").inner_text()
    tp, fn = (int(value) for value in lines["TP · FN"].split(" · "))
    fp, tn = (int(value) for value in lines["FP · TN"].split(" · "))
    positive = logged.y_true == CLASS_NAMES.index("cat")
    assert tp + fn == positive.sum()
    assert fp + tn == (~positive).sum()
    score = logged.y_score[run, EPOCHS[run] - 1][:, CLASS_NAMES.index("cat")]
    order = np.sort(score)[::-1]
    lowest_in, highest_out = order[tp + fp - 1], order[tp + fp]  # the threshold lies between them: four digits shown
    assert np.sum(positive & (score >= lowest_in)) == tp
    assert highest_out - 5e-5 < float(lines["threshold"]) <= lowest_in + 5e-5
    assert float(lines["TPR (recall)"]) == pytest.approx(tp / (tp + fn), abs=5e-5)
    assert float(lines["precision"]) == pytest.approx(tp / (tp + fp), abs=5e-5)


def test_an_undefined_area_says_why(dashboard: Dashboard) -> None:
    dashboard.choose_data("spam")
    dashboard.frame.locator(".run-list li", has_text="spam").wait_for()
    dashboard.press("Home")
    value = dashboard.frame.locator(".run-list li", has_text="spam").locator(".value")
    dashboard.frame.wait_for_function("() => document.querySelector('.run-list .value').textContent === 'n/a'")
    assert "no positive" in str(value.get_attribute("title"))
