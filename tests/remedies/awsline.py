"""A line to AWS on which one operation is held until it is let go, or refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from sandbox.serving import serve


class Line:
    """Passes everything on, `held` after `go` only; to `refused` the answer is `why`."""

    def __init__(self, aws: httpx.AsyncClient) -> None:
        self.held = self.refused = ""
        self.why = "InternalServiceError"
        self.arrived, self.go = asyncio.Event(), asyncio.Event()
        self.sent: list[str] = []
        """The operations that came, in order."""
        self._aws = aws

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
        body = await _body(receive)
        operation = dict(headers)[b"x-amz-target"].decode().partition(".")[2]
        self.sent.append(operation)
        if operation == self.held:
            self.arrived.set()
            await self.go.wait()
        told = {"__type": self.why, "message": f"not authorized to perform {operation}"}
        status, content = 400 if "Denied" in self.why else 500, json.dumps(told).encode()
        if operation != self.refused:
            answer = await self._aws.post("/", content=body, headers=headers)
            status, content = answer.status_code, answer.content
        typed = [(b"content-type", b"application/x-amz-json-1.1")]
        await send({"type": "http.response.start", "status": status, "headers": typed})
        await send({"type": "http.response.body", "body": content})


async def _body(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


@asynccontextmanager
async def line_to(endpoint: str) -> AsyncIterator[tuple[Line, str]]:
    """The line, and its address."""
    async with httpx.AsyncClient(base_url=endpoint, trust_env=False, timeout=30.0) as aws:
        line = Line(aws)
        server = await serve(line)
        try:
            yield line, f"http://127.0.0.1:{server.port}"
        finally:
            await server.close()
