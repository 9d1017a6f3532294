"""Serves the built dashboard from a fixed list of names: nothing of a request ever becomes a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tensorboard import errors
from tensorboard.backend import http_util
from werkzeug import wrappers

if TYPE_CHECKING:
    from collections.abc import Callable

STATIC = Path(__file__).parent / "static"

# The types are stated here because `mimetypes` reads the Windows registry, where .js is often text/plain, and a browser
# refuses a module of that type.
FILES = {"index.js": "text/javascript"}


def routes() -> dict[str, Callable[..., object]]:
    """Returns one WSGI application for each file, by its route; a file that was not built answers 404."""
    return {f"/{name}": _serve(name, content_type) for name, content_type in FILES.items()}


def _serve(name: str, content_type: str) -> Callable[..., object]:
    @wrappers.Request.application  # type: ignore[untyped-decorator]
    def serve(request: wrappers.Request) -> wrappers.Response:
        try:
            content = (STATIC / name).read_bytes()
        except FileNotFoundError:
            raise errors.NotFoundError(f"expected the built dashboard in {STATIC}; received no {name} there") from None
        # Without `expires` TensorBoard forbids caching: the next release must not meet an old dashboard.
        return http_util.Respond(request, content, content_type)

    return serve  # type: ignore[no-any-return]
