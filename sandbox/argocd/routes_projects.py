"""Routes of projects and of their roles' tokens. Source: Argo CD `server/project/project.go`."""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.argocd import errors, projects
from sandbox.argocd.accounts import NAMESPACE
from sandbox.argocd.call import Call
from sandbox.argocd.routes_session import lifetime
from sandbox.kubernetes.store import Obj

Answer = dict[str, Any]


def list_projects(call: Call) -> Answer:
    """GET /api/v1/projects: those the bearer may get."""
    found = call.store.list("AppProject", NAMESPACE)
    items = [_told(one) for one in found if call.may("projects", "get", one["metadata"]["name"])]
    return {"metadata": {"resourceVersion": str(call.store.version)}, "items": items or None}


def get_project(call: Call) -> Answer:
    """GET /api/v1/projects/{project}."""
    name = call.param("project")
    call.require("projects", "get", name)
    return _told(projects.get(call.store, name))


def create_token(call: Call) -> Answer:
    """POST /api/v1/projects/{project}/roles/{role}/token with `id` and `expiresIn` seconds."""
    name, role = call.param("project"), call.param("role")
    project = projects.get(call.store, name)
    if projects.role_of(project, role) is None:
        raise errors.not_found(f"project '{name}' does not have role '{role}'")
    call.require("projects", "update", name)
    token_id = str(call.body.get("id") or "")
    if token_id and any(one.id == token_id for one in projects.tokens(project, role)):
        raise errors.invalid_argument(f"Token id '{token_id}' has been used. ")
    token_id = token_id or str(uuid.uuid4())
    issued = call.server.sessions.issue(f"proj:{name}:{role}", lifetime(call), token_id)
    projects.add_token(call.store, name, role, issued.stored)
    return {"token": issued.token}


def delete_token(call: Call) -> Answer:
    """DELETE /api/v1/projects/{project}/roles/{role}/token/{iat}; twice is no error."""
    name, role = call.param("project"), call.param("role")
    project = projects.get(call.store, name)
    if projects.role_of(project, role) is None:
        return {}
    call.require("projects", "update", name)
    issued_at = call.param("iat")
    if not issued_at.lstrip("-").isdecimal():
        raise errors.invalid_argument(f"type mismatch, parameter: iat, error: {issued_at}")
    projects.remove_token(call.store, name, role, int(issued_at), call.text("id"))
    return {}


def _told(project: Obj) -> Answer:
    """Without kind and apiVersion, which protobuf does not carry."""
    return {key: value for key, value in project.items() if key not in ("kind", "apiVersion")}
