"""Context: what one process of the service holds, as its handlers are given it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.opsservice.argocd import ArgoCDClient
from sandbox.opsservice.auth import TokenValidator
from sandbox.opsservice.config import OpsConfig
from sandbox.opsservice.database import Database
from sandbox.opsservice.loki import LokiClient
from sandbox.opsservice.metrics import Metrics
from sandbox.opsservice.prometheus import PrometheusClient
from sandbox.opsservice.zaplog import ZapLogger

ConfigMapReader = Callable[[str, str], Mapping[str, str] | None]
"""(namespace, name) to a ConfigMap's data, None where it is not there."""


@dataclass
class Context:
    """The clients that could be made; None is Go's nil, with what follows from it."""

    config: OpsConfig
    log: ZapLogger
    database: Database
    argocd: ArgoCDClient | None
    kubernetes: bool
    prometheus: PrometheusClient | None
    loki: LokiClient | None
    validator: TokenValidator
    read_config_map: ConfigMapReader = lambda _namespace, _name: None
    metrics: Metrics = field(default_factory=Metrics)

    async def close(self) -> None:
        """Closes every client."""
        for client in (self.argocd, self.prometheus, self.loki, self.validator, self.database):
            if client is not None:
                await client.close()
