"""OpsService: one process of ops-service, as it runs in one container."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sandbox.kubernetes.logs import LogBuffer
from sandbox.network import Network
from sandbox.opsservice.app import WRITE_TIMEOUT_S, OpsApp
from sandbox.opsservice.context import ConfigMapReader, Context
from sandbox.opsservice.database import RETRY_INTERVAL_S
from sandbox.opsservice.prometheus import TIMEOUT_S
from sandbox.opsservice.startup import Outside, read_config, require_port, start_up
from sandbox.opsservice.zaplog import ZapLogger, main
from sandbox.serving import Server, serve

_LOG_LEVEL = "LOG_LEVEL"


def _now() -> datetime:
    return datetime.now(UTC)


class OpsService:
    """Runs with `env`, sees `network` as its pod does, writes into `log`.

    `clock` tells the time of the log lines: set back, it gives a container a past.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        network: Network,
        log: LogBuffer,
        *,
        pod: str,
        clock: Callable[[], datetime] = _now,
        retry_interval_s: float = RETRY_INTERVAL_S,
        prometheus_timeout_s: float = TIMEOUT_S,
        write_timeout_s: float = WRITE_TIMEOUT_S,
        read_config_map: ConfigMapReader = lambda _namespace, _name: None,
    ) -> None:
        self.pod = pod
        self.port = 0
        """Where it really listens, on loopback; 0 while it does not."""
        self.log = ZapLogger(log, clock, env.get(_LOG_LEVEL) or "info")
        self._env = dict(env)
        self._write_timeout_s = write_timeout_s
        self._outside = Outside(
            network, clock, retry_interval_s, prometheus_timeout_s, read_config_map
        )
        self._context: Context | None = None
        self._app: OpsApp | None = None
        self._server: Server | None = None

    @property
    def ready(self) -> bool:
        """Whether it serves HTTP. What its readiness says, `/health/ready` tells."""
        return self._server is not None

    @property
    def app(self) -> OpsApp:
        """The HTTP side of the running service."""
        if self._app is None:
            raise RuntimeError(f"{self.pod} has not been started")
        return self._app

    async def start(self) -> None:
        """Returns once it serves; waits out the database's retries first.

        Raises ContainerExit where the real process would exit.
        """
        config = read_config(self._env, self.log)
        self._context = await start_up(config, self.log, self._outside)
        try:
            require_port(config, self.log)
            self._app = OpsApp(self._context, write_timeout_s=self._write_timeout_s)
            self._server = await serve(self._app)
        except BaseException:
            await self._context.close()
            raise
        self.port = self._server.port

    async def stop(self) -> None:
        """Stops serving and lets go of every connection; harmless when it never ran."""
        if self._server is not None:
            self.log.info(main(262), "Shutting down server...")
            await self._server.close()
            self._server, self.port = None, 0
            self.log.info(main(272), "Server exited gracefully")
        if self._context is not None:
            await self._context.close()
            self._context = None
