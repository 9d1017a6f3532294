from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curveboard.counts import CountTable
from curveboard.simplify import Rows, simplify, simplify_line
from families import FAMILIES
from nearness import assert_near


def assert_rows(table: CountTable, rows: Rows) -> None:
    assert (np.diff(rows) > 0).all()
    assert (rows[0], rows[-1]) == (0, len(table.tp) - 1)


def lean_table(full: CountTable) -> CountTable:
    """The rows just above and at each rise, and the last."""
    rises = full.rises()
    return CountTable.joined([rises.table(np.arange(2 * len(rises.tp))), full.take(np.array([len(full.tp) - 1]))])


@pytest.mark.parametrize(("family", "n"), list(product(FAMILIES, [3, 40, 1000, 30_000])))
@pytest.mark.parametrize("tolerance", [1 / 256, 1 / 50])
def test_every_vertex_is_near_the_chord_that_spans_it(family: str, n: int, tolerance: float) -> None:
    y_true, y_score = FAMILIES[family](np.random.default_rng(n), n)
    full = CountTable.from_scores(y_true, y_score)
    (rows,) = simplify([full], tolerance)
    assert_rows(full, rows)
    assert_near(full, rows, tolerance)
    # What is measured are the rises, between which the missing vertices must be as near.
    lean = lean_table(full)
    (chosen,) = simplify([lean], tolerance)
    assert_near(full, np.searchsorted(full.tp + full.fp, (lean.tp + lean.fp)[chosen]), tolerance)


@pytest.mark.parametrize("run", [6, 20, 60])
@pytest.mark.parametrize(("steepness", "offset"), [(0.0, 0.0), (6.0, 0.4), (40.0, 0.0)])
def test_zigzags_within_a_cell(run: int, steepness: float, offset: float) -> None:
    # Labels come in runs, likelier positive at the top, so that many vertices stand out from the chord of their cell.
    rng = np.random.default_rng(run)
    n = 100_000
    odds = np.clip(steepness * (0.5 - offset - np.arange(0, n, run) / n), -30, 30)
    y_true = np.repeat(rng.random(len(odds)) < 1 / (1 + np.exp(-odds)), rng.integers(1, 2 * run, len(odds)))
    table = lean_table(CountTable.from_scores(y_true, -np.arange(len(y_true), dtype=np.float64)))
    for tolerance in (1 / 256, 1 / 32):
        (rows,) = simplify([table], tolerance)
        assert_near(table, rows, tolerance)


@given(
    st.lists(
        st.tuples(st.booleans(), st.floats(0, 1, width=16), st.sampled_from([0.01, 1.0, 3.7, 1000.0])),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([1 / 256, 0.1]),
)
def test_small_and_weighted_tables(examples: list[tuple[bool, float, float]], tolerance: float) -> None:
    y_true, y_score, weight = (np.array(column) for column in zip(*examples, strict=True))
    for weights in (weight, None):
        table = CountTable.from_scores(y_true, y_score, weights)
        (rows,) = simplify([table], tolerance)
        assert_rows(table, rows)
        assert_near(table, rows, tolerance)


def test_weighted_table_of_many_examples() -> None:
    rng = np.random.default_rng(0)
    y_true, y_score = FAMILIES["moderate"](rng, 20_000)
    table = CountTable.from_scores(y_true, y_score, rng.exponential(size=len(y_true)))
    (rows,) = simplify([table], 1 / 256)
    assert_near(table, rows, 1 / 256)
    assert len(rows) < 200


def test_classes_do_not_touch_each_other() -> None:
    rng = np.random.default_rng(0)
    tables = [CountTable.from_scores(*FAMILIES[family](rng, n)) for family, n in product(FAMILIES, [3, 500, 20_000])]
    tables.insert(3, CountTable.from_scores(np.empty(0, bool), np.empty(0, np.float32)))
    together = simplify(tables, 1 / 256)
    assert len(together[3]) == 0
    for table, rows in zip(tables, together, strict=True):
        if len(table.tp):
            assert_rows(table, rows)
            assert rows.tolist() == simplify([table], 1 / 256)[0].tolist()


@pytest.mark.parametrize(("family", "most"), [("moderate", 60), ("trained", 60), ("rare", 160), ("constant", 2)])
def test_few_points_stand_for_many(family: str, most: int) -> None:
    table = CountTable.from_scores(*FAMILIES[family](np.random.default_rng(1), 100_000))
    assert len(simplify([table], 1 / 256)[0]) <= most


@pytest.mark.parametrize("family", ["moderate", "high tail", "softmax"])
def test_hardly_a_point_can_be_spared(family: str) -> None:
    table = CountTable.from_scores(*FAMILIES[family](np.random.default_rng(2), 4000))
    (rows,) = simplify([table], 1 / 50)
    spared = 0
    for point in range(1, len(rows) - 1):
        try:
            assert_near(table, np.delete(rows, point), 0.85 / 50)
        except AssertionError:
            continue
        spared += 1
    assert spared <= len(rows) // 10


LINES = st.lists(st.tuples(st.floats(0, 1, width=16), st.floats(0, 1, width=16)), min_size=0, max_size=40)


@given(LINES, st.sampled_from([0.001, 0.05, 0.3]))
def test_lines_keep_every_point_within_the_tolerance(points: list[tuple[float, float]], tolerance: float) -> None:
    x, y = np.array(sorted(x for x, _ in points)), np.array([y for _, y in points])
    rows = simplify_line(x, y, tolerance)
    assert len(rows) == len(np.unique(rows))
    assert set(rows.tolist()) >= {0, len(x) - 1} if len(x) else len(rows) == 0
    for left, right in pairwise(rows):
        way = np.linspace(0, 1, 2001)
        step = 1e-3  # the walk below takes 2001 steps over a distance of at most 1 in each direction
        for at in range(left + 1, right):
            dx = np.abs(x[left] + way * (x[right] - x[left]) - x[at])
            dy = np.abs(y[left] + way * (y[right] - y[left]) - y[at])
            assert np.maximum(dx, dy).min() <= tolerance + step


def test_a_straight_line_is_its_ends_and_a_jump_stays() -> None:
    x = np.linspace(0, 1, 101)
    assert simplify_line(x, 2 * x, 0.01).tolist() == [0, 100]
    assert simplify_line(np.repeat([0.0, 0.5, 1.0], 2), np.array([0, 0, 0, 1, 1, 1.0]), 0.01).tolist() == [0, 2, 3, 5]
