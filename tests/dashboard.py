"""What the browser tests hold in their hands: the dashboard in a page, and what was logged for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from playwright.sync_api import Frame, Page

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "artifacts" / "browser"
CLASS_NAMES = ["ant", "bee", "cat", "dog"]
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
