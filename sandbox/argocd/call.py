"""Call: one request to the API, with who asks; and what turns answers and errors into HTTP."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.argocd import errors, rbac
from sandbox.argocd.controller import Controller
from sandbox.argocd.errors import GrpcError
from sandbox.argocd.tokens import Claims, Sessions
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.store import Store

_COOKIE = "argocd.token"
_BODY_LIMIT = 1_000_000


@dataclass(frozen=True)
class Server:
    """What every call works on."""

    store: Store
    sessions: Sessions
    controller: Controller
    version: str


@dataclass(frozen=True)
class Call:
    """A request whose bearer is known; `claims` is empty where anybody may ask."""

    server: Server
    request: Request
    claims: Claims
    body: Mapping[str, Any]

    @property
    def store(self) -> Store:
        """The cluster's objects."""
        return self.server.store

    @property
    def subject(self) -> str:
        """Who asks: an account's name or `proj:<project>:<role>`."""
        return str(self.claims.get("sub", ""))

    def param(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        """A query parameter; empty when it is not there."""
        return self.request.query_params.get(name, "")

    def text(self, name: str) -> str:
        """A field of the body, else of the query; empty when it is in neither."""
        value = self.body.get(name)
        return str(value) if value else self.query(name)

    def may(self, resource: str, action: str, obj: str) -> bool:
        """Whether the bearer is allowed to."""
        return rbac.allows(self.store, self.claims, rbac.Request(resource, action, obj))

    def require(self, resource: str, action: str, obj: str) -> None:
        """Raises GrpcError PermissionDenied when the bearer is not allowed to."""
        rbac.require(self.store, self.claims, rbac.Request(resource, action, obj))


Handler = Callable[[Call], Any]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(server: Server, handler: Handler, *, public: bool = False) -> Endpoint:
    """An ASGI endpoint of a handler; a public one gets empty claims for a bad token."""

    async def answer(request: Request) -> Response:
        try:
            if not is_acceptable(request):
                return unsupported()
            claims = _claims(server, request, public=public)
            call = Call(server, request, claims, await _body(request))
            return JSONResponse(handler(call))
        except GrpcError as error:
            return failure(error)
        except ApiError as error:
            return failure(_of_kubernetes(error))

    return answer


def is_acceptable(request: Request) -> bool:
    """Whether a request that may change something says that it is JSON, in just these words."""
    given = request.headers.get("content-type", "").lower()
    return request.method in ("GET", "HEAD") or given == "application/json"


def unsupported() -> Response:
    """The answer to one that does not, in plain text."""
    return Response("Invalid content type\n", 415, media_type="text/plain")


def failure(error: GrpcError) -> JSONResponse:
    """The answer to a call that failed."""
    return JSONResponse(error.body(), error.status)


def _claims(server: Server, request: Request, *, public: bool) -> Claims:
    token = _token(request)
    try:
        if not token:
            raise errors.unauthenticated("no session information")
        return server.sessions.verify(token)
    except GrpcError:
        if public:
            return {}
        raise


def _token(request: Request) -> str:
    """The bearer's token, if it has three parts; else the web interface's cookie."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if given.count(".") == 2:
        return given
    cookie = request.cookies.get(_COOKIE, "")
    return cookie if cookie.count(".") == 2 else ""


async def _body(request: Request) -> Mapping[str, Any]:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _BODY_LIMIT:
            raise errors.invalid_argument("request body too large")
    if not content.strip():
        return {}
    try:
        document = json.loads(content)
    except ValueError:
        shown = content.strip()[:1].decode(errors="replace")
        told = f"invalid character '{shown}' looking for beginning of value"
        raise errors.invalid_argument(told) from None
    if not isinstance(document, dict):
        raise errors.invalid_argument("json: cannot unmarshal into Go value")
    return document


def _of_kubernetes(error: ApiError) -> GrpcError:
    """What the API server refused; a status of its own only where there is one in gRPC."""
    makers = {404: errors.not_found, 403: errors.permission_denied, 422: errors.invalid_argument}
    return makers.get(error.status, errors.unknown)(error.message)
