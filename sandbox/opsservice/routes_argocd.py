"""Applications, deployments and Argo CD's RBAC (`argocd_handler.go`, `argocd_rbac_service.go`).

Without a token the client is nil: 200 with `null` and a warning. Without a Kubernetes client the
whole service object is nil: a panic, even with a good token.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.opsservice.argocd import ArgoCDClient, part
from sandbox.opsservice.context import Context
from sandbox.opsservice.gohttp import GoError
from sandbox.opsservice.http import Panic, Request, Response, failure, success
from sandbox.opsservice.zaplog import Site

_RBAC_CONFIG_MAP = "argocd-rbac-cm"
_ADMIN = re.compile(r"g,\s*([^,]+),\s*role:admin")
_NO_EMAIL = "Key: 'AddAdminRequest.Email' Error:Field validation for 'Email' failed on the"
_NO_NAME = "Key: 'SyncApplicationRequest.Name' Error:Field validation for 'Name' failed on the"


def _handler(line: int, function: str) -> Site:
    go = f"ops-service/internal/handler.(*ArgoCDHandler).{function}"
    return Site(f"handler/argocd_handler.go:{line}", go)


def _service(line: int, function: str) -> Site:
    go = f"ops-service/internal/service.(*ArgoCDRBACService).{function}"
    return Site(f"service/argocd_rbac_service.go:{line}", go)


async def applications(context: Context, _request: Request) -> Response:
    """GET monitoring/applications."""
    client = _client(context, _service(135, "GetApplications"))
    if client is None:
        return success(None)
    try:
        found = await client.applications()
    except GoError as error:
        problem = {"error": str(error)}
        service = _service(141, "GetApplications")
        context.log.error(service, "Failed to get ArgoCD applications", problem)
        handler = _handler(155, "GetApplications")
        context.log.error(handler, "Failed to get applications", problem)
        return failure(500, "Failed to get ArgoCD applications")
    return success([_row(one) for one in found] or None)


async def deployments(context: Context, _request: Request) -> Response:
    """GET monitoring/deployments/history: 1 call and one per Application."""
    name = "GetDeploymentHistory"
    sites = (_service(184, name), _service(190, name), _handler(234, name))
    client = _client(context, sites[0])
    if client is None:
        return success(None)
    return await _history(context, client.all_history, "Failed to get deployment history", sites)


async def application_deployments(context: Context, request: Request) -> Response:
    """GET monitoring/deployments/:appName/history."""
    name = "GetApplicationDeploymentHistory"
    sites = (_service(200, name), _service(206, name), _handler(260, name))
    client = _client(context, sites[0])
    if client is None:
        return success(None)
    application = request.params["appName"]
    return await _history(
        context,
        lambda: client.history(application),
        "Failed to get application deployment history",
        sites,
        {"app": application},
    )


async def sync(_context: Context, request: Request) -> Response:
    """POST monitoring/applications/sync: always 401, it looks for the user under another key."""
    return _body_then_401(request, "name", _NO_NAME)


async def add_admin(_context: Context, request: Request) -> Response:
    """POST admin/argocd/rbac/admins: always 401, for the same reason."""
    return _body_then_401(request, "email", _NO_EMAIL)


async def remove_admin(_context: Context, _request: Request) -> Response:
    """DELETE admin/argocd/rbac/admins/:email: always 401, for the same reason."""
    return failure(401, "User not authenticated")


async def rbac(context: Context, _request: Request) -> Response:
    """GET admin/argocd/rbac: from ConfigMap argocd-rbac-cm."""
    if not context.kubernetes:
        raise Panic("runtime error: invalid memory address or nil pointer dereference")
    namespace = context.config.argocd_namespace
    data = context.read_config_map(namespace, _RBAC_CONFIG_MAP)
    if data is None:
        reason = f'failed to get {_RBAC_CONFIG_MAP}: configmaps "{_RBAC_CONFIG_MAP}" not found'
        problem = {"error": reason}
        context.log.error(_service(71, "GetRBAC"), "Failed to get ArgoCD RBAC config", problem)
        context.log.error(_handler(38, "GetRBAC"), "Failed to get RBAC", problem)
        return failure(500, "Failed to get ArgoCD RBAC configuration")
    policy = data.get("policy.csv", "")
    return success(
        {
            "namespace": namespace,
            "adminUsers": _ADMIN.findall(policy) or None,
            "policyCSV": policy,
            "defaultRole": data.get("policy.default", ""),
            "scopes": data.get("scopes", ""),
        }
    )


def _client(context: Context, site: Site) -> ArgoCDClient | None:
    """The client, or None with a warning. Panics where the service object itself is nil."""
    if not context.kubernetes:
        raise Panic("runtime error: invalid memory address or nil pointer dereference")
    if context.argocd is None:
        context.log.warn(site, "ArgoCD client not configured")
    return context.argocd


async def _history(
    context: Context,
    ask: Callable[[], Awaitable[list[dict[str, str]]]],
    message: str,
    sites: tuple[Site, Site, Site],
    fields: dict[str, Any] | None = None,
) -> Response:
    try:
        entries = await ask()
    except GoError as error:
        problem = {**(fields or {}), "error": str(error)}
        context.log.error(sites[1], message, problem)
        context.log.error(sites[2], message, problem)
        return failure(500, message)
    return success(entries or None)


def _row(application: Any) -> dict[str, str]:
    status = application.get("status") or {}
    return {
        "name": part(application, "metadata", "name"),
        "namespace": part(application, "metadata", "namespace"),
        "project": part(application, "spec", "project"),
        "sync": part(status, "sync", "status"),
        "health": part(status, "health", "status"),
    }


def _body_then_401(request: Request, field: str, complaint: str) -> Response:
    if not request.body:
        return failure(400, "Invalid request: EOF")
    try:
        value = request.json().get(field)
    except ValueError:
        return failure(400, "Invalid request: invalid character in JSON")
    if not value:
        return failure(400, f"Invalid request: {complaint} 'required' tag")
    return failure(401, "User not authenticated")
