"""The ranking of classes, judged by scikit-learn class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sklearn import metrics

from dashboard import CLASS_NAMES, EPOCHS
from serving import BACKENDS

if TYPE_CHECKING:
    from dashboard import Dashboard, Logged

# Both of TensorBoard's backends answer the same routes (test_numbers.py); these are about what the browser makes of it.
pytestmark = pytest.mark.parametrize("backend", BACKENDS[:1], indirect=True, scope="session")


def area(logged: Logged, run: str, name: str, epoch: int | None = None) -> float:
    column = CLASS_NAMES.index(name)
    score = logged.y_score[run, EPOCHS[run] - 1 if epoch is None else epoch][:, column]
    return float(metrics.roc_auc_score(logged.y_true == column, score))


def names(dashboard: Dashboard) -> list[str]:
    return list(dashboard.frame.locator(".classes tbody th").all_inner_texts())


def open_ranking(dashboard: Dashboard, focus: str) -> None:
    dashboard.frame.locator(".run-name", has_text=focus).click()
    dashboard.press("2")
    dashboard.frame.wait_for_function(
        "() => document.querySelectorAll('.classes tbody td:nth-of-type(2):not(.missing)').length === 4"
    )


def test_classes_are_ranked_from_the_worst(dashboard: Dashboard, logged: Logged) -> None:
    open_ranking(dashboard, "nets/alpha")
    expected = {name: area(logged, "nets/alpha", name) for name in CLASS_NAMES}
    assert names(dashboard) == sorted(expected, key=expected.__getitem__)
    for name in CLASS_NAMES:
        cells = dashboard.frame.locator(".classes tbody tr", has_text=name).locator("td").all_inner_texts()
        assert int(cells[0]) == (logged.y_true == CLASS_NAMES.index(name)).sum()
        assert float(cells[1]) == pytest.approx(expected[name], abs=5.0001e-5)
        over_epochs = [area(logged, "nets/alpha", name, epoch) for epoch in range(EPOCHS["nets/alpha"])]
        assert int(cells[4]) == over_epochs.index(max(over_epochs))
    dashboard.picture("ranking")


def test_against_a_baseline_the_largest_losses_come_first(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.frame.locator(".run-name", has_text="trees/gamma").click(modifiers=["Alt"])
    open_ranking(dashboard, "nets/alpha")
    loss = {name: area(logged, "nets/alpha", name) - area(logged, "trees/gamma", name) for name in CLASS_NAMES}
    dashboard.frame.wait_for_function(
        "() => document.querySelectorAll('.classes tbody td:nth-of-type(4):not(.missing)').length === 4"
    )
    assert names(dashboard) == sorted(loss, key=loss.__getitem__)
    for name in CLASS_NAMES:
        cell = dashboard.frame.locator(".classes tbody tr", has_text=name).locator("td").nth(3).inner_text()
        assert float(cell.replace("−", "-")) == pytest.approx(loss[name], abs=5.0001e-5)


def test_classes_are_filtered_sorted_and_chosen(dashboard: Dashboard) -> None:
    open_ranking(dashboard, "nets/alpha")
    dashboard.frame.get_by_role("button", name="Class", exact=True).click()
    assert names(dashboard) == CLASS_NAMES
    dashboard.frame.get_by_label("Filter classes").fill("E")
    assert names(dashboard) == ["bee"]
    dashboard.frame.get_by_label("Filter classes").fill("fox")
    expect(dashboard.frame.get_by_text('No class has "fox" in its name.')).to_be_visible()
    dashboard.frame.get_by_label("Filter classes").fill("")
    dashboard.frame.get_by_role("button", name="cat", exact=True).click()
    expect(dashboard.frame.get_by_role("combobox", name="Class")).to_have_value("cat")
    expect(dashboard.chart("ROC")).to_be_visible()
