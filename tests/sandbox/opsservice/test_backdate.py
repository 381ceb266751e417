"""A container that is said to be old has the log of an old one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.opsservice import backdate
from tests.sandbox.opsservice.worlds import (
    EMAIL,
    NO_PREFIX,
    PROMETHEUS,
    Database,
    Upstream,
    World,
    world,
)

pytestmark = pytest.mark.needs_postgres

NOW = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
INCIDENT = {"PROMETHEUS_URL": PROMETHEUS}


async def fill(running: World, start: datetime) -> None:
    token = running.auth.token(EMAIL)
    await backdate(running.service, start=start, until=NOW, token=token)


async def test_the_past_holds_what_the_state_produces(database: Database) -> None:
    start = NOW - timedelta(minutes=20)
    prometheus = Upstream(NO_PREFIX)
    async with world(database, INCIDENT, prometheus=prometheus, clock=lambda: start) as running:
        await database.add_user()
        before = len(running.lines())
        await fill(running, start)
        entries = running.log.lines
        times = [entry.at for entry in entries]
        assert times == sorted(times)
        assert {entry.at for entry in entries[:before]} == {start}
        assert times[before] > start
        assert NOW - timedelta(seconds=6) < times[-1] < NOW
        past = [json.loads(entry.text) for entry in entries[before:]]
        assert all(
            one["ts"] == entry.at.timestamp()
            for one, entry in zip(past, entries[before:], strict=True)
        )
        by_target = [one.get("http.target") for one in past]
        assert 230 <= by_target.count("/health/ready") <= 240
        assert 110 <= by_target.count("/health/live") <= 120
        assert 75 <= by_target.count("/metrics") <= 80
        assert 37 <= by_target.count("/api/monitoring/metrics/overview") <= 40
        warnings = [one["msg"] for one in past if one["level"] == "warn"]
        assert set(warnings) == {"ArgoCD client not configured"}
        assert len(warnings) == by_target.count("/api/monitoring/applications")
        assert len({one.get("http.request_id") for one in past if "http.target" in one}) == (
            len(past) - len(warnings)
        )


async def test_a_long_past_is_bounded_and_keeps_the_start(database: Database) -> None:
    start = NOW - timedelta(days=30)
    async with world(database, clock=lambda: start) as running:
        before = len(running.lines())
        await fill(running, start)
        entries = running.log.lines
        assert entries[0].at == start
        assert before + 1300 < len(entries) <= before + 1500
        assert entries[-1].at > NOW - timedelta(seconds=6)


async def test_a_hanging_upstream_only_leaves_its_lines_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.opsservice.past._SAMPLE_S", 0.3)
    start = NOW - timedelta(minutes=5)
    prometheus = Upstream(NO_PREFIX)
    async with world(database, INCIDENT, prometheus=prometheus, clock=lambda: start) as running:
        await database.add_user()
        prometheus.hangs = True
        await fill(running, start)
        targets = {
            json.loads(line).get("http.target") for line in running.lines() if line.startswith("{")
        }
        assert "/api/monitoring/applications" in targets
        assert "/health/ready" in targets
        assert "/api/monitoring/metrics/overview" not in targets
