"""Curl: a container that really asks, in the cluster's network, and prints what curl would print.

Of curl's options those that a person gives in a probe are known; any other is refused as curl
refuses an unknown one. Source: curl's manual (EXIT CODES, `--include`, `--get`).
"""

from __future__ import annotations

import getopt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus

import httpx

from sandbox.kubelet.runtime import Exited
from sandbox.kubernetes.logs import LogBuffer
from sandbox.kubernetes.store import Obj
from sandbox.network import Address, Network

_SHORT = "gGim:sSv"
_LONG = [
    "globoff",
    "get",
    "include",
    "max-time=",
    "silent",
    "show-error",
    "verbose",
    "url=",
    "data-urlencode=",
]
_INJECT = "sidecar.istio.io/inject"
_NO_LIMIT_S = 300.0


def arguments(container: Obj) -> list[str] | None:
    """The command line of a container that runs curl, without its name; None for any other.

    An image of curl puts its program before arguments that begin with an option, as its
    entrypoint does.
    """
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    by_image = "curl" in container["image"].rpartition("/")[2] and not container.get("command")
    if by_image and (not words or words[0].startswith("-")):
        return words
    return words[1:] if words and words[0].rpartition("/")[2] == "curl" else None


class _Failure(Exception):
    """Curl ends with that code; the text is its message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class _Options:
    """What the command line asks for."""

    url: str
    include: bool = False
    quiet: bool = False
    max_time_s: float = _NO_LIMIT_S


@dataclass
class Curl:
    """One run. It listens nowhere, and always ends."""

    network: Network
    arguments: Sequence[str]
    log: LogBuffer
    pod: Obj
    ports: Mapping[int, Address] = field(default_factory=dict)

    async def start(self) -> None:
        """Asks and prints. Raises Exited, always."""
        try:
            options = _parsed(self.arguments)
        except _Failure as error:
            self.log.append(f"curl: {error}")
            raise Exited(error.code) from None
        try:
            await self._ask(options)
        except _Failure as error:
            if not options.quiet:
                self.log.append(f"curl: ({error.code}) {error}")
            raise Exited(error.code) from None
        raise Exited(0, "Completed")

    async def stop(self) -> None:
        """It has ended."""

    async def _ask(self, options: _Options) -> None:
        url = _url(options.url)
        self._refuse_mesh(url)
        began = time.monotonic()
        client = self.network.client(timeout=options.max_time_s, follow_redirects=False)
        try:
            async with client:
                answer = await client.get(
                    url, headers={"User-Agent": "curl/8.10.1", "Accept": "*/*"}
                )
        except httpx.TimeoutException:
            spent = round((time.monotonic() - began) * 1000)
            told = f"Operation timed out after {spent} milliseconds with 0 bytes received"
            raise _Failure(28, told) from None
        except httpx.ConnectError:
            raise self._no_connection(url) from None
        except httpx.TransportError:
            raise _Failure(56, "Recv failure: Connection reset by peer") from None
        self._print(answer, options)

    def _refuse_mesh(self, url: httpx.URL) -> None:
        """STRICT mTLS resets whoever comes without a sidecar."""
        address = self.network.address_of(url.host, _port(url))
        metadata = self.pod["metadata"]
        told = {**(metadata.get("labels") or {}), **(metadata.get("annotations") or {})}
        if address and self.network.meshed(address) and told.get(_INJECT) != "true":
            raise _Failure(56, "Recv failure: Connection reset by peer")

    def _no_connection(self, url: httpx.URL) -> _Failure:
        if not self.network.resolves(url.host):
            return _Failure(6, f"Could not resolve host: {url.host}")
        where = f"{url.host} port {_port(url)}"
        return _Failure(7, f"Failed to connect to {where} after 1 ms: Could not connect to server")

    def _print(self, answer: httpx.Response, options: _Options) -> None:
        if options.include:
            self.log.append(f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\r")
            for name, value in answer.headers.items():
                self.log.append(f"{name}: {value}\r")
            self.log.append("\r")
        if answer.text:
            self.log.append(answer.text)


def _parsed(words: Sequence[str]) -> _Options:
    """The command line. Raises _Failure (2) where curl would not know it."""
    try:
        found, rest = getopt.gnu_getopt(list(words), _SHORT, _LONG)
    except getopt.GetoptError as error:
        raise _Failure(2, f"option {error.opt}: is unknown") from None
    given = [name for name, _ in found]
    values = dict(found)
    urls = [value for name, value in found if name == "--url"] + rest
    if not urls:
        raise _Failure(2, "(2) no URL specified")
    data = [_encoded(value) for name, value in found if name == "--data-urlencode"]
    joint = "&" if "?" in urls[0] else "?"
    silent = {"-s", "--silent"} & set(given) and not {"-S", "--show-error"} & set(given)
    return _Options(
        url=f"{urls[0]}{joint}{'&'.join(data)}" if data else urls[0],
        include=bool({"-i", "--include"} & set(given)),
        quiet=bool(silent),
        max_time_s=float(values.get("--max-time") or values.get("-m") or _NO_LIMIT_S),
    )


def _encoded(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={quote_plus(value)}"


def _url(text: str) -> httpx.URL:
    """Raises _Failure (3) where it is none, or (1) where its scheme is not spoken."""
    try:
        url = httpx.URL(text if "://" in text else f"http://{text}")
    except (httpx.InvalidURL, ValueError):
        raise _Failure(3, "URL rejected: Malformed input to a URL function") from None
    if url.scheme not in ("http", "https"):
        raise _Failure(1, f"Protocol {url.scheme} not supported")
    if not url.host:
        raise _Failure(3, "URL rejected: No host part in the URL")
    return url


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
