"""The Loki client: `internal/client/loki_client.go`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.network import Network
from sandbox.opsservice.gohttp import GoClient, GoError, decode

# The service has no limit here at all (its YAML names none); a sandbox must end.
TIMEOUT_S = 60.0
_MOST_ENTRIES = 1000
_DEFAULT_ENTRIES = 100


@dataclass(frozen=True)
class LogQuery:
    """What to look for; times in epoch nanoseconds."""

    service: str
    level: str
    text: str
    start: int
    end: int
    limit: int


class LokiClient:
    """Log queries below `base_url`."""

    def __init__(self, base_url: str, namespace: str, network: Network) -> None:
        self._base_url = base_url
        self._namespace = namespace
        self._http = GoClient(network, timeout_s=TIMEOUT_S, base_url=base_url)

    async def entries(self, query: LogQuery) -> list[dict[str, Any]]:
        """The matching lines, newest first. Raises GoError."""
        limit = min(query.limit, _MOST_ENTRIES) if query.limit > 0 else _DEFAULT_ENTRIES
        params = {
            "query": self._logql(query),
            "start": str(query.start),
            "end": str(query.end),
            "limit": str(limit),
            "direction": "backward",
        }
        url = f"{self._base_url}/loki/api/v1/query_range"
        body = await self._get(url, params, "failed to query Loki")
        if body.get("status") != "success":
            raise GoError(f"Loki query failed with status: {body.get('status', '')}")
        streams = (body.get("data") or {}).get("result") or []
        return [
            _entry(stream.get("stream") or {}, value)
            for stream in streams
            for value in stream.get("values") or []
            if len(value) >= 2
        ]

    async def services(self, start: int, end: int) -> list[dict[str, str]] | None:
        """The values of label `app`; None where there is none. Raises GoError."""
        url = f"{self._base_url}/loki/api/v1/label/app/values"
        params = {"start": str(start), "end": str(end)}
        body = await self._get(url, params, "failed to query Loki labels")
        return [{"name": str(name)} for name in body.get("data") or []] or None

    async def close(self) -> None:
        """Drops the connections."""
        await self._http.close()

    async def _get(self, url: str, params: Mapping[str, str], failed: str) -> Mapping[str, Any]:
        try:
            answer = await self._http.get(url, params)
        except GoError as error:
            raise GoError(f"{failed}: {error}") from None
        if answer.status != 200:
            raise GoError(f"Loki returned status {answer.status}")
        try:
            body: Mapping[str, Any] = decode(answer.text)
        except GoError as error:
            raise GoError(f"failed to decode Loki response: {error}") from None
        return body

    def _logql(self, query: LogQuery) -> str:
        app = f', app="{query.service}"' if query.service else ""
        level = f' | level=~"(?i){query.level}"' if query.level else ""
        text = f' |~ "(?i){query.text}"' if query.text else ""
        return f'{{namespace="{self._namespace}"{app}}} | json{level}{text}'


def _entry(labels: Mapping[str, str], value: list[str]) -> dict[str, Any]:
    moment = datetime.fromtimestamp(int(value[0]) / 1e9, UTC)
    entry: dict[str, Any] = {
        "timestamp": moment.isoformat().replace("+00:00", "Z"),
        "service": labels.get("app", ""),
    }
    try:
        fields = json.loads(value[1])
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return entry | {"level": "info", "message": value[1], "labels": dict(labels)}
    entry["level"] = fields.get("level") or labels.get("level", "")
    entry["message"] = fields.get("msg") or fields.get("message") or ""
    for name, key in (("traceId", "trace_id"), ("spanId", "span_id")):
        if fields.get(key):
            entry[name] = fields[key]
    return entry | {"labels": dict(labels)}
