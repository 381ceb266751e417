"""Who may see what, what health says, and the access line of every request."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from sandbox.authservice import AuthService
from tests.sandbox.opsservice.worlds import EMAIL, Database, World, world

pytestmark = pytest.mark.needs_postgres

ME = "/api/users/me"
LOGS = "/api/admin/audit-logs"


async def ask(running: World, path: str, authorization: str | None) -> httpx.Response:
    headers = {"Authorization": authorization} if authorization else {}
    async with httpx.AsyncClient(base_url=running.client.base_url, trust_env=False) as client:
        return await client.get(path, headers=headers)


def forged(claims: dict[str, str]) -> str:
    def segment(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{segment({'alg': 'HS256'})}.{segment(claims)}.c2ln"


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Authorization header is required"),
        ("Basic abc", "Invalid authorization header format"),
        ("Bearer", "Invalid authorization header format"),
        ("Bearer a b", "Invalid authorization header format"),
        ("Bearer not-a-token", "Invalid or expired token"),
    ],
)
async def test_who_is_not_known_is_401(
    database: Database, authorization: str | None, message: str
) -> None:
    async with world(database) as running:
        answer = await ask(running, ME, authorization)
        assert answer.status_code == 401
        assert answer.json() == {"error": {"code": "UNAUTHORIZED", "message": message}}


async def test_expired_and_foreign_tokens_are_refused(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        expired = running.auth.token(EMAIL, lifetime_s=-5)
        for token in (expired, AuthService().token(EMAIL), forged({"email": EMAIL})):
            answer = await ask(running, ME, f"Bearer {token}")
            assert answer.json()["error"]["message"] == "Invalid or expired token"
        assert (await ask(running, ME, f"bearer {running.auth.token(EMAIL)}")).status_code == 200


async def test_jwks_helps_when_validate_does_not(database: Database) -> None:
    """The signature is checked with auth-service's keys, and the issuer with JWT_ISSUER."""
    async with world(database) as running:
        await database.add_user()
        good = running.auth.token(EMAIL)
        running.auth.app.router.routes = [
            route
            for route in running.auth.app.router.routes
            if "validate" not in getattr(route, "path", "")
        ]
        assert (await ask(running, ME, f"Bearer {good}")).status_code == 200
        foreign = AuthService().token(EMAIL)
        assert (await ask(running, ME, f"Bearer {foreign}")).status_code == 401


async def test_istio_mode_believes_any_well_formed_token(database: Database) -> None:
    async with world(database, {"ISTIO_JWT_MODE": "true"}) as running:
        await database.add_user()
        identity = "7f7b3a5e-6b1f-4a8e-9f55-0e7f8e1d2c3b"
        good = forged({"sub": identity, "email": EMAIL})
        assert (await ask(running, ME, f"Bearer {good}")).status_code == 200
        nobody = await ask(running, ME, f"Bearer {forged({'sub': 'x', 'email': EMAIL})}")
        assert nobody.json()["error"]["message"] == "Failed to parse token"
        unnamed = await ask(running, ME, f"Bearer {forged({'sub': identity})}")
        assert unnamed.status_code == 401
        assert unnamed.json() == {"success": False, "message": "Email not found in token"}


async def test_a_missing_table_is_a_403(database: Database) -> None:
    async with world(database, {"DB_AUTO_MIGRATE": "false"}) as running:
        answer = await running.get(ME)
        assert (answer.status_code, answer.json()) == (
            403,
            {"success": False, "message": "Access denied: Not a portal user"},
        )
        (warning,) = [one for one in running.entries("warn") if "user" in one["msg"]]
        assert warning["msg"] == "Portal user not found"
        assert warning["caller"] == "middleware/rbac.go:28"
        assert warning["email"] == EMAIL
        assert warning["error"] == 'ERROR: relation "portal_users" does not exist (SQLSTATE 42P01)'


async def test_what_the_role_and_state_of_a_user_allow(database: Database) -> None:
    async with world(database) as running:
        stranger = await running.get(ME)
        assert stranger.json()["message"] == "Access denied: Not a portal user"
        assert running.entries("warn")[-2]["error"] == "user not found"
        await database.add_user("viewer")
        assert (await running.get(ME)).json()["data"]["email"] == EMAIL
        assert (await running.get(LOGS)).json()["message"] == (
            "Access denied: Insufficient permissions"
        )
        await database.execute("UPDATE portal_users SET is_active = false")
        assert (await running.get(ME)).json()["message"] == "Access denied: User is inactive"
        await database.execute("UPDATE portal_users SET deleted_at = now()")
        assert (await running.get(ME)).json()["message"] == "Access denied: Not a portal user"


async def test_the_admin_pages_show_the_database(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        await running.get("/api/auth/callback")
        logs = (await running.get(f"{LOGS}?page=0&limit=5")).json()
        assert (logs["page"], logs["limit"], logs["total"]) == (0, 5, 1)
        assert logs["data"][0]["action"] == "login"
        assert (await running.get(f"{LOGS}?action=nothing")).json()["total"] == 0
        created = await running.client.post("/api/admin/config", json={"key": "k", "value": "v"})
        assert created.status_code == 201
        entry = created.json()["data"]
        assert (await running.get("/api/config/active")).json()["data"] == {"k": "v"}
        assert (await running.get("/api/config/k")).json()["data"]["id"] == entry["id"]
        again = await running.client.post("/api/admin/config", json={"key": "k", "value": "v"})
        assert (again.status_code, again.json()["message"]) == (409, "Config key already exists")
        path = f"/api/admin/config/{entry['id']}"
        changed = await running.client.put(path, json={"value": "w", "isActive": False})
        assert changed.json()["data"]["value"] == "w"
        assert (await running.get("/api/config/active")).json()["data"] == {}
        gone = await running.client.delete(path)
        assert (gone.status_code, gone.content) == (204, b"")
        missing = await running.get("/api/config/k")
        assert (missing.status_code, missing.json()["message"]) == (404, "Config not found")
        users = (await running.get("/api/admin/users")).json()["data"]
        assert [one["email"] for one in users] == [EMAIL]


async def test_the_rbac_page_reads_the_config_map(database: Database) -> None:
    policy = {"policy.csv": "g, sre@wealist.co.kr, role:admin", "policy.default": "role:readonly"}
    maps = {("argocd", "argocd-rbac-cm"): policy}

    def read(namespace: str, name: str) -> dict[str, str] | None:
        return maps.get((namespace, name))

    async with world(database, read_config_map=read) as running:
        await database.add_user()
        shown = (await running.get("/api/admin/argocd/rbac")).json()["data"]
        assert shown["adminUsers"] == ["sre@wealist.co.kr"]
        maps.clear()
        assert (await running.get("/api/admin/argocd/rbac")).status_code == 500


@asynccontextmanager
async def closed(database: Database) -> AsyncIterator[None]:
    """Nobody gets into the database, and nobody is in it."""
    allow = f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS"
    await database.server.execute(f"{allow} false", database="postgres")
    try:
        await database.server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            f" WHERE datname = '{database.name}'",
            database="postgres",
        )
        yield
    finally:
        await database.server.execute(f"{allow} true", database="postgres")


async def test_health_knows_the_database_only(database: Database) -> None:
    async with world(database) as running:
        ready = {"checks": {"database": "ok", "redis": "not_configured"}, "status": "ready"}
        for path in ("/health", "/health/ready", "/api/health", "/api/health/ready"):
            assert (await running.get(path)).json() == ready
        for path in ("/health/live", "/api/health/live"):
            assert (await running.get(path)).json() == {"status": "alive"}
        async with closed(database):
            down = await running.get("/health/ready")
            assert (down.status_code, down.json()["status"]) == (503, "not_ready")
            assert down.json()["checks"]["database"] == "disconnected"
            assert (await running.get("/health/live")).status_code == 200
            refused = await running.get(ME)
            assert refused.json()["message"] == "Access denied: Not a portal user"
            error = running.entries("warn")[-2]["error"]
            assert error.startswith("failed to connect to `user=wealist_admin")
        assert (await running.get("/health/ready")).status_code == 200


async def test_a_database_connection_lost_meanwhile_is_replaced(database: Database) -> None:
    async with world(database) as running:
        await database.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert (await running.get("/health/ready")).status_code == 200


async def test_every_request_leaves_an_access_line(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        running.forget()
        probe = await running.client.get("/health/live", headers={"User-Agent": "kube-probe/1.34"})
        await running.client.get(f"{ME}?x=1", headers={"X-Forwarded-For": "203.0.113.9, 10.0.0.1"})
        first, second = running.entries()
        assert list(first) == [
            *("level", "ts", "caller", "msg", "trace_id", "span_id", "trace_sampled"),
            *("http.request_id", "http.method", "http.route", "http.target"),
            *("http.status_code", "http.duration", "http.client_ip", "http.user_agent"),
            *("http.query", "http.response_content_length"),
        ]
        assert (first["level"], first["caller"]) == ("info", "middleware/logger.go:162")
        assert first["http.request_id"] == probe.headers["x-request-id"]
        assert first["http.user_agent"] == "kube-probe/1.34"
        assert first["http.response_content_length"] == len(probe.content)
        assert isinstance(first["http.duration"], float)
        assert (second["http.client_ip"], second["http.query"]) == ("203.0.113.9", "x=1")
        assert len(second["enduser.id"]) == 36


async def test_the_scrape_counts_requests(database: Database) -> None:
    async with world(database) as running:
        await running.get("/health/live")
        await running.get("/api/config/nothing")
        scrape = await running.get("/metrics")
        assert scrape.headers["content-type"].startswith("text/plain; version=0.0.4")
        text = scrape.text
        path = "/api/config/:key"
        assert f'ops_http_requests_total{{method="GET",path="{path}",status="404"}} 1\n' in text
        assert "\nops_active_users 0\n" in text
        assert "\nops_audit_logs_total 0\n" in text
        count = 'ops_http_request_duration_seconds_count{method="GET",path="/health/live"} 1\n'
        assert count in text
