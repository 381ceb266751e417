"""The data path as a picture: statuses on the edges where there is room, beside them where not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from probes.model import PathEdge, Status
from widgets.data_path import drawn

EDGES = (
    PathEdge("portal", "ops-service", Status.FAIL, "200, all 0"),
    PathEdge("ops-service", "Prometheus", Status.FAIL, "404"),
    PathEdge("ops-service", "Argo CD", Status.WARN, "no token"),
    PathEdge("ops-service", "PostgreSQL", Status.PASS, "3 of 3 tables"),
)

LEAST = 58
"""Cells that the least terminal leaves to the picture."""

labels = st.text(alphabet="ab ,404배포실패データ库⚠\ufe0f\u200d👨👩", max_size=60)
statuses = st.sampled_from(list(Status))


def picture(width: int, edges: tuple[PathEdge, ...] = EDGES) -> list[str]:
    return [line.rstrip() for line in drawn(edges, width).plain.split("\n")]


def test_wide() -> None:
    assert picture(90) == [
        "                                                ┌╌╌ ✗ fail  404 ╌╌╌╌╌╌╌╌╌╌╌╌╌▶ Prometheus",
        "portal ╌╌ ✗ fail  200, all 0 ╌╌╌▶ ops-service ──┼── ! warn  no token ────────▶ Argo CD",
        "                                                └── ✓ pass  3 of 3 tables ───▶ PostgreSQL",
    ]


def test_edges_grow_where_there_is_room_but_not_without_end() -> None:
    assert picture(120) != picture(90)
    assert picture(200) == picture(140)


def test_narrow() -> None:
    assert picture(76) == [
        "portal ╌╌▶ ops-service ──┬╌╌▶ Prometheus  ✗ fail  404",
        "✗ fail  200, all 0       ├──▶ Argo CD     ! warn  no token",
        "                         └──▶ PostgreSQL  ✓ pass  3 of 3 tables",
    ]


def test_as_narrow_as_a_terminal_may_be() -> None:
    assert picture(LEAST) == [
        "portal ╌╌▶ ops-service ┬▶ Prometheus ✗ fail  404",
        "✗ fail  200, all 0     ├▶ Argo CD    ! warn  no token",
        "                       └▶ PostgreSQL ✓ pass  3 of 3 tables",
    ]


def test_what_crosses_the_first_edge_goes_on_below_it() -> None:
    first = PathEdge("portal", "ops-service", Status.UNKNOWN, "인증 토큰이 만료되었습니다")
    assert picture(LEAST, (first, *EDGES[1:]))[1:] == [
        "? unknown  인증 토큰이 ├▶ Argo CD    ! warn  no token",
        "만료되었습니다         └▶ PostgreSQL ✓ pass  3 of 3 tables",
    ]


def test_what_is_not_known_yet_is_pending_without_a_label() -> None:
    edges = tuple(PathEdge(one.source, one.target, Status.PENDING, "…") for one in EDGES)
    assert "┌╌╌ … pending ╌" in picture(120, edges)[0]


def test_edges_without_the_first() -> None:
    assert picture(48, EDGES[1:3]) == [
        "ops-service ──┬╌╌▶ Prometheus  ✗ fail  404",
        "              └──▶ Argo CD     ! warn  no token",
    ]
    assert picture(60, EDGES[1:3]) == [
        "              ┌╌╌ ✗ fail  404 ╌╌╌╌╌╌╌╌╌╌╌╌▶ Prometheus",
        "ops-service ──┴── ! warn  no token ───────▶ Argo CD",
    ]


def test_one_edge_alone() -> None:
    assert picture(200, EDGES[:1])[0].startswith("portal ╌╌ ✗ fail  200, all 0 ╌╌")


def test_nothing_to_draw() -> None:
    assert picture(80, ()) == [""]


@pytest.mark.parametrize("width", [LEAST, 76, 116, 196])
@given(told=st.lists(st.tuples(statuses, labels), min_size=4, max_size=4))
def test_no_status_is_lost_whatever_the_labels(width: int, told: list[tuple[Status, str]]) -> None:
    edges = tuple(
        PathEdge(edge.source, edge.target, status, label)
        for edge, (status, label) in zip(EDGES, told, strict=True)
    )
    lines = picture(width, edges)
    assert len(lines) == 3
    assert all(cell_len(line) <= width for line in lines)
    for status in Status:
        shown = sum(line.count(f"{status.symbol} {status}") for line in lines)
        assert shown == sum(edge.status is status for edge in edges)
    for edge in EDGES[1:]:
        assert any(edge.target in line for line in lines)
