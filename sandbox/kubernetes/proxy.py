"""Proxy: the API server's way into services and pods (`…/proxy/…`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from starlette.responses import RedirectResponse, Response, StreamingResponse

from sandbox.kubernetes import errors
from sandbox.kubernetes.call import Call
from sandbox.kubernetes.store import Obj
from sandbox.network import Address

_TIMEOUT_S = 60.0
# /api/v1/namespaces/{namespace}/{services|pods}/{name}/proxy
_PROXY_SEGMENTS = 8
# Authorization is the API server's own and goes no further; the others are of one hop only.
_DROPPED = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


@dataclass(frozen=True)
class _Upstream:
    """Where a proxied request goes: `shown` is the address as messages name it."""

    scheme: str
    address: Address
    shown: str
    mesh: bool


async def answer(call: Call) -> Response:
    """Passes the request on. Raises ApiError 404, or 503 when the target cannot be reached."""
    prefix = _prefix(call)
    if call.info.rest is None:
        query = call.request.url.query
        return RedirectResponse(f"{prefix}/{'?' + query if query else ''}", 301)
    upstream = _upstream(call)
    if upstream.mesh:
        reset = f"read tcp {upstream.shown}: read: connection reset by peer"
        raise errors.service_unavailable(f"error trying to reach service: {reset}")
    client = httpx.AsyncClient(verify=False, timeout=_TIMEOUT_S, trust_env=False)  # noqa: S501  # the API server does not verify backends either
    try:
        sent = client.send(await _request(call, upstream), stream=True)
        response = await _while_connected(call, sent)
    except httpx.HTTPError as error:
        await client.aclose()
        raise errors.service_unavailable(_unreachable(upstream, error)) from None
    headers = _headers(response, prefix, upstream)
    body = _body(client, response)
    return StreamingResponse(body, response.status_code, headers=headers)


async def _while_connected(
    call: Call, sent: Coroutine[None, None, httpx.Response]
) -> httpx.Response:
    """Waits for the answer, but not for longer than the client does."""
    answer = asyncio.ensure_future(sent)
    gone = asyncio.ensure_future(_disconnected(call))
    try:
        await asyncio.wait([answer, gone], return_when="FIRST_COMPLETED")
        if not answer.done():
            raise httpx.ReadError("the client has gone")
        return answer.result()
    finally:
        answer.cancel()
        gone.cancel()


async def _disconnected(call: Call) -> None:
    while (await call.request.receive())["type"] != "http.disconnect":
        pass


def _prefix(call: Call) -> str:
    """The path of this proxy itself, as the client wrote it."""
    return "/".join(_raw_path(call).split("/")[:_PROXY_SEGMENTS])


def _raw_path(call: Call) -> str:
    raw: bytes = call.request.scope.get("raw_path") or call.request.url.path.encode()
    return raw.decode("ascii", "replace").partition("?")[0]


async def _request(call: Call, upstream: _Upstream) -> httpx.Request:
    path = _raw_path(call)[len(_prefix(call)) :]
    query = call.request.url.query
    host, port = upstream.address
    headers = [(k, v) for k, v in call.request.headers.items() if k not in _DROPPED]
    headers += [("host", upstream.shown), ("x-forwarded-for", "127.0.0.1")]
    target = f"{upstream.scheme}://{host}:{port}"
    url = httpx.URL(target, raw_path=f"{path}{'?' + query if query else ''}".encode())
    return httpx.Request(
        call.request.method, url, headers=headers, content=await call.request.body()
    )


def _upstream(call: Call) -> _Upstream:
    scheme, name, port = _parse(call.info.name)
    if call.resource.kind == "Service":
        return _service(call, scheme, name, port)
    return _pod(call, scheme, name, port)


def _parse(name: str) -> tuple[str, str, str]:
    """`[scheme:]name[:port]` in parts."""
    parts = name.split(":")
    if len(parts) == 3:
        return (parts[0] or "http", parts[1], parts[2])
    return ("http", parts[0], parts[1] if len(parts) == 2 else "")


def _service(call: Call, scheme: str, name: str, port: str) -> _Upstream:
    namespace, network = call.info.namespace, call.backend.network
    service = call.store.get("Service", namespace, name)
    number = _service_port(service, name, port)
    target = network.target(name, namespace, number)
    if target is None:
        raise errors.service_unavailable(f'no endpoints available for service "{name}"')
    shown = f"{network.cluster_ip(name, namespace)}:{number}"
    return _Upstream(scheme, target.address, shown, target.mesh)


def _service_port(service: Obj, name: str, port: str) -> int:
    ports = service.get("spec", {}).get("ports", [])
    if not port and len(ports) == 1:
        return int(ports[0]["port"])
    for candidate in ports:
        if port and port in (candidate.get("name"), str(candidate["port"])):
            return int(candidate["port"])
    raise errors.service_unavailable(f'no service port "{port}" found for service "{name}"')


def _pod(call: Call, scheme: str, name: str, port: str) -> _Upstream:
    namespace, network = call.info.namespace, call.backend.network
    pod = call.store.get("Pod", namespace, name)
    declared = [
        p["containerPort"] for c in pod["spec"].get("containers", []) for p in c.get("ports", [])
    ]
    if port and not port.isdigit():
        raise errors.bad_request(f'invalid port "{port}" for pod "{name}"')
    number = int(port) if port else next(iter(declared), 80)
    shown = f"{pod.get('status', {}).get('podIP', '')}:{number}"
    address = network.pod_address(namespace, name, number)
    if address is None:
        raise errors.service_unavailable(
            f"error trying to reach service: dial tcp {shown}: connect: connection refused"
        )
    return _Upstream(scheme, address, shown, network.meshed(address))


def _unreachable(upstream: _Upstream, error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError):
        why = f"dial tcp {upstream.shown}: connect: connection refused"
    elif isinstance(error, httpx.TimeoutException):
        why = f"dial tcp {upstream.shown}: i/o timeout"
    elif isinstance(error, httpx.RemoteProtocolError):
        why = "EOF"
    else:
        why = f"read tcp {upstream.shown}: read: connection reset by peer"
    return f"error trying to reach service: {why}"


def _headers(response: httpx.Response, prefix: str, upstream: _Upstream) -> dict[str, str]:
    """The answer's headers; a Location on the same host gets the proxy's path before it."""
    headers = {k: v for k, v in response.headers.items() if k not in _DROPPED}
    if "content-length" in response.headers:
        headers["content-length"] = response.headers["content-length"]
    location = urlsplit(headers.get("location", ""))
    if location.path and location.netloc in ("", upstream.shown):
        path = location.path
        if not path.startswith(prefix):
            path = f"{prefix}/{path.lstrip('/')}"
        headers["location"] = location._replace(scheme="", netloc="", path=path).geturl()
    return headers


async def _body(client: httpx.AsyncClient, response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes, encoding untouched; the connection ends with it."""
    try:
        async for piece in response.aiter_raw():
            yield piece
    finally:
        await response.aclose()
        await client.aclose()
