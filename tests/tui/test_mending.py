"""The incident from the overview to live numbers, by keys alone: every cause, one by one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from probes.model import Cause, CheckId, Status
from probes.profile import Profile
from remedies.model import Outcome, OutcomeKind
from remedies.performing import waiting
from sandbox.scenario import FOLDER
from tests.tui.test_dashboard import FULL, Pressing, sentence, until
from tui.app import OpsPortalApp
from tui.dashboard import build
from tui.screens.overview import OverviewScreen
from tui.screens.progress import ProgressScreen
from tui.target import Request
from widgets.choice import Choice
from widgets.data_path import DataPath

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]

_FIRST_S, _FIX_S = 60.0, 90.0


def unhurried(tmp_path: Path) -> str:
    """The incident with a root app that takes its time to revert live edits."""
    told = (FOLDER / "incident-v11.toml").read_text()
    path = tmp_path / "incident.toml"
    path.write_text(told.replace("[argocd]", "[argocd]\nroot_delay_s = 600"))
    return str(path)


def roots(app: OpsPortalApp) -> tuple[Cause, ...]:
    return app.reading.diagnosis.roots


async def mended(app: OpsPortalApp, pilot: Pressing) -> Outcome:
    """The first cause, from `f` to its outcome, and back on the overview once it is gone."""
    before = roots(app)[0].id
    await pilot.press("f")
    await until(pilot, lambda: bool(app.screen.query(Choice)), _FIX_S)
    await pilot.pause()
    await pilot.press("right", "enter")
    await until(pilot, lambda: isinstance(app.screen, ProgressScreen), _FIX_S)
    screen = app.screen
    assert isinstance(screen, ProgressScreen)
    await until(pilot, lambda: screen.outcome is not None, _FIX_S)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, OverviewScreen))
    await until(pilot, lambda: before not in {one.id for one in roots(app)}, _FIX_S)
    assert screen.outcome
    return screen.outcome


async def test_by_keys_alone_every_cause_is_mended_and_the_numbers_come_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(waiting, "CALM_S", 0.2)
    app = build(Request(Profile(), sandbox=unhurried(tmp_path)))
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app), _FIRST_S)
        for _ in roots(app):
            outcome = await mended(app, pilot)
            assert outcome.kind is OutcomeKind.VERIFIED, outcome.sentence
        await until(pilot, lambda: "Nothing is wrong" in sentence(app), _FIX_S)
        results = {one.id: one for one in app.reading.diagnosis.results}
        assert results[CheckId.PORTAL_METRICS].status is Status.PASS
        path = str(app.screen.query_one(DataPath).render())
        assert re.search(r"200, [1-9][\d,]* requests", path)
        assert "200, 13 applications" in path
        assert "3 of 3 tables" in path
