"""Traffic: who asks ops-service all day long: Prometheus' scrapes, and a person's open portal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import httpx

from sandbox.kubernetes.store import Store
from sandbox.network import Network
from sandbox.prometheus import PrometheusServer
from sandbox.prometheus.series import next_samples
from sandbox.scenario import PrometheusPart

SCRAPE_S = 15.0
POLL_S = 30.0
_PORTAL_ROUTES = ("/api/monitoring/metrics/overview", "/api/monitoring/applications")
_PROMETHEUS_AGENT = "Prometheus/2.55.1"
_BROWSER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"


async def scrape(store: Store, network: Network, namespace: str) -> None:
    """Asks every pod that is annotated for it for its metrics, as Prometheus' pod discovery."""
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        while True:
            for pod in store.list("Pod", namespace):
                annotations = pod["metadata"].get("annotations") or {}
                if annotations.get("prometheus.io/scrape") != "true":
                    continue
                port = int(annotations.get("prometheus.io/port", 80))
                address = network.pod_address(namespace, pod["metadata"]["name"], port)
                if address:
                    path = annotations.get("prometheus.io/path", "/metrics")
                    url = f"http://{address[0]}:{address[1]}{path}"
                    await _ask(client, url, {"User-Agent": _PROMETHEUS_AGENT})
            await asyncio.sleep(SCRAPE_S)


async def poll_portal(network: Network, namespace: str, token: Callable[[], str]) -> None:
    """What the portal's page asks for every 30 seconds while somebody has it open."""
    base = f"http://ops-service.{namespace}.svc.cluster.local:8005"
    async with network.client(timeout=30) as client:
        while True:
            await asyncio.sleep(POLL_S)
            headers = {"Authorization": f"Bearer {token()}", "User-Agent": _BROWSER_AGENT}
            for route in _PORTAL_ROUTES:
                await _ask(client, f"{base}{route}", headers)


async def feed(prometheus: PrometheusServer, part: PrometheusPart) -> None:
    """Keeps Prometheus' series alive: one more sample of each, every scrape interval."""
    while True:
        await asyncio.sleep(SCRAPE_S)
        series = next_samples(
            time.time(), traffic=part.traffic, mesh=part.mesh, namespace=part.namespace
        )
        await prometheus.push(series)


async def _ask(client: httpx.AsyncClient, url: str, headers: dict[str, str]) -> None:
    """One request whose answer nobody needs: it is there to be logged by who is asked."""
    try:
        await client.get(url, headers=headers)
    except httpx.TransportError:
        return
