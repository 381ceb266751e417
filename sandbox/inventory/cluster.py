"""Cluster: namespaces, nodes, and ConfigMaps."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE
from sandbox.kubelet import NODES
from sandbox.kubernetes.store import Obj, Store

_NAMESPACES: dict[str, dict[str, str]] = {
    "default": {},
    "kube-system": {},
    NAMESPACE: {"istio-injection": "enabled"},
    ARGOCD_NAMESPACE: {},
    "istio-system": {},
    "external-secrets": {},
    "kyverno": {},
}


def build(store: Store) -> None:
    """Creates the namespaces and the nodes."""
    for name, labels in _NAMESPACES.items():
        metadata: Obj = {"name": name} | ({"labels": labels} if labels else {})
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    for node in NODES:
        store.create(_node(node.name, node.ip))


def config_map(store: Store, name: str, data: Mapping[str, str]) -> None:
    """Creates a ConfigMap in ops-service's namespace."""
    store.create(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "data": dict(data),
        },
        manager="argocd-controller",
    )


def _node(name: str, ip: str) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"},
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": ip},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "KubeletReady",
                    "message": "kubelet is posting ready status",
                }
            ],
            "nodeInfo": {"kubeletVersion": "v1.34.1-eks-113cf36"},
        },
    }
