"""Serving: ASGI applications on loopback, in the sandbox's own event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from sandbox.kubernetes.tls import Tls

_START_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 5.0
_TICK_S = 1.0
_GRACE_S = 1.0
"""What answers a request may end by itself for so long once its connection is gone."""


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers, which the sandbox process has itself, and its waits.

    uvicorn looks ten times a second whether it should end, and lets two more tenths pass while it
    does: a world of a dozen servers would wake 120 times a second, and take seconds to end.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        while not self.ending.is_set():
            await self.on_tick(0)  # the Date header
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        if answering := set(self.server_state.tasks):
            _done, pending = await asyncio.wait(answering, timeout=_GRACE_S)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)


class Server:
    """A running server on 127.0.0.1."""

    port: int

    def __init__(self, server: _Uvicorn, task: asyncio.Task[None], port: int) -> None:
        self._server = server
        self._task = task
        self.port = port

    async def close(self) -> None:
        """Ends every connection, long ones included, and stops listening; bounded in time."""
        self._server.ending.set()
        _done, pending = await asyncio.wait({self._task}, timeout=_CLOSE_TIMEOUT_S)
        for task in pending:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _configuration(app: ASGIApp, tls: Tls | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        ws="wsproto",
        access_log=False,
        log_config=None,
        log_level="error",
        server_header=False,
        timeout_keep_alive=65,
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )


async def serve(app: ASGIApp, *, tls: Tls | None = None, port: int = 0) -> Server:
    """Serves `app` on 127.0.0.1, on a free port unless one is named.

    Raises OSError when the port is taken, TimeoutError when the server does not come up.
    """
    # The protocol is named because asyncio sets TCP_NODELAY only then: 40 ms per answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    server = _Uvicorn(_configuration(app, tls))
    task = asyncio.create_task(server.serve(sockets=[listener]), name="serve")
    handle = Server(server, task, listener.getsockname()[1])
    started = asyncio.create_task(server.listening.wait())
    await asyncio.wait({task, started}, timeout=_START_TIMEOUT_S, return_when="FIRST_COMPLETED")
    if not started.done():
        started.cancel()
        await handle.close()
        listener.close()
        raise TimeoutError("the server did not start to listen")
    return handle
