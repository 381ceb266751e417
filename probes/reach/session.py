"""Reach: how probes get anywhere. The route to each origin is chosen once and remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.reach.cluster import Cluster
from probes.reach.dial import CLUSTER_CONNECT_S, Dialer
from probes.reach.direct import ROUTE as DIRECT
from probes.reach.exchange import MEGABYTE, Body
from probes.reach.forwards import Forwards
from probes.reach.request import request
from probes.reach.routes import Routes, kind_of
from probes.servicename import Service, named


@dataclass(frozen=True, slots=True)
class Landing:
    """Where to connect to get at a host's port, and by which route that is."""

    host: str
    port: int
    route: str


class Reach:
    """Every way out of this program to what is diagnosed."""

    def __init__(self, cluster: Cluster, dialer: Dialer) -> None:
        self.cluster = cluster
        self._dialer = dialer
        self._forwards = Forwards(cluster)
        self._routes = Routes(cluster, dialer, self._forwards)

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        token: SecretStr | None = None,
        insecure: bool = False,
        timeout_s: float = 5.0,
        limit_bytes: int = 4_000_000,
    ) -> Body:
        """The answer to a GET, of any status; redirects are not followed. Raises ProbeError.

        A user and password in the URL go out as Basic authorization and are not told.
        An in-cluster name is tried directly, then by the API server's service proxy (only where
        nothing has to be authorized: the proxy removes that header), then by a port-forward.
        """
        wanted = request(url, params, token, insecure, limit_bytes)
        return await self._routes.get(wanted, timeout_s)

    async def send(
        self,
        method: str,
        url: str,
        body: object = None,
        *,
        token: SecretStr,
        params: Mapping[str, str] | None = None,
        insecure: bool = False,
        timeout_s: float = 5.0,
    ) -> Body:
        """The answer to one write with JSON, of any status, by the routes of `get`.

        It is sent once: after a broken connection nobody knows whether it was done. Raises
        ProbeError, and WriteRefusedError without the permit (see guard.py).
        """
        wanted = request(url, params, token, insecure, MEGABYTE, method=method, body=body)
        return await self._routes.get(wanted, timeout_s)

    async def tcp(self, host: str, port: int, *, timeout_s: float = 5.0) -> Landing:
        """Where to connect to reach a host's port; it has accepted a connection just now.

        `host` of the landing is an IP address. Raises ProbeError.
        """
        service = named(host, self.cluster.namespace)
        asked = f"connect {host}:{port}"
        try:
            limit = min(timeout_s, CLUSTER_CONNECT_S) if service and service.certain else timeout_s
            address = await self._dialer.dial(host, port, limit, cluster=service is not None)
            return Landing(address, port, DIRECT)
        except ProbeError as error:
            failure = replace(error.failure, asked=asked, route=DIRECT)
            if service is None or not (service.certain or failure.kind is FailureKind.DNS):
                raise ProbeError(failure) from error
        return await self._forwarded(service, port, timeout_s, failure)

    async def _forwarded(
        self, service: Service, port: int, timeout_s: float, direct: Failure
    ) -> Landing:
        try:
            forward, _ = await self._forwards.to(service, port, timeout_s, settle=True)
        except ProbeError as error:
            kind = kind_of([direct, error.failure])
            sentence = f"direct: {direct.sentence}; port-forward: {error.failure.sentence}"
            failure = Failure(kind, sentence, asked=direct.asked, route="direct, port-forward")
            raise ProbeError(failure) from error
        return Landing("127.0.0.1", forward.port, forward.route)

    async def close(self) -> None:
        """Close every connection and port-forward."""
        await self._routes.close()
        await self._forwards.close()
        await self.cluster.close()


@asynccontextmanager
async def open_reach(profile: Profile) -> AsyncIterator[Reach]:
    """The ways to one target, open until the block ends.

    Never raises for a bad kubeconfig: every call that needs the cluster then raises ProbeError
    with the sentence that says what to do. Credentials begin to load at once, beside the rest.
    """
    dialer = Dialer()
    cluster = Cluster(profile, dialer)
    reach = Reach(cluster, dialer)
    warming = [asyncio.create_task(_warm(cluster)), asyncio.create_task(_canary(dialer))]
    try:
        yield reach
    finally:
        for one in warming:
            one.cancel()
        await asyncio.gather(*warming, return_exceptions=True)
        await reach.close()


async def _warm(cluster: Cluster) -> None:
    """Failures are told to whoever asks for something."""
    try:
        await cluster.ready()
    except ProbeError:
        return


async def _canary(dialer: Dialer) -> None:
    """Learn early whether the resolver is one that leaves cluster names without an answer."""
    try:
        await dialer.resolvable("kubernetes.default.svc.cluster.local")
    except ProbeError:
        return
