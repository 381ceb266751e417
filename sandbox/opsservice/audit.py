"""Audit log entries (`internal/service/audit_log_service.go`): failing to write one is logged."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sandbox.opsservice.context import Context
from sandbox.opsservice.http import Request
from sandbox.opsservice.pgtext import DatabaseError
from sandbox.opsservice.zaplog import Site

_INSERT = """
INSERT INTO "audit_logs" ("id","user_id","user_email","action","resource_type","resource_id",
"details","ip_address","user_agent","created_at") VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,now())"""


@dataclass(frozen=True)
class Action:
    """What was done to what."""

    action: str
    resource_type: str
    resource_id: str
    details: str


async def record(
    context: Context,
    user: tuple[str, str],
    action: Action,
    request: Request | None = None,
) -> None:
    """Writes one entry for `user` (id, email), with the asker's address where it is known."""
    try:
        await context.database.execute(
            _INSERT,
            uuid.uuid4(),
            uuid.UUID(user[0]),
            user[1],
            action.action,
            action.resource_type,
            action.resource_id,
            action.details,
            request.client_ip if request else "",
            request.headers.get("user-agent", "") if request else "",
        )
    except DatabaseError as error:
        fields = {
            "error": str(error),
            "action": action.action,
            "resourceType": action.resource_type,
            "resourceID": action.resource_id,
        }
        context.log.error(_site(with_request=request is not None), _FAILED, fields)


_FAILED = "Failed to create audit log"


def _site(*, with_request: bool) -> Site:
    line, function = (60, "LogWithContext") if with_request else (37, "Log")
    go = f"ops-service/internal/service.(*AuditLogService).{function}"
    return Site(f"service/audit_log_service.go:{line}", go)
