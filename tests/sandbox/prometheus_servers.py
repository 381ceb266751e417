"""A Prometheus for a test: the real one or its stand-in."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from sandbox.keeper import Keeper
from sandbox.prometheus import PrometheusServer, start_prometheus

NAMESPACE = "wealist-prod"
PREFIX = "/api/monitoring/prometheus"
BOTH = [
    pytest.param(False, id="real", marks=pytest.mark.needs_prometheus),
    pytest.param(True, id="stand-in"),
]


@asynccontextmanager
async def prometheus(*, stand_in: bool, prefix: str = PREFIX) -> AsyncIterator[PrometheusServer]:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "sandbox"
        keeper = await Keeper.start(folder)
        try:
            server = await start_prometheus(folder, keeper, prefix=prefix, stand_in=stand_in)
            yield server
            await server.stop()
        finally:
            await keeper.close()


def client(server: PrometheusServer) -> httpx.AsyncClient:
    url = f"http://{server.host}:{server.port}"
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=10)


async def query(http: httpx.AsyncClient, prefix: str, promql: str, **more: str) -> httpx.Response:
    parameters = {"query": promql, **more}
    return await http.get(f"{prefix}/api/v1/query", params=parameters)
