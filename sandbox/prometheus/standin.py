"""Stand-in: answers as Prometheus does where its binary is missing; a contract test says so."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.prometheus.answers import success
from sandbox.prometheus.memory import Memory
from sandbox.prometheus.queries import Answer, Queries, form
from sandbox.prometheus.remote_write import within
from sandbox.prometheus.routing import Handler, Route, dispatch, plain, redirect
from sandbox.prometheus.samples import Series
from sandbox.prometheus.settings import PRODUCTION_VERSION, Web
from sandbox.prometheus.status import SELF, Status
from sandbox.serving import Server, serve

_OLDEST_S = 3600
_HANG_S = 600.0
_SCRAPE_S = 5.0
_SELF_SCRAPE = {"__name__": "up", **SELF}
_READ = ("GET", "HEAD")
_API = "/api/v1"


class StandIn:
    """A Prometheus as an ASGI application (the Protocol `PrometheusServer`)."""

    host: str = "127.0.0.1"
    version: str = PRODUCTION_VERSION

    def __init__(self, web: Web) -> None:
        self.port = 0
        self.prefix = web.prefix
        self.args = web.production_args
        self.ready = True
        self._memory = Memory()
        self._queries = Queries(self._memory)
        self._status = Status(web)
        self._routes = self._all_routes()
        self._answering = asyncio.Event()
        self._answering.set()
        self._server: Server | None = None
        self._scraped = 0.0

    async def start(self) -> None:
        """Listens on a free port of loopback."""
        self._server = await serve(self)
        self.port = self._server.port

    async def push(self, series: Sequence[Series]) -> None:
        """Stores samples; like the real one it takes none that is over an hour old."""
        self._memory.push(within(series, time.time() - _OLDEST_S))

    def hang(self) -> None:
        """Accepts connections and does not answer, until `resume`."""
        self._answering.clear()

    def resume(self) -> None:
        """Answers again, what waits included."""
        self._answering.set()

    async def stop(self) -> None:
        """Stops listening and ends its connections."""
        self._answering.set()
        if self._server is not None:
            await self._server.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; a client that waits on a hanging server gives up first."""
        request = Request(scope, receive)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answering.wait(), _HANG_S)
        self._scrape_self()
        response = await dispatch(request, self._route)
        await response(scope, receive, send)

    def _scrape_self(self) -> None:
        """Keeps its own `up` fresh, as the real one's scrape does."""
        now = time.time()
        if now - self._scraped >= _SCRAPE_S:
            self._scraped = now
            self._memory.push([Series(_SELF_SCRAPE, ((now, 1.0),))])

    def _route(self, path: str) -> Route | None:
        found = self._routes.get(path)
        label = path.removeprefix(f"{self.prefix}{_API}/label/").removesuffix("/values")
        if found is None and path == f"{self.prefix}{_API}/label/{label}/values":
            return Route(self._api(self._queries.label_values(label)))
        return found

    def _all_routes(self) -> dict[str, Route]:
        prefix, base = self.prefix, f"{self.prefix}{_API}"
        routes = {f"{base}/{name}": route for name, route in self._api_routes(base).items()}
        routes |= {
            f"{prefix}/": Route(_redirect(302, f"{prefix}/graph")),
            f"{prefix}/-/ready": Route(self._gated(_text("Prometheus Server is Ready.\n")), _READ),
            f"{prefix}/-/healthy": Route(_text("Prometheus Server is Healthy.\n"), _READ),
            f"{prefix}/graph": Route(self._gated(_page)),
            f"{prefix}/metrics": Route(self._metrics),
        }
        if prefix:
            routes["/"] = Route(_redirect(302, prefix))
            routes[prefix] = Route(_redirect(301, f"{prefix}/"))
        return routes

    def _api_routes(self, base: str) -> dict[str, Route]:
        queries, status = self._queries, self._status
        asked = {
            "query": queries.query,
            "query_range": queries.query_range,
            "series": queries.series,
            "labels": queries.labels,
        }
        told = {
            "status/flags": status.flags,
            "status/runtimeinfo": status.runtimeinfo,
            "status/buildinfo": status.buildinfo,
            "status/config": status.config,
            "targets": status.targets,
        }
        both = ("GET", "POST")
        routes = {name: Route(self._api(answer), both, base) for name, answer in asked.items()}
        return routes | {
            name: Route(self._gated(_data(tell)), base=base) for name, tell in told.items()
        }

    def _api(self, answer: Answer) -> Handler:
        async def handle(request: Request) -> Response:
            return self._queries.answer(await form(request), answer)

        return self._gated(handle)

    def _gated(self, handler: Handler) -> Handler:
        """Answers 503 while the server is not ready, as during the replay of its log."""

        async def handle(request: Request) -> Response:
            return await handler(request) if self.ready else plain(503, "Service Unavailable")

        return handle

    async def _metrics(self, _request: Request) -> Response:
        content_type = "text/plain; version=0.0.4; charset=utf-8"
        text = self._status.metrics(len(self._memory))
        return Response(text, headers={"Content-Type": content_type})


def _text(text: str) -> Handler:
    async def handle(_request: Request) -> Response:
        return plain(200, text)

    return handle


def _redirect(status: int, location: str) -> Handler:
    async def handle(request: Request) -> Response:
        return redirect(request, status, location)

    return handle


def _data(tell: Callable[[], object]) -> Handler:
    async def handle(_request: Request) -> Response:
        return success(tell())

    return handle


async def _page(_request: Request) -> Response:
    title = "<title>Prometheus Time Series Collection and Processing Server</title>"
    return Response(f"<!doctype html>{title}", media_type="text/html")


async def start_stand_in(web: Web) -> StandIn:
    """Starts a stand-in."""
    stand_in = StandIn(web)
    await stand_in.start()
    return stand_in
