"""The Prometheus client: `internal/client/prometheus_client.go`.

Most callers drop its errors, so that an unreachable Prometheus looks like a quiet one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sandbox.network import Network
from sandbox.opsservice.gohttp import GoClient, GoError, decode

TIMEOUT_S = 10.0

Result = Mapping[str, Any]


class PrometheusClient:
    """Instant and range queries below `base_url`, which is taken as it is given."""

    def __init__(
        self, base_url: str, namespace: str, network: Network, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.namespace = namespace
        self._base_url = base_url
        self._http = GoClient(network, timeout_s=timeout_s, base_url=base_url)

    async def query(self, promql: str) -> list[Result]:
        """The result list of an instant query. Raises GoError."""
        return await self._ask("query", "prometheus query failed", {"query": promql})

    async def query_range(self, promql: str, start: int, end: int, step: str) -> list[Result]:
        """The result list of a range query, times in epoch seconds. Raises GoError."""
        params = {"query": promql, "start": str(start), "end": str(end), "step": step}
        return await self._ask("query_range", "prometheus range query failed", params)

    async def first(self, promql: str) -> Result | None:
        """The first result of an instant query; None for no result and for any error."""
        try:
            results = await self.query(promql)
        except GoError:
            return None
        return results[0] if results else None

    async def value(self, promql: str) -> float:
        """The first result's value; 0 for no result and for any error."""
        result = await self.first(promql)
        return number(result.get("value")) if result else 0.0

    async def close(self) -> None:
        """Drops the connections."""
        await self._http.close()

    async def _ask(self, endpoint: str, failed: str, params: Mapping[str, str]) -> list[Result]:
        try:
            answer = await self._http.get(f"{self._base_url}/api/v1/{endpoint}", params)
        except GoError as error:
            raise GoError(f"request failed: {error}") from None
        if answer.status != 200:
            raise GoError(f"{failed}: {answer.text}")
        try:
            data = decode(answer.text).get("data")
        except GoError as error:
            raise GoError(f"failed to decode response: {error}") from None
        results = data.get("result") if isinstance(data, dict) else None
        return [one for one in results or [] if isinstance(one, dict)]


def number(pair: object) -> float:
    """The value of a `[timestamp, "value"]` pair; 0 where it is none, or NaN."""
    if not isinstance(pair, list) or len(pair) < 2:
        return 0.0
    try:
        value = float(pair[1])
    except (TypeError, ValueError):
        return 0.0
    return 0.0 if math.isnan(value) else value
