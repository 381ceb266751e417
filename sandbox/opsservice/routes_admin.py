"""Audit logs and application configuration: `audit_handler.go` and `config_handler.go`."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sandbox.opsservice import audit
from sandbox.opsservice.context import Context
from sandbox.opsservice.database import Row
from sandbox.opsservice.http import Request, Response, failure, internal_error, send_json, success
from sandbox.opsservice.pgtext import DatabaseError
from sandbox.opsservice.rows import audit_response, config_response
from sandbox.opsservice.zaplog import Site

_CONFIGS = """
SELECT * FROM "app_configs" WHERE "app_configs"."deleted_at" IS NULL ORDER BY key"""
_CONFIG_BY_ID = """
SELECT * FROM "app_configs" WHERE id = $1 AND "app_configs"."deleted_at" IS NULL
ORDER BY "app_configs"."id" LIMIT 1"""
_CONFIG_BY_KEY = """
SELECT count(*) AS count FROM "app_configs"
WHERE key = $1 AND "app_configs"."deleted_at" IS NULL"""
_CREATE = """
INSERT INTO "app_configs" ("id","created_at","updated_at","key","value","description","is_active",
"updated_by") VALUES ($1,now(),now(),$2,$3,$4,true,$5)"""
_UPDATE = """
UPDATE "app_configs" SET "updated_at"=now(),"value"=$2,"description"=$3,"is_active"=$4,
"updated_by"=$5 WHERE "id" = $1"""
_DELETE = 'UPDATE "app_configs" SET "deleted_at"=now() WHERE "id" = $1'
_FILTERS = {"resource_type": "resource_type = ", "action": "action = "}
_TIMES = {"start_time": "created_at >= ", "end_time": "created_at <= "}


async def audit_logs(context: Context, request: Request) -> Response:
    """GET admin/audit-logs: page and limit come back as they were asked for."""
    page = _integer(request.query_value("page", "1"))
    limit = _integer(request.query_value("limit", "20"))
    where, args = _audit_filter(request)
    size, start = max(limit, 0) or 20, max(page, 1) - 1
    listing = f" ORDER BY created_at DESC LIMIT {size} OFFSET {start * size}"
    try:
        counted = await context.database.row(
            f'SELECT count(*) AS count FROM "audit_logs"{where}',  # noqa: S608  # our own words
            *args,
        )
        rows = await context.database.fetch(
            f'SELECT * FROM "audit_logs"{where}{listing}',  # noqa: S608  # our own words
            *args,
        )
    except DatabaseError:
        return internal_error()
    page_of = {"page": page, "limit": limit, "total": counted["count"] if counted else 0}
    data = [audit_response(row) for row in rows]
    return send_json(200, {"success": True, "data": data, **page_of})


async def audit_log(context: Context, request: Request) -> Response:
    """GET admin/audit-logs/:id: one that is not there is a 500, nobody maps that error."""
    try:
        wanted = uuid.UUID(request.params["id"])
        row = await context.database.row('SELECT * FROM "audit_logs" WHERE id = $1', wanted)
    except ValueError:
        return failure(400, "Invalid audit log ID")
    except DatabaseError:
        return internal_error()
    return success(audit_response(row)) if row else internal_error()


async def configs(context: Context, _request: Request) -> Response:
    """GET admin/config and pm/config."""
    try:
        rows = await context.database.fetch(_CONFIGS)
    except DatabaseError:
        return internal_error()
    return success([config_response(row) for row in rows])


async def create_config(context: Context, request: Request) -> Response:
    """POST admin/config and pm/config."""
    body = _body(request, "key", "value")
    if body is None:
        return failure(400, "Invalid request body")
    entry, user = uuid.uuid4(), request.portal_user
    values = (body["key"], body["value"], str(body.get("description", "")))
    try:
        same = await context.database.row(_CONFIG_BY_KEY, body["key"])
        if same and same["count"]:
            return failure(409, "Config key already exists")
        await context.database.execute(_CREATE, entry, *values, user["id"])
        row = await context.database.row(_CONFIG_BY_ID, entry)
    except DatabaseError:
        return internal_error()
    await _record(context, user, "create", str(entry), f"Created config: {body['key']}")
    _tell(context, 82, "App config created", {"key": body["key"], "createdBy": user["email"]})
    return send_json(201, {"success": True, "data": config_response(row or {})})


async def update_config(context: Context, request: Request) -> Response:
    """PUT admin/config/:id and pm/config/:id."""
    entry = _uuid(request.params["id"])
    if entry is None:
        return failure(400, "Invalid config ID")
    body = _body(request, "value")
    if body is None:
        return failure(400, "Invalid request body")
    user = request.portal_user
    try:
        old = await context.database.row(_CONFIG_BY_ID, entry)
        if old is None:
            return failure(404, "Config not found")
        active = old["is_active"] if body.get("isActive") is None else bool(body["isActive"])
        description = str(body.get("description", ""))
        values = (body["value"], description, active, user["id"])
        await context.database.execute(_UPDATE, entry, *values)
        row = await context.database.row(_CONFIG_BY_ID, entry)
    except DatabaseError:
        return internal_error()
    changed = " (value changed)" if old["value"] != body["value"] else ""
    await _record(context, user, "update", str(entry), f"Updated config: {old['key']}{changed}")
    _tell(context, 119, "App config updated", {"key": old["key"], "updatedBy": user["email"]})
    return success(config_response(row or {}))


async def delete_config(context: Context, request: Request) -> Response:
    """DELETE admin/config/:id: a soft delete."""
    entry, user = _uuid(request.params["id"]), request.portal_user
    if entry is None:
        return failure(400, "Invalid config ID")
    try:
        old = await context.database.row(_CONFIG_BY_ID, entry)
        if old is None:
            return failure(404, "Config not found")
        await context.database.execute(_DELETE, entry)
    except DatabaseError:
        return internal_error()
    await _record(context, user, "delete", str(entry), f"Deleted config: {old['key']}")
    _tell(context, 144, "App config deleted", {"key": old["key"], "deletedBy": user["email"]})
    return Response(204, counted=False)


def _audit_filter(request: Request) -> tuple[str, list[Any]]:
    """The WHERE clause and its values; a filter that cannot be read is left out."""
    wanted: list[tuple[str, Any]] = []
    user_id = _uuid(request.query_value("user_id"))
    if user_id is not None:
        wanted.append(("user_id = ", user_id))
    for name, condition in _FILTERS.items():
        if request.query_value(name):
            wanted.append((condition, request.query_value(name)))
    for name, condition in _TIMES.items():
        moment = _moment(request.query_value(name))
        if moment is not None:
            wanted.append((condition, moment))
    terms = [f"{condition}${at}" for at, (condition, _) in enumerate(wanted, start=1)]
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    return where, [value for _, value in wanted]


def _body(request: Request, *required: str) -> dict[str, Any] | None:
    """The body where it is an object with these texts in it, else None."""
    try:
        body = dict(request.json())
    except ValueError:
        return None
    complete = all(isinstance(body.get(name), str) and body[name] for name in required)
    return body if complete else None


async def _record(context: Context, user: Row, verb: str, entry: str, details: str) -> None:
    action = audit.Action(verb, "app_config", entry, details)
    await audit.record(context, (str(user["id"]), user["email"]), action)


def _tell(context: Context, line: int, message: str, fields: dict[str, Any]) -> None:
    go = "ops-service/internal/service.(*AppConfigService)"
    context.log.info(Site(f"service/app_config_service.go:{line}", go), message, fields)


def _integer(text: str) -> int:
    return int(text) if text.removeprefix("-").isdecimal() else 0


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
