"""Waiting: a look that fails now may succeed at the next; one that is denied never will."""

from __future__ import annotations

import pytest

from remedies.executor import Executor
from remedies.model import (
    Action,
    AwaitExternalSecret,
    AwaitOperation,
    AwaitRefresh,
    AwaitRollout,
    AwaitSync,
    ObjectRef,
    Outcome,
    OutcomeKind,
    Progress,
    RequestSync,
    StepState,
    TryToken,
)
from sandbox.kubernetes.store import Obj
from tests.remedies.argoworld import NAMESPACE, SHARED, ArgoWorld, Fault
from tests.remedies.plans import furnish, plan, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

APPLICATION = ObjectRef("apis/argoproj.io/v1alpha1", "applications", "argocd", "ops-service-prod")
MAP = ObjectRef("api/v1", "configmaps", NAMESPACE, "one")
DEPLOYMENT = ObjectRef("apis/apps/v1", "deployments", NAMESPACE, "ops-service")
EXTERNAL = ObjectRef("apis/external-secrets.io/v1", "externalsecrets", NAMESPACE, SHARED)

WAITS: dict[str, tuple[Action, str]] = {
    "rollout": (AwaitRollout(DEPLOYMENT), "/deployments/ops-service"),
    "sync": (AwaitSync(APPLICATION, MAP, "URL", "old"), f"/configmaps/{MAP.name}"),
    "operation": (AwaitOperation(APPLICATION), f"/applications/{APPLICATION.name}"),
    "refresh": (AwaitRefresh(APPLICATION), f"/applications/{APPLICATION.name}"),
    "external": (AwaitExternalSecret(EXTERNAL, "", ""), f"/externalsecrets/{SHARED}"),
}


async def waited(there: ArgoWorld, action: Action, limit_s: float = 20.0) -> Outcome:
    one = step("wait", action=action, undo=None, permissions=(), limit_s=limit_s)
    return await there.apply(plan([one]))


@pytest.mark.parametrize("kind", ["busy", "down", "cut", "refuse"])
@pytest.mark.parametrize("name", WAITS)
async def test_a_look_that_fails_for_now_is_told_and_waited_out(
    there: ArgoWorld, name: str, kind: str
) -> None:
    furnish(there.store)
    action, path = WAITS[name]
    there.kubernetes.faults.append(Fault("GET", path, kind, times=3))
    outcome = await waited(there, action)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert any(one.text.startswith("cannot look just now: ") for one in there.told)


async def test_a_token_is_tried_again_where_argo_cd_broke_off(there: ArgoWorld) -> None:
    made = await there.plan()
    there.argocd_server.faults.append(Fault("GET", "/session/userinfo", "cut", times=3))
    outcome = await there.apply(made)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert any(one.text.startswith("cannot look just now: ") for one in there.told)
    tries = [one for one in made.steps if isinstance(one.action, TryToken)]
    assert [one.state for one in outcome.steps if one.step == tries[0].id] == [StepState.DONE]


async def test_where_nobody_can_look_until_the_limit_that_is_the_reason(there: ArgoWorld) -> None:
    action, path = WAITS["rollout"]
    there.kubernetes.faults.append(Fault("GET", path, "busy"))
    outcome = await waited(there, action, limit_s=0.5)
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.steps[0].text.startswith("no end within 0.5 s: cannot look just now: ")
    assert "puts us off (429)" in outcome.steps[0].text


async def test_a_look_that_is_denied_ends_the_wait_at_once(there: ArgoWorld) -> None:
    there.hold_rollouts()
    there.store.change(
        "Deployment", NAMESPACE, "ops-service", lambda obj: obj["spec"].update(replicas=2)
    )
    action, path = WAITS["rollout"]
    there.kubernetes.faults.append(Fault("GET", path, "forbid"))
    outcome = await waited(there, action)
    assert outcome.kind is OutcomeKind.FAILED
    assert "may not get deployments.apps ops-service" in outcome.steps[0].text


async def test_a_sync_that_is_asked_for_waits_out_a_busy_server(there: ArgoWorld) -> None:
    request = step("sync", action=RequestSync(APPLICATION, "ours"), undo=None, limit_s=20.0)
    reading = Fault("GET", f"/applications/{APPLICATION.name}", "busy", times=3)
    operate(there, {"initiatedBy": {"username": "ann"}, "sync": {}})

    def show(progress: Progress) -> None:
        there.told.append(progress)
        if progress.text.startswith("waiting: a sync by ann"):
            there.kubernetes.faults.append(reading)
            operate(there, None)

    outcome = await Executor(there.world(), there.journal, lambda: "").apply(plan([request]), show)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert reading.reached.is_set()
    assert there.kubernetes.writes == [f"PATCH {APPLICATION.path}"]


def operate(there: ArgoWorld, operation: Obj | None) -> None:
    """An operation of the Application waits to be done, or none."""

    def mutate(application: Obj) -> None:
        application["operation"] = operation

    there.store.change("Application", "argocd", APPLICATION.name, mutate)
