"""A call: one authorized request for a resource, with what answers it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.kubernetes import errors, protobuf
from sandbox.kubernetes.access import Access
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.requestinfo import RequestInfo
from sandbox.kubernetes.resources import Resource
from sandbox.kubernetes.store import Store
from sandbox.network import Network

Obj = dict[str, Any]
Refuse = Callable[[Obj], str | None]
"""Why a webhook denies that object, as it says it; None where it does not."""

_JSON_TYPES = ("", "*/*", "application/json")


@dataclass(frozen=True)
class Backend:
    """What the API server serves from."""

    store: Store
    logs: Logs
    network: Network
    access: Access
    refuse: Refuse = lambda _: None


@dataclass(frozen=True)
class Call:
    """One request, understood and authorized."""

    backend: Backend
    request: Request
    info: RequestInfo
    resource: Resource
    user: str

    @property
    def store(self) -> Store:
        """The objects."""
        return self.backend.store

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters."""
        return self.request.query_params

    @property
    def content_type(self) -> str:
        """The body's media type, without parameters."""
        return media_type(self.request)

    @property
    def manager(self) -> str:
        """Who is recorded as the writer: `fieldManager`, else the user agent's first word."""
        agent = self.request.headers.get("user-agent", "")
        return self.query.get("fieldManager") or agent.partition("/")[0] or "unknown"

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be kept. Raises ApiError 422 for anything but `All`."""
        asked = self.query.get("dryRun")
        if asked not in (None, "", "All"):
            message = f'dryRun: Unsupported value: "{asked}": supported values: "All"'
            raise errors.unprocessable(message)
        return asked == "All"

    async def json(self) -> Any:
        """The body as a JSON value. Raises ApiError 415 or 400."""
        return parse_body(await self.request.body(), self.content_type)

    async def patch(self) -> Any:
        """The patch in the body. Raises ApiError 400."""
        return _parse_json(await self.request.body())


def media_type(request: Request) -> str:
    """A request's `Content-Type` without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_body(body: bytes, content_type: str) -> Any:
    """A body, JSON or Kubernetes' protobuf, as a JSON value. Raises ApiError 415 or 400."""
    if content_type == protobuf.MEDIA_TYPE:
        return protobuf.decode(body)
    if content_type not in _JSON_TYPES:
        raise errors.unsupported_media_type(content_type, ("application/json",))
    return _parse_json(body)


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        message = f"couldn't get version/kind; json parse error: {error}"
        raise errors.bad_request(message) from None


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON answer, compact."""
    content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    return Response(content, status, media_type="application/json")
