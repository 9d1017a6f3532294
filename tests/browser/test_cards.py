"""The charts of curves: their kinds, their axes, what they share under the pointer, the area of a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect
from sklearn import metrics

from dashboard import CLASS_NAMES, EPOCHS
from serving import BACKENDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard import Dashboard, Logged
    from serving import Served

KINDS = ["ROC", "Precision–Recall", "DET", "Rates by threshold", "Cumulative gain", "Lift"]

# Both of TensorBoard's backends answer the same routes (test_numbers.py); these are about what the browser makes of it.
pytestmark = pytest.mark.parametrize("backend", BACKENDS[:1], indirect=True, scope="session")


def cat(logged: Logged, run: str) -> tuple[np.ndarray, np.ndarray]:
    """Truth and score of the class "cat" at a run's last epoch."""
    column = CLASS_NAMES.index("cat")
    return logged.y_true == column, logged.y_score[run, EPOCHS[run] - 1][:, column]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_card_shows_any_kind_of_chart(open_dashboard: Callable[..., Dashboard], served: Served, dark: bool) -> None:
    dashboard = open_dashboard(served, dark=dark)
    dashboard.choose_data("4 classes")
    dashboard.choose_class("cat")
    dashboard.frame.wait_for_selector("tbody tr td:not(.missing)")
    pictures = set()
    for kind in KINDS[2:]:
        dashboard.choose_chart(1, kind)
        dashboard.frame.wait_for_timeout(300)
        pictures.add(dashboard.chart(kind).screenshot())
        dashboard.picture(f"{kind.replace(' ', '_').lower()}_{'dark' if dark else 'light'}")
    assert len(pictures) == len(KINDS[2:])


def test_the_pointer_reads_the_same_point_on_every_kind_of_chart(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    for kind in KINDS:
        dashboard.choose_chart(0, kind)
        dashboard.frame.wait_for_timeout(400)
        read = dashboard.hover_a_curve(kind)
        truth, score = cat(logged, read["run"])
        tp, fn = (int(value) for value in read["TP · FN"].split(" · "))
        fp, tn = (int(value) for value in read["FP · TN"].split(" · "))
        predicted = score >= np.sort(score)[::-1][tp + fp - 1]
        assert metrics.confusion_matrix(truth, predicted).tolist() == [[tn, fp], [fn, tp]], kind
        assert float(read["precision"]) == pytest.approx(metrics.precision_score(truth, predicted), abs=5.0001e-5)
        assert float(read["F1"]) == pytest.approx(metrics.f1_score(truth, predicted), abs=5.0001e-5)


def test_the_point_under_the_pointer_is_marked_on_the_other_card(dashboard: Dashboard) -> None:
    dashboard.choose_class("cat")
    dashboard.choose_chart(1, "Lift")
    dashboard.frame.wait_for_timeout(500)
    before = dashboard.chart("Lift").screenshot()
    dashboard.hover_a_curve("ROC")
    dashboard.frame.wait_for_timeout(200)
    assert dashboard.chart("Lift").screenshot() != before


def test_a_kind_that_the_other_card_shows_changes_places(dashboard: Dashboard) -> None:
    dashboard.choose_chart(0, "Precision–Recall")
    kinds = dashboard.frame.get_by_label("Kind of chart")
    expect(kinds.nth(0)).to_have_value("pr")
    expect(kinds.nth(1)).to_have_value("roc")


def test_the_mean_over_classes_says_why_it_has_no_lift(dashboard: Dashboard) -> None:
    dashboard.choose_class("macro-average")
    dashboard.choose_chart(1, "Lift")
    expect(dashboard.frame.get_by_text("A mean over classes has no thresholds and no counts")).to_be_visible()


def test_the_area_of_the_range_in_view(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    dashboard.frame.get_by_role("radiogroup", name="Range of the false positive rate").get_by_text(
        ".1", exact=True
    ).click()
    dashboard.frame.wait_for_timeout(400)
    for run in EPOCHS:
        truth, score = cat(logged, run)
        expected = metrics.roc_auc_score(truth, score, max_fpr=0.1)
        # Curves are stored within 1/256; standardising multiplies by 0.5 / (0.1 - 0.005).
        assert dashboard.exact(run)["pAUC"] == pytest.approx(expected, abs=0.1 / 256 * 0.5 / 0.095)
    legend = dashboard.frame.locator(".plot-legend.roc")
    expect(legend).to_contain_text("Area for FPR 0 – 0.1; standardised")


def test_curves_are_labelled_with_their_area_and_its_interval(dashboard: Dashboard) -> None:
    dashboard.choose_class("cat")
    dashboard.frame.wait_for_timeout(400)
    row = dashboard.exact("nets/alpha")
    label = dashboard.frame.locator(".plot-legend.roc p", has_text="nets/alpha").locator(".value").inner_text()
    area, margin = (float(part) for part in label.split(" ± "))
    assert area == pytest.approx(row["AUC"], abs=5.0001e-5)
    assert margin == pytest.approx(1.96 * row["± SE"], abs=5.0001e-5)


def test_a_link_restores_both_cards(open_dashboard: Callable[..., Dashboard], served: Served) -> None:
    dashboard = open_dashboard(served, link="&p.curveboard.view=a%3Ddet%26b%3Dthreshold%26lines%3Dprecision")
    dashboard.frame.wait_for_selector("tbody tr")
    kinds = dashboard.frame.get_by_label("Kind of chart")
    expect(kinds.nth(0)).to_have_value("det")
    expect(kinds.nth(1)).to_have_value("threshold")
    lines = dashboard.frame.get_by_role("radiogroup", name="Precision, recall and F1")
    expect(lines.locator("label.chosen")).to_have_text("P")
