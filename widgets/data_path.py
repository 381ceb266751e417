"""DataPath: portal → ops-service → its three sources, each edge with what crosses it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from probes.model import PathEdge, Status
from widgets.pieces import MUTED, STRONG, Line, content, cut
from widgets.status import WIDTH, status_piece

_FORKS = ("┌", "┼", "└")
_LEAST_DASHES = 2


class DataPath(Widget):
    """The path as a picture of three lines; statuses stand on the edges where there is room."""

    DEFAULT_CSS = """
    DataPath { height: 3; width: 1fr; }
    """

    edges: reactive[tuple[PathEdge, ...]] = reactive(())

    def render(self) -> Content:
        """The picture at the present width."""
        return drawn(self.edges, self.content_size.width)


def drawn(edges: Sequence[PathEdge], width: int) -> Content:
    """The path at that width; the first edge is the trunk, the others fork from its end."""
    if not edges:
        return Content("")
    lines = _wide(edges)
    if max(content(line).cell_length for line in lines) > width:
        lines = _narrow(edges)
    return Content("\n").join(cut(line, width) for line in lines)


def _edge(edge: PathEdge, label: int) -> Line:
    """`── ✗ fail  404 ──▶ `, the label padded with dashes to `label` cells."""
    crossing = _crossing(edge)
    dashes = "─" * (_LEAST_DASHES + label - len(crossing))
    return (
        ("── ", MUTED),
        status_piece(edge.status),
        (f"{crossing} ", ""),
        (f"{dashes}▶ ", MUTED),
    )


def _crossing(edge: PathEdge) -> str:
    """What crosses the edge, once that is known."""
    return "" if edge.status is Status.PENDING else f"  {edge.label}"


def _wide(edges: Sequence[PathEdge]) -> list[Line]:
    trunk, *branches = edges
    label = max(len(str(edge.status)) + len(_crossing(edge)) for edge in branches)
    stem: Line = (
        (f"{trunk.source} ", STRONG),
        *_edge(trunk, len(_crossing(trunk))),
        (trunk.target, STRONG),
        (" ──", MUTED),
    )
    blank: Line = ((" " * content(stem).cell_length, ""),)
    middle = len(branches) // 2
    return [
        (
            *(stem if place == middle else blank),
            (_FORKS[_fork(place, len(branches))], MUTED),
            *_edge(branch, label - len(str(branch.status))),
            (branch.target, STRONG),
        )
        for place, branch in enumerate(branches)
    ]


def _narrow(edges: Sequence[PathEdge]) -> list[Line]:
    trunk, *branches = edges
    stem = f"{trunk.source} ──▶ {trunk.target}"
    target = max(len(branch.target) for branch in branches)
    below = (status_piece(trunk.status), (_crossing(trunk), ""))
    lines: list[Line] = []
    for place, branch in enumerate(branches):
        left: Line = ((stem, STRONG),) if place == 0 else below if place == 1 else ()
        pad = " " * max(len(stem) - content(left).cell_length, 0)
        fork = " ──┬──▶ " if place == 0 else f"   {_FORKS[2] if place > 1 else '├'}──▶ "
        lines.append(
            (
                *left,
                (f"{pad}{fork}", MUTED),
                (f"{branch.target:<{target}}  ", STRONG),
                status_piece(branch.status, WIDTH),
                (_crossing(branch), ""),
            )
        )
    return lines


def _fork(place: int, count: int) -> int:
    return 0 if place == 0 else 2 if place == count - 1 else 1
