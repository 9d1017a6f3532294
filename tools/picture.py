"""Makes the README's pictures: the real dashboard in TensorBoard over the demo's runs, in light and dark.

    make picture

Trains the demo into a temporary folder, unless `--logdir` names one that an earlier demo wrote.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote, urlencode

from playwright.sync_api import Browser, sync_playwright
from prepare import CHROMIUM_NAMES
from tensorboard import program

from curveboard import demo

DOCS = Path(__file__).parent.parent / "docs"
VIEW = {"epoch": "16", "class": "class:8", "focus": "digits/overfit/validation"}
LINK = "&p.curveboard.view=" + quote(urlencode(VIEW))


def serve(log_dir: Path) -> str:
    """Starts TensorBoard in a thread of this process and returns its address."""
    board = program.TensorBoard()
    board.configure(argv=["", "--logdir", str(log_dir), "--port", "0"])
    return str(board.launch())


def take(browser: Browser, address: str, *, dark: bool) -> None:
    """Opens the dashboard at one epoch and keeps what it shows."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, device_scale_factor=1.5)
    page.goto(f"{address}?darkMode={str(dark).lower()}#curveboard{LINK}")
    frame = page.wait_for_selector("iframe", timeout=60_000).content_frame()  # type: ignore[union-attr]
    assert frame is not None
    frame.wait_for_selector("tbody tr td:not(.missing)")
    page.wait_for_timeout(2000)
    path = DOCS / f"dashboard_{'dark' if dark else 'light'}.png"
    page.screenshot(path=path)
    page.close()
    print(f"{path.relative_to(DOCS.parent)}: {path.stat().st_size // 1024} KiB")


def main() -> None:
    """Writes both pictures into docs/."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=Path, help="runs that `curveboard demo` wrote (default: train them now)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log_dir = options.logdir or Path(folder)
        if options.logdir is None:
            demo.write(log_dir)
        address = serve(log_dir)
        executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
        switches = ["--force-color-profile=srgb", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        with (
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=executable, args=switches) as browser,
        ):
            for dark in (False, True):
                take(browser, address, dark=dark)


if __name__ == "__main__":
    main()
