"""A live edit that is taken back is told, wherever the person is by then."""

from __future__ import annotations

from pathlib import Path

import pytest

from remedies.history import records
from remedies.model import Field, LiveEdit
from tests.tui.handy import AFTER, BEFORE, REF, URL, workbench
from tests.tui.test_dashboard import COMPACT, until
from tests.tui.test_hands import applied, asked, begun, notified, told


@pytest.mark.slow
async def test_it_is_told_who_took_it_back_and_the_journal_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remedies.performing.waiting.CALM_S", 0.05)
    async with (
        workbench(tmp_path, sandbox="incident-v11") as bench,
        bench.app.run_test(size=COMPACT, notifications=True) as pilot,
    ):
        await begun(bench, pilot)
        edit = LiveEdit(REF, (Field(URL, AFTER),), "Application root", limit_s=20.0)
        bench.remedy.watch = edit
        await asked(bench, pilot)
        await applied(bench, pilot)
        bench.set_url(BEFORE)
        await until(pilot, lambda: "taken back at" in notified(bench.app))
        assert "applied and verified" in told(bench.app)  # what was read so far stays
        last = records(bench.journal.entries())[-1]
        assert last.ended == "applied, still failing"
        assert "then taken back" in last.told
