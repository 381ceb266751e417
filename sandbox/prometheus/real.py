"""The real Prometheus, as a sub-process on loopback, fed by remote write."""

from __future__ import annotations

import asyncio
import re
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

import httpx

from sandbox.cleanup import Process as Identity
from sandbox.keeper import Keeper
from sandbox.processes import Setting, StartError, failed, free_port, spawn
from sandbox.prometheus.remote_write import HEADERS, within, write_request
from sandbox.prometheus.samples import Series
from sandbox.prometheus.settings import Web

_READY_S = 20.0
_POLL_S = 0.02
_PUSH_S = 20.0
_STOP_S = 3.0
_PORT_ATTEMPTS = 5
_OLDEST_S = 59 * 60
"""The head takes samples up to half a block (one hour) older than its newest one."""

_CONFIG = """\
global:
  scrape_interval: 15s
scrape_configs:
  - job_name: prometheus
    scrape_interval: 5s
    scrape_timeout: 5s
    metrics_path: {prefix}/metrics
    static_configs:
      - targets: ["127.0.0.1:{port}"]
        labels: {{instance: "localhost:9090"}}
"""


class RealPrometheus:
    """A running prometheus process (the Protocol `PrometheusServer`)."""

    host: str = "127.0.0.1"

    def __init__(self, web: Web, port: int, version: str, process: Process) -> None:
        self.port = port
        self.prefix = web.prefix
        self.version = version
        self.args = web.production_args
        self._process = process
        self._identity = Identity.of(process.pid)
        # Kept: making one costs tens of milliseconds, and a push is due every few seconds.
        self._client = httpx.AsyncClient(trust_env=False, timeout=_PUSH_S)

    @property
    def url(self) -> str:
        """Address of the server, its prefix included."""
        return f"http://{self.host}:{self.port}{self.prefix}"

    async def push(self, series: Sequence[Series]) -> None:
        """Remote write; samples older than the server would accept are left out.

        Raises httpx.HTTPStatusError when the server refuses them.
        """
        fresh = within(series, time.time() - _OLDEST_S)
        body = await asyncio.to_thread(write_request, fresh)
        url = f"{self.url}/api/v1/write"
        answer = await self._client.post(url, content=body, headers=HEADERS)
        answer.raise_for_status()

    def hang(self) -> None:
        """Stops the process where it is: the kernel still accepts connections for it."""
        self._identity.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets the process go on."""
        self._identity.signal(signal.SIGCONT)

    async def stop(self) -> None:
        """Ends the process; SIGKILL when it takes too long."""
        await asyncio.to_thread(self._identity.end, _STOP_S)
        await self._process.wait()
        await self._client.aclose()


async def start_real(folder: Path, keeper: Keeper, web: Web, binary: str) -> RealPrometheus:
    """Starts `binary` and waits until it is ready. Raises StartError with its last log lines."""
    home = folder / "prometheus"
    home.mkdir(mode=0o700)
    setting = Setting(folder, home, home / "server.log")
    for _attempt in range(_PORT_ATTEMPTS):
        port = free_port()
        (home / "prometheus.yml").write_text(_CONFIG.format(prefix=web.prefix, port=port))
        process = await spawn([binary, *_arguments(web, port)], setting)
        keeper.adopt(process)
        if version := await _ready(process, f"http://127.0.0.1:{port}{web.prefix}"):
            return RealPrometheus(web, port, version, process)
        said = setting.log.read_text()
        if process.returncode is None:
            process.kill()
            await process.wait()
            raise failed(binary, f"was not ready after {_READY_S:g} s", setting.log)
        if "address already in use" not in said:
            raise failed(binary, f"ended with code {process.returncode}", setting.log)
        setting.log.unlink()
    raise StartError(f"prometheus found its port taken {_PORT_ATTEMPTS} times")


def _arguments(web: Web, port: int) -> tuple[str, ...]:
    return (
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        "--storage.tsdb.retention.time=7d",
        f"--web.listen-address=127.0.0.1:{port}",
        *web.flags,
    )


async def _ready(process: Process, url: str) -> str:
    """The server's version once it is ready; empty when it ended or the time is over."""
    deadline = time.monotonic() + _READY_S
    async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
        while process.returncode is None and time.monotonic() < deadline:
            try:
                if (await client.get(f"{url}/-/ready")).status_code == httpx.codes.OK:
                    return _version(await client.get(f"{url}/api/v1/status/buildinfo"))
            except httpx.TransportError:
                pass  # not listening yet: the loop's deadline decides
            await asyncio.sleep(_POLL_S)
    return ""


def _version(answer: httpx.Response) -> str:
    """`2.42.0` out of Debian's `2.42.0+ds`."""
    text = str(answer.json()["data"]["version"])
    found = re.match(r"[0-9.]+", text)
    return found.group() if found else text
