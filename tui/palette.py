"""The command palette: every action that has a key, by its area, and every check and panel.

What can be pressed is found from the bindings, so that no action is forgotten: the binding
`logs.level` is the command `logs: …`, and opens the logs first where they are not in front.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from probes import catalogue
from probes.model import CheckId
from tui.declared import Node, own
from tui.offered import offered

_ITSELF = "view.commands"
_BACK = "back"


class Openings(Protocol):
    """What the app opens by name."""

    def action_open(self, check: CheckId) -> None:
        """Open a check."""


@dataclass(frozen=True, slots=True)
class Room:
    """A screen that can be opened from everywhere: how, and what has the focus there at first."""

    go: Callable[[], object]
    screen: Node
    focused: Node


def pressed_commands(app: App[None], screen: Screen[object]) -> Iterable[SystemCommand]:
    """One command for each action that has a key on that screen; it says why it cannot run now."""
    for one in offered(screen):
        title = _title(one.id, one.label)
        if title:
            does = f"{one.does}: {one.why_not}" if one.why_not else one.does
            yield SystemCommand(title, does, partial(app.run_action, one.action, one.node))


def elsewhere_commands(
    screen: Screen[object],
    rooms: Sequence[Room],
    press: Callable[[Callable[[], object], str], Awaitable[None]],
) -> Iterable[SystemCommand]:
    """One command for each action of the other screens; `press` opens one and does it there."""
    for room in rooms:
        if not isinstance(screen, room.screen):
            for one in _declared(room.focused, room.screen):
                title = _title(one.id or "", one.description)
                run = partial(press, room.go, one.id or "")
                yield SystemCommand(title, one.tooltip, run)


@cache
def _declared(*nodes: Node) -> tuple[Binding, ...]:
    """The bindings by id, but the one that would lead away again."""
    found = {one.id: one for node in nodes for one in own(node) if one.action != _BACK}
    return tuple(found.values())


def _title(id: str, label: str) -> str:
    """`area: what it does`, or nothing for the palette itself."""
    area = id.partition(".")[0]
    return "" if id == _ITSELF else f"{area}: {label[:1].lower()}{label[1:]}"


def check_commands(openings: Openings) -> Iterable[SystemCommand]:
    """One command for each check."""
    for check in CheckId:
        open_it = partial(openings.action_open, check)
        yield SystemCommand(f"check: {check}", catalogue.question(check), open_it)


def remedy_commands(plan: Callable[[str], None]) -> Iterable[SystemCommand]:
    """One command for each remedy, those included that mend no cause by themselves."""
    from remedies.words import WORDS  # not before it is wanted: a quick start

    for remedy, words in WORDS.items():
        title = f"fix: {words.title[:1].lower()}{words.title[1:]}"
        yield SystemCommand(title, words.description, partial(plan, remedy.value))
