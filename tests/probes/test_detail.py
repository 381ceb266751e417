"""Given one pod or one Application, when it is looked into, all of it is seen and no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probes import application
from probes.model import Failure, FailureKind, PodDetail, ProbeError
from probes.reach import open_reach
from probes.secrecy import fingerprint
from probes.workload import pod_detail
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.opsservice_objects import configuration, deployment, pod


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
    by_name = {one.name: one for one in seen.variables}
    assert by_name["DB_PASSWORD"].secret
    assert by_name["DB_PASSWORD"].text == fingerprint("hunter22")
    assert "hunter22" not in repr(seen)
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


async def test_a_pod_that_is_gone_says_so(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        with pytest.raises(ProbeError) as gone:
            await look(cluster, "gone")
    assert gone.value.failure.kind is FailureKind.NOT_FOUND


async def test_an_application_to_the_end_of_its_history(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(_application())
        profile = cluster.profile()
        async with open_reach(profile) as reach:
            await reach.cluster.ready(10)
            seen = await application.detail(reach.cluster, "shop", "argocd")
    assert [(one.revision, one.by) for one in seen.history] == [("b", "automated"), ("a", "kim")]
    assert [(one.kind, one.health, one.message) for one in seen.resources] == [
        ("Deployment", "Degraded", "no pods")
    ]
    assert seen.images == ("shop:1",)
    assert seen.destination == "namespace shop of in-cluster"


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


def _application() -> dict[str, Any]:
    return {
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {
            "project": "x",
            "source": {"repoURL": "https://git/x"},
            "destination": {"name": "in-cluster", "namespace": "shop"},
        },
        "status": {
            "summary": {"images": ["shop:1"]},
            "resources": [
                {
                    "kind": "Deployment",
                    "name": "shop",
                    "status": "Synced",
                    "health": {"status": "Degraded", "message": "no pods"},
                }
            ],
            "history": [
                {"id": 1, "revision": "a", "initiatedBy": {"username": "kim"}},
                {"id": 2, "revision": "b", "initiatedBy": {"automated": True}},
            ],
        },
    }
