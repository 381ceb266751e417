"""Network: the cluster's DNS and its endpoints, as pods and the API server see them.

Names such as `prometheus.wealist-prod.svc.cluster.local` exist in here only; nothing of it
resolves for a process outside the sandbox.
"""

from __future__ import annotations

import ipaddress
import zlib
from dataclasses import dataclass

import httpx

Address = tuple[str, int]

_CLUSTER_SUFFIXES = (".svc.cluster.local", ".svc")
_SCHEME_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """An endpoint; `mesh` means STRICT mTLS: a plain connection from outside the mesh is reset."""

    address: Address
    mesh: bool = False


class Network:
    """Who listens where. `namespace` is the one that bare service names are looked up in."""

    def __init__(self, namespace: str = "default") -> None:
        self.namespace = namespace
        self._services: dict[tuple[str, str], dict[int, Target]] = {}
        self._pods: dict[tuple[str, str], dict[int, Address]] = {}
        self._hosts: dict[str, dict[int, Address]] = {}

    def publish(
        self, service: str, namespace: str, port: int, address: Address, *, mesh: bool = False
    ) -> None:
        """Gives a Service's port its endpoint; an earlier one is replaced."""
        self._services.setdefault((namespace, service), {})[port] = Target(address, mesh)

    def withdraw(self, service: str, namespace: str, port: int) -> None:
        """Takes the endpoint away. The name still resolves: a connection is refused."""
        self._services.get((namespace, service), {}).pop(port, None)

    def forget(self, service: str, namespace: str) -> None:
        """Takes the name itself away, as deleting the Service does."""
        self._services.pop((namespace, service), None)

    def publish_host(self, host: str, port: int, address: Address) -> None:
        """Names a host outside the cluster, such as the public host of a server."""
        self._hosts.setdefault(host.lower(), {})[port] = address

    def publish_pod(self, namespace: str, pod: str, port: int, address: Address) -> None:
        """Gives a pod's port the loopback address that really answers."""
        self._pods.setdefault((namespace, pod), {})[port] = address

    def withdraw_pod(self, namespace: str, pod: str) -> None:
        """Forgets all ports of a pod that is gone."""
        self._pods.pop((namespace, pod), None)

    def target(self, service: str, namespace: str, port: int) -> Target | None:
        """The endpoint behind a Service's port, or None when it has none."""
        return self._services.get((namespace, service), {}).get(port)

    def pod_address(self, namespace: str, pod: str, port: int) -> Address | None:
        """The address behind a pod's port, or None when nothing listens there."""
        return self._pods.get((namespace, pod), {}).get(port)

    def meshed(self, address: Address) -> bool:
        """Whether a sidecar guards that address, whichever name it is reached by."""
        targets = (t for ports in self._services.values() for t in ports.values())
        return any(target.mesh and target.address == address for target in targets)

    def address_of(self, host: str, port: int) -> Address | None:
        """Resolves a name as a pod would; loopback is itself. None: no name or no endpoint."""
        if _is_loopback(host):
            return (host, port)
        known = self._hosts.get(host.lower())
        if known is not None:
            return known.get(port)
        target = self._services.get(self._service_of(host), {}).get(port)
        return target.address if target else None

    def resolves(self, host: str) -> bool:
        """Whether the name exists, with or without an endpoint behind it."""
        if _is_loopback(host) or host.lower() in self._hosts:
            return True
        return self._service_of(host) in self._services

    def cluster_ip(self, service: str, namespace: str) -> str:
        """A stable address to show as the Service's `clusterIP`; nothing listens on it."""
        digest = zlib.crc32(f"{namespace}/{service}".encode())
        return f"10.100.{digest >> 8 & 0xFF}.{(digest & 0xFF) or 1}"

    def client(
        self, *, timeout: float = 10.0, follow_redirects: bool = True, verify: bool = True
    ) -> httpx.AsyncClient:
        """An HTTP client that sees the network as a pod does.

        Raises httpx.ConnectError with the text of Go's dialer, as the services log it.
        """
        return httpx.AsyncClient(
            transport=_ClusterTransport(self, verify=verify),
            timeout=timeout,
            follow_redirects=follow_redirects,
        )

    def dial_error(self, host: str, port: int) -> str:
        """What Go's dialer says of an address that cannot be connected to."""
        if not self.resolves(host):
            return f"dial tcp: lookup {host}: no such host"
        shown = host
        if not _is_loopback(host) and host.lower() not in self._hosts:
            namespace, service = self._service_of(host)
            shown = self.cluster_ip(service, namespace)
        return f"dial tcp {shown}:{port}: connect: connection refused"

    def _service_of(self, host: str) -> tuple[str, str]:
        """(namespace, service) of a cluster name in any of its four spellings."""
        name = host.lower().rstrip(".")
        for suffix in _CLUSTER_SUFFIXES:
            name = name.removesuffix(suffix)
        service, _, namespace = name.partition(".")
        return (namespace or self.namespace, service)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class _ClusterTransport(httpx.AsyncBaseTransport):
    """Sends requests to the loopback endpoint behind a cluster name, the Host header untouched."""

    def __init__(self, network: Network, *, verify: bool) -> None:
        self._network = network
        self._inner = httpx.AsyncHTTPTransport(verify=verify, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, port = request.url.host, request.url.port or _SCHEME_PORTS[request.url.scheme]
        address = self._network.address_of(host, port)
        if address is None:
            raise httpx.ConnectError(self._network.dial_error(host, port), request=request)
        extensions = {**request.extensions, "sni_hostname": host}
        landed = httpx.Request(
            request.method,
            request.url.copy_with(host=address[0], port=address[1]),
            headers=request.headers,
            stream=request.stream,
            extensions=extensions,
        )
        try:
            return await self._inner.handle_async_request(landed)
        except httpx.ConnectError as error:
            if "CERTIFICATE" in str(error) or "SSL" in str(error):
                raise
            raise httpx.ConnectError(
                self._network.dial_error(host, port), request=request
            ) from error

    async def aclose(self) -> None:
        await self._inner.aclose()
