"""DataPath: portal → ops-service → its three sources, each edge with what crosses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from probes.model import PathEdge, Status
from widgets.pieces import MUTED, STRONG, Line, Piece, content, padded, plain, widest, wrapped
from widgets.status import status_piece, style_of, told

_LEAST_DASHES = 2
_MOST_DASHES = 10
_HEIGHT = 3

_FORKS = {
    "right": "─",
    "right down": "┌",
    "right up": "└",
    "right up down": "├",
    "right left": "─",
    "right left down": "┬",
    "right left up": "┴",
    "right left up down": "┼",
}


class DataPath(Widget):
    """The path as a picture of three lines; statuses stand on the edges where there is room."""

    DEFAULT_CSS = """
    DataPath { height: 3; width: 1fr; }
    """

    edges: reactive[tuple[PathEdge, ...]] = reactive(())

    def render(self) -> Content:
        """The picture at the present width."""
        return drawn(self.edges, self.content_size.width)


@dataclass(frozen=True, slots=True)
class _Path:
    """The edge that leads to the hub, where there is one, and those that leave it."""

    trunk: PathEdge | None
    hub: str
    branches: tuple[PathEdge, ...]

    @property
    def stem(self) -> Line:
        """The names up to the hub."""
        if self.trunk is None:
            return plain(self.hub, STRONG)
        return ((f"{self.trunk.source} ", STRONG), _arrow(self.trunk), (f" {self.hub}", STRONG))


def drawn(edges: Sequence[PathEdge], width: int) -> Content:
    """The path at that width, three lines at most: labels may be cut there, statuses are not."""
    if not edges:
        return Content("")
    path = _path(edges)
    lines = _wide(path, _LEAST_DASHES)
    spare = width - _cells(lines)
    if spare >= 0:
        lines = _wide(path, _LEAST_DASHES + min(spare // 2, _MOST_DASHES))
    else:
        arms = (_narrow(path, arm) for arm in (2, 1, 0))
        lines = next((one for one in arms if _cells(one) <= width), _narrow(path, 0))
    return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)


def _path(edges: Sequence[PathEdge]) -> _Path:
    """The first edge is the trunk, unless the others leave from where it does."""
    first, *others = edges
    if any(other.source == first.source for other in others):
        return _Path(None, first.source, tuple(edges))
    return _Path(first, first.target, tuple(others))


def _cells(lines: Sequence[Content]) -> int:
    return max(line.cell_length for line in lines)


def _dashes(status: Status, count: int) -> Piece:
    """An edge in its status' colour; it is broken where nothing is known to come through."""
    whole = status in (Status.PASS, Status.WARN)
    return (("─" if whole else "╌") * count, style_of(status))


def _arrow(edge: PathEdge, dashes: int = 2) -> Piece:
    line, style = _dashes(edge.status, dashes)
    return (f"{line}▶", style)


def _crossing(edge: PathEdge) -> Line:
    """The status, and what crosses the edge once that is known."""
    if edge.status is Status.PENDING:
        return (status_piece(edge.status),)
    return told(edge.status, edge.label)


def _fork(place: int, count: int, stem: int) -> Piece:
    """The sign where a branch leaves, by the sides on which lines meet there."""
    sides = {"left": place == stem, "up": place > 0, "down": place < count - 1}
    return (_FORKS[" ".join(["right", *(side for side, met in sides.items() if met)])], MUTED)


def _on_edge(edge: PathEdge, cells: int, dashes: int) -> Line:
    """`── ✗ fail  404 ──▶ `, what crosses it filled up with dashes to `cells`."""
    crossing = _crossing(edge)
    fill = cells - content(crossing).cell_length
    return (
        _dashes(edge.status, 2),
        (" ", ""),
        *crossing,
        (" ", ""),
        _arrow(edge, dashes + fill),
        (" ", ""),
    )


def _wide(path: _Path, dashes: int) -> list[Content]:
    """The statuses on the edges, each of them with so many dashes behind its label."""
    stem: Line = plain(path.hub, STRONG)
    if path.trunk:
        on_trunk = _on_edge(path.trunk, content(_crossing(path.trunk)).cell_length, dashes)
        stem = ((f"{path.trunk.source} ", STRONG), *on_trunk, *stem)
    if not path.branches:
        return [content(stem)]
    stem = (*stem, (" ──", MUTED))
    blank = plain(" " * content(stem).cell_length)
    count, middle = len(path.branches), len(path.branches) // 2
    cells = max(content(_crossing(branch)).cell_length for branch in path.branches)
    return [
        content(
            (
                *(stem if place == middle else blank),
                _fork(place, count, middle),
                *_on_edge(branch, cells, dashes),
                (branch.target, STRONG),
            )
        )
        for place, branch in enumerate(path.branches)
    ]


def _narrow(path: _Path, arm: int) -> list[Content]:
    """The statuses behind the targets, the trunk's under it; `arm` is the length of a branch."""
    stem = [content(path.stem)]
    width = stem[0].cell_length
    if path.trunk:
        stem += _at_most(wrapped(content(_crossing(path.trunk)), width, width), _HEIGHT - 1, width)
    blank = Content(" " * width)
    pairs = zip_longest(stem, _listed(path.branches, arm), fillvalue=None)
    return [
        (left or blank).pad_right(width - (left or blank).cell_length) + (right or Content(""))
        for left, right in pairs
    ]


def _at_most(lines: Sequence[Content], count: int, width: int) -> list[Content]:
    """So many of the lines; what is left over is cut from the last."""
    whole, rest = lines[: count - 1], lines[count - 1 :]
    return [*whole, *([Content(" ").join(rest).truncate(width, ellipsis=True)] if rest else [])]


def _listed(branches: Sequence[PathEdge], arm: int) -> list[Content]:
    """`──┬──▶ Prometheus  ✗ fail  404`, statuses and labels in their columns."""
    target = widest(branch.target for branch in branches) + (2 if arm else 1)
    status = widest(status_piece(branch.status)[0] for branch in branches)
    return [
        content(
            (
                (f" {'─' * arm if place == 0 else ' ' * arm}", MUTED),
                _fork(place, len(branches), 0),
                _arrow(branch, arm),
                (f" {padded(branch.target, target)}", STRONG),
                status_piece(branch.status, status),
                *_crossing(branch)[1:],
            )
        )
        for place, branch in enumerate(branches)
    ]
