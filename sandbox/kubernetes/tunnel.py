"""Port-forward as kubectl does it since 1.31: SPDY streams inside one WebSocket (KEP 4006).

Each connection is two streams with one `requestid`: one on which the kubelet says why there is no
connection, and one for its data. Protocol: client-go `tools/portforward`, kubelet
`portforward/httpstream.go`.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.kubernetes.call import Backend
from sandbox.kubernetes.podport import PIECE, connect, refusal
from sandbox.kubernetes.spdy import Data, Frame, Framer, Opened, Ping, data, ping

PROTOCOL = "SPDY/3.1+portforward.k8s.io"


class Tunnel:
    """One accepted WebSocket, and the connections into the pod that it carries."""

    def __init__(self, socket: WebSocket, backend: Backend, namespace: str, pod: str) -> None:
        self._socket = socket
        self._backend = backend
        self._namespace, self._pod = namespace, pod
        self._framer = Framer()
        self._errors: dict[str, int] = {}
        """The stream for what goes wrong, by the request that it belongs to."""
        self._received: dict[int, asyncio.Queue[Data]] = {}
        """What came on a stream of data and is not yet passed on."""
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serves until the client hangs up, or speaks no SPDY."""
        try:
            while True:
                for frame in self._framer.feed(await self._socket.receive_bytes()):
                    await self._take(frame)
        except (WebSocketDisconnect, KeyError, ValueError):
            return
        finally:
            for one in self._serving:
                one.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _take(self, frame: Frame) -> None:
        match frame:
            case Opened(stream, headers):
                await self._socket.send_bytes(self._framer.reply(stream))
                self._open(stream, headers["streamtype"], headers["requestid"], headers["port"])
            case Data(stream) if stream in self._received:
                self._received[stream].put_nowait(frame)
            case Ping():
                await self._socket.send_bytes(ping(frame))

    def _open(self, stream: int, kind: str, request: str, port: str) -> None:
        if kind == "error":
            self._errors[request] = stream
            return
        self._received[stream] = asyncio.Queue()
        serving = asyncio.create_task(self._serve(stream, self._errors.pop(request), int(port)))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, stream: int, error: int, port: int) -> None:
        """Connects, and passes on both ways until both have ended."""
        try:
            reader, writer = await connect(self._backend, self._namespace, self._pod, port)
        except OSError:
            await self._send(Data(error, refusal(self._pod, port), last=True))
            await self._send(Data(stream, b"", last=True))
            return
        with contextlib.closing(writer):
            await asyncio.gather(self._give(stream, reader), self._pass_on(stream, writer))
        del self._received[stream]
        await self._send(Data(error, b"", last=True))

    async def _give(self, stream: int, reader: asyncio.StreamReader) -> None:
        """What the pod says; when it has said all, the other way has nothing to go to either."""
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(PIECE):
                await self._send(Data(stream, piece))
        await self._send(Data(stream, b"", last=True))
        self._received[stream].put_nowait(Data(stream, b"", last=True))

    async def _pass_on(self, stream: int, writer: asyncio.StreamWriter) -> None:
        """What the client says; where the pod takes no more, it says no more either."""
        with contextlib.suppress(ConnectionError):
            while True:
                piece = await self._received[stream].get()
                writer.write(piece.payload)
                await writer.drain()
                if piece.last:
                    break
            writer.write_eof()

    async def _send(self, piece: Data) -> None:
        await self._socket.send_bytes(data(piece))
