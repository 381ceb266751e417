"""The data path as a picture: statuses on the edges where there is room, beside them where not."""

from __future__ import annotations

from probes.model import PathEdge, Status
from widgets.data_path import drawn

EDGES = (
    PathEdge("portal", "ops-service", Status.FAIL, "200, all 0"),
    PathEdge("ops-service", "Prometheus", Status.FAIL, "404"),
    PathEdge("ops-service", "Argo CD", Status.WARN, "no token"),
    PathEdge("ops-service", "PostgreSQL", Status.PASS, "3 of 3 tables"),
)


def picture(width: int, edges: tuple[PathEdge, ...] = EDGES) -> list[str]:
    return [line.rstrip() for line in drawn(edges, width).plain.split("\n")]


def test_wide() -> None:
    assert picture(120) == [
        "                                               ┌── ✗ fail  404 ────────────▶ Prometheus",
        "portal ── ✗ fail  200, all 0 ──▶ ops-service ──┼── ! warn  no token ───────▶ Argo CD",
        "                                               └── ✓ pass  3 of 3 tables ──▶ PostgreSQL",
    ]


def test_narrow() -> None:
    assert picture(64) == [
        "portal ──▶ ops-service ──┬──▶ Prometheus  ✗ fail     404",
        "✗ fail  200, all 0       ├──▶ Argo CD     ! warn     no token",
        "                         └──▶ PostgreSQL  ✓ pass     3 of 3 tab…",
    ]


def test_what_is_not_known_yet_is_pending_without_a_label() -> None:
    edges = tuple(PathEdge(one.source, one.target, Status.PENDING, "…") for one in EDGES)
    assert picture(120, edges)[0].endswith("┌── … pending ──▶ Prometheus")


def test_nothing_to_draw() -> None:
    assert picture(80, ()) == [""]
