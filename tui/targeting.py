"""Targeting: which target is looked at, what is kept of each, and the report on the present one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.choices import Choice, ChoiceError, Choices, Kind, Offer
from tui.feed import Reading
from tui.memory import Memory, Place

if TYPE_CHECKING:
    from tui.app import OpsPortalApp
    from tui.screens.profiles import ProfilesScreen

KEYS = (
    Binding("P", "profiles", "Profiles", id="view.profiles", tooltip="Look at another target"),
    Binding("w", "write_report", "Report", id="view.report", tooltip="Write report, to a file"),
)

_LIMIT_S = 5.0
"""For reading files, which may lie on a network."""


class Targeting:
    """The keys that lead to another target, or write down how the present one stands."""

    def __init__(
        self,
        app: OpsPortalApp,
        clock: Callable[[], datetime],
        memory: Memory | None,
        choices: Choices | None,
    ) -> None:
        """Without memory nothing is kept; without choices there is nothing else to look at."""
        self._app = app
        self._clock = clock
        self._memory = memory
        self._choices = choices

    def why_not(self, action: str) -> str:
        """Why nothing can be reported yet."""
        if action == "write_report" and not self._app.reading.snapshot.finished:
            return "Nothing to report yet: the first sweep has not ended."
        return ""

    @property
    def has_choices(self) -> bool:
        """Whether there is anything else to look at in this run."""
        return self._choices is not None

    def _run(self, group: str, work: Awaitable[None], *, exclusive: bool = True) -> None:
        self._app.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)

    # What is kept

    def keep(self, reading: Reading) -> None:
        """Keeps how it stands for the next run; a sandbox is another world each time."""
        if self._memory and reading.snapshot.finished and self._app.request.sandbox is None:
            place = Place.of(self._app.request.profile, reading.context)
            self._run("memory", self._keep(self._memory, place, reading), exclusive=False)

    async def _keep(self, memory: Memory, place: Place, reading: Reading) -> None:
        at = reading.snapshot.finished_at or reading.snapshot.started_at
        try:
            await asyncio.to_thread(memory.keep, place, reading.diagnosis, at)
        except OSError as error:
            if self._memory:
                told = f"How targets stand is not kept: {error.strerror}"
                self._app.notify(told, severity="warning", markup=False)
            self._memory = None  # it is told once

    # The report

    async def report(self) -> None:
        """Write the report to a file of its own, and say where it is."""
        try:
            path = await asyncio.to_thread(self._written)
        except OSError as error:
            told = f"The report cannot be written: {error.strerror}"
            self._app.notify(told, severity="error", markup=False)
        else:
            self._app.notify(str(path), title="Report written", markup=False)

    def _written(self) -> Path:
        from tui import incident  # with all remedies, whose doings it tells

        request = self._app.request
        seen = incident.Seen.of(self._app.reading)
        text = incident.report(request, seen, self._memory, "the dashboard")
        return incident.put_somewhere(text, request, self._clock())

    # Another target

    def profiles(self) -> None:
        """Show what there is to look at."""
        from tui.screens.profiles import ProfilesScreen  # not before it is wanted: a quick start

        if self._choices and not isinstance(self._app.screen, ProfilesScreen):
            screen = ProfilesScreen(self._app.request, self._clock)
            self._app.push_screen(screen)
            self._run("profiles", self._list(self._choices, screen))

    async def _list(self, choices: Choices, screen: ProfilesScreen) -> None:
        try:
            async with asyncio.timeout(_LIMIT_S):
                screen.offer = await asyncio.to_thread(choices.offer, self._app.request)
        except TimeoutError:
            trouble = f"the configuration and the kubeconfig gave nothing within {_LIMIT_S:g} s"
            screen.offer = Offer(troubles={Kind.PROFILE: trouble})

    def choose(self, choice: Choice) -> None:
        """Look at it; where that cannot be, stay here and say why."""
        if self._choices:
            self._run("profiles", self._choose(self._choices, choice))

    async def _choose(self, choices: Choices, choice: Choice) -> None:
        now = self._app.request
        try:
            request = await asyncio.to_thread(choices.request, choice, now)
        except ChoiceError as error:
            told = f"{error}. Still looking at {now.target}."
            self._app.notify(told, title="Not switched", severity="error", markup=False)
            return
        self._app.back_to_overview()
        if request != now:
            self._app.switch(request)
