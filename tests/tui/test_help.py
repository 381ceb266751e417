"""Help and palette: on every screen they know each of its keys, those that cannot work now too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.keys import key_to_character
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from probes.model import Level
from tests.checks import worlds
from tests.tui.dashboards import dashboard, incident, read
from tests.tui.test_dashboard import FULL, sentence, until
from tests.tui.test_drilldown import page
from tests.tui.test_overview import told
from tui.app import OpsPortalApp
from tui.declared import merged
from tui.footer import Footer
from tui.palette import pressed_commands
from tui.screens.application_detail import ApplicationDetailScreen
from tui.screens.arming import ArmingScreen
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.help import HelpScreen
from tui.screens.journal import JournalScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.log_line import LogLineScreen
from tui.screens.logs import LogsScreen
from tui.screens.objects import ObjectsScreen
from tui.screens.overview import OverviewScreen
from tui.screens.plan import PlanScreen
from tui.screens.pod_detail import PodDetailScreen
from tui.screens.profiles import ProfilesScreen
from tui.screens.remedies import Offer, RemediesScreen
from tui.screens.table_detail import TableDetailScreen
from widgets.kept import Kept

CAUSE = read(incident()).diagnosis.roots[0]


def no_way() -> None:
    return None


SCREENS: Sequence[Callable[[OpsPortalApp], Screen[Any]]] = (
    lambda app: LogsScreen(app.logbook),
    lambda app: ObjectsScreen(),
    lambda app: ProfilesScreen(app.request, lambda: worlds.NOW),
    lambda app: CheckDetailScreen(next(iter(read(incident()).diagnosis.results)).id),
    lambda app: PodDetailScreen(no_way, "wealist-prod", "ops-service-1"),
    lambda app: ApplicationDetailScreen(no_way, "argocd", "ops-service-prod"),
    lambda app: TableDetailScreen("portal_users"),
    lambda app: LogLineScreen(Kept(0, worlds.line(Level.WARN, "slow"))),
    lambda app: ArmingScreen("prod", "wealist-prod"),
    lambda app: LeavingScreen(),
    lambda app: RemediesScreen(CAUSE, (Offer("sync-application", "Sync it"),)),
    lambda app: JournalScreen((), ()),
    lambda app: PlanScreen("planning"),
)


def listed(app: OpsPortalApp) -> str:
    assert isinstance(app.screen, HelpScreen)
    return page(app)


def meant(app: OpsPortalApp, screen: Screen[object]) -> set[str]:
    """What the keys of a screen and of its focused part do, but those that are letters there."""
    typing = screen.focused if isinstance(screen.focused, Input) else None
    does: dict[str, str] = {}
    for node in screen.focused.ancestors_with_self if screen.focused else [screen]:
        for key, found in merged(type(node)).items() if node is not app else ():
            typed = typing and typing.check_consume_key(key, key_to_character(key))
            for one in found:
                if not typed and node.check_action(one.action.partition("(")[0], ()) is not False:
                    does.setdefault(key, one.tooltip if one.id else "")
    return set(does.values())


async def test_help_lists_every_key_of_every_screen_and_says_what_the_screen_is_for() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(120, 60)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        for make in (None, *SCREENS):
            if make:
                app.push_screen(make(app))
                await pilot.pause()
            screen = app.screen
            wanted = meant(app, screen)
            assert screen.HELP, type(screen).__name__
            # Each blink would be bytes on the line.
            assert not any(field.cursor_blink for field in screen.query(Input))
            await pilot.press("f1")
            await pilot.pause()
            told_keys = listed(app)
            assert " ".join(screen.HELP.split()) in told_keys
            for words in wanted:
                assert " ".join(words.split()) in told_keys, (type(screen).__name__, words)
            await pilot.press("f1")
            assert app.screen is screen
            if make:
                app.pop_screen()
                await pilot.pause()


async def test_a_key_that_cannot_work_now_is_listed_with_the_reason() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.press("L", "question_mark")
        await pilot.pause()
        assert "n Next hit: Nothing to go to: search with / first." in listed(app)
        assert "' Next bookmark: There is no bookmark: m sets one." in listed(app)


async def test_help_is_read_by_keyboard() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("L", "question_mark")
        await pilot.pause()
        room = app.screen.query_one("#told")
        end = room.max_scroll_y
        assert end > 0
        for key, where in (("j", 1), ("k", 0), ("G", end), ("g", 0)):
            await pilot.press(key)
            await pilot.pause()
            assert (key, room.scroll_y) == (key, where)


def keys_below(app: OpsPortalApp) -> list[str]:
    return [key.shown for key in app.screen.query_one(Footer).keys]


async def test_f1_helps_where_one_types_and_a_question_mark_is_a_letter_there() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await pilot.press("slash", "question_mark")
        assert isinstance(app.focused, Input)
        assert app.focused.value == "?"
        await until(pilot, lambda: keys_below(app) == ["esc", "tab", "f1"])
        await pilot.press("f1")
        await pilot.pause()
        assert "Escape leaves everything as it is" in listed(app)


async def test_the_palette_says_why_a_command_cannot_run_now() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await pilot.press("L")
        await pilot.pause()
        commands = {one.title: one for one in pressed_commands(app, app.screen)}
        assert commands["logs: next hit"].help == "Next hit: Nothing to go to: search with / first."


async def chosen(app: OpsPortalApp, pilot: Pilot[None], words: str) -> None:
    """Takes the first command of the palette that these words find."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: bool(app.screen.query(Input)))
    app.screen.query_one(Input).value = words
    listed = app.screen.query_one(OptionList)
    await until(pilot, lambda: any(words in str(one.prompt) for one in listed.options[:1]))
    await pilot.press("enter")


async def test_the_palette_runs_what_another_screen_can_do() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await chosen(app, pilot, "logs: level")
        await until(pilot, lambda: isinstance(app.screen, LogsScreen))
        screen = app.screen
        assert isinstance(screen, LogsScreen)
        await until(pilot, lambda: screen.filter.least is Level.INFO)
        await chosen(app, pilot, "view: filter")
        await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("escape")
        await chosen(app, pilot, "logs: next hit")
        await until(pilot, lambda: "Nothing to go to: search with / first." in " ".join(told(app)))
