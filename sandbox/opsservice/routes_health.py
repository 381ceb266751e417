"""Health, metrics and the public configuration: what answers without a token."""

from __future__ import annotations

import asyncio

from sandbox.opsservice.context import Context
from sandbox.opsservice.http import Request, Response, failure, internal_error, send_json, success
from sandbox.opsservice.metrics import CONTENT_TYPE
from sandbox.opsservice.pgtext import DatabaseError
from sandbox.opsservice.rows import config_response

READY_S = 5.0

_ACTIVE = """
SELECT * FROM "app_configs"
WHERE is_active = true AND "app_configs"."deleted_at" IS NULL ORDER BY key"""
_BY_KEY = """
SELECT * FROM "app_configs"
WHERE key = $1 AND "app_configs"."deleted_at" IS NULL ORDER BY "app_configs"."id" LIMIT 1"""


async def metrics(context: Context, _request: Request) -> Response:
    """GET /metrics."""
    return Response(200, context.metrics.text().encode(), CONTENT_TYPE)


async def live(_context: Context, _request: Request) -> Response:
    """GET /health/live: alive is all it says."""
    return send_json(200, {"status": "alive"})


async def ready(context: Context, _request: Request) -> Response:
    """GET /health/ready and /health: the database's ping; nothing else is looked at."""
    database = "ok"
    try:
        async with asyncio.timeout(READY_S):
            await context.database.fetch("SELECT 1")
    except (DatabaseError, TimeoutError):
        database = "disconnected"
    status, word = (200, "ready") if database == "ok" else (503, "not_ready")
    checks = {"database": database, "redis": "not_configured"}
    return send_json(status, {"checks": checks, "status": word})


async def active_config(context: Context, _request: Request) -> Response:
    """GET config/active: key to value of the active entries."""
    try:
        rows = await context.database.fetch(_ACTIVE)
    except DatabaseError:
        return internal_error()
    return success({row["key"]: row["value"] for row in rows})


async def config_by_key(context: Context, request: Request) -> Response:
    """GET config/:key."""
    try:
        row = await context.database.row(_BY_KEY, request.params["key"])
    except DatabaseError:
        return internal_error()
    return success(config_response(row)) if row else failure(404, "Config not found")
