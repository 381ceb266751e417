"""Deployment, ReplicaSet, Service: what a person sees with kubectl while pods are replaced."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.controllers import scaling
from sandbox.controllers.ownership import is_ready
from sandbox.kubernetes.store import Obj
from sandbox.scenario import Policy
from tests.sandbox.clusters import NAMESPACE, Cluster, cluster, deployment
from tests.waiting import until


def _available(world: Cluster, count: int = 1) -> bool:
    status = world.deployment().get("status") or {}
    return bool(
        status.get("availableReplicas", 0) == count
        and status.get("updatedReplicas", 0) == count
        and status.get("replicas", 0) == count
        and status["observedGeneration"] == world.deployment()["metadata"]["generation"]
    )


def _edit(world: Cluster, **fields: Any) -> None:
    def mutate(obj: Obj) -> None:
        obj["spec"] |= fields

    world.store.change("Deployment", NAMESPACE, "web", mutate)


def _restart(world: Cluster, at: str) -> None:
    def mutate(obj: Obj) -> None:
        annotations = obj["spec"]["template"]["metadata"].setdefault("annotations", {})
        annotations["kubectl.kubernetes.io/restartedAt"] = at

    world.store.change("Deployment", NAMESPACE, "web", mutate)


async def test_a_deployment_becomes_ready_pods() -> None:
    async with cluster() as world:
        world.store.create(deployment(replicas=2))
        await until(lambda: _available(world, 2))
        replicaset = world.store.list("ReplicaSet", NAMESPACE)[0]
        assert all(
            pod["metadata"]["name"].startswith(f"web-{hash_of(replicaset)}-")
            for pod in world.pods()
        )
        conditions = {c["type"]: c for c in world.deployment()["status"]["conditions"]}
        assert conditions["Available"]["status"] == "True"
        assert conditions["Progressing"]["reason"] == "NewReplicaSetAvailable"
        assert {"ScalingReplicaSet", "SuccessfulCreate", "Scheduled"} <= set(world.reasons())


def hash_of(replicaset: Obj) -> str:
    return str(replicaset["metadata"]["labels"]["pod-template-hash"])


async def test_a_restart_replaces_the_pod_and_never_leaves_the_service_without_one() -> None:
    async with cluster() as world:
        world.store.create(deployment())
        await until(lambda: _available(world))
        old = world.pods()[0]["metadata"]["name"]
        ready: list[int] = []
        world.store.subscribe(lambda _change: ready.append(sum(map(is_ready, world.pods()))))
        _restart(world, "2026-01-06T11:45:00Z")
        await until(lambda: _available(world) and world.pods()[0]["metadata"]["name"] != old)
        assert min(ready) == 1
        assert world.deployment()["metadata"]["annotations"] == {
            "deployment.kubernetes.io/revision": "2"
        }


async def test_recreate_ends_the_old_pod_before_it_starts_a_new_one() -> None:
    async with cluster() as world:
        manifest = deployment()
        manifest["spec"]["strategy"] = {"type": "Recreate"}
        world.store.create(manifest)
        await until(lambda: _available(world))
        counts: list[int] = []
        world.store.subscribe(lambda _change: counts.append(len(world.pods())))
        _restart(world, "2026-01-06T11:45:00Z")
        await until(lambda: _available(world) and 0 in counts)
        assert max(counts) == 1


async def test_scaled_to_zero_there_is_no_pod_and_the_service_refuses() -> None:
    async with cluster() as world:
        world.store.create(deployment())
        world.store.create(_service())
        await until(lambda: world.network.address_of(f"web.{NAMESPACE}", 80))
        _edit(world, replicas=0)
        await until(lambda: not world.pods() and "replicas" not in world.deployment()["status"])
        await until(lambda: world.network.address_of(f"web.{NAMESPACE}", 80) is None)
        assert world.network.resolves(f"web.{NAMESPACE}.svc.cluster.local")


def _service() -> Obj:
    return {
        "kind": "Service",
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {
            "selector": {"app.kubernetes.io/name": "web"},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    }


async def test_a_policy_keeps_the_old_pod_and_says_why_the_new_one_is_refused() -> None:
    async with cluster() as world:
        world.store.create(deployment())
        await until(lambda: _available(world))
        message = "배포 실패: stage=prod"
        policy = Policy(name="require-prod-stage-label", label="stage=prod", message=message)
        world.admission.policies = (policy,)
        _restart(world, "2026-01-06T12:00:00Z")
        await until(lambda: "FailedCreate" in world.reasons())
        await until(lambda: len(world.deployment()["status"]["conditions"]) == 3)
        failure = world.deployment()["status"]["conditions"][-1]
        assert failure["type"] == "ReplicaFailure"
        assert "require-prod-stage-label" in failure["message"]
        assert message in failure["message"]
        assert len(world.pods()) == 1
        world.admission.policies = ()
        await until(lambda: _available(world) and "FailedCreate" not in str(world.deployment()))


async def test_a_paused_deployment_waits() -> None:
    async with cluster() as world:
        world.store.create(deployment())
        await until(lambda: _available(world))
        _edit(world, paused=True)
        _restart(world, "2026-01-06T12:00:00Z")
        generation = world.deployment()["metadata"]["generation"]
        await until(lambda: world.deployment()["status"]["observedGeneration"] == generation)
        assert len(world.store.list("ReplicaSet", NAMESPACE)) == 1
        _edit(world, paused=False)
        await until(lambda: len(world.store.list("ReplicaSet", NAMESPACE)) == 2)


def _spec(replicas: int, **rolling: object) -> Obj:
    strategy = {"type": "RollingUpdate", "rollingUpdate": rolling}
    return {"replicas": replicas, "strategy": strategy}


@pytest.mark.parametrize(
    ("spec", "new", "old", "planned"),
    [
        # One pod, 25 % of each: one more is allowed, none may be missing.
        (_spec(1), (0, 0, 0), (1, 1, 1), {"new": 1}),
        (_spec(1), (1, 1, 0), (1, 1, 1), {"old": 1}),
        (_spec(1), (1, 1, 1), (1, 1, 1), {"old": 0}),
        # maxUnavailable 1: the old one may go first when there is no surge.
        (_spec(2, maxSurge=0, maxUnavailable=1), (0, 0, 0), (2, 2, 2), {"old": 1}),
        (_spec(4), (0, 0, 0), (4, 4, 4), {"new": 1}),
        # A sick old pod is no loss.
        (_spec(1), (1, 1, 0), (1, 1, 0), {"old": 1}),
        (_spec(0), (2, 2, 2), (0, 0, 0), {"new": 0}),
    ],
)
def test_scaling_follows_the_limits_of_a_rolling_update(
    spec: Obj, new: tuple[int, int, int], old: tuple[int, int, int], planned: dict[str, int]
) -> None:
    counts = scaling.plan(spec, scaling.Count("new", *new), [scaling.Count("old", *old)])
    assert counts == planned
