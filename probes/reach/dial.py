"""Which address of a host accepts TCP connections: name lookup and connecting, both bounded."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.failures import told
from probes.servicename import is_address

CLUSTER_CONNECT_S = 1.5
"""For a cluster's name, a direct connection stands within this time or not at all."""

_HEAD_START_S = 0.25
"""How long an address has before the next one is tried beside it (RFC 8305, section 5)."""


class Dialer:
    """Finds the address to connect to.

    `cluster_limit_s` bounds the lookup of names that look like a cluster's: a resolver without
    an answer for them may take many seconds, and when it once did, it is not asked again.
    """

    def __init__(self, cluster_limit_s: float = 1.0) -> None:
        self._cluster_limit_s = cluster_limit_s
        self._silent = False

    async def dial(self, host: str, port: int, timeout_s: float, *, cluster: bool = False) -> str:
        """An IP address of `host` that accepts a connection at `port`. Raises ProbeError."""
        who = f"{host}:{port}"
        try:
            async with asyncio.timeout(timeout_s):
                addresses = await self._resolve(host, port, timeout_s, cluster)
                return await _first(addresses, port)
        except (OSError, TimeoutError) as error:
            kind, sentence = told(error, who)
            if isinstance(error, TimeoutError):
                sentence = f"no connection to {who} within {timeout_s:.1f} s"
            raise ProbeError(Failure(kind, sentence, asked=f"connect {who}")) from error

    async def resolvable(self, name: str) -> None:
        """Look up a cluster's name, to learn whether the resolver answers. Raises ProbeError."""
        await self._resolve(name, 443, self._cluster_limit_s, cluster=True)

    async def _resolve(
        self, host: str, port: int, timeout_s: float, cluster: bool
    ) -> Sequence[str]:
        if is_address(host):
            return [host]
        if cluster and self._silent:
            raise _unresolved(host, "the resolver here does not answer")
        limit = min(timeout_s, self._cluster_limit_s) if cluster else timeout_s * 0.9
        try:
            async with asyncio.timeout(limit):
                return await _look_up(host, port)
        except TimeoutError:
            self._silent = self._silent or cluster
            raise _unresolved(host, f"the resolver gave no answer within {limit:.1f} s") from None
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "not a name"
            raise _unresolved(host, why) from error


def _unresolved(host: str, why: str) -> ProbeError:
    sentence = f"the name {host} does not resolve here: {why}"
    return ProbeError(Failure(FailureKind.DNS, sentence, asked=f"look up {host}"))


async def _look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, asked in a daemon thread.

    Not in the loop's executor: a lookup cannot be stopped, and the executor's threads would be
    waited for when the program ends.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | BaseException) -> None:
        if answer.done():
            return
        if isinstance(found, BaseException):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def ask() -> None:
        found: list[str] | BaseException
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            found = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
    return await answer


async def _first(addresses: Sequence[str], port: int) -> str:
    """The first address that accepts; the next is tried when one fails or is slow."""
    attempts: set[asyncio.Task[str]] = set()
    last: BaseException = OSError("no address")
    waiting = list(addresses)
    try:
        while waiting or attempts:
            if waiting:
                attempts.add(asyncio.create_task(_connect(waiting.pop(0), port)))
            head_start = _HEAD_START_S if waiting else None
            done, attempts = await asyncio.wait(
                attempts, timeout=head_start, return_when=asyncio.FIRST_COMPLETED
            )
            for one in done:
                failed = one.exception()
                if failed is None:
                    return one.result()
                last = failed
        raise last
    finally:
        for one in attempts:
            one.cancel()
        await asyncio.gather(*attempts, return_exceptions=True)


async def _connect(address: str, port: int) -> str:
    _reader, writer = await asyncio.open_connection(address, port)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return address
