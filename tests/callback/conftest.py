"""What a pass has collected, before it is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from curveboard.finish import finish

if TYPE_CHECKING:
    from curveboard import Record
    from curveboard.collect import Scores


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Scores]:
    """The scores of every measured pass, as they came from the device."""
    passes: list[Scores] = []

    def noting(scores: Scores, **options: Any) -> Record:
        passes.append(scores)
        return finish(scores, **options)

    monkeypatch.setattr("curveboard.split_log.finish", noting)
    return passes
