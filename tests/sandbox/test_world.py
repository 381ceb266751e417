"""Each scenario as a real child process, looked at as a browser and an on-call person would."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.launch import Running
from tests.running import selected
from tests.sandboxes import Sandboxes, sandboxes
from tests.waiting import until

pytestmark = pytest.mark.slow

_NAMESPACE = "wealist-prod"
_LABEL = {"labelSelector": "app.kubernetes.io/name=ops-service"}
_PREFIXED = "http://prometheus.wealist-prod.svc.cluster.local:9090/api/monitoring/prometheus"


@dataclass(frozen=True)
class Sandbox:
    """A running scenario with a browser (`portal`) and a cluster client (`api`)."""

    running: Running
    portal: httpx.AsyncClient
    api: httpx.AsyncClient

    async def show(self, route: str) -> httpx.Response:
        return await self.portal.get(f"{self.running.addresses['portal']}/api{route}")

    async def data(self, route: str) -> Any:
        answer = await self.show(route)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def pods(self) -> list[dict[str, Any]]:
        found = await self.api.get(f"/api/v1/namespaces/{_NAMESPACE}/pods", params=_LABEL)
        items: list[dict[str, Any]] = found.json()["items"]
        return items

    async def log(self, pod: str, **params: str) -> list[str]:
        path = f"/api/v1/namespaces/{_NAMESPACE}/pods/{pod}/log"
        text = (await self.api.get(path, params={"container": "ops-service", **params})).text
        return text.splitlines()

    async def messages(self, pod: str, **params: str) -> list[str]:
        lines = await self.log(pod, **params)
        return [json.loads(line).get("msg", "") for line in lines if line.startswith("{")]


_CRASHING = """
title = "A required secret is missing"
summary = "ops-service exits at once."
[shared_secret]
unset = ["JWT_SECRET"]
"""

_BLOCKED = """
title = "A policy refuses the new pods"
summary = "The fix is in Git, the old pod keeps running."
[[admission]]
name = "require-prod-stage-label"
pods = "ops-service-*"
label = "stage=production"
message = "배포 실패"
[after.helm.set]
"config.PROMETHEUS_URL" = "http://prometheus.wealist-prod.svc.cluster.local:9090"
"""

_OWN = {"crashing": _CRASHING, "blocked": _BLOCKED}
"""Scenarios of this module alone."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("scenarios")
    for name, text in _OWN.items():
        (made / f"{name}.toml").write_text(text)
    return made


def _scenario(folder: Path, name: str) -> str:
    return str(folder / f"{name}.toml") if name in _OWN else name


@pytest.fixture(scope="module")
def kept(request: pytest.FixtureRequest, folder: Path) -> Iterator[Sandboxes]:
    with sandboxes([_scenario(folder, one) for one in selected(request, "world")]) as started:
        yield started


def scenario(name: str) -> pytest.MarkDecorator:
    """The world a test looks at. Who shares one stands together; who changes it, last."""
    return pytest.mark.parametrize("world", [name], indirect=True)


@pytest.fixture
async def world(
    request: pytest.FixtureRequest, kept: Sandboxes, folder: Path
) -> AsyncIterator[Sandbox]:
    name = _scenario(folder, request.param)
    running = await kept.running(name)
    cluster = json.loads(running.kubeconfig.read_text())["clusters"][0]["cluster"]
    authority = ssl.create_default_context(cadata=_pem(cluster))
    async with (
        httpx.AsyncClient(
            headers={"Authorization": f"Bearer {running.portal_token}"}, timeout=15
        ) as portal,
        httpx.AsyncClient(
            base_url=cluster["server"],
            verify=authority,
            headers=bearer(running, "sandbox"),
            timeout=15,
        ) as api,
    ):
        yield Sandbox(running, portal, api)
    kept.leave(name)


def bearer(running: Running, user: str) -> dict[str, str]:
    users = json.loads(running.kubeconfig.read_text())["users"]
    token = next(one["user"]["token"] for one in users if one["name"] == user)
    return {"Authorization": f"Bearer {token}"}


def _pem(cluster: dict[str, str]) -> str:
    return base64.b64decode(cluster["certificate-authority-data"]).decode()


def _age(pod: dict[str, Any]) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(pod["metadata"]["creationTimestamp"])


def _is_ready(pod: dict[str, Any]) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])


@scenario("healthy")
async def test_the_healthy_portal_shows_numbers_and_applications(world: Sandbox) -> None:
    overview = await world.data("/monitoring/metrics/overview")
    assert overview["totalRequests"] > 0
    assert overview["activeServices"] == 7
    names = {one["name"] for one in await world.data("/monitoring/applications")}
    assert {"ops-service-prod", "wealist-monitoring-prod"} <= names
    assert (await world.show("/admin/config")).status_code == 200
    assert (await world.show("/admin/audit-logs")).status_code == 200
    (pod,) = await world.pods()
    assert pod["status"]["phase"] == "Running"
    assert _is_ready(pod)


@scenario("healthy")
async def test_who_may_only_read_sees_no_secret_and_nobody_sees_nothing(world: Sandbox) -> None:
    pods = f"/api/v1/namespaces/{_NAMESPACE}/pods"
    secret = f"/api/v1/namespaces/{_NAMESPACE}/secrets/wealist-shared-secret"
    reader, nobody = bearer(world.running, "readonly"), bearer(world.running, "nobody")
    assert (await world.api.get(pods, headers=reader)).json()["items"]
    refused = await world.api.get(secret, headers=reader)
    assert refused.status_code == 403
    assert "cannot get resource" in refused.json()["message"]
    assert (await world.api.get(pods, headers=nobody)).status_code == 403


@scenario("healthy-no-traffic")
async def test_without_traffic_the_zeros_are_true(world: Sandbox) -> None:
    overview = await world.data("/monitoring/metrics/overview")
    assert overview["totalRequests"] == 0
    recent = await world.data("/monitoring/errors/recent")
    assert {one["errorCount"] for one in recent or ()} <= {0}
    assert await world.data("/monitoring/applications")


@scenario("incident-v11")
async def test_the_incident_shows_zeros_and_its_logs_say_why_at_their_beginning(
    world: Sandbox,
) -> None:
    overview = await world.data("/monitoring/metrics/overview")
    assert set(overview.values()) == {0}
    assert await world.data("/monitoring/applications") is None
    assert (await world.show("/admin/config")).status_code == 500
    assert (await world.show("/monitoring/errors/recent")).status_code == 500
    pods = await world.pods()
    assert len(pods) == 2
    for pod in pods:
        assert _is_ready(pod)
        assert timedelta(hours=2, minutes=59) < _age(pod) < timedelta(hours=4)
        name = pod["metadata"]["name"]
        every = await world.messages(name)
        assert "ArgoCD configuration incomplete, ArgoCD features disabled" in every
        assert "Database auto-migration disabled (DB_AUTO_MIGRATE=false)" in every
        assert len(every) > 1000
        # What the runbook's grep looks at has nothing of it.
        assert set(await world.messages(name, tailLines="100")) <= {
            "Request completed",
            "ArgoCD client not configured",
            "Server error",
            "Failed to get recent errors",
        }


@scenario("incident-v11")
async def test_a_parameter_of_the_application_reaches_a_new_pod_and_the_portal(
    world: Sandbox,
) -> None:
    before = {pod["metadata"]["name"] for pod in await world.pods()}
    path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/ops-service-prod"
    application = (await world.api.get(path)).json()
    parameters = application["spec"]["source"]["helm"]["parameters"]
    place = [one["name"] for one in parameters].index("config.PROMETHEUS_URL")
    pointer = f"/spec/source/helm/parameters/{place}/value"
    answer = await world.api.patch(
        path,
        headers={"Content-Type": "application/json-patch+json"},
        content=json.dumps(
            [
                {"op": "test", "path": pointer, "value": parameters[place]["value"]},
                {"op": "replace", "path": pointer, "value": _PREFIXED},
            ]
        ),
    )
    assert answer.status_code == 200, answer.text

    async def numbers() -> bool:
        shown = await world.show("/monitoring/metrics/overview")
        return shown.status_code == 200 and shown.json()["data"]["totalRequests"] > 0

    await until(numbers)
    fresh = [pod for pod in await world.pods() if pod["metadata"]["name"] not in before]
    assert fresh
    lines = await world.log(fresh[0]["metadata"]["name"])
    started = [json.loads(line) for line in lines if "Prometheus client initialized" in line]
    assert started[0]["baseURL"] == _PREFIXED


@scenario("prometheus-url-missing-prefix")
async def test_a_url_without_the_prefix_zeroes_the_metrics_only(world: Sandbox) -> None:
    overview = await world.data("/monitoring/metrics/overview")
    assert set(overview.values()) == {0}
    assert await world.data("/monitoring/applications")
    assert (await world.show("/admin/config")).status_code == 200


@scenario("argocd-token-missing")
async def test_without_a_token_only_the_applications_are_missing(world: Sandbox) -> None:
    assert (await world.data("/monitoring/metrics/overview"))["totalRequests"] > 0
    assert await world.data("/monitoring/applications") is None
    secrets = f"/api/v1/namespaces/{_NAMESPACE}/secrets/wealist-argocd-secret"
    assert (await world.api.get(secrets)).status_code == 404


@scenario("db-migration-disabled")
async def test_with_the_migration_off_two_tables_are_missing_and_no_error_is_logged(
    world: Sandbox,
) -> None:
    assert (await world.data("/monitoring/metrics/overview"))["totalRequests"] > 0
    assert (await world.show("/admin/audit-logs")).status_code == 500
    (pod,) = await world.pods()
    messages = await world.messages(pod["metadata"]["name"])
    assert "Database auto-migration disabled (DB_AUTO_MIGRATE=false)" in messages
    assert "Failed to run database migrations" not in messages


@scenario("db-constraint-mismatch")
async def test_with_a_handmade_table_the_migration_fails_at_the_start(world: Sandbox) -> None:
    assert (await world.data("/monitoring/metrics/overview"))["totalRequests"] > 0
    assert (await world.show("/admin/config")).status_code == 500
    (pod,) = await world.pods()
    lines = await world.log(pod["metadata"]["name"])
    (failed,) = [one for one in lines if "Failed to run database migrations" in one]
    assert 'constraint \\"uni_portal_users_email\\"' in failed
    assert "42704" in failed


@scenario("crashing")
async def test_a_process_that_exits_is_a_crash_loop_with_its_last_words(world: Sandbox) -> None:

    async def crashed() -> bool:
        (status,) = (await world.pods())[0]["status"]["containerStatuses"]
        waiting = status["state"].get("waiting") or {}
        return status["restartCount"] > 0 and waiting.get("reason") == "CrashLoopBackOff"

    await until(crashed)
    name = (await world.pods())[0]["metadata"]["name"]
    (line,) = await world.log(name, previous="true")
    assert line.endswith("jwt secret is required")
    assert (await world.show("/users/me")).status_code == 503


@scenario("blocked")
async def test_a_refused_pod_leaves_the_old_one_with_its_old_settings(world: Sandbox) -> None:
    home = f"/apis/apps/v1/namespaces/{_NAMESPACE}/deployments/ops-service"

    async def refused() -> bool:
        conditions = (await world.api.get(home)).json()["status"]["conditions"]
        return any(
            one["type"] == "ReplicaFailure" and "require-prod-stage-label" in one["message"]
            for one in conditions
        )

    await until(refused)
    (pod,) = await world.pods()
    assert _is_ready(pod)
    assert (await world.data("/monitoring/metrics/overview"))["totalRequests"] > 0
