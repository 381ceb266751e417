"""The remedies in the sandbox: from the cause that a check names to the portal's own numbers."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from probes.diagnosis import diagnose
from probes.model import CauseId, Snapshot
from probes.profile import Profile
from probes.reach import open_reach
from probes.sweep import Sweeper
from probes.tokensource import TokenSource
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import Outcome, OutcomeKind, Plan, RemedyId
from remedies.performing.waiting import calm
from remedies.planning import Ask
from remedies.registry import REMEDIES, for_cause
from remedies.watching import Fate, watch
from remedies.world import World
from sandbox.assembly import World as SandboxWorld
from sandbox.kubernetes.store import Obj
from sandbox.launch import Running
from sandbox.scenario import Keys, Scenario, load
from sandbox.world import open_world
from tests.remedies.gitopsworld import APP, ARGOCD, BAD_URL, ROOT, URL
from tests.remedies.gitrepo import Repository
from tests.remedies.test_manifest import MANIFEST
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres, pytest.mark.usefixtures("impatient")]


@dataclass(frozen=True)
class OnCall:
    """Whoever looks at a sandbox and acts on it."""

    world: World
    executor: Executor

    async def plan(self, remedy: RemedyId, **options: str) -> Plan:
        snapshot = await self.world.sweep()
        return await REMEDIES[remedy].plan(self.world, snapshot, Ask(options))

    async def apply(self, plan: Plan) -> Outcome:
        return await self.executor.apply(plan)

    async def causes(self) -> list[CauseId]:
        return [one.id for one in diagnose(await self.world.sweep()).causes]


@asynccontextmanager
async def on_call(running: Running, folder: Path) -> AsyncIterator[OnCall]:
    profile = Profile(
        kubeconfig=running.kubeconfig,
        context=running.context,
        namespace=running.namespace,
        portal_url=running.addresses["portal"],
    )
    async with open_reach(profile) as reach:
        token = TokenSource.portal(profile, SecretStr(running.portal_token))
        sweeper = Sweeper(reach, profile, token)

        async def sweep() -> Snapshot:
            return await sweeper.run()

        world = World(reach, profile, sweep)
        yield OnCall(world, Executor(world, Journal(folder / "journal.jsonl"), lambda: ""))


SCENARIOS = (
    "prometheus-url-missing-prefix",
    "prometheus-namespace-mismatch",
    "loki-url-prefixed",
    "db-migration-disabled",
)


def everything_at_once() -> Scenario:
    """The faults of those scenarios in one world, where nobody reverts what is mended."""
    found = [load(name) for name in SCENARIOS]
    changed = {key: one for each in found for key, one in each.helm.set.items()}
    missing = tuple(key for each in found for key in each.helm.unset)
    world = load("db-migration-disabled")
    argocd = world.argocd.model_copy(update={"root_delay_s": 600.0})
    return world.model_copy(update={"helm": Keys(set=changed, unset=missing), "argocd": argocd})


@asynccontextmanager
async def opened(scenario: Scenario) -> AsyncIterator[SandboxWorld]:
    folder = Path(tempfile.mkdtemp(prefix="opsportal-sandbox-"))
    async with open_world(scenario, folder) as world:
        yield world


async def test_cause_after_cause_is_mended_and_each_time_verified(tmp_path: Path) -> None:
    done: list[RemedyId] = []
    async with (
        opened(everything_at_once()) as sandbox,
        on_call(sandbox.running, tmp_path) as person,
    ):
        while causes := await person.causes():
            plan = await person.plan(for_cause(causes[0])[0].id)
            assert causes[0] in plan.causes
            outcome = await person.apply(plan)
            assert outcome.kind is OutcomeKind.VERIFIED, outcome
            done.append(plan.remedy)
            assert len(done) <= len(SCENARIOS)
    # Which namespace the metrics are of is seen only once Prometheus answers.
    assert sorted(done) == sorted(
        {
            RemedyId.SET_PROMETHEUS_URL,
            RemedyId.SET_PROMETHEUS_NAMESPACE,
            RemedyId.SET_LOKI_URL,
            RemedyId.ENABLE_AUTO_MIGRATE,
        }
    )


def incident() -> Scenario:
    """incident-v11, whose root app reverts a live edit after three seconds."""
    scenario = load("incident-v11")
    argocd = scenario.argocd.model_copy(update={"root_delay_s": 3.0})
    return scenario.model_copy(update={"argocd": argocd})


async def test_in_the_incident_a_live_edit_is_reverted_and_the_change_in_git_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    manifest = MANIFEST.replace("http://prometheus:9090", BAD_URL)
    repository = Repository.make(tmp_path, manifest)
    async with opened(incident()) as sandbox, on_call(sandbox.running, tmp_path) as person:
        plan = await person.plan(RemedyId.SET_PROMETHEUS_URL, live="yes")
        outcome = await person.apply(plan)
        assert outcome.kind is OutcomeKind.VERIFIED, outcome
        assert "portal.metrics: shows" in outcome.sentence
        assert plan.watch
        watched = await watch(person.world, plan.watch)
        assert (watched.fate, watched.proven) == (Fate.REVERTED, True)
        assert f"by Application {ROOT}" in watched.sentence
        await until(lambda: value(sandbox) == BAD_URL)

        plan = await person.plan(RemedyId.SET_PROMETHEUS_URL, clone=str(repository.clone))
        outcome = await person.apply(plan)
        assert outcome.kind is OutcomeKind.WAITING, outcome
        merge(sandbox, repository, plan)
        await until(lambda: value(sandbox) == URL)
        await asyncio.wait_for(mended(person), 30)
        await until(lambda: synced(sandbox))
        assert value(sandbox) == URL


async def mended(person: OnCall) -> None:
    """Until the container runs with the new address."""
    wrong = {CauseId.PROMETHEUS_URL_MISSING_PREFIX, CauseId.WORKLOAD_STALE_CONFIG}
    while wrong & set(await person.causes()):
        await calm()


def merge(sandbox: SandboxWorld, repository: Repository, plan: Plan) -> None:
    """Another person merges the branch: Argo CD's own Git gets what stands in it."""
    wanted = repository.file("opsportal-tui/set-prometheus-url")
    assert f'value: "{URL}"' in wanted
    assert plan.waits_for.endswith("and merged into k8s-deploy-prod")

    def take_over(application: Obj) -> None:
        for one in application["spec"]["source"]["helm"]["parameters"]:
            if one["name"] == "config.PROMETHEUS_URL":
                one["value"] = URL

    sandbox.argocd.commit("Application", APP, take_over)


def value(sandbox: SandboxWorld) -> str:
    application = sandbox.cluster.store.get("Application", ARGOCD, APP)
    listed = application["spec"]["source"]["helm"]["parameters"]
    return str(next(one["value"] for one in listed if one["name"] == "config.PROMETHEUS_URL"))


def synced(sandbox: SandboxWorld) -> bool:
    root = sandbox.cluster.store.get("Application", ARGOCD, ROOT)
    return bool(root["status"]["sync"]["status"] == "Synced" and not root.get("operation"))
