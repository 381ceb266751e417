"""Given one Application, when it is looked into, all of it is seen, by whichever way answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from probes import application
from probes.application.owner import owner_of
from probes.application.reading import application_seen
from probes.application.whole import application_detail
from probes.model import ApplicationDetail, FailureKind, ProbeError
from probes.opsservice import OpsConfig, ops_config
from probes.reach import open_reach
from tests.probes.kubeconfigs import Kubernetes, kubernetes
from tests.probes.loopback import Request, Response, answering, json_answer
from tests.probes.seen import environment

TOKEN = "aaaa.bbbb.cccc"
SHOP: dict[str, Any] = {
    "kind": "Application",
    "metadata": {
        "name": "shop",
        "namespace": "argocd",
        "annotations": {"argocd.argoproj.io/tracking-id": "root:argoproj.io/Application:argocd/x"},
    },
    "spec": {
        "project": "x",
        "sources": [
            {"repoURL": "https://bot:t0ken@git/values", "ref": "values", "targetRevision": "main"},
            {
                "repoURL": "https://charts",
                "chart": "shop",
                "targetRevision": "1.2.3",
                "helm": {
                    "valueFiles": ["$values/shop.yaml"],
                    "parameters": [
                        {"name": "config.URL", "value": "http://user:pw@prometheus:9090"},
                        {"name": "config.SECRET_KEY", "value": "hunter22"},
                        {"name": "externalSecrets.enabled", "value": "true"},
                    ],
                },
            },
        ],
        "destination": {"name": "in-cluster", "namespace": "shop"},
        "syncPolicy": {"automated": {"selfHeal": True}, "syncOptions": ["CreateNamespace=true"]},
    },
    "status": {
        "sync": {"status": "OutOfSync", "revisions": ["abc", "1.2.3"]},
        "health": {"status": "Degraded"},
        "operationState": {
            "phase": "Running",
            "startedAt": "2026-01-06T02:00:00Z",
            "operation": {"initiatedBy": {"username": "kim"}},
        },
        "summary": {"images": ["shop:1"]},
        "resources": [
            {
                "kind": "Deployment",
                "namespace": "shop",
                "name": "shop",
                "status": "OutOfSync",
                "requiresPruning": True,
                "health": {"status": "Degraded", "message": "no \x1b]52;c;eA==\x07pods"},
            },
            "no resource",
        ],
        "history": [
            {"id": 1, "revision": "a", "initiatedBy": {"username": "kim"}},
            {
                "id": 2,
                "revisions": ["b", "1.2.3"],
                "deployedAt": "2026-01-05T00:00:00Z",
                "initiatedBy": {"automated": True},
                "sources": [{"repoURL": "https://bot:t0ken@git/values", "path": "prod"}],
            },
        ],
    },
}


def read(obj: dict[str, Any]) -> ApplicationDetail:
    return application_detail(obj, application_seen(obj, str(owner_of(obj) or ""), None, ""))


async def look(
    cluster: Kubernetes, config: OpsConfig | None, user: str = "sandbox", name: str = "shop"
) -> ApplicationDetail:
    profile = cluster.profile(user)
    async with open_reach(profile) as reach:
        await reach.cluster.ready(10)
        return await application.detail(reach, config, name, "argocd", timeout_s=5)


def settings(url: str, token: str = TOKEN) -> OpsConfig:
    return ops_config(environment({"ARGOCD_SERVER_URL": url, "ARGOCD_TOKEN": token}))


def test_an_application_is_read_to_its_end() -> None:
    seen = read(SHOP)
    assert [(one.id, one.revision, one.by) for one in seen.history] == [
        ("2", "b, 1.2.3", "automated"),
        ("1", "a", "kim"),
    ]
    assert seen.history[0].source == "https://git/values prod"
    (resource,) = seen.resources
    assert (resource.health, resource.message, resource.prunes) == ("Degraded", "no pods", True)
    assert [(one.path, one.target_revision, one.revision) for one in seen.sources] == [
        ("", "main", "abc"),
        ("shop", "1.2.3", "1.2.3"),
    ]
    assert seen.sources[1].value_files == ("$values/shop.yaml",)
    assert seen.sync_options == ("CreateNamespace=true",)
    assert (seen.operation_by, str(seen.operation_started_at)[:16]) == ("kim", "2026-01-06 02:00")
    assert seen.images == ("shop:1",)
    assert seen.destination == "namespace shop of in-cluster"


def test_a_parameter_that_is_a_secret_is_not_shown() -> None:
    url, key, switch = read(SHOP).sources[1].parameters
    assert url.text == "http://user:•••@prometheus:9090"
    assert key.secret
    assert key.text.startswith("8 characters, print ")
    assert switch.text == "true"


def test_nonsense_is_read_as_nothing() -> None:
    seen = read({"metadata": [], "spec": 1, "status": {"history": {}, "resources": [1]}})
    assert (seen.history, seen.resources, seen.destination) == ((), (), "namespace - of -")


async def test_the_cluster_is_asked_first(tmp_path: Path) -> None:
    async with answering(lambda _: json_answer(SHOP)) as argo, kubernetes(tmp_path) as cluster:
        cluster.create(SHOP)
        seen = await look(cluster, settings(argo.url))
    assert (seen.asked, seen.route) == ("get applications shop in argocd", "Kubernetes API")
    assert seen.denied is None
    assert argo.requests == []


async def test_where_the_cluster_denies_argocd_is_asked_with_the_token(tmp_path: Path) -> None:
    root = {"spec": {"syncPolicy": {"automated": {"selfHeal": True}}}}

    def answer(request: Request) -> Response:
        return json_answer(SHOP if request.path.endswith("/shop") else root)

    async with answering(answer) as argo, kubernetes(tmp_path, ("reader",)) as cluster:
        seen = await look(cluster, settings(argo.url), "reader")
    assert argo.paths() == ["/api/v1/applications/root", "/api/v1/applications/shop"]
    assert argo.requests[0].query == {"appNamespace": "argocd"}
    assert argo.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert (seen.seen.owner, seen.seen.owner_self_heals) == ("Application/root", True)
    assert seen.denied is not None
    assert seen.denied.kind is FailureKind.FORBIDDEN
    assert "ops-service's token" in seen.route
    assert TOKEN not in repr(seen)


async def test_where_both_refuse_both_are_told(tmp_path: Path) -> None:
    refusal = {"error": "permission denied", "code": 7}
    async with (
        answering(lambda _: json_answer(refusal, 403)) as argo,
        kubernetes(tmp_path, ("reader",)) as cluster,
    ):
        with pytest.raises(ProbeError) as failed:
            await look(cluster, settings(argo.url), "reader")
    failure = failed.value.failure
    assert failure.kind is FailureKind.FORBIDDEN
    assert "may not get applications.argoproj.io shop" in failure.sentence
    assert 'it answers 403 {"error": "permission denied"' in failure.sentence
    assert f"GET {argo.url}/api/v1/applications/shop" in failure.asked


@pytest.mark.parametrize("token", ["", "with blank"])
async def test_without_a_token_that_can_be_sent_only_the_cluster_is_asked(
    tmp_path: Path, token: str
) -> None:
    async with answering(lambda _: json_answer(SHOP)) as argo, kubernetes(tmp_path) as cluster:
        with pytest.raises(ProbeError) as failed:
            await look(cluster, settings(argo.url, token))
    assert failed.value.failure.kind is FailureKind.NOT_FOUND
    assert argo.requests == []
