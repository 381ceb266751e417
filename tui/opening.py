"""Opening: which screen a key, a panel or a command leads to, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from probes.model import CheckId
from tui.feed import Way
from tui.objects import APPLICATION, TABLE
from tui.offered import ShowingKeys, offered
from tui.palette import Room
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.help import HelpScreen
from tui.screens.logs import LogsScreen
from tui.screens.objects import ObjectsScreen, detail_of
from tui.screens.overview import OverviewScreen
from widgets.checklist import Checklist
from widgets.log_view import LogView
from widgets.logbook import Logbook
from widgets.objects import Objects
from widgets.panel import Panel


class Opening(ShowingKeys):
    """The part of the app that opens screens over the overview.

    A screen is told what it shows when it comes to the front (`ReadingScreen.Resumed`).
    """

    logbook: Logbook
    overview: OverviewScreen

    def way_now(self) -> Way | None:
        """The open way to the target, which may be another one each time."""
        raise NotImplementedError

    def back_to_overview(self) -> None:
        """Close every other screen."""
        while self.screen is not self.overview:
            self.pop_screen()

    def show_panel(self, place: int) -> None:
        """Go to a panel of the overview."""
        self.back_to_overview()
        # Afterwards: a screen that comes back first gives the focus to what had it before.
        self.call_after_refresh(self.overview.action_panel, place)

    def action_help(self) -> None:
        """Show the keys of the present screen."""
        screen = self.screen
        if isinstance(screen, HelpScreen):
            screen.dismiss()
        else:
            self.push_screen(HelpScreen(screen))

    @property
    def rooms(self) -> tuple[Room, ...]:
        """What can be opened from everywhere."""
        return (
            Room(self.back_to_overview, OverviewScreen, Checklist),
            Room(self.action_logs, LogsScreen, LogView),
            Room(self.action_objects, ObjectsScreen, Objects),
        )

    async def press(self, go: Callable[[], object], id: str) -> None:
        """Open another screen, and do there what that binding does."""
        go()
        # Afterwards: a screen that comes takes the focus where it wants it first.
        self.call_after_refresh(self._press, id)

    async def _press(self, id: str) -> None:
        for one in offered(self.screen):
            if one.id == id:
                await self.run_action(one.action, one.node)

    def action_objects(self, kind: str = "") -> None:
        """List what one can look into, from the first of a kind on."""
        if not isinstance(self.screen, ObjectsScreen):
            self.push_screen(ObjectsScreen(kind))

    def on_objects_opened(self, event: Objects.Opened) -> None:
        """Looks into the chosen object."""
        self.push_screen(detail_of(event.row, self.way_now))

    def on_panel_opened(self, event: Panel.Opened) -> None:
        """Opens what a panel is about."""
        match event.room:
            case "logs":
                self.action_logs()
            case "argocd":
                self.action_objects(APPLICATION)
            case "db":
                self.action_objects(TABLE)
            case "prometheus":
                self.action_open(CheckId.PROMETHEUS_URL)

    def action_logs(self) -> None:
        """Open the logs, or go back to them."""
        if not isinstance(self.screen, LogsScreen):
            self.push_screen(LogsScreen(self.logbook))

    def action_open(self, check: CheckId) -> None:
        """Open the evidence of a check."""
        if isinstance(self.screen, CheckDetailScreen):
            self.pop_screen()
        self.push_screen(CheckDetailScreen(check))

    def on_checklist_opened(self, event: Checklist.Opened) -> None:
        """Opens the chosen check."""
        self.action_open(event.check)
