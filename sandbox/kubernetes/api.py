"""The API server's stand-in: authenticates, authorizes and hands each request to its part."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from sandbox.kubernetes import (
    discovery,
    errors,
    openapi,
    podlog,
    portforward,
    proxy,
    reading,
    requestinfo,
    reviews,
    scale,
    writing,
)
from sandbox.kubernetes.access import Access, Attributes
from sandbox.kubernetes.call import Backend, Call, Refuse, json_response, media_type, parse_body
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.requestinfo import RequestInfo
from sandbox.kubernetes.resources import by_path
from sandbox.kubernetes.store import Store
from sandbox.network import Network

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_HEALTH = ("/healthz", "/livez", "/readyz")
_PORTFORWARD = "/api/v1/namespaces/{namespace}/pods/{pod}/portforward"


def kubernetes_app(
    store: Store,
    logs: Logs,
    network: Network,
    access: Access,
    refuse: Refuse = lambda _: None,
) -> Starlette:
    """The application to serve over HTTPS. `refuse` is what admission policies say of a pod."""
    backend = Backend(store, logs, network, access, refuse)

    async def answer(request: Request) -> Response:
        try:
            return await _answer(backend, request)
        except ApiError as error:
            return json_response(error.body(), error.status)

    async def forward(socket: WebSocket) -> None:
        try:
            await _forward(backend, socket)
        except ApiError as error:
            await socket.send_denial_response(json_response(error.body(), error.status))

    return Starlette(
        routes=[
            WebSocketRoute(_PORTFORWARD, forward),
            Route("/{path:path}", answer, methods=_METHODS),
        ]
    )


async def _answer(backend: Backend, request: Request) -> Response:
    path = request.url.path
    if path in _HEALTH or path == "/version":
        return _public(path)
    user = _user(backend, request.headers.get("authorization", ""))
    info = requestinfo.parse(request.method, path, request.query_params)
    if info is None:
        return _non_resource(backend, user, request)
    if not backend.access.permits(user, info.attributes):
        raise errors.forbidden(user, info.attributes)
    if info.group.startswith("auth") and request.method == "POST":
        return await _review(backend, user, info, request)
    resource = by_path(info.group, info.version, info.resource)
    if resource is None:
        return _page_not_found()
    return await _dispatch(Call(backend, request, info, resource, user))


def _user(backend: Backend, authorization: str) -> str:
    user = backend.access.user_of(authorization)
    if user is None:
        raise errors.unauthorized()
    return user


def _public(path: str) -> Response:
    """What everybody may read, without a token."""
    if path == "/version":
        return json_response(discovery.VERSION)
    return PlainTextResponse("ok")


def _non_resource(backend: Backend, user: str, request: Request) -> Response:
    path = request.url.path
    if not backend.access.permits_path(user, path):
        raise errors.forbidden_path(user, request.method.lower(), path)
    accept = request.headers.get("accept", "")
    if path == "/openapi/v2" and accept.startswith(openapi.V2_PROTOBUF):
        # An empty message is an empty document; a JSON one is taken for protobuf by kubectl.
        return Response(b"", media_type=openapi.V2_PROTOBUF)
    document = discovery.document(path.rstrip("/") or "/")
    return json_response(document) if document is not None else _page_not_found()


def _page_not_found() -> Response:
    return PlainTextResponse("404 page not found\n", 404)


async def _review(backend: Backend, user: str, info: RequestInfo, request: Request) -> Response:
    review = parse_body(await request.body(), media_type(request))
    answered = reviews.answer(backend.access, user, info.resource, review)
    return json_response(answered, 201) if answered is not None else _page_not_found()


async def _dispatch(call: Call) -> Response:
    if call.info.subresource:
        return await _subresource(call)
    verb = call.info.verb
    if verb == "get" and requestinfo.truthy(call.query.get("watch")):
        return reading.watch_(call)
    if verb in ("get", "list", "watch"):
        read = {"get": reading.get, "list": reading.list_, "watch": reading.watch_}[verb]
        return read(call)
    named = bool(call.info.name)
    write = {
        ("create", False): writing.create,
        ("update", True): writing.update,
        ("patch", True): writing.patch_,
        ("delete", True): writing.delete,
        ("deletecollection", False): writing.delete_collection,
    }.get((verb, named))
    if write is None:
        raise errors.method_not_allowed()
    return await write(call)


async def _subresource(call: Call) -> Response:
    name, verb, kind = call.info.subresource, call.info.verb, call.resource.kind
    if name == "proxy" and kind in ("Pod", "Service"):
        return await proxy.answer(call)
    if name == "log" and kind == "Pod" and verb == "get":
        return podlog.answer(call)
    if name == "portforward" and kind == "Pod":
        raise errors.bad_request("Upgrade request required")
    has = {"status": call.resource.status, "scale": call.resource.scale}.get(name, False)
    if not has:
        return _page_not_found()
    if verb == "get":
        obj = call.store.get(kind, call.info.namespace or None, call.info.name)
        return json_response(scale.of(call.resource, obj) if name == "scale" else obj)
    write = {"update": writing.update, "patch": writing.patch_}.get(verb)
    if write is None:
        raise errors.method_not_allowed()
    return await write(call)


async def _forward(backend: Backend, socket: WebSocket) -> None:
    user = _user(backend, socket.headers.get("authorization", ""))
    namespace, pod = socket.path_params["namespace"], socket.path_params["pod"]
    asked = Attributes("get", "", "pods", "portforward", namespace, pod)
    if not backend.access.permits(user, asked):
        raise errors.forbidden(user, asked)
    await portforward.forward(socket, backend, namespace, pod)
