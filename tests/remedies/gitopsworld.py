"""Argo CD at work: a controller that syncs and heals, ops-service's chart, a root that reverts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from probes.application.reading import application_seen
from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import Reach
from remedies.executor import Executor
from remedies.history import records
from remedies.journal import Journal
from remedies.model import Outcome, Plan, Progress, RemedyId
from remedies.planning import Ask
from remedies.registry import REMEDIES
from remedies.undo import chosen, undo_plan
from remedies.world import World
from sandbox.argocd import ArgoCD, chart, install
from sandbox.argocd.source import source_of
from sandbox.clock import Clock
from sandbox.inventory.settings import PARAMETERS
from sandbox.kubernetes.access import Access
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Network
from tests.checks import worlds
from tests.remedies.argoworld import NAMESPACE, Bench, Faulty, roll_out

APP, ROOT, ARGOCD = "ops-service-prod", "wealist-apps-prod", "argocd"
CONFIG = "ops-service-config"
URL = worlds.ORIGIN + worlds.PREFIX
BAD_URL = worlds.ORIGIN
LOKI = "http://loki.wealist-prod.svc.cluster.local:3100"

Mutate = Callable[[Obj], None]


@dataclass
class GitOps:
    """The world as a test looks at it and pushes it. What a sweep sees follows the ConfigMap."""

    bench: Bench
    store: Store
    access: Access
    argocd: ArgoCD
    reach: Reach
    journal: Journal
    profile: Profile
    own: str = ""
    told: list[Progress] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    """Sources of the snapshot that differ from what follows from the objects."""

    @property
    def kubernetes(self) -> Faulty:
        return self.bench.kubernetes

    def world(self, reach: Reach | None = None) -> World:
        return World(reach or self.reach, self.profile, self.sweep)

    async def sweep(self) -> Snapshot:
        settings = {**worlds.SETTINGS, **self.config()}
        url = settings.get("PROMETHEUS_URL", "")
        namespace = settings.get("PROMETHEUS_NAMESPACE", "")
        started = worlds.startup(
            prometheus_url=url,
            prometheus_namespace=namespace,
            migration="completed" if settings.get("DB_AUTO_MIGRATE") == "true" else "disabled",
        )
        seen: dict[str, Any] = {
            "workload": worlds.workload(environment=worlds.environment(settings), startup=started),
            "application": self.application_seen(),
        }
        if url != URL:
            seen["prometheus"] = worlds.without_prefix()
            seen["portal"] = worlds.portal(overview=worlds.ZERO)
        if namespace != NAMESPACE:
            seen["portal"] = worlds.portal(overview=worlds.ZERO)
        if started.migration == "disabled":
            seen["database"] = worlds.database(tables=(worlds.table("portal_users"),))
        return worlds.world(**seen | self.changes)

    def application_seen(self) -> Any:
        heals = bool((self.root()["spec"]["syncPolicy"].get("automated") or {}).get("selfHeal"))
        return application_seen(self.application(), f"Application/{ROOT}", heals, "test")

    async def plan(self, remedy: RemedyId = RemedyId.SET_PROMETHEUS_URL, **options: str) -> Plan:
        return await REMEDIES[remedy].plan(self.world(), await self.sweep(), Ask(options))

    async def apply(
        self,
        plan: Plan,
        why_not: Callable[[], str] = lambda: "",
        reach: Reach | None = None,
    ) -> Outcome:
        executor = Executor(self.world(reach), self.journal, why_not)
        return await executor.apply(plan, self.told.append)

    async def undo(self) -> Outcome:
        """Take the newest plan back."""
        return await self.apply(self.way_back())

    def way_back(self) -> Plan:
        """What takes the newest plan back."""
        done = chosen(records(self.journal.entries()))
        return undo_plan(done, f"{done.id}-undo", datetime.now(UTC))

    # what stands where

    def application(self) -> Obj:
        return self.store.get("Application", ARGOCD, APP)

    def root(self) -> Obj:
        return self.store.get("Application", ARGOCD, ROOT)

    def parameters(self) -> list[Obj]:
        source = source_of(self.application())
        listed: list[Obj] = (source.get("helm") or {}).get("parameters") or []
        return listed

    def parameter(self, name: str) -> Obj | None:
        return next((one for one in self.parameters() if one["name"] == f"config.{name}"), None)

    def config(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.store.get("ConfigMap", NAMESPACE, CONFIG)["data"]
        return found

    def deployment(self) -> Obj:
        return self.store.get("Deployment", NAMESPACE, chart.NAME)

    def change(self, mutate: Mutate, name: str = APP, manager: str = "kubectl-edit") -> None:
        """What somebody else does to an Application."""
        self.store.change("Application", ARGOCD, name, mutate, manager=manager)

    def hold_rollouts(self, *, held: bool = True) -> None:
        """No template is rolled out until they are let go."""

        def mutate(deployment: Obj) -> None:
            notes = deployment["metadata"].setdefault("annotations", {})
            notes.pop("stuck", None)
            notes |= {"stuck": "yes"} if held else {}

        self.store.change("Deployment", NAMESPACE, chart.NAME, mutate)

    def states(self, outcome: Outcome) -> list[str]:
        return [f"{one.step} {one.state.value}" for one in outcome.steps]


def set_parameter(name: str, value: str) -> Mutate:
    """An edit of the live Application, or of its manifest."""

    def mutate(application: Obj) -> None:
        for one in application["spec"]["source"]["helm"]["parameters"]:
            if one["name"] == name:
                one["value"] = value

    return mutate


@dataclass(frozen=True)
class Kind:
    """How the world is: its parameters, who heals, how long that takes, and who syncs."""

    parameters: Mapping[str, str | None] = field(default_factory=dict)
    """Laid over those of the healthy world; None for one that is not there."""

    heals: bool = True
    root_delay_s: float = 60.0
    automated: bool = True
    checksum: str | None = "checksum/config"
    """The annotation of the template that moves; one of another name never does."""

    prepare: Mutate = lambda application: None


@asynccontextmanager
async def gitops(bench: Bench, reach: Reach, tmp_path: Path, kind: Kind) -> AsyncIterator[GitOps]:
    """ops-service as production has it, long since synced, with a controller that runs."""
    clock = Clock()
    store, access = Store(clock=clock), Access()
    for name in ("sandbox", "limited"):
        access.add_user(name, f"token-of-{name}")
    access.allow_all("sandbox")
    for name in (NAMESPACE, ARGOCD):
        store.create({"kind": "Namespace", "metadata": {"name": name}})
    wanted = {**PARAMETERS, **kind.parameters}
    install(store, parameters={key: one for key, one in wanted.items() if one is not None})
    store.change("Application", ARGOCD, APP, lambda one: _prepare(one, kind))
    store.change("Application", ARGOCD, ROOT, lambda one: _heals(one, kind.heals))
    store.subscribe(lambda change: roll_out(store, change))
    _deploy(store, kind)
    argocd = ArgoCD(store, root_delay=kind.root_delay_s, self_heal_delay=60.0, sync_delay=0.02)
    bench.kubernetes.serve(kubernetes_app(store, Logs(), Network(NAMESPACE), access))
    controlling = asyncio.create_task(argocd.run())
    journal = Journal(tmp_path / "journal.jsonl")
    try:
        yield GitOps(bench, store, access, argocd, reach, journal, bench.profile)
        assert not controlling.done(), controlling
    finally:
        controlling.cancel()
        with suppress(asyncio.CancelledError):
            await controlling


def _prepare(application: Obj, kind: Kind) -> None:
    if not kind.automated:
        del application["spec"]["syncPolicy"]["automated"]
    resource = {"kind": "ConfigMap", "namespace": NAMESPACE, "name": CONFIG, "status": "Synced"}
    application["status"]["resources"] = [resource]
    kind.prepare(application)


def _heals(root: Obj, heals: bool) -> None:
    root["spec"]["syncPolicy"]["automated"] = {"prune": True, "selfHeal": heals}


def _deploy(store: Store, kind: Kind) -> None:
    """What the last sync left: the objects of the chart."""
    for rendered in chart.render(store.get("Application", ARGOCD, APP), {}):
        if rendered["kind"] == "Deployment":
            rendered["spec"]["replicas"] = 1
            if kind.checksum != "checksum/config":
                notes = rendered["spec"]["template"]["metadata"]["annotations"]
                del notes["checksum/config"]
                notes |= {kind.checksum: "0"} if kind.checksum else {}
        store.create(rendered, manager="argocd-controller")


def quick(plan: Plan, **limits: float) -> Plan:
    """The plan, with other time limits for some steps (`await_rollout=0.1`)."""
    known = {name.replace("_", "-"): limit for name, limit in limits.items()}
    steps = (replace(one, limit_s=known.get(one.id, one.limit_s)) for one in plan.steps)
    return replace(plan, steps=tuple(steps))


@asynccontextmanager
async def gitops_worlds(
    bench: tuple[Bench, Reach], tmp_path: Path, **usual: Any
) -> AsyncIterator[Callable[..., Any]]:
    """Makes the worlds of a test, each of the usual kind but for what is said."""
    async with AsyncExitStack() as stack:

        async def made(**kind: Any) -> GitOps:
            wanted = Kind(**{**usual, **kind})
            return await stack.enter_async_context(gitops(*bench, tmp_path, wanted))

        yield made
