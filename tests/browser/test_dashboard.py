"""The dashboard's behaviour: choosing runs, epochs and classes, links, live logs, states, themes, accessibility."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from curveboard import CurveWriter
from serving import Served, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard import Dashboard

AXE = Path(__file__).parent.parent.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def listed(dashboard: Dashboard) -> list[str]:
    return list(dashboard.frame.locator(".run-list .name").all_inner_texts())


def test_filter_by_regular_expression(dashboard: Dashboard) -> None:
    box = dashboard.frame.get_by_label("Filter runs by regular expression")
    box.fill("^nets/")
    expect(dashboard.frame.locator(".run-list .name")).to_have_count(2)
    assert listed(dashboard) == ["nets/alpha", "nets/beta"]
    box.fill("nets/(")
    expect(dashboard.frame.get_by_role("alert")).to_be_visible()
    box.fill("nothing like it")
    expect(dashboard.frame.get_by_text("No run matches the filter").first).to_be_visible()
    dashboard.frame.locator("button.primary", has_text="Clear the filter").click()
    expect(dashboard.frame.locator(".run-list .name")).to_have_count(3)


def test_runs_are_shown_hidden_and_isolated(dashboard: Dashboard) -> None:
    rows = dashboard.frame.locator("tbody tr th")
    expect(rows).to_have_count(3)
    dashboard.frame.get_by_label("Show nets/beta").uncheck()
    expect(rows).to_have_count(2)
    dashboard.frame.locator(".run-name", has_text="trees/gamma").dblclick()
    expect(rows).to_have_count(1)
    dashboard.frame.get_by_label("Show trees/gamma").uncheck()
    expect(dashboard.frame.get_by_text("No runs selected")).to_be_visible()
    dashboard.frame.get_by_role("button", name="Show all 3 runs").click()
    expect(rows).to_have_count(3)


def test_focus_and_baseline(dashboard: Dashboard) -> None:
    dashboard.frame.locator(".run-name", has_text="nets/beta").click()
    expect(dashboard.frame.locator(".roles b").first).to_have_text("nets/beta")
    dashboard.frame.locator(".run-name", has_text="trees/gamma").click(modifiers=["Alt"])
    expect(dashboard.frame.locator(".roles b").nth(1)).to_have_text("trees/gamma")
    expect(dashboard.frame.locator(".run-list li", has_text="trees/gamma").locator(".badge")).to_be_visible()


def test_keys_move_through_epochs_and_views(dashboard: Dashboard) -> None:
    epoch = dashboard.frame.locator("input.epoch")
    expect(epoch).to_have_value("9")
    dashboard.press("ArrowLeft", "ArrowLeft")
    expect(epoch).to_have_value("7")
    dashboard.press("Home")
    expect(epoch).to_have_value("0")
    dashboard.press("ArrowRight")
    expect(epoch).to_have_value("1")
    dashboard.press("End")
    expect(epoch).to_have_value("9")
    dashboard.press("]")
    expect(dashboard.frame.get_by_role("combobox", name="Class")).to_have_value("macro-average")
    dashboard.press("2")
    expect(dashboard.frame.get_by_label("Filter classes")).to_be_visible()
    dashboard.press("3")
    expect(dashboard.frame.get_by_role("img", name="Confusion matrix")).to_be_visible()
    dashboard.press("1")
    dashboard.press("?")
    expect(dashboard.frame.get_by_role("dialog")).to_be_visible()
    dashboard.press("Escape")
    expect(dashboard.frame.get_by_role("dialog")).not_to_be_visible()


def test_the_slider_plays_to_the_end(dashboard: Dashboard) -> None:
    dashboard.frame.get_by_label("Speed").select_option("30")
    dashboard.press("Home", " ")
    expect(dashboard.frame.locator("input.epoch")).to_have_value("9")
    expect(dashboard.frame.get_by_role("button", name="Play")).to_be_visible()


def test_a_run_without_the_epoch_shows_its_last_one_and_says_so(dashboard: Dashboard) -> None:
    expect(dashboard.frame.locator(".run-list li", has_text="nets/beta").locator(".late")).to_have_text("@6")
    dashboard.frame.locator("input.epoch").fill("6")
    dashboard.frame.locator("input.epoch").press("Enter")
    expect(dashboard.frame.locator(".run-list li", has_text="nets/beta").locator(".late")).to_have_count(0)


def test_the_epoch_chart_goes_to_the_epoch_clicked(dashboard: Dashboard) -> None:
    chart = dashboard.frame.get_by_label(re.compile("^AUC per epoch")).get_by_role("img")
    box = chart.bounding_box()
    assert box is not None
    dashboard.page.mouse.click(box["x"] + 50 + (box["width"] - 62) * 4 / 9, box["y"] + box["height"] / 2)
    expect(dashboard.frame.locator("input.epoch")).to_have_value("4")


def test_a_drag_zooms_and_escape_resets(dashboard: Dashboard) -> None:
    chart = dashboard.frame.get_by_label(re.compile("^ROC")).get_by_role("img")
    box = chart.bounding_box()
    assert box is not None
    before = chart.screenshot()
    dashboard.page.mouse.move(box["x"] + 80, box["y"] + 40)
    dashboard.page.mouse.down()
    dashboard.page.mouse.move(box["x"] + 200, box["y"] + 120, steps=4)
    dashboard.page.mouse.up()
    dashboard.page.mouse.move(box["x"] + 5, box["y"] - 60)

    def zoomed() -> bool:
        return "roc%3D" in str(dashboard.page.evaluate("location.hash"))  # the link holds the zoom

    assert settles(dashboard, zoomed)
    assert chart.screenshot() != before
    dashboard.press("Escape")
    assert settles(dashboard, lambda: not zoomed())


def settles(dashboard: Dashboard, true: Callable[[], bool]) -> bool:
    """Whether something becomes true within ten seconds: pictures come to rest a little after the hand does."""
    for _ in range(50):
        if true():
            return True
        dashboard.frame.wait_for_timeout(200)
    return False


def test_runs_have_time_series_colours(dashboard: Dashboard, served: Served) -> None:
    palette = ["#425066", "#12b5cb", "#e52592", "#f9ab00", "#9334e6", "#7cb342", "#e8710a"]
    order = json.loads(urllib.request.urlopen(f"{served.url}/data/runs").read())
    for item in dashboard.frame.locator(".run-list li").all():
        run = item.locator(".name").inner_text() + "/validation"
        colour = item.locator(".dot").evaluate("dot => getComputedStyle(dot).backgroundColor")
        hexadecimal = "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))
        assert hexadecimal == palette[order.index(run) % 7]


def test_a_link_restores_the_view(
    dashboard: Dashboard, open_dashboard: Callable[..., Dashboard], served: Served
) -> None:
    dashboard.choose_class("bee")
    dashboard.press("Home", "ArrowRight", "ArrowRight", "ArrowRight")
    expect(dashboard.frame.locator("input.epoch")).to_have_value("3")
    dashboard.frame.wait_for_timeout(800)  # the link is written when the hand rests
    link = dashboard.page.evaluate("location.hash")
    again = open_dashboard(served, link=link.removeprefix("#curveboard"))
    expect(again.frame.get_by_role("combobox", name="Class")).to_have_value("bee")
    expect(again.frame.locator("input.epoch")).to_have_value("3")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("view", ["curves", "classes", "confusion", "export", "help"])
def test_it_is_accessible(
    open_dashboard: Callable[..., Dashboard], served: Served, backend: str, view: str, dark: bool
) -> None:
    dashboard = open_dashboard(served, dark=dark)
    dashboard.choose_data("4 classes")
    dashboard.frame.wait_for_selector("tbody tr td:not(.missing)")
    dashboard.press({"curves": "1", "classes": "2", "confusion": "3", "export": "e", "help": "?"}[view])
    dashboard.frame.wait_for_timeout(500)
    dashboard.picture(f"{view}_{'dark' if dark else 'light'}_{backend}")
    dashboard.frame.evaluate(AXE.read_text("utf-8"))
    found: Any = dashboard.frame.evaluate("() => axe.run()")
    serious = [
        (violation["id"], [node["html"][:120] for node in violation["nodes"]])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_theme_follows_tensorboard_at_once(dashboard: Dashboard) -> None:
    def background() -> str:
        return str(dashboard.frame.locator(".sidebar").evaluate("side => getComputedStyle(side).backgroundColor"))

    light = background()
    dashboard.page.evaluate("document.body.classList.add('dark-mode')")
    dashboard.frame.wait_for_function(
        "light => getComputedStyle(document.querySelector('.sidebar')).backgroundColor !== light", arg=light
    )
    assert sum(map(int, re.findall(r"\d+", background())[:3])) < sum(map(int, re.findall(r"\d+", light)[:3]))


def test_it_passes_a_stricter_policy(open_dashboard: Callable[..., Dashboard], served: Served, browser: Any) -> None:
    """TensorBoard means to drop unsafe-eval and unsafe-inline; we do not need them, and pass Trusted Types too."""
    page = browser.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.add_init_script("addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective))")

    def stricter(route: Route) -> None:
        answer = route.fetch()
        headers = dict(answer.headers)
        policy = headers["content-security-policy"].replace("'unsafe-eval'", "").replace("'unsafe-inline'", "")
        headers["content-security-policy"] = policy + ";require-trusted-types-for 'script'"
        route.fulfill(response=answer, headers=headers)

    page.route("**/data/plugin_entry.html*", stricter)
    page.goto(f"{served.url}/data/plugin_entry.html?name=curveboard")
    page.wait_for_selector("tbody tr td:not(.missing)")
    assert heard == []
    page.close()


def test_a_narrow_window_has_one_column(open_dashboard: Callable[..., Dashboard], served: Served, backend: str) -> None:
    dashboard = open_dashboard(served, width=800, height=900)
    dashboard.frame.wait_for_selector("tbody tr td:not(.missing)")
    roc, pr = (dashboard.frame.get_by_label(re.compile(name)).first.bounding_box() for name in ("^ROC", "^Precision"))
    assert roc is not None
    assert pr is not None
    assert pr["y"] >= roc["y"] + roc["height"]
    assert dashboard.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dashboard.picture(f"narrow_{backend}")


def test_an_empty_log_says_what_to_do(open_dashboard: Callable[..., Dashboard], backend: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with serve(tmp_path / "logs", tmp_path / "log.txt", f"--load_fast={backend}", "--reload_interval=1") as served:
        dashboard = open_dashboard(served)
        expect(dashboard.frame.get_by_text("No curves logged yet")).to_be_visible()
        expect(dashboard.frame.get_by_label("Code that logs curves")).to_contain_text("CurveLogger")
        dashboard.picture(f"empty_{backend}")
        with CurveWriter(tmp_path / "logs" / "first") as writer:
            writer.write(0, [0, 1, 1], [0.1, 0.4, 0.9])
        served.wait(lambda: served.steps("first/validation"), [0])
        dashboard.frame.get_by_role("button", name="Look again").click()
        expect(dashboard.frame.locator(".run-list .name")).to_have_text("first")


def test_new_epochs_arrive_without_moving_the_view(
    open_dashboard: Callable[..., Dashboard], backend: str, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    with (
        CurveWriter(tmp_path / "logs" / "live") as writer,
        serve(tmp_path / "logs", tmp_path / "log.txt", f"--load_fast={backend}", "--reload_interval=1") as served,
    ):

        def write(*steps: int) -> None:
            for step in steps:
                writer.write(step, random.integers(0, 2, 50), random.random(50))

        write(0, 1, 2)
        served.wait(lambda: served.steps("live/validation"), [0, 1, 2])
        dashboard = open_dashboard(served)
        epoch = dashboard.frame.locator("input.epoch")
        expect(epoch).to_have_value("2")
        dashboard.press("ArrowLeft")
        expect(epoch).to_have_value("1")
        write(3, 4)
        served.wait(lambda: served.steps("live/validation"), [0, 1, 2, 3, 4])
        dashboard.reload()
        expect(dashboard.frame.get_by_role("button", name="2 new epochs")).to_be_visible()
        expect(epoch).to_have_value("1")
        dashboard.frame.get_by_role("button", name="2 new epochs").click()
        expect(epoch).to_have_value("4")
        write(5)
        served.wait(lambda: served.steps("live/validation"), [0, 1, 2, 3, 4, 5])
        dashboard.reload()
        expect(epoch).to_have_value("5")  # at the end it follows


def test_an_error_keeps_the_last_picture_and_offers_to_try_again(dashboard: Dashboard) -> None:
    dashboard.page.route(
        "**/data/plugin/curveboard/index*", lambda route: route.fulfill(status=500, body="out of order")
    )
    dashboard.reload()
    alert = dashboard.frame.get_by_role("alert")
    expect(alert).to_contain_text("out of order")
    expect(dashboard.frame.locator("tbody tr th")).to_have_count(3)
    dashboard.page.unroute("**/data/plugin/curveboard/index*")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    dashboard.heard[:] = [line for line in dashboard.heard if "500" not in line]  # the browser's own line about it


def test_fifty_runs_of_a_hundred_epochs_stay_usable(
    open_dashboard: Callable[..., Dashboard], backend: str, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    y_true = random.integers(0, 2, 200)
    for run in range(50):
        with CurveWriter(tmp_path / "logs" / f"run{run:02}") as writer:
            for epoch in range(100):
                writer.write(epoch, y_true, (random.random(200) + y_true * epoch / 100).astype(np.float32))
    with serve(tmp_path / "logs", tmp_path / "log.txt", f"--load_fast={backend}") as served:
        served.wait(lambda: len(served.index()), 50)
        dashboard = open_dashboard(served)
        asked: list[str] = []
        dashboard.page.on("request", lambda request: asked.append(request.url))
        expect(dashboard.frame.locator("input.epoch")).to_have_value("99")
        dashboard.frame.get_by_label("Hide all listed runs").or_(
            dashboard.frame.get_by_label("Show all listed runs")
        ).wait_for()
        if dashboard.frame.get_by_label("Show all listed runs").count():
            dashboard.frame.get_by_label("Show all listed runs").click()
        dashboard.frame.wait_for_timeout(3000)
        before = len(asked)
        for _ in range(40):
            dashboard.press("ArrowLeft")
        expect(dashboard.frame.locator("input.epoch")).to_have_value("59")
        dashboard.frame.wait_for_selector("tbody tr td:not(.missing)")
        assert len(asked) - before <= 50, "scrubbing reads what was fetched ahead"
        assert dashboard.frame.locator("tbody tr").count() < 50, "only the rows in sight exist"
        dashboard.picture(f"fifty_{backend}")
