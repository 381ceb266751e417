"""The access line of every request (`packages/…/middleware/logger.go`), probes included."""

from __future__ import annotations

import secrets

from sandbox.opsservice.http import Request, Response
from sandbox.opsservice.zaplog import Site, ZapLogger

TRACE_ID = "trace_id"
SPAN_ID = "span_id"
REQUEST_ID = "http.request_id"
DURATION = "http.duration"

_PACKAGE = "/app/packages/wealist-advanced-go-pkg"
_GO = "github.com/OrangesCloud/wealist-advanced-go-pkg/middleware"


def _site(line: int) -> Site:
    return Site(f"middleware/logger.go:{line}", f"{_GO}.LoggerWithTracing.func1", _PACKAGE)


_ERROR, _WARN, _INFO = _site(158), _site(160), _site(162)
PANIC = Site("middleware/recovery.go:24", f"{_GO}.Recovery.func1.1", _PACKAGE)


def access(
    log: ZapLogger, request: Request, response: Response, route: str, duration_s: float
) -> None:
    """Logs one request; `route` is its pattern, empty for an unknown path."""
    fields: dict[str, object] = {
        TRACE_ID: secrets.token_hex(16),
        SPAN_ID: secrets.token_hex(8),
        "trace_sampled": True,
        REQUEST_ID: request.id,
        "http.method": request.method,
        "http.route": route,
        "http.target": request.path,
        "http.status_code": response.status,
        DURATION: round(duration_s, 9),
        "http.client_ip": request.client_ip,
        "http.user_agent": request.headers.get("user-agent", ""),
        "http.query": request.query,
        "http.response_content_length": response.size,
    }
    if request.user_id:
        fields["enduser.id"] = request.user_id
    if response.error:
        fields["error.message"] = response.error
    if response.status >= 500:
        log.error(_ERROR, "Server error", fields)
    elif response.status >= 400:
        log.warn(_WARN, "Client error", fields)
    else:
        log.info(_INFO, "Request completed", fields)


def panicked(log: ZapLogger, request: Request, value: str) -> None:
    """Logs a panic; there is no access line for such a request."""
    stack = PANIC.stacktrace()
    fields = {
        "request_id": request.id,
        "error": value,
        "stack": f"goroutine 4711 [running]:\nruntime/debug.Stack()\n{stack}\n",
        "path": request.path,
        "method": request.method,
    }
    log.error(PANIC, "Panic recovered", fields)
