"""The base of drill-downs that look on demand: at once `looking`, then what is seen, or why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import work
from textual.binding import Binding, BindingType

from probes.model import Failure, Status
from tui.feed import Reading, Way
from tui.screens.sheet import SheetScreen
from widgets.panel import of_failure
from widgets.pieces import Row, Words
from widgets.status import told

Seen = TypeVar("Seen")
WayNow = Callable[[], Way | None]
"""Gives the open way to the target, None while there is none."""


class LookingScreen(SheetScreen, Generic[Seen]):
    """A subclass says what to look at, and how it is told."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "look", "Look again", id="sheet.look", tooltip="Look at it again")
    ]

    def __init__(self, way: WayNow) -> None:
        super().__init__()
        self._way = way
        self._seen: Seen | Failure | None = None

    def on_mount(self) -> None:
        """Looks at once."""
        super().on_mount()
        self.action_look()

    def action_look(self) -> None:
        """Look again; what stands there stays until something newer comes."""
        self._look()

    @work(group="details", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        way = self._way()
        if way is None:
            self.notify("There is no way to the target now.", severity="warning", markup=False)
            return
        self._seen = await self.ask(way)
        if self.reading is not None:
            self.show(self.reading)

    def rows_of(self, reading: Reading) -> Sequence[Row]:
        """What was seen, or why nothing was."""
        if self._seen is None:
            return (Words(told(Status.PENDING, "looking")),)
        if isinstance(self._seen, Failure):
            return of_failure(self._seen)
        return self.told(self._seen, reading)

    def ask(self, way: Way) -> Awaitable[Seen | Failure]:
        """The look itself."""
        raise NotImplementedError

    def told(self, seen: Seen, reading: Reading) -> Sequence[Row]:
        """How what was seen is told."""
        raise NotImplementedError
