"""Whoever has exactly the printed rights of a remedy can plan and apply it, whatever the world is.

The whole incident under them is in test_rbac.py; here are the worlds that it does not meet.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from probes.model import FailureKind, ProbeError
from probes.profile import Profile
from probes.reach import Reach, open_reach
from remedies.model import OutcomeKind, RefusedError, RemedyId
from remedies.rbac import KUBERNETES, NEEDS, Place, looking
from sandbox.kubernetes.access import Access
from tests.checks import worlds
from tests.remedies.argoworld import KEY, LOADING_S, NAMESPACE, SHARED, ArgoWorld, Bench
from tests.remedies.gitopsworld import APP, BAD_URL, GitOps, Kind, gitops
from tests.remedies.rollouts import Rollout
from tests.remedies.test_applications import behind
from tui import cli

pytestmark = pytest.mark.asyncio(loop_scope="session")

PLACE = Place(NAMESPACE, application=APP)
USER = "limited"


@asynccontextmanager
async def as_granted(
    access: Access, profile: Profile, *remedies: RemedyId, but: str = ""
) -> AsyncIterator[Reach]:
    """The way of one who may look and do these remedies, and nothing else; nothing was denied."""
    needs = {*looking(PLACE), *(need for one in remedies for need in NEEDS[one](PLACE))}
    for need in needs:
        resource = f"{need.resource}/{need.subresource}" if need.subresource else need.resource
        if need.system == KUBERNETES and need.resource != but:
            names = [need.name] if need.name else []
            access.allow(USER, [need.verb], [need.group], [resource], [need.namespace], names)
    async with open_reach(profile.model_copy(update={"context": USER})) as reach:
        await reach.cluster.ready(LOADING_S)
        access.audit.clear()
        yield reach
    denied = {str(asked) for user, asked, allowed in access.audit if user == USER and not allowed}
    assert but or denied == set()


@contextmanager
def a_rollout(there: GitOps) -> Iterator[None]:
    with Rollout.instead_of_the_deployment(there.store, there.config):
        settings = worlds.environment({**worlds.SETTINGS, **there.config()})
        seen = worlds.workload(environment=settings, controller=worlds.controller(kind="Rollout"))
        there.changes["workload"] = seen
        yield


BAD = Kind(parameters={"config.PROMETHEUS_URL": BAD_URL}, heals=False)


@pytest.mark.parametrize(
    ("remedy", "kind", "workload"),
    [
        (RemedyId.SET_PROMETHEUS_URL, replace(BAD, checksum=None), nullcontext),
        (RemedyId.SET_PROMETHEUS_URL, replace(BAD, checksum=None), a_rollout),
        (RemedyId.SET_PROMETHEUS_URL, replace(BAD, automated=False), nullcontext),
        (RemedyId.SYNC_APPLICATION, Kind(automated=False), nullcontext),
        (RemedyId.REFRESH_APPLICATION, Kind(), nullcontext),
        (RemedyId.RESTART_WORKLOAD, Kind(), a_rollout),
    ],
)
async def test_an_application_and_its_pods(
    bench: tuple[Bench, Reach],
    tmp_path: Path,
    impatient: None,
    remedy: RemedyId,
    kind: Kind,
    workload: Callable[[GitOps], Any],
) -> None:
    async with gitops(*bench, tmp_path, kind) as there:
        if remedy is RemedyId.SYNC_APPLICATION:
            await behind(there)
        with workload(there):
            async with as_granted(there.access, there.profile, remedy) as there.reach:
                said = {"anyway": "yes"} if remedy is RemedyId.RESTART_WORKLOAD else {}
                plan = await there.plan(remedy, **said)
                there.changes.clear()
                outcome = await there.apply(plan)
                assert outcome.kind is OutcomeKind.VERIFIED, outcome


async def test_external_secrets(there: ArgoWorld) -> None:
    create, force = RemedyId.CREATE_EXTERNALSECRET, RemedyId.FORCE_SYNC_EXTERNALSECRET
    there.remote.put("wealist/prod/ops-service", '{"argocd_token": "a-token"}')
    async with as_granted(there.access, there.profile, create, force) as reach:
        world = there.world(reach)
        plan = await there.plan(force, world=world, name=SHARED)
        assert (await there.apply(plan, world)).kind is OutcomeKind.VERIFIED
        there.store.delete("ExternalSecret", NAMESPACE, SHARED)
        plan = await there.plan(create, there.healthy(), world, key=KEY)
        assert "kind: ClusterSecretStore" in plan.steps[0].diff
        assert (await there.apply(plan, world)).kind is OutcomeKind.VERIFIED


async def test_stores_that_may_not_be_listed_are_no_absent_ones(there: ArgoWorld) -> None:
    there.store.delete("ExternalSecret", NAMESPACE, SHARED)
    create = RemedyId.CREATE_EXTERNALSECRET
    but = "clustersecretstores"
    async with as_granted(there.access, there.profile, create, but=but) as reach:
        with pytest.raises(RefusedError) as refused:
            await there.plan(create, there.healthy(), there.world(reach), key=KEY)
        with pytest.raises(ProbeError) as denied:
            await reach.cluster.get(f"/apis/external-secrets.io/v1/{but}")
    assert denied.value.failure.kind is FailureKind.FORBIDDEN
    assert denied.value.failure.sentence in str(refused.value)


async def test_what_is_at_the_scope_of_the_cluster_gets_a_cluster_role() -> None:
    args = ["rbac", "create-externalsecret", "-n", NAMESPACE, "--user", "anna"]
    done = CliRunner().invoke(cli.main, args)
    made = {one["kind"]: one for one in yaml.safe_load_all(done.stdout) if one}
    assert set(made) == {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
    assert made["ClusterRole"]["rules"] == [
        {
            "apiGroups": ["external-secrets.io"],
            "resources": ["clustersecretstores"],
            "verbs": ["list"],
        }
    ]
    assert "namespace" not in made["ClusterRole"]["metadata"]
    assert made["ClusterRoleBinding"]["roleRef"]["kind"] == "ClusterRole"
