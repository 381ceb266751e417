"""A sparkline tells zero from little and from nothing, and keeps to its cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.sparkline import sparkline


def bars(points: list[float | None], cells: int, top: float = 0.0) -> str:
    text, style = sparkline(points, cells, "bold", top)
    assert style == "bold"
    return text


def test_the_scale_begins_at_zero_and_ends_at_the_highest() -> None:
    assert bars([0, 1, 2, 3, 4, 5, 6], 7) == "▁▃▄▅▆▇▇"
    assert bars([50, 50, 50], 3) == "▇▇▇", "steady traffic is no noise blown up"


def test_little_is_not_zero_and_nothing_is_neither() -> None:
    assert bars([1000, 0.001, 0, None], 4) == "▇▂▁ "


def test_a_given_top_keeps_a_few_small() -> None:
    assert bars([0.2, 0.2], 2, top=5) == "▂▂"
    assert bars([50, 5], 2, top=5) == "▇▂"


def test_many_points_are_averaged_and_few_stand_at_the_right() -> None:
    assert bars([4, 4, 0, 0, 4, 0], 3) == "▇▁▅"
    assert bars([None, 8, None, None], 2) == "▇ "
    assert bars([1, 1], 4) == "  ▇▇"
    assert bars([], 3) == "   "


@pytest.mark.parametrize("points", [[0.0, 0.0], [5e-324, 0.0], [1.7e308] * 4])
def test_extreme_numbers(points: list[float | None]) -> None:
    assert len(bars(points, 2)) == 2


@given(st.lists(st.none() | st.floats(0, 1e300), max_size=40), st.integers(0, 40))
def test_it_takes_just_its_cells(points: list[float | None], cells: int) -> None:
    assert cell_len(bars(points, cells)) == cells
