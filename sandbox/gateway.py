"""Gateway: the ingress that a browser meets, with the routes of VirtualService wealist-routes."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.network import Network

_HOP_BY_HOP = frozenset(
    {"connection", "host", "keep-alive", "transfer-encoding", "upgrade", "content-length"}
)
_METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
_TIMEOUT_S = 30.0

PORTAL = "/api/ops"
PROMETHEUS = "/api/monitoring/prometheus"
_ROUTES = {
    PORTAL: ("ops-service", 8005, True),
    PROMETHEUS: ("prometheus", 9090, False),
}
"""Path prefix to Service, port, and whether the prefix is taken off."""


def gateway_client(network: Network) -> httpx.AsyncClient:
    """The client that the gateway forwards with; the caller closes it."""
    return network.client(timeout=_TIMEOUT_S, follow_redirects=False)


def gateway_app(client: httpx.AsyncClient, namespace: str) -> Starlette:
    """The ingress as an ASGI application; a Service without endpoints answers 503."""

    async def forward(request: Request) -> Response:
        path = request.url.path
        for prefix, (service, port, strip) in _ROUTES.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                below = path.removeprefix(prefix) if strip else path
                url = f"http://{service}.{namespace}.svc.cluster.local:{port}{below}"
                return await _send(client, request, url)
        return Response(status_code=404)

    return Starlette(routes=[Route("/{path:path}", forward, methods=_METHODS)])


async def _send(client: httpx.AsyncClient, request: Request, url: str) -> Response:
    query = request.url.query
    headers = {name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP}
    try:
        answer = await client.request(
            request.method,
            f"{url}?{query}" if query else url,
            headers=headers,
            content=await request.body(),
        )
    except httpx.ConnectError:
        return PlainTextResponse("no healthy upstream", status_code=503)
    except httpx.TimeoutException:
        return PlainTextResponse("upstream request timeout", status_code=504)
    except httpx.TransportError:
        reset = "upstream connect error or disconnect/reset before headers"
        return PlainTextResponse(reset, status_code=503)
    passed = {k: v for k, v in answer.headers.items() if k.lower() not in _HOP_BY_HOP}
    passed.pop("content-encoding", None)
    return Response(answer.content, status_code=answer.status_code, headers=passed)
