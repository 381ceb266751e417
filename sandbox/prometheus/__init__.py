"""Prometheus of the sandbox: the real server, or a stand-in that answers alike."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.keeper import Keeper
from sandbox.processes import StartError
from sandbox.prometheus.real import start_real
from sandbox.prometheus.samples import Series
from sandbox.prometheus.settings import PrometheusServer, Web
from sandbox.prometheus.standin import start_stand_in

__all__ = ["PrometheusServer", "Series", "start_prometheus"]


async def start_prometheus(
    folder: Path,
    keeper: Keeper,
    *,
    prefix: str = "/api/monitoring/prometheus",
    external_host: str = "https://api.wealist.co.kr",
    stand_in: bool | None = None,
) -> PrometheusServer:
    """Starts a Prometheus that serves under `prefix` (empty or `/`: none).

    `stand_in` None takes the real one when its binary is on PATH. Raises StartError when the
    real one is asked for and does not start.
    """
    web = Web.at(prefix, external_host)
    binary = shutil.which("prometheus")
    if stand_in is None:
        stand_in = binary is None
    if stand_in:
        return await start_stand_in(web)
    if binary is None:
        raise StartError("no prometheus on PATH: install Debian's prometheus")
    return await start_real(folder, keeper, web, binary)
