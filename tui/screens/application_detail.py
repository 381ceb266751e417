"""Drill-down of one Application: its resources, conditions and history."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from probes.model import ApplicationDetail, Failure
from tui.feed import Reading, Way
from tui.screens.looking import LookingScreen, WayNow
from widgets.application_sheet import application_rows
from widgets.pieces import Row


class ApplicationDetailScreen(LookingScreen[ApplicationDetail]):
    """One Application whole."""

    def __init__(self, way: WayNow, namespace: str, name: str) -> None:
        super().__init__(way)
        self._namespace = namespace
        self._application = name

    @property
    def heading(self) -> str:
        """The Application's name."""
        return f"Application {self._application}"

    def ask(self, way: Way) -> Awaitable[ApplicationDetail | Failure]:
        """The Application as the cluster stores it."""
        return way.application(self._namespace, self._application)

    def told(self, seen: ApplicationDetail, reading: Reading) -> Sequence[Row]:
        """All of it."""
        return tuple(application_rows(seen))
