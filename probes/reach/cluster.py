"""The Kubernetes API server: raw JSON over one shared client, every failure typed."""

from __future__ import annotations

import asyncio
import codecs
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.reach.apipath import asked
from probes.reach.apisession import ApiSession, Sessions
from probes.reach.apistatus import ApiServer
from probes.reach.dial import Dialer
from probes.reach.exchange import MEGABYTE, Body, Redact, Target, opened, read, reply
from probes.text import Redactor

_LIMIT_BYTES = 32 * MEGABYTE
_LONGEST_LINE = 256_000
_CONNECTING = (FailureKind.REFUSED, FailureKind.TIMEOUT)
_SHARE = 0.8
"""Of a probe's time limit, for one request: so that its own sentence is told, not the limit's."""

_DONE = (200, 201, 202)


@dataclass(frozen=True, slots=True)
class _Sending:
    """How a request is sent, and what with."""

    method: str = "GET"
    content: bytes = b""
    content_type: str = ""

    def headers(self) -> dict[str, str]:
        return {"Content-Type": self.content_type} if self.content_type else {}


_GET = _Sending()


class Cluster:
    """One cluster, by one context of the kubeconfig. Its credentials are loaded at first use."""

    def __init__(self, profile: Profile, dialer: Dialer) -> None:
        self._profile = profile
        self._sessions = Sessions(profile, dialer)
        self._limit_s = profile.timeout_s * _SHARE
        self.redactor = Redactor()
        self.namespace = profile.namespace or "default"
        """The profile's, else the context's, else `default`; right after `ready()`."""
        self.context = profile.context or ""
        """The kubeconfig's context in use; empty until `ready()` where the profile names none."""
        self.address = ""
        """The API server's, as the kubeconfig has it; empty until `ready()`."""

    def protect(self, secrets: Iterable[SecretStr]) -> None:
        """From now on these secrets are taken out of every excerpt."""
        self.redactor = Redactor(secrets)

    async def ready(self, timeout_s: float | None = None) -> None:
        """Wait until the credentials are there. Raises ProbeError saying what to do."""
        await self.session(timeout_s or self._limit_s)

    async def server(self) -> str:
        """The API server's address as the kubeconfig has it. Raises ProbeError."""
        return (await self.session(self._limit_s)).credentials.server

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """One object or list as the server has it. Raises ProbeError."""
        return await self._object(path, await self._ok(path, params, timeout_s, _LIMIT_BYTES))

    async def text(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        limit_bytes: int = 8 * MEGABYTE,
        timeout_s: float | None = None,
    ) -> str:
        """The body as text (a log): unsafe as it comes, secrets and all. Raises ProbeError."""
        body = await self._ok(path, params, timeout_s, limit_bytes)
        return body.content.decode("utf-8", "replace")

    async def lines(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> AsyncGenerator[tuple[str, int], None]:
        """The lines of an answer without an end (`follow`, `watch`) as they come, unsafe.

        Each with how many characters it has: of an overlong one only the first are kept.
        Raises ProbeError, also when the connection breaks off.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest, dropped = "", 0
        async with self._opened(path, params, self._limit_s, endless=True) as (response, target):
            if response.status_code != 200:
                raise ProbeError(await self._failure(path, response, target))
            async for piece in response.aiter_raw():
                *whole, rest = (rest + decoder.decode(piece)).split("\n")
                for line in whole:
                    yield line, len(line) + dropped
                    dropped = 0
                dropped += max(0, len(rest) - _LONGEST_LINE)
                rest = rest[:_LONGEST_LINE]
        if rest:
            yield rest, len(rest) + dropped

    async def raw(
        self, path: str, target_shown: tuple[str, str], timeout_s: float, limit_bytes: int
    ) -> Body:
        """Any answer to a GET of `path`, for the service proxy. Raises ProbeError.

        `target_shown` is request and route as the evidence will tell them.
        """
        async with self._opened(path, None, timeout_s, shown=target_shown) as (response, target):
            content = await read(response, target, limit_bytes)
            return Body(reply(response, target, content, self.redactor), content)

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        params: Mapping[str, str] | None = None,
        *,
        content_type: str = "application/json",
        secrets: Iterable[SecretStr] = (),
        timeout_s: float | None = None,
    ) -> dict[str, Any]:
        """One write, or a dry run or review of one: the object as the server has it afterwards.

        `secrets` are those in the body: whoever refuses it may quote them, and we do not.
        It is sent once: after a broken connection nobody knows whether it was done. Raises
        ProbeError, and WriteRefusedError without the permit (see guard.py).
        """
        content = b"" if body is None else json.dumps(body).encode()
        sending = _Sending(method, content, content_type if content else "")
        limit, own = timeout_s or self._limit_s, Redactor(secrets)
        async with self._opened(path, params, limit, sending=sending) as (response, target):
            if response.status_code not in _DONE:
                raise ProbeError(await self._failure(path, response, target, own))
            answer = await read(response, target, _LIMIT_BYTES)
            return await self._object(path, Body(reply(response, target, answer, own), answer))

    async def session(self, timeout_s: float) -> ApiSession:
        """The credentials with their connection. Raises ProbeError."""
        session = await self._sessions.current(timeout_s)
        told = session.credentials.namespace
        self.context = session.credentials.context
        self.address = session.credentials.server
        self.namespace = self._profile.namespace or told or "default"
        return session

    async def connection(self, timeout_s: float) -> tuple[ApiSession, str | None]:
        """Session and address (None: by a proxy), for the port-forward. Raises ProbeError."""
        session = await self.session(timeout_s)
        return session, await self._sessions.address(session, timeout_s)

    async def close(self) -> None:
        """Close every connection."""
        await self._sessions.close()

    async def _object(self, path: str, body: Body) -> dict[str, Any]:
        """The body as the object it should be. Raises ProbeError."""
        try:
            found = body.json()
        except ProbeError:
            found = None
        if not isinstance(found, dict):
            session = await self.session(self._limit_s)
            raise ProbeError(_server(session).not_json(asked(path), body))
        return found

    async def _ok(
        self,
        path: str,
        params: Mapping[str, str] | None,
        timeout_s: float | None,
        limit_bytes: int,
    ) -> Body:
        limit = timeout_s or self._limit_s
        async with self._opened(path, params, limit) as (response, target):
            if response.status_code != 200:
                raise ProbeError(await self._failure(path, response, target))
            content = await read(response, target, limit_bytes)
            return Body(reply(response, target, content, self.redactor), content)

    async def _failure(
        self, path: str, response: httpx.Response, target: Target, own: Redact = str
    ) -> Failure:
        """What the server says, without the secrets of the environment and those of the request."""

        def redact(text: str) -> str:
            return self.redactor(own(text))

        content = await read(response, target, MEGABYTE)
        body = Body(reply(response, target, content, redact), content)
        server = _server(await self.session(self._limit_s), redact)
        return server.failure(asked(path, target.method), body)

    @asynccontextmanager
    async def _opened(
        self,
        path: str,
        params: Mapping[str, str] | None,
        timeout_s: float,
        *,
        shown: tuple[str, str] | None = None,
        endless: bool = False,
        sending: _Sending = _GET,
    ) -> AsyncIterator[tuple[httpx.Response, Target]]:
        """The answer; refused credentials are loaded anew once: a 401 did nothing."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + timeout_s
        session: ApiSession | None = await self.session(timeout_s)
        while session is not None:
            current, session = session, None
            told = shown or (str(asked(path, sending.method)), current.route)
            target = await self._target(current, path, params, told, ends - loop.time())
            target = replace(target, method=sending.method, content=sending.content)
            headers = current.headers() | sending.headers()
            left = max(0.05, ends - loop.time())
            async with self._answered(current, target, headers, left, endless) as response:
                if response.status_code == 401 and _is_server_answer(response):
                    session = await self._sessions.renewed(current, max(0.05, ends - loop.time()))
                if session is None:
                    yield response, target

    @asynccontextmanager
    async def _answered(
        self,
        session: ApiSession,
        target: Target,
        headers: Mapping[str, str],
        left_s: float,
        endless: bool,
    ) -> AsyncIterator[httpx.Response]:
        try:
            async with opened(session.client, target, headers, left_s, endless=endless) as response:
                yield response
        except ProbeError as error:
            if error.failure.kind in _CONNECTING:
                self._sessions.forget_address()
            if error.failure.status is None and "/proxy" not in target.url.path:
                raise ProbeError(_at_api_server(error.failure, session)) from error
            raise

    async def _target(
        self,
        session: ApiSession,
        path: str,
        params: Mapping[str, str] | None,
        shown: tuple[str, str],
        left_s: float,
    ) -> Target:
        request, route = shown
        try:
            address = await self._sessions.address(session, max(0.05, left_s))
        except ProbeError as error:
            told = replace(error.failure, asked=request, route=route)
            raise ProbeError(_at_api_server(told, session)) from error
        url = httpx.URL(f"{session.credentials.server}{path}")
        return Target(
            url.copy_merge_params(dict(params)) if params else url,
            request,
            route,
            address=address,
            server_name=session.credentials.tls_server_name,
        )


def _is_server_answer(response: httpx.Response) -> bool:
    """Not the answer of an application behind the service proxy."""
    return "/proxy" not in response.request.url.path


def _server(session: ApiSession, redact: Redact = str) -> ApiServer:
    return ApiServer(session.credentials.server, session.credentials.context, redact)


def _at_api_server(failure: Failure, session: ApiSession) -> Failure:
    """The same failure, said of the API server."""
    server = session.credentials.server
    return replace(failure, sentence=f"no answer of the API server {server}: {failure.sentence}")
