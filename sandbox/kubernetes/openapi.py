"""OpenAPI: as much of it as kubectl looks at before it sends an object."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes.resources import RESOURCES, Resource

Obj = dict[str, Any]

V2_PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_PREFIX = "/openapi/v3"


def document(path: str, info: Obj) -> Obj | None:
    """The document of an OpenAPI path, or None.

    kubectl only asks whether a resource's PATCH takes `fieldValidation`: if so it leaves the
    validation to the server and needs no schema.
    """
    if path == "/openapi/v2":
        return {"swagger": "2.0", "info": info, "paths": {}, "definitions": {}}
    if path == _PREFIX:
        served = sorted({_root(resource) for resource in RESOURCES})
        return {"paths": {root: {"serverRelativeURL": f"{_PREFIX}/{root}"} for root in served}}
    resources = [r for r in RESOURCES if path == f"{_PREFIX}/{_root(r)}"]
    if not resources:
        return None
    paths = {_path(resource): {"patch": _patch(resource)} for resource in resources}
    return {"openapi": "3.0.0", "info": info, "paths": paths}


def _root(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def _path(resource: Resource) -> str:
    namespaces = "namespaces/{namespace}/" if resource.namespaced else ""
    return f"/{_root(resource)}/{namespaces}{resource.plural}/{{name}}"


def _patch(resource: Resource) -> Obj:
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    return {
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": kind,
    }
