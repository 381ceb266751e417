"""monitoring/logs: the viewer over Loki (`internal/handler/logs_handler.go`)."""

from __future__ import annotations

import time
from datetime import datetime

from sandbox.opsservice.context import Context
from sandbox.opsservice.gohttp import GoError
from sandbox.opsservice.http import Request, Response, failure, success
from sandbox.opsservice.loki import LogQuery
from sandbox.opsservice.zaplog import Site

_NS = 1_000_000_000
_HOUR_S = 3600
_DAY_S = 86_400
_LIMIT = 100
_LOGS = Site("handler/logs_handler.go:87", "ops-service/internal/handler.(*LogsHandler).GetLogs")
_SERVICES = Site(
    "handler/logs_handler.go:111", "ops-service/internal/handler.(*LogsHandler).GetServices"
)


async def logs(context: Context, request: Request) -> Response:
    """GET monitoring/logs?service,level,query,start,end,limit; the last hour by default."""
    if context.loki is None:
        return success({"entries": [], "totalCount": 0})
    now = time.time()
    limit = request.query_value("limit")
    query = LogQuery(
        service=request.query_value("service"),
        level=request.query_value("level"),
        text=request.query_value("query"),
        start=_nanoseconds(request.query_value("start"), now - _HOUR_S),
        end=_nanoseconds(request.query_value("end"), now),
        limit=int(limit) if limit.lstrip("-").isdecimal() else _LIMIT,
    )
    try:
        entries = await context.loki.entries(query)
    except GoError as error:
        context.log.error(_LOGS, "Failed to query logs", {"error": str(error)})
        return failure(500, f"Failed to query logs: {error}")
    return success({"entries": entries or None, "totalCount": len(entries)})


async def services(context: Context, _request: Request) -> Response:
    """GET monitoring/logs/services: names seen in the last day."""
    if context.loki is None:
        return success([])
    now = time.time()
    try:
        return success(await context.loki.services(int((now - _DAY_S) * _NS), int(now * _NS)))
    except GoError as error:
        context.log.error(_SERVICES, "Failed to get services", {"error": str(error)})
        return failure(500, f"Failed to get services: {error}")


def _nanoseconds(text: str, default_s: float) -> int:
    """A time as RFC 3339 or epoch seconds; the default where it is neither."""
    try:
        seconds = float(text) if text.isdecimal() else datetime.fromisoformat(text).timestamp()
    except ValueError:
        seconds = default_s
    return int(seconds * _NS)
