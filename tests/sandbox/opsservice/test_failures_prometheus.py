"""The failure matrix where Prometheus is the trouble: zeros, three 500s, and silence."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.responses import RedirectResponse

from tests.sandbox.opsservice.worlds import (
    EMPTY,
    ERRORS,
    METRICS,
    NAMESPACE,
    NO_PREFIX,
    PROMETHEUS,
    Database,
    Upstream,
    answering,
    prometheus_with,
    world,
)

pytestmark = pytest.mark.needs_postgres

WITH_PROMETHEUS = {"PROMETHEUS_URL": PROMETHEUS, "PROMETHEUS_NAMESPACE": NAMESPACE}
NO_OVERVIEW = {
    "totalRequests": 0,
    "avgResponseTime": 0,
    "errorPercentage": 0,
    "activeServices": 0,
    "totalEndpoints": 0,
}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(NO_PREFIX, id="wrong prefix"),
        pytest.param(answering(503, "Service Unavailable").answer, id="replaying its WAL"),
        pytest.param(answering(200, "<html>").answer, id="HTML"),
        pytest.param(answering(500, {}).answer, id="5xx"),
    ],
)
async def test_a_prometheus_that_fails_looks_quiet(database: Database, answer: Any) -> None:
    async with world(database, WITH_PROMETHEUS, prometheus=Upstream(answer)) as running:
        await database.add_user()
        running.forget()
        assert await running.data(f"{METRICS}/overview") == NO_OVERVIEW
        services = await running.data(f"{METRICS}/services")
        assert len(services) == 7
        assert all(set(one.values()) == {one["serviceName"], 0} for one in services)
        assert set((await running.data(f"{METRICS}/cluster")).values()) == {0}
        quiet = {"totalErrors": 0, "errorRate": 0, "mostErrorService": "", "mostErrorCount": 0}
        assert await running.data(f"{ERRORS}/overview") == quiet
        slo = await running.data("/api/monitoring/slo/overview")
        assert slo["overallHealth"] == "healthy"
        assert [one["availability"] for one in slo["services"]] == [100] * 6
        burn = await running.data("/api/monitoring/slo/burn-rates")
        assert burn[0] == {
            "serviceName": "auth-service",
            "rate1h": 0,
            "rate6h": 0,
            "rate24h": 0,
            "alerting": False,
        }
        assert running.messages() == ["Request completed"] * 6


@pytest.mark.parametrize(
    ("path", "message", "error", "caller"),
    [
        (
            "recent",
            "Failed to get recent errors",
            "failed to query recent errors: prometheus query failed: 404 page not found\n",
            "handler/error_tracker_handler.go:77",
        ),
        (
            "trend",
            "Failed to get error trend",
            "failed to query error trend: prometheus range query failed: 404 page not found\n",
            "handler/error_tracker_handler.go:101",
        ),
        (
            "by-service",
            "Failed to get errors by service",
            "failed to query 5xx errors: prometheus query failed: 404 page not found\n",
            "handler/error_tracker_handler.go:125",
        ),
    ],
)
async def test_three_endpoints_tell_of_the_wrong_prefix(
    database: Database, path: str, message: str, error: str, caller: str
) -> None:
    async with world(database, WITH_PROMETHEUS, prometheus=Upstream(NO_PREFIX)) as running:
        await database.add_user()
        running.forget()
        assert await running.refused(f"{ERRORS}/{path}") == (500, message)
        told, access = running.entries()
        assert (told["level"], told["msg"], told["error"]) == ("error", message, error)
        assert told["caller"] == caller
        assert told["stacktrace"].startswith("ops-service/internal/handler.")
        assert (access["level"], access["msg"]) == ("error", "Server error")
        assert list(access)[-1] == "stacktrace"


async def test_a_refused_connection_is_told_in_gos_words(database: Database) -> None:
    async with world(database, WITH_PROMETHEUS) as running:
        await database.add_user()
        running.forget()
        assert await running.data(f"{METRICS}/overview") == NO_OVERVIEW
        assert (await running.refused(f"{ERRORS}/recent"))[0] == 500
        error = running.entries("error")[0]["error"]
        assert error.startswith(
            f'failed to query recent errors: request failed: Get "{PROMETHEUS}/api/v1/query?query='
            "topk%2850%2C+sum+by"
        )
        assert error.endswith(":9090: connect: connection refused")


async def test_an_unknown_name_is_no_such_host(database: Database) -> None:
    env = {"PROMETHEUS_URL": "http://promethoos:9090"}
    async with world(database, env) as running:
        await database.add_user()
        assert (await running.refused(f"{ERRORS}/recent"))[0] == 500
        error = running.entries("error")[0]["error"]
        assert error.endswith("dial tcp: lookup promethoos: no such host")


async def test_a_trailing_slash_works_by_redirect(database: Database) -> None:
    healthy = prometheus_with("7")

    def answer(request: Any) -> Any:
        if "//" in request.url.path:
            return RedirectResponse(str(request.url).replace("9090//", "9090/"), 301)
        return healthy.answer(request)

    env = WITH_PROMETHEUS | {"PROMETHEUS_URL": f"{PROMETHEUS}/"}
    async with world(database, env, prometheus=Upstream(answer)) as running:
        await database.add_user()
        assert (await running.data(f"{METRICS}/overview"))["totalRequests"] == 7


async def test_without_an_url_every_endpoint_says_so(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        running.forget()
        paths = (f"{METRICS}/overview", f"{ERRORS}/recent", "/api/monitoring/slo/overview")
        for path in paths:
            assert await running.refused(path) == (500, "Prometheus client not configured")
        assert running.messages() == ["Server error"] * 3


async def test_values_reach_the_portal(database: Database) -> None:
    prometheus = prometheus_with("12.5", {"destination_service_name": "board-service"})
    async with world(database, WITH_PROMETHEUS, prometheus=prometheus) as running:
        await database.add_user()
        assert await running.data(f"{METRICS}/overview") == {
            "totalRequests": 12.5,
            "avgResponseTime": 12.5,
            "errorPercentage": 12.5,
            "activeServices": 12,
            "totalEndpoints": 0,
        }
        assert len(prometheus.asked) == 4
        assert (await running.data(f"{METRICS}/services/ops-service"))["p99Latency"] == 12.5
        assert len(prometheus.asked) == 4 + 42
        missing = await running.refused(f"{METRICS}/services/x")
        assert missing == (404, "Service not found: x")
        (recent,) = await running.data(f"{ERRORS}/recent?limit=3")
        assert recent["serviceName"] == "board-service"
        assert prometheus.queries[-1].startswith("topk(3, ")
        (point,) = await running.data(f"{ERRORS}/trend")
        assert point == {"timestamp": 1767660000, "errorRate": 12.5, "errorCount": 12.5}
        assert prometheus.asked[-1].query_params["step"] == "5m0s"
        (summary,) = await running.data(f"{ERRORS}/by-service")
        assert summary["totalErrors"] == 25
        assert summary["errorRate"] == 200


async def test_the_namespace_is_asked_for_as_configured(database: Database) -> None:
    prometheus = Upstream(EMPTY)
    env = {"PROMETHEUS_URL": PROMETHEUS}
    async with world(database, env, prometheus=prometheus) as running:
        await database.add_user()
        assert await running.data(f"{METRICS}/overview") == NO_OVERVIEW
        assert 'destination_service_namespace=""' in prometheus.queries[0]
        assert await running.data(f"{ERRORS}/recent") is None


async def test_nan_is_nothing(database: Database) -> None:
    nan = prometheus_with("NaN")
    async with world(database, WITH_PROMETHEUS, prometheus=nan) as running:
        await database.add_user()
        assert await running.data(f"{METRICS}/overview") == NO_OVERVIEW


async def test_a_hanging_prometheus_leaves_no_answer_at_all(database: Database) -> None:
    hanging = prometheus_with("1")
    options: dict[str, Any] = {"prometheus_timeout_s": 0.06, "write_timeout_s": 0.1}
    async with world(database, WITH_PROMETHEUS, prometheus=hanging, **options) as running:
        await database.add_user()
        hanging.hangs = True
        running.forget()
        with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
            await running.get(f"{METRICS}/overview")
        (access,) = running.entries()
        assert (access["msg"], access["http.status_code"]) == ("Request completed", 200)
        assert access["http.duration"] > 0.2
        assert len(hanging.asked) == 4
        recent = await running.get(f"{ERRORS}/recent")
        assert recent.status_code == 500
        error = running.entries("error")[0]["error"]
        assert error.endswith(
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        )
        assert (await running.get("/health/live")).json() == {"status": "alive"}
