"""Who may do what, and how the API server says no."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import protobuf

from .conftest import Cluster

REVIEWS = "/apis/authorization.k8s.io/v1"


async def test_no_token_and_a_wrong_token_are_401(cluster: Cluster) -> None:
    for authorization in ("", "Bearer nonsense", "Basic c2FuZGJveA=="):
        answer = await cluster.admin.get("/api/v1/pods", headers={"authorization": authorization})
        assert answer.status_code == 401
        assert answer.json() == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": "Unauthorized",
            "reason": "Unauthorized",
            "code": 401,
        }


async def test_403_names_the_user_the_verb_the_resource_and_the_place(cluster: Cluster) -> None:
    async def message(path: str, method: str = "GET") -> str:
        answer = await cluster.admin.request(method, path, headers=cluster.as_user("viewer"))
        assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")
        return str(answer.json()["message"])

    assert await message("/api/v1/namespaces/argocd/pods") == (
        'pods is forbidden: User "viewer" cannot list resource "pods" in API group "" '
        'in the namespace "argocd"'
    )
    assert await message("/api/v1/nodes") == (
        'nodes is forbidden: User "viewer" cannot list resource "nodes" in API group "" '
        "at the cluster scope"
    )
    assert await message("/api/v1/namespaces/shop/pods/web-1", "DELETE") == (
        'pods "web-1" is forbidden: User "viewer" cannot delete resource "pods" '
        'in API group "" in the namespace "shop"'
    )
    path = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/web-prod"
    assert await message(path) == (
        'applications.argoproj.io "web-prod" is forbidden: User "viewer" cannot get resource '
        '"applications" in API group "argoproj.io" in the namespace "argocd"'
    )
    assert 'resource "services/proxy"' in await message(
        "/api/v1/namespaces/shop/services/x:80/proxy/"
    )


async def test_what_is_allowed_is_answered(cluster: Cluster) -> None:
    path = "/api/v1/namespaces/shop/pods/web-1"
    assert (await cluster.admin.get(path, headers=cluster.as_user("viewer"))).status_code == 200


async def test_names_narrow_a_rule(cluster: Cluster) -> None:
    cluster.access.allow("viewer", ["get"], [""], ["secrets"], ["shop"], names=["one"])
    path, headers = "/api/v1/namespaces/shop/secrets", cluster.as_user("viewer")
    assert (await cluster.admin.get(f"{path}/one", headers=headers)).status_code == 404
    assert (await cluster.admin.get(f"{path}/two", headers=headers)).status_code == 403


async def test_a_revoked_token_is_401(cluster: Cluster) -> None:
    cluster.access.revoke("viewer")
    answer = await cluster.admin.get("/api", headers=cluster.as_user("viewer"))
    assert answer.status_code == 401


async def test_a_self_review_tells_what_may_be_done(cluster: Cluster) -> None:
    async def allowed(**attributes: str) -> bool:
        body: dict[str, Any] = {"spec": {"resourceAttributes": attributes}}
        answer = await cluster.admin.post(
            f"{REVIEWS}/selfsubjectaccessreviews", json=body, headers=cluster.as_user("viewer")
        )
        assert answer.status_code == 201
        return bool(answer.json()["status"]["allowed"])

    assert await allowed(verb="list", resource="pods", namespace="shop")
    assert await allowed(verb="get", resource="pods", subresource="log", namespace="shop")
    assert not await allowed(verb="list", resource="pods")
    assert not await allowed(verb="list", resource="secrets", namespace="shop")
    assert not await allowed(verb="get", resource="pods", subresource="portforward")


async def test_a_rules_review_lists_the_rules(cluster: Cluster) -> None:
    answer = await cluster.admin.post(
        f"{REVIEWS}/selfsubjectrulesreviews",
        json={"spec": {"namespace": "shop"}},
        headers=cluster.as_user("viewer"),
    )
    rules = answer.json()["status"]["resourceRules"]
    expected = {
        "verbs": ["get", "list", "watch"],
        "apiGroups": [""],
        "resources": ["pods", "pods/log"],
    }
    assert expected in rules


async def test_bytes_that_are_no_protobuf_are_400(cluster: Cluster) -> None:
    for content in (b"", b"k8s\x00\x0a\xff", b"k8s\x00\x0a\x05ab"):
        answer = await cluster.admin.post(
            f"{REVIEWS}/selfsubjectaccessreviews",
            content=content,
            headers={"content-type": protobuf.MEDIA_TYPE},
        )
        assert answer.status_code in (400, 415)
