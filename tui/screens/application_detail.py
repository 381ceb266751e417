"""Drill-down of one Application: its resources, conditions and history."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from datetime import datetime

from probes.model import ApplicationDetail, Observation
from tui.feed import Reading, Way
from tui.screens.looking import LookingScreen, WayNow, later
from widgets.application_sheet import application_rows
from widgets.pieces import Row


class ApplicationDetailScreen(LookingScreen[ApplicationDetail]):
    """One Application whole; ops-service's own follows the sweeps."""

    HELP = "One Application: sync, health, owner, parameters, conditions, resources and history."

    def __init__(self, way: WayNow, namespace: str, name: str) -> None:
        super().__init__(way)
        self._namespace = namespace
        self._application = name

    @property
    def heading(self) -> str:
        """The Application's name."""
        return f"Application {self._application}"

    def ask(self, way: Way) -> Awaitable[Observation[ApplicationDetail]]:
        """The Application as the cluster stores it, or as Argo CD tells it."""
        return way.application(self._namespace, self._application)

    def told(self, seen: ApplicationDetail, at: datetime, reading: Reading) -> Iterator[Row]:
        """All of it."""
        own = later(reading.snapshot.application, at)
        if own and (own.namespace, own.name) == (seen.seen.namespace, seen.seen.name):
            seen = seen.updated(own)
        yield from application_rows(seen)
