"""The plugin that TensorBoard talks to: its routes parse a request, ask for the answer and send it.

`http_api.md` specifies the routes.
"""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING, TypeVar

from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from curveboard import __version__
from curveboard.wire import PLUGIN_NAME
from tensorboard_curveboard import assets, payload
from tensorboard_curveboard.records import Selection
from tensorboard_curveboard.series import SeriesStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tensorboard.context import RequestContext

    Answer = Callable[["Request"], wrappers.Response]

Found = TypeVar("Found")

METHODS = ("GET", "HEAD", "POST")


class Request(wrappers.Request):  # type: ignore[misc]  # Werkzeug's types are not followed
    """A request of the dashboard, with its parameters checked."""

    # Werkzeug's 500 kB end at a few thousand runs with long names.
    max_form_memory_size = 16 * 2**20

    @property
    def context(self) -> RequestContext:
        """TensorBoard's context of the request."""
        return plugin_util.context(self.environ)

    @property
    def experiment(self) -> str:
        """The experiment's id; always empty in a local TensorBoard."""
        return str(plugin_util.experiment_id(self.environ))

    def one(self, name: str) -> str:
        """Returns a parameter that must be given once."""
        given: list[str] = self.values.getlist(name)
        if len(given) != 1:
            raise errors.InvalidArgumentError(f"expected parameter {name!r} once; received it {len(given)} times")
        return given[0]

    def runs(self) -> list[str]:
        """Returns the runs asked for: at least one."""
        given: list[str] = self.values.getlist("run")
        if not given:
            raise errors.InvalidArgumentError("expected parameter 'run' at least once; received none")
        return given

    def selections(self, n_runs: int) -> list[Selection]:
        """Returns what `steps` selects of each run.

        Args:
            n_runs: Number of runs asked for.
        """
        given = [selection(text, several=True) for text in self.values.getlist("steps")]
        if len(given) not in (1, n_runs):
            raise errors.InvalidArgumentError(
                f"expected parameter 'steps' once, or once for each of {n_runs} runs; received it {len(given)} times"
            )
        return given * n_runs if len(given) == 1 else given


class CurveboardPlugin(base_plugin.TBPlugin):  # type: ignore[misc]  # TensorBoard has no types
    """ROC and PR curves, areas and confusion matrices over epochs and runs.

    Args:
        context: What TensorBoard gives to its plugins.
    """

    plugin_name = PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._store = SeriesStore(context.data_provider)

    def get_plugin_apps(self) -> Mapping[str, Callable[..., object]]:
        """Returns a WSGI application for each route."""
        return {
            "/index": _route(self._index),
            "/areas": _route(self._areas),
            "/curves": _route(self._curves),
            "/confusion": _route(self._confusion),
            **assets.routes(),
        }

    def is_active(self) -> bool:
        """Returns False: TensorBoard asks only where it lists no data of `data_plugin_names`."""
        return False

    def data_plugin_names(self) -> tuple[str, ...]:
        """Returns whose data makes the tab appear."""
        return (PLUGIN_NAME,)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Returns the tab's name and the module that draws it."""
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Curves")

    def _index(self, request: Request) -> wrappers.Response:
        series, problems = self._store.index(request.context, request.experiment)
        return http_util.Respond(request, payload.index(__version__, series, problems), "application/json")

    def _areas(self, request: Request) -> wrappers.Response:
        runs, head, curve = request.runs(), request.one("head"), request.one("curve")
        series = self._store.find(request.context, request.experiment, runs, head)
        _expect_found(series, "a head of these runs", head)
        having = {run: one for run, one in series.items() if one.has(curve)}
        _expect_found(having, f"a curve of head {head!r}", curve)
        found, missing = _split(runs, [having.get(run) for run in runs])
        return _respond_block(request, payload.areas(found, curve, missing))

    def _curves(self, request: Request) -> wrappers.Response:
        runs, head, curve = request.runs(), request.one("head"), request.one("curve")
        selections = request.selections(len(runs))
        contents = self._store.contents(request.context, request.experiment, runs, head)
        _expect_found(contents, "a head of these runs", head)
        having = {run: content for run, content in contents.items() if content.series.has(curve)}
        _expect_found(having, f"a curve of head {head!r}", curve)
        chosen = [
            payload.RunCurves(run, having[run].curves(curve, selected) if run in having else [])
            for run, selected in zip(runs, selections, strict=True)
        ]
        found, missing = _split(runs, [one if one.curves else None for one in chosen])
        return _respond_block(request, payload.curves(found, missing, macro=curve == "macro"))

    def _confusion(self, request: Request) -> wrappers.Response:
        runs, head = request.runs(), request.one("head")
        chosen = selection(request.one("step"), several=False)
        contents = self._store.contents(request.context, request.experiment, runs, head)
        _expect_found(contents, "a head of these runs", head)
        records = [contents[run].record(chosen) if run in contents else None for run in runs]
        return _respond_block(request, payload.confusion(*_split(runs, records)))


def selection(text: str, *, several: bool) -> Selection:
    """Parses a selection of steps.

    Args:
        text: `last` or a step; where `several` is true also `all` or `from-to`.
        several: Whether more than one record may be selected.

    Raises:
        InvalidArgumentError: It is something else.
    """
    if text == "last":
        return Selection()
    if several and text == "all":
        return Selection(first=-math.inf)
    parts = re.fullmatch(r"([0-9]{1,18})(?:-([0-9]{1,18}))?", text)
    if parts and parts[2] is None:
        return Selection(last=int(parts[1]))
    if several and parts and int(parts[1]) <= int(parts[2]):
        return Selection(first=int(parts[1]), last=int(parts[2]))
    expected = "'all', 'last', a step or a range such as 0-9" if several else "'last' or a step"
    raise errors.InvalidArgumentError(f"expected {expected}; received {text!r}")


def _route(answer: Answer) -> Callable[..., object]:
    """Makes a WSGI application of a method."""

    @Request.application  # type: ignore[untyped-decorator]
    @functools.wraps(answer)
    def route(request: Request) -> wrappers.Response:
        if request.method in METHODS:
            return answer(request)
        told = f"expected GET or POST; received {request.method}"
        return http_util.Respond(request, told, "text/plain", code=405, headers=[("Allow", ", ".join(METHODS))])

    return route  # type: ignore[no-any-return]


def _expect_found(found: Mapping[str, object], expected: str, name: str) -> None:
    if not found:
        raise errors.NotFoundError(f"expected {expected}; received {name!r}")


def _respond_block(request: Request, block: bytes) -> wrappers.Response:
    content = payload.compress(block)
    return http_util.Respond(request, content, "application/octet-stream", content_encoding="gzip")


def _split(runs: Sequence[str], answers: Sequence[Found | None]) -> tuple[list[Found], list[str]]:
    """Separates the answers there are from the names of the runs that have none."""
    found = [answer for answer in answers if answer is not None]
    return found, [run for run, answer in zip(runs, answers, strict=True) if answer is None]
