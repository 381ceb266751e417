"""The app: runs the sweeps, keeps the newest reading, and hands it to the screens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from probes.diagnosis import diagnose
from probes.model import CheckId, Snapshot, Status
from tui.feed import Feed, FeedError, Reading
from tui.screens.base import ReadingScreen
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.help import HelpScreen, keys_of
from tui.screens.overview import PANELS, OverviewScreen
from tui.standing import Phase, Standing
from tui.target import Request
from tui.theme import DEFAULT
from widgets.checklist import Checklist

_AGE_S = 5.0
"""How often the age of the data is looked at; it is drawn only when its words change."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)


def utc_now() -> datetime:
    """The clock; tests give another one."""
    return datetime.now(UTC)


def _nothing_yet(request: Request, now: datetime) -> Reading:
    """What stands on screen before anything has answered."""
    profile = request.profile
    namespace = "" if request.sandbox else profile.namespace or ""
    snapshot = Snapshot(profile.name, namespace, profile.workload, now)
    return Reading(snapshot, diagnose(snapshot))


class OpsPortalApp(App[None]):
    """The dashboard on one target."""

    TITLE = "opsportal-tui"
    CSS_PATH = "dashboard.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "sweep", "Sweep", id="view.sweep", tooltip="Sweep now"),
        Binding("p", "pause", "Pause", id="view.pause", tooltip="Pause the sweeps, or go on"),
        Binding("question_mark,f1", "help", "Help", id="view.help", tooltip="Show the keys"),
        Binding("q", "quit", "Quit", id="view.quit", tooltip="End the program"),
        Binding(
            "ctrl+p",
            "command_palette",
            "Commands",
            show=False,
            priority=True,
            id="view.commands",
            tooltip="Every command by name",
        ),
    ]

    @dataclass
    class Landed(Message):
        """A reading came in."""

        reading: Reading

    @dataclass
    class Noted(Message):
        """Something goes on while the way to the target is opened."""

        text: str

    def __init__(
        self, feed: Feed, request: Request, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__()
        profile = request.profile
        self.feed = feed
        self._request = request
        self._clock = clock
        self._reading = _nothing_yet(request, clock())
        self._wanted = asyncio.Event()
        self.standing = Standing(
            patience=timedelta(seconds=2 * profile.interval_s + profile.timeout_s)
        )
        self._overview = OverviewScreen()
        self.theme = request.theme or DEFAULT

    def get_default_screen(self) -> Screen[None]:
        """The overview."""
        return self._overview

    def on_mount(self) -> None:
        """Shows the frame first and begins to look after it."""
        for number in _ENDING:
            with suppress(NotImplementedError, RuntimeError):  # only the main thread may
                asyncio.get_running_loop().add_signal_handler(number, self._end_by, number)
        self._hand_out()
        self.set_interval(_AGE_S, self.look_at_age)
        self.call_after_refresh(self._look)

    def _end_by(self, number: int) -> None:
        """A signal ends the program the way `q` does, so that the terminal is left clean."""
        self.exit(return_code=128 + number)

    # The sweeps

    @work(group="sweeps", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        async with self.feed.open(lambda text: self._post(self.Noted(text))) as sweep:
            while True:
                self._wanted.clear()
                await sweep(lambda reading: self._post(self.Landed(reading)))
                await self._until_due()

    def _post(self, message: Message) -> None:
        self.post_message(message)

    async def _until_due(self) -> None:
        """Waits for the next sweep: its time has come, or a person wants one."""
        interval = self._request.profile.interval_s
        while not self._wanted.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), interval)
            if not self.standing.paused:
                return

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells why the looking ended, where it ended by itself."""
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error
        told = str(error) if isinstance(error, FeedError) else f"internal error: {error!r}"
        self._stand(replace(self.standing, disconnected=True))
        self._overview.tell(Status.UNKNOWN, told)
        self.notify(told, title="Disconnected", severity="error", markup=False)

    def on_ops_portal_app_noted(self, event: Noted) -> None:
        """Says what is going on while there is nothing else to say."""
        self._overview.tell(Status.PENDING, event.text)

    def on_ops_portal_app_landed(self, event: Landed) -> None:
        """Keeps the newest reading."""
        self._reading = event.reading
        swept_at = event.reading.snapshot.finished_at or self.standing.swept_at
        self._stand(replace(self.standing, heard=True, swept_at=swept_at, disconnected=False))

    def _stand(self, standing: Standing) -> None:
        self.standing = standing
        self._hand_out()

    def look_at_age(self) -> None:
        """Names the state anew: data grow stale without anything happening."""
        self._hand_out()

    def _hand_out(self) -> None:
        """Gives each screen what it shows; equal values are not drawn again."""
        now = self._clock()
        with self.batch_update():
            for screen in self.screen_stack:
                if isinstance(screen, ReadingScreen):
                    screen.place = self._place()
                    screen.state = self.standing.told(now)
                    screen.stale = self.standing.phase(now) in (Phase.STALE, Phase.DISCONNECTED)
                    screen.reading = self._reading

    def _place(self) -> tuple[str, ...]:
        profile, sandbox = self._request.profile, self._request.sandbox
        namespace = self._reading.snapshot.namespace
        return (
            f"sandbox {sandbox}" if sandbox else f"profile {profile.name}",
            *([f"namespace {namespace}"] if namespace else []),
            "read-only",
        )

    # The keys

    def action_sweep(self) -> None:
        """Sweep now; look again where the looking has ended."""
        if self.standing.disconnected:
            self._stand(replace(self.standing, disconnected=False))
            self._look()
        self._wanted.set()

    def action_pause(self) -> None:
        """Pause the sweeps, or go on with one at once."""
        self._stand(replace(self.standing, paused=not self.standing.paused))
        if not self.standing.paused:
            self._wanted.set()

    def action_help(self) -> None:
        """Show the keys of the present screen."""
        screen = self.screen
        if isinstance(screen, HelpScreen):
            screen.dismiss()
            return
        bindings = list(screen.active_bindings.values())
        focused = screen.focused
        about = (focused.HELP or "") if focused else ""
        keys = keys_of(bindings, map(self.get_key_display, (one.binding for one in bindings)))
        self.push_screen(HelpScreen(keys, about))

    def action_open(self, check: CheckId) -> None:
        """Open the evidence of a check."""
        if isinstance(self.screen, CheckDetailScreen):
            self.pop_screen()
        self.push_screen(CheckDetailScreen(check))
        self.call_after_refresh(self._hand_out)

    def on_checklist_opened(self, event: Checklist.Opened) -> None:
        """Opens the chosen check."""
        self.action_open(event.check)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers."""
        for check in CheckId:
            open_it = partial(self.action_open, check)
            yield SystemCommand(f"check: {check}", "Open its evidence", open_it)
        for place, title in enumerate(PANELS.values()):
            show_it = partial(self._show_panel, place)
            yield SystemCommand(f"view: {title}", "Go to this panel", show_it)
        yield SystemCommand("view: sweep now", "Look at everything again", self.action_sweep)
        yield SystemCommand("view: pause", "Pause the sweeps, or go on", self.action_pause)
        yield SystemCommand("view: theme", "Choose another theme", self.action_change_theme)
        yield SystemCommand("view: keys", "Show the keys", self.action_help)
        yield SystemCommand("view: quit", "End the program", self.exit)

    def _show_panel(self, place: int) -> None:
        while self.screen is not self._overview:
            self.pop_screen()
        # Afterwards: a screen that comes back first gives the focus to what had it before.
        self.call_after_refresh(self._overview.action_panel, place)
