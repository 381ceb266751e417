"""The title bar: the state is whole at every width, the names as far as there is room."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from widgets.title_bar import drawn

PLACE = ("sandbox incident-v11", "namespace wealist-prod")
STATE = (("! stale", "bold"), ("  66 min old", ""), ("  read-only", ""))
LONGEST = (("✗ disconnected", "bold"), ("  <1 min old", ""), ("  read-only", ""))


def told(
    width: int, place: tuple[str, ...] = PLACE, state: tuple[tuple[str, str], ...] = STATE
) -> str:
    return drawn(place, state, width).plain


def test_all_of_it_where_there_is_room() -> None:
    assert told(100) == (
        " opsportal-tui  sandbox incident-v11  namespace wealist-prod"
        "         ! stale  66 min old  read-only "
    )


def test_the_programs_name_goes_first_then_the_less_important_names() -> None:
    assert told(80).startswith(" sandbox incident-v11  namespace wealist-prod  ")
    assert told(60).startswith(" sandbox incident-v11  ")
    assert "namespace" not in told(60)


def test_the_first_name_is_cut_at_the_last() -> None:
    assert told(60, state=LONGEST).startswith(" sandbox incident-v…  ")


@pytest.mark.parametrize("width", [60, 61, 80, 120, 200])
@pytest.mark.parametrize("place", [PLACE, ("profile 프로덕션-서울-클러스터-주-데이터센터",), ()])
def test_the_state_stands_whole_at_the_right_end(width: int, place: tuple[str, ...]) -> None:
    line = told(width, place, LONGEST)
    assert line.endswith("  ✗ disconnected  <1 min old  read-only ")
    assert cell_len(line) == width
