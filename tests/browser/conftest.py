"""The dashboard as a user has it: in TensorBoard, in Chromium, with a console that must stay silent."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

from curveboard import CurveWriter
from dashboard import CLASS_NAMES, EPOCHS, Dashboard, Logged
from serving import BACKENDS, Served, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

# TensorBoard's own words, about its own libraries.
NOT_OURS = re.compile(r"Multiple instances of Three\.js|Lit is in dev mode")


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


@pytest.fixture(scope="session")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    """Three four-class runs of different lengths, and a binary one whose first epoch has no positives."""
    logdir = tmp_path_factory.mktemp("browser") / "logs"
    random = np.random.default_rng(5)
    y_true = random.integers(0, 4, 400)
    scores = {}
    for number, (run, epochs) in enumerate(EPOCHS.items()):
        with CurveWriter(logdir / run, class_names=CLASS_NAMES) as writer:
            for epoch in range(epochs):
                skill = (1 + number) * np.sin((epoch + 2) / 5)
                logits = random.standard_normal((400, 4)) + skill * np.eye(4)[y_true]
                scores[run, epoch] = softmax(logits)
                writer.write(epoch, y_true, scores[run, epoch])
    with CurveWriter(logdir / "spam", class_names=["ham", "spam"]) as writer:
        with pytest.warns(UserWarning, match="spam"):
            writer.write(0, np.zeros(100, int), random.random(100), task="binary")
        for epoch in (1, 2):
            writer.write(epoch, y_true[:100] % 2, random.random(100), task="binary")
    return Logged(logdir, y_true, scores)


@pytest.fixture(scope="session", params=BACKENDS, ids=[f"load_fast={backend}" for backend in BACKENDS])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of its two data backends TensorBoard uses."""
    return str(request.param)


@pytest.fixture(scope="session")
def served(backend: str, logged: Logged, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(logged.logdir, tmp_path_factory.mktemp("log") / "log.txt", f"--load_fast={backend}") as running:
        yield running


def chromium_path() -> str | None:
    """The system's Chromium; None lets Playwright use the one that it downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    switches = ["--font-render-hinting=none", "--force-color-profile=srgb", "--disable-gpu"]
    if os.geteuid() == 0:
        switches.append("--no-sandbox")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium_path(), args=switches) as running,
    ):
        yield running


@pytest.fixture
def open_dashboard(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Dashboard]]:
    """Opens our tab; at the end no console message and no violation of the content security policy was heard."""
    opened: list[Dashboard] = []

    def open_(served: Served, *, dark: bool = False, link: str = "", width: int = 1440, height: int = 900) -> Dashboard:
        page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        heard: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            if not NOT_OURS.search(message.text):
                heard.append(f"{message.type}: {message.text}")

        page.on("console", hear)
        page.on("pageerror", lambda error: heard.append(f"error: {error}"))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
        )
        page.goto(f"{served.url}/?darkMode={str(dark).lower()}#curveboard{link}")
        handle = page.wait_for_selector("iframe", timeout=60_000)
        assert handle is not None
        frame = handle.content_frame()
        assert frame is not None
        frame.wait_for_selector(".app", timeout=30_000)
        opened.append(Dashboard(page, frame, heard))
        return opened[-1]

    yield open_
    for dashboard in opened:
        dashboard.page.close()
        assert dashboard.heard == []


@pytest.fixture
def dashboard(open_dashboard: Callable[..., Dashboard], served: Served) -> Dashboard:
    """The dashboard on the logged runs, light, once it shows numbers."""
    opened = open_dashboard(served)
    opened.choose_data("4 classes")
    opened.frame.wait_for_selector("tbody tr td:not(.missing)")
    return opened
