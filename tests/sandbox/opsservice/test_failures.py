"""The failure matrix, row by row: status, body and what is (not) logged."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.opsservice.worlds import (
    ARGOCD,
    LOKI,
    Database,
    Upstream,
    answering,
    world,
)

pytestmark = pytest.mark.needs_postgres

WITH_ARGOCD = {"ARGOCD_SERVER_URL": ARGOCD, "ARGOCD_TOKEN": "a.b.c"}
APPLICATIONS = "/api/monitoring/applications"
HISTORY = "/api/monitoring/deployments/history"
NIL = "runtime error: invalid memory address or nil pointer dereference"
INTERNAL = {"success": False, "message": "An internal error occurred"}


async def test_no_token_is_null_and_a_warning(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        running.forget()
        for path in (APPLICATIONS, HISTORY, "/api/monitoring/deployments/x/history"):
            assert (await running.get(path)).text == '{"success":true,"data":null}'
        warnings = running.entries("warn")
        assert {one["msg"] for one in warnings} == {"ArgoCD client not configured"}
        assert [one["caller"] for one in warnings] == [
            "service/argocd_rbac_service.go:135",
            "service/argocd_rbac_service.go:184",
            "service/argocd_rbac_service.go:200",
        ]


async def test_a_bad_token_is_a_500_with_argocds_words_in_the_log(database: Database) -> None:
    body = '{"error":"invalid session: token has expired","code":16,"message":"invalid session"}'
    async with world(database, WITH_ARGOCD, argocd=answering(401, body)) as running:
        await database.add_user()
        running.forget()
        message = "Failed to get ArgoCD applications"
        assert await running.refused(APPLICATIONS) == (500, message)
        service, handler, access = running.entries("error")
        assert (service["msg"], service["caller"]) == (
            message,
            "service/argocd_rbac_service.go:141",
        )
        assert (handler["msg"], handler["caller"]) == (
            "Failed to get applications",
            "handler/argocd_handler.go:155",
        )
        assert service["error"] == handler["error"] == f"failed to get applications: {body}"
        assert access["msg"] == "Server error"
        assert await running.refused(HISTORY) == (500, "Failed to get deployment history")


async def test_applications_are_shown_short(database: Database) -> None:
    application = {
        "metadata": {"name": "ops-service-prod", "namespace": "argocd"},
        "spec": {"project": "wealist-prod"},
        "status": {
            "sync": {"status": "Synced"},
            "health": {"status": "Healthy"},
            "history": [
                {"revision": "a1", "deployedAt": "2026-01-05T00:00:00Z"},
                {"revision": "b2", "deployedAt": "2026-01-06T00:00:00Z"},
            ],
        },
    }

    def answer(request: Any) -> Any:
        listing = request.url.path == "/api/v1/applications"
        found = {"items": [application]} if listing else application
        return answering(200, found).answer(request)

    argocd = Upstream(answer)
    async with world(database, WITH_ARGOCD, argocd=argocd) as running:
        await database.add_user()
        assert await running.data(APPLICATIONS) == [
            {
                "name": "ops-service-prod",
                "namespace": "argocd",
                "project": "wealist-prod",
                "sync": "Synced",
                "health": "Healthy",
            }
        ]
        assert argocd.asked[0].headers["authorization"] == "Bearer a.b.c"
        history = await running.data(HISTORY)
        assert [one["revision"] for one in history] == ["b2", "a1"]
        assert history[0]["syncStatus"] == "Synced"


async def test_no_permission_is_null_without_a_word(database: Database) -> None:
    nothing = answering(200, {"metadata": {}, "items": None})
    async with world(database, WITH_ARGOCD, argocd=nothing) as running:
        await database.add_user()
        running.forget()
        assert await running.data(APPLICATIONS) is None
        assert running.messages() == ["Request completed"]


async def test_html_from_argocd_cannot_be_decoded(database: Database) -> None:
    page = answering(200, "<!doctype html>", "text/html")
    async with world(database, WITH_ARGOCD, argocd=page) as running:
        await database.add_user()
        assert (await running.refused(APPLICATIONS))[0] == 500
        assert running.entries("error")[0]["error"] == (
            "failed to decode applications: invalid character '<' looking for beginning of value"
        )


async def test_without_a_kubernetes_client_applications_panic(database: Database) -> None:
    env = WITH_ARGOCD | {"K8S_IN_CLUSTER": "false"}
    async with world(database, env, argocd=answering(200, {"items": []})) as running:
        await database.add_user()
        for path in (APPLICATIONS, HISTORY, "/api/admin/argocd/rbac"):
            running.forget()
            answer = await running.get(path)
            assert answer.status_code == 500
            assert answer.json() == {
                "error": {"code": "INTERNAL_ERROR", "message": "Internal server error"},
                "requestId": answer.headers["x-request-id"],
            }
            (only,) = running.entries()
            assert (only["level"], only["msg"]) == ("error", "Panic recovered")
            assert only["caller"] == "middleware/recovery.go:24"
            assert (only["error"], only["path"]) == (NIL, path)


async def test_sync_is_always_401(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        path = f"{APPLICATIONS}/sync"
        answer = await running.client.post(path, json={"name": "ops-service-prod"})
        assert answer.status_code == 401
        assert answer.json() == {"success": False, "message": "User not authenticated"}
        empty = await running.client.post(path)
        assert (empty.status_code, empty.json()["message"]) == (400, "Invalid request: EOF")


async def test_missing_tables_are_500s_whose_cause_nobody_logs(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        await database.execute("DROP TABLE audit_logs, app_configs")
        running.forget()
        paths = (
            "/api/admin/audit-logs",
            "/api/admin/config",
            "/api/pm/config",
            "/api/config/active",
            "/api/config/some-key",
        )
        for path in paths:
            answer = await running.get(path)
            assert (answer.status_code, answer.json()) == (500, INTERNAL)
        assert running.messages() == ["Server error"] * 5


async def test_the_callback_works_without_audit_logs_but_says_so(database: Database) -> None:
    async with world(database) as running:
        await database.execute("DROP TABLE audit_logs")
        running.forget()
        answer = await running.data("/api/auth/callback")
        assert answer["isNew"] is True
        assert answer["user"]["role"] == "admin"
        (failed,) = running.entries("error")
        assert failed["msg"] == "Failed to create audit log"
        assert failed["error"] == ('ERROR: relation "audit_logs" does not exist (SQLSTATE 42P01)')


async def test_loki_is_asked_when_there_is_one(database: Database) -> None:
    async with world(database) as running:
        await database.add_user()
        none = {"entries": [], "totalCount": 0}
        assert await running.data("/api/monitoring/logs") == none
        assert await running.data("/api/monitoring/logs/services") == []
    async with world(database, {"LOKI_URL": LOKI}) as running:
        status, message = await running.refused("/api/monitoring/logs")
        assert status == 500
        assert message.startswith(f'Failed to query logs: failed to query Loki: Get "{LOKI}/loki')
        assert "Failed to query logs" in running.messages("error")


async def test_an_unknown_route_is_gins_404(database: Database) -> None:
    async with world(database) as running:
        running.forget()
        answer = await running.get("/monitoring/metrics/overview")
        assert (answer.status_code, answer.text) == (404, "404 page not found")
        assert answer.headers["content-type"].startswith("text/plain")
        (access,) = running.entries()
        assert (access["level"], access["msg"]) == ("warn", "Client error")
        assert (access["http.route"], access["http.response_content_length"]) == ("", -1)
        assert (await running.client.options("/anything")).status_code == 204
