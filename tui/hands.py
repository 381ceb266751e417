"""Hands: whether this dashboard may act, and what is being done; the keys of acting end here.

What it takes to plan and act is loaded when it is asked for first: a look needs none of it.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerCancelled, WorkerFailed

from probes.model import Cause
from tui import explaining
from widgets.pieces import Line

if TYPE_CHECKING:
    from tui.app import OpsPortalApp
    from tui.fixing import Fixing
    from tui.target import Request

KEYS: list[BindingType] = [
    Binding("f", "fix", "Fix", id="fix.first", tooltip="Plan the first remedy of the cause"),
    Binding(
        "F",
        "choose_fix",
        "Remedies",
        id="fix.choose",
        tooltip="Choose among the remedies of the cause",
    ),
    Binding("u", "undo", "Undo", id="fix.undo", tooltip="Take back the last change"),
    Binding("J", "journal", "Journal", id="fix.journal", tooltip="What was done"),
    Binding(
        "A",
        "arm",
        "Arm",
        id="fix.arm",
        tooltip="Let remedies be applied, or back to read-only",
    ),
]

_READ_ONLY: Line = (("  read-only", ""),)
_ARMED: Line = (("  ", ""), (" ! ARMED ", "bold reverse $text-error"))

STOPPING_S = 26.0
"""What is being done has ended by then: a little more than `executor.run.TAKING_BACK_S`."""

WATCHING = "watching"
"""The worker group that watches over a live edit; it ends with its target."""


class Hands:
    """One dashboard's hands: one thing at a time."""

    def __init__(self, app: OpsPortalApp) -> None:
        self._app = app
        self.armed = False
        self.applying = False
        """Whether a plan is being applied right now."""

        self.farewell = ""
        """What is said of a plan that was broken off, once the terminal is a shell's again."""

        self._worker: Worker[None] | None = None
        self._greeted = False

    def take_up(self, request: Request) -> None:
        """Turn to a target: read-only again, unless its profile allows more."""
        self._app.workers.cancel_group(self._app, WATCHING)
        self.armed = request.profile.allow_actions or request.sandbox is not None
        self._greeted = False

    def why_not(self) -> str:
        """Why nothing may be written now; empty while armed."""
        if self.armed:
            return ""
        return f"this dashboard is read-only; the key {self._app.key_shown('fix.arm')} arms it"

    @property
    def told(self) -> Line:
        """What the title bar says of it."""
        return _ARMED if self.armed else _READ_ONLY

    # The keys

    def fix(self, cause: Cause | None) -> None:
        """Plan the cause's first remedy."""
        if self._has_remedy(cause) and cause:
            self.plan(cause.remedies[0])

    def plan(self, remedy: str) -> None:
        """Plan that remedy."""
        self._start(lambda fixing: fixing.fix(remedy))

    def choose(self, cause: Cause | None) -> None:
        """Choose among the cause's remedies."""
        if self._has_remedy(cause) and cause:
            self._start(lambda fixing: fixing.choose(cause))

    def undo(self) -> None:
        """Take back the newest plan on this target."""
        self._start(lambda fixing: fixing.undo())

    def journal(self) -> None:
        """Show what was done."""
        self._start(lambda fixing: fixing.journal())

    def arm(self) -> None:
        """Arm by the profile's name; when armed, back to read-only at once."""
        if self.armed:
            self.set_armed(False)
        else:
            self._start(lambda fixing: fixing.arm())

    def leave(self) -> None:
        """End the program; while a plan is applied only when a person insists."""
        if self.applying:
            leaving = self._leave()
            self._app.run_worker(leaving, group="leaving", exclusive=True, exit_on_error=False)
        else:
            self._app.exit()

    def end(self, return_code: int) -> None:
        """End the program by a signal, the way `leave` does where nobody is asked."""
        if self.applying:
            ending = self._break_off(return_code)
            self._app.run_worker(ending, group="leaving", exclusive=True, exit_on_error=False)
        else:
            self._app.exit(return_code=return_code)

    def greet(self) -> None:
        """Tell once for each target what was never finished on it."""
        if not self._greeted and self._app.looking.way is not None:
            self._greeted = True
            self._work(lambda fixing: fixing.greet())

    def set_armed(self, armed: bool) -> None:
        """Arm or disarm, and say so."""
        self.armed = armed
        self._app.hand_out()
        told = "Armed: remedies can be applied now." if armed else "Read-only again."
        self._app.notify(told, severity="warning" if armed else "information", markup=False)

    def _has_remedy(self, cause: Cause | None) -> bool:
        if cause is None:
            explaining.tell(self._app, "No cause is named that could be mended.")
        elif not cause.remedies:
            told = f"Nothing of ours mends this: {cause.title}. {cause.advice}"
            explaining.tell(self._app, told)
        return bool(cause and cause.remedies)

    def _start(self, doing: Callable[[Fixing], Awaitable[None]]) -> None:
        if self._worker is not None and self._worker.is_running:
            explaining.tell(self._app, "One thing at a time: something is being done already.")
        elif self._app.looking.way is None:
            explaining.tell(self._app, "The way to the target is not open.")
        else:
            self._worker = self._work(doing)

    def _work(self, doing: Callable[[Fixing], Awaitable[None]]) -> Worker[None]:
        return self._app.run_worker(self._loaded(doing), group="fixing", exit_on_error=False)

    async def _loaded(self, doing: Callable[[Fixing], Awaitable[None]]) -> None:
        await asyncio.to_thread(importlib.import_module, "tui.fixing")
        from remedies.model import RefusedError
        from tui.fixing import Fixing

        try:
            await doing(Fixing(self._app, self))
        except RefusedError as error:
            explaining.tell(self._app, str(error))

    async def _leave(self) -> None:
        from tui.screens.leaving import LeavingScreen

        if await self._app.push_screen_wait(LeavingScreen()):
            await self._break_off(0)

    async def _break_off(self, return_code: int) -> None:
        """Stop what is being done; what must not stay of it is taken back before the end."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(WorkerCancelled, WorkerFailed, TimeoutError):
                await asyncio.wait_for(self._worker.wait(), STOPPING_S)
        self._app.exit(return_code=return_code, message=Text(self.farewell))
