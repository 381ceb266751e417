"""The base of drill-downs that look on demand: at once `looking`, then what is seen, or why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from probes.model import Failure, Observation, Status
from tui.feed import Reading, Way
from tui.offered import key_shown
from tui.screens.sheet import SheetScreen
from widgets.ages import moment, short_duration
from widgets.panel import of_failure
from widgets.pieces import MUTED, Blank, Row, Words
from widgets.status import told

Seen = TypeVar("Seen")
WayNow = Callable[[], Way | None]
"""Gives the open way to the target, None while there is none."""

_NO_WAY = "there is no way to the target now"


class LookingScreen(SheetScreen, Generic[Seen]):
    """A subclass says what to look at, and how it is told."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look", "Look again", id="sheet.look", tooltip="Look at it again")
    ]

    def __init__(self, way: WayNow) -> None:
        super().__init__()
        self._way = way
        self._seen: Observation[Seen] | None = None
        self._looking = False
        self._trouble = ""

    def on_mount(self) -> None:
        """Looks at once."""
        super().on_mount()
        self.action_look()

    def action_look(self) -> None:
        """Look again; what stands there stays until something newer comes."""
        way = self._way()
        self._looking = way is not None
        self._trouble = "" if way else _NO_WAY
        self._draw()
        if way is not None:
            self._look(way)

    @work(group="details", exclusive=True, exit_on_error=False)
    async def _look(self, way: Way) -> None:
        self._seen = await self.ask(way)
        self._looking = False
        self._draw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells what broke; a look that failed is no error, but something that was seen."""
        if event.state is WorkerState.ERROR:
            self._looking = False
            self._trouble = f"internal error: {event.worker.error!r}"
            self._draw()

    def _draw(self) -> None:
        if self.reading is not None:
            self.show(self.reading)

    def rows_of(self, reading: Reading) -> Sequence[Row]:
        """How the look stands, and below it what was seen, or why nothing was."""
        seen = self._seen
        if seen is None:
            return (self._standing(None),)
        found = seen.seen
        if isinstance(found, Failure):
            return (self._standing(seen), Blank(), *of_failure(found))
        return (self._standing(seen), Blank(), *self.told(found, seen.started_at, reading))

    def _standing(self, seen: Observation[Seen] | None) -> Row:
        if self._looking:
            return Words(told(Status.PENDING, "looking" if seen is None else "looking again"))
        again = f"{key_shown(self, 'sheet.look')} looks again"
        if seen is None or self._trouble:
            return Words(told(Status.UNKNOWN, f"{self._trouble}; {again}"))
        when = f"looked {moment(seen.started_at)}, took {short_duration(seen.duration_s)}"
        return Words(((f"{when}; {again}", MUTED),))

    def ask(self, way: Way) -> Awaitable[Observation[Seen]]:
        """The look itself."""
        raise NotImplementedError

    def told(self, seen: Seen, at: datetime, reading: Reading) -> Iterable[Row]:
        """How what was seen at that time is told, with what later sweeps saw of it."""
        raise NotImplementedError


def later(observation: Observation[Seen] | None, at: datetime) -> Seen | None:
    """What a sweep saw, where it looked after that time and saw anything."""
    if observation is None or observation.started_at <= at:
        return None
    seen = observation.seen
    return None if isinstance(seen, Failure) else seen
