"""Overlay: lays what a scenario says of single objects over the cluster."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

from sandbox.inventory import NAMESPACE, secrets
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.store import Obj, Store
from sandbox.remotekeys import RemoteKeys
from sandbox.scenario import Change, Keys, ObjectOverlay

APPLICATION = "ops-service-prod"
SHARED_CONFIG = "wealist-shared-config"
SHARED_SECRET = "wealist-shared-secret"

Mutate = Callable[[Obj], None]
Commit = Callable[[str, str, Mutate], object]
"""Kind, name and what to do with the manifest."""


def objects(store: Store, overlays: Iterable[ObjectOverlay]) -> None:
    """Creates, patches or removes the objects named."""
    for overlay in overlays:
        found = store.find(overlay.kind, overlay.namespace, overlay.name)
        if overlay.absent:
            if found:
                store.delete(overlay.kind, overlay.namespace, overlay.name)
            continue
        if found is None:
            metadata = {"name": overlay.name, "namespace": overlay.namespace}
            store.create(merged({"kind": overlay.kind, "metadata": metadata}, overlay.merge))
        else:
            store.update(merged(found, overlay.merge))


def merged(target: Obj, patch: Obj) -> Obj:
    """A JSON merge patch (RFC 7396): null takes a key away, a list replaces a list."""
    result = clone(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            below = result.get(key)
            result[key] = merged(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def change(store: Store, commit: Commit, remote: RemoteKeys, after: Change) -> None:
    """What changes once the pods have started; `commit` changes an object as Git has it."""
    if after.helm != Keys():
        commit("Application", APPLICATION, _parameters(after.helm))
    if after.shared_config != Keys():
        commit("ConfigMap", SHARED_CONFIG, _data(after.shared_config))
    if after.shared_secret != Keys():
        found = store.get("Secret", NAMESPACE, SHARED_SECRET)["data"]
        known = {key: base64.b64decode(value).decode() for key, value in found.items()}
        secrets.external(store, remote, SHARED_SECRET, after.shared_secret.over(known))
    objects(store, after.objects)


def _parameters(keys: Keys) -> Mutate:
    def mutate(application: Obj) -> None:
        helm = application["spec"]["source"]["helm"]
        known = {one["name"]: one for one in helm["parameters"]}
        for name in keys.unset:
            known.pop(name, None)
        for name, value in keys.set.items():
            known[name] = known.get(name, {}) | {"name": name, "value": value}
        helm["parameters"] = list(known.values())

    return mutate


def _data(keys: Keys) -> Mutate:
    def mutate(obj: Obj) -> None:
        obj["data"] = keys.over(obj["data"])

    return mutate
