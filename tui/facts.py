"""Facts of a step and of a plan in the journal, for the screen and the terminal alike. Pure.

Both only paint them: what is told, and in which words, is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remedies.history import Record, how_to_find_out
from remedies.model import Preflight, Step

_UNDO = "`opsportal-tui undo`"


@dataclass(frozen=True, slots=True)
class Told:
    """One fact. `is_command`: lines to paste, which stand whole; `alarming`: not to be missed."""

    label: str
    value: str
    alarming: bool = False
    is_command: bool = False


def step_facts(step: Step, found: Preflight) -> Iterator[Told]:
    """What a person wants to know of a step besides its title and its diff."""
    yield Told("risk", step.risk_words or step.risk.value)
    if step.guard:
        yield Told("only while", step.guard)
    for one in step.permissions:
        is_denied = one in found.denied
        yield Told("needs", f"{one} - DENIED" if is_denied else str(one), is_denied)
    yield Told("at most", f"{step.limit_s:g} s")
    if not step.waits:
        yield Told("way back", _UNDO if step.undo else step.undo_words or "none")
    yield from _command("by hand", step.shell)
    if step.undo and not step.waits:
        yield from _command("and back", step.undo_words)


def ending(one: Record) -> str:
    """How a plan of the journal ended, in words."""
    return one.ended or "not finished: nobody knows how it ended"


def record_facts(one: Record, *, is_open: bool) -> Iterator[Told]:
    """A plan of the journal whole; where nobody knows its end, also how to find out."""
    yield Told("ended", ending(one), is_open)
    yield Told("begun", f"{one.at:%Y-%m-%d %H:%M:%S} UTC by {one.who}")
    yield Told("profile", one.profile)
    if one.told and one.told != one.sentence:
        yield Told("told", one.told)
    for step in one.steps:
        yield Told(step.step, f"{step.state.value}: {step.text}" if step.text else step.state.value)
    if one.undone_by:
        yield Told("undone by", one.undone_by)
    if is_open:
        yield Told("stopped", _where(one), True)
        yield from _command("find out", "\n".join(how_to_find_out(one)))


def _where(one: Record) -> str:
    if one.under_way:
        return f"step {one.under_way} was under way: it may be done or not"
    return "no step was under way; what follows the steps above was not begun, or not verified"


def _command(label: str, lines: str) -> Iterator[Told]:
    if lines:
        yield Told(label, lines, is_command=True)
