"""Killed at any step of the other remedies, the next start names it, and the same can be done on.

What had been done is found done: nothing is restarted, asked for or created a second time.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from probes.reach import Reach
from remedies.history import how_to_find_out, open_ends, records
from remedies.model import OutcomeKind, Plan, RemedyId
from tests.remedies.argoworld import NAMESPACE, SECRET, SHARED, ArgoWorld, Bench, Fault
from tests.remedies.gitopsworld import APP, GitOps, Kind, gitops
from tests.remedies.killing import Held, Target, killed_at
from tests.remedies.test_applications import behind
from tests.remedies.test_external_secrets import long_ago
from tests.remedies.test_restart import stale
from tests.remedies.test_token import undo

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

RESTART, FORCE = RemedyId.RESTART_WORKLOAD, RemedyId.FORCE_SYNC_EXTERNALSECRET
CREATE = RemedyId.CREATE_EXTERNALSECRET
SYNC, REFRESH = RemedyId.SYNC_APPLICATION, RemedyId.REFRESH_APPLICATION
EXTERNALS, APPLICATION = f"/namespaces/{NAMESPACE}/externalsecrets", f"/applications/{APP}"


@dataclass(frozen=True)
class Killing:
    """At a step of a remedy: while that write hangs, done or not; a wait while its look does."""

    remedy: RemedyId
    step: str
    write: tuple[str, str]
    kind: str
    look: str = ""

    def __str__(self) -> str:
        return f"{self.remedy}-{self.step}-{self.kind}"

    def faults(self) -> list[Fault]:
        """What holds it is the last of them."""
        if self.kind != "look":
            return [Fault(*self.write, self.kind)]
        writing = Fault(*self.write, "see", times=1)
        return [writing, Fault("GET", self.look, "hang", after=writing)]


async def killed(there: Target, plan: Plan, case: Killing, held: Held) -> None:
    """The step under way is named, and how to find out what became of it."""
    await killed_at(there, plan, case.step, held)
    (left,) = open_ends(records(there.journal.entries()))
    ids = [one.id for one in plan.steps]
    assert left.under_way == case.step
    assert [one.step for one in left.steps] == ids[: ids.index(case.step)]
    assert how_to_find_out(left)


WORKLOAD = ("PATCH", "/deployments/ops-service")
CREATING, FORCING = ("POST", EXTERNALS), ("PATCH", f"{EXTERNALS}/{SHARED}")
SYNCING = ("PATCH", APPLICATION)


@pytest.mark.parametrize(
    "case",
    [
        Killing(RESTART, "restart", WORKLOAD, "hang"),
        Killing(RESTART, "restart", WORKLOAD, "hang-after"),
        Killing(RESTART, "await-rollout", WORKLOAD, "look", WORKLOAD[1]),
        Killing(FORCE, "force-sync", FORCING, "hang-after"),
        Killing(FORCE, "await-externalsecret", FORCING, "look", FORCING[1]),
        Killing(CREATE, "create-externalsecret", CREATING, "hang-after"),
        Killing(CREATE, "await-externalsecret", CREATING, "look", f"{EXTERNALS}/{SECRET}"),
    ],
    ids=str,
)
async def test_the_step_is_named_and_the_same_plan_goes_on(there: ArgoWorld, case: Killing) -> None:
    long_ago(there)
    there.remote.put("wealist/prod/ops-service", json.dumps({"argocd_token": "x.y.z"}))
    options = {"name": SHARED} if case.remedy is FORCE else {}
    plan = await there.plan(case.remedy, stale(), None, **options)
    there.kubernetes.faults += case.faults()
    await killed(there, plan, case, there.kubernetes.faults[-1])
    there.kubernetes.faults.clear()
    was_done = case.kind != "hang"
    writes = len(there.kubernetes.writes)
    outcome = await there.apply(replace(plan, id="again"))
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert len(there.kubernetes.writes) == writes + (0 if was_done else 1)
    if case.remedy is CREATE:
        await there.apply(undo(there))
        assert there.store.find("ExternalSecret", NAMESPACE, SECRET) is None


@pytest_asyncio.fixture(loop_scope="session")
async def argo(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[GitOps]:
    """Nobody syncs the Application but who asks for it."""
    async with gitops(*bench, tmp_path, Kind(automated=False)) as world:
        yield world


@pytest.mark.parametrize(
    "case",
    [
        Killing(SYNC, "request-sync", SYNCING, "hang"),
        Killing(SYNC, "request-sync", SYNCING, "hang-after"),
        Killing(SYNC, "await-operation", SYNCING, "look", APPLICATION),
        Killing(REFRESH, "refresh", SYNCING, "hang-after"),
        Killing(REFRESH, "await-refresh", SYNCING, "look", APPLICATION),
    ],
    ids=str,
)
async def test_the_application_is_asked_no_second_time(argo: GitOps, case: Killing) -> None:
    await behind(argo)
    plan = await argo.plan(case.remedy)
    argo.kubernetes.faults += case.faults()
    await killed(argo, plan, case, argo.kubernetes.faults[-1])
    argo.kubernetes.faults.clear()
    outcome = await argo.apply(replace(plan, id="again"))
    assert outcome.kind in (OutcomeKind.VERIFIED, OutcomeKind.WAITING, OutcomeKind.FAILING), outcome
    if case.remedy is SYNC:
        assert len(argo.kubernetes.writes) == (2 if case.kind == "hang" else 1)
        assert argo.application()["status"]["sync"]["status"] == "Synced"
