"""Given one pod, when it is looked into, all of it is seen and no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probes.model import Failure, FailureKind, PodDetail, ProbeError
from probes.reach import open_reach
from probes.secrecy import fingerprint
from probes.workload import pod_detail
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.opsservice_objects import SPEC, configuration, deployment, pod


async def look(cluster: Kubernetes, name: str, user: str = "sandbox") -> PodDetail:
    profile = cluster.profile(user)
    async with open_reach(profile) as reach:
        await reach.cluster.ready(10)
        return await pod_detail(reach.cluster, profile, NAMESPACE, name, timeout_s=5)


async def test_a_pod_with_its_environment_by_origin_and_no_secret(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod(), _event("ops-service-1"))
        seen = await look(cluster, "ops-service-1")
    assert not isinstance(seen.variables, Failure)
    by_name = {one.value.name: one.value for one in seen.variables}
    assert by_name["DB_PASSWORD"].secret
    assert by_name["DB_PASSWORD"].text == fingerprint("hunter22")
    assert "hunter22" not in repr(seen)
    assert seen.absent == ("Secret wealist-argocd-secret (optional)",)
    assert not by_name["PROMETHEUS_URL"].secret
    assert [one.origin for one in seen.variables] == sorted(one.origin for one in seen.variables)
    assert not isinstance(seen.events, Failure)
    assert [one.reason for one in seen.events] == ["BackOff"]
    assert [one.seen.name for one in seen.containers] == ["istio-proxy", "ops-service"]


async def test_what_may_not_be_read_is_told_in_its_place(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, ("reader",)) as cluster:
        cluster.access.allow("reader", ["get", "list"], [""], ["pods", "configmaps"], [NAMESPACE])
        cluster.create(*configuration(), deployment(), pod())
        seen = await look(cluster, "ops-service-1", "reader")
    assert {one.kind for one in seen.unreadable} == {FailureKind.FORBIDDEN}
    assert isinstance(seen.events, Failure)


async def test_listing_pods_is_all_that_a_pod_takes(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, ("lister",)) as cluster:
        cluster.access.allow("lister", ["list"], [""], ["pods"], [NAMESPACE])
        cluster.create(*configuration(), deployment(), pod(), pod("ops-service-12"))
        seen = await look(cluster, "ops-service-1", "lister")
    assert seen.pod.name == "ops-service-1"


async def test_probes_limits_and_init_containers_are_told_and_no_secret_argument(
    tmp_path: Path,
) -> None:
    probe = {"httpGet": {"path": "/health/live", "port": "http"}, "periodSeconds": 10}
    ready = {"exec": {"command": ["cat", "/tmp/ready"]}, "initialDelaySeconds": 15}
    service = SPEC["containers"][1] | {
        "livenessProbe": probe,
        "readinessProbe": ready,
        "args": ["--db-password=hunter22"],
        "resources": {"limits": {"cpu": "500m"}, "requests": {"memory": "64Mi"}},
    }
    spec = {"containers": [service], "initContainers": [{"name": "wait", "image": "w:1"}]}
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod() | {"spec": spec})
        wait, seen = (await look(cluster, "ops-service-1")).containers
    assert (wait.seen.name, wait.init) == ("wait", True)
    assert seen.probes == {
        "readiness": "runs cat /tmp/ready, after 15 s, every 10 s, waits 1 s, fails at 3",
        "liveness": "GET /health/live port http, every 10 s, waits 1 s, fails at 3",
    }
    assert (seen.limits, seen.requests) == ({"cpu": "500m"}, {"memory": "64Mi"})
    assert seen.seen.args == ("--db-password=•••",)


async def test_a_container_of_another_name_leaves_only_the_environment_out(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), pod())
        profile = cluster.profile(container="nginx")
        async with open_reach(profile) as reach:
            await reach.cluster.ready(10)
            seen = await pod_detail(reach.cluster, profile, NAMESPACE, "ops-service-1", timeout_s=5)
    assert isinstance(seen.variables, Failure)
    assert "no container nginx" in seen.variables.sentence
    assert len(seen.containers) == 2


async def test_a_pod_that_is_gone_says_so(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        with pytest.raises(ProbeError) as gone:
            await look(cluster, "gone")
    assert gone.value.failure.kind is FailureKind.NOT_FOUND


def test_equal_values_have_equal_prints_and_others_do_not() -> None:
    assert fingerprint("one") == fingerprint("one")
    assert fingerprint("one") != fingerprint("two")
    assert fingerprint("") == "empty"


def _event(name: str) -> dict[str, Any]:
    return {
        "kind": "Event",
        "metadata": {"name": f"{name}.1", "namespace": NAMESPACE},
        "involvedObject": {"kind": "Pod", "name": name, "namespace": NAMESPACE},
        "type": "Warning",
        "reason": "BackOff",
        "message": "restarting",
        "lastTimestamp": "2026-01-06T01:00:00Z",
    }
