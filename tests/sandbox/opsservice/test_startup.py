"""What a container logs while it starts, and when it gives up."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sandbox.kubernetes.logs import LogBuffer
from sandbox.network import Network
from sandbox.opsservice import ContainerExit, OpsService
from tests.sandbox.opsservice.worlds import (
    ARGOCD,
    AUTH,
    LOKI,
    NAMESPACE,
    PREFIX,
    PROMETHEUS,
    Database,
    world,
)

PRODUCTION = {
    "ENV": "production",
    "PROMETHEUS_URL": PROMETHEUS + PREFIX,
    "PROMETHEUS_NAMESPACE": NAMESPACE,
    "LOKI_URL": LOKI,
    "LOKI_NAMESPACE": NAMESPACE,
    "ARGOCD_SERVER_URL": ARGOCD,
    "ARGOCD_TOKEN": "secret-token",
    "DB_AUTO_MIGRATE": "true",
    "REDIS_HOST": "redis.example.internal",
}
REFUSED = {"DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_PASSWORD": "x", "JWT_SECRET": "s"}


async def started_in_vain(env: dict[str, str], **options: Any) -> list[str]:
    """The log of a service that exits."""
    log = LogBuffer()
    service = OpsService(env, Network(NAMESPACE), log, pod="ops-1", **options)
    with pytest.raises(ContainerExit) as caught:
        await service.start()
    assert caught.value.code == 1
    assert not service.ready
    return [entry.text for entry in log.lines]


async def failed_attempt(env: dict[str, str], network: Network | None = None) -> str:
    """The first plain line about the database, without its prefix."""
    log = LogBuffer()
    service = OpsService(env, network or Network(NAMESPACE), log, pod="ops-1")
    task = asyncio.create_task(service.start())
    try:
        async with asyncio.timeout(10):
            async for entry in log.follow():
                if entry.text.startswith("Database connection"):
                    return entry.text
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    raise AssertionError("nothing was said about the database")


@pytest.mark.needs_postgres
async def test_a_healthy_start_in_order(database: Database) -> None:
    async with world(database, PRODUCTION) as running:
        entries = running.entries()
        assert [(one["level"], one["msg"]) for one in entries] == [
            ("info", "OpenTelemetry initialized"),
            ("info", "Starting Ops Service"),
            ("info", "Database connected successfully"),
            ("info", "GORM OpenTelemetry tracing enabled"),
            ("info", "Running database migrations (DB_AUTO_MIGRATE=true)"),
            ("info", "Database migrations completed"),
            ("warn", "Redis connection failed"),
            ("warn", "Failed to initialize Redis, rate limiting will be disabled"),
            ("info", "ArgoCD client initialized"),
            ("info", "Using in-cluster Kubernetes config"),
            ("info", "Kubernetes client initialized"),
            ("info", "Prometheus client initialized"),
            ("info", "Loki client initialized"),
            ("info", "SmartValidator initialized"),
            ("info", "ArgoCD RBAC service initialized"),
            ("info", "Using SmartValidator mode (full validation)"),
            ("info", "Ops Service started successfully"),
        ]
        told = {one["msg"]: one for one in entries}
        assert list(told["Starting Ops Service"]) == [
            *("level", "ts", "caller", "msg", "port", "mode", "base_path")
        ]
        assert told["Starting Ops Service"]["mode"] == "production"
        assert told["Prometheus client initialized"]["baseURL"] == PROMETHEUS + PREFIX
        assert told["Prometheus client initialized"]["namespace"] == NAMESPACE
        assert told["ArgoCD client initialized"]["serverURL"] == ARGOCD
        assert told["Loki client initialized"]["baseURL"] == LOKI
        assert told["Kubernetes client initialized"]["inCluster"] is True
        assert told["SmartValidator initialized"]["auth_api_url"] == AUTH
        assert told["SmartValidator initialized"]["jwt_issuer"] == "wealist-auth-service"
        assert told["Ops Service started successfully"]["address"] == ":8005"
        assert told["Redis connection failed"]["error"] == (
            "dial tcp: lookup redis.example.internal: no such host"
        )
        assert isinstance(entries[0]["ts"], float)
        assert "secret-token" not in "\n".join(running.lines())


@pytest.mark.needs_postgres
async def test_plain_lines_stand_between_the_json(database: Database) -> None:
    async with world(database, PRODUCTION) as running:
        plain = [line for line in running.lines() if not line.startswith("{")]
    assert " - using env:\texport GIN_MODE=release" in plain
    assert any(line.startswith("redis: 20") for line in plain)
    routes = [line for line in plain if line.startswith("[GIN-debug] GET")]
    assert any("/api/monitoring/metrics/overview" in line for line in routes)
    assert routes[0].endswith("--> github.com/gin-gonic/gin.WrapH.func1 (6 handlers)")


@pytest.mark.needs_postgres
async def test_release_mode_has_no_gin_lines(database: Database) -> None:
    async with world(database, {"ENV": "prod"}) as running:
        assert not any("GIN" in line for line in running.lines())


@pytest.mark.needs_postgres
async def test_what_is_not_configured_is_warned_about(database: Database) -> None:
    env = {"K8S_IN_CLUSTER": "false", "DB_AUTO_MIGRATE": "false", "ISTIO_JWT_MODE": "true"}
    async with world(database, env) as running:
        warnings, told = running.messages("warn"), running.messages()
    assert "ArgoCD configuration incomplete, ArgoCD features disabled" in warnings
    assert "Failed to initialize Kubernetes client, ArgoCD RBAC management disabled" in warnings
    assert "Prometheus URL not configured, metrics endpoints will be disabled" in warnings
    assert "Loki URL not configured, logs endpoints will return empty results" in warnings
    assert "Database auto-migration disabled (DB_AUTO_MIGRATE=false)" in told
    assert "Using Istio JWT mode (parse only)" in told
    assert "ArgoCD RBAC service initialized" not in told


@pytest.mark.needs_postgres
async def test_a_failed_migration_is_only_a_warning(database: Database) -> None:
    await database.execute("CREATE TABLE portal_users (email text NOT NULL UNIQUE)")
    async with world(database) as running:
        (failed,) = [one for one in running.entries("warn") if "migrations" in one["msg"]]
        assert failed["msg"] == "Failed to run database migrations"
        assert failed["caller"] == "api/main.go:121"
        assert failed["error"].startswith('ERROR: constraint "uni_portal_users_email"')
        assert running.service.ready


async def test_an_invalid_configuration_ends_the_process() -> None:
    lines = await started_in_vain({"DB_HOST": "db"})
    assert lines == ["Failed to load configuration: invalid configuration: jwt secret is required"]


async def test_the_database_is_tried_thirty_times() -> None:
    lines = await started_in_vain(REFUSED, retry_interval_s=0)
    attempts = [line for line in lines if line.startswith("Database connection attempt ")]
    reason = (
        "failed to connect to database: failed to connect to `user=postgres database=ops_db`:"
        " 127.0.0.1:1 (127.0.0.1): dial error: dial tcp 127.0.0.1:1: connect: connection refused"
    )
    assert attempts == [
        f"Database connection attempt {number} failed: {reason}" for number in range(1, 31)
    ]
    fatal = json.loads(lines[-1])
    assert fatal["level"] == "fatal"
    assert fatal["msg"] == "Failed to connect to database after retries"
    assert fatal["error"] == f"failed to connect to database after 30 retries: {reason}"
    assert fatal["stacktrace"].startswith("main.main\n\t")


async def test_an_unknown_database_host() -> None:
    line = await failed_attempt(REFUSED | {"DB_HOST": "no-such.rds.amazonaws.com"})
    assert line.endswith(
        "failed to connect to `user=postgres database=ops_db`: hostname resolving error:"
        " lookup no-such.rds.amazonaws.com: no such host"
    )


@pytest.mark.needs_postgres
async def test_a_database_that_does_not_exist(database: Database) -> None:
    line = await failed_attempt(database.env() | {"DB_NAME": "ops_db_gone"})
    where = f"127.0.0.1:{database.server.port} (127.0.0.1)"
    assert line == (
        "Database connection attempt 1 failed: failed to connect to database: failed to connect"
        f" to `user=wealist_admin database=ops_db_gone`: {where}:"
        ' server error: FATAL: database "ops_db_gone" does not exist (SQLSTATE 3D000)'
    )


@pytest.mark.needs_postgres
async def test_a_wrong_password(database: Database) -> None:
    line = await failed_attempt(database.env() | {"DB_PASSWORD": "hunter2"})
    assert line.endswith(
        "failed SASL auth: FATAL: password authentication failed for user"
        ' "wealist_admin" (SQLSTATE 28P01)'
    )
    assert "hunter2" not in line


@pytest.mark.needs_postgres
async def test_tls_that_the_server_does_not_speak(database: Database) -> None:
    line = await failed_attempt(database.env() | {"DB_SSLMODE": "require"})
    assert line.endswith("tls error: server refused TLS connection")


@pytest.mark.needs_postgres
async def test_without_a_password_it_lands_in_the_users_own_database(database: Database) -> None:
    """The unquoted DSN: `dbname=x` becomes the password, and the user's name the database."""
    await database.execute(f"CREATE ROLE quirky LOGIN SUPERUSER PASSWORD 'dbname={database.name}'")
    await database.server.execute("CREATE DATABASE quirky OWNER quirky", database="postgres")
    try:
        async with world(database, {"DB_USER": "quirky", "DB_PASSWORD": ""}):
            there = Database(database.server, "quirky")
            assert await there.rows("SELECT count(*) FROM portal_users") == [(0,)]
    finally:
        await database.server.execute("DROP DATABASE quirky WITH (FORCE)", database="postgres")
        await database.execute("DROP ROLE quirky")


@pytest.mark.needs_postgres
async def test_a_port_that_is_none(database: Database) -> None:
    lines = await started_in_vain(database.env() | {"SERVER_PORT": "web"})
    assert json.loads(lines[-1])["msg"] == "Failed to start server"


@pytest.mark.needs_postgres
async def test_stopping_frees_the_port_and_the_database(database: Database) -> None:
    async with world(database) as running:
        port = running.service.port
        await running.service.stop()
        with pytest.raises(OSError, match=r"Connect call failed|refused"):
            await asyncio.open_connection("127.0.0.1", port)
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        assert await database.rows(sessions) == [(1,)]
        assert running.messages()[-1] == "Server exited gracefully"
