"""The Argo CD client: `internal/client/argocd_client.go`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.network import Network
from sandbox.opsservice.gohttp import GoClient, GoError, decode
from sandbox.opsservice.zaplog import Site, ZapLogger

TIMEOUT_S = 30.0
HISTORY_LIMIT = 100

_NO_TIME = "0001-01-01T00:00:00Z"
_HISTORY_SKIPPED = Site(
    "client/argocd_client.go:273", "ops-service/internal/client.(*ArgoCDClient)"
)

Application = Mapping[str, Any]
HistoryEntry = dict[str, str]


class ArgoCDClient:
    """The calls the service makes, with its token as a bearer."""

    def __init__(
        self, base_url: str, token: str, network: Network, log: ZapLogger, *, insecure: bool = False
    ) -> None:
        self._base_url = base_url.removesuffix("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._log = log
        self._http = GoClient(network, timeout_s=TIMEOUT_S, base_url=base_url, insecure=insecure)

    async def applications(self) -> list[Application]:
        """What the server lists for this token: RBAC filters silently. Raises GoError."""
        body = await self._get("/api/v1/applications", "applications")
        return [one for one in body.get("items") or [] if isinstance(one, dict)]

    async def history(self, name: str) -> list[HistoryEntry]:
        """One Application's deployments, newest first. Raises GoError."""
        body = await self._get(f"/api/v1/applications/{name}", "application")
        status = body.get("status") or {}
        shown = {
            "syncStatus": part(status, "sync", "status"),
            "healthStatus": part(status, "health", "status"),
        }
        entries = [
            {
                "appName": name,
                "revision": str(one.get("revision", "")),
                "deployedAt": str(one.get("deployedAt") or _NO_TIME),
                **shown,
            }
            for one in status.get("history") or []
        ]
        return entries[::-1]

    async def all_history(self) -> list[HistoryEntry]:
        """The newest deployments of all Applications; one that fails is skipped with a warning."""
        entries: list[HistoryEntry] = []
        for application in await self.applications():
            name = part(application, "metadata", "name")
            try:
                entries += await self.history(name)
            except GoError as error:
                fields = {"app": name, "error": str(error)}
                self._log.warn(_HISTORY_SKIPPED, "Failed to get history for app", fields)
        entries.sort(key=lambda entry: entry["deployedAt"], reverse=True)
        return entries[:HISTORY_LIMIT]

    async def close(self) -> None:
        """Drops the connections."""
        await self._http.close()

    async def _get(self, path: str, what: str) -> Mapping[str, Any]:
        try:
            answer = await self._http.get(self._base_url + path, headers=self._headers)
        except GoError as error:
            raise GoError(f"request failed: {error}") from None
        if answer.status != 200:
            raise GoError(f"failed to get {what}: {answer.text}")
        try:
            body: Mapping[str, Any] = decode(answer.text)
        except GoError as error:
            raise GoError(f"failed to decode {what}: {error}") from None
        return body


def part(value: Mapping[str, Any], outer: str, inner: str) -> str:
    """`value[outer][inner]` as text, empty where it is not there, as Go's zero values are."""
    found = (value.get(outer) or {}).get(inner)
    return str(found) if found is not None else ""
