"""The entry point: light to import, and never the reason that TensorBoard does not start."""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from tensorboard.backend import application
from tensorboard.plugins import base_plugin

from curveboard import wire
from provider import MemoryProvider
from tensorboard_curveboard import loader
from tensorboard_curveboard.plugin import CurveboardPlugin

HEAVY = ("tensorflow", "keras", "sklearn", "matplotlib", "scipy", "pandas")


def modules_after(statement: str) -> set[str]:
    """Names of all modules that a fresh interpreter holds after a statement."""
    code = f"import sys; sys.path[:0] = {sys.path!r}; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["loader", "plugin"])
def test_importing_pulls_in_nothing_heavy(module: str) -> None:
    imported = modules_after(f"import tensorboard_curveboard.{module}")
    assert f"tensorboard_curveboard.{module}" in imported
    assert not {name for name in imported if name.split(".")[0] in HEAVY}


def test_the_loader_does_without_numpy_and_without_the_plugin() -> None:
    imported = modules_after("import tensorboard_curveboard.loader")
    assert not {"numpy", "curveboard", "tensorboard_curveboard.plugin"} & imported


def test_the_entry_point_is_a_loader_that_tensorboard_accepts() -> None:
    (entry,) = entry_points(group="tensorboard_plugins", name="curveboard")
    assert entry.value == "tensorboard_curveboard.loader:CurveboardLoader"
    assert isinstance(application.make_plugin_loader(entry.load()), loader.CurveboardLoader)


def test_the_name_is_the_one_that_records_carry() -> None:
    assert loader.PLUGIN_NAME == CurveboardPlugin.plugin_name == wire.PLUGIN_NAME


@pytest.mark.parametrize(
    ("given", "fixed"),
    [
        ({}, {"curveboard": 0, "pr_curves": 1000}),
        ({"curveboard": 50, "pr_curves": 3}, {"curveboard": 50, "pr_curves": 3}),
        ({"scalars": 7}, {"scalars": 7, "curveboard": 0, "pr_curves": 1000}),
    ],
)
def test_every_epoch_is_kept_unless_the_user_says_otherwise(given: dict[str, int], fixed: dict[str, int]) -> None:
    flags = argparse.Namespace(samples_per_plugin=given, reload_multifile=None)
    loader.CurveboardLoader().fix_flags(flags)
    assert flags.samples_per_plugin == fixed


@pytest.mark.parametrize(("given", "fixed"), [(None, True), (False, False), (True, True)])
def test_all_event_files_are_followed_unless_the_user_says_otherwise(given: bool | None, fixed: bool) -> None:
    flags = argparse.Namespace(samples_per_plugin={}, reload_multifile=given)
    loader.CurveboardLoader().fix_flags(flags)
    assert flags.reload_multifile is fixed


@pytest.mark.parametrize(
    "flags",
    [
        argparse.Namespace(),
        argparse.Namespace(samples_per_plugin=None, reload_multifile=None),
        argparse.Namespace(samples_per_plugin="scalars=1", reload_multifile=None),
        argparse.Namespace(samples_per_plugin={}),
        None,
    ],
)
def test_flags_of_another_tensorboard_are_survived(flags: argparse.Namespace, caplog: pytest.LogCaptureFixture) -> None:
    loader.CurveboardLoader().fix_flags(flags)
    assert "keep every epoch" in caplog.text


def test_load_returns_the_plugin() -> None:
    plugin = loader.CurveboardLoader().load(base_plugin.TBContext(data_provider=MemoryProvider()))
    assert isinstance(plugin, CurveboardPlugin)


def test_a_broken_plugin_module_leaves_tensorboard_standing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard_curveboard.plugin", None)  # importing it raises ImportError
    flags = argparse.Namespace(samples_per_plugin={}, reload_multifile=None, logdir="", window_title="", path_prefix="")
    app = application.TensorBoardWSGIApp(flags, [loader.CurveboardLoader], MemoryProvider())
    assert "/data/plugins_listing" in app.exact_routes
    assert not any("curveboard" in route for route in app.exact_routes)
    assert "Failed to load plugin" in caplog.text
