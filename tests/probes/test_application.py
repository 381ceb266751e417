"""Given Argo CD's Applications, when ops-service's is looked for, it and its owner are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probes import application, workload
from probes.application import finding
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


@pytest.mark.parametrize(
    ("tracking", "why"),
    [
        ({TRACKING: "hub-app:apps/Deployment:x/ops-service"}, "tracked by the Deployment's"),
        ({}, "label app.kubernetes.io/instance of the Deployment"),
    ],
)
async def test_one_that_is_in_another_cluster_is_named(
    tmp_path: Path, tracking: dict[str, str], why: str
) -> None:
    spoke = deployment()
    spoke["metadata"]["annotations"] = tracking
    name = "hub-app" if tracking else "ops-service-prod"
    async with kubernetes(tmp_path) as cluster:
        world(cluster, controller=spoke)
        with pytest.raises(ProbeError) as failed:
            await look(cluster)
    assert failed.value.failure.kind is FailureKind.NOT_FOUND
    sentence = failed.value.failure.sentence
    assert f"Application {name} ({why}" in sentence
    assert "is not in namespace argocd of this cluster" in sentence


async def test_the_release_of_a_plain_helm_is_no_application(tmp_path: Path) -> None:
    release = deployment()
    release["metadata"]["annotations"] = {"meta.helm.sh/release-name": "ops-service-prod"}
    async with kubernetes(tmp_path) as cluster:
        world(cluster, controller=release)
        with pytest.raises(ProbeError, match="no Application in namespace argocd manages"):
            await look(cluster)


def going_to(obj: Obj, **destination: str) -> Obj:
    obj["spec"]["destination"] = {"namespace": NAMESPACE, **destination}
    return obj


ELSEWHERE = "https://10.9.8.7"


@pytest.mark.parametrize(
    "here",
    [
        {"server": "https://kubernetes.default.svc"},
        {"server": "https://kubernetes.default.svc.cluster.local/"},
        {"name": "in-cluster"},
        {},
    ],
)
async def test_of_two_clusters_namesakes_the_one_of_this_cluster_is_taken(
    tmp_path: Path, here: dict[str, str]
) -> None:
    there = going_to(app("a-first"), server=ELSEWHERE)
    labelled = going_to(app("ops-service-prod"), name="staging")
    async with kubernetes(tmp_path) as cluster:
        world(cluster, there, labelled, going_to(app("the-one"), **here))
        assert (await look(cluster)).name == "the-one"


async def test_a_namesake_of_another_cluster_alone_is_not_taken_unless_it_is_said(
    tmp_path: Path,
) -> None:
    tracked = deployment()
    tracked["metadata"]["annotations"] = {TRACKING: "namesake:apps/Deployment:x/ops-service"}
    async with kubernetes(tmp_path) as cluster:
        world(cluster, going_to(app("namesake"), server=ELSEWHERE))
        with pytest.raises(ProbeError, match=f"namesake goes to {ELSEWHERE}") as failed:
            await look(cluster)
        assert failed.value.failure.kind is FailureKind.NOT_FOUND
        assert (await look(cluster, application="namesake")).name == "namesake"
        cluster.store.update(tracked | {"apiVersion": "apps/v1"})
        assert (await look(cluster)).name == "namesake"


async def test_the_kubeconfigs_own_address_is_this_cluster(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        async with open_reach(cluster.profile()) as reach:
            own = await reach.cluster.server()
        world(cluster, going_to(app("the-one"), server=f"{own}/"))
        assert (await look(cluster)).name == "the-one"


async def test_one_of_many_is_found_on_a_later_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_LISTED", "2")
    others = [app(f"a-{n}") | {"status": status(resources=[])} for n in range(5)]
    async with kubernetes(tmp_path) as cluster:
        world(cluster, *others, app("the-one"))
        assert (await look(cluster)).name == "the-one"
        monkeypatch.setattr(finding, "_PAGES", 2)
        with pytest.raises(ProbeError, match="among the first 4"):
            await look(cluster)


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
