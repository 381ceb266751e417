"""Reviews: what the asking user may do, and who it is."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import errors
from sandbox.kubernetes.access import Access, Attributes
from sandbox.kubernetes.store import Obj

_EVERYBODY_RULE = {
    "verbs": ["create"],
    "apiGroups": ["authorization.k8s.io"],
    "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
}
_EVERYBODY_PATHS = {
    "verbs": ["get"],
    "nonResourceURLs": [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ],
}


def answer(access: Access, user: str, resource: str, review: Any) -> Obj | None:
    """The review with its status; None for a resource that is no review.

    Raises ApiError 400 for a review without a question.
    """
    if not isinstance(review, dict):
        raise errors.bad_request("the object provided is unrecognized: not a JSON object")
    spec = review.get("spec") or {}
    if resource == "selfsubjectaccessreviews":
        return review | {"status": _access(access, user, spec)}
    if resource == "selfsubjectrulesreviews":
        return review | {"status": _rules(access, user, spec.get("namespace") or "")}
    if resource == "selfsubjectreviews":
        groups = ["system:authenticated"]
        return review | {"status": {"userInfo": {"username": user, "groups": groups}}}
    return None


def _access(access: Access, user: str, spec: Obj) -> Obj:
    path = spec.get("nonResourceAttributes")
    asked = spec.get("resourceAttributes")
    if path:
        return {"allowed": access.permits_path(user, str(path.get("path", "")))}
    if not isinstance(asked, dict):
        message = "spec: exactly one of nonResourceAttributes or resourceAttributes must be given"
        raise errors.bad_request(message)
    fields = ("verb", "group", "resource", "subresource", "namespace", "name")
    attributes = Attributes(**{field: str(asked.get(field) or "") for field in fields})
    return {"allowed": access.permits(user, attributes)}


def _rules(access: Access, user: str, namespace: str) -> Obj:
    rules = access.rules(user, namespace)
    paths: list[Obj] = [_EVERYBODY_PATHS]
    if any("*" in rule.resources for rule in rules):
        paths.append({"verbs": ["*"], "nonResourceURLs": ["*"]})
    return {
        "resourceRules": [_EVERYBODY_RULE, *(rule.as_resource_rule() for rule in rules)],
        "nonResourceRules": paths,
        "incomplete": False,
    }
