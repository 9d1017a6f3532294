"""Bounds of areas as bytes: there where areas are estimates, gone where they are exact, and never a contradiction."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import slow_wire
from curveboard import wire
from curveboard.wire import container
from golden import make_records
from handmade import record

STREAMED = make_records.streamed()


def repack(blob: bytes, bnds: bytes) -> bytes:
    """The record with another section of bounds."""
    return container.pack({name.encode(): raw for name, raw in slow_wire.sections(blob).items()} | {b"BNDS": bnds})


def test_a_record_with_exact_areas_has_no_section() -> None:
    made = record()
    assert made.exact
    assert "BNDS" not in slow_wire.sections(wire.encode(made))
    areas = wire.decode_areas(wire.encode(made))
    assert areas.roc_auc_bounds is areas.average_precision_bounds is None
    assert areas.roc_auc_margin.tolist() == [0.0] * 5


def test_bounds_come_back_curve_by_curve() -> None:
    blob = wire.encode(STREAMED)
    decoded = wire.decode(blob)
    assert not decoded.exact
    for curve_id, name in {"class:near": "near", "class:exact": "exact", "micro": "micro", "macro": "macro"}.items():
        for found in (decoded[name], wire.decode_curve(blob, curve_id)):
            assert found.roc_auc_bounds == STREAMED[name].roc_auc_bounds
            assert found.average_precision_bounds == STREAMED[name].average_precision_bounds
        [one] = wire.decode_curves([blob], [wire.decode_areas(blob)], curve_id)
        assert one.roc_auc_bounds == STREAMED[name].roc_auc_bounds


def test_the_margin_is_how_far_the_area_may_be() -> None:
    areas = wire.decode_areas(wire.encode(STREAMED))
    # roc_auc - 0.125 to roc_auc + 2**-40, average_precision to average_precision + 0.0625; the second class is exact
    np.testing.assert_allclose(areas.roc_auc_margin, [0.125, 0, 0.125, 0.125], atol=1e-15)
    np.testing.assert_allclose(areas.average_precision_margin, [0.0625, 0, 0.0625, 0.0625], atol=1e-15)


def test_an_area_that_is_not_defined_has_no_margin() -> None:
    undefined = replace(STREAMED.curves[0], roc_auc=np.nan, roc_auc_bounds=None)
    areas = wire.decode_areas(wire.encode(replace(STREAMED, curves=(undefined, STREAMED.curves[1]))))
    assert np.isnan(areas.roc_auc_margin).tolist() == [True, False, False, False]
    assert areas.average_precision_margin[0] == pytest.approx(0.0625)


@pytest.mark.parametrize("bounds", [(0.9, 1.0), (0.0, 0.1), (np.nan, 1.0), (-np.inf, 1.0), (0.0, np.inf)])
def test_areas_outside_of_their_bounds_are_neither_written_nor_read(bounds: tuple[float, float]) -> None:
    curve = replace(STREAMED.curves[0], roc_auc=0.5, roc_auc_bounds=bounds)
    with pytest.raises(ValueError, match="expected areas between finite bounds, or no bounds; received others"):
        wire.encode(replace(STREAMED, curves=(curve, STREAMED.curves[1])))
    blob = wire.encode(STREAMED)
    stored = slow_wire.sections(blob)["BNDS"]
    with pytest.raises(wire.WireError, match="section BNDS is damaged: expected areas between"):
        wire.decode_areas(repack(wire.encode(STREAMED), struct.pack("<2d", *bounds) + stored[16:]))


def test_a_section_of_another_size_is_damaged() -> None:
    with pytest.raises(wire.WireError, match="section BNDS is damaged: expected 128 bytes; received 16"):
        wire.decode(repack(wire.encode(STREAMED), bytes(16)))


@given(st.data())
def test_bounds_that_lie_are_a_wire_error_or_bounds(data: st.DataObject) -> None:
    blob = wire.encode(STREAMED)
    raw = bytearray(slow_wire.sections(blob)["BNDS"])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at : at + 8] = data.draw(st.binary(max_size=8))
    try:
        decoded = wire.decode(repack(blob, bytes(raw)))
    except wire.WireError:
        return
    for curve in map(decoded.__getitem__, ("near", "exact", "micro", "macro")):
        for area, bounds in (
            (curve.roc_auc, curve.roc_auc_bounds),
            (curve.average_precision, curve.average_precision_bounds),
        ):
            assert bounds is None or bounds[0] <= area <= bounds[1]
