"""The app: keeps the newest reading, hands it to the screen in sight, and answers the keys."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.actions import ActionParseResult, parse
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from probes.diagnosis import diagnose
from probes.model import Cause, Snapshot, Status
from tui import explaining, palette, targeting
from tui.choices import Choices
from tui.explaining import Explaining
from tui.feed import FeedError, Reading, Way
from tui.hands import KEYS, Hands
from tui.keeping import kept
from tui.layout import fits
from tui.looking import Feeds, Looking
from tui.memory import Memory
from tui.opening import Opening
from tui.screens.base import ReadingScreen, View
from tui.screens.dialog import Dialog
from tui.screens.least import LeastRoom
from tui.screens.overview import PANELS, OverviewScreen
from tui.screens.sight import draw_new_lines, in_sight
from tui.tailing import Tailing
from tui.target import Request
from tui.targeting import Targeting
from tui.theme import ANSI, DEFAULT, OURS, without_colour
from widgets.logbook import Logbook

if TYPE_CHECKING:
    from tui.screens.profiles import ProfilesScreen

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


class OpsPortalApp(Explaining, Opening):
    """The dashboard on one target at a time."""

    TITLE = "opsportal-tui"
    CSS_PATH = "dashboard.tcss"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark,f1",
            "help",
            "All keys",
            priority=True,  # as for `q` below
            id="view.help",
            tooltip="Show the keys, and why one cannot be used now",
        ),
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
        self._clock = clock
        self.logbook = Logbook()
        self.overview = OverviewScreen(clock, self.logbook)
        self.looking = Looking(self, feeds, request)
        self.hands = Hands(self)
        self._tailing = Tailing(self, self.logbook)
        self._targeting = Targeting(self, clock, memory, choices)
        self._turn_to(request)
        self.theme = ANSI if plain else request.theme or DEFAULT

    def _turn_to(self, request: Request) -> None:
        """Nothing is known of that target yet."""
        self.request = request
        self.reading = _nothing_yet(request, self._clock())
        self.hands.take_up(request)

    def get_default_screen(self) -> Screen[None]:
        """The overview."""
        return self.overview

    def on_mount(self) -> None:
        """Shows the frame first and begins to look after it."""
        for number in _ENDING:
            with suppress(NotImplementedError, RuntimeError):  # only the main thread may
                asyncio.get_running_loop().add_signal_handler(number, self._end_by, number)
        self.hand_out()
        self.set_interval(_AGE_S, self.hand_out)
        self.call_after_refresh(self.looking.begin)

    def _end_by(self, number: int) -> None:
        """A signal ends the program the way `q` does, so that the terminal is left clean."""
        self.hands.end(128 + number)

    def switch(self, request: Request) -> None:
        """Look at another target; the way to the one before is closed."""
        if self.hands.applying:
            explaining.tell(self, "A plan is being applied here: wait for its end.")
            return
        self._tailing.leave()
        self.looking.turn_to(request)
        self._turn_to(request)
        self.hand_out()
        draw_new_lines(self)
        self.looking.begin()

    def way_now(self) -> Way | None:
        """The open way to the target."""
        return self.looking.way

    # What is seen

    def on_looking_noted(self, event: Looking.Noted) -> None:
        """Says what is going on while there is nothing else to say."""
        if event.feed is self.looking.feed:
            self.overview.tell(Status.PENDING, event.text)

    def on_looking_landed(self, event: Looking.Landed) -> None:
        """Keeps the newest reading; one of the target before may still be on its way."""
        if event.feed is not self.looking.feed:
            return
        self.reading = self._remembered(event.reading)
        self.looking.heard(self.reading)
        self._tailing.keep_up(self.looking.way, self.reading.snapshot)
        self.hand_out()
        self._targeting.keep(self.reading)
        if self.reading.snapshot.finished:
            self.hands.greet()

    def _remembered(self, new: Reading) -> Reading:
        """What is to be shown, with the history that it makes."""
        reading = kept(self.reading, new)
        if reading.lost:
            return reading
        history, ended = self.reading.history, reading.snapshot.finished_at
        if ended:
            history = history.after(reading.diagnosis.results, ended)
        return replace(reading, history=history)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tells why something ended that should have gone on."""
        if event.state is not WorkerState.ERROR:
            return
        error, title = event.worker.error, event.worker.group.title()
        told = str(error) if isinstance(error, FeedError) else f"internal error: {error!r}"
        if self.looking.ended_with(event.worker):
            title = "Disconnected"
            self._tailing.lose()
            self.hand_out()
            self.overview.tell(Status.UNKNOWN, told)
        self.notify(told, title=title, severity="error", markup=False)

    def on_reading_screen_resumed(self) -> None:
        """Tells a screen that comes to the front again what happened meanwhile."""
        self.hand_out()

    def hand_out(self) -> None:
        """Gives the screen in sight what it shows; data also grow stale without any event."""
        screen = in_sight(self)
        if screen is not None:  # there is none while the program ends
            with self.batch_update():
                screen.take(self._view())

    def _view(self) -> View:
        now, standing = self._clock(), self.looking.standing
        namespace = self.reading.snapshot.namespace
        place = (self.request.target, *([f"namespace {namespace}"] if namespace else []))
        state = (*standing.told(now), *self.hands.told)
        return View(place, state, standing.stale(now), self.reading)

    # The keys

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run it, or say why it cannot run now; behind a cover none is run but to quit."""
        name = parse(action)[1] if isinstance(action, str) else action[1]
        if isinstance(self.screen, LeastRoom) and not fits(self.size) and name != "quit":
            return True
        if await super().run_action(action, default_namespace, namespaces):
            return True
        why = explaining.reason(default_namespace, action) if isinstance(action, str) else ""
        if why:
            explaining.tell(self, why)
        return bool(why)

    def action_sweep(self) -> None:
        """Sweep now; look again where the looking has ended."""
        self.looking.sweep_now()
        self.hand_out()

    def action_pause(self) -> None:
        """Pause the sweeps, or go on with one at once."""
        self.looking.pause()
        self.hand_out()

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
            return f"Leave this first, with {self.key_shown('dialog.back')}."
        return self._targeting.why_not(action)

    def pointless(self, action: str) -> bool:
        """What leads to where one is, and what would show nothing in this run."""
        is_here = isinstance(self.screen, ReadingScreen) and action == self.screen.OPENED_BY
        return is_here or (action == "profiles" and not self._targeting.has_choices)

    async def action_write_report(self) -> None:
        """Write the incident report."""
        await self._targeting.report()

    def action_profiles(self) -> None:
        """Show what else there is to look at."""
        self._targeting.profiles()

    def on_profiles_screen_chosen(self, event: ProfilesScreen.Chosen) -> None:
        """Looks at what was chosen."""
        self._targeting.choose(event.choice)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the command palette offers."""
        yield from palette.pressed_commands(self, screen)
        yield from palette.elsewhere_commands(screen, self.rooms, self.press)
        yield from palette.check_commands(self)
        yield from palette.remedy_commands(self.hands.plan)
        for place, title in enumerate(PANELS.values()):
            show_it = partial(self.show_panel, place)
            yield SystemCommand(f"view: {title} panel", "Go to this panel", show_it)
        yield SystemCommand("view: theme", "Choose another theme", self.action_change_theme)
