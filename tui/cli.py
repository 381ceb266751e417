"""The command line. Each command imports what it needs when it runs: `--help` stays fast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container
from pathlib import Path
from typing import Any, NoReturn

import click

from tui.configfile import ConfigError
from tui.output import FORMATS
from tui.settings import Flags, Settings, load
from tui.target import DEFAULT_SCENARIO, Request, TargetError, check_scenario

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _spelled_out(args: list[str], commands: Container[str]) -> list[str]:
    """The words with every bare `--sandbox` given its scenario.

    click would take the word after it, which may be a command, for the scenario.
    """
    return [
        f"--sandbox={DEFAULT_SCENARIO}"
        if word == "--sandbox" and (following.startswith("-") or following in commands)
        else word
        for word, following in zip(args, [*args, "-"][1:], strict=True)
    ]


class _Commands(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _spelled_out(args, self.commands))


_OPTIONS: tuple[Decorator, ...] = (
    click.option("--profile", metavar="NAME", help="Profile of the configuration file."),
    click.option("--context", metavar="CTX", help="Context of the kubeconfig."),
    click.option("-n", "--namespace", metavar="NAMESPACE", help="Namespace of ops-service."),
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Configuration file (default: see `config path`).",
    ),
    click.option(
        "--sandbox",
        metavar="[SCENARIO]",
        help=f"Start a sandbox and look at it (default scenario: {DEFAULT_SCENARIO}).",
    ),
)


_ARMING = click.option(
    "--allow-actions",
    is_flag=True,
    default=None,
    help="Let remedies be applied; without it everything is read-only.",
)

_ACTING: tuple[Decorator, ...] = (
    _ARMING,
    click.option("--plan", "plan_only", is_flag=True, help="Print the plan and change nothing."),
    click.option("--yes", is_flag=True, help="Apply the plan without asking."),
    click.option(
        "--format", type=click.Choice(("text", "json")), default="text", show_default=True
    ),
)


def _acting_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_ACTING):
        command = option(command)
    return _target_options(command)


_timeout_option = click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0, 300, min_open=True),
    metavar="S",
    help="Time limit of each probe, in seconds (default 5).",
)


def _target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _merged(ctx: click.Context, said: dict[str, Any]) -> tuple[Flags, str | None]:
    """What the group and the command were told; the command's word wins."""
    above: dict[str, Any] = ctx.obj or {}
    merged = above | {key: value for key, value in said.items() if value is not None}
    sandbox = merged.pop("sandbox", None)
    return Flags(**merged), sandbox


def _request(ctx: click.Context, said: dict[str, Any]) -> Request:
    flags, sandbox = _merged(ctx, said)
    settings = _load(flags)
    if sandbox is not None:
        try:
            check_scenario(sandbox)
        except TargetError as error:
            _refuse(error)
    ui = settings.ui
    return Request(settings.profile, sandbox, theme=ui.theme, mouse=ui.mouse, keys=settings.keys)


def _load(flags: Flags) -> Settings:
    try:
        return load(flags)
    except ConfigError as error:
        _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    click.echo(f"opsportal-tui: {error}", err=True)
    sys.exit(2)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@_target_options
@_ARMING
@click.option("--theme", metavar="NAME", help="Theme of the dashboard.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.version_option(package_name="opsportal-tui")
@click.pass_context
def main(ctx: click.Context, /, no_mouse: bool, **said: Any) -> None:
    """Names why the operations portal shows zeros, with evidence.

    Without a command it opens the dashboard.
    """
    ctx.obj = {key: value for key, value in said.items() if value is not None}
    if no_mouse:
        ctx.obj["mouse"] = False
    if ctx.invoked_subcommand is None:
        from tui.dashboard import run_dashboard

        flags, _ = _merged(ctx, {})
        sys.exit(run_dashboard(_request(ctx, {}), flags))


@main.command()
@_target_options
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--only", metavar="ID,…", help="Judge these checks only.")
@_timeout_option
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option("--watch", is_flag=True, help="Go on, one verdict after another, until Ctrl-C.")
@click.pass_context
def check(
    ctx: click.Context, /, format: str, only: str | None, strict: bool, watch: bool, **said: Any
) -> None:
    """Judge once and print the verdict.

    Exit codes: 0 nothing failed, 1 something failed, 2 usage or configuration error, 3 nothing
    failed but something is unknown.
    """
    from tui.commands import check as command
    from tui.running import run

    options = command.Options(format, command.parse_only(only), strict, watch)
    sys.exit(run(command.check(_request(ctx, said), options)))


@main.command()
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
    sys.exit(run(command.fix(_request(ctx, said), wanted, given, options)))


@main.command()
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
    sys.exit(run(command.undo(_request(ctx, said), id, options)))


@main.command()
@click.option("--format", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--settled", metavar="ID", help="Note that you have looked after an unfinished plan.")
def journal(format: str, settled: str | None) -> None:
    """List what was done by this user on this machine, unfinished plans first."""
    from tui.commands import journal as command

    sys.exit(command.settle(settled) if settled else command.show(format))


@main.command()
@_target_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it to this file (default, and `-`: standard output).",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@_timeout_option
@click.pass_context
def report(ctx: click.Context, /, output: Path | None, force: bool, **said: Any) -> None:
    """Write an incident report in Markdown.

    Exit codes: 0 the report is written, whatever it says; 2 usage or configuration error, or it
    could not be written.
    """
    from tui.commands import report as command
    from tui.running import run

    options = command.Options.of(output, force=force)
    sys.exit(run(command.report(_request(ctx, said), options)))


@main.command()
@_target_options
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

    flags, _ = _merged(ctx, said)
    subject = ("User", user) if user else ("Group", group or "opsportal-tui")
    command.show(_load(flags).profile, command.parse_parts(what), Subject(*subject))


@main.command()
@click.argument("scenario", required=False)
@click.option("--list", "listing", is_flag=True, help="List the scenarios.")
@click.pass_context
def sandbox(ctx: click.Context, scenario: str | None, listing: bool) -> None:
    """Serve a scenario of the incident on loopback until Ctrl-C."""
    from tui.commands import sandbox as command
    from tui.running import run

    if listing:
        command.list_scenarios()
        return
    asked = scenario or (ctx.obj or {}).get("sandbox") or DEFAULT_SCENARIO
    sys.exit(run(command.serve(asked)))


@main.group()
def config() -> None:
    """The configuration file, and what is in force."""


@config.command()
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@click.pass_context
def init(ctx: click.Context, force: bool) -> None:
    """Write a commented configuration file."""
    from tui import paths
    from tui.commands import config as command

    path = (ctx.obj or {}).get("config") or paths.config_file()
    try:
        command.write(path, force=force)
    except ConfigError as error:
        _refuse(error)
    click.echo(path)


@config.command()
@_target_options
@click.pass_context
def show(ctx: click.Context, /, **said: Any) -> None:
    """Print the values in force and where each came from."""
    from tui.commands import config as command

    flags, _ = _merged(ctx, said)
    try:
        command.show(_load(flags))
    except ConfigError as error:
        _refuse(error)


@config.command()
@click.pass_context
def keys(ctx: click.Context) -> None:
    """List every key of the dashboard by the id that the table [keys] takes."""
    from tui.commands import config as command

    flags, _ = _merged(ctx, {})
    try:
        command.show_keys(_load(flags))
    except ConfigError as error:
        _refuse(error)


@config.command()
@click.pass_context
def path(ctx: click.Context) -> None:
    """Print the path of the configuration file."""
    from tui import paths

    click.echo((ctx.obj or {}).get("config") or paths.config_file())
