"""Routes of the session and of accounts. Source: Argo CD `server/session`, `server/account`."""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.argocd import accounts, errors, rbac
from sandbox.argocd.accounts import Account
from sandbox.argocd.call import Call
from sandbox.argocd.errors import GrpcError
from sandbox.argocd.tokens import ISSUER

Answer = dict[str, Any]


def version(call: Call) -> Answer:
    """GET /api/version: more for whoever is logged in."""
    told = {"Version": call.server.version}
    if not call.claims:
        return told
    return told | {"GitTreeState": "clean", "GoVersion": "go1.21.3", "Platform": "linux/amd64"}


def settings(call: Call) -> Answer:
    """GET /api/v1/settings: what the login page needs, so without a token."""
    found = call.store.find("ConfigMap", accounts.NAMESPACE, accounts.CONFIG) or {}
    data = found.get("data") or {}
    told: Answer = {
        "url": data.get("url", ""),
        "appLabelKey": "app.kubernetes.io/instance",
        "trackingMethod": data.get("application.resourceTrackingMethod", "label"),
        "controllerNamespace": accounts.NAMESPACE,
        "statusBadgeEnabled": False,
        "userLoginsDisabled": False,
        "passwordPattern": "^.{8,32}$",
    }
    if "dex.config" in data:
        told["dexConfig"] = {"connectors": [{"name": "Google", "type": "google"}]}
    return told


def login(call: Call) -> Answer:
    """POST /api/v1/session: no account has a password here, as after ESO took it away."""
    if not call.body.get("password"):
        raise errors.unauthenticated("Blank passwords are not allowed")
    raise errors.unauthenticated("Invalid username or password")


def userinfo(call: Call) -> Answer:
    """GET /api/v1/session/userinfo: an empty object for a bad token, and never 401."""
    if not call.claims:
        return {}
    return {"loggedIn": True, "username": call.subject, "iss": ISSUER}


def list_accounts(call: Call) -> Answer:
    """GET /api/v1/account: those the bearer may get, itself always."""
    found = accounts.all_accounts(call.store)
    items = [_told(found[name]) for name in sorted(found) if _allowed(call, "get", name)]
    return {"items": items or None}


def get_account(call: Call) -> Answer:
    """GET /api/v1/account/{name}."""
    name = call.param("name")
    _require(call, "get", name, f"permission denied to get account {name}")
    try:
        return _told(accounts.get(call.store, name))
    except GrpcError as error:
        raise error.within(f"failed to get account {name}") from None


def can_i(call: Call) -> Answer:
    """GET /api/v1/account/can-i/{resource}/{action}/{subresource}: yes or no."""
    resource, action = call.param("resource"), call.param("action")
    for known, asked in ((rbac.ACTIONS, action), (rbac.RESOURCES, resource)):
        if asked not in known:
            raise errors.invalid_argument(f"[{' '.join(known)}] does not contain {asked}")
    allowed = call.may(resource, action, call.param("subresource"))
    return {"value": "yes" if allowed else "no"}


def create_token(call: Call) -> Answer:
    """POST /api/v1/account/{name}/token with `id` and `expiresIn` seconds, 0 for never."""
    name = call.param("name")
    _require(call, "update", name, f"permission denied to create token for account {name}")
    token_id = str(call.body.get("id") or uuid.uuid4())
    try:
        account = accounts.get(call.store, name)
        if account.has_token(token_id):
            raise errors.unknown(f"account already has token with id '{token_id}'")
        if "apiKey" not in account.capabilities:
            raise errors.unknown(f"account '{name}' does not have apiKey capability")
    except GrpcError as error:
        raise _within(error, "failed to update account with new token") from None
    issued = call.server.sessions.issue(f"{name}:apiKey", lifetime(call), token_id)
    accounts.save_tokens(call.store, name, (*account.tokens, issued.stored))
    return {"token": issued.token}


def delete_token(call: Call) -> Answer:
    """DELETE /api/v1/account/{name}/token/{id}."""
    name, token_id = call.param("name"), call.param("id")
    _require(call, "update", name, f"permission denied to delete account {name}")
    try:
        account = accounts.get(call.store, name)
        if not account.has_token(token_id):
            raise errors.not_found(f"token with id '{token_id}' does not exist")
    except GrpcError as error:
        raise error.within(f"failed to delete account {name}") from None
    kept = tuple(token for token in account.tokens if token.id != token_id)
    accounts.save_tokens(call.store, name, kept)
    return {}


def lifetime(call: Call) -> float | None:
    """`expiresIn` in seconds, which JSON carries as a number or as text; None is for ever.

    Raises GrpcError InvalidArgument.
    """
    given = call.body.get("expiresIn") or 0
    try:
        seconds = int(given)
    except (TypeError, ValueError):
        raise errors.invalid_argument("json: cannot unmarshal expiresIn into int64") from None
    return float(seconds) if seconds > 0 else None


def _told(account: Account) -> Answer:
    newest = sorted(account.tokens, key=lambda token: -token.issued_at)
    tokens = [
        {"id": token.id, "issuedAt": str(token.issued_at)}
        | ({"expiresAt": str(token.expires_at)} if token.expires_at else {})
        for token in newest
    ]
    return {
        "name": account.name,
        "enabled": account.enabled,
        "capabilities": list(account.capabilities) or None,
        "tokens": tokens or None,
    }


def _allowed(call: Call, action: str, name: str) -> bool:
    return call.subject == name or call.may("accounts", action, name)


def _require(call: Call, action: str, name: str, context: str) -> None:
    """An account may always do it to itself. Raises GrpcError PermissionDenied."""
    if call.subject == name:
        return
    try:
        call.require("accounts", action, name)
    except GrpcError as error:
        inner = error.within(f"permission denied for account {name} with action {action}")
        raise GrpcError(inner.code, f"{context}: {inner.message}") from None


def _within(error: GrpcError, context: str) -> GrpcError:
    """A plain Go error has no `rpc error:` in front of its words."""
    if error.status == 500:
        return errors.unknown(f"{context}: {error.message}")
    return error.within(context)
