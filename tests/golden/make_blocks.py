"""Writes the golden blocks: what the plugin answers, byte by byte, for records that never change.

    cd tests && python -m golden.make_blocks

pytest compares the plugin's bytes with `*.cvbk`, vitest decodes them and compares with `*.json`. Run this only when the
format of blocks changes on purpose.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from tensorboard.data.provider import TensorDatum

from blocks import read_block
from curveboard import wire
from handmade import record
from tensorboard_curveboard import payload
from tensorboard_curveboard.records import Content, Selection
from tensorboard_curveboard.series import build

HERE = Path(__file__).parent
EVERY = Selection(first=-math.inf)


def content(run: str, n_steps: int, *, weighted: bool = False) -> Content:
    """A series of records whose seeds are their steps."""
    data = [
        TensorDatum(
            step=step,
            wall_time=1763769600.25 + step,
            numpy=np.frombuffer(wire.encode(record(seed=step, weighted=weighted)), np.uint8),
        )
        for step in range(n_steps)
    ]
    return Content(*build(run, "output", data))


def blocks() -> dict[str, bytes]:
    """Every golden block by its name."""
    plain, weighted = content("plain/validation", 3), content('a "weighted" run ü', 2, weighted=True)
    both, gone = [plain, weighted], ["gone"]
    undefined = replace(record(seed=7), threshold=0.25)

    def curves(curve: str, *contents: Content) -> bytes:
        found = [payload.RunCurves(one.series.run, one.curves(curve, EVERY)) for one in contents]
        return payload.curves(found, gone, macro=curve == "macro")

    last = [one.record(Selection()) for one in both]
    return {
        "areas": payload.areas([one.series for one in both], "macro", gone),
        "curves": curves("class:dog", plain),
        "weighted": curves("micro", *both),
        "macro": curves("macro", *both),
        "confusion": payload.confusion([*(one for one in last if one is not None), undefined], gone),
    }


def expected(block: bytes) -> str:
    """The decoded values as JSON, numbers in full and NaN as null."""
    header, columns = read_block(block)
    told = {name: [None if math.isnan(value) else value for value in column] for name, column in columns.items()}
    return json.dumps({"header": header, "columns": told}, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, block in blocks().items():
        (HERE / f"{name}.cvbk").write_bytes(block)
        (HERE / f"{name}.json").write_text(expected(block), "utf-8")
