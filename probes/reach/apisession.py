"""One connection to the API server: credentials, TLS and the shared client, renewed when due."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, replace

import httpx

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.reach.credentials import Credentials, load, tls_context
from probes.reach.dial import Dialer
from probes.reach.guard import refuse_writes

_KEEP_ALIVE_S = 60.0
"""Longer than the interval between two sweeps: the next one needs no new handshake."""

_CALM_S = 5.0
"""No faster than this are credentials loaded again, whatever the server says to them."""


@dataclass(frozen=True, slots=True)
class ApiSession:
    """What a request needs. `context` is the TLS that the port-forward uses, too."""

    credentials: Credentials
    client: httpx.AsyncClient
    tls: ssl.SSLContext

    @property
    def route(self) -> str:
        """How the API server is reached, for the evidence."""
        return "direct, by the kubeconfig's proxy" if self.proxied else "direct"

    @property
    def proxied(self) -> bool:
        """Whether a proxy makes the connections."""
        return bool(self.credentials.proxy.get_secret_value())

    def headers(self) -> dict[str, str]:
        """The headers that identify us: never to be logged or told."""
        value = self.credentials.authorization.get_secret_value()
        return {"Authorization": value} if value else {}


class Sessions:
    """The current session of one cluster; loading is shared by all who wait for it."""

    def __init__(self, profile: Profile, dialer: Dialer) -> None:
        self._profile = profile
        self._dialer = dialer
        self._loading: asyncio.Task[ApiSession] | None = None
        self._began = 0.0
        self._clients: list[httpx.AsyncClient] = []
        self._address: tuple[str, str] | None = None

    async def current(self, timeout_s: float) -> ApiSession:
        """The session, once it is there. Raises ProbeError.

        Who stops waiting does not stop the loading: a slow credential command serves the next.
        """
        task = self._task()
        try:
            async with asyncio.timeout(timeout_s):
                return await asyncio.shield(task)
        except TimeoutError:
            sentence = (
                f"the credentials were not loaded within {timeout_s:.1f} s: the credential command "
                "of the kubeconfig is slow"
            )
            failure = Failure(FailureKind.UNAVAILABLE, sentence, asked="load the kubeconfig")
            raise ProbeError(failure) from None

    async def renewed(self, refused: ApiSession, timeout_s: float) -> ApiSession | None:
        """A session newer than `refused`, or None where it would be the same. Raises ProbeError."""
        newest = await self.current(timeout_s)
        if newest.credentials is refused.credentials:
            self._load_anew()
            newest = await self.current(timeout_s)
        return None if newest.credentials is refused.credentials else newest

    async def address(self, session: ApiSession, timeout_s: float) -> str | None:
        """The address that accepts connections; None where a proxy makes them."""
        if session.proxied:
            return None
        server = session.credentials.server
        if self._address is None or self._address[0] != server:
            url = httpx.URL(server)
            port = url.port or (443 if url.scheme == "https" else 80)
            self._address = (server, await self._dialer.dial(url.host, port, timeout_s))
        return self._address[1]

    def forget_address(self) -> None:
        """It no longer answers: the next request looks for another."""
        self._address = None

    async def close(self) -> None:
        """Stop loading, and close every client."""
        if self._loading:
            self._loading.cancel()
            with contextlib.suppress(asyncio.CancelledError, ProbeError):
                await self._loading
        for client in self._clients:
            await client.aclose()

    def _task(self) -> asyncio.Task[ApiSession]:
        if self._loading is None or (self._loading.done() and self._useless(self._loading)):
            self._load_anew()
        if self._loading is None:  # never: `_load_anew` sets it when there is none
            raise RuntimeError("nothing is being loaded")
        return self._loading

    def _useless(self, task: asyncio.Task[ApiSession]) -> bool:
        failed = task.cancelled() or task.exception() is not None
        return failed or task.result().credentials.stale

    def _load_anew(self) -> None:
        """Start loading, unless that was done a moment ago."""
        now = asyncio.get_running_loop().time()
        if self._loading and (not self._loading.done() or now - self._began < _CALM_S):
            return
        previous = self._loading
        self._began = now
        self._loading = asyncio.create_task(self._load(previous))

    async def _load(self, previous: asyncio.Task[ApiSession] | None) -> ApiSession:
        credentials = await load(self._profile)
        kept = _result(previous)
        if kept and _same_connection(kept.credentials, credentials):
            return replace(kept, credentials=credentials)
        tls = tls_context(credentials)
        return ApiSession(credentials, self._client(credentials, tls), tls)

    def _client(self, credentials: Credentials, tls: ssl.SSLContext) -> httpx.AsyncClient:
        proxy = credentials.proxy.get_secret_value()
        try:
            client = httpx.AsyncClient(
                verify=tls,
                timeout=None,  # noqa: S113  # each request is bounded as a whole, see exchange.py
                trust_env=False,
                proxy=proxy or None,
                limits=httpx.Limits(keepalive_expiry=_KEEP_ALIVE_S),
                event_hooks={"request": [refuse_writes]},
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            sentence = "the kubeconfig's proxy-url is not usable: only http:// and https:// are"
            raise ProbeError(Failure(FailureKind.UNAVAILABLE, sentence)) from None
        self._clients.append(client)
        return client


def _result(task: asyncio.Task[ApiSession] | None) -> ApiSession | None:
    if task is None or task.cancelled() or task.exception() is not None:
        return None
    return task.result()


def _same_connection(one: Credentials, other: Credentials) -> bool:
    """Whether they differ in nothing but the header that goes with each request."""
    return replace(one, authorization=other.authorization, expires_at=None) == replace(
        other, expires_at=None
    )
