"""Calling upstream servers the way Go's `net/http` client does, with the errors Go prints."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from sandbox.network import Network

_BODY_LIMIT = 8_000_000
_REDIRECTS = 10


class GoError(Exception):
    """An error value; the text is what Go would print."""


@dataclass(frozen=True)
class Answer:
    """A whole response."""

    status: int
    text: str


class GoClient:
    """One `http.Client`: a total time limit, redirects followed, connections kept."""

    def __init__(
        self, network: Network, *, timeout_s: float, base_url: str, insecure: bool = False
    ) -> None:
        self._timeout_s = timeout_s
        # A TLS context is dear to make: only for a server that speaks TLS.
        verify = base_url.lower().startswith("https:") and not insecure
        self._client = network.client(timeout=timeout_s, follow_redirects=True, verify=verify)
        self._client.max_redirects = _REDIRECTS

    async def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET. Raises GoError, worded as `Get "URL": reason`."""
        # Go's url.Values sorts its keys.
        query = "?" + urlencode(sorted(params.items())) if params else ""
        return await self._send("Get", url + query, headers, None)

    async def post(self, url: str, body: object, headers: Mapping[str, str]) -> Answer:
        """POST of a JSON body. Raises GoError."""
        return await self._send("Post", url, headers, json.dumps(body))

    async def close(self) -> None:
        """Drops the connections."""
        await self._client.aclose()

    async def _send(
        self, verb: str, url: str, headers: Mapping[str, str] | None, content: str | None
    ) -> Answer:
        _check(verb, url)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._receive(verb.upper(), url, headers, content)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise GoError(f'{verb} "{url}": {_reason(error)}') from error

    async def _receive(
        self, method: str, url: str, headers: Mapping[str, str] | None, content: str | None
    ) -> Answer:
        """Reads the body up to a limit: what is cut there no longer parses, nothing worse."""
        body = bytearray()
        request = self._client.stream(method, url, headers=headers, content=content)
        async with request as response:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _BODY_LIMIT:
                    break
            return Answer(response.status_code, body.decode("utf-8", "replace"))


def decode(text: str) -> Any:
    """The first JSON object of the text. Raises GoError with the decoder's words."""
    start = text.lstrip()
    if not start:
        raise GoError("EOF")
    if start[0] not in '{["-0123456789tfn':
        raise GoError(f"invalid character '{start[0]}' looking for beginning of value")
    try:
        value, _end = json.JSONDecoder().raw_decode(start)
    except json.JSONDecodeError as error:
        if error.pos >= len(start):
            raise GoError("unexpected EOF") from None
        raise GoError(f"invalid character '{start[error.pos]}' in JSON") from None
    except RecursionError:
        raise GoError("exceeded max depth") from None
    if not isinstance(value, dict):
        raise GoError(f"json: cannot unmarshal {_kind(value)} into Go value")
    return value


def _kind(value: object) -> str:
    names: dict[type, str] = {list: "array", str: "string", bool: "bool", type(None): "null"}
    return names.get(type(value), "number")


def _check(verb: str, url: str) -> None:
    """What `http.NewRequest` and the transport refuse before anything is sent."""
    scheme, colon, rest = url.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        if colon and "/" not in scheme:
            raise GoError(f'parse "{url}": first path segment in URL cannot contain colon')
        raise GoError(f'{verb} "{url}": unsupported protocol scheme ""')
    if scheme.lower() not in ("http", "https"):
        raise GoError(f'{verb} "{url}": unsupported protocol scheme "{scheme.lower()}"')
    host = rest.removeprefix("//").partition("/")[0]
    if not host or not rest.startswith("//"):
        raise GoError(f'{verb} "{url}": http: no Host in request URL')
    if " " in host:
        raise GoError(f'parse "{url}": invalid character " " in host name')
    port = re.search(r":([^:\]]*)$", host.rpartition("@")[2])
    if port and port[1] and not port[1].isdecimal():
        raise GoError(f'parse "{url}": invalid port ":{port[1]}" after host')


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    if isinstance(error, httpx.ConnectError):
        text = str(error)
        if text.startswith("dial "):
            return text
        return "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    if isinstance(error, httpx.TooManyRedirects):
        return f"stopped after {_REDIRECTS} redirects"
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return "read: connection reset by peer"
    if isinstance(error, httpx.RemoteProtocolError):
        return "EOF"
    return str(error)
