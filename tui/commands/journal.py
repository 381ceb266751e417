"""`opsportal-tui journal`: what was done on this machine, and what was never finished."""

from __future__ import annotations

import sys

import click

from remedies.history import open_ends, records
from tui.acting import the_journal
from tui.output import journal as output
from tui.output import wants_colour


def show(format: str) -> int:
    """Print it; the exit code."""
    told = records(the_journal().entries())
    if format == "json":
        click.echo(output.as_json(told, open_ends(told)))
    else:
        colour = wants_colour()
        click.echo(output.as_text(told, open_ends(told), colour=colour), color=colour)
    sys.stdout.flush()
    return 0


def settle(wanted: str) -> int:
    """Note that a person has looked after an unfinished plan; the exit code."""
    journal = the_journal()
    left = open_ends(records(journal.entries()))
    plan = next((one.plan for one in left if one.id == wanted), None)
    if plan is None:
        click.echo(f"opsportal-tui: no unfinished plan is called {wanted}", err=True)
        return 2
    journal.settled(plan)
    return 0
