"""A dashboard with hands on a small real cluster: one ConfigMap, and a remedy that mends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from probes.model import CauseId, Snapshot
from probes.profile import Profile
from probes.reach import open_reach
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import (
    AwaitRollout,
    Field,
    LiveEdit,
    ObjectRef,
    PatchObject,
    Permission,
    Plan,
    Refusal,
    RefusedError,
    RemedyId,
    Risk,
    Step,
)
from remedies.performing.objects import at, read
from remedies.planning import Ask, new_id, unified
from remedies.world import World
from sandbox.kubernetes.store import Obj
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.tui.dashboards import FrozenFeed, app_on, healthy, incident
from tests.tui.dashboards import read as read_snapshot
from tui.acting import Session, WhyNot
from tui.app import OpsPortalApp
from tui.feed import Reading

REF = ObjectRef("api/v1", "configmaps", NAMESPACE, "ops-service-config")
URL = "/data/PROMETHEUS_URL"
BEFORE, AFTER = "http://prometheus:9090", "http://prometheus:9090/prefix"
CAUSE = CauseId.PROMETHEUS_URL_MISSING_PREFIX
ID = RemedyId.SET_PROMETHEUS_URL


_DEPLOYMENT = ObjectRef("apis/apps/v1", "deployments", NAMESPACE, "ops-service")
_WAIT = Step("await-rollout", "Wait for new pods", AwaitRollout(_DEPLOYMENT), "", limit_s=60)


@dataclass
class MendUrl:
    """Sets one key of the ConfigMap, once `gate` is open; then `waits` without end.

    `reverts`: the key is put back where that does not come to its end.
    """

    id: RemedyId = ID
    causes: frozenset[CauseId] = frozenset({CAUSE})
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    waits: bool = False
    reverts: bool = False
    watch: LiveEdit | None = None
    asked: list[Mapping[str, str]] = field(default_factory=list)

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        self.asked.append(ask.options)
        await self.gate.wait()
        found = at(await read(world, REF), URL)
        if found == AFTER:
            raise RefusedError(Refusal.NOTHING_TO_DO, "PROMETHEUS_URL has the prefix already")
        before, after = Field(URL, found), Field(URL, AFTER)
        step = Step(
            id="set-url",
            title="Set PROMETHEUS_URL in the ConfigMap",
            action=PatchObject(REF, (before,), (after,)),
            shell="kubectl -n wealist-prod patch configmaps ops-service-config --type=json -p '[]'",
            limit_s=10,
            diff=unified(f"PROMETHEUS_URL: {found}\n", f"PROMETHEUS_URL: {AFTER}\n", "config"),
            risk=Risk.NONE,
            permissions=(Permission("kubernetes", "patch", "configmaps", namespace=NAMESPACE),),
            undo=PatchObject(REF, (after,), (before,)),
            revert_on_failure=self.reverts,
        )
        return Plan(
            id=new_id(),
            remedy=self.id,
            profile=world.profile.name,
            namespace=NAMESPACE,
            made_at=datetime.now(UTC),
            sentence="Give PROMETHEUS_URL its route prefix.",
            steps=(step, _WAIT) if self.waits else (step,),
            causes=(CAUSE,),
            warnings=("The root app takes a live edit back within minutes.",),
            durable="--- a/ops.yaml\n+++ b/ops.yaml\n-value: old\n+value: new",
            watch=self.watch,
        )


@dataclass
class Workbench:
    """The app with the cluster that its hands are on."""

    app: OpsPortalApp
    feed: FrozenFeed
    cluster: Kubernetes
    remedy: MendUrl
    journal: Journal

    async def plan(self) -> Plan:
        """A plan as the dashboard would make it."""
        assert self.feed.hands
        session = self.feed.hands(lambda: "")
        return await session.plan(ID)

    def set_url(self, value: str) -> None:
        """Somebody else changes it."""
        self.cluster.store.change(
            "ConfigMap",
            NAMESPACE,
            REF.name,
            lambda one: one["data"].update(PROMETHEUS_URL=value),
        )

    def url(self) -> str:
        return url_of(self.cluster)


def url_of(cluster: Kubernetes) -> str:
    found = cluster.store.get("ConfigMap", NAMESPACE, REF.name)
    return str(found["data"]["PROMETHEUS_URL"])


@asynccontextmanager
async def one_config_map(tmp_path: Path) -> AsyncIterator[Kubernetes]:
    """An API server with what `MendUrl` mends; user `reader` may only read it."""
    async with kubernetes(tmp_path, ["reader"]) as cluster:
        cluster.access.allow("reader", ["get"], [""], ["configmaps"], [NAMESPACE])
        metadata = {"name": REF.name, "namespace": NAMESPACE}
        data = {"PROMETHEUS_URL": BEFORE}
        cluster.create({"kind": "ConfigMap", "metadata": metadata, "data": data})
        yield cluster


@asynccontextmanager
async def workbench(
    tmp_path: Path,
    *,
    sandbox: str | None = None,
    user: str = "sandbox",
    sees: Callable[[], Snapshot] = healthy,
    git_clone: Path | None = None,
) -> AsyncIterator[Workbench]:
    """A dashboard on the incident whose first cause has a remedy, on a real API server."""
    async with one_config_map(tmp_path) as cluster:
        cluster.create(_half_rolled_out())
        profile = Profile(name="prod", kubeconfig=cluster.path, context=user, git_clone=git_clone)
        async with open_reach(profile) as reach:
            remedy, journal = MendUrl(), Journal(tmp_path / "journal.jsonl")
            remedy.gate.set()
            feed = FrozenFeed([_mendable()])

            async def sweep() -> Snapshot:
                return sees()

            def hands(why_not: WhyNot) -> Session:
                world = World(reach, profile, sweep)
                executor = Executor(world, journal, why_not)
                return Session(world, executor, journal, {ID: remedy})

            feed.hands = hands
            yield Workbench(app_on(feed, sandbox), feed, cluster, remedy, journal)


def _half_rolled_out() -> Obj:
    return {
        "kind": "Deployment",
        "metadata": {"name": _DEPLOYMENT.name, "namespace": NAMESPACE},
        "spec": {"replicas": 2, "selector": {}, "template": {}},
        "status": {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 1},
    }


def _mendable() -> Reading:
    reading = read_snapshot(incident())
    diagnosis = reading.diagnosis
    causes = tuple(
        replace(one, remedies=(ID.value, "refresh-application") if one.id is CAUSE else ())
        for one in diagnosis.causes
    )
    return replace(reading, diagnosis=replace(diagnosis, causes=causes))
