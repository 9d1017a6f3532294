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
from tensorboard_curveboard.decoding import Decoder, Matrix
from tensorboard_curveboard.records import EVERY, Content, Selection
from tensorboard_curveboard.series import build
from tensorboard_curveboard.sources import Records

HERE = Path(__file__).parent


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
    series, stored = build(run, "output", Records(), data)
    return Content(series, lambda: stored, lambda: stored)


def blocks() -> dict[str, bytes]:
    """Every golden block by its name."""
    plain, weighted = content("plain/validation", 3), content('a "weighted" run ü', 2, weighted=True)
    both, gone = [plain, weighted], ["gone"]
    decoder = Decoder()

    def curves(curve: str, *contents: Content) -> bytes:
        decoded = decoder.curves([(one, EVERY) for one in contents], curve)
        found = [payload.RunCurves(one.series.run, points) for one, points in zip(contents, decoded, strict=True)]
        return payload.curves(found, gone, macro=curve == "macro")

    areas = [payload.RunAreas(one.series.run, decoder.areas(one)) for one in both]
    last = [decoder.confusion(one, Selection()) for one in both]
    other = wire.decode_confusion(wire.encode(replace(record(seed=7), threshold=0.25)))
    return {
        "areas": payload.areas(areas, gone, curve="macro"),
        "table": payload.table("plain/validation", decoder.areas(plain), "roc_auc"),
        "curves": curves("class:dog", plain),
        "weighted": curves("micro", *both),
        "macro": curves("macro", *both),
        "confusion": payload.confusion([*(one for one in last if one), Matrix(".", 0, other)], gone),
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
