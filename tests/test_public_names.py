"""The public surface is a list: what `__all__` says, what exists, and what the README shows must agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import curveboard

ROOT = Path(__file__).parent.parent


def test_public_names_are_sorted_and_exist() -> None:
    assert sorted(curveboard.__all__) == curveboard.__all__
    for name in curveboard.__all__:
        assert getattr(curveboard, name).__doc__, f"{name} has no docstring"
    assert set(curveboard.__all__) <= set(dir(curveboard))


def test_a_name_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(AttributeError, match="CurveLogger"):
        _ = curveboard.CurveLoger


def test_the_readme_imports_only_public_names() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    shown = {
        name.strip() for names in re.findall(r"from curveboard import ([\w, ]+)", text) for name in names.split(",")
    }
    assert {"CurveLogger", "CurveWriter", "read_curves"} <= shown <= set(curveboard.__all__)


def test_the_readme_lists_every_public_name() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in curveboard.__all__ if f"`{name}" not in text] == []


def test_the_version_of_the_changelog_is_the_version() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == curveboard.__version__
