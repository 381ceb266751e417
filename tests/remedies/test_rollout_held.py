"""What keeps a rollout from its end: a pause, an abort, a refusal; and what passes by itself."""

from __future__ import annotations

from typing import Any

import pytest

from remedies.model import AwaitRollout, ObjectRef, Refusal, RefusedError, StepOutcome
from remedies.restart.steps import restart_steps
from sandbox.kubernetes.store import Obj
from tests.remedies.argoworld import NAMESPACE, ArgoWorld
from tests.remedies.plans import plan, step

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME = "ops-service"
ROLLOUT = ObjectRef("apis/argoproj.io/v1alpha1", "rollouts", NAMESPACE, NAME)
DEPLOYMENT = ObjectRef("apis/apps/v1", "deployments", NAMESPACE, NAME)
PAUSE: tuple[Obj, ...] = {"setWeight": 50}, {"pause": {}}
TIMED: tuple[Obj, ...] = {"setWeight": 50}, {"pause": {"duration": "10s"}}
REFUSED = "admission webhook denied the request: require-prod-stage-label"
ABORTED = "RolloutAborted: Rollout aborted update to revision 2"


def paused(reason: str, **more: Any) -> dict[str, Any]:
    found = {"reason": reason, "startTime": "2026-01-06T00:00:00Z"}
    return {"phase": "Paused", "message": reason, "pauseConditions": [found], **more}


def a_rollout(there: ArgoWorld, spec: dict[str, Any], status: dict[str, Any]) -> None:
    """One whose controller has seen its newest template, with one of two pods new."""
    there.store.create(
        {
            "kind": "Rollout",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {"replicas": 2, "selector": {}, "template": {}, **spec},
        }
    )
    counts = {"replicas": 2, "updatedReplicas": 1, "availableReplicas": 2}

    def mutate(obj: Obj) -> None:
        seen = str(obj["metadata"]["generation"])
        obj["status"] = {"observedGeneration": seen, **counts, **status}

    there.store.change("Rollout", NAMESPACE, NAME, mutate)


async def waited(there: ArgoWorld, ref: ObjectRef = ROLLOUT, limit_s: float = 20.0) -> StepOutcome:
    one = step("wait", action=AwaitRollout(ref), undo=None, permissions=(), limit_s=limit_s)
    outcome = await there.apply(plan([one]))
    return outcome.steps[0]


def canary(*steps: Any) -> dict[str, Any]:
    return {"strategy": {"canary": {"steps": list(steps)}}}


def by_hand(there: ArgoWorld, *words: str) -> str:
    place = f"-n {NAMESPACE} --context sandbox --kubeconfig {there.profile.kubeconfig}"
    return f"`kubectl argo rollouts {' '.join(words)} {place}`"


@pytest.mark.parametrize(
    ("spec", "status", "told", "words"),
    [
        (
            canary(*PAUSE),
            paused("CanaryPauseStep", currentStepIndex=1),
            "it is paused at canary step 2 of 2, and goes on when somebody promotes it",
            ("promote", NAME),
        ),
        (
            {"strategy": {"blueGreen": {"autoPromotionEnabled": False}}},
            paused("BlueGreenPause"),
            "it is paused (BlueGreenPause), and goes on when somebody promotes it",
            ("promote", NAME),
        ),
        (
            canary(*TIMED),
            paused("InconclusiveAnalysisRun", currentStepIndex=1),
            "it is paused (InconclusiveAnalysisRun), and goes on when somebody promotes it",
            ("promote", NAME),
        ),
        (
            {"paused": True},
            {"phase": "Paused", "message": "manually paused"},
            "it is paused by hand, and goes on when somebody promotes it",
            ("promote", NAME),
        ),
        (
            canary(*PAUSE),
            {"phase": "Degraded", "message": ABORTED, "abort": True},
            f"it was aborted ({ABORTED}), and goes on when somebody retries it",
            ("retry", "rollout", NAME),
        ),
    ],
)
async def test_what_waits_for_somebody_ends_the_waiting_at_once_with_the_command(
    there: ArgoWorld,
    spec: dict[str, Any],
    status: dict[str, Any],
    told: str,
    words: tuple[str, ...],
) -> None:
    a_rollout(there, spec, status)
    ended = await waited(there)
    assert ended.text == f"the rollout is blocked: {told}: {by_hand(there, *words)}"
    assert [one.text for one in there.told if "blocked" in one.text] == [ended.text]


async def test_a_degraded_one_tells_its_controllers_words(there: ArgoWorld) -> None:
    message = "ProgressDeadlineExceeded: ReplicaSet has timed out progressing."
    a_rollout(there, {}, {"phase": "Degraded", "message": message})
    assert (await waited(there)).text == f"the rollout is blocked: it is degraded: {message}"


async def test_one_that_was_degraded_before_the_restart_may_be_mended_by_it(
    there: ArgoWorld,
) -> None:
    """Its pods crash for want of the token that the restart brings, and are not ready yet."""
    at = "2026-01-06T00:00:00Z"
    gave_up = {"type": "Progressing", "status": "False", "lastUpdateTime": "2026-01-05T00:00:00Z"}
    a_rollout(
        there,
        {"restartAt": at},
        {"phase": "Degraded", "message": "x", "restartedAt": at, "conditions": [gave_up]},
    )
    assert (await waited(there, limit_s=0.4)).text == "no end within 0.4 s: 1 of 2 pods are new"


@pytest.mark.parametrize(
    ("spec", "status"),
    [
        (canary(*TIMED), paused("CanaryPauseStep", currentStepIndex=1)),
        ({"strategy": {"blueGreen": {"autoPromotionSeconds": 30}}}, paused("BlueGreenPause")),
    ],
)
async def test_a_pause_that_ends_by_itself_is_waited_out(
    there: ArgoWorld, spec: dict[str, Any], status: dict[str, Any]
) -> None:
    a_rollout(there, spec, status)
    assert (await waited(there, limit_s=0.4)).text == "no end within 0.4 s: 1 of 2 pods are new"


async def test_one_that_waits_for_somebody_is_not_restarted(there: ArgoWorld) -> None:
    """Its pods would be new, and the plan would never come to its end."""
    a_rollout(there, canary(*PAUSE), paused("CanaryPauseStep", currentStepIndex=1))
    with pytest.raises(RefusedError) as error:
        await restart_steps(there.world(), ROLLOUT, "so that it is tried")
    assert error.value.refusal is Refusal.GUARD
    assert by_hand(there, "promote", NAME) in str(error.value)


async def test_a_template_that_the_rollout_has_not_seen_yet_is_waited_for(
    there: ArgoWorld,
) -> None:
    """It stands in a Deployment, whose generation is no generation of the Rollout."""
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}
    counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 2)
    a_rollout(there, {"workloadRef": reference}, {**counts, "workloadObservedGeneration": "0"})
    told = "no end within 0.3 s: its controller has not seen the change yet"
    assert (await waited(there, limit_s=0.3)).text == told


# what passes


def refused_for(there: ArgoWorld, looks: int) -> None:
    """The controller cannot make a pod while it is looked at that often; then it can."""
    seen = 0

    def mutate(obj: Obj) -> None:
        one = {"type": "ReplicaFailure", "status": "True", "message": f"{REFUSED}, try {seen}"}
        counts = {"replicas": 2, "updatedReplicas": 1, "availableReplicas": 1}
        generation = obj["metadata"]["generation"]
        obj["status"] = {"observedGeneration": generation, **counts, "conditions": [one]}

    def looked(method: str, path: str) -> None:
        nonlocal seen
        if method == "GET" and path.endswith(f"/deployments/{NAME}"):
            seen += 1
            if seen <= looks:
                there.store.change("Deployment", NAMESPACE, NAME, mutate)
            else:
                there.hold_rollouts(held=False)

    there.hold_rollouts()
    there.kubernetes.before = looked


async def test_a_refusal_of_a_quarter_of_a_minute_is_waited_out(there: ArgoWorld) -> None:
    """An admission controller's only replica restarts, or the old pod's quota is not free yet."""
    refused_for(there, looks=4)
    ended = await waited(there, DEPLOYMENT)
    assert ended.text == "every pod is new"
    assert any(REFUSED in one.text for one in there.told)


async def test_a_refusal_that_stays_ends_the_waiting_before_its_limit(there: ArgoWorld) -> None:
    refused_for(there, looks=999)
    ended = await waited(there, DEPLOYMENT)
    assert ended.text.startswith(f"the rollout is blocked: {REFUSED}")
