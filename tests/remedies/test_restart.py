"""restart-workload: when it is worth it, what it interrupts, and what is said when it hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import open_reach
from remedies.history import records
from remedies.model import (
    ObjectRef,
    Outcome,
    OutcomeKind,
    Plan,
    Refusal,
    RefusedError,
    RemedyId,
    Risk,
)
from remedies.planning import new_id
from remedies.undo import chosen, undo_plan
from sandbox.kubernetes.store import Change, Obj
from tests.checks import worlds
from tests.remedies.argoworld import LOADING_S, NAMESPACE, ArgoWorld, Fault, quick
from tests.remedies.rollouts import Rollout

pytestmark = pytest.mark.asyncio(loop_scope="session")

REF = ObjectRef("apis/apps/v1", "deployments", NAMESPACE, "ops-service")
REFUSED = "admission webhook denied the request: require-prod-stage-label"
PULL = 'Back-off pulling image "x:1"'


def stale(**changes: Any) -> Snapshot:
    """The container started before its ConfigMap was mended."""
    told = worlds.startup(prometheus_url=worlds.ORIGIN)
    seen = worlds.workload(startup=told, **changes)
    return worlds.world(workload=seen, prometheus=worlds.without_prefix())


def controller(**changes: Any) -> dict[str, Any]:
    return {"controller": worlds.controller(**changes)}


async def restart(there: ArgoWorld, snapshot: Snapshot | None = None, **options: str) -> Plan:
    return await there.plan(RemedyId.RESTART_WORKLOAD, snapshot or stale(), None, **options)


async def refused(there: ArgoWorld, snapshot: Snapshot, **options: str) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await restart(there, snapshot, **options)
    return error.value


def change(there: ArgoWorld, mutate: Callable[[Obj], None]) -> None:
    there.store.change("Deployment", NAMESPACE, "ops-service", mutate)


def limited(there: ArgoWorld) -> Profile:
    """Somebody who may do only what a test allows."""
    return there.profile.model_copy(update={"context": "limited"})


def last(outcome: Outcome) -> str:
    return outcome.steps[-1].text


# when


async def test_a_container_with_old_settings_is_restarted_and_a_second_time_is_not(
    there: ArgoWorld,
) -> None:
    plan = await restart(there)
    assert plan.sentence == (
        "Restart Deployment ops-service, so that new pods read today's settings"
    )
    assert [one.value for one in plan.causes] == ["workload.stale-config"]
    assert not there.restarted()
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED
    assert there.restarted()
    assert (await refused(there, there.healthy())).refusal is Refusal.NOTHING_TO_DO


async def test_who_wants_it_anyway_says_so(there: ArgoWorld) -> None:
    error = await refused(there, there.healthy())
    assert "`--set anyway=yes` restarts it all the same" in str(error)
    plan = await restart(there, there.healthy(), anyway="yes")
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED


async def test_a_rollout_under_way_is_not_disturbed(there: ArgoWorld) -> None:
    error = await refused(there, stale(**controller(desired=2, updated=1, available=1)))
    assert error.refusal is Refusal.BUSY
    assert "a rollout is under way (1 of 2 pods are new, 1 available)" in str(error)


async def test_what_is_scaled_to_zero_has_nothing_to_restart(there: ArgoWorld) -> None:
    error = await refused(there, stale(**controller(desired=0)), anyway="yes")
    assert error.refusal is Refusal.NOT_APPLICABLE
    assert "scaled to zero" in str(error)


async def test_what_is_paused_would_not_restart(there: ArgoWorld) -> None:
    change(there, lambda obj: obj["spec"].update(paused=True))
    error = await refused(there, stale())
    assert error.refusal is Refusal.GUARD
    assert "kubectl rollout resume deployment/ops-service -n wealist-prod" in str(error)


async def test_who_may_not_patch_it_is_told_the_verb(there: ArgoWorld) -> None:
    there.access.allow("limited", ["get"], ["apps"], ["deployments"], [NAMESPACE])
    plan = await restart(there)
    async with open_reach(limited(there)) as reach:
        await reach.cluster.ready(LOADING_S)
        with pytest.raises(RefusedError) as error:
            await there.apply(plan, there.world(reach))
    assert error.value.refusal is Refusal.DENIED
    assert "patch deployments.apps ops-service in namespace wealist-prod" in str(error.value)
    assert not there.restarted()


async def test_an_admission_policy_on_the_workload_is_met_by_the_dry_run(there: ArgoWorld) -> None:
    plan = await restart(there)
    there.kubernetes.faults.append(Fault("PATCH", "/deployments/ops-service", "policy"))
    with pytest.raises(RefusedError) as error:
        await there.apply(plan)
    assert error.value.refusal is Refusal.GUARD
    assert "denied the request: policy" in str(error.value)
    assert there.kubernetes.writes == []
    assert not there.restarted()


async def test_a_plan_that_somebody_else_has_overtaken_is_refused(there: ArgoWorld) -> None:
    plan = await restart(there)
    annotation = {"annotations": {"kubectl.kubernetes.io/restartedAt": "2026-01-06T00:00:00Z"}}
    change(there, lambda obj: obj["spec"]["template"]["metadata"].update(annotation))
    with pytest.raises(RefusedError) as error:
        await there.apply(plan)
    assert error.value.refusal is Refusal.STALE


async def test_there_is_no_way_back_and_it_says_why(there: ArgoWorld) -> None:
    plan = await restart(there)
    await there.apply(plan)
    done = chosen(records(there.journal.entries()), plan.id)
    with pytest.raises(RefusedError, match="a restart changes nothing that could be put back"):
        undo_plan(done, new_id(), datetime.now(UTC))


# what it interrupts

READY = {"httpGet": {"path": "/ready", "port": 1}, "initialDelaySeconds": 15, "periodSeconds": 5}
GOES_ON = "each once its successor is ready; requests go on"
DOWN = "the portal is down until the new one is ready, about 20 s"


def rolling(surge: object, missing: object) -> dict[str, Any]:
    limits = {"maxSurge": surge, "maxUnavailable": missing}
    return {"strategy": {"type": "RollingUpdate", "rollingUpdate": limits}}


@pytest.mark.parametrize(
    ("spec", "risk", "words"),
    [
        ({}, Risk.RESTART, GOES_ON),
        ({"strategy": {"type": "Recreate", "rollingUpdate": None}}, Risk.DOWNTIME, DOWN),
        (rolling(0, 1), Risk.DOWNTIME, DOWN),
        (rolling(0, "25%"), Risk.DOWNTIME, DOWN),
        ({"replicas": 4, **rolling(0, "25%")}, Risk.RESTART, GOES_ON),
        ({"replicas": 3, **rolling("50%", "100%")}, Risk.DOWNTIME, DOWN),
    ],
)
async def test_the_risk_is_that_of_the_strategy_and_the_number_of_pods(
    there: ArgoWorld, spec: dict[str, Any], risk: Risk, words: str
) -> None:
    def mutate(obj: Obj) -> None:
        obj["spec"].update(spec)
        obj["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = READY

    change(there, mutate)
    step = (await restart(there)).steps[0]
    assert step.risk is risk
    assert step.risk_words.endswith(words)


# an Argo Rollout


@pytest.fixture
def rollout(there: ArgoWorld) -> Iterator[Rollout]:
    with Rollout.instead_of_the_deployment(there.store, there.secret) as made:
        yield made


async def test_a_rollout_is_restarted_its_own_way(there: ArgoWorld, rollout: Rollout) -> None:
    plan = await restart(there, stale(**controller(kind="Rollout")))
    step = plan.steps[0]
    assert step.shell == "kubectl argo rollouts restart ops-service -n wealist-prod --context " + (
        f"sandbox --kubeconfig {there.profile.kubeconfig}"
    )
    assert step.risk is Risk.DOWNTIME
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert rollout.object["status"]["restartedAt"] == rollout.object["spec"]["restartAt"]


async def test_a_rollout_of_several_pods_makes_none_more(
    there: ArgoWorld, rollout: Rollout
) -> None:
    def mutate(obj: Obj) -> None:
        obj["spec"]["replicas"] = 3

    there.store.change("Rollout", NAMESPACE, "ops-service", mutate)
    step = (await restart(there, stale(**controller(kind="Rollout")))).steps[0]
    assert (step.risk, "with one pod less meanwhile" in step.risk_words) == (Risk.RESTART, True)


def budget(there: ArgoWorld, wanted: int, **selector: Any) -> None:
    """One that wants so many of the pods that there are."""
    labels = {"matchLabels": {"app.kubernetes.io/name": "ops-service"}}
    metadata = {"name": "ops-service", "namespace": NAMESPACE}
    spec = {"minAvailable": wanted, "selector": selector or labels}
    there.store.create({"kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec})

    def mutate(obj: Obj) -> None:
        obj["status"] = {"desiredHealthy": wanted, "expectedPods": 1, "disruptionsAllowed": 0}

    there.store.change("PodDisruptionBudget", NAMESPACE, "ops-service", mutate)


async def risk_of_a_rollout(there: ArgoWorld) -> str:
    return (await restart(there, stale(**controller(kind="Rollout")))).steps[0].risk_words


async def test_a_budget_that_lets_no_pod_go_is_told_before_a_rollout_is_restarted(
    there: ArgoWorld, rollout: Rollout
) -> None:
    assert "PodDisruptionBudget" not in await risk_of_a_rollout(there)
    budget(there, 1)
    told = await risk_of_a_rollout(there)
    assert told.startswith("PodDisruptionBudget ops-service lets none of its pods go, and Argo")
    assert f"`kubectl delete pod -l app.kubernetes.io/name=ops-service -n {NAMESPACE} " in told


@pytest.mark.parametrize(
    ("wanted", "selector"),
    [
        (0, {}),
        (1, {"matchLabels": {"app": "another"}}),
        (1, {"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
        (1, {"matchExpressions": [{"key": "app", "operator": "In", "values": ["another"]}]}),
    ],
)
async def test_a_budget_that_lets_one_go_or_is_about_others_is_none(
    there: ArgoWorld, rollout: Rollout, wanted: int, selector: dict[str, Any]
) -> None:
    budget(there, wanted, **selector)
    assert "PodDisruptionBudget" not in await risk_of_a_rollout(there)


async def test_a_deployment_is_restarted_whatever_a_budget_says(there: ArgoWorld) -> None:
    """Its ReplicaSets are scaled, and nobody is evicted."""
    budget(there, 1)
    assert "PodDisruptionBudget" not in (await restart(there)).steps[0].risk_words


async def test_who_may_not_see_budgets_is_told_that_and_not_refused(
    there: ArgoWorld, rollout: Rollout
) -> None:
    there.access.allow("limited", ["get", "patch"], ["argoproj.io"], ["rollouts"], [NAMESPACE])
    async with open_reach(limited(there)) as reach:
        await reach.cluster.ready(LOADING_S)
        snapshot = stale(**controller(kind="Rollout"))
        plan = await there.plan(RemedyId.RESTART_WORKLOAD, snapshot, there.world(reach))
    told = plan.steps[0].risk_words
    assert told.startswith("whether a PodDisruptionBudget keeps its pods may not be seen; no pod")


# what is said when it hangs


def report(there: ArgoWorld, **status: Any) -> None:
    """What the controller reports of the newest template."""

    def mutate(obj: Obj) -> None:
        counts = {"replicas": 2, "updatedReplicas": 1, "availableReplicas": 1}
        generation = obj["metadata"]["generation"]
        obj["status"] = {"observedGeneration": generation, **counts, **status}

    change(there, mutate)


def condition(kind: str, status: str, message: str) -> dict[str, Any]:
    one = {"type": kind, "status": status, "reason": "x", "message": message}
    return {"conditions": [one]}


async def hanging(there: ArgoWorld, limit_s: float = 5.0, **status: Any) -> Outcome:
    """The restart's outcome where the controller reports that, whatever its template is."""
    there.hold_rollouts()
    plan = quick(await restart(there), await_rollout=limit_s)
    unsubscribe = there.store.subscribe(lambda seen: _again(there, seen, status))
    try:
        return await there.apply(plan)
    finally:
        unsubscribe()


def _again(there: ArgoWorld, seen: Change, status: dict[str, Any]) -> None:
    obj = seen.obj
    if obj["kind"] == "Deployment" and (
        obj.get("status", {}).get("observedGeneration") != obj["metadata"]["generation"]
    ):
        report(there, **status)


@pytest.mark.parametrize(
    "conditions",
    [
        condition("ReplicaFailure", "True", REFUSED),
        condition("Progressing", "False", REFUSED),
    ],
)
async def test_a_refused_pod_ends_the_waiting_with_the_policys_words(
    there: ArgoWorld, conditions: dict[str, Any]
) -> None:
    outcome = await hanging(there, **conditions)
    assert outcome.kind is OutcomeKind.FAILED
    assert last(outcome) == f"the rollout is blocked: {REFUSED}"
    assert outcome.left_behind.startswith("done and kept: Restart Deployment ops-service")


async def test_a_refusal_that_passes_is_waited_out(there: ArgoWorld) -> None:
    there.hold_rollouts()
    report(there, **condition("ReplicaFailure", "True", REFUSED))
    plan = await restart(there)
    there.store.subscribe(lambda seen: _let_go(there, seen))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome


def _let_go(there: ArgoWorld, seen: Change) -> None:
    """The controller has looked, and makes its pods after all."""
    if seen.obj["kind"] == "Deployment" and there.restarted() and _held(there):
        there.hold_rollouts(held=False)


def _held(there: ArgoWorld) -> bool:
    return bool(there.deployment()["metadata"].get("annotations"))


def pod(name: str, created: str, **container: Any) -> Obj:
    status = {"name": "ops-service", "ready": False, **container}
    labels = {"app.kubernetes.io/name": "ops-service"}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {
        "kind": "Pod",
        "metadata": {**metadata, "creationTimestamp": created},
        "spec": {"containers": [{"name": "ops-service", "image": "x:1"}]},
        "status": {"phase": "Pending", "containerStatuses": [status]},
    }


def warning(pod: str, reason: str, message: str, at: str) -> Obj:
    return {
        "kind": "Event",
        "metadata": {"name": f"{pod}.{reason}", "namespace": NAMESPACE},
        "involvedObject": {"kind": "Pod", "name": pod, "namespace": NAMESPACE},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "lastTimestamp": at,
    }


async def test_at_its_limit_it_says_what_it_waits_for_and_the_newest_warning(
    there: ArgoWorld,
) -> None:
    there.store.create(pod("ops-service-a-1", "2026-01-06T00:00:00Z"))
    there.store.create(pod("ops-service-b-1", "2026-01-06T01:00:00Z"))
    there.store.create(warning("ops-service-a-1", "Old", "of another pod", "2026-01-06T03:00:00Z"))
    there.store.create(warning("ops-service-b-1", "Failed", "earlier", "2026-01-06T01:00:00Z"))
    there.store.create(warning("ops-service-b-1", "BackOff", PULL, "2026-01-06T02:00:00Z"))
    outcome = await hanging(there, 0.3)
    told = f"1 old pods are on their way out; Pod/ops-service-b-1 BackOff: {PULL}"
    assert last(outcome) == f"no end within 0.3 s: {told}"
    assert told in [one.text for one in there.told], "and it was told while it waited"


async def test_without_events_the_pods_own_words_are_told(there: ArgoWorld) -> None:
    waiting = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    there.store.create(pod("ops-service-b-1", "2026-01-06T01:00:00Z", **waiting))
    outcome = await hanging(there, 0.3)
    assert last(outcome).endswith("; Pod/ops-service-b-1 CrashLoopBackOff")


async def test_who_may_not_see_pods_still_waits(there: ArgoWorld) -> None:
    there.access.allow("limited", ["get", "patch"], ["apps"], ["deployments"], [NAMESPACE])
    there.hold_rollouts()
    plan = quick(await restart(there), await_rollout=0.3)
    plan = replace(plan, steps=plan.steps[1:])
    report(there)
    async with open_reach(limited(there)) as reach:
        await reach.cluster.ready(LOADING_S)
        outcome = await there.apply(plan, there.world(reach))
    assert last(outcome) == "no end within 0.3 s: 1 old pods are on their way out"
