"""In a whole sandbox: looking and planning write nothing, and what is applied is verified."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from probes.diagnosis import diagnose
from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import Reach, open_reach
from probes.sweep import Sweeper
from probes.tokensource import TokenSource
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import Outcome, OutcomeKind, Plan, Refusal, RefusedError, RemedyId
from remedies.planning import Ask
from remedies.registry import REMEDIES
from remedies.world import World
from sandbox import assembly
from sandbox.assembly import World as Sandbox
from sandbox.kubernetes.store import Obj
from sandbox.scenario import parse
from sandbox.serving import Server, serve
from sandbox.world import open_world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs_postgres,
    pytest.mark.asyncio(loop_scope="module"),
]

NAMESPACE = "wealist-prod"
SCENARIO = """
title = "A missing prefix, and a hand-made table in the way of the migration"
summary = "With the admission policies of production."

[helm.set]
"config.PROMETHEUS_URL" = "http://prometheus.wealist-prod.svc.cluster.local:9090"

[argocd]
token = "expired"

[database]
migrated = false
snippets = ["portal-users-by-hand"]

[[admission]]
name = "require-resource-limits"
limits = true
message = "배포 실패: limits"

[[admission]]
name = "require-prod-stage-label"
pods = "*-service-*"
label = "stage=prod"
message = "배포 실패: stage"
"""


@dataclass
class Received:
    """What each server of the sandbox was sent, in front of the application that answers it."""

    app: Any
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            method = scope.get("method", "GET")  # a websocket begins as a GET
            self.requests.append((method, scope["path"], scope["query_string"].decode()))
        await self.app(scope, receive, send)

    def writes(self) -> list[tuple[str, str, str]]:
        """Everything but reads and reviews (which ask what one may); a dry run is none, too."""
        return [
            one
            for one in self.requests
            if one[0] not in ("GET", "HEAD")
            and not one[1].startswith("/apis/authorization.k8s.io/")
            and "dryRun=All" not in one[2]
        ]


@dataclass
class Stage:
    """The sandbox in this very process, and the program that looks at it."""

    sandbox: Sandbox
    reach: Reach
    profile: Profile
    received: list[Received]

    def to(self, app: object) -> Received:
        """What that application was sent."""
        return next(one for one in self.received if one.app is app)

    @property
    def api_server(self) -> Received:
        """The first to be served."""
        return self.received[0]

    def world(self) -> World:
        token = SecretStr(self.sandbox.running.argocd_token)
        own = TokenSource.argocd(self.profile, token)
        return World(self.reach, self.profile, self.sweep, own)

    async def sweep(self) -> Snapshot:
        token = SecretStr(self.sandbox.running.portal_token)
        tokens = TokenSource.portal(self.profile, token)
        return await Sweeper(self.reach, self.profile, tokens).run()

    async def plan(self, remedy: RemedyId, **options: str) -> Plan:
        return await REMEDIES[remedy].plan(self.world(), await self.sweep(), Ask(options))

    async def apply(self, plan: Plan, folder: Path) -> Outcome:
        journal = Journal(folder / "journal.jsonl")
        return await Executor(self.world(), journal, lambda: "").apply(plan)

    def pods(self) -> list[Obj]:
        labels = {"app.kubernetes.io/name": "ops-service"}
        return self.sandbox.cluster.store.list("Pod", NAMESPACE, labels)

    async def tables(self) -> list[str]:
        host, _, port = self.sandbox.running.addresses["postgres"].partition(":")
        secret = self.sandbox.cluster.store.get("Secret", NAMESPACE, "wealist-shared-secret")
        connection = await asyncpg.connect(
            host=host,
            port=int(port),
            user="wealist_admin",
            password=base64.b64decode(secret["data"]["DB_PASSWORD"]).decode(),
            database="ops_db",
        )
        try:
            found = "select tablename from pg_tables where schemaname = 'public' order by 1"
            rows = await connection.fetch(found)
        finally:
            await connection.close()
        return [row["tablename"] for row in rows]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    received: list[Received] = []

    async def listening(app: Any, *, tls: Any = None) -> Server:
        received.append(Received(app))
        return await serve(received[-1], tls=tls)

    folder = Path(tempfile.mkdtemp(prefix="opsportal-sandbox-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "serve", listening)
        async with open_world(parse("incident-of-a-test", SCENARIO), folder) as sandbox:
            running = sandbox.running
            profile = Profile(
                name="sandbox",
                kubeconfig=running.kubeconfig,
                context=running.context,
                namespace=running.namespace,
                portal_url=running.addresses["portal"],
            )
            async with open_reach(profile) as reach:
                yield Stage(sandbox, reach, profile, received)


async def test_a_sweep_and_every_plan_and_preflight_only_read(stage: Stage, tmp_path: Path) -> None:
    snapshot = await stage.sweep()
    assert len(diagnose(snapshot).causes) >= 3
    executor = Executor(stage.world(), Journal(tmp_path / "journal.jsonl"), lambda: "")
    planned = []
    for remedy in REMEDIES.values():
        try:
            plan = await remedy.plan(stage.world(), snapshot, Ask())
        except RefusedError:
            continue
        planned.append(remedy.id)
        await executor.preflight(plan)
    assert {RemedyId.RENAME_CONSTRAINT, RemedyId.IN_CLUSTER_CURL} <= set(planned)
    for server in (stage.api_server, stage.to(stage.sandbox.argocd.app)):
        assert len(server.requests) > 5
        assert server.writes() == []
    assert not (tmp_path / "journal.jsonl").exists()


@pytest.mark.usefixtures("impatient")
async def test_curl_shows_both_answers_from_inside(stage: Stage, tmp_path: Path) -> None:
    outcome = await stage.apply(await stage.plan(RemedyId.IN_CLUSTER_CURL), tmp_path)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    text = outcome.steps[0].text
    assert "as-the-container-has-it: 404 Not Found: 404 page not found" in text
    assert 'under-the-prefix-that-serves: 200 OK: {"status":"success"' in text
    labels = {"app.kubernetes.io/managed-by": "opsportal-tui"}
    assert stage.sandbox.cluster.store.list("Pod", NAMESPACE, labels) == []


@pytest.mark.usefixtures("impatient")
async def test_the_rename_brings_all_three_tables(stage: Stage, tmp_path: Path) -> None:
    assert await stage.tables() == ["portal_users"]
    plan = await stage.plan(RemedyId.RENAME_CONSTRAINT)
    assert [one.id for one in plan.steps] == ["rename-portal_users", "restart", "await-rollout"]
    outcome = await stage.apply(plan, tmp_path)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert "db.migration" in outcome.sentence
    assert await stage.tables() == ["app_configs", "audit_logs", "portal_users"]
    with pytest.raises(RefusedError) as error:
        await stage.plan(RemedyId.RENAME_CONSTRAINT)
    assert error.value.refusal is Refusal.NOTHING_TO_DO


@pytest.mark.usefixtures("impatient")
async def test_a_restart_leaves_new_pods_only(stage: Stage, tmp_path: Path) -> None:
    before = {one["metadata"]["uid"] for one in stage.pods()}
    plan = await stage.plan(RemedyId.RESTART_WORKLOAD, anyway="yes")
    outcome = await stage.apply(plan, tmp_path)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert not before & {one["metadata"]["uid"] for one in stage.pods()}


@pytest.mark.usefixtures("impatient")
async def test_a_policy_that_refuses_the_new_pod_ends_the_restart(
    stage: Stage, tmp_path: Path
) -> None:
    admission = stage.sandbox.cluster.admission
    kept = admission.policies
    stage_label = next(one for one in kept if one.label)
    admission.policies = (stage_label.model_copy(update={"label": "stage=other"}),)
    try:
        plan = await stage.plan(RemedyId.RESTART_WORKLOAD, anyway="yes")
        outcome = await stage.apply(plan, tmp_path)
    finally:
        admission.policies = kept
    assert outcome.kind is OutcomeKind.FAILED
    assert "the rollout is blocked" in outcome.sentence
    assert "require-prod-stage-label" in outcome.sentence
    assert "배포 실패: stage" in outcome.sentence
    assert outcome.left_behind.startswith("done and kept: Restart Deployment ops-service")
