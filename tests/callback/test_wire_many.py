"""One curve of many records in one pass: the same curves as record by record, and the same errors."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard import wire
from curveboard.record import Curve, MacroCurve
from handmade import record

if TYPE_CHECKING:
    from collections.abc import Sequence

CURVE_IDS = ("class:dog", "class:cat", "micro", "macro")

options = st.fixed_dictionaries(
    {
        "task": st.sampled_from(["multiclass", "multilabel"]),
        "class_names": st.permutations(["cat", "dog", "eel"]).flatmap(
            lambda names: st.sampled_from([tuple(names), (*names, "fox")])
        ),
        "seed": st.integers(0, 99),
        "n_points": st.integers(1, 40),
        "weighted": st.booleans(),
    }
)


def decode_many(blobs: Sequence[bytes], curve_id: str) -> list[Curve | MacroCurve]:
    return wire.decode_curves(blobs, [wire.decode_areas(blob) for blob in blobs], curve_id)


def assert_same(found: Curve | MacroCurve, expected: Curve | MacroCurve) -> None:
    assert vars(found).keys() == vars(expected).keys()
    for name, value in vars(expected).items():
        received = getattr(found, name)
        np.testing.assert_array_equal(received, value, strict=isinstance(value, np.ndarray), err_msg=name)
        assert type(received) is type(value)


@given(st.lists(options, max_size=8), st.sampled_from(CURVE_IDS), st.sampled_from([1, 200, 1 << 21]))
def test_any_records_give_what_each_gives_alone(
    kinds: list[dict[str, object]], curve_id: str, size_of_a_pass: int
) -> None:
    blobs = [wire.encode(record(**kind)) for kind in kinds]  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "_PASS", size_of_a_pass)
        found = decode_many(blobs, curve_id)
    assert len(found) == len(blobs)
    for one, blob in zip(found, blobs, strict=True):
        assert_same(one, wire.decode_curve(blob, curve_id))


def test_binary_records_have_the_positive_class_alone() -> None:
    blobs = [wire.encode(record("binary", ("no", "yes"), seed=seed)) for seed in range(3)]
    for one, blob in zip(decode_many(blobs, "class:yes"), blobs, strict=True):
        assert_same(one, wire.decode_curve(blob, "class:yes"))
    with pytest.raises(KeyError, match="received micro"):
        decode_many(blobs, "micro")


def with_curves(blob: bytes, raw: bytes) -> bytes:
    """The record with another `CURV`, stored as it should be."""
    sections = {}
    (n_sections,) = struct.unpack_from("<H", blob, 6)
    offset = 8 + 12 * n_sections
    for at in range(n_sections):
        name, size, _ = struct.unpack_from("<4sII", blob, 8 + 12 * at)
        sections[name] = zlib.decompress(blob[offset : offset + size])
        offset += size
    sections[b"CURV"] = raw
    stored = {name: zlib.compress(part) for name, part in sections.items()}
    directory = [struct.pack("<4sII", name, len(stored[name]), len(part)) for name, part in sections.items()]
    return blob[:8] + b"".join(directory) + b"".join(stored.values())


# A multi-class record of three classes has four counted curves.
ONE_POINT = struct.pack("<4I", 0, 1, 0, 0)
DAMAGES = {
    "nothing": b"",
    "fewer lengths than curves": bytes(15),
    "fewer points than promised": struct.pack("<4I", 9, 9, 9, 9) + bytes(143),
    "more points than promised": struct.pack("<4I", 0, 0, 0, 0) + b"\x01",
    "lengths that are no memory's": b"\xff" * 16 + bytes(64),
    "fewer bits than promised": ONE_POINT + bytes([9, 9, 9, 0]) + bytes(2),
    "more bits than promised": ONE_POINT + bytes([9, 9, 9, 0]) + bytes(4),
    "a number longer than 64 bits": ONE_POINT + bytes([66, 1, 1, 0]) + bytes(9),
    "a step longer than 64 bits": ONE_POINT + bytes([1, 1, 64, 1]) + bytes(8),
    "zeros of a step that are too many": ONE_POINT + bytes([1, 1, 0, 200]),
    "other totals": ONE_POINT + bytes([3, 3, 3, 20]) + bytes(1),
}


@pytest.mark.parametrize("raw", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_damage_is_a_wire_error_wherever_it_is(raw: bytes, at: int) -> None:
    blobs = [wire.encode(record(seed=seed)) for seed in range(3)]
    blobs[at] = with_curves(blobs[at], raw)
    with pytest.raises(wire.WireError, match="CURV is damaged"):
        decode_many(blobs, "class:dog")


def test_bits_that_go_on_in_the_next_record_are_damage() -> None:
    # Joined, the two sections would have as many bits as they say.
    whole = wire.encode(record())
    blobs = [with_curves(whole, ONE_POINT + bytes([9, 9, 9, 0]) + bytes(2)), with_curves(whole, bytes(17))]
    with pytest.raises(wire.WireError, match="bits"):
        decode_many(blobs, "class:dog")
