"""The dashboard as a program: from a request to an exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import click
from textual.drivers.linux_driver import LinuxDriver

from tui import paths
from tui.app import OpsPortalApp
from tui.choices import Choices
from tui.configfile import ConfigError
from tui.hands import STOPPING_S
from tui.live import LiveFeed
from tui.memory import Memory
from tui.settings import Flags
from tui.target import Request, TargetError, check_scenario
from tui.terminal import PATIENCE_S, TerminalDriver, end_when_cut_off
from tui.theme import fitting, unknown_theme

_USAGE = 2


def run_dashboard(request: Request, flags: Flags) -> int:
    """Open the dashboard and give the program's exit code; `flags` is what made the request."""
    refusal = _refusal(request)
    if refusal:
        click.echo(f"opsportal-tui: {refusal}", err=True)
        return _USAGE
    app = build(request, flags)
    if app.driver_class is LinuxDriver:  # the variable TEXTUAL_DRIVER may name another
        app.driver_class = TerminalDriver
    end_when_cut_off(sys.stdin.fileno(), lambda: STOPPING_S if app.hands.applying else PATIENCE_S)
    app.run(mouse=request.mouse)
    return app.return_code or 0


def build(request: Request, flags: Flags | None = None) -> OpsPortalApp:
    """The app on the live target, in a theme that fits the terminal unless one is asked for.

    With flags it remembers how targets stood, and others can be chosen.
    """
    request = replace(request, theme=request.theme or fitting(os.environ))
    memory = Memory(paths.profiles_folder()) if flags else None
    choices = Choices(flags, memory, request) if flags and memory else None
    app = OpsPortalApp(LiveFeed, request, memory=memory, choices=choices)
    if request.keys:
        app.set_keymap(_keymap(request))
    return app


def _keymap(request: Request) -> dict[str, str]:
    """The keys of a person's own. Raises ConfigError where they cannot be."""
    from tui import keymap  # it imports every screen: only for those who want other keys

    return keymap.for_textual(keymap.checked(request.keys))


def _refusal(request: Request) -> str | None:
    """Why there can be no dashboard, or None."""
    if request.theme:
        refused = unknown_theme(request.theme)
        if refused:
            return refused
    if request.sandbox is not None:
        try:
            check_scenario(request.sandbox)
        except TargetError as error:
            return str(error)
    if request.keys:
        try:
            _keymap(request)
        except ConfigError as error:
            return str(error)
    # Textual draws on standard error and reads keys from standard input.
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return "the dashboard needs a terminal; `opsportal-tui check` does not"
    return None
