"""Given ops-service in some state, when Kubernetes is looked at, that state is what is seen."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from probes import workload
from probes.model import (
    ControllerSeen,
    EnvironmentSeen,
    Failure,
    FailureKind,
    ProbeError,
    WorkloadSeen,
)
from probes.pods import newest_first, pod_seen
from probes.profile import Profile
from probes.reach import open_reach
from probes.workload.probe import choose
from sandbox.kubernetes.store import Obj
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.opsservice_objects import LABELS, SPEC, configuration, deployment, pod


async def look(profile: Profile) -> WorkloadSeen:
    async with open_reach(profile) as reach:
        await reach.cluster.ready(10)
        return await workload.observe(reach.cluster, profile, timeout_s=5)


@asynccontextmanager
async def running(tmp_path: Path, *objects: Obj) -> AsyncIterator[Kubernetes]:
    async with kubernetes(tmp_path, ("reader",)) as cluster:
        cluster.create(*configuration(), *objects)
        yield cluster


async def test_the_running_container_is_seen_whole(tmp_path: Path) -> None:
    async with running(tmp_path, deployment(), pod()) as cluster:
        log = cluster.logs.open(NAMESPACE, "ops-service-1", "ops-service")
        fields = {"baseURL": "http://prometheus:9090", "namespace": NAMESPACE}
        told = {"level": "info", "ts": 1.0, "msg": "Prometheus client initialized"} | fields
        log.append(json.dumps(told))
        seen = await look(cluster.profile())
    assert (seen.namespace, seen.name) == (NAMESPACE, "ops-service")
    assert isinstance(seen.controller, ControllerSeen)
    assert (seen.controller.kind, seen.controller.ready, seen.controller.observed) == (
        "Deployment",
        1,
        True,
    )
    assert seen.controller.labels == LABELS
    assert isinstance(seen.environment, EnvironmentSeen)
    assert seen.environment.get("PROMETHEUS_URL") == "http://prometheus:9090"
    assert seen.environment.get("DB_PASSWORD") == "hunter22"
    assert "hunter22" not in repr(seen)
    states = {one.name: one.state for one in seen.environment.references}
    assert states["wealist-argocd-secret"] == "absent"
    assert seen.environment.complete
    assert seen.startup is not None
    assert seen.startup.prometheus_url == "http://prometheus:9090"
    container = seen.pods[0].container("ops-service")
    assert container is not None
    assert (container.state, container.args) == ("running", ("serve",))


async def test_a_denied_secret_is_a_failure_in_its_place(tmp_path: Path) -> None:
    async with running(tmp_path, deployment(), pod()) as cluster:
        verbs, own = ["get", "list"], [NAMESPACE]
        cluster.access.allow("reader", verbs, [""], ["pods", "configmaps", "pods/log"], own)
        cluster.access.allow("reader", verbs, ["apps"], ["deployments"], own)
        seen = await look(cluster.profile("reader"))
    assert isinstance(seen.environment, EnvironmentSeen)
    assert seen.environment.get("PROMETHEUS_URL") == "http://prometheus:9090"
    (denied, _other) = seen.environment.failures()
    assert denied.kind is FailureKind.FORBIDDEN
    assert denied.sentence.startswith(
        f"may not get secrets wealist-shared-secret in namespace {NAMESPACE}: "
    )


async def test_a_rollout_of_argo_is_a_controller_too(tmp_path: Path) -> None:
    async with running(tmp_path, deployment("Rollout"), pod()) as cluster:
        seen = await look(cluster.profile())
    assert isinstance(seen.controller, ControllerSeen)
    assert seen.controller.kind == "Rollout"


@pytest.mark.parametrize("lender", ["ops-service", "ops-service-template"])
async def test_a_rollout_may_take_its_template_from_a_deployment_scaled_down_for_it(
    tmp_path: Path, lender: str
) -> None:
    """As whoever moves to Argo Rollouts without touching the Deployment's manifest has it."""
    lent, rollout = deployment(), deployment("Rollout")
    container = {"name": "ops-service", "image": "ops:1", "env": [{"name": "ENV", "value": "x"}]}
    lent["metadata"] = {**lent["metadata"], "name": lender}
    lent["spec"] = {
        **lent["spec"],
        "replicas": 0,
        "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}},
    }
    rollout["spec"] = {
        "replicas": 1,
        "workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": lender},
    }
    async with running(tmp_path, lent, rollout, pod()) as cluster:
        seen = await look(cluster.profile())
    assert isinstance(seen.controller, ControllerSeen)
    assert (seen.controller.kind, seen.controller.desired) == ("Rollout", 1)
    assert seen.controller.template_env == {"ENV": "x"}
    assert [one.name for one in seen.pods] == ["ops-service-1"]


async def test_a_deployment_scaled_to_zero_is_no_rollouts(tmp_path: Path) -> None:
    idle, other = deployment(), deployment("Rollout")
    idle["spec"] = {**idle["spec"], "replicas": 0}
    async with running(tmp_path, idle, other, pod()) as cluster:
        seen = await look(cluster.profile())
    assert isinstance(seen.controller, ControllerSeen)
    assert (seen.controller.kind, seen.controller.desired) == ("Deployment", 0)


async def test_without_its_controller_the_pods_still_speak(tmp_path: Path) -> None:
    async with running(tmp_path, pod()) as cluster:
        seen = await look(cluster.profile())
    assert isinstance(seen.controller, Failure)
    assert seen.controller.kind is FailureKind.NOT_FOUND
    assert [one.name for one in seen.pods] == ["ops-service-1"]
    assert isinstance(seen.environment, EnvironmentSeen)


async def test_pods_of_another_instance_are_left_out(tmp_path: Path) -> None:
    other = {"labels": LABELS | {"app.kubernetes.io/instance": "ops-service-canary"}}
    async with running(tmp_path, deployment(), pod(), pod("other", metadata=other)) as cluster:
        seen = await look(cluster.profile())
    assert [one.name for one in seen.pods] == ["ops-service-1"]


async def test_a_selector_of_its_own_is_followed(tmp_path: Path) -> None:
    own = deployment()
    own["metadata"]["name"] = "portal"
    own["spec"]["selector"] = {"matchLabels": {"app": "portal"}}
    own["spec"]["template"]["metadata"] = {"labels": {"app": "portal"}}
    named = {"name": "portal-1", "labels": {"app": "portal"}}
    async with running(tmp_path, own, pod(metadata=named)) as cluster:
        seen = await look(cluster.profile(workload="portal"))
    assert [one.name for one in seen.pods] == ["portal-1"]


async def test_scaled_to_zero_shows_what_a_new_pod_would_have(tmp_path: Path) -> None:
    zero = deployment(updatedReplicas=0, readyReplicas=0, availableReplicas=0)
    zero["spec"]["replicas"] = 0
    async with running(tmp_path, zero) as cluster:
        seen = await look(cluster.profile())
    assert isinstance(seen.controller, ControllerSeen)
    assert (seen.controller.desired, seen.pods) == (0, ())
    assert isinstance(seen.environment, EnvironmentSeen)
    assert (seen.environment.pod, seen.environment.get("DB_AUTO_MIGRATE")) == ("", "false")
    assert seen.startup is None


async def test_nothing_there_is_not_found(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        seen = await look(cluster.profile())
    assert isinstance(seen.controller, Failure)
    assert seen.controller.kind is FailureKind.NOT_FOUND
    assert f"no Deployment or Rollout ops-service in namespace {NAMESPACE}" in (
        seen.controller.sentence
    )
    assert isinstance(seen.environment, Failure)


async def test_a_namespace_that_is_not_there_is_said(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        with pytest.raises(ProbeError, match="there is no namespace wealist-prd: give the right"):
            await look(cluster.profile(namespace="wealist-prd"))


async def test_without_any_permission_the_denied_verb_is_named(tmp_path: Path) -> None:
    async with running(tmp_path, deployment()) as cluster:
        with pytest.raises(ProbeError) as failed:
            await look(cluster.profile("reader"))
    assert failed.value.failure.kind is FailureKind.FORBIDDEN
    assert "may not get deployments.apps ops-service in namespace" in failed.value.failure.sentence


async def test_a_wrong_container_name_lists_the_right_ones(tmp_path: Path) -> None:
    async with running(tmp_path, deployment(), pod()) as cluster:
        seen = await look(cluster.profile(container="ops"))
    assert isinstance(seen.environment, Failure)
    assert "no container ops (they have: istio-proxy, ops-service)" in seen.environment.sentence


def event(name: str, about: str, kind: str = "ReplicaSet") -> Obj:
    return {
        "kind": "Event",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "type": "Warning",
        "reason": "FailedCreate",
        "message": "admission webhook denied the request: 배포 실패",
        "count": 3,
        "lastTimestamp": "2026-01-06T03:00:00Z",
        "involvedObject": {"kind": kind, "name": about, "namespace": NAMESPACE},
    }


async def test_warnings_are_asked_for_only_where_something_is_wrong(tmp_path: Path) -> None:
    events = (event("a", "ops-service-7d"), event("b", "user-service-1"))
    async with running(tmp_path, deployment(), pod(), *events) as cluster:
        assert (await look(cluster.profile())).events == ()
        cluster.store.change("Deployment", NAMESPACE, "ops-service", _unready)
        (found,) = (await look(cluster.profile())).events
    assert (found.object, found.reason, found.count) == (
        "ReplicaSet/ops-service-7d",
        "FailedCreate",
        3,
    )
    assert "배포 실패" in found.message


async def test_the_warnings_that_matter_may_stand_behind_hundreds_of_others(
    tmp_path: Path,
) -> None:
    others = [event(f"a{number:04}", "user-service-1") for number in range(1999)]
    async with running(tmp_path, deployment(), pod(), *others) as cluster:
        cluster.store.change("Deployment", NAMESPACE, "ops-service", _unready)
        cluster.create(event("z", "ops-service-7d"))
        seen = await look(cluster.profile())
        assert [one.object for one in seen.events] == ["ReplicaSet/ops-service-7d"]
        assert seen.denied == ()
        cluster.create(event("zz", "ops-service-7d"))
        seen = await look(cluster.profile())
        assert [one.object for one in seen.events] == ["ReplicaSet/ops-service-7d"]
        (missing,) = seen.denied
    assert missing.kind is FailureKind.TOO_LARGE
    assert "more than 2,000 warnings in the namespace" in missing.sentence


def _unready(obj: Obj) -> None:
    obj["status"]["updatedReplicas"] = 0


def choice(*pods: Obj) -> str:
    chosen = choose(newest_first(map(pod_seen, pods)))
    return chosen.name if chosen else ""


def test_which_pod_stands_for_the_running_container() -> None:
    going = {"deletionTimestamp": "2026-01-06T00:00:00Z"}
    old = pod("old", created="01")
    assert choice(old, pod("new", created="02")) == "new"
    assert choice(old, pod("new", created="02", ready=False)) == "old"
    assert choice(old, pod("new", created="02", metadata=going)) == "old"
    unready = pod("a", created="01", ready=False)
    assert choice(unready, pod("b", created="02", ready=False, phase="Pending")) == "a"
    assert choice(pod("b", created="02", ready=False, phase="Pending")) == "b"
    assert choice() == ""


def test_a_crash_looping_pod_tells_why() -> None:
    waiting = {"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}
    last = {
        "terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-01-06T00:00:00Z"}
    }
    obj = pod(ready=False, container={**waiting, "lastState": last, "restartCount": 7})
    container = pod_seen(obj).container("ops-service")
    assert container is not None
    assert (container.reason, container.restarts) == ("CrashLoopBackOff", 7)
    assert (container.last_reason, container.last_exit_code) == ("OOMKilled", 137)


@pytest.mark.parametrize(
    "shape", [{}, {"metadata": None, "spec": [], "status": 3}, {"spec": {"containers": [SPEC, 1]}}]
)
def test_a_pod_of_any_shape_is_read(shape: dict[str, Any]) -> None:
    assert pod_seen(shape).phase == "Unknown"
