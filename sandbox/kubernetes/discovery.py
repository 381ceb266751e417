"""Discovery: which groups, versions and resources there are, the version, and OpenAPI."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import openapi
from sandbox.kubernetes.resources import RESOURCES, Resource, groups

Obj = dict[str, Any]

VERSION: Obj = {
    "major": "1",
    "minor": "34",
    "emulationMajor": "1",
    "emulationMinor": "34",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "33",
    "gitVersion": "v1.34.1",
    "gitCommit": "93248f9ae092f571eb870b7664c534bfc7d00f03",
    "gitTreeState": "clean",
    "buildDate": "2025-09-09T19:37:30Z",
    "goVersion": "go1.24.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_REVIEWS = {
    "authorization.k8s.io": ("SelfSubjectAccessReview", "SelfSubjectRulesReview"),
    "authentication.k8s.io": ("SelfSubjectReview",),
}
_PROXY_VERBS = ("create", "delete", "get", "patch", "update")
_OPENAPI_INFO = {"title": "Kubernetes", "version": VERSION["gitVersion"]}


def document(path: str) -> Obj | None:
    """What a discovery path answers, or None when it is not one."""
    if path in ("/api", "/apis"):
        return _versions() if path == "/api" else _groups()
    if path == "/version":
        return VERSION
    if path.startswith("/openapi/"):
        return openapi.document(path, _OPENAPI_INFO)
    parts = path.strip("/").split("/")
    if parts[0] == "api" and parts[1:] == ["v1"]:
        return _resources("", "v1")
    if parts[0] == "apis" and len(parts) == 2 and parts[1] in _all_groups():
        return {"kind": "APIGroup", "apiVersion": "v1"} | _group(parts[1])
    if parts[0] == "apis" and len(parts) == 3 and parts[2] in _all_groups().get(parts[1], ()):
        return _resources(parts[1], parts[2])
    return None


def _all_groups() -> dict[str, tuple[str, ...]]:
    return groups() | dict.fromkeys(_REVIEWS, ("v1",))


def _versions() -> Obj:
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def _groups() -> Obj:
    listed = [_group(group) for group in _all_groups()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}


def _group(group: str) -> Obj:
    versions = [
        {"groupVersion": f"{group}/{version}", "version": version}
        for version in _all_groups()[group]
    ]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resources(group: str, version: str) -> Obj:
    served = [r for r in RESOURCES if (r.group, r.version) == (group, version)]
    listed = [entry for resource in served for entry in _entries(resource)]
    for kind in _REVIEWS.get(group, ()):
        plural = f"{kind.lower()}s"
        listed.append(_entry(plural, kind, namespaced=False, verbs=("create",)))
    group_version = f"{group}/{version}" if group else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": listed,
    }


def _entries(resource: Resource) -> list[Obj]:
    main = _entry(
        resource.plural, resource.kind, namespaced=resource.namespaced, verbs=resource.verbs
    )
    main["singularName"] = resource.singular
    if resource.short:
        main["shortNames"] = list(resource.short)
    if resource.categories:
        main["categories"] = list(resource.categories)
    return [main, *_subresources(resource)]


def _subresources(resource: Resource) -> list[Obj]:
    found: list[tuple[str, str, tuple[str, ...]]] = []
    if resource.status:
        found.append(("status", resource.kind, ("get", "patch", "update")))
    if resource.scale:
        found.append(("scale", "Scale", ("get", "patch", "update")))
    if resource.kind == "Pod":
        found.append(("log", "Pod", ("get",)))
        found.append(("portforward", "PodPortForwardOptions", ("create", "get")))
    if resource.kind in ("Pod", "Service"):
        found.append(("proxy", f"{resource.kind}ProxyOptions", _PROXY_VERBS))
    entries = []
    for name, kind, verbs in found:
        full = f"{resource.plural}/{name}"
        entry = _entry(full, kind, namespaced=resource.namespaced, verbs=verbs)
        if kind == "Scale":
            entry |= {"group": "autoscaling", "version": "v1"}
        entries.append(entry)
    return entries


def _entry(name: str, kind: str, *, namespaced: bool, verbs: tuple[str, ...]) -> Obj:
    return {
        "name": name,
        "singularName": "",
        "namespaced": namespaced,
        "kind": kind,
        "verbs": list(verbs),
    }
