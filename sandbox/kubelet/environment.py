"""Environment: a container's variables, resolved as the kubelet resolves them.

Source: Kubernetes' pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables) and
third_party/forked/golang/expansion.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

from sandbox.kubernetes.store import Obj, Store

_REFERENCE = re.compile(r"\$(\$|\(([^()]*)\))")
_FIELD_KEY = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


class ConfigError(Exception):
    """A variable cannot be had; the text is the message of CreateContainerConfigError."""


def resolve(store: Store, pod: Obj, container: Obj) -> dict[str, str]:
    """The variables of a container: `envFrom` in order, later wins, then `env` over it.

    Raises ConfigError for a ConfigMap, Secret or key that is not there and not optional.
    """
    namespace = pod["metadata"]["namespace"]
    variables: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix", "")
        for key, value in _all_of(store, namespace, source).items():
            variables[f"{prefix}{key}"] = value
    for entry in container.get("env") or ():
        given = _one(store, pod, entry, variables)
        if given is not None:
            variables[entry["name"]] = given
    return variables


def _all_of(store: Store, namespace: str, source: Obj) -> Mapping[str, str]:
    for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        reference = source.get(field)
        if reference:
            return _data(store, kind, namespace, reference) or {}
    return {}


def _data(store: Store, kind: str, namespace: str, reference: Obj) -> Mapping[str, str] | None:
    """What the object holds, decoded; None for an optional one that is not there."""
    found = store.find(kind, namespace, reference["name"])
    if found is None:
        if reference.get("optional"):
            return None
        raise ConfigError(f'{kind.lower()} "{reference["name"]}" not found')
    data: dict[str, str] = found.get("data") or {}
    if kind == "Secret":
        return {key: _text(value) for key, value in data.items()}
    return data


def _text(value: str) -> str:
    return base64.b64decode(value).decode(errors="surrogateescape")


def _one(store: Store, pod: Obj, entry: Obj, known: Mapping[str, str]) -> str | None:
    source = entry.get("valueFrom")
    if not source:
        return expand(entry.get("value") or "", known)
    if "fieldRef" in source:
        return _field(pod, source["fieldRef"]["fieldPath"])
    for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if field in source:
            return _key(store, pod["metadata"]["namespace"], kind, source[field])
    return None


def _key(store: Store, namespace: str, kind: str, reference: Obj) -> str | None:
    data = _data(store, kind, namespace, reference)
    if data is not None and reference["key"] in data:
        return data[reference["key"]]
    if reference.get("optional"):
        return None
    where = f"{kind} {namespace}/{reference['name']}"
    raise ConfigError(f"couldn't find key {reference['key']} in {where}")


def _field(pod: Obj, path: str) -> str:
    metadata, spec, status = pod["metadata"], pod["spec"], pod.get("status") or {}
    keyed = _FIELD_KEY.fullmatch(path)
    if keyed:
        return str((metadata.get(keyed[1]) or {}).get(keyed[2], ""))
    values = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
        "status.hostIP": status.get("hostIP", ""),
        "status.podIP": status.get("podIP", ""),
    }
    return str(values.get(path, ""))


def expand(text: str, known: Mapping[str, str]) -> str:
    """`$(NAME)` replaced where NAME is known; `$$` is a dollar sign."""

    def replaced(found: re.Match[str]) -> str:
        if found[1] == "$":
            return "$"
        return known.get(found[2], found[0])

    return _REFERENCE.sub(replaced, text)
