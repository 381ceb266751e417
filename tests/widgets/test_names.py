"""Shortened names: two of one list never look the same, and no more is cut than must be."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from widgets.names import bare, cut_within


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["board-service", "chat-service"], ["board", "chat"]),
        (["ops-portal-frontend", "ops-portal-backend"], ["frontend", "backend"]),
        (["ops-a-service", "ops-b-service"], ["a", "b"]),
        (["ops-service", "ops-portal-service"], ["ops", "ops-portal"]),
        (["ops-service", "board"], []),
        (["user", "user-service"], []),
        (["ops-service"], []),
        (["ops-service", "ops-service"], []),
        ([], []),
    ],
)
def test_what_all_share_goes_whole_parts_at_a_time(names: list[str], told: list[str]) -> None:
    assert list(bare(names).values()) == told


def test_what_must_be_cut_keeps_both_ends() -> None:
    names = ("ops-portal-frontend", "ops-portal-backend")
    assert [cut_within(name, 12) for name in names] == ["ops-po…ntend", "ops-po…ckend"]
    assert cut_within("ops-service", 11) == "ops-service"


@pytest.mark.parametrize("cells", range(3, 20))
@pytest.mark.parametrize("name", ["ops-portal-frontend", "주문-서비스-프론트엔드", "ab"])
def test_it_never_takes_more_cells_than_there_are(name: str, cells: int) -> None:
    assert cell_len(cut_within(name, max(cells, 5))) <= max(cells, 5)
