"""Given Argo CD's Applications, when ops-service's is looked for, it and its owner are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probes import application, workload
from probes.model import ApplicationSeen, FailureKind, ProbeError
from probes.opsservice import ops_config
from probes.profile import Profile
from probes.reach import open_reach
from sandbox.kubernetes.store import Obj
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.opsservice_objects import application as app
from tests.probes.opsservice_objects import configuration, deployment, pod, status

TRACKING = "argocd.argoproj.io/tracking-id"
ROOT: dict[str, Any] = {
    "annotations": {TRACKING: "wealist-apps-prod:argoproj.io/Application:argocd/ops-service-prod"}
}


async def look(cluster: Kubernetes, **profile: Any) -> ApplicationSeen:
    target: Profile = cluster.profile(**profile)
    async with open_reach(target) as reach:
        await reach.cluster.ready(10)
        seen = await workload.observe(reach.cluster, target, timeout_s=5)
        config = ops_config(seen.environment)  # type: ignore[arg-type]  # it was read, in every test
        return await application.observe(reach.cluster, target, seen, config)


def world(cluster: Kubernetes, *objects: Obj, controller: Obj | None = None) -> None:
    cluster.create(*configuration(), controller or deployment(), pod(), *objects)


async def test_the_application_is_read_whole(tmp_path: Path) -> None:
    root = app("wealist-apps-prod")
    async with kubernetes(tmp_path) as cluster:
        world(cluster, app(**ROOT), root)
        seen = await look(cluster)
    assert (seen.name, seen.namespace, seen.project) == ("ops-service-prod", "argocd", NAMESPACE)
    assert (seen.sync, seen.health) == ("Synced", "Healthy")
    assert seen.parameters == {"config.PROMETHEUS_URL": "http://prometheus:9090"}
    assert seen.repo_url == "https://git.example.com/wealist.git"
    assert (seen.automated, seen.self_heal, seen.prune) == (True, True, True)
    assert seen.out_of_sync == ("ConfigMap/ops-service-config",)
    assert (seen.owner, seen.owner_self_heals) == ("Application/wealist-apps-prod", True)
    assert "label" in seen.source
    assert "t0ken" not in repr(seen)


async def test_the_tracking_id_of_the_controller_comes_first(tmp_path: Path) -> None:
    tracked = deployment()
    tracked["metadata"]["annotations"] = {TRACKING: "real-one:apps/Deployment:x/ops-service"}
    async with kubernetes(tmp_path) as cluster:
        world(cluster, app(), app("real-one"), controller=tracked)
        seen = await look(cluster)
    assert seen.name == "real-one"
    assert "tracking-id" in seen.source


async def test_the_profile_has_the_last_word(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        world(cluster, app(), app("mine"))
        assert (await look(cluster, application="mine")).name == "mine"
        with pytest.raises(ProbeError) as failed:
            await look(cluster, application="nobody")
    assert failed.value.failure.kind is FailureKind.NOT_FOUND


async def test_a_namesake_without_the_workload_is_passed_over(tmp_path: Path) -> None:
    namesake = app() | {"status": status(resources=[{"kind": "Job", "name": "x"}])}
    async with kubernetes(tmp_path) as cluster:
        world(cluster, namesake, app("the-real-one"))
        seen = await look(cluster)
    assert (seen.name, seen.owner) == ("the-real-one", "")
    assert "resources hold the workload" in seen.source


async def test_none_at_all_says_what_to_set(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        world(cluster)
        with pytest.raises(
            ProbeError, match="no Application in namespace argocd manages"
        ) as failed:
            await look(cluster)
    assert failed.value.failure.kind is FailureKind.NOT_FOUND


async def test_the_parameters_may_be_in_any_of_several_sources(tmp_path: Path) -> None:
    obj = app()
    source = obj["spec"].pop("source")
    obj["spec"]["sources"] = [{"repoURL": "https://values.example.com", "ref": "values"}, source]
    obj["spec"]["syncPolicy"] = {"automated": {}}
    async with kubernetes(tmp_path) as cluster:
        world(cluster, obj)
        seen = await look(cluster)
    assert seen.parameters == {"config.PROMETHEUS_URL": "http://prometheus:9090"}
    assert seen.path == "k8s/helm/charts/ops-service"
    assert (seen.automated, seen.self_heal) == (True, False)


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({"ownerReferences": [{"kind": "ApplicationSet", "name": "all"}]}, "ApplicationSet/all"),
        ({"annotations": {TRACKING: "root:argoproj.io/Application:argocd/x"}}, "Application/root"),
        ({"annotations": {TRACKING: "gitops_root:argoproj.io/A:a/x"}}, "Application/root"),
        ({"annotations": {TRACKING: "ops-service-prod:x:y"}}, ""),
        ({"labels": {"app.kubernetes.io/instance": "root"}}, "Application/root"),
        ({"labels": {"app.kubernetes.io/instance": "ops-service-prod"}}, ""),
        ({}, ""),
    ],
)
def test_who_owns_an_application(metadata: dict[str, Any], owner: str) -> None:
    assert str(application.owner_of(app(**metadata)) or "") == owner
