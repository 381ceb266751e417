"""What the API answers to whom: lists, rights, missing things, and everything that is no API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.argocd.installation import Installation, installation, running
from tests.sandbox.argocd.test_tokens import PORTAL, admin, grant
from tests.waiting import until

LIST = "/api/v1/applications"
OPS = f"{LIST}/ops-service-prod"


def names(answer: Any) -> list[str]:
    return [item["metadata"]["name"] for item in answer.json()["items"] or []]


def paths(item: Any, prefix: str = "") -> set[str]:
    return {f"{prefix}{key}" for key in item}


async def test_the_version_is_told_to_anybody() -> None:
    async with installation() as there:
        told = (await there.get("/api/version", None)).json()
        more = (await there.get("/api/version", there.argocd.mint(PORTAL))).json()
    assert list(told) == ["Version"]
    assert told["Version"].startswith("v2.10.")
    assert "GoVersion" in more


async def test_userinfo_never_refuses_but_leaves_logged_in_out() -> None:
    path = "/api/v1/session/userinfo"
    async with installation() as there:
        good = await there.get(path, there.argocd.mint(PORTAL))
        bad = await there.get(path, there.argocd.expired_token())
    assert good.json() == {"loggedIn": True, "username": PORTAL, "iss": "argocd"}
    assert (bad.status_code, bad.json()) == (200, {})


@pytest.mark.parametrize(
    ("password", "told"),
    [("guess", "Invalid username or password"), ("", "Blank passwords are not allowed")],
)
async def test_nobody_logs_in_with_a_password(password: str, told: str) -> None:
    async with installation() as there:
        body = {"username": "admin", "password": password}
        answer = await there.send("POST", "/api/v1/session", None, body)
    assert (answer.status_code, answer.json()["message"]) == (401, told)


async def test_a_project_role_sees_its_own_project() -> None:
    async with installation() as there:
        answer = await there.get(LIST, there.argocd.mint(PORTAL))
    assert "ops-service-prod" in names(answer)
    assert {item["spec"]["project"] for item in answer.json()["items"]} == {"wealist-prod"}
    assert paths(answer.json()["items"][0]) == {"metadata", "spec", "status"}


async def test_a_token_without_rights_sees_null_and_no_403() -> None:
    async with installation() as there:
        token = there.argocd.unpermitted_token()
        answer = await there.get(LIST, token)
        allowed = await there.get("/api/v1/account/can-i/applications/get/*/*", token)
    assert (answer.status_code, answer.json()["items"]) == (200, None)
    assert allowed.json() == {"value": "no"}


async def test_the_default_policy_lets_every_account_read() -> None:
    async with installation() as there:
        token = there.argocd.mint("anybody")
        answer = await there.get(LIST, token)
        allowed = await there.get("/api/v1/account/can-i/applications/get/*/*", token)
        change = await there.get("/api/v1/account/can-i/applications/sync/*/*", token)
    assert {"wealist-apps-prod", "kyverno-policies"} < set(names(answer))
    assert (allowed.json(), change.json()) == ({"value": "yes"}, {"value": "no"})


async def test_a_deny_beats_an_allow() -> None:
    async with installation() as there:
        grant(there, "p, anybody, applications, get, wealist-prod/ops-*, deny", default="")
        grant(there, "\ng, anybody, role:readonly")
        answer = await there.get(LIST, there.argocd.mint("anybody"))
    assert "auth-service-prod" in names(answer)
    assert not [name for name in names(answer) if name.startswith("ops-")]


async def test_can_i_knows_what_there_is_to_ask() -> None:
    async with installation() as there:
        answer = await there.get("/api/v1/account/can-i/pods/get/*", there.argocd.mint(PORTAL))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["error"].endswith("does not contain pods")


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"name": "ops-service-prod"}, ["ops-service-prod"]),
        ({"project": "default"}, ["kyverno-policies", "wealist-apps-prod"]),
        ({"projects": "nothing"}, []),
        ({"selector": "app.kubernetes.io/instance=nobody"}, []),
        ({"project": "default", "name": "ops-service-prod"}, []),
    ],
)
async def test_the_list_is_filtered(params: dict[str, str], found: list[str]) -> None:
    async with installation() as there:
        answer = await there.get(LIST, there.argocd.mint("anybody"), **params)
    assert names(answer) == found


async def test_fields_are_known_by_their_exact_names_only() -> None:
    async with installation() as there:
        asked = "items.metadata.name,items.status.health,items.spec.project"
        answer = await there.get(LIST, there.argocd.mint(PORTAL), fields=asked)
    item = answer.json()["items"][0]
    assert paths(item) == {"metadata", "status"}
    assert paths(item["metadata"]) == {"name"}
    assert paths(item["status"]) == {"health"}


async def test_what_is_missing_is_forbidden_unless_the_project_is_named() -> None:
    async with installation() as there:
        token = there.argocd.mint(PORTAL)
        forbidden = await there.get(f"{LIST}/gone", token)
        missing = await there.get(f"{LIST}/gone", token, project="wealist-prod")
        elsewhere = await there.get(f"{LIST}/gone", token, project="default")
    told = {"error": "permission denied", "code": 7, "message": "permission denied"}
    assert (forbidden.status_code, forbidden.json()) == (403, told)
    assert missing.status_code == 404
    assert missing.json()["error"] == 'applications.argoproj.io "gone" not found'
    assert elsewhere.status_code == 403


async def test_an_application_of_another_project_is_not_found_under_this_one() -> None:
    async with installation() as there:
        token = there.argocd.mint("anybody")
        answer = await there.get(f"{LIST}/kyverno-policies", token, project="wealist-prod")
    assert answer.status_code == 404


async def test_a_reader_changes_nothing() -> None:
    async with installation() as there:
        token, before = there.argocd.mint(PORTAL), there.application()
        for method, path in (("PATCH", OPS), ("PUT", OPS), ("POST", f"{OPS}/sync")):
            answer = await there.send(method, path, token, {"name": "ops-service-prod"})
            assert answer.status_code == 403
        assert there.application() == before


async def test_a_change_without_json_is_refused() -> None:
    async with installation() as there:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await there.http.post(f"{OPS}/sync", headers=headers, content="a=b")
    assert (answer.status_code, answer.text) == (415, "Invalid content type\n")


async def test_a_body_that_is_no_json_is_refused() -> None:
    async with installation() as there:
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {there.argocd.mint(PORTAL)}",
        }
        answer = await there.http.post(f"{OPS}/sync", headers=headers, content="<html>")
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


async def test_an_unknown_api_path_is_404_in_json() -> None:
    async with installation() as there:
        answer = await there.get("/api/v1/nothing", None)
    assert answer.status_code == 404
    assert answer.json() == {"error": "Not Found", "code": 5, "message": "Not Found"}


@pytest.mark.parametrize("path", ["/", "/applications/ops-service-prod", "/argo/v1/applications"])
async def test_everything_else_is_the_web_interfaces_page(path: str) -> None:
    async with installation() as there:
        answer = await there.get(path, None)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")


async def test_projects_are_told_to_their_own_tokens() -> None:
    async with installation() as there:
        token = there.argocd.mint(PORTAL)
        listed = await there.get("/api/v1/projects", token)
        denied = await there.get("/api/v1/projects/nobody", there.argocd.unpermitted_token())
    assert "wealist-prod" in names(listed)
    assert denied.status_code == 403


async def patched(there: Installation, body: dict[str, Any], token: str = "") -> Any:
    whole = {"name": "ops-service-prod", "project": "wealist-prod", **body}
    return await there.send("PATCH", OPS, token or admin(there), whole)


async def test_a_json_patch_tests_before_it_writes() -> None:
    path = "/spec/source/helm/parameters/0"
    test = json.dumps([{"op": "test", "path": f"{path}/value", "value": "other"}])
    async with installation() as there:
        answer = await patched(there, {"patchType": "json", "patch": test})
    assert answer.status_code == 500
    told = f"error applying patch: testing value {path}/value failed: test failed"
    assert answer.json()["error"] == told


async def test_a_merge_patch_replaces_the_whole_list_of_parameters() -> None:
    patch = '{"spec":{"source":{"helm":{"parameters":[{"name":"image.tag","value":"1"}]}}}}'
    async with installation() as there:
        answer = await patched(there, {"patchType": "merge", "patch": patch})
        listed = there.application()["spec"]["source"]["helm"]["parameters"]
    assert answer.status_code == 200
    assert listed == [{"name": "image.tag", "value": "1"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"patchType": "strategic", "patch": "{}"}, 400),
        ({"patchType": "json", "patch": "{"}, 500),
        ({"patchType": "json", "patch": "{}"}, 500),
        ({"patchType": "json", "patch": "[1]"}, 500),
        ({"patchType": "merge", "patch": '{"spec":null}'}, 400),
        ({"patchType": "merge", "patch": "[]"}, 400),
        ({"patchType": "merge", "patch": '{"spec":{"source":{"repoURL":""}}}'}, 400),
        ({"patchType": "merge", "patch": '{"spec":{"project":"elsewhere"}}'}, 403),
    ],
)
async def test_a_patch_that_is_none_is_refused(body: dict[str, Any], status: int) -> None:
    async with installation() as there:
        before, policy = (
            there.application(),
            "p, robot, applications, update, wealist-prod/*, allow",
        )
        grant(there, policy)
        token = there.argocd.mint("robot")
        assert (await patched(there, body, token)).status_code == status
        assert there.application() == before


async def test_a_second_sync_is_refused_while_the_first_runs() -> None:
    async with running(sync_delay=30) as there:
        root = admin(there)
        first = await there.send("POST", f"{OPS}/sync", root, {})
        second = await there.send("POST", f"{OPS}/sync", root, {})
        await until(lambda: there.phase() == "Running")
    assert first.json()["operation"]["initiatedBy"] == {"username": "robot"}
    told = "another operation is already in progress"
    assert second.status_code == 400
    assert second.json() == {"error": told, "code": 9, "message": told}


async def test_a_running_operation_can_be_ended() -> None:
    async with running(sync_delay=0.05) as there:
        root, path = admin(there), f"{OPS}/operation"
        idle = await there.send("DELETE", path, root)
        await there.send("POST", f"{OPS}/sync", root, {})
        await until(lambda: there.phase() == "Running")
        assert (await there.send("DELETE", path, root)).status_code == 200
        await until(lambda: there.phase() == "Failed")
    assert idle.status_code == 400
    assert there.application()["status"]["operationState"]["message"] == "Operation terminated"
    assert "operation" not in there.application()


async def test_an_auto_synced_application_is_not_synced_to_something_else() -> None:
    async with installation() as there:
        answer = await there.send("POST", f"{OPS}/sync", admin(there), {"revision": "other"})
    told = "Cannot sync to other: auto-sync currently set to k8s-deploy-prod"
    assert (answer.status_code, answer.json()["error"]) == (400, told)


async def test_the_objects_of_an_application_are_shown() -> None:
    async with running() as there:
        token = there.argocd.mint(PORTAL)
        tree = (await there.get(f"{OPS}/resource-tree", token)).json()
        managed = (await there.get(f"{OPS}/managed-resources", token)).json()
    assert {node["kind"] for node in tree["nodes"]} == {"ConfigMap", "Deployment", "Service"}
    assert len(managed["items"]) == 3
    assert not any(item["modified"] for item in managed["items"])
