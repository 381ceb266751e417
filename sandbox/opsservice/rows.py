"""Database rows as the service's JSON (`ToResponse` of `internal/domain`).

A hand-made table may lack columns; Go then shows its zero values.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.opsservice.database import Row

_NO_TIME = "0001-01-01T00:00:00Z"
_NO_ID = "00000000-0000-0000-0000-000000000000"


def user_response(row: Row) -> Mapping[str, Any]:
    """A portal user; empty `picture` and `lastLoginAt` are left out."""
    shown: dict[str, Any] = {
        "id": _id(row.get("id")),
        "email": row.get("email") or "",
        "name": row.get("name") or "",
        "picture": row.get("picture"),
        "role": row.get("role") or "",
        "isActive": bool(row.get("is_active")),
        "lastLoginAt": _time(row["last_login_at"]) if row.get("last_login_at") else None,
        "createdAt": _time(row.get("created_at")),
    }
    return _without_empty(shown, "picture", "lastLoginAt")


def audit_response(row: Row) -> Mapping[str, Any]:
    """An audit log entry; address and agent are not shown."""
    shown = {
        "id": _id(row.get("id")),
        "userId": _id(row.get("user_id")),
        "userEmail": row.get("user_email") or "",
        "action": row.get("action") or "",
        "resourceType": row.get("resource_type") or "",
        "resourceId": row.get("resource_id") or "",
        "details": row.get("details"),
        "createdAt": _time(row.get("created_at")),
    }
    return _without_empty(shown, "details")


def config_response(row: Row) -> Mapping[str, Any]:
    """A configuration entry."""
    shown = {
        "id": _id(row.get("id")),
        "key": row.get("key") or "",
        "value": row.get("value") or "",
        "description": row.get("description"),
        "isActive": bool(row.get("is_active")),
        "updatedAt": _time(row.get("updated_at")),
    }
    return _without_empty(shown, "description")


def _without_empty(shown: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return {key: value for key, value in shown.items() if key not in names or value}


def _id(value: object) -> str:
    return str(value) if value else _NO_ID


def _time(value: datetime | None) -> str:
    """RFC 3339 with as many decimals as there are, as Go prints it."""
    if value is None:
        return _NO_TIME
    text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{text}Z"
