"""The operating point: what a rule chooses, judged by scikit-learn on the scores themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect
from sklearn import metrics

from dashboard import CLASS_NAMES, EPOCHS
from serving import BACKENDS

if TYPE_CHECKING:
    from dashboard import Dashboard, Logged

NEAR = 0.02  # stored points of these curves lie this close; the best point of all may lie between two

# Both of TensorBoard's backends answer the same routes (test_numbers.py); these are about what the browser makes of it.
pytestmark = pytest.mark.parametrize("backend", BACKENDS[:1], indirect=True, scope="session")


def cat(logged: Logged, run: str, epoch: int | None = None) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Truth and score of the class "cat", at a run's last epoch unless another is named."""
    column = CLASS_NAMES.index("cat")
    return logged.y_true == column, logged.y_score[run, EPOCHS[run] - 1 if epoch is None else epoch][:, column]


RULES = {
    "threshold =": 0.3,
    "FPR ≤": 0.05,
    "TPR ≥": 0.8,
    "precision ≥": 0.7,
    "max F1": None,
    "max TPR − FPR (Youden)": None,
    "cost, FP : FN =": 2,
}


def test_every_run_at_the_point_that_a_rule_chooses(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    for criterion, level in RULES.items():
        dashboard.choose_rule(criterion, level)
        for run in EPOCHS:
            truth, score = cat(logged, run)
            row = dashboard.exact(run)
            predicted = score >= row["Threshold"]
            (tn, fp), (fn, tp) = metrics.confusion_matrix(truth, predicted)
            assert [row[name] for name in ("TP", "FN", "FP", "TN")] == [tp, fn, fp, tn], criterion
            assert row["TPR"] == pytest.approx(metrics.recall_score(truth, predicted))
            assert row["FPR"] == pytest.approx(fp / (fp + tn))
            assert row["Precision"] == pytest.approx(metrics.precision_score(truth, predicted))
            assert row["F1"] == pytest.approx(metrics.f1_score(truth, predicted))
            check_choice(criterion, level or 0, row, truth, score)


def check_choice(
    criterion: str,
    level: float,
    row: dict[str, float],
    truth: npt.NDArray[np.bool_],
    score: npt.NDArray[np.float32],
) -> None:
    """The chosen point obeys the rule, and no point of the whole curve is better by more than was simplified away."""
    fpr, tpr, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
    precision, recall, _ = metrics.precision_recall_curve(truth, score)
    if criterion == "threshold =":
        assert row["Threshold"] >= level
    elif criterion == "FPR ≤":
        assert row["FPR"] <= level
        assert row["TPR"] >= tpr[fpr <= level].max() - NEAR
    elif criterion == "TPR ≥":
        assert row["TPR"] >= level
        assert row["FPR"] <= fpr[tpr >= level].min() + NEAR
    elif criterion == "precision ≥":
        assert row["Precision"] >= level
        assert row["TPR"] >= recall[precision >= level].max() - NEAR
    elif criterion == "max F1":
        with np.errstate(invalid="ignore"):
            f1 = np.nanmax(2 * precision * recall / (precision + recall))
        assert f1 >= row["F1"] >= f1 - NEAR
    elif criterion.startswith("max TPR"):
        assert row["TPR"] - row["FPR"] == pytest.approx((tpr - fpr).max(), abs=NEAR)
    else:
        share = truth.mean()
        cost = share * (1 - tpr) + (1 - share) * fpr * level
        assert cost.min() - 1e-12 <= row["Cost"] <= cost.min() + NEAR


def test_the_cost_at_another_prevalence(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    dashboard.choose_rule("cost, FP : FN =", 0.5)
    prevalence = dashboard.frame.get_by_label("Prevalence")
    assert float(prevalence.get_attribute("placeholder") or "") == pytest.approx(
        np.mean(logged.y_true == CLASS_NAMES.index("cat")), abs=5e-4
    )
    prevalence.fill("0.05")
    prevalence.press("Enter")
    dashboard.frame.wait_for_timeout(300)
    truth, score = cat(logged, "nets/alpha")
    fpr, tpr, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
    cost = 0.05 * (1 - tpr) + 0.95 * fpr * 0.5
    assert cost.min() - 1e-12 <= dashboard.exact("nets/alpha")["Cost"] <= cost.min() + NEAR


def test_a_constraint_that_nothing_meets_says_so(dashboard: Dashboard) -> None:
    dashboard.choose_class("cat")
    dashboard.choose_rule("precision ≥", 1.1)
    cell = dashboard.frame.locator(".table-scroll tbody tr", has_text="nets/alpha").locator("td").first
    expect(cell).to_have_text("–")
    expect(cell).to_have_attribute("title", "no stored point satisfies the criterion")


def test_a_click_on_the_axis_of_thresholds_pins_one_for_all_charts(dashboard: Dashboard) -> None:
    dashboard.choose_class("cat")
    dashboard.choose_chart(1, "Rates by threshold")
    dashboard.frame.wait_for_timeout(300)
    box = dashboard.chart("Rates by threshold").bounding_box()
    assert box is not None
    # The plot spans 50 px from the left to 12 from the right.
    x = box["x"] + 50 + (box["width"] - 62) * 0.9
    dashboard.page.mouse.click(x, box["y"] + box["height"] * 0.5)
    expect(dashboard.frame.get_by_label("Criterion")).to_have_value("threshold")
    level = float(dashboard.frame.get_by_label("threshold = level").input_value())
    assert 0 < level <= 1


def test_columns_sort_by_keyboard(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    dashboard.choose_rule("FPR ≤", 0.1)
    header = dashboard.frame.locator(".runs th.tp button")
    header.focus()
    for order in (-1, 1):
        header.press("Enter")
        dashboard.frame.wait_for_timeout(200)
        names = dashboard.frame.locator(".runs tbody th button").all_inner_texts()
        values = [dashboard.exact(name)["TP"] for name in names]
        assert values == sorted(values, key=lambda value: order * value)


def test_differences_from_the_baseline(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    dashboard.frame.locator(".run-name", has_text="nets/alpha").click()
    dashboard.frame.locator(".run-name", has_text="trees/gamma").click(modifiers=["Alt"])
    dashboard.frame.wait_for_timeout(300)
    focus, base = dashboard.exact("nets/alpha"), dashboard.exact("trees/gamma")
    areas = [metrics.roc_auc_score(*cat(logged, run)) for run in ("nets/alpha", "trees/gamma")]
    margin = 1.959964 * np.hypot(focus["± SE"], base["± SE"])
    line = dashboard.frame.locator(".difference").inner_text().replace("−", "-")
    delta, interval = line.split("ΔAUC ")[1].split(", unpaired 95 % interval ")
    low, high = interval.split(":")[0].split(" to ")
    assert float(delta) == pytest.approx(areas[0] - areas[1], abs=5.0001e-5)
    assert float(low) == pytest.approx(areas[0] - areas[1] - margin, abs=6e-5)
    assert float(high) == pytest.approx(areas[0] - areas[1] + margin, abs=6e-5)
    dashboard.press("d")
    dashboard.frame.wait_for_timeout(200)
    assert float(dashboard.row("nets/alpha")["TPR"].replace("−", "-")) == pytest.approx(
        focus["TPR"] - base["TPR"], abs=5.0001e-5
    )
    assert dashboard.row("trees/gamma")["TPR"] == f"{base['TPR']:.4f}"  # the baseline itself stays in numbers


def test_how_the_threshold_drifts_over_epochs(dashboard: Dashboard, logged: Logged) -> None:
    dashboard.choose_class("cat")
    dashboard.choose_rule("TPR ≥", 0.8)
    dashboard.frame.get_by_label("Figure per epoch").select_option(label="Threshold at the operating point")
    dashboard.frame.wait_for_timeout(1500)  # all epochs are fetched ahead
    dashboard.picture("drift")
    records = json.loads(dashboard.download("Threshold at the operating point", "JSON"))
    assert len(records) == sum(EPOCHS.values())
    for record in records:
        truth, score = cat(logged, record["run"].removesuffix("/validation"), record["step"])
        fpr, tpr, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
        predicted = score >= record["threshold"]
        assert np.mean(predicted[truth]) >= 0.8
        assert np.mean(predicted[~truth]) <= fpr[tpr >= 0.8].min() + NEAR
