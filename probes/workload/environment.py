"""A container's environment, resolved from its pod's spec as the kubelet would resolve it now.

Source: Kubernetes, `pkg/kubelet/kubelet_pods.go`, `makeEnvironmentVariables`: `envFrom` in order,
later entries win; then `env` in order over it, `$(VAR)` expanded from what stands until then.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import SecretStr

from probes.model import (
    EnvironmentSeen,
    EnvOrigin,
    EnvReference,
    EnvVar,
    Failure,
    FailureKind,
    ProbeError,
)
from probes.rawjson import Obj, mapping, moment, objects
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.text import safe_text
from probes.workload.fieldrefs import field_value, resource_value

Ref = tuple[str, str]
"""Kind (`ConfigMap` or `Secret`) and name."""

Fetched = Mapping[Ref, Obj | Failure | None]
"""What each reference holds: the object, why it could not be read, or None: it is not there."""

_RESOURCES = {"ConfigMap": "configmaps", "Secret": "secrets"}
_FROM = (("ConfigMap", "configMapRef"), ("Secret", "secretRef"))
_KEY_OF = (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef"))
_EXPANSION = re.compile(r"\$\$|\$\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Use:
    """One reference of a container's spec; `optional` where every use of it is."""

    ref: Ref
    optional: bool


def uses(container: Obj) -> tuple[Use, ...]:
    """Every ConfigMap and Secret the container's environment refers to, each once."""
    found: dict[Ref, bool] = {}
    for ref, optional in _all_uses(container):
        found[ref] = found.get(ref, True) and optional
    return tuple(Use(ref, optional) for ref, optional in found.items())


def _all_uses(container: Obj) -> Iterator[tuple[Ref, bool]]:
    for entry in objects(container, "envFrom"):
        yield from _refs(entry, _FROM)
    for entry in objects(container, "env"):
        yield from _refs(mapping(entry, "valueFrom"), _KEY_OF)


def _refs(entry: Obj, forms: Iterable[tuple[str, str]]) -> Iterator[tuple[Ref, bool]]:
    for kind, form in forms:
        ref = mapping(entry, form)
        if ref.get("name"):
            yield (kind, str(ref["name"])), ref.get("optional") is True


async def fetch(
    cluster: Cluster, namespace: str, wanted: Iterable[Use], timeout_s: float
) -> Fetched:
    """Get what is referred to, all at once and each once. Raises nothing."""
    refs = [one.ref for one in wanted]
    found = await asyncio.gather(*(_get(cluster, namespace, ref, timeout_s) for ref in refs))
    return dict(zip(refs, found, strict=True))


async def _get(
    cluster: Cluster, namespace: str, ref: Ref, timeout_s: float
) -> Obj | Failure | None:
    kind, name = ref
    path = namespaced(CORE, namespace, _RESOURCES[kind], name)
    try:
        return await cluster.get(path, timeout_s=timeout_s)
    except ProbeError as error:
        return None if error.failure.kind is FailureKind.NOT_FOUND else error.failure


def resolve(pod: Obj, container: Obj, fetched: Fetched) -> EnvironmentSeen:
    """The environment of one container; pure. `pod` may be a controller's pod template."""
    work = _Resolution(pod, container, fetched)
    for entry in objects(container, "envFrom"):
        work.take_all(entry)
    for entry in objects(container, "env"):
        work.take_one(entry)
    references = (_reference(use, fetched.get(use.ref)) for use in uses(container))
    return EnvironmentSeen(
        pod=safe_text(str(mapping(pod, "metadata").get("name") or "")),
        container=safe_text(str(container.get("name") or "")),
        variables=work.variables,
        references=tuple(references),
        unreadable=tuple(dict.fromkeys(work.unreadable)),
    )


def _reference(use: Use, found: Obj | Failure | None) -> EnvReference:
    kind, name = use.ref
    if isinstance(found, Failure):
        return EnvReference(kind, safe_text(name), use.optional, found)
    state = "absent" if found is None else "read"
    return EnvReference(kind, safe_text(name), use.optional, state, changed_at(found or {}))


def changed_at(obj: Obj) -> datetime | None:
    """The newest change an object's metadata tells of: an entry of managedFields, or creation."""
    metadata = mapping(obj, "metadata")
    times = [moment(one.get("time")) for one in objects(metadata, "managedFields")]
    times.append(moment(metadata.get("creationTimestamp")))
    return max((one for one in times if one), default=None)


@dataclass
class _Resolution:
    """The variables as they stand while entry after entry is taken."""

    pod: Obj
    container: Obj
    fetched: Fetched
    variables: dict[str, EnvVar] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)

    def take_all(self, entry: Obj) -> None:
        """One entry of `envFrom`."""
        prefix = str(entry.get("prefix") or "")
        for ref, _optional in _refs(entry, _FROM):
            found = self.fetched.get(ref)
            if found is None or isinstance(found, Failure):
                continue
            for key in sorted(mapping(found, "data")):
                value = value_at(ref[0], found, key)
                if value is not None and _is_name(prefix + key):
                    self._put(prefix + key, value, EnvOrigin(*ref, key))

    def take_one(self, entry: Obj) -> None:
        """One entry of `env`."""
        name = str(entry.get("name") or "")
        if entry.get("value"):
            self._put(name, self._expanded(str(entry["value"])), EnvOrigin("literal"))
            return
        source = mapping(entry, "valueFrom")
        for ref, _optional in _refs(source, _KEY_OF):
            self._take_key(name, ref, str(_key(source)))
            return
        if "fieldRef" in source:
            path = str(mapping(source, "fieldRef").get("fieldPath") or "")
            self._take_field(name, field_value(self.pod, path), path)
        elif "resourceFieldRef" in source:
            reference = mapping(source, "resourceFieldRef")
            told = resource_value(self.container, reference)
            self._take_field(name, told, str(reference.get("resource") or ""))
        elif not source:
            self._put(name, "", EnvOrigin("literal"))

    def _take_key(self, name: str, ref: Ref, key: str) -> None:
        found = self.fetched.get(ref)
        if isinstance(found, Failure):
            self.unreadable.append(safe_text(name))
            return
        value = value_at(ref[0], found or {}, key)
        if value is not None:
            self._put(name, value, EnvOrigin(*ref, key))

    def _take_field(self, name: str, value: str | None, path: str) -> None:
        """A limit that is not set is the node's size, which the pod does not tell: left out."""
        if value is not None:
            self._put(name, value, EnvOrigin("field", path))

    def _put(self, name: str, value: str, origin: EnvOrigin) -> None:
        before = self.variables.pop(name, None)
        over = (*before.overrides, before.origin) if before else ()
        self.variables[name] = EnvVar(safe_text(name), SecretStr(value), origin, over)

    def _expanded(self, value: str) -> str:
        """`$(VAR)` from what stands until now, left as it is where there is none; `$$` is `$`."""

        def one(found: re.Match[str]) -> str:
            if found.group() == "$$":
                return "$"
            variable = self.variables.get(found[1])
            return variable.value.get_secret_value() if variable else found.group()

        return _EXPANSION.sub(one, value)


def _key(source: Obj) -> object:
    return next((mapping(source, form).get("key") for _, form in _KEY_OF if form in source), "")


def _is_name(name: str) -> bool:
    """Kubernetes 1.34 takes any printable ASCII but `=`, and leaves out other keys (KEP-4369)."""
    return bool(name) and name.isascii() and name.isprintable() and "=" not in name


def value_at(kind: str, obj: Obj, key: str) -> str | None:
    """The value of one key; a Secret's is decoded. None where there is none that can be read."""
    value = mapping(obj, "data").get(key)
    if not isinstance(value, str):
        return None
    if kind == "ConfigMap":
        return value
    try:
        return base64.b64decode(value).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def without_pod(environment: EnvironmentSeen) -> EnvironmentSeen:
    """The environment that a new pod would have: nothing runs with it now."""
    return replace(environment, pod="")
