"""`opsportal-tui journal`: what was done on this machine, and what was never finished."""

from __future__ import annotations

import sys

import click

from remedies.history import Record, open_ends, records
from tui.acting import the_journal
from tui.output import journal as output
from tui.output import wants_colour

_UNREADABLE = 2


def show(format: str) -> int:
    """Print it; the exit code."""
    told = _told()
    if told is None:
        return _UNREADABLE
    if format == "json":
        click.echo(output.as_json(told, open_ends(told)))
    else:
        colour = wants_colour()
        click.echo(output.as_text(told, open_ends(told), colour=colour), color=colour)
    sys.stdout.flush()
    return 0


def settle(wanted: str) -> int:
    """Note that a person has looked after an unfinished plan; the exit code."""
    told = _told()
    if told is None:
        return _UNREADABLE
    left = open_ends(told)
    plan = next((one.plan for one in left if one.id == wanted), None)
    if plan is None:
        click.echo(f"opsportal-tui: no unfinished plan is called {wanted}", err=True)
        return 2
    journal = the_journal()
    try:
        journal.settled(plan)
    except OSError as error:
        click.echo(f"opsportal-tui: {journal.trouble(error, 'written')}", err=True)
        return _UNREADABLE
    return 0


def _told() -> tuple[Record, ...] | None:
    """What the journal tells; None where it cannot be read, and why is said."""
    journal = the_journal()
    try:
        return records(journal.entries())
    except OSError as error:
        click.echo(f"opsportal-tui: {journal.trouble(error, 'read')}", err=True)
        return None
