"""Projects: their roles, and the tokens of a role.

Source: Argo CD `pkg/apis/application/v1alpha1/app_project_types.go` and `server/project`.
Tokens are looked for in `status.jwtTokensByRole`; `spec.roles[].jwtTokens` is the older copy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.argocd import errors
from sandbox.argocd.accounts import NAMESPACE, StoredToken
from sandbox.kubernetes.store import Obj, Store

_MANAGER = "argocd-server"


def get(store: Store, name: str) -> Obj:
    """An AppProject. Raises GrpcError NotFound, worded as the API server words it."""
    project = store.find("AppProject", NAMESPACE, name)
    if project is None:
        raise errors.not_found(f'appprojects.argoproj.io "{name}" not found')
    return project


def role_of(project: Obj, role: str) -> Obj | None:
    """A role of the project."""
    roles: list[Obj] = project["spec"].get("roles") or []
    return next((one for one in roles if one["name"] == role), None)


def policies(project: Obj) -> str:
    """The policies of all roles, and what every role may do: get its own project."""
    name = project["metadata"]["name"]
    lines: list[str] = []
    for role in project["spec"].get("roles") or []:
        subject = f"proj:{name}:{role['name']}"
        lines.append(f"p, {subject}, projects, get, {name}, allow")
        lines += role.get("policies") or []
        lines += [f"g, {group}, {subject}" for group in role.get("groups") or []]
    return "\n".join(lines)


def tokens(project: Obj, role: str) -> tuple[StoredToken, ...]:
    """The tokens that were issued for a role and not deleted."""
    by_role = (project.get("status") or {}).get("jwtTokensByRole") or {}
    items = (by_role.get(role) or {}).get("items") or []
    return tuple(StoredToken.parse(item) for item in items)


def find_token(project: Obj, role: str, issued_at: int, token_id: str) -> StoredToken | None:
    """By its id, else by when it was issued."""
    stored = tokens(project, role)
    by_id = (one for one in stored if token_id and one.id == token_id)
    by_time = (one for one in stored if one.issued_at == issued_at)
    return next(by_id, None) or next(by_time, None)


def add_token(store: Store, project: str, role: str, token: StoredToken) -> None:
    """Remembers a token that was issued."""
    _change(store, project, role, lambda items: [*items, token.json()])


def remove_token(store: Store, project: str, role: str, issued_at: int, token_id: str = "") -> None:
    """Forgets a token, so that it is refused; one that is not there is no error."""

    def keep(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if token_id:
            return [item for item in items if item.get("id") != token_id]
        return [item for item in items if item.get("iat") != issued_at]

    _change(store, project, role, keep)


def _change(
    store: Store,
    project: str,
    role: str,
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
) -> None:
    def write(obj: Obj) -> None:
        by_role = obj.setdefault("status", {}).setdefault("jwtTokensByRole", {})
        items = change((by_role.get(role) or {}).get("items") or [])
        by_role[role] = {"items": items}
        stored = role_of(obj, role)
        if stored is not None:
            stored["jwtTokens"] = items

    store.change("AppProject", NAMESPACE, project, write, manager=_MANAGER)
