"""Against a Prometheus that holds the portal's series, every panel has numbers."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sandbox.keeper import Keeper
from sandbox.prometheus import PrometheusServer, start_prometheus
from sandbox.prometheus.series import portal_series
from tests.sandbox.opsservice.worlds import ERRORS, METRICS, NAMESPACE, PREFIX, Database, world

pytestmark = [pytest.mark.needs_postgres, pytest.mark.slow]

SERVERS = [
    pytest.param(True, id="stand-in"),
    pytest.param(False, id="real", marks=pytest.mark.needs_prometheus),
]


@pytest.fixture(params=SERVERS)
async def prometheus(request: pytest.FixtureRequest) -> AsyncIterator[PrometheusServer]:
    with TemporaryDirectory() as parent:
        keeper = await Keeper.start(Path(parent) / "sandbox")
        try:
            started = await start_prometheus(
                keeper.folder, keeper, prefix=PREFIX, stand_in=request.param
            )
            await started.push(portal_series(time.time()))
            yield started
            await started.stop()
        finally:
            await keeper.close()


async def test_every_panel_has_numbers(database: Database, prometheus: PrometheusServer) -> None:
    url = f"http://{prometheus.host}:{prometheus.port}{PREFIX}"
    env = {"PROMETHEUS_URL": url, "PROMETHEUS_NAMESPACE": NAMESPACE}
    async with world(database, env) as running:
        await database.add_user()
        overview = await running.data(f"{METRICS}/overview")
        assert overview["totalRequests"] > 0
        assert overview["activeServices"] >= 6
        services = await running.data(f"{METRICS}/services")
        assert all(one["requestRate"] > 0 and one["p99Latency"] > 0 for one in services[:6])
        cluster = await running.data(f"{METRICS}/cluster")
        assert all(value > 0 for value in cluster.values())
        assert (await running.data(f"{ERRORS}/overview"))["totalErrors"] >= 0
        for path in ("recent?limit=5", "trend", "by-service"):
            assert await running.data(f"{ERRORS}/{path}") is not None
        slo = await running.data("/api/monitoring/slo/overview")
        assert all(one["latencyP99"] > 0 for one in slo["services"])
        assert len(await running.data("/api/monitoring/slo/burn-rates")) == 6
        assert not running.entries("error")


async def test_without_the_prefix_it_is_the_incident(
    database: Database, prometheus: PrometheusServer
) -> None:
    url = f"http://{prometheus.host}:{prometheus.port}"
    async with world(database, {"PROMETHEUS_URL": url}) as running:
        await database.add_user()
        assert set((await running.data(f"{METRICS}/overview")).values()) == {0}
        await running.refused(f"{ERRORS}/recent")
        assert running.entries("error")[0]["error"] == (
            "failed to query recent errors: prometheus query failed: 404 page not found\n"
        )
    async with world(database, {"PROMETHEUS_URL": f"{url}{PREFIX}/"}) as running:
        assert (await running.data(f"{METRICS}/cluster"))["nodeCount"] > 0
