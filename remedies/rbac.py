"""The least that somebody must be allowed: to look, and for each remedy besides. Pure.

The lists are checked against what the API server is really asked (tests/remedies/test_rbac.py):
nothing that is asked is missing, and nothing that never is stands in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from remedies.model import Permission, RemedyId

_API = "rbac.authorization.k8s.io"
_ARGO = "argoproj.io"
_EXTERNAL = "external-secrets.io"
KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is to be allowed. Without an Application's name every one of them is meant."""

    namespace: str
    argocd_namespace: str = "argocd"
    workload: str = "ops-service"
    application: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """To whom: a `User` or a `Group`, by the name that the API server knows."""

    kind: str
    name: str


Needs = Callable[[Place], tuple[Permission, ...]]


def looking(place: Place) -> tuple[Permission, ...]:
    """What the probes ask.

    `get secrets` is for the password and the token that the container has, `list` for a token that
    no container refers to; the proxy and the port-forward lead to Prometheus, Argo CD and the
    database where they cannot be reached directly. A websocket is `get`, from Kubernetes 1.35 on
    also `create`.
    """
    home, argocd = place.namespace, place.argocd_namespace
    name = place.workload
    return (
        *_core(home, ("pods", "list"), ("pods/log", "get"), ("events", "list")),
        *_core(home, ("configmaps", "get"), ("secrets", "get"), ("secrets", "list")),
        *_core(home, ("services", "list"), *_WAYS),
        _one("get", "deployments", home, "apps", name),
        _one("get", "rollouts", home, _ARGO, name),
        *_core(argocd, ("pods", "list"), *_WAYS),
        _one("get", "applications", argocd, _ARGO),
        _one("list", "applications", argocd, _ARGO),
        _one("get", "applicationsets", argocd, _ARGO),
    )


_WAYS = (
    ("services", "get"),
    ("services/proxy", "get"),
    ("pods/portforward", "get"),
    ("pods/portforward", "create"),
)
"""The ways to a Service."""


def _core(namespace: str, *asked: tuple[str, str]) -> tuple[Permission, ...]:
    return tuple(_one(verb, resource, namespace) for resource, verb in asked)


def _one(verb: str, resource: str, namespace: str, group: str = "", name: str = "") -> Permission:
    resource, _, sub = resource.partition("/")
    return Permission(KUBERNETES, verb, resource, group, namespace, name, sub)


def _edit(place: Place) -> tuple[Permission, ...]:
    return (_one("patch", "applications", place.argocd_namespace, _ARGO, place.application),)


def _restart(place: Place) -> tuple[Permission, ...]:
    return (
        _one("patch", "deployments", place.namespace, "apps", place.workload),
        _one("patch", "rollouts", place.namespace, _ARGO, place.workload),
        _one("list", "poddisruptionbudgets", place.namespace, "policy"),
    )


def _parameter(place: Place) -> tuple[Permission, ...]:
    """A restart, too, where the chart has no checksum that replaces the pods."""
    return *_edit(place), *_restart(place)


def _external(*verbs: str) -> Needs:
    """Of ExternalSecrets beside the workload, whatever their names."""

    def needs(place: Place) -> tuple[Permission, ...]:
        home = place.namespace
        return tuple(_one(verb, "externalsecrets", home, _EXTERNAL) for verb in verbs)

    return needs


def _create_external(place: Place) -> tuple[Permission, ...]:
    """Where no other ExternalSecret tells the store, it is the only one that the cluster has."""
    stores = _one("list", "clustersecretstores", "", _EXTERNAL)
    return *_external("list", "get", "create", "delete")(place), stores


def _token(place: Place) -> tuple[Permission, ...]:
    """`delete` and `patch` are for the way back, too: a Secret of ours goes, a key is taken out."""
    home, argocd = place.namespace, place.argocd_namespace
    return (
        _one("get", "configmaps", argocd, name="argocd-cm"),
        _one("get", "configmaps", argocd, name="argocd-rbac-cm"),
        _one("list", "appprojects", argocd, _ARGO),
        _one("list", "externalsecrets", argocd, _EXTERNAL),
        _one("list", "externalsecrets", home, _EXTERNAL),
        *_core(home, ("secrets", "create"), ("secrets", "patch"), ("secrets", "delete")),
        *_restart(place),
        Permission("argocd", "update", "projects"),
    )


def _rename(place: Place) -> tuple[Permission, ...]:
    owner = Permission("postgresql", "own", "table public.portal_users")
    return *_restart(place), owner, Permission("postgresql", "create", "schema public")


def _curl(place: Place) -> tuple[Permission, ...]:
    return _core(place.namespace, ("pods", "create"), ("pods", "get"), ("pods", "delete"))


def _bound(needs: Needs) -> Needs:
    """And to read the namespace's own object: a plan knows its target again by the uid."""

    def all_of_them(place: Place) -> tuple[Permission, ...]:
        return _one("get", "namespaces", place.namespace, name=place.namespace), *needs(place)

    return all_of_them


_EACH: Mapping[RemedyId, Needs] = {
    RemedyId.SET_PROMETHEUS_URL: _parameter,
    RemedyId.SET_PROMETHEUS_NAMESPACE: _parameter,
    RemedyId.SET_LOKI_URL: _parameter,
    RemedyId.ENABLE_AUTO_MIGRATE: _parameter,
    RemedyId.DELIVER_ARGOCD_TOKEN: _token,
    RemedyId.RENAME_CONSTRAINT: _rename,
    RemedyId.RESTART_WORKLOAD: _restart,
    RemedyId.SYNC_APPLICATION: _edit,
    RemedyId.REFRESH_APPLICATION: _edit,
    RemedyId.FORCE_SYNC_EXTERNALSECRET: _external("list", "get", "patch"),
    RemedyId.CREATE_EXTERNALSECRET: _create_external,
    RemedyId.IN_CLUSTER_CURL: _curl,
}

NEEDS: Mapping[RemedyId, Needs] = {remedy: _bound(needs) for remedy, needs in _EACH.items()}
"""What each remedy asks beyond looking. A token that goes through AWS needs those of both
remedies for ExternalSecrets besides."""


def manifests(name: str, needs: Iterable[Permission], subject: Subject) -> list[dict[str, Any]]:
    """A Role and its RoleBinding for each namespace; a ClusterRole for what is in none."""
    wanted = sorted({one for one in needs if one.system == KUBERNETES}, key=_order)
    found: list[dict[str, Any]] = []
    for namespace, ours in groupby(wanted, key=lambda one: one.namespace):
        kind = "Role" if namespace else "ClusterRole"
        metadata = {"name": f"opsportal-tui-{name}"}
        metadata |= {"namespace": namespace} if namespace else {}
        found.append(_manifest(kind, metadata, rules=_rules(list(ours))))
        reference = {"apiGroup": _API, "kind": kind, "name": metadata["name"]}
        bound = {"apiGroup": _API, "kind": subject.kind, "name": subject.name}
        found.append(_manifest(f"{kind}Binding", metadata, roleRef=reference, subjects=[bound]))
    return found


def elsewhere(needs: Iterable[Permission]) -> list[str]:
    """What must be allowed by other systems than Kubernetes, in words."""
    return [f"{one.system}: {one}" for one in needs if one.system != KUBERNETES]


def _order(one: Permission) -> tuple[str, ...]:
    return one.namespace, one.group, one.name, _resource(one), one.verb


def _resource(one: Permission) -> str:
    return f"{one.resource}/{one.subresource}" if one.subresource else one.resource


def _manifest(kind: str, metadata: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"apiVersion": f"{_API}/v1", "kind": kind, "metadata": metadata, **more}


def _rules(needs: list[Permission]) -> list[dict[str, Any]]:
    """Resources with the same verbs and names share a rule."""
    verbs: dict[tuple[str, str, str], list[str]] = {}
    for one in needs:
        verbs.setdefault((one.group, one.name, _resource(one)), []).append(one.verb)
    resources: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (group, name, resource), found in verbs.items():
        resources.setdefault((group, name, tuple(found)), []).append(resource)
    return [
        {"apiGroups": [group], "resources": names, "verbs": list(found)}
        | ({"resourceNames": [name]} if name else {})
        for (group, name, found), names in resources.items()
    ]
