"""Reading and writing objects over HTTP, as any client would."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Cluster, pod

PODS = "/api/v1/namespaces/shop/pods"
DEPLOYMENT = "/apis/apps/v1/namespaces/shop/deployments/web"
APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web-prod"
JSON_PATCH = {"content-type": "application/json-patch+json"}
MERGE_PATCH = {"content-type": "application/merge-patch+json"}
STRATEGIC = {"content-type": "application/strategic-merge-patch+json"}


async def test_get_and_list(cluster: Cluster) -> None:
    got = (await cluster.admin.get(f"{PODS}/web-1")).json()
    assert (got["kind"], got["apiVersion"]) == ("Pod", "v1")
    listed = (await cluster.admin.get("/api/v1/pods?labelSelector=app%3Dweb")).json()
    assert listed["kind"] == "PodList"
    assert [item["metadata"]["name"] for item in listed["items"]] == ["web-1"]
    assert listed["metadata"]["resourceVersion"] == str(cluster.store.version)
    none = await cluster.admin.get(f"{PODS}?fieldSelector=status.phase%3DPending")
    assert none.json()["items"] == []


async def test_what_is_not_there_is_said_as_the_real_server_says_it(cluster: Cluster) -> None:
    missing = await cluster.admin.get(f"{PODS}/nope")
    assert missing.status_code == 404
    assert missing.json() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'pods "nope" not found',
        "reason": "NotFound",
        "details": {"name": "nope", "kind": "pods"},
        "code": 404,
    }
    custom = await cluster.admin.get(APPLICATION.replace("web-prod", "x"))
    assert custom.json()["message"] == 'applications.argoproj.io "x" not found'
    for path in ("/nope", "/api/v1/nopes", "/apis/none.io/v1/things", "/apis/none.io/v1"):
        unknown = await cluster.admin.get(path)
        assert (unknown.status_code, unknown.text) == (404, "404 page not found\n")


async def test_pages(cluster: Cluster) -> None:
    for number in range(2, 6):
        cluster.store.create(pod(f"web-{number}"))
    names, token = [], ""
    for _ in range(4):
        page = (await cluster.admin.get(PODS, params={"limit": 2, "continue": token})).json()
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert names == [f"web-{n}" for n in range(1, 6)]
    bad = await cluster.admin.get(PODS, params={"continue": "%%"})
    assert bad.status_code == 400


async def test_create_generates_a_name_and_refuses_a_second_one(cluster: Cluster) -> None:
    path = "/api/v1/namespaces/shop/configmaps"
    body = {"metadata": {"generateName": "c-"}, "data": {"a": "b"}}
    created = await cluster.admin.post(path, json=body)
    assert created.status_code == 201
    name = created.json()["metadata"]["name"]
    assert name.startswith("c-")
    again = await cluster.admin.post(path, json={"metadata": {"name": name}})
    assert (again.status_code, again.json()["reason"]) == (409, "AlreadyExists")
    nowhere = await cluster.admin.post(path.replace("shop", "void"), json=body)
    assert nowhere.json()["message"] == 'namespaces "void" not found'


async def test_put_with_a_stale_version_is_409(cluster: Cluster) -> None:
    obj = (await cluster.admin.get(DEPLOYMENT)).json()
    obj["spec"]["replicas"] = 2
    assert (await cluster.admin.put(DEPLOYMENT, json=obj)).status_code == 200
    obj["spec"]["replicas"] = 3
    stale = await cluster.admin.put(DEPLOYMENT, json=obj)
    assert stale.status_code == 409
    assert stale.json()["message"].startswith(
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified'
    )


async def test_a_json_patch_tests_before_it_writes(cluster: Cluster) -> None:
    path = "/spec/source/helm/parameters/0/value"
    good = [
        {"op": "test", "path": path, "value": "old"},
        {"op": "replace", "path": path, "value": "new"},
    ]
    patched = await cluster.admin.patch(APPLICATION, json=good, headers=JSON_PATCH)
    assert patched.json()["spec"]["source"]["helm"]["parameters"] == [
        {"name": "config.A", "value": "new"},
        {"name": "image.tag", "value": "1"},
    ]
    again = await cluster.admin.patch(APPLICATION, json=good, headers=JSON_PATCH)
    assert again.status_code == 422
    assert "rejected our request" in again.json()["message"]


async def test_strategic_merge_is_for_built_in_kinds_only(cluster: Cluster) -> None:
    env = [{"name": "LEVEL", "value": "debug"}]
    change: dict[str, Any] = {
        "spec": {"template": {"spec": {"containers": [{"name": "web", "env": env}]}}}
    }
    patched = await cluster.admin.patch(DEPLOYMENT, json=change, headers=STRATEGIC)
    container = patched.json()["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == "web:1"
    assert [e["value"] for e in container["env"]] == ["a", "debug"]
    custom = await cluster.admin.patch(APPLICATION, json={}, headers=STRATEGIC)
    assert custom.status_code == 415


async def test_a_dry_run_answers_and_keeps_nothing(cluster: Cluster) -> None:
    change = {"spec": {"replicas": 7}}
    params = {"dryRun": "All"}
    dry = await cluster.admin.patch(DEPLOYMENT, json=change, headers=MERGE_PATCH, params=params)
    assert dry.json()["spec"]["replicas"] == 7
    gone = await cluster.admin.delete(f"{PODS}/web-1", params=params)
    assert gone.status_code == 200
    assert cluster.store.get("Deployment", "shop", "web")["spec"]["replicas"] == 1
    assert cluster.store.find("Pod", "shop", "web-1")


async def test_the_field_manager_is_recorded_with_the_time(cluster: Cluster) -> None:
    change = {"spec": {"replicas": 2}}
    params = {"fieldManager": "opsportal"}
    await cluster.admin.patch(DEPLOYMENT, json=change, headers=MERGE_PATCH, params=params)
    fields = cluster.store.get("Deployment", "shop", "web")["metadata"]["managedFields"]
    assert fields[-1]["manager"] == "opsportal"
    assert fields[-1]["time"].endswith("Z")


async def test_status_and_spec_are_written_apart(cluster: Cluster) -> None:
    change = {"spec": {"replicas": 9}, "status": {"readyReplicas": 4}}
    await cluster.admin.patch(f"{DEPLOYMENT}/status", json=change, headers=MERGE_PATCH)
    obj = cluster.store.get("Deployment", "shop", "web")
    assert (obj["spec"]["replicas"], obj["status"]) == (1, {"readyReplicas": 4})
    await cluster.admin.patch(DEPLOYMENT, json={"status": None}, headers=MERGE_PATCH)
    assert cluster.store.get("Deployment", "shop", "web")["status"] == {"readyReplicas": 4}


async def test_scale(cluster: Cluster) -> None:
    body = (await cluster.admin.get(f"{DEPLOYMENT}/scale")).json()
    assert (body["kind"], body["spec"]) == ("Scale", {"replicas": 1})
    body["spec"]["replicas"] = 4
    assert (await cluster.admin.put(f"{DEPLOYMENT}/scale", json=body)).status_code == 200
    assert cluster.store.get("Deployment", "shop", "web")["spec"]["replicas"] == 4


async def test_deleting_with_another_uid_is_a_conflict(cluster: Cluster) -> None:
    async def delete(uid: str) -> int:
        body = {"preconditions": {"uid": uid}}
        answer = await cluster.admin.request("DELETE", f"{PODS}/web-1", json=body)
        return answer.status_code

    uid = cluster.store.get("Pod", "shop", "web-1")["metadata"]["uid"]
    assert await delete("another") == 409
    assert await delete(uid) == 200
    assert cluster.store.find("Pod", "shop", "web-1") is None


async def test_delete_collection_takes_what_is_selected(cluster: Cluster) -> None:
    cluster.store.create(pod("web-2"))
    params = {"fieldSelector": "metadata.name=web-2"}
    assert (await cluster.admin.delete(PODS, params=params)).status_code == 200
    assert [p["metadata"]["name"] for p in cluster.store.list("Pod")] == ["web-1"]


async def test_a_table_for_who_asks_for_one(cluster: Cluster) -> None:
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    body = (await cluster.admin.get(PODS, headers={"accept": accept})).json()
    columns = [c["name"] for c in body["columnDefinitions"] if not c["priority"]]
    assert columns == ["Name", "Ready", "Status", "Restarts", "Age"]
    assert body["rows"][0]["cells"][:4] == ["web-1", "1/1", "Running", "0"]
    assert body["rows"][0]["object"]["metadata"]["name"] == "web-1"


async def test_a_body_of_another_type_is_415_and_a_broken_one_400(cluster: Cluster) -> None:
    path = "/api/v1/namespaces/shop/configmaps"
    text = await cluster.admin.post(path, content=b"x", headers={"content-type": "text/plain"})
    assert text.status_code == 415
    broken = await cluster.admin.post(
        path, content=b"{", headers={"content-type": "application/json"}
    )
    assert broken.status_code == 400
    apply = {"content-type": "application/apply-patch+yaml"}
    assert (await cluster.admin.patch(DEPLOYMENT, content=b"{}", headers=apply)).status_code == 415


@pytest.mark.parametrize("path", ["/version", "/healthz", "/readyz", "/livez"])
async def test_health_and_version_need_no_token(cluster: Cluster, path: str) -> None:
    assert (await cluster.admin.get(path, headers={"authorization": ""})).status_code == 200


async def test_discovery_lists_what_is_served(cluster: Cluster) -> None:
    groups = (await cluster.admin.get("/apis")).json()["groups"]
    assert {"apps", "argoproj.io", "external-secrets.io"} <= {g["name"] for g in groups}
    core = (await cluster.admin.get("/api/v1")).json()["resources"]
    assert {"pods", "pods/log", "pods/portforward"} <= {r["name"] for r in core}


async def test_a_long_list_comes_whole(cluster: Cluster) -> None:
    for number in range(500):
        cluster.store.create(pod(f"many-{number}"))
    assert len((await cluster.admin.get(PODS)).json()["items"]) == 501
