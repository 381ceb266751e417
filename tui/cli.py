"""The command line. Each command imports what it needs when it runs: `--help` stays fast."""

from __future__ import annotations

import sys
from collections.abc import Container
from pathlib import Path
from typing import Any

import click

from tui import acts
from tui.configfile import ConfigError
from tui.options import (
    arming_option,
    merged,
    refuse,
    request_of,
    settings_of,
    target_options,
    timeout_option,
)
from tui.output import FORMATS
from tui.target import DEFAULT_SCENARIO


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


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@target_options
@arming_option
@click.option("--theme", metavar="NAME", help="Theme of the dashboard.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.version_option(package_name="opsportal-tui")
@click.pass_context
def main(ctx: click.Context, /, no_mouse: bool, **said: Any) -> None:
    """Names why the operations portal shows zeros, with evidence, and mends it.

    Without a command it opens the dashboard.
    """
    ctx.obj = {key: value for key, value in said.items() if value is not None}
    if no_mouse:
        ctx.obj["mouse"] = False
    if ctx.invoked_subcommand is None:
        from tui.dashboard import run_dashboard

        flags, _ = merged(ctx, {})
        sys.exit(run_dashboard(request_of(ctx, {}), flags))


@main.command()
@target_options
@click.option("--format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--only", metavar="ID,…", help="Judge these checks only.")
@timeout_option
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
    sys.exit(run(command.check(request_of(ctx, said), options)))


@main.command()
@target_options
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it to this file (default, and `-`: standard output).",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@timeout_option
@click.pass_context
def report(ctx: click.Context, /, output: Path | None, force: bool, **said: Any) -> None:
    """Write an incident report in Markdown.

    Exit codes: 0 the report is written, whatever it says; 2 usage or configuration error, or it
    could not be written.
    """
    from tui.commands import report as command
    from tui.running import run

    options = command.Options.of(output, force=force)
    sys.exit(run(command.report(request_of(ctx, said), options)))


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


for acting in (acts.fix, acts.undo, acts.journal, acts.rbac):
    main.add_command(acting)


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
        refuse(error)
    click.echo(path)


@config.command()
@target_options
@click.pass_context
def show(ctx: click.Context, /, **said: Any) -> None:
    """Print the values in force and where each came from."""
    from tui.commands import config as command

    flags, _ = merged(ctx, said)
    try:
        command.show(settings_of(flags))
    except ConfigError as error:
        refuse(error)


@config.command()
@click.pass_context
def keys(ctx: click.Context) -> None:
    """List every key of the dashboard by the id that the table [keys] takes."""
    from tui.commands import config as command

    flags, _ = merged(ctx, {})
    try:
        command.show_keys(settings_of(flags))
    except ConfigError as error:
        refuse(error)


@config.command()
@click.pass_context
def path(ctx: click.Context) -> None:
    """Print the path of the configuration file."""
    from tui import paths

    click.echo((ctx.obj or {}).get("config") or paths.config_file())
