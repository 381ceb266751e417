"""Options that several commands share, and what they come to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from tui.configfile import ConfigError
from tui.settings import Flags, Settings, load
from tui.target import DEFAULT_SCENARIO, Request, TargetError, check_scenario

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

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


arming_option = click.option(
    "--allow-actions",
    is_flag=True,
    default=None,
    help="Let remedies be applied; without it everything is read-only.",
)

timeout_option = click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0, 300, min_open=True),
    metavar="S",
    help="Time limit of each probe, in seconds (default 5).",
)


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say what to look at."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def merged(ctx: click.Context, said: dict[str, Any]) -> tuple[Flags, str | None]:
    """What the group and the command were told; the command's word wins."""
    above: dict[str, Any] = ctx.obj or {}
    told = above | {key: value for key, value in said.items() if value is not None}
    sandbox = told.pop("sandbox", None)
    return Flags(**told), sandbox


def request_of(ctx: click.Context, said: dict[str, Any]) -> Request:
    """What to look at, of all that was told; ends the program where that cannot be."""
    flags, sandbox = merged(ctx, said)
    settings = settings_of(flags)
    if sandbox is not None:
        try:
            check_scenario(sandbox)
        except TargetError as error:
            refuse(error)
    ui = settings.ui
    return Request(settings.profile, sandbox, theme=ui.theme, mouse=ui.mouse, keys=settings.keys)


def settings_of(flags: Flags) -> Settings:
    """The settings in force; ends the program where there is a mistake in them."""
    try:
        return load(flags)
    except ConfigError as error:
        refuse(error)


def refuse(error: Exception) -> NoReturn:
    """End the program with a usage error, in one sentence."""
    click.echo(f"opsportal-tui: {error}", err=True)
    sys.exit(2)
