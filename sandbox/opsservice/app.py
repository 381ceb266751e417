"""The service's HTTP side: gin's middleware chain around the routes, as one ASGI application."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING

from sandbox.opsservice import accesslog
from sandbox.opsservice.auth import authenticate
from sandbox.opsservice.context import Context
from sandbox.opsservice.http import Panic, Request, Response, Route, Router, send_json
from sandbox.opsservice.rbac import require_role
from sandbox.opsservice.routes import routes

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

WRITE_TIMEOUT_S = 10.0

_BODY_LIMIT = 1_000_000
_HANG_UP_S = 1.0
_CORS = (
    (b"Access-Control-Allow-Methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    (
        b"Access-Control-Allow-Headers",
        b"Origin, Content-Type, Accept, Authorization, X-Request-ID, X-Workspace-Id",
    ),
    (b"Access-Control-Expose-Headers", b"X-Request-ID"),
    (b"Access-Control-Allow-Credentials", b"true"),
)
_NOT_FOUND = Response(404, b"404 page not found", "text/plain", counted=False)


class OpsApp:
    """Answers requests. Past the write timeout nothing is sent: the connection just closes."""

    def __init__(self, context: Context, *, write_timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self.context = context
        self.router = Router(routes(context.config.base_path))
        self._write_timeout_s = write_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        request = await _read(scope, receive)
        response = await self.respond(request)
        if time.perf_counter() - started > self._write_timeout_s:
            await _hang_up(receive, send)
        else:
            await _write(send, request, response)

    async def respond(self, request: Request) -> Response:
        """Runs a request through the whole chain, access line and metrics included."""
        started = time.perf_counter()
        found = self.router.find(request.method, request.path)
        route, request.params = found if found else (None, {})
        try:
            response = await self._handle(request, route)
        except Panic as panic:
            accesslog.panicked(self.context.log, request, str(panic))
            error = {"code": "INTERNAL_ERROR", "message": "Internal server error"}
            return send_json(500, {"error": error, "requestId": request.id})
        seconds = time.perf_counter() - started
        pattern = route.pattern if route else ""
        if request.method != "OPTIONS":
            path = pattern or request.path
            self.context.metrics.observe(request.method, path, response.status, seconds)
        accesslog.access(self.context.log, request, response, pattern, seconds)
        return response

    async def _handle(self, request: Request, route: Route | None) -> Response:
        if request.method == "OPTIONS":
            return Response(204)
        if route is None:
            return _NOT_FOUND
        refused = await self._refuse(request, route)
        return refused or await route.handler(self.context, request)

    async def _refuse(self, request: Request, route: Route) -> Response | None:
        if not route.role:
            return None
        refused = await authenticate(self.context.validator, request)
        if refused is None and route.role != "jwt":
            refused = await require_role(self.context, request, route.role)
        return refused


async def _read(scope: Scope, receive: Receive) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body = bytearray()
    more = scope["method"] not in ("GET", "HEAD", "OPTIONS")
    while more and len(body) <= _BODY_LIMIT:
        message: Message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    forwarded = headers.get("x-forwarded-for", "").partition(",")[0].strip()
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        client_ip=forwarded or (client[0] if client else ""),
        id=str(uuid.uuid4()),
        body=bytes(body),
    )


async def _write(send: Send, request: Request, response: Response) -> None:
    origin = request.headers.get("origin", "*").encode("latin-1")
    headers = [
        (b"X-Request-Id", request.id.encode()),
        (b"Access-Control-Allow-Origin", origin),
        *_CORS,
    ]
    if response.content_type:
        headers.append((b"Content-Type", response.content_type.encode()))
    if response.status != 204:
        headers.append((b"Content-Length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def _hang_up(receive: Receive, send: Send) -> None:
    """Closes the connection without a word, as Go does once its write deadline has passed.

    ASGI has no message for that: the transport is taken from uvicorn, whose bound method `send`
    is, and its notice of the end awaited so that it does not answer 500 itself.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        return
    transport.close()
    async with asyncio.timeout(_HANG_UP_S):
        while (await receive())["type"] != "http.disconnect":
            pass
