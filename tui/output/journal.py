"""What `journal` prints: first what was never finished, then everything, the newest last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from remedies.history import Record
from tui.facts import ending, record_facts
from tui.output.facts import told_lines
from tui.output.text import wrapped

SCHEMA = 1
_WIDTH = 80
_EMPTY = "The journal is empty: nothing was ever applied, or refused, by this user on this machine."


def as_text(told: Sequence[Record], left: Sequence[Record], *, colour: bool = False) -> str:
    """For a person."""
    return "\n".join(_lines(told, left, colour)) or _EMPTY


def as_json(told: Sequence[Record], left: Sequence[Record]) -> str:
    """One object: the ids of what was never finished, and every plan, oldest first."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "unfinished": [one.id for one in left],
            "plans": [_document(one) for one in told],
        },
        ensure_ascii=False,
    )


def _lines(told: Sequence[Record], left: Sequence[Record], colour: bool) -> Iterator[str]:
    for one in left:
        yield from _unfinished(one, colour)
        yield ""
    for one in told:
        yield f"{_time(one.at)}  {one.remedy}: {ending(one)}"
        yield from _indented(one.sentence)
        if one.told and one.told != one.sentence:
            yield from _indented(one.told)
        undone = f", undone by {one.undone_by}" if one.undone_by else ""
        yield f"   {one.id}, profile {one.profile}, by {one.who}{undone}"


def _unfinished(one: Record, colour: bool) -> Iterator[str]:
    head = f"! Not finished: {one.remedy} in profile {one.profile}"
    yield click.style(head, fg="yellow", bold=True) if colour else head
    yield from _indented(one.sentence)
    yield from told_lines(record_facts(one, is_open=True))
    yield "   then take back what was done, or note that you have looked after it"
    yield f"     opsportal-tui undo {one.id}"
    yield f"     opsportal-tui journal --settled {one.id}"


def _indented(text: str) -> Iterator[str]:
    return (f"   {line}" for line in wrapped(text, _WIDTH - 3))


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _document(one: Record) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(timespec="seconds"),
        "who": one.who,
        "profile": one.profile,
        "remedy": one.remedy,
        "sentence": one.sentence,
        "ended": one.ended or None,
        "told": one.told,
        "under_way": None if one.ended else one.under_way or None,
        "steps": [{"step": s.step, "state": s.state, "text": s.text} for s in one.steps],
        "undoes": one.undoes or None,
        "undone_by": one.undone_by or None,
    }
