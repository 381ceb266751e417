"""Cluster: namespaces, nodes, and what ops-service's pods take their environment from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
_STORE = "aws-secrets-manager"
_ESO = "external-secrets.io/v1"


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


def secret(store: Store, name: str, data: Mapping[str, str]) -> None:
    """Creates an ExternalSecret and the Secret that the operator makes of it."""
    external = store.create(_external_secret(store, name, data), manager="external-secrets")
    metadata = external["metadata"]
    owner = {
        "apiVersion": _ESO,
        "kind": "ExternalSecret",
        "name": name,
        "uid": metadata["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    store.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": name,
                "namespace": NAMESPACE,
                "labels": {"reconcile.external-secrets.io/managed": "true"},
                "ownerReferences": [owner],
            },
            "type": "Opaque",
            "stringData": dict(data),
        },
        manager="external-secrets",
    )


def _external_secret(store: Store, name: str, data: Mapping[str, str]) -> Obj:
    now = store.now()
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "SecretSynced",
        "message": "secret synced",
        "lastTransitionTime": now,
    }
    references: list[dict[str, Any]] = [
        {"secretKey": key, "remoteRef": {"key": f"wealist/prod/{key.lower()}"}} for key in data
    ]
    return {
        "apiVersion": _ESO,
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": _STORE},
            "target": {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
            "data": references,
        },
        "status": {
            "conditions": [ready],
            "refreshTime": now,
            "binding": {"name": name},
        },
    }


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
