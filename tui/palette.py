"""The command palette: every action that has a key, by its area, and every check and panel.

What can be pressed on the present screen is found from its bindings, so that no action is
forgotten: the binding `logs.follow` is the command `logs: …`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from textual.app import App, SystemCommand
from textual.binding import ActiveBinding
from textual.screen import Screen

from probes import catalogue
from probes.model import CheckId

_ITSELF = "view.commands"


class Openings(Protocol):
    """What the app opens by name."""

    def action_open(self, check: CheckId) -> None:
        """Open a check."""


def pressed_commands(app: App[None], screen: Screen[object]) -> Iterable[SystemCommand]:
    """One command for each action that has a key on that screen and can run now."""
    seen: set[str] = set()
    for active in screen.active_bindings.values():
        title = title_of(active)
        if title and active.enabled and title not in seen:
            seen.add(title)
            run = partial(app.run_action, active.binding.action, active.node)
            yield SystemCommand(title, active.binding.tooltip, run)


def title_of(active: ActiveBinding) -> str:
    """`area: what it does`, or nothing for a binding that is none of ours."""
    area, dot, _ = (active.binding.id or "").partition(".")
    if not dot or active.binding.id == _ITSELF:
        return ""
    what = active.binding.description or active.binding.tooltip
    return f"{area}: {what[:1].lower()}{what[1:]}"


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
