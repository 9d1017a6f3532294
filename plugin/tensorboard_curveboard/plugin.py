"""The plugin that TensorBoard talks to: its routes parse a request, ask for the answer and send it.

`http_api.md` specifies the routes.
"""

from __future__ import annotations

import functools
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from tensorboard import errors, plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from curveboard import __version__
from curveboard.wire import PLUGIN_NAME
from tensorboard_curveboard import assets, legacy, payload
from tensorboard_curveboard.cache import ByteCache
from tensorboard_curveboard.decoding import Decoder
from tensorboard_curveboard.records import EVERY, READERS, Selection
from tensorboard_curveboard.series import SeriesStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tensorboard.context import RequestContext

    from tensorboard_curveboard.records import Content

    Answer = Callable[["Request"], wrappers.Response]

Found = TypeVar("Found")

METHODS = ("GET", "HEAD", "POST")

# Answers kept in memory as they were sent, which is compressed.
ANSWERS = 32 * 2**20

YEAR = 365 * 24 * 3600


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

    def revisions(self, n_runs: int) -> list[str]:
        """Returns the revision that each run is asked for in; none if none is given.

        Args:
            n_runs: Number of runs asked for.
        """
        given: list[str] = self.values.getlist("revision")
        if given and len(given) != n_runs:
            raise errors.InvalidArgumentError(
                f"expected parameter 'revision' never, or once for each of {n_runs} runs; "
                f"received it {len(given)} times"
            )
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
        self._decoder = Decoder()
        self._answers: ByteCache[bytes] = ByteCache(ANSWERS)

    def get_plugin_apps(self) -> Mapping[str, Callable[..., object]]:
        """Returns a WSGI application for each route."""
        return {
            "/index": _route(self._index),
            "/areas": _route(self._areas),
            "/table": _route(self._table),
            "/curves": _route(self._curves),
            "/confusion": _route(self._confusion),
            "/calibration": _route(self._calibration),
            **assets.routes(),
        }

    def is_active(self) -> bool:
        """Returns False: TensorBoard asks only where it lists no data of `data_plugin_names`."""
        return False

    def data_plugin_names(self) -> tuple[str, ...]:
        """Returns whose data makes the tab appear."""
        return (PLUGIN_NAME, legacy.PLUGIN_NAME)

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Returns the tab's name and the module that draws it."""
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Curves")

    def _index(self, request: Request) -> wrappers.Response:
        since: str = request.values.get("since", "")
        found = self._store.index(request.context, request.experiment, since)
        content = payload.index(__version__, found, partial=not all(found.changed))
        tag = _digest(content)
        (packed,) = self._answers.get([tag])
        if packed is None:
            packed = payload.compress(content)
            self._answers.put([(tag, packed, len(packed))])
        return self._respond(request, tag, "application/json", packed)

    def _areas(self, request: Request) -> wrappers.Response:
        runs, head, curve = request.runs(), request.one("head"), request.one("curve")
        contents = self._contents(request, runs, head)

        def answer() -> bytes:
            # Most of reading is TensorBoard's work, beside Python or in another process.
            with ThreadPoolExecutor(READERS) as pool:
                areas = dict(zip(contents, pool.map(self._decoder.areas, contents.values()), strict=True))
            having = self._having(contents, head, curve)
            found = [payload.RunAreas(run, areas[run]) if run in having else None for run in runs]
            return payload.areas(*_split(runs, found), curve=curve)

        return self._respond_block(request, contents, answer)

    def _table(self, request: Request) -> wrappers.Response:
        run, head, metric = request.one("run"), request.one("head"), request.one("metric")
        if metric not in payload.AREAS:
            raise errors.InvalidArgumentError(f"expected one of {', '.join(payload.AREAS)}; received {metric!r}")
        contents = self._contents(request, [run], head)
        return self._respond_block(
            request, contents, lambda: payload.table(run, self._decoder.areas(contents[run]), metric)
        )

    def _curves(self, request: Request) -> wrappers.Response:
        runs, head, curve = request.runs(), request.one("head"), request.one("curve")
        selections = request.selections(len(runs))
        contents = self._contents(request, runs, head)

        def answer() -> bytes:
            having = self._having(contents, head, curve)
            asked = [(run, selected) for run, selected in zip(runs, selections, strict=True) if run in having]
            decoded = iter(self._decoder.curves([(having[run], selected) for run, selected in asked], curve))
            found = [payload.RunCurves(run, next(decoded)) if run in having else None for run in runs]
            there = [one if one and one.curves else None for one in found]
            return payload.curves(*_split(runs, there), macro=curve == "macro")

        return self._respond_block(request, contents, answer, planes=True)

    def _confusion(self, request: Request) -> wrappers.Response:
        runs, head = request.runs(), request.one("head")
        chosen = selection(request.one("step"), several=False)
        contents = self._contents(request, runs, head)

        def answer() -> bytes:
            matrices = [self._decoder.confusion(contents[run], chosen) if run in contents else None for run in runs]
            return payload.confusion(*_split(runs, matrices))

        return self._respond_block(request, contents, answer)

    def _calibration(self, request: Request) -> wrappers.Response:
        runs, head, curve = request.runs(), request.one("head"), request.one("curve")
        selections = request.selections(len(runs))
        contents = self._contents(request, runs, head)

        def answer() -> bytes:
            asked = [(run, selected) for run, selected in zip(runs, selections, strict=True) if run in contents]
            chosen = [(contents[run], selected) for run, selected in asked]
            decoded = iter(self._decoder.calibrations(chosen, curve))
            found = [payload.RunCalibrations(run, next(decoded)) if run in contents else None for run in runs]
            there = [one if one and one.calibrations else None for one in found]
            return payload.calibration(*_split(runs, there))

        return self._respond_block(request, contents, answer)

    def _contents(self, request: Request, runs: Sequence[str], head: str) -> dict[str, Content]:
        """The head's series of those of the runs that have it, of which there must be one."""
        contents = self._store.find(request.context, request.experiment, runs, head)
        if not contents:
            raise errors.NotFoundError(f"expected a head of these runs; received {head!r}")
        return contents

    def _having(self, contents: Mapping[str, Content], head: str, curve: str) -> dict[str, Content]:
        """Those of the series that have the curve, of which there must be one."""
        having = {run: content for run, content in contents.items() if self._decoder.has(content, curve)}
        if not having:
            raise errors.NotFoundError(f"expected a curve of head {head!r}; received {curve!r}")
        return having

    def _respond_block(
        self, request: Request, contents: Mapping[str, Content], answer: Callable[[], bytes], *, planes: bool = False
    ) -> wrappers.Response:
        """Sends a block, made unless the same was sent before or is in the browser's hands already.

        The same question about the same revisions has the same answer, so both name it.
        """
        asked = request.runs()
        revisions = [contents[run].series.revision if run in contents else "" for run in asked]
        lasts = request.revisions(len(asked)) == revisions
        question = repr((request.path, sorted(request.values.items(multi=True), key=lambda item: item[0]), revisions))
        tag = _digest(f"{__version__} {question}".encode())
        if request.if_none_match.contains_weak(tag):
            return self._respond(request, tag, "application/octet-stream", payload.compress(b""), lasts=lasts)
        (content,) = self._answers.get([tag])
        if content is None:
            content = payload.compress(answer(), planes=planes)
            self._answers.put([(tag, content, len(content))])
        return self._respond(request, tag, "application/octet-stream", content, lasts=lasts)

    def _respond(
        self, request: Request, tag: str, content_type: str, content: bytes, *, lasts: bool = False
    ) -> wrappers.Response:
        """Sends what is compressed already, or only that the browser has it."""
        response = http_util.Respond(
            request, content, content_type, content_encoding="gzip", expires=YEAR if lasts else 0
        )
        response.set_etag(tag, weak=True)  # of what is said, compressed or not
        return response.make_conditional(request)


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
        return EVERY
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


def _digest(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _split(runs: Sequence[str], answers: Sequence[Found | None]) -> tuple[list[Found], list[str]]:
    """Separates the answers there are from the names of the runs that have none."""
    found = [answer for answer in answers if answer is not None]
    return found, [run for run, answer in zip(runs, answers, strict=True) if answer is None]
