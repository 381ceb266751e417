"""The keys of acting: what a person presses, what then stands there, and what the cluster has."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedies.journal import unfinished
from tests.tui.dashboards import incident
from tests.tui.handy import AFTER, BEFORE, Workbench, workbench
from tests.tui.test_dashboard import FULL, Pressing, sentence, title, until
from tui.app import OpsPortalApp
from tui.screens.arming import ArmingScreen
from tui.screens.journal import JournalScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.overview import OverviewScreen
from tui.screens.plan import PlanScreen
from tui.screens.progress import ProgressScreen
from tui.screens.remedies import RemediesScreen
from widgets.causes_panel import CausesPanel
from widgets.choice import Choice
from widgets.sheet import Sheet


def told(app: OpsPortalApp) -> str:
    """What stands in the sheet of the present dialog."""
    return " ".join(str(app.screen.query_one(Sheet).render()).split())


async def begun(bench: Workbench, pilot: Pressing) -> None:
    await until(pilot, lambda: "4 causes" in sentence(bench.app))


async def asked(bench: Workbench, pilot: Pressing, key: str = "f") -> None:
    """Until the plan stands there with its answers."""
    await pilot.press(key)
    await until(pilot, lambda: bool(bench.app.screen.query(Choice)))
    await pilot.pause()


async def applied(bench: Workbench, pilot: Pressing) -> None:
    await pilot.press("right", "enter")
    await until(pilot, lambda: has_ended(bench.app))


def has_ended(app: OpsPortalApp) -> bool:
    return isinstance(app.screen, ProgressScreen) and app.screen.outcome is not None


async def test_f_shows_the_plan_with_its_warning_first_and_nothing_is_done(tmp_path: Path) -> None:
    async with workbench(tmp_path, sandbox="incident-v11") as bench:
        async with bench.app.run_test(size=FULL) as pilot:
            await begun(bench, pilot)
            await asked(bench, pilot)
            page = told(bench.app)
            assert "Give PROMETHEUS_URL its route prefix. ! The root app takes a live edit" in page
            assert f"+PROMETHEUS_URL: {AFTER}" in page
            assert "nothing is interrupted" in page
            assert "patch configmaps in namespace wealist-prod" in page
            assert "kubectl -n wealist-prod patch configmaps" in page
            assert "The durable fix, as a diff for Git" in page
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(bench.app.screen, OverviewScreen))
            assert bench.url() == BEFORE
            assert not bench.journal.path.exists()


async def test_yes_applies_and_the_outcome_tells_the_verdict(tmp_path: Path) -> None:
    async with workbench(tmp_path, sandbox="incident-v11") as bench:
        async with bench.app.run_test(size=FULL) as pilot:
            await begun(bench, pilot)
            await asked(bench, pilot)
            sweeps = bench.feed.sweeps
            await applied(bench, pilot)
            assert bench.url() == AFTER
            assert "✓ pass applied and verified" in told(bench.app)
            assert "✓ 1. Set PROMETHEUS_URL in the ConfigMap done" in told(bench.app)
            await until(pilot, lambda: bench.feed.sweeps > sweeps)
            await pilot.press("enter")
            assert isinstance(bench.app.screen, OverviewScreen)
