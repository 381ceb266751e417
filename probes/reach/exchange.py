"""One HTTP request over one httpx client: bounded in time and size, every failure typed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from probes.model import Failure, FailureKind, ProbeError, Reply
from probes.reach.failures import told
from probes.text import safe_text

Redact = Callable[[str], str]

EXCERPT = 300
"""Characters of a body that an excerpt shows."""

_EXCERPT_BYTES = 8_000
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Body:
    """One answer with its whole body. `content` may hold secrets: it is never shown as it is."""

    reply: Reply
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON. Raises ProbeError (malformed) with one sentence."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise ProbeError(not_json(self.reply, self.content)) from None


def not_json(reply: Reply, content: bytes) -> Failure:
    """The failure of an answer that should have been JSON: says what it is instead."""
    if not content.strip():
        what = "an empty body"
    elif reply.is_html or content.lstrip()[:1] == b"<":
        what = "HTML, a page for people,"
    else:
        what = "something else"
    sentence = f"it answers {reply.status} with {what} where JSON is due"
    return Failure(
        FailureKind.MALFORMED,
        sentence,
        asked=reply.request,
        route=reply.route,
        status=reply.status,
        excerpt=reply.excerpt,
    )


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request really goes, and how it is told to people.

    `address` is the IP address that stands in the place of the URL's host (None: the URL as it
    is); `shown` is the request as evidence (`GET http://…`), without a secret in it.
    """

    url: httpx.URL
    shown: str
    route: str
    address: str | None = None
    port: int | None = None
    server_name: str = ""
    method: str = "GET"
    content: bytes = field(default=b"", repr=False)

    @property
    def who(self) -> str:
        """The peer, as sentences name it."""
        return authority(self.url)


def authority(url: httpx.URL) -> str:
    """Host and port; the port of the scheme where the URL has none."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{host}:{url.port or (443 if url.scheme == 'https' else 80)}"


@asynccontextmanager
async def opened(
    client: httpx.AsyncClient,
    target: Target,
    headers: Mapping[str, str],
    timeout_s: float,
    *,
    endless: bool = False,
) -> AsyncIterator[httpx.Response]:
    """The answer with its body still to come, all within `timeout_s` seconds. Raises ProbeError.

    Of an `endless` answer only the beginning has to come in that time. A connection that was
    kept since an earlier request and has died meanwhile is replaced once, but never for a write:
    nobody knows whether the server had it.
    """
    phase = _Phase(target)
    try:
        async with asyncio.timeout(timeout_s) as limit:
            response = await _sent(client, target, headers, phase, timeout_s)
            if endless:
                limit.reschedule(None)
            try:
                phase.answered = True
                yield response
            finally:
                await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        raise ProbeError(phase.expired(timeout_s)) from None
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise ProbeError(phase.broken(error)) from error


async def _sent(
    client: httpx.AsyncClient,
    target: Target,
    headers: Mapping[str, str],
    phase: _Phase,
    timeout_s: float,
) -> httpx.Response:
    request = _request(client, target, headers, phase, timeout_s)
    try:
        return await client.send(request, stream=True)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
        if phase.dialled or target.method != "GET":
            raise
    return await client.send(_request(client, target, headers, phase, timeout_s), stream=True)


def _request(
    client: httpx.AsyncClient,
    target: Target,
    headers: Mapping[str, str],
    phase: _Phase,
    timeout_s: float,
) -> httpx.Request:
    url = target.url
    extensions: dict[str, Any] = {"trace": phase.trace}
    sent = {"Accept-Encoding": "identity", **headers}
    if target.address:
        sent["Host"] = url.netloc.decode("ascii")
        extensions["sni_hostname"] = target.server_name or url.host
        url = url.copy_with(host=target.address, port=target.port or url.port)
    elif target.server_name:
        extensions["sni_hostname"] = target.server_name
    # A little less than the whole, so that httpcore itself ends a handshake: where it is cancelled
    # in the middle of one, it leaves the socket to the garbage collector.
    limits = httpx.Timeout(None, connect=timeout_s * 0.95)
    return client.build_request(
        target.method,
        url,
        headers=sent,
        content=target.content or None,
        extensions=extensions,
        timeout=limits,
    )


class _Phase:
    """How far one request has come, for the words of its failure."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self.dialled = False
        self.connected = False
        self.answered = False

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """What httpcore calls at each step (https://www.encode.io/httpcore/extensions/)."""
        if event.endswith("connect_tcp.started"):
            self.dialled = True
        elif event.endswith(("connect_tcp.complete", "send_request_headers.started")):
            self.connected = True

    def expired(self, timeout_s: float) -> Failure:
        who, limit = self._target.who, f"{timeout_s:.1f} s"
        if self.answered:
            return self._failure(FailureKind.HUNG, f"{who} did not finish its answer in {limit}")
        if self.connected:
            return self._failure(
                FailureKind.HUNG, f"{who} accepted the connection and gave no answer in {limit}"
            )
        return self._failure(FailureKind.TIMEOUT, f"no connection to {who} within {limit}")

    def broken(self, error: Exception) -> Failure:
        who = self._target.who
        kind, sentence = told(error, who)
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            kind, sentence = FailureKind.MALFORMED, f"not a URL that can be asked: {who}"
        elif isinstance(error, httpx.RemoteProtocolError):
            kind, sentence = _protocol_told(str(error), who)
        elif isinstance(error, httpx.ProxyError):
            sentence = f"the proxy on the way to {who} refuses: {safe_text(str(error), 120)}"
        return self._failure(kind, sentence)

    def _failure(self, kind: FailureKind, sentence: str) -> Failure:
        return Failure(kind, sentence, asked=self._target.shown, route=self._target.route)


def _protocol_told(words: str, who: str) -> tuple[FailureKind, str]:
    """httpcore and h11 tell these cases apart by their words only."""
    if "disconnected" in words:
        return FailureKind.RESET, f"{who} closed the connection without an answer"
    if "incomplete" in words or "closed connection" in words:
        return FailureKind.RESET, f"{who} broke off in the middle of its answer"
    return FailureKind.MALFORMED, f"what answers at {who} is not HTTP"


async def read(response: httpx.Response, target: Target, limit_bytes: int) -> bytes:
    """The whole body. Raises ProbeError (too large) as soon as it is known to be over the limit."""
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit_bytes:
        raise ProbeError(_too_large(response, target, limit_bytes))
    content = bytearray()
    async for piece in response.aiter_raw():
        content += piece
        if len(content) > limit_bytes:
            raise ProbeError(_too_large(response, target, limit_bytes))
    return bytes(content)


def _too_large(response: httpx.Response, target: Target, limit_bytes: int) -> Failure:
    return Failure(
        FailureKind.TOO_LARGE,
        f"the answer of {target.who} is larger than {limit_bytes / MEGABYTE:g} MB: not read",
        asked=target.shown,
        route=target.route,
        status=response.status_code,
    )


def reply(response: httpx.Response, target: Target, content: bytes, redact: Redact) -> Reply:
    """What a judgement needs of the answer; the secrets that `redact` knows are taken out."""
    location = response.headers.get("location", "")
    return Reply(
        request=target.shown,
        route=target.route,
        status=response.status_code,
        content_type=safe_text(response.headers.get("content-type", ""), 200).lower(),
        excerpt=excerpt(content, redact),
        location=safe_text(redact(location), 2_000),
    )


def excerpt(content: bytes, redact: Redact) -> str:
    """The safe first characters of a body."""
    start = content[:_EXCERPT_BYTES].decode("utf-8", "replace")
    return safe_text(redact(start), EXCERPT)
