"""The app: runs the sweeps, keeps the newest reading, and hands it to the screens."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.actions import ActionParseResult
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from probes.diagnosis import diagnose
from probes.model import Cause, CheckId, LogsSeen, Snapshot, Status
from tui import explaining, palette, targeting
from tui.choices import Choices
from tui.explaining import Explaining
from tui.feed import Feed, FeedError, Reading, Way
from tui.hands import KEYS, Hands
from tui.memory import Memory
from tui.objects import APPLICATION, TABLE
from tui.screens.base import ReadingScreen
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.dialog import Dialog
from tui.screens.help import HelpScreen, keys_of
from tui.screens.logs import LogsScreen
from tui.screens.objects import ObjectsScreen, detail_of
from tui.screens.overview import PANELS, OverviewScreen
from tui.standing import Phase, Standing
from tui.tailing import tail
from tui.target import Request
from tui.targeting import Targeting
from tui.theme import ANSI, DEFAULT, OURS, without_colour
from widgets.checklist import Checklist
from widgets.logbook import Logbook
from widgets.objects import Objects
from widgets.panel import Panel

if TYPE_CHECKING:
    from tui.screens.profiles import ProfilesScreen

_AGE_S = 5.0
"""How often the age of the data is looked at; it is drawn only when its words change."""

_SWEEPS = "sweeps"
"""The worker group whose end means that nobody looks any more."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)

Feeds = Callable[[Request], Feed]
"""Makes the feed of a request."""


def utc_now() -> datetime:
    """The clock; tests give another one."""
    return datetime.now(UTC)


def _nothing_yet(request: Request, now: datetime) -> Reading:
    """What stands on screen before anything has answered."""
    profile = request.profile
    namespace = "" if request.sandbox else profile.namespace or ""
    snapshot = Snapshot(profile.name, namespace, profile.workload, now)
    return Reading(snapshot, diagnose(snapshot))


class OpsPortalApp(Explaining, App[None]):
    """The dashboard on one target at a time."""

    TITLE = "opsportal-tui"
    CSS_PATH = "dashboard.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "Help", id="view.help", tooltip="Show the keys"),
        Binding(
            "q",
            "quit",
            "Quit",
            # In front of modal screens too; a field that one types in keeps its letters.
            priority=True,
            id="view.quit",
            tooltip="End the program",
        ),
        *KEYS,
        Binding("L", "logs", "Logs", id="view.logs", tooltip="Open the logs of all pods"),
        Binding("o", "objects", "Objects", id="view.objects", tooltip="Pods, Applications, tables"),
        Binding("r", "sweep", "Sweep", id="view.sweep", tooltip="Sweep now"),
        Binding("p", "pause", "Pause", id="view.pause", tooltip="Pause the sweeps, or go on"),
        *targeting.KEYS,
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
        feed: Feed

    @dataclass
    class Noted(Message):
        """Something goes on while the way to the target is opened."""

        text: str
        feed: Feed

    def __init__(
        self,
        feeds: Feeds,
        request: Request,
        *,
        clock: Callable[[], datetime] = utc_now,
        memory: Memory | None = None,
        choices: Choices | None = None,
    ) -> None:
        """`memory` is what is kept between runs, `choices` what else there is to look at."""
        plain = without_colour(os.environ)
        # Only with native colours Textual drops them all; else it draws in shades of grey.
        super().__init__(ansi_color=True if plain else None)
        for theme in OURS:
            self.register_theme(theme)
        self._feeds = feeds
        self._clock = clock
        self._wanted = asyncio.Event()
        self.logbook = Logbook()
        self._overview = OverviewScreen(clock, self.logbook)
        self._looking: Worker[None] | None = None
        self.hands = Hands(self)
        self._targeting = Targeting(self, clock, memory, choices)
        self._begin(request)
        self.theme = ANSI if plain else request.theme or DEFAULT

    def _begin(self, request: Request) -> None:
        """Starts from nothing: on the first target, or on another."""
        profile = request.profile
        patience = timedelta(seconds=2 * profile.interval_s + profile.timeout_s)
        self.request = request
        self.hands.take_up(request)
        self.feed = self._feeds(request)
        self.way: Way | None = None
        """The open way to the target, while there is one."""
        self._followed: Way | None = None
        """The way whose new log lines come."""
        self.standing = Standing(patience=patience)
        self.reading = _nothing_yet(request, self._clock())
        self.logbook.clear()

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
        self.call_after_refresh(self._begin_to_look)

    def _end_by(self, number: int) -> None:
        """A signal ends the program the way `q` does, so that the terminal is left clean."""
        self.exit(return_code=128 + number)

    # The sweeps

    def switch(self, request: Request) -> None:
        """Look at another target; the way to the one before is closed."""
        if self.hands.applying:
            explaining.tell(self, "A plan is being applied here: wait for its end.")
            return
        self.workers.cancel_group(self, "logs")
        self._begin(request)
        self._hand_out()
        self._show_lines()
        self._begin_to_look()

    def _begin_to_look(self) -> None:
        self._looking = self._look()

    @work(group=_SWEEPS, exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        feed = self.feed
        async with feed.open(lambda text: self._post(self.Noted(text, feed))) as way:
            self.way = way
            try:
                while True:
                    self._wanted.clear()
                    await way.sweep(lambda reading: self._post(self.Landed(reading, feed)))
                    await self._until_due()
            finally:
                if self.way is way:
                    self.way = None

    def _post(self, message: Message) -> None:
        self.post_message(message)

    async def _until_due(self) -> None:
        """Waits for the next sweep: its time has come, or a person wants one."""
        interval = self.request.profile.interval_s
        while not self._wanted.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), interval)
            if not self.standing.paused:
                return

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells why something ended that should have gone on."""
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error
        told = str(error) if isinstance(error, FeedError) else f"internal error: {error!r}"
        if event.worker is self._looking:
            self._stand(replace(self.standing, disconnected=True))
            self._overview.tell(Status.UNKNOWN, told)
        title = "Disconnected" if event.worker is self._looking else event.worker.group.title()
        self.notify(told, title=title, severity="error", markup=False)

    def on_ops_portal_app_noted(self, event: Noted) -> None:
        """Says what is going on while there is nothing else to say."""
        if event.feed is self.feed:
            self._overview.tell(Status.PENDING, event.text)

    def on_ops_portal_app_landed(self, event: Landed) -> None:
        """Keeps the newest reading; one of the target before may still be on its way."""
        if event.feed is not self.feed:
            return
        self.reading = self._remembered(event.reading)
        self._begin_to_follow(event.reading.snapshot)
        swept_at = event.reading.snapshot.finished_at or self.standing.swept_at
        self._stand(replace(self.standing, heard=True, swept_at=swept_at, disconnected=False))
        self._targeting.keep(self.reading)
        if event.reading.snapshot.finished:
            self.hands.greet()

    def _begin_to_follow(self, snapshot: Snapshot) -> None:
        """The logbook begins with what the first sweep has read, and goes on with the tail."""
        if not snapshot.finished or self.way is None:
            return
        self.logbook.gaps = dict(self.way.unfollowed())
        if self.way is self._followed:
            return
        self._followed = self.way
        seen = snapshot.logs.seen if snapshot.logs else None
        self.logbook.begin(seen if isinstance(seen, LogsSeen) else LogsSeen(()))
        self._show_lines()
        self._follow(self.way)

    @work(group="logs", exclusive=True, exit_on_error=False)
    async def _follow(self, way: Way) -> None:
        await tail(way, self.logbook, self._lines_drawn, self._hold_back)

    async def _lines_drawn(self) -> None:
        """Draws the new lines, and waits until they stand there."""
        self._show_lines()
        drawn = asyncio.Event()
        self.call_after_refresh(drawn.set)
        await drawn.wait()

    def _hold_back(self) -> bool:
        return any(
            screen.holds_back for screen in self.screen_stack if isinstance(screen, ReadingScreen)
        )

    def _show_lines(self) -> None:
        """On the screen in front: what changes on one behind it is drawn as if it were seen."""
        for screen in self.screen_stack[-1:]:  # there is none while the program ends
            if isinstance(screen, ReadingScreen):
                with suppress(NoMatches):  # as in `_hand_out`
                    screen.catch_up()

    def _remembered(self, reading: Reading) -> Reading:
        """The reading with the history that it makes."""
        history, ended = self.reading.history, reading.snapshot.finished_at
        if ended:
            history = history.after(reading.diagnosis.results, ended)
        return replace(reading, history=history)

    def _stand(self, standing: Standing) -> None:
        self.standing = standing
        self._hand_out()

    def look_at_age(self) -> None:
        """Names the state anew: data grow stale without anything happening."""
        self._hand_out()

    def _hand_out(self) -> None:
        """Gives each screen what it shows; equal values are not drawn again."""
        with self.batch_update():
            for screen in self.screen_stack:
                if isinstance(screen, ReadingScreen):
                    # While the program ends a screen may have lost its widgets already.
                    with suppress(NoMatches):
                        self._give(screen)

    def _give(self, screen: ReadingScreen) -> None:
        now = self._clock()
        screen.place = self._place()
        screen.state = (*self.standing.told(now), *self.hands.told)
        screen.stale = self.standing.phase(now) in (Phase.STALE, Phase.DISCONNECTED)
        screen.reading = self.reading
        screen.grow_older()

    def _place(self) -> tuple[str, ...]:
        namespace = self.reading.snapshot.namespace
        return (self.request.target, *([f"namespace {namespace}"] if namespace else []))

    # The keys

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run it, or say why it cannot run now."""
        if await super().run_action(action, default_namespace, namespaces):
            return True
        why = explaining.reason(default_namespace, action) if isinstance(action, str) else ""
        if why:
            explaining.tell(self, why)
        return bool(why)

    def action_sweep(self) -> None:
        """Sweep now; look again where the looking has ended."""
        if self.standing.disconnected:
            self._stand(replace(self.standing, disconnected=False))
            self._begin_to_look()
        self._wanted.set()

    def action_pause(self) -> None:
        """Pause the sweeps, or go on with one at once."""
        self._stand(replace(self.standing, paused=not self.standing.paused))
        if not self.standing.paused:
            self._wanted.set()

    async def action_quit(self) -> None:
        """End the program, or ask first."""
        self.hands.leave()

    def action_fix(self) -> None:
        """Plan the first remedy of the cause that is looked at."""
        self.hands.fix(self._cause())

    def action_choose_fix(self) -> None:
        """Choose among the remedies of the cause that is looked at."""
        self.hands.choose(self._cause())

    def action_undo(self) -> None:
        """Take back the newest change."""
        self.hands.undo()

    def action_journal(self) -> None:
        """Show what was done."""
        self.hands.journal()

    def action_arm(self) -> None:
        """Arm, or back to read-only."""
        self.hands.arm()

    def _cause(self) -> Cause | None:
        return self.screen.cause if isinstance(self.screen, ReadingScreen) else None

    def why_not(self, action: str) -> str:
        """Why the action cannot run now."""
        if action == "command_palette" and isinstance(self.screen, Dialog):
            return "Answer this first, or leave it with Escape."
        return self._targeting.why_not(action)

    async def action_write_report(self) -> None:
        """Write the incident report."""
        await self._targeting.report()

    def action_profiles(self) -> None:
        """Show what else there is to look at."""
        self._targeting.profiles()

    def on_profiles_screen_chosen(self, event: ProfilesScreen.Chosen) -> None:
        """Looks at what was chosen."""
        self._targeting.choose(event.choice)

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

    def action_objects(self, kind: str = "") -> None:
        """List what one can look into, from the first of a kind on."""
        if not isinstance(self.screen, ObjectsScreen):
            self.show_screen(ObjectsScreen(kind))

    def on_objects_opened(self, event: Objects.Opened) -> None:
        """Looks into the chosen object."""
        self.show_screen(detail_of(event.row, lambda: self.way))

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
            self.show_screen(LogsScreen(self.logbook))

    def action_open(self, check: CheckId) -> None:
        """Open the evidence of a check."""
        if isinstance(self.screen, CheckDetailScreen):
            self.pop_screen()
        self.show_screen(CheckDetailScreen(check))

    def show_screen(self, screen: ReadingScreen) -> None:
        """Open a screen on what is seen now."""
        self.push_screen(screen)
        self.call_after_refresh(self._hand_out)

    def on_checklist_opened(self, event: Checklist.Opened) -> None:
        """Opens the chosen check."""
        self.action_open(event.check)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers."""
        yield from palette.pressed_commands(self, screen)
        yield from palette.check_commands(self)
        yield from palette.remedy_commands(self.hands.plan)
        for place, title in enumerate(PANELS.values()):
            show_it = partial(self._show_panel, place)
            yield SystemCommand(f"view: {title} panel", "Go to this panel", show_it)
        yield SystemCommand("view: theme", "Choose another theme", self.action_change_theme)

    def back_to_overview(self) -> None:
        """Close every other screen."""
        while self.screen is not self._overview:
            self.pop_screen()

    def _show_panel(self, place: int) -> None:
        self.back_to_overview()
        # Afterwards: a screen that comes back first gives the focus to what had it before.
        self.call_after_refresh(self._overview.action_panel, place)
