"""Endpoints: the ready pods behind each Service, as objects and in the cluster's network."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.controllers.ownership import is_ready
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Address, Network

_INJECT = "sidecar.istio.io/inject"
_PERMISSIVE = frozenset({"prometheus", "grafana", "loki", "ops-portal"})
"""Services whose PeerAuthentication is PERMISSIVE; all others in the mesh are STRICT."""


class Endpoints:
    """Publishes Services. One ready pod answers for each port: the one that is ready longest."""

    def __init__(self, store: Store, network: Network) -> None:
        self._store = store
        self._network = network
        self.faults: dict[tuple[str, str], Address | None] = {}

    def selecting(self, namespace: str, labels: Mapping[str, str]) -> list[str]:
        """The names of the Services that select a pod with these labels."""
        return [
            service["metadata"]["name"]
            for service in self._store.list("Service", namespace)
            if _selects(service, labels)
        ]

    def reconcile(self, namespace: str, name: str) -> None:
        """Brings a Service's endpoints in line with its pods; forgets one that is gone."""
        service = self._store.find("Service", namespace, name)
        if service is None:
            self._network.forget(name, namespace)
            return
        self._give_address(service)
        selector = service["spec"].get("selector")
        if not selector:
            return
        pods = self._store.list("Pod", namespace, selector)
        ready = [pod for pod in pods if is_ready(pod)]
        for port in service["spec"]["ports"]:
            self._publish(service, port, ready)
        self._write(service, ready, [pod for pod in pods if not is_ready(pod)])

    def _give_address(self, service: Obj) -> None:
        """Allots the Service's address, which the API server does when one is created."""
        if service["spec"].get("clusterIP"):
            return
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        address = self._network.cluster_ip(name, namespace)

        def allot(obj: Obj) -> None:
            obj["spec"] |= {"clusterIP": address, "clusterIPs": [address]}

        self._store.change("Service", namespace, name, allot, manager="kube-apiserver")

    def _publish(self, service: Obj, port: Obj, ready: list[Obj]) -> None:
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        address, mesh = None, False
        for pod in sorted(ready, key=_ready_since):
            number = target_port(pod, port)
            address = self._network.pod_address(namespace, pod["metadata"]["name"], number)
            mesh = self._in_mesh(pod, name)
            if address:
                break
        address = self.faults.get((namespace, name), address)
        # A Service without endpoints still has its name: publish it, then take the endpoint away.
        self._network.publish(name, namespace, port["port"], address or ("", 0), mesh=mesh)
        if address is None:
            self._network.withdraw(name, namespace, port["port"])

    def _in_mesh(self, pod: Obj, service: str) -> bool:
        """Whether a plain connection to the pod is reset (STRICT mTLS)."""
        home = self._store.find("Namespace", None, pod["metadata"]["namespace"]) or {}
        labels = home.get("metadata", {}).get("labels") or {}
        annotations = pod["metadata"].get("annotations") or {}
        injected = (
            labels.get("istio-injection") == "enabled" and annotations.get(_INJECT) != "false"
        )
        return injected and service not in _PERMISSIVE

    def _write(self, service: Obj, ready: list[Obj], unready: list[Obj]) -> None:
        metadata = service["metadata"]
        subset: Obj = {"ports": [_endpoint_port(port, ready) for port in service["spec"]["ports"]]}
        if ready:
            subset["addresses"] = [_address(pod) for pod in ready]
        waiting = [pod for pod in unready if (pod.get("status") or {}).get("podIP")]
        if waiting:
            subset["notReadyAddresses"] = [_address(pod) for pod in waiting]
        endpoints = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
            "subsets": [subset] if ready or waiting else [],
        }
        known = self._store.find("Endpoints", metadata["namespace"], metadata["name"])
        if known is None:
            self._store.create(endpoints, manager="kube-controller-manager")
        elif known.get("subsets") != endpoints["subsets"]:
            known["subsets"] = endpoints["subsets"]
            self._store.update(known, manager="kube-controller-manager")


def target_port(pod: Obj, port: Obj) -> int:
    """The container port behind a Service's port, by number or by name; 0 when there is none."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    for container in pod["spec"]["containers"]:
        for one in container.get("ports") or ():
            if one.get("name") == target:
                return int(one["containerPort"])
    return 0


def _selects(service: Obj, labels: Mapping[str, str]) -> bool:
    selector = service["spec"].get("selector") or {}
    return bool(selector) and selector.items() <= labels.items()


def _ready_since(pod: Obj) -> str:
    return next(
        str(one["lastTransitionTime"])
        for one in pod["status"]["conditions"]
        if one["type"] == "Ready"
    )


def _endpoint_port(port: Obj, ready: list[Obj]) -> Obj:
    number = target_port(ready[0], port) if ready else port["port"]
    entry = {"port": number, "protocol": port.get("protocol", "TCP")}
    return entry | ({"name": port["name"]} if port.get("name") else {})


def _address(pod: Obj) -> Obj:
    return {
        "ip": pod["status"]["podIP"],
        "nodeName": pod["spec"].get("nodeName"),
        "targetRef": {
            "kind": "Pod",
            "name": pod["metadata"]["name"],
            "namespace": pod["metadata"]["namespace"],
            "uid": pod["metadata"]["uid"],
        },
    }
