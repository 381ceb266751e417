"""Another target: a person picks one, and what was looked at before is let go of."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from probes.kubecontexts import read as contexts
from probes.model import Snapshot, Status
from tests.probes.kubeconfigs import kubeconfig
from tests.tui.dashboards import NOW, FrozenFeed, FrozenWay, healthy, incident, read
from tests.tui.test_dashboard import COMPACT, FULL, sentence, title, until
from tui.app import OpsPortalApp
from tui.choices import Choices
from tui.dashboard import build
from tui.feed import Feed, Note, Publish
from tui.memory import Memory, Place
from tui.screens.overview import OverviewScreen
from tui.screens.profiles import ProfilesScreen
from tui.settings import Flags, load
from tui.target import Request
from widgets.sheet import Sheet
from widgets.targets import TargetRow, Targets

SERVER = "https://127.0.0.1:1"
CONFIG = """\
default_profile = "prod"

[profiles.prod]
context = "prod"
namespace = "wealist-prod"

[profiles.dev]
context = "dev"
namespace = "wealist-dev"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person with two profiles and a kubeconfig of four contexts."""
    for name in [name for name in os.environ if name.startswith("OPSPORTAL_")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    names = ("prod", "dev", "kind-dev", "old")
    files = [kubeconfig(tmp_path / name, SERVER, context=name) for name in names]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, files)))
    monkeypatch.chdir(tmp_path)
    config_file(tmp_path).parent.mkdir()
    config_file(tmp_path).write_text(CONFIG)
    return tmp_path


def config_file(home: Path) -> Path:
    return home / "opsportal-tui" / "config.toml"


class Worlds:
    """Makes the feeds: production is ill, everything else is well. It keeps what it made."""

    def __init__(self) -> None:
        self.made: dict[str, FrozenFeed] = {}

    def __call__(self, request: Request) -> Feed:
        world = incident() if request.profile.name == "prod" else healthy()
        world = replace(world, namespace=request.profile.namespace or "")
        self.made[request.target] = FrozenFeed([read(world)])
        return self.made[request.target]


def dashboard(
    home: Path, worlds: Worlds | None = None, *, sandbox: str | None = None, **flags: str
) -> OpsPortalApp:
    said = Flags(**flags)  # type: ignore[arg-type]  # names are checked at run time
    request = Request(load(said).profile, sandbox, theme="high-contrast")
    memory = Memory(home / "profiles")
    choices = Choices(said, memory, request)
    return OpsPortalApp(
        worlds or Worlds(),
        request,
        clock=lambda: NOW + timedelta(seconds=3),
        memory=memory,
        choices=choices,
    )


def stood(home: Path, profile: str, world: Snapshot, ago: timedelta) -> None:
    """It was looked at some time ago, and stood so."""
    place = Place.of(load(Flags(profile=profile)).profile, "")
    Memory(home / "profiles").keep(place, read(world).diagnosis, NOW - ago)


def listed(app: OpsPortalApp) -> list[str]:
    """The list as a person reads it, line by line."""
    targets = app.screen.query_one(Targets)
    options = (targets.get_option_at_index(place) for place in range(targets.option_count))
    return [" ".join(str(option.prompt).split()) for option in options]


def about(app: OpsPortalApp) -> str:
    return " ".join(str(app.screen.query_one("#about", Sheet).render()).split())


def told(app: OpsPortalApp) -> str:
    """What the program says in passing."""
    drawn = " ".join(str(one.render()) for one in app.screen.query("Toast"))
    return " ".join(drawn.split())


async def opened(pilot: Pilot[None], app: OpsPortalApp) -> None:
    """The list, once it shows what there is."""
    await until(pilot, lambda: app.reading.snapshot.finished)
    await pilot.press("P")
    await until(
        pilot,
        lambda: isinstance(app.screen, ProfilesScreen) and app.screen.offer is not None,
    )
    await pilot.pause()


async def choose(pilot: Pilot[None], app: OpsPortalApp, wanted: str) -> None:
    targets = app.screen.query_one(Targets)
    targets.go_to(wanted)
    await pilot.press("enter")


async def test_every_target_is_listed_as_it_stood_last(home: Path) -> None:
    stood(home, "dev", healthy(), timedelta(minutes=5))
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        head, prod, dev, next_head, *others = listed(app)
        assert head == "Profiles of the configuration file"
        assert prod.startswith("✗ fail prod now 4 causes. First: PROMETHEUS_URL lacks")
        assert dev == "✓ pass dev 5m ago Nothing is wrong: all 14 checks pass."
        assert next_head == "Contexts of the kubeconfig that no profile names"
        assert others == [
            "kind-dev not looked at yet from here",
            "old not looked at yet from here",
        ]
        assert "profile prod 4 causes. First:" in about(app)
        await pilot.press("j")
        assert "context dev namespace wealist-dev workload ops-service" in about(app)
        assert "last looked at 2026-01-06 02:55 UTC" in about(app)


async def test_another_one_is_looked_at_without_a_restart(home: Path) -> None:
    worlds = Worlds()
    app = dashboard(home, worlds)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        app.theme = "opsportal-light"
        await pilot.press("j", "enter")
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        assert "profile dev  namespace wealist-dev" in title(app)
        await until(pilot, lambda: worlds.made["profile prod"].closed)
        assert not worlds.made["profile dev"].closed
        assert app.theme == "opsportal-light"
        await opened(pilot, app)
        assert listed(app)[1].startswith("✗ fail prod <1m ago 4 causes.")
        assert listed(app)[2].startswith("✓ pass dev now")


async def test_a_context_is_looked_at_with_nothing_of_any_profile(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        await choose(pilot, app, "context kind-dev")
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        assert "context kind-dev" in title(app)
        assert "profile" not in title(app)
        profile = app.request.profile
        assert (profile.context, profile.namespace) == ("kind-dev", None)


async def test_what_the_command_line_said_is_said_of_the_target_it_named(home: Path) -> None:
    app = dashboard(home, namespace="elsewhere")
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        await choose(pilot, app, "profile dev")
        await until(pilot, lambda: app.request.profile.name == "dev")
        assert app.request.profile.namespace == "wealist-dev"
        await opened(pilot, app)
        await choose(pilot, app, "profile prod")
        await until(pilot, lambda: app.request.profile.name == "prod")
        assert app.request.profile.namespace == "elsewhere"


async def test_from_a_sandbox_to_a_profile_and_back(home: Path) -> None:
    worlds = Worlds()
    app = dashboard(home, worlds, sandbox="incident-v11")
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        assert "Scenarios of the sandbox" in listed(app)
        assert any(line.startswith("healthy Everything works") for line in listed(app))
        await choose(pilot, app, "profile dev")
        await until(pilot, lambda: "profile dev" in title(app))
        await until(pilot, lambda: worlds.made["sandbox incident-v11"].closed)
        await opened(pilot, app)
        await choose(pilot, app, "sandbox healthy")
        await until(pilot, lambda: "sandbox healthy" in title(app))
        await until(pilot, lambda: worlds.made["profile dev"].closed)


async def test_a_file_that_broke_meanwhile_is_told_and_nothing_changes(home: Path) -> None:
    worlds = Worlds()
    app = dashboard(home, worlds)
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await opened(pilot, app)
        config_file(home).write_text(CONFIG + "timeout_s = 'soon'\n")
        await pilot.press("j", "enter")
        await until(pilot, lambda: "Not switched" in told(app))
        assert f"{config_file(home)}, line 10: `timeout_s`" in told(app)
        assert "Still looking at profile prod." in told(app)
        assert isinstance(app.screen, ProfilesScreen)
        assert "profile prod" in title(app)
        assert not worlds.made["profile prod"].closed
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_a_file_that_cannot_be_read_is_told_whole_on_the_list(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=COMPACT) as pilot:
        await until(pilot, lambda: app.reading.snapshot.finished)
        config_file(home).write_text("a = = 1\n")
        await opened(pilot, app)
        assert listed(app) == [
            "Profiles of the configuration file ? unknown cannot be listed, see below"
        ]
        words = about(app).replace(" ", "")
        assert f"{config_file(home)}:notvalidTOML" in words
        assert "line1" in words
        await pilot.press("enter", "escape")
        assert "profile prod" in title(app)


async def test_a_profile_with_a_mistake_is_listed_with_it(home: Path) -> None:
    config_file(home).write_text(CONFIG + "[profiles.test]\nnamespce = 'x'\n")
    app = dashboard(home)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        line = next(line for line in listed(app) if " test " in line)
        assert line.startswith("? unknown test")
        assert f"{config_file(home)}, line 11: unknown key `profiles.test.namespce`" in line
        await choose(pilot, app, "profile dev")
        await until(pilot, lambda: "profile dev" in title(app))


async def test_contexts_that_cannot_be_read_leave_the_profiles(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "bad").write_text("a: [")
    monkeypatch.setenv("KUBECONFIG", str(home / "bad"))
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        assert len(listed(app)) == 4
        assert f"kubeconfig {home}/bad is not valid YAML" in about(app)


async def test_the_list_is_filtered(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        await pilot.press("slash", "d", "e", "v")
        assert [line.split()[0] for line in listed(app) if not line[0].isupper()] == [
            "dev",
            "kind-dev",
        ]
        await pilot.press("enter")
        assert app.focused is app.screen.query_one(Targets)
        await pilot.press("slash", "q")
        assert app.screen.query_one(Input).value.endswith("q")
        assert listed(app) == ["Nothing fits the filter"]
        await pilot.press("escape")
        assert len(listed(app)) == 6
        assert app.focused is app.screen.query_one(Targets)
        assert isinstance(app.screen, ProfilesScreen)


async def test_moving_in_the_list_passes_over_the_headings(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        targets = app.screen.query_one(Targets)
        order = ["profile prod", "profile dev", "context kind-dev", "context old"]
        assert targets.at == order[0]
        for key, there in (("j", 1), ("down", 2), ("j", 3), ("j", 0), ("G", 3), ("home", 0)):
            await pilot.press(key)
            assert targets.at == order[there], key
        for key, there in (("k", 3), ("up", 2), ("g", 0), ("end", 3)):
            await pilot.press(key)
            assert targets.at == order[there], key


async def test_the_way_back(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        await pilot.press("P", "escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_q_ends_it_from_the_list(home: Path) -> None:
    worlds = Worlds()
    app = dashboard(home, worlds)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    assert worlds.made["profile prod"].closed


class LateFeed(FrozenFeed):
    """Publishes once more when it is told to end."""

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[FrozenWay]:
        yield _LateWay(self)


class _LateWay(FrozenWay):
    async def sweep(self, publish: Publish) -> None:
        await super().sweep(publish)
        try:
            await asyncio.Event().wait()
        finally:
            await super().sweep(publish)


async def test_what_still_comes_from_the_target_before_is_not_shown(home: Path) -> None:
    late, worlds = LateFeed([read(incident())]), Worlds()
    app = dashboard(home, worlds)
    app.looking.feed = late
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        await pilot.press("j", "enter")
        await until(pilot, lambda: "profile dev" in title(app) and late.sweeps == 2)
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        await pilot.pause()
        assert "Nothing is wrong" in sentence(app)


async def test_names_are_no_markup_and_no_commands_to_the_terminal(home: Path) -> None:
    bad = '[profiles."[red]x[/] \\u001b]0;t\\u0007"]\n'
    config_file(home).write_text(CONFIG + bad)
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await opened(pilot, app)
        assert any(line.startswith("[red]x[/]") for line in listed(app))
        rows = [row for row in app.screen.query_one(Targets).rows if isinstance(row, TargetRow)]
        assert all(row.name.isprintable() for row in rows)


async def test_how_a_target_stands_is_kept_but_not_of_a_sandbox(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: (home / "profiles").exists())
        await until(pilot, lambda: len(list((home / "profiles").iterdir())) == 1)
    kept = Memory(home / "profiles").recall(Place.of(app.request.profile, ""))
    assert kept is not None
    assert kept.status is Status.FAIL
    sandboxed = dashboard(home, sandbox="healthy")
    async with sandboxed.run_test(size=FULL) as pilot:
        await until(pilot, lambda: getattr(sandboxed.looking.feed, "sweeps", 0) == 1)
        await pilot.press("r")
        await until(pilot, lambda: getattr(sandboxed.looking.feed, "sweeps", 0) == 2)
    assert len(list((home / "profiles").iterdir())) == 1


async def test_where_nothing_can_be_kept_that_is_told_once(home: Path) -> None:
    (home / "profiles").write_text("in the way")
    app = dashboard(home)
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await until(pilot, lambda: "How targets stand is not kept" in told(app))
        await pilot.press("r")
        await until(pilot, lambda: getattr(app.looking.feed, "sweeps", 0) == 2)
        await pilot.pause()
        assert told(app).count("not kept") == 1


def reports(home: Path) -> list[Path]:
    return list(home.glob("opsportal-*.md"))


async def test_w_writes_the_report_and_says_where(home: Path) -> None:
    app = dashboard(home)
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await until(pilot, lambda: app.reading.snapshot.finished)
        await pilot.press("w")
        await until(pilot, lambda: "Report written" in told(app))
        (path,) = reports(home)
        assert path.name == "opsportal-profile-prod-20260106T030003Z.md"
        assert str(path) in told(app)
        assert path.read_text().startswith("# Incident report: profile prod, namespace")


async def test_before_the_first_sweep_w_says_that_there_is_nothing(home: Path) -> None:
    app = dashboard(home)
    app.looking.feed = FrozenFeed([])
    async with app.run_test(size=FULL, notifications=True) as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "Nothing to report yet" in told(app))
    assert reports(home) == []


@pytest.mark.slow
async def test_the_sandbox_ends_when_another_target_is_chosen(home: Path) -> None:
    flags = Flags()
    app = build(Request(load(flags).profile, sandbox="healthy"), flags)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: app.reading.snapshot.finished, 40)
        assert len(sandboxes()) == 1
        await opened(pilot, app)
        await choose(pilot, app, "profile dev")
        await until(pilot, lambda: "profile dev" in title(app))
        await until(pilot, lambda: not sandboxes(), 20)
        await until(pilot, lambda: app.reading.snapshot.finished, 20)
        assert "127.0.0.1:1" in sentence(app)


def sandboxes() -> list[int]:
    """The sandboxes that this process has started and that still run."""
    found = []
    for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended since it was listed
            if b"sandbox" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
    return found


def test_the_kubeconfigs_of_these_tests_are_what_they_seem() -> None:
    assert contexts().names == ("prod", "dev", "kind-dev", "old")
