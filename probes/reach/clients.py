"""The HTTP clients for everything but the API server, and the TLS they trust."""

from __future__ import annotations

import ssl

import certifi
import httpx

from probes.reach.cluster import Cluster
from probes.reach.exchange import Body, Target, opened, read, reply
from probes.reach.guard import refuse_writes
from probes.reach.request import Request
from probes.text import Redactor

_KEEP_ALIVE_S = 60.0
"""Longer than the interval between two sweeps: the next one needs no new connection."""


class Clients:
    """One client per host name: a gateway's TLS connection for one name must not serve another."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._clients: dict[tuple[str, str, bool], httpx.AsyncClient] = {}
        self._trust: ssl.SSLContext | None = None

    async def send(self, wanted: Request, target: Target, timeout_s: float) -> Body:
        """The whole answer, its excerpt without secrets. Raises ProbeError."""
        own, known = Redactor(wanted.secrets), self._cluster.redactor
        async with opened(self._client(wanted), target, wanted.headers(), timeout_s) as response:
            content = await read(response, target, wanted.limit_bytes)
            return Body(reply(response, target, content, lambda text: known(own(text))), content)

    async def close(self) -> None:
        """Close every connection."""
        for one in self._clients.values():
            await one.aclose()

    def _client(self, wanted: Request) -> httpx.AsyncClient:
        key = (wanted.url.scheme, wanted.url.host, wanted.insecure)
        if key not in self._clients:
            self._clients[key] = httpx.AsyncClient(
                verify=self._tls(wanted),
                timeout=None,  # noqa: S113  # each request is bounded as a whole, see exchange.py
                trust_env=False,  # a proxy of ours would prove nothing about ops-service's way
                limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_S),
                event_hooks={"request": [refuse_writes]},
            )
        return self._clients[key]

    def _tls(self, wanted: Request) -> ssl.SSLContext:
        if wanted.url.scheme == "http":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # unused, and loads no certificates
        if wanted.insecure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        if self._trust is None:
            self._trust = ssl.create_default_context()
            if not self._trust.get_ca_certs():  # a bare image: Mozilla's list, as httpx has it
                self._trust.load_verify_locations(certifi.where())
        return self._trust
