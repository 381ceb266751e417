"""Requests, responses and routes, as gin has them, on plain ASGI."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from sandbox.opsservice.context import Context

JSON = "application/json; charset=utf-8"
TEXT = "text/plain"

Row = Mapping[str, Any]


@dataclass
class Request:
    """One request and what the middleware finds out about it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    client_ip: str
    id: str
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)
    user_id: str = ""
    token: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    portal_user: Row = field(default_factory=dict)

    def query_value(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return parse_qs(self.query, keep_blank_values=True).get(name, [default])[0]

    def claim(self, name: str) -> str:
        """A claim of the token that is text, else nothing."""
        value = self.claims.get(name)
        return value if isinstance(value, str) else ""

    def json(self) -> Mapping[str, Any]:
        """The body as an object. Raises ValueError where it is none."""
        value = json.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("not an object")
        return value


@dataclass(frozen=True)
class Response:
    """What is sent back. `size` is what gin's writer counts: -1 before anything was written."""

    status: int
    body: bytes = b""
    content_type: str = ""
    counted: bool = True
    error: str = ""

    @property
    def size(self) -> int:
        """The length as the access line tells it."""
        return len(self.body) if self.counted else -1


class Panic(Exception):
    """A Go panic; the text is that of its value."""


Handler = Callable[["Context", Request], Awaitable[Response]]


@dataclass(frozen=True)
class Route:
    """One route: gin's pattern, the Go handler's name, who may pass, who answers.

    `role` is empty for public routes, `jwt` for any valid token, else `any`, `pm` or `admin`.
    """

    method: str
    pattern: str
    go_handler: str
    handler: Handler
    role: str = ""


class Router:
    """Finds the route of a request: fixed paths first, then patterns."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self.routes = routes
        self._fixed = {(one.method, one.pattern): one for one in routes if ":" not in one.pattern}
        self._patterns = [
            (one.method, re.compile(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", one.pattern)), one)
            for one in routes
            if ":" in one.pattern
        ]

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route and its parameters, or None."""
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed, {}
        for wanted, pattern, route in self._patterns:
            found = pattern.fullmatch(path) if wanted == method else None
            if found:
                return route, found.groupdict()
        return None


def send_json(status: int, value: object) -> Response:
    """A JSON answer written as Go writes it: whole floats as integers, HTML escaped."""
    try:
        text = json.dumps(_go(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        # gin has the status and the type out by then; the infinity in the value is only logged.
        return Response(
            status, b"", JSON, error="Error #01: json: unsupported value: +Inf\n", counted=False
        )
    for letter in "&<>":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Response(status, text.encode(), JSON)


def success(data: object) -> Response:
    """200 with `data`; None is a nil slice, which stays as `null`."""
    return send_json(200, {"success": True, "data": data})


def failure(status: int, message: str) -> Response:
    """ops-service's own error envelope."""
    return send_json(status, {"success": False, "message": message})


def unauthorized(message: str) -> Response:
    """The error envelope of the shared auth middleware."""
    return send_json(401, {"error": {"code": "UNAUTHORIZED", "message": message}})


def internal_error() -> Response:
    """What a service error without a mapping becomes; the cause is logged nowhere."""
    return failure(500, "An internal error occurred")


def _go(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, Mapping):
        return {key: _go(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_go(one) for one in value]
    return value
