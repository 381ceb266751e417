"""Which route a request takes, direct, service proxy or port-forward: what works is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.clients import Clients
from probes.reach.cluster import Cluster
from probes.reach.dial import Dialer
from probes.reach.direct import Direct
from probes.reach.exchange import Body
from probes.reach.forwards import Forwards
from probes.reach.portforward import Forward
from probes.reach.request import Request
from probes.reach.serviceproxy import by_proxy
from probes.servicename import Service, named

_PROXY_SHARE = 0.4
"""Of the time that is left, for the service proxy: where a firewall between control plane and
nodes drops its packets it is silent for 30 s, and a port-forward would have worked."""

_NO_CONNECTION = (FailureKind.REFUSED, FailureKind.TIMEOUT)
_OURS = (FailureKind.FORBIDDEN, FailureKind.UNAUTHORIZED, FailureKind.UNAVAILABLE)
"""Failures of our own way, which tell nothing about the other side."""

_Route = Literal["direct", "service proxy", "port-forward"]
_Key = tuple[str, str, int, bool]


class Routes:
    """Sends requests by the first route that leads to the origin, and remembers it."""

    def __init__(self, cluster: Cluster, dialer: Dialer, forwards: Forwards) -> None:
        self._cluster = cluster
        self._forwards = forwards
        self._clients = Clients(cluster)
        self._direct = Direct(dialer, self._clients)
        self._kept: dict[_Key, _Route] = {}

    async def get(self, wanted: Request, timeout_s: float) -> Body:
        """The answer. Raises ProbeError; when all routes fail its sentence names them all."""
        ends = asyncio.get_running_loop().time() + timeout_s
        service = named(wanted.url.host, self._cluster.namespace)
        key = (wanted.url.scheme, wanted.url.host, wanted.port, wanted.authorization is not None)
        failures: list[tuple[_Route, Failure]] = []
        for route in self._order(key, service):
            left = max(0.05, ends - asyncio.get_running_loop().time())
            try:
                body = await self._send(route, service, wanted, left)
            except ProbeError as error:
                failures.append((route, error.failure))
                if not _goes_on(route, error.failure, service):
                    break
            else:
                self._kept[key] = route
                return body
        self._kept.pop(key, None)
        raise ProbeError(_told(wanted, failures))

    async def close(self) -> None:
        """Close every connection."""
        await self._clients.close()

    def _order(self, key: _Key, service: Service | None) -> Sequence[_Route]:
        if service is None:
            return ("direct",)
        order: tuple[_Route, ...] = ("direct", "service proxy", "port-forward")
        authorized = key[-1]
        usable = [one for one in order if not (authorized and one == "service proxy")]
        kept = self._kept.get(key)
        return sorted(usable, key=lambda one: one != kept)

    async def _send(
        self, route: _Route, service: Service | None, wanted: Request, left_s: float
    ) -> Body:
        if service is None or route == "direct":
            return await self._direct.get(wanted, service, left_s)
        if route == "service proxy":
            return await by_proxy(self._cluster, service, wanted, left_s * _PROXY_SHARE)
        return await self._forwarded(wanted, service, left_s)

    async def _forwarded(self, wanted: Request, service: Service, left_s: float) -> Body:
        """By a port-forward; one whose pod is gone meanwhile is replaced once."""
        ends = asyncio.get_running_loop().time() + left_s
        for last in (False, True):
            left = max(0.05, ends - asyncio.get_running_loop().time())
            forward, is_new = await self._forwards.to(service, wanted.port, left)
            try:
                return await self._through(forward, wanted, ends)
            except ProbeError as error:
                if error.failure.kind is FailureKind.HUNG:
                    raise
                await self._forwards.drop(forward)
                if is_new or last or not _may_go_again(wanted, error.failure):
                    raise
        raise AssertionError("the second turn returns or raises")

    async def _through(self, forward: Forward, wanted: Request, ends: float) -> Body:
        target = wanted.target(forward.route, "127.0.0.1", forward.port)
        left = max(0.05, ends - asyncio.get_running_loop().time())
        try:
            return await self._clients.send(wanted, target, left)
        except ProbeError as error:
            problem = forward.problem if error.failure.kind is FailureKind.RESET else None
            if problem is None:
                raise
            failure = replace(problem, asked=wanted.shown, route=forward.route)
            raise ProbeError(failure) from error


def _may_go_again(wanted: Request, failure: Failure) -> bool:
    """A write goes again only where it has certainly not arrived."""
    return wanted.method == "GET" or failure.kind in _NO_CONNECTION


def _goes_on(route: _Route, failure: Failure, service: Service | None) -> bool:
    """Whether the next route may lead there although this one did not."""
    if service is None:
        return False
    if route == "direct":
        return failure.kind is FailureKind.DNS or (
            service.certain and failure.kind in _NO_CONNECTION
        )
    return route == "service proxy" and failure.kind is not FailureKind.TOO_LARGE


def _told(wanted: Request, failures: Sequence[tuple[_Route, Failure]]) -> Failure:
    """One failure of them all; the last route's words come first, it got the furthest."""
    if len(failures) == 1:
        return failures[0][1]
    return Failure(
        kind_of([one for _, one in failures]),
        "; ".join(f"{one.sentence} ({route})" for route, one in reversed(failures)),
        asked=wanted.shown,
        route=", ".join(route for route, _ in failures),
    )


def kind_of(failures: Sequence[Failure]) -> FailureKind:
    """What several failed routes tell together.

    The last one's kind, except that a refusal outweighs a way that was closed to us, and that a
    name without a Service is a name that resolves nowhere.
    """
    kinds = [one.kind for one in failures]
    if kinds[-1] in _OURS and FailureKind.REFUSED in kinds:
        return FailureKind.REFUSED
    if kinds[-1] is FailureKind.NOT_FOUND and FailureKind.DNS in kinds:
        return FailureKind.DNS
    return kinds[-1]
