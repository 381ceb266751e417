"""The commands that act, or say what acting takes: fix, undo, journal, rbac."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from tui.options import (
    Decorator,
    arming_option,
    merged,
    request_of,
    settings_of,
    target_options,
)

_ACTING: tuple[Decorator, ...] = (
    arming_option,
    click.option("--plan", "plan_only", is_flag=True, help="Print the plan and change nothing."),
    click.option("--yes", is_flag=True, help="Apply the plan without asking."),
    click.option(
        "--format", type=click.Choice(("text", "json")), default="text", show_default=True
    ),
)


def _acting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_ACTING):
        command = option(command)
    return target_options(command)


@click.command()
@_acting_options
@click.argument("remedy", required=False, default="")
@click.option("--list", "listing", is_flag=True, help="List the remedies and what they take.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="What the remedy takes.")
@click.pass_context
def fix(
    ctx: click.Context,
    /,
    remedy: str,
    listing: bool,
    pairs: tuple[str, ...],
    plan_only: bool,
    yes: bool,
    format: str,
    **said: Any,
) -> None:
    """Plan REMEDY (or the first remedy for a cause), show it, apply it and verify it.

    Exit codes: 0 applied and verified, 1 applied but still failing or not yet effective, 2 usage
    or configuration error, 3 refused, nothing was changed, 4 a step failed.
    """
    from tui.commands import fix as command
    from tui.commands.applying import Options
    from tui.running import run

    if listing:
        command.show_all()
        return
    wanted = command.parse_wanted(remedy)
    given = command.parse_said(pairs, wanted)
    options = Options(plan_only, yes, format)
    sys.exit(run(command.fix(request_of(ctx, said), wanted, given, options)))


@click.command()
@_acting_options
@click.argument("id", required=False, default="")
@click.pass_context
def undo(
    ctx: click.Context, /, id: str, plan_only: bool, yes: bool, format: str, **said: Any
) -> None:
    """Take back what was done: the plan of that ID of the journal, or the newest one here.

    Exit codes as those of `fix`.
    """
    from tui.commands import undo as command
    from tui.commands.applying import Options
    from tui.running import run

    options = Options(plan_only, yes, format)
    sys.exit(run(command.undo(request_of(ctx, said), id, options)))


@click.command()
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--settled", metavar="ID", help="Note that you have looked after an unfinished plan.")
def journal(format: str, settled: str | None) -> None:
    """List what was done by this user on this machine, unfinished plans first."""
    from tui.commands import journal as command

    sys.exit(command.settle(settled) if settled else command.show(format))


@click.command()
@target_options
@click.argument("what", nargs=-1)
@click.option("--user", metavar="NAME", help="Bind them to this user.")
@click.option("--group", metavar="NAME", help="Bind them to this group (default opsportal-tui).")
@click.pass_context
def rbac(
    ctx: click.Context, /, what: tuple[str, ...], user: str | None, group: str | None, **said: Any
) -> None:
    """Print the least Roles and RoleBindings: for read-only, and for each remedy besides.

    WHAT is `read-only` or a remedy; by default all of them.
    """
    from remedies.rbac import Subject
    from tui.commands import rbac as command

    flags, _ = merged(ctx, said)
    subject = ("User", user) if user else ("Group", group or "opsportal-tui")
    command.show(settings_of(flags).profile, command.parse_parts(what), Subject(*subject))
