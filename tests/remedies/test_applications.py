"""An Application is synced or compared anew on purpose, and how that ended is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from probes.model import CauseId, FailureKind
from probes.reach import Reach, open_reach
from remedies.model import OutcomeKind, Refusal, RefusedError, RemedyId
from remedies.registry import for_cause
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.store import Obj
from tests.checks import worlds
from tests.remedies.argoworld import NAMESPACE, Bench, Fault
from tests.remedies.gitopsworld import (
    APP,
    ARGOCD,
    BAD_URL,
    URL,
    GitOps,
    gitops_worlds,
    set_parameter,
)
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SYNC, REFRESH = RemedyId.SYNC_APPLICATION, RemedyId.REFRESH_APPLICATION
_REFRESH = "argocd.argoproj.io/refresh"


@pytest_asyncio.fixture(loop_scope="session")
async def make(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[Callable[..., Any]]:
    """Makes the world of a test; by default nobody syncs it but who asks for it."""
    async with gitops_worlds(bench, tmp_path, automated=False) as made:
        yield made


async def behind(there: GitOps) -> None:
    """Somebody has changed a parameter, and nobody has synced it."""
    there.change(set_parameter("config.PROMETHEUS_URL", BAD_URL))
    await until(lambda: there.application()["status"]["sync"]["status"] == "OutOfSync")


def refuse(there: GitOps, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """From now on nothing of that kind is taken."""
    update = there.store.update

    def refusing(obj: Obj, **options: Any) -> Obj:
        if obj["kind"] == kind:
            raise ApiError(403, "Forbidden", "exceeded quota: compute")
        return update(obj, **options)

    monkeypatch.setattr(there.store, "update", refusing)


async def test_the_cause_is_mended_by_a_sync_before_a_refresh() -> None:
    found = [one.id for one in for_cause(CauseId.ARGOCD_APP_OUT_OF_SYNC)]
    assert found == [SYNC, REFRESH]


async def test_a_sync_brings_what_the_application_says_and_a_second_one_finds_nothing(
    make: Any,
) -> None:
    there: GitOps = await make()
    await behind(there)
    plan = await there.plan(SYNC)
    assert [one.id for one in plan.steps] == ["request-sync", "await-operation", "await-rollout"]
    assert plan.warnings == (
        "it brings to what Git has: ConfigMap ops-service-config, Deployment ops-service",
    )
    assert there.kubernetes.writes == []
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert "successfully synced (all tasks run); the Application is Synced" in (
        outcome.steps[1].text
    )
    assert there.config()["PROMETHEUS_URL"] == BAD_URL
    with pytest.raises(RefusedError, match="is synced; `refresh-application`") as again:
        await there.plan(SYNC)
    assert again.value.refusal is Refusal.NOTHING_TO_DO
    assert plan.steps[0].undo_words.startswith("a sync is not taken back")


async def test_what_git_no_longer_declares_stays_unless_it_is_said(make: Any) -> None:
    there: GitOps = await make()
    await behind(there)

    def pruned(application: Obj) -> None:
        gone = {"kind": "Service", "name": "old", "status": "OutOfSync", "requiresPruning": True}
        application["status"]["resources"].append(gone)

    there.change(pruned)
    plan = await there.plan(SYNC)
    assert any("declares Service old: it stays" in one for one in plan.warnings)
    assert "nothing is deleted" in plan.steps[0].risk_words
    plan = await there.plan(SYNC, prune="yes")
    assert any("declares Service old: it is deleted" in one for one in plan.warnings)
    with pytest.raises(RefusedError, match="`prune=true` is neither yes nor no"):
        await there.plan(SYNC, prune="true")
    await there.apply(plan)
    assert there.application()["status"]["operationState"]["operation"]["sync"]["prune"] is True


async def test_a_sync_that_fails_is_told_in_argo_cds_own_words(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: GitOps = await make()
    await behind(there)
    plan = await there.plan(SYNC)
    refuse(there, monkeypatch, "ConfigMap")
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert "step await-operation failed: the sync failed: one or more objects failed" in (
        outcome.sentence
    )
    assert "ConfigMap ops-service-config: exceeded quota: compute" in outcome.sentence


async def test_a_sync_that_somebody_takes_away_is_no_success(make: Any) -> None:
    there: GitOps = await make()
    await behind(there)
    plan = await there.plan(SYNC)

    def takes_away(change: Any) -> None:
        if change.obj["kind"] == "Application" and change.obj.get("operation"):
            there.change(lambda one: one.pop("operation"))

    there.store.subscribe(takes_away)
    outcome = await there.apply(plan)
    assert "somebody took the sync away that was asked for" in outcome.sentence


async def test_an_answer_that_is_lost_asks_for_no_second_sync(make: Any) -> None:
    there: GitOps = await make()
    await behind(there)
    plan = await there.plan(SYNC)
    there.kubernetes.faults.append(Fault("PATCH", f"/applications/{APP}", "lose", times=1))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert len(there.kubernetes.writes) == 1
    assert len(there.application()["status"]["history"]) == 2


async def test_an_object_that_changed_meanwhile_is_read_again(make: Any) -> None:
    there: GitOps = await make()
    await behind(there)
    plan = await there.plan(SYNC)
    there.kubernetes.faults.append(Conflict(there))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert len(there.kubernetes.writes) == 2


class Conflict(Fault):
    """Somebody changes the Application while the patch is on its way."""

    def __init__(self, there: GitOps) -> None:
        super().__init__("PATCH", f"/applications/{APP}", "pass", times=1)
        self._there = there

    def meets(self, scope: Any) -> bool:
        if super().meets(scope):
            self.times = 0
            self._there.change(lambda one: one["metadata"]["annotations"].update(note="x"))
        return False


async def test_who_may_not_patch_it_is_told_verb_and_resource(make: Any) -> None:
    there: GitOps = await make()
    await behind(there)
    there.access.allow("limited", ["get"], ["*"], ["*"], [NAMESPACE, ARGOCD])
    profile = there.profile.model_copy(update={"context": "limited"})
    async with open_reach(profile) as reach:
        for remedy in (SYNC, REFRESH):
            with pytest.raises(RefusedError, match=f"patch applications.argoproj.io {APP}"):
                await there.apply(await there.plan(remedy), reach=reach)


@pytest.mark.parametrize("remedy", [SYNC, REFRESH])
async def test_without_an_application_the_reason_is_told(make: Any, remedy: RemedyId) -> None:
    there: GitOps = await make()
    there.changes["application"] = worlds.failure(FailureKind.NOT_FOUND, "no Application of ours")
    with pytest.raises(RefusedError, match="no Application of ours") as refused:
        await there.plan(remedy)
    assert refused.value.refusal is Refusal.NOT_APPLICABLE


async def test_a_refresh_is_asked_for_hard_and_waited_for(make: Any) -> None:
    there: GitOps = await make()
    asked: list[str] = []

    def look(change: Any) -> None:
        notes = change.obj["metadata"].get("annotations") or {}
        asked.extend(notes[_REFRESH] for _ in (1,) if _REFRESH in notes)

    there.store.subscribe(look)
    plan = await there.plan(REFRESH)
    assert f"annotate applications.argoproj.io/{APP} {_REFRESH}=hard --overwrite" in (
        plan.steps[0].shell
    )
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert set(asked) == {"hard"}
    assert "compared at " in outcome.steps[1].text
    assert outcome.steps[2].text == "the Application is Synced"


async def test_a_refresh_waits_for_the_sync_that_follows_and_tells_its_failure(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there: GitOps = await make(automated=True)
    plan = await there.plan(REFRESH)
    refuse(there, monkeypatch, "ConfigMap")
    there.change(set_parameter("config.PROMETHEUS_URL", BAD_URL))
    outcome = await there.apply(plan)
    assert "step await-operation failed: the sync failed" in outcome.sentence
    assert there.config()["PROMETHEUS_URL"] == URL


async def test_a_comparison_that_fails_says_why(make: Any) -> None:
    there: GitOps = await make()
    plan = await there.plan(REFRESH)
    there.change(lambda one: one["spec"]["source"].update(repoURL=""))
    outcome = await there.apply(plan)
    assert "step await-refresh failed: InvalidSpecError: spec.source.repoURL" in outcome.sentence


async def test_an_operation_under_way_is_said_before_and_waited_for(make: Any) -> None:
    there: GitOps = await make()
    by = {"operation": {"initiatedBy": {"username": "anna"}}, "startedAt": "2026-01-06T03:00:00Z"}
    there.change(lambda one: one["status"].update(operationState={**by, "phase": "Running"}))
    plan = await there.plan(REFRESH)
    assert plan.warnings == (
        "a sync by anna is under way, since 2026-01-06T03:00:00Z; it is waited for",
    )
    applying = asyncio.create_task(there.apply(plan))
    await until(lambda: any(one.text.startswith("a sync by anna") for one in there.told))
    there.change(lambda one: one["status"].update(operationState={**by, "phase": "Succeeded"}))
    assert (await applying).kind is OutcomeKind.VERIFIED
