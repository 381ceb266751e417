"""Values really move: parameters to objects, drift back to Git, live edits back to the root's."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.store import Obj
from tests.sandbox.argocd.installation import NAMESPACE, Installation, installation, running
from tests.sandbox.argocd.test_tokens import PORTAL, admin
from tests.waiting import until

OPS = "/api/v1/applications/ops-service-prod"
URL = "http://prometheus:9090/api/monitoring/prometheus"
NEVER = 3600.0


def live_edit(there: Installation, key: str, value: str) -> None:
    def write(obj: Obj) -> None:
        obj["data"][key] = value

    there.store.change("ConfigMap", NAMESPACE, "ops-service-config", write, manager="kubectl")


def set_env(obj: Obj) -> None:
    container = obj["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "PROMETHEUS_URL", "value": URL}]


def history(there: Installation) -> list[Any]:
    return list(there.application()["status"]["history"])


async def test_a_synced_world_stays_as_it_is() -> None:
    async with running() as there:
        version = there.deployment()["metadata"]["resourceVersion"]
        status = there.application()["status"]
        assert (there.sync(), there.health()) == ("Synced", "Healthy")
        assert (there.sync("wealist-apps-prod"), there.phase()) == ("Synced", "Succeeded")
        assert {one["kind"] for one in status["resources"]} == {
            "ConfigMap",
            "Service",
            "Deployment",
        }
        assert status["summary"]["images"] == ["registry.example.com/prod/ops-service:135-bd070f7"]
        assert there.deployment()["metadata"]["resourceVersion"] == version


async def test_a_parameter_patched_over_the_api_moves_config_and_pods() -> None:
    async with running(root_delay=NEVER) as there:
        before = there.checksum()
        path = "/spec/source/helm/parameters/2/value"
        patch = json.dumps([{"op": "replace", "path": path, "value": URL}])
        body = {"name": "ops-service-prod", "patch": patch, "patchType": "json"}
        answer = await there.send("PATCH", OPS, admin(there), body)
        assert answer.status_code == 200
        await until(lambda: there.config()["PROMETHEUS_URL"] == URL)
        await until(lambda: there.checksum() != before)
        await until(lambda: there.sync() == "Synced" and there.phase() == "Succeeded")
        assert there.health() == "Progressing"
        assert len(history(there)) == 2
        there.make_ready()
        await until(lambda: there.health() == "Healthy")


async def test_a_parameter_that_is_taken_away_leaves_nothing_behind() -> None:
    async with running(root_delay=NEVER) as there:

        def write(obj: Obj) -> None:
            helm = obj["spec"]["source"]["helm"]
            helm["parameters"] = [one for one in helm["parameters"] if "MIGRATE" not in one["name"]]

        there.store.change("Application", "argocd", "ops-service-prod", write)
        await until(lambda: there.config()["DB_AUTO_MIGRATE"] == "false")


async def test_a_live_drift_is_healed_after_a_while() -> None:
    async with running(self_heal_delay=0.1) as there:
        live_edit(there, "PROMETHEUS_URL", URL)
        await until(lambda: there.sync() == "OutOfSync")
        assert there.config()["PROMETHEUS_URL"] == URL
        await until(lambda: there.config()["PROMETHEUS_URL"] == "http://prometheus:9090")
        await until(lambda: there.sync() == "Synced")


async def test_without_self_heal_a_drift_is_only_told() -> None:
    async with running(root_delay=NEVER) as there:

        def write(obj: Obj) -> None:
            obj["spec"]["syncPolicy"]["automated"]["selfHeal"] = False

        there.store.change("Application", "argocd", "ops-service-prod", write)
        live_edit(there, "PROMETHEUS_URL", URL)
        await until(lambda: there.sync() == "OutOfSync")
        assert resources_out_of_sync(there) == ["ops-service-config"]
        answer = await there.send("POST", f"{OPS}/sync", admin(there), {})
        assert answer.status_code == 200
        await until(lambda: there.sync() == "Synced")
        assert there.config()["PROMETHEUS_URL"] == "http://prometheus:9090"


async def test_what_git_does_not_declare_survives() -> None:
    async with running() as there:
        there.store.change("Deployment", NAMESPACE, "ops-service", set_env, manager="kubectl-set")
        live_edit(there, "ADDED_BY_HAND", "1")
        live_edit(there, "LOG_LEVEL", "debug")
        await until(lambda: there.config()["LOG_LEVEL"] == "info")
        await until(lambda: there.sync() == "Synced")
        container = there.deployment()["spec"]["template"]["spec"]["containers"][0]
        assert container["env"] == [{"name": "PROMETHEUS_URL", "value": URL}]
        assert there.config()["ADDED_BY_HAND"] == "1"


async def test_a_deleted_object_comes_back() -> None:
    async with running() as there:
        there.store.delete("Service", NAMESPACE, "ops-service")
        await until(lambda: there.store.find("Service", NAMESPACE, "ops-service"))


async def test_the_root_reverts_a_live_edit_of_an_application() -> None:
    async with running(root_delay=0.2) as there:
        there.set_parameter("config.PROMETHEUS_URL", URL)
        await until(lambda: there.config()["PROMETHEUS_URL"] == URL)
        await until(lambda: there.sync("wealist-apps-prod") == "OutOfSync")
        await until(lambda: there.config()["PROMETHEUS_URL"] == "http://prometheus:9090")
        await until(lambda: there.sync("wealist-apps-prod") == "Synced")


async def test_the_root_turns_auto_sync_on_again() -> None:
    async with running() as there:

        def write(obj: Obj) -> None:
            del obj["spec"]["syncPolicy"]["automated"]

        there.store.change("Application", "argocd", "ops-service-prod", write)
        await until(lambda: "automated" in there.application()["spec"]["syncPolicy"])


async def test_a_deleted_application_takes_its_objects_along_and_both_come_back() -> None:
    async with running(root_delay=0.1) as there:
        before = there.deployment()["metadata"]["uid"]
        there.store.delete("Application", "argocd", "ops-service-prod")
        await until(lambda: there.store.find("Deployment", NAMESPACE, "ops-service") is None)
        await until(lambda: there.store.find("Deployment", NAMESPACE, "ops-service"))
        await until(lambda: there.sync() == "Synced" and there.phase() == "Succeeded")
        assert there.deployment()["metadata"]["uid"] != before


async def test_tokens_of_a_project_outlive_the_healing_of_its_roles() -> None:
    async with installation() as there:
        token = there.argocd.mint(PORTAL)
        task = asyncio.create_task(there.argocd.run())
        await until(lambda: "controllerNamespace" in there.application()["status"])
        assert there.sync("argocd-config") == "Synced"
        later = there.argocd.mint(PORTAL)
        await until(lambda: there.sync("argocd-config") == "OutOfSync")
        await until(lambda: there.sync("argocd-config") == "Synced")
        for one in (token, later):
            assert (await there.get(OPS, one)).status_code == 200
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "content",
    [
        {"spec": {}},
        {"spec": {"destination": {"namespace": "n"}, "source": {"helm": {}}}},
        {"spec": {"destination": {"namespace": "n"}, "source": {"repoURL": "r", "helm": 1}}},
        {"operation": "sync"},
        {"status": "fine", "operation": {"sync": {}}},
        {"operation": {"sync": 1}},
    ],
)
async def test_nonsense_is_told_in_the_status_and_ends_nothing(content: dict[str, Any]) -> None:
    async with running(root_delay=NEVER) as there:
        there.store.change(
            "Application", "argocd", "ops-service-prod", lambda obj: obj.update(content)
        )
        await until(lambda: "conditions" in there.application()["status"])
        assert there.application()["status"]["conditions"][0]["type"] == "InvalidSpecError"
        assert (there.sync(), there.health()) == ("Unknown", "Unknown")
        there.store.delete("ConfigMap", NAMESPACE, "wealist-shared-config")
        await until(lambda: there.store.find("ConfigMap", NAMESPACE, "wealist-shared-config"))


async def test_a_commit_lasts() -> None:
    async with running() as there:
        before = there.application()["status"]["sync"]["revision"]

        def write(obj: Obj) -> None:
            obj["spec"]["source"]["helm"]["parameters"][2]["value"] = URL

        there.argocd.commit("Application", "ops-service-prod", write)
        await until(lambda: there.config()["PROMETHEUS_URL"] == URL)
        await until(lambda: there.sync() == "Synced")
        assert there.application()["status"]["sync"]["revision"] != before
        assert there.sync("wealist-apps-prod") == "Synced"


async def test_a_commit_to_the_shared_values_reaches_the_chart() -> None:
    async with running() as there:
        before = there.checksum()
        there.argocd.commit(
            "ConfigMap", "wealist-shared-config", lambda obj: obj["data"].update(LOG_LEVEL="debug")
        )
        await until(lambda: there.config()["LOG_LEVEL"] == "debug")
        await until(lambda: there.checksum() != before)


async def test_git_no_longer_declaring_an_object_prunes_it() -> None:
    async with running() as there:
        manifests = there.argocd.git["argocd-config"]
        there.argocd.git["argocd-config"] = [
            one for one in manifests if one["metadata"]["name"] != "argocd-rbac-cm"
        ]
        await until(lambda: there.store.find("ConfigMap", "argocd", "argocd-rbac-cm") is None)


async def test_a_hard_refresh_compares_again_and_goes_away() -> None:
    def ask(obj: Obj) -> None:
        obj["metadata"]["annotations"]["argocd.argoproj.io/refresh"] = "hard"
        obj["status"]["reconciledAt"] = "2026-01-01T00:00:00Z"

    async with running() as there:
        there.store.change("Application", "argocd", "ops-service-prod", ask, manager="kubectl")
        await until(lambda: there.application()["status"]["reconciledAt"] > "2026-01-02")
        annotations = there.application()["metadata"]["annotations"]
        assert "argocd.argoproj.io/refresh" not in annotations


async def test_a_refresh_over_the_api_is_such_an_annotation() -> None:
    async with installation() as there:
        answer = await there.get(OPS, there.argocd.mint(PORTAL), refresh="hard")
    annotations = answer.json()["metadata"]["annotations"]
    assert annotations["argocd.argoproj.io/refresh"] == "hard"


async def test_an_operation_that_kubectl_patches_in_is_a_sync() -> None:
    request = {"sync": {"revision": "k8s-deploy-prod"}, "initiatedBy": {"username": "me"}}
    async with running() as there:
        there.store.change(
            "Application", "argocd", "ops-service-prod", lambda obj: obj.update(operation=request)
        )
        await until(lambda: len(history(there)) == 2)
        assert history(there)[-1]["initiatedBy"] == {"username": "me"}
        assert "operation" not in there.application()


async def test_a_dry_run_changes_nothing() -> None:
    async with running(self_heal_delay=NEVER) as there:
        live_edit(there, "PROMETHEUS_URL", URL)
        await until(lambda: there.sync() == "OutOfSync")
        await there.send("POST", f"{OPS}/sync", admin(there), {"dryRun": True})
        await until(lambda: "operation" not in there.application())
        assert there.config()["PROMETHEUS_URL"] == URL


async def test_a_crash_loop_degrades_the_application_and_the_root() -> None:
    async with running() as there:
        labels = there.deployment()["spec"]["selector"]["matchLabels"]
        waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting"}
        there.store.change(
            "Deployment",
            NAMESPACE,
            "ops-service",
            lambda obj: obj["status"].update(availableReplicas=0),
        )
        there.store.create(
            {
                "kind": "Pod",
                "metadata": {"name": "ops-1", "namespace": NAMESPACE, "labels": labels},
                "spec": {"containers": []},
                "status": {"containerStatuses": [{"state": {"waiting": waiting}}]},
            }
        )
        await until(lambda: there.health() == "Degraded")
        await until(lambda: there.health("wealist-apps-prod") == "Degraded")


async def test_a_rollout_past_its_deadline_degrades_the_application() -> None:
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    async with running() as there:
        there.store.change(
            "Deployment",
            NAMESPACE,
            "ops-service",
            lambda obj: obj["status"].update(conditions=[late]),
        )
        await until(lambda: there.health() == "Degraded")


async def test_a_failed_sync_is_told_and_not_tried_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempts = 0

    def refuse(*_args: object, **_options: object) -> Obj:
        nonlocal attempts
        attempts += 1
        raise ApiError(403, "Forbidden", "exceeded quota: compute")

    async with running(root_delay=NEVER) as there:
        monkeypatch.setattr(there.store, "create", refuse)
        there.store.delete("Service", NAMESPACE, "ops-service")
        there.set_parameter("image.tag", "136")
        await until(lambda: there.application()["status"].get("conditions"))
        live_edit(there, "LOG_LEVEL", "debug")
        await until(lambda: len(resources_out_of_sync(there)) == 2)
        status = there.application()["status"]
    assert attempts == 1
    assert status["conditions"][0]["type"] == "SyncError"
    assert (status["operationState"]["phase"], there.health()) == ("Failed", "Missing")
    assert "exceeded quota: compute" in status["operationState"]["message"]


async def test_two_edits_at_once_settle() -> None:
    async with running(root_delay=0.1, self_heal_delay=0.1) as there:
        there.set_parameter("config.PROMETHEUS_URL", URL)
        live_edit(there, "LOG_LEVEL", "debug")
        await until(lambda: there.sync("wealist-apps-prod") == "OutOfSync")
        await until(lambda: there.sync("wealist-apps-prod") == "Synced")
        await until(lambda: there.sync() == "Synced")
        assert there.config()["PROMETHEUS_URL"] == "http://prometheus:9090"


def resources_out_of_sync(there: Installation) -> list[str]:
    resources = there.application()["status"]["resources"]
    return [one["name"] for one in resources if one["status"] == "OutOfSync"]
