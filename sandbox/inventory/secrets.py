"""Secrets: those that the External Secrets Operator makes, and those that somebody made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.controllers.ownership import condition
from sandbox.controllers.targetsecret import manager_of, synced_version, target_secret
from sandbox.inventory import NAMESPACE
from sandbox.kubernetes.store import Obj, Store
from sandbox.remotekeys import RemoteKeys

_STORE = "aws-secrets-manager"
_OPERATOR = "external-secrets"
_API = "external-secrets.io/v1"


def secret_store(store: Store) -> None:
    """Creates the ClusterSecretStore that every ExternalSecret refers to."""
    now = store.now()
    ready = condition({}, "Ready", "True", "Valid", "store validated", now)
    service = {"service": "SecretsManager", "region": "ap-northeast-2"}
    store.create(
        {
            "apiVersion": _API,
            "kind": "ClusterSecretStore",
            "metadata": {"name": _STORE},
            "spec": {"provider": {"aws": service}},
            "status": {"capabilities": "ReadWrite", "conditions": [ready]},
        },
        manager="terraform",
    )


def by_hand(store: Store, name: str, data: Mapping[str, str]) -> None:
    """Creates a Secret as `kubectl create secret generic` does."""
    metadata = {"name": name, "namespace": NAMESPACE}
    store.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "Opaque",
            "stringData": dict(data),
        },
        manager="kubectl-create",
    )


def external(
    store: Store,
    remote: RemoteKeys,
    name: str,
    data: Mapping[str, str],
    *,
    namespace: str = NAMESPACE,
    target: str = "",
) -> None:
    """Creates an ExternalSecret, or gives it other keys, with its Secret long since synced."""
    for key, value in data.items():
        remote.put(_remote_key(key), value)
    wanted = _external_secret(name, namespace, target or name, data)
    found = store.find("ExternalSecret", namespace, name)
    made = store.update({**found, "spec": wanted["spec"]}) if found else store.create(wanted)
    secret = store.find("Secret", namespace, target or name)
    write = store.update if secret else store.create
    write(target_secret(made, secret, data), manager=manager_of(made))
    now = store.now()
    ready = condition({}, "Ready", "True", "SecretSynced", "secret synced", now)
    made["status"] = {
        "conditions": [ready],
        "refreshTime": now,
        "syncedResourceVersion": synced_version(made),
        "binding": {"name": target or name},
    }
    store.update(made, manager=_OPERATOR, subresource="status")


def _external_secret(name: str, namespace: str, target: str, data: Mapping[str, str]) -> Obj:
    return {
        "apiVersion": _API,
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": _STORE},
            "target": {"name": target, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
            "data": [_reference(key) for key in data],
        },
    }


def _reference(key: str) -> dict[str, Any]:
    return {
        "secretKey": key,
        "remoteRef": {
            "key": _remote_key(key),
            "conversionStrategy": "Default",
            "decodingStrategy": "None",
            "metadataPolicy": "None",
        },
    }


def _remote_key(key: str) -> str:
    return f"wealist/prod/{key.lower()}"
