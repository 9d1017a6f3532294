"""What the browser tests hold in their hands: the dashboard in a page, and what was logged for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from playwright.sync_api import Frame, Locator, Page

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "artifacts" / "browser"
CLASS_NAMES = ["ant", "bee", "cat", "dog"]
NUMBER = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
EPOCHS = {"nets/alpha": 10, "nets/beta": 7, "trees/gamma": 10}


@dataclass(frozen=True)
class Logged:
    """What was logged, kept for scikit-learn to judge: labels, and scores by run and epoch."""

    logdir: Path
    y_true: npt.NDArray[np.int64]
    y_score: dict[tuple[str, int], npt.NDArray[np.float32]]


@dataclass
class Dashboard:
    """One page of TensorBoard with our tab open."""

    page: Page
    frame: Frame
    heard: list[str] = field(default_factory=list)

    def run_value(self, name: str) -> str:
        """The number beside a run in the list."""
        return self.frame.locator(".run-list li", has_text=name).locator(".value").inner_text()

    def row(self, name: str) -> dict[str, str]:
        """A row of the operating point table, by column title."""
        titles = [title.strip(" ↑↓\n") for title in self.frame.locator(".table-scroll thead th").all_inner_texts()]
        cells = self.frame.locator(".table-scroll tbody tr", has_text=name).locator("th, td").all_inner_texts()
        return dict(zip(titles, cells, strict=True))

    def exact(self, name: str) -> dict[str, float]:
        """The numbers of a row of the operating point table in full, by column title; what is missing is left out."""
        titles = [title.strip(" ↑↓\n") for title in self.frame.locator(".table-scroll thead th").all_inner_texts()]
        cells = self.frame.locator(".table-scroll tbody tr", has_text=name).locator("th, td").all()
        found = {title: cell.get_attribute("title") or "" for title, cell in zip(titles, cells, strict=True)}
        return {title: float(text) for title, text in found.items() if NUMBER.fullmatch(text)}

    def chart(self, name: str) -> Locator:
        """The picture on the card of that title."""
        return self.frame.get_by_role("region", name=name).get_by_role("img").first

    def choose_chart(self, slot: int, name: str) -> None:
        """What the first (0) or second (1) card of curves shows."""
        self.frame.get_by_label("Kind of chart").nth(slot).select_option(label=name)

    def choose_rule(self, criterion: str, level: float | None = None) -> None:
        """The rule of the operating point."""
        self.frame.get_by_label("Criterion").select_option(label=criterion)
        if level is not None:
            field = self.frame.get_by_label(f"{criterion} level")
            field.fill(str(level))
            field.press("Enter")
        self.frame.wait_for_timeout(300)  # text follows what is drawn

    def hover_a_curve(self, name: str) -> dict[str, str]:
        """Moves the pointer over a chart until it meets a curve, and reads the tooltip, the run's name under `run`."""
        box = self.chart(name).bounding_box()
        assert box is not None
        for share in range(14, 90, 4):
            for height in (0.3, 0.5, 0.7):
                self.page.mouse.move(box["x"] + box["width"] * share / 100, box["y"] + box["height"] * height)
                self.frame.wait_for_timeout(60)
                if self.frame.locator(".tooltip").count():
                    names = self.frame.locator(".tooltip dt").all_inner_texts()
                    values = self.frame.locator(".tooltip dd").all_inner_texts()
                    run = self.frame.locator(".tooltip b").inner_text()
                    return {"run": run, **dict(zip(names, values, strict=True))}
        raise AssertionError(f"no curve under the pointer on {name}")

    def download(self, card: str, item: str) -> bytes:
        """What the export menu of a card saves."""
        with self.page.expect_download() as download:
            self.open_export(card).get_by_role("button", name=item).click()
        return Path(download.value.path()).read_bytes()

    def open_export(self, card: str) -> Locator:
        """The open export menu of a card."""
        region = self.frame.get_by_role("region", name=card)
        region.locator("summary").click()
        return region.get_by_role("group", name=f"Export: {card}")

    def epoch(self) -> str:
        """The epoch in the number field."""
        return self.frame.locator("input.epoch").input_value()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.frame.locator("body").press(key)

    def choose_class(self, name: str) -> None:
        self.frame.get_by_role("combobox", name="Class").click()
        self.frame.get_by_role("option", name=name, exact=True).click()

    def choose_data(self, words: str) -> None:
        option = self.frame.locator(".toolbar select").locator("option", has_text=words)
        option.wait_for(state="attached")
        self.frame.locator(".toolbar select").select_option(option.inner_text())

    def reload(self) -> None:
        """TensorBoard's own reload button."""
        self.page.locator(".reload-button").click()

    def picture(self, name: str) -> None:
        """Keeps a screenshot as an artifact."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")
