"""Keys: every one of ours has a name, and a person gives them others in the configuration file."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from probes.model import CheckId
from tests.tui.dashboards import REQUEST, FrozenFeed, healthy, incident, read
from tests.tui.test_dashboard import FULL, sentence, until
from tests.tui.test_drilldown import page
from tests.tui.test_overview import told
from tui import bindings, cli, keymap
from tui.app import OpsPortalApp
from tui.configfile import ConfigError, ConfigFile
from tui.declared import Node, merged, own
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.help import HelpScreen
from tui.screens.journal import JournalScreen
from tui.screens.logs import LogsScreen
from tui.screens.overview import OverviewScreen
from tui.screens.pod_detail import PodDetailScreen
from widgets.causes_panel import CausesPanel
from widgets.checklist import Checklist
from widgets.log_view import LogView
from widgets.sheet import Sheet


def checked(tmp_path: Path, *lines: str) -> keymap.Keymap:
    path = tmp_path / "config.toml"
    path.write_text("\n".join(("[keys]", *lines)))
    return keymap.checked(ConfigFile.read(path).keys())


def refusal(tmp_path: Path, *lines: str) -> str:
    with pytest.raises(ConfigError) as caught:
        checked(tmp_path, *lines)
    return str(caught.value)


def test_every_binding_of_ours_has_an_id_of_its_own_and_a_tooltip() -> None:
    meanings = defaultdict(set)
    for node in bindings.nodes():
        for one in own(node):
            assert one.id, f"{node.__name__}: {one.key} has no id"
            assert one.tooltip, f"{node.__name__}: {one.id} has no tooltip"
            meanings[one.id].add((node.__name__, one.action))
    assert {name: many for name, many in meanings.items() if len(many) > 1} == {}
    assert {"view.sweep", "checklist.open", "panel.down", "sheet.back"} <= set(meanings)


def test_escape_leads_back_from_every_screen() -> None:
    screens = [node for node in bindings.nodes() if issubclass(node, Screen) and own(node)]
    assert OverviewScreen in screens
    for screen in screens:
        assert "escape" in merged(screen), screen.__name__


def test_keys_are_named_as_a_keyboard_has_them(tmp_path: Path) -> None:
    lines = ('"view.sweep" = "R, f5"', "view.help = '!'", 'view.pause = "ctrl+z,minus"')
    assert checked(tmp_path, *lines) == {
        "view.sweep": ("R", "f5"),
        "view.help": ("exclamation_mark",),
        "view.pause": ("ctrl+z", "minus"),
    }


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('"view.swep" = "R"', ("unknown key `keys.view.swep`", "did you mean `view.sweep`?")),
        ('"view.sweep" = "contrl+r"', ("no key of a keyboard: `contrl+r`", "`ctrl`")),
        ('"view.sweep" = "pagedwn"', ("no key of a keyboard", "`pagedown`")),
        ('"view.sweep" = "R,"', ("`keys.view.sweep` has an empty key",)),
    ],
)
def test_a_mistake_names_file_line_and_what_is_near(
    tmp_path: Path, line: str, told: tuple[str, ...]
) -> None:
    sentence = refusal(tmp_path, line)
    for part in (f"{tmp_path}/config.toml, line 2: ", *told):
        assert part in sentence


@pytest.mark.parametrize(
    ("line", "key", "ids"),
    [
        ('"view.sweep" = "p"', "p", ("view.sweep", "view.pause")),
        ('"view.copy" = "f5,r"', "r", ("view.copy", "view.sweep")),
        ('"view.sweep" = "enter"', "enter", ("view.sweep",)),
        ('"panel.top" = "0"', "0", ("panel.top", "view.panel-0")),
        ('"view.sweep" = "?"', "question_mark", ("view.sweep", "view.help")),
        ('"view.quit" = "escape"', "escape", ("view.quit",)),
    ],
)
def test_a_clash_is_told_with_both_ids_and_the_key(
    tmp_path: Path, line: str, key: str, ids: tuple[str, ...]
) -> None:
    sentence = refusal(tmp_path, line)
    assert f"{tmp_path}/config.toml, line 2: the key `{key}` is for" in sentence
    for one in ids:
        assert f"`{one}`" in sentence


@pytest.mark.parametrize(
    "lines",
    [
        ('"fix.journal" = "A"', '"fix.arm" = "J"'),
        ('"check.next" = "tab"',),  # there are no panels on that screen
        ('"view.checks" = "escape,c"',),  # escape goes one step back everywhere
        ('"help.close" = "r"',),  # the app's keys do nothing behind a modal screen
    ],
)
def test_what_is_never_offered_at_the_same_time_does_not_clash(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    assert checked(tmp_path, *lines)


def own_keys(**said: str) -> OpsPortalApp:
    feed = FrozenFeed([read(incident())])
    app = OpsPortalApp(lambda _: feed, REQUEST)
    app.set_keymap({name.replace("_", "."): keys for name, keys in said.items()})
    return app


async def test_a_key_of_ones_own_takes_the_place_of_the_old_one() -> None:
    app = own_keys(view_sweep="p,f5", view_pause="r", checklist_open="o")
    feed = app.looking.feed
    assert isinstance(feed, FrozenFeed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("p")
        await until(pilot, lambda: feed.sweeps == 2)
        await pilot.press("f5")
        await until(pilot, lambda: feed.sweeps == 3)
        await pilot.press("r")
        assert app.looking.standing.paused
        await pilot.press("enter")
        assert isinstance(app.screen, OverviewScreen)
        await pilot.press("o")
        assert not isinstance(app.screen, OverviewScreen)


async def test_help_shows_the_keys_in_force() -> None:
    app = own_keys(view_sweep="f5")
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        told = str(app.screen.query_one(Sheet).render())
        line = next(line for line in told.splitlines() if "Sweep now" in line)
        assert line.split()[0] == "f5"


_NAMED = {"↓": "down", "↑": "up", "←": "left", "→": "right"}
_GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"
_README = _GUIDE.parents[1] / "README.md"


def tables(path: Path, heading: str) -> list[list[str]]:
    """The rows of the tables below that heading, each as its cells."""
    section = path.read_text().split(f"\n## {heading}", 1)[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in rows]


def keys_in(cell: str) -> set[str]:
    """The keys that stand there in backticks, as Textual names them."""
    told = (
        _NAMED.get(one, one if len(one) == 1 else one.lower())
        for one in re.findall("`([^`]+)`", cell)
    )
    return {one.key for key in told for one in Binding.make_bindings([Binding(key, "x")])}


def keys_of(*nodes: Node) -> dict[str, str]:
    """The ids by key, of those classes."""
    return {
        key: found[0].id or "" for node in nodes for key, found in merged(node).items() if found
    }


def test_the_guide_tells_every_key_of_the_logs_and_no_other() -> None:
    rows = [row for row in tables(_GUIDE, "4.") if len(row) == 2]
    told_keys = set().union(*(keys_in(row[0]) for row in rows))
    there = keys_of(LogView, LogsScreen)
    assert told_keys <= set(there)
    own_ids = {one.id for node in (LogsScreen, LogView) for one in own(node)}
    moving = {"logs.back", "logs.down", "logs.up", "logs.page", "logs.page-up", "logs.first"}
    assert {there[key] for key in told_keys} == own_ids - moving


def test_the_guide_tells_where_a_key_means_something_else() -> None:
    """Its columns are the screens; what stands in a cell is bound there."""
    heading, _, *rows = tables(_GUIDE, "When you are stuck")
    screens = {
        "overview": keys_of(OpsPortalApp, Checklist, OverviewScreen),
        "check": keys_of(OpsPortalApp, CheckDetailScreen),
        "pod, Application": keys_of(OpsPortalApp, PodDetailScreen),
        "logs": keys_of(OpsPortalApp, LogView, LogsScreen),
        "journal": keys_of(JournalScreen),
    }
    assert heading[1:] == list(screens)
    for keys, *cells in rows:
        for keys_there, cell in zip(screens.values(), cells, strict=True):
            for key in keys_in(keys) if cell else ():
                assert key in keys_there, (key, cell)
        meant = {keys_there.get(key) for keys_there in screens.values() for key in keys_in(keys)}
        assert len(meant - {None}) > 1, f"{keys} means the same everywhere"


def test_the_readme_tells_keys_that_there_are() -> None:
    there = keys_of(OpsPortalApp, Checklist, OverviewScreen)
    for keys, _ in tables(_README, "Keys")[2:]:
        assert keys_in(keys) <= set(there), keys


async def test_sentences_name_the_keys_in_force() -> None:
    app = own_keys(
        sheet_look="R", check_copy="c", fix_first="m", fix_choose="M", fix_arm="Z",
        logs_search="f3", dialog_back="f9", **{"check.copy-1": "f2", "view.panel-2": "f6"},
    )  # fmt: skip
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        panel = app.screen.query_one("#causes", CausesPanel)
        assert "m set-prometheus-url" in str(panel.sheet.render())
        assert str(app.screen.query_one("#argocd").border_title).startswith("f6 Argo CD")
        assert "the key Z arms it" in app.hands.why_not()
        app.action_open(CheckId.PROMETHEUS_URL)
        await until(pilot, lambda: "By hand c copies all, f2 to 9 one of them" in page(app))
        assert "m set-prometheus-url" in page(app)
        app.push_screen(PodDetailScreen(lambda: None, "wealist-prod", "ops-service-1"))
        await until(pilot, lambda: "no way to the target now; R looks again" in page(app))
        await pilot.press("L", "n")
        await until(pilot, lambda: "search with f3 first" in " ".join(told(app)))
        await pilot.press("question_mark")
        assert app.why_not("command_palette") == "Leave this first, with f9."


@pytest.mark.parametrize("opening", ["question_mark", "enter"])
async def test_q_ends_it_from_every_screen(opening: str) -> None:
    feed = FrozenFeed([read(healthy())])
    app = OpsPortalApp(lambda _: feed, REQUEST)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        await pilot.press(opening)
        assert not isinstance(app.screen, OverviewScreen)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert feed.closed


async def test_q_is_a_letter_where_one_types() -> None:
    app = own_keys()
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: bool(app.screen.query(Input)))
        await pilot.press("q")
        assert app.screen.query_one(Input).value == "q"
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The configuration file that the commands read."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "opsportal-tui" / "config.toml"
    path.parent.mkdir()
    return path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.main, list(args))


def test_config_keys_lists_every_id_with_its_keys_in_force(said: Path) -> None:
    said.write_text('[keys]\n"view.sweep" = "R,f5"\n')
    listed = run("config", "keys")
    assert listed.exit_code == 0, listed.output
    rows = {line[2:].split()[0]: line for line in listed.stdout.splitlines()}
    assert set(rows) == set(bindings.known())
    assert rows["view.sweep"].split() == ["*", "view.sweep", "R,", "f5", "Sweep", "now"]
    assert rows["view.quit"].startswith("  view.quit")


def test_config_show_tells_ones_own_keys_and_where_they_stand(said: Path) -> None:
    said.write_text('[keys]\n"view.sweep" = "R,f5"\n')
    shown = run("config", "show").stdout
    assert shown.splitlines()[-1].split(maxsplit=3) == [
        "keys.view.sweep",
        "R,",
        "f5",
        f"{said}, line 2",
    ]


@pytest.mark.parametrize("args", [(), ("config", "show"), ("config", "keys")])
def test_keys_that_cannot_be_are_refused_before_the_terminal_is_taken(
    said: Path, args: tuple[str, ...]
) -> None:
    said.write_text('[keys]\n"view.swep" = "R"\n')
    refused = run(*args)
    assert refused.exit_code == 2
    assert f"{said}, line 2: unknown key `keys.view.swep`" in refused.stderr
    assert refused.stdout == ""


def test_a_verdict_is_given_whatever_the_keys_are(
    said: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said.write_text('[keys]\n"view.swep" = "R"\n')
    monkeypatch.setenv("KUBECONFIG", str(said.parent / "none"))
    judged = run("check", "--only", "loki.url", "--timeout", "2")
    assert judged.exit_code == 3, judged.output
    assert "there is no kubeconfig" in judged.stdout
