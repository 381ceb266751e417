"""Settings: how the sandbox's Prometheus is set up, real or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.prometheus.samples import Series

PRODUCTION_VERSION = "2.55.1"


class PrometheusServer(Protocol):
    """A running server. `prefix` is empty when it serves at the root.

    `args` is the command line that a pod's spec shows, with production's paths.
    """

    host: str
    port: int
    prefix: str
    version: str
    args: tuple[str, ...]

    async def push(self, series: Sequence[Series]) -> None:
        """Stores samples, as a remote write does: at most an hour old, newer than the last."""

    def hang(self) -> None:
        """From now on it accepts connections and never answers."""

    def resume(self) -> None:
        """Ends `hang`."""

    async def stop(self) -> None:
        """Ends it: its port refuses from then on."""


@dataclass(frozen=True)
class Web:
    """Where it serves: the route prefix (normalised, empty for none) and the external host."""

    prefix: str
    external_host: str

    @classmethod
    def at(cls, prefix: str, external_host: str) -> Web:
        """Normalises as Prometheus does: one leading slash, no trailing one."""
        path = prefix.strip("/")
        return cls(f"/{path}" if path else "", external_host.rstrip("/"))

    @property
    def external_url(self) -> str:
        """The value of `--web.external-url`."""
        return f"{self.external_host}{self.prefix}"

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of production's pod that say what is served."""
        return (
            "--web.enable-lifecycle",
            f"--web.external-url={self.external_url}",
            f"--web.route-prefix={self.prefix or '/'}",
            "--web.enable-remote-write-receiver",
            "--enable-feature=exemplar-storage",
        )

    @property
    def production_args(self) -> tuple[str, ...]:
        """The whole command line of production's pod."""
        return (
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--storage.tsdb.retention.time=7d",
            "--web.console.libraries=/usr/share/prometheus/console_libraries",
            "--web.console.templates=/usr/share/prometheus/consoles",
            *self.flags,
        )
