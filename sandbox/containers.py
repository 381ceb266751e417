"""Containers: what really runs in the pods of this cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sandbox import curl
from sandbox.kubelet.environment import expand
from sandbox.kubelet.runtime import Clock, Elsewhere, Exited, Runtime
from sandbox.kubernetes.logs import LogBuffer
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Address, Network
from sandbox.opsservice import ContainerExit, OpsService, backdate

OPS_SERVICE = "ops-service"

_OLD = timedelta(seconds=10)


class OpsContainer:
    """One run of ops-service's container. One that started long ago has a log that says so."""

    def __init__(
        self,
        service: Callable[[Clock], OpsService],
        port: int,
        started: datetime,
        token: Callable[[], str],
    ) -> None:
        self._started = started
        self._lag = max(timedelta(), datetime.now(UTC) - started)
        self._service = service(self._now)
        self._port = port
        self._token = token
        self.ports: dict[int, Address] = {}

    async def start(self) -> None:
        """Returns once it serves. Raises Exited where the real process would exit."""
        try:
            await self._service.start()
        except ContainerExit as exit_:
            raise Exited(exit_.code, exit_.reason) from exit_
        if self._lag > _OLD:
            until = datetime.now(UTC)
            await backdate(self._service, start=self._started, until=until, token=self._token())
        self._lag = timedelta()
        self.ports[self._port] = ("127.0.0.1", self._service.port)

    async def stop(self) -> None:
        """Stops serving and lets go of the database."""
        await self._service.stop()

    def _now(self) -> datetime:
        return datetime.now(UTC) - self._lag


class Containers:
    """Launches containers: ops-service's is run, curl asks, the others are served elsewhere.

    `token` gives the access token of a person whose open portal asks ops-service all day.
    """

    def __init__(self, store: Store, network: Network, token: Callable[[], str]) -> None:
        self._store = store
        self._network = network
        self._token = token
        self.elsewhere: dict[str, Elsewhere] = {}

    def __call__(
        self, pod: Obj, container: Obj, env: Mapping[str, str], log: LogBuffer, now: Clock
    ) -> Runtime:
        """The runtime of a container of a pod."""
        asked = curl.arguments(container)
        if asked is not None:
            return curl.Curl(self._network, [expand(one, env) for one in asked], log, pod)
        if container["name"] != OPS_SERVICE:
            return self.elsewhere.get(container["name"], Elsewhere())

        def service(clock: Clock) -> OpsService:
            return OpsService(
                env,
                self._network,
                log,
                pod=pod["metadata"]["name"],
                clock=clock,
                read_config_map=self._read_config_map,
            )

        return OpsContainer(service, container["ports"][0]["containerPort"], now(), self._token)

    def _read_config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        found = self._store.find("ConfigMap", namespace, name)
        return (found.get("data") or {}) if found else None
