"""Install: Argo CD's own objects, and the Applications, long since synced."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sandbox.argocd import accounts, inventory, rbac
from sandbox.argocd.git import revision
from sandbox.argocd.inventory import Child
from sandbox.argocd.source import source_of, track, type_of
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.store import Obj, Store

_API = "argoproj.io/v1alpha1"
_HOST = "https://argocd.wealist.co.kr"
_CLUSTER = "https://kubernetes.default.svc"
_FINALIZER = "resources-finalizer.argocd.argoproj.io"
_WAVE = "argocd.argoproj.io/sync-wave"

_HEALTH_OF_APPLICATIONS = """\
hs = {}
hs.status = "Progressing"
hs.message = ""
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
end
return hs
"""
_POLICY = """\
g, admin@wealist.co.kr, role:admin
"""


def install(
    store: Store, *, parameters: Mapping[str, str], local_accounts: Mapping[str, str] | None = None
) -> None:
    """Creates everything in namespace `argocd`, which must exist.

    `parameters` are the helm parameters of ops-service-prod; `local_accounts` maps an account's
    name to its capabilities (`login`, `apiKey`), of which production has none.
    """
    for obj in (
        _config(local_accounts or {}),
        _rbac(),
        _secret(),
        _project("default", ["*"], []),
        _project(inventory.PROJECT, [inventory.REPOSITORY], [_portal_role()]),
    ):
        store.create(obj, manager="kubectl")
    store.create(_synced(store, _root()), manager="kubectl")
    for child in inventory.CHILDREN:
        application = _child(child, parameters)
        store.create(_synced(store, application), manager="argocd-controller")


def _object(kind: str, name: str, **content: object) -> Obj:
    api = _API if kind in ("AppProject", "Application") else "v1"
    metadata = {"name": name, "namespace": accounts.NAMESPACE}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **content}


def _config(local_accounts: Mapping[str, str]) -> Obj:
    data = {
        "url": _HOST,
        "application.resourceTrackingMethod": "annotation+label",
        "dex.config": "connectors:\n- type: google\n  id: google\n  name: Google\n",
        "resource.customizations.health.argoproj.io_Application": _HEALTH_OF_APPLICATIONS,
    }
    data |= {f"accounts.{name}": value for name, value in local_accounts.items()}
    return _object("ConfigMap", accounts.CONFIG, data=data)


def _rbac() -> Obj:
    data = {"policy.csv": _POLICY, "policy.default": "role:readonly", "scopes": "[groups, email]"}
    return _object("ConfigMap", rbac.CONFIG, data=data)


def _secret() -> Obj:
    made_up = {"server.secretkey": secrets.token_urlsafe(32)}
    return _object("Secret", accounts.SECRET, type="Opaque", stringData=made_up)


def _project(name: str, repositories: list[str], roles: list[Obj]) -> Obj:
    spec: Obj = {
        "description": f"{name} applications",
        "sourceRepos": repositories,
        "destinations": [{"server": _CLUSTER, "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    return _object("AppProject", name, spec=spec | ({"roles": roles} if roles else {}))


def _portal_role() -> Obj:
    subject = f"proj:{inventory.PROJECT}:{inventory.ROLE}"
    policy = f"p, {subject}, applications, get, {inventory.PROJECT}/*, allow"
    return {"name": inventory.ROLE, "description": "Read by the portal", "policies": [policy]}


def _root() -> Obj:
    root = Child(
        inventory.ROOT, inventory.ROOT_PATH, 0, namespace=accounts.NAMESPACE, project="default"
    )
    return _application(root)


def _child(child: Child, parameters: Mapping[str, str]) -> Obj:
    application = _application(child)
    track(_root(), application)
    application["metadata"]["annotations"][_WAVE] = str(child.wave)
    if child.name == inventory.OPS_SERVICE:
        listed = [{"name": name, "value": value} for name, value in parameters.items()]
        application["spec"]["source"]["helm"]["parameters"] = listed
    return application


def _application(child: Child) -> Obj:
    source: Obj = {
        "repoURL": child.repository,
        "path": child.path,
        "targetRevision": child.branch,
    }
    if child.is_chart:
        source["helm"] = {"valueFiles": ["../../environments/prod.yaml"]}
    spec = {
        "project": child.project,
        "source": source,
        "destination": {"server": _CLUSTER, "namespace": child.namespace},
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=false"],
        },
    }
    application = _object("Application", child.name, spec=spec)
    application["metadata"]["finalizers"] = [_FINALIZER]
    return application


def _synced(store: Store, application: Obj) -> Obj:
    """The Application with the status that an earlier, successful sync left."""
    now, source, commit = store.now(), clone(source_of(application)), revision(0)
    automated = {"initiatedBy": {"automated": True}}
    sync = {"prune": True, "revision": commit}
    entry = {
        "id": 0,
        "revision": commit,
        "source": source,
        "deployStartedAt": now,
        "deployedAt": now,
        **automated,
    }
    application["status"] = {
        "sync": {
            "status": "Synced",
            "revision": commit,
            "comparedTo": {
                "source": source,
                "destination": clone(application["spec"]["destination"]),
            },
        },
        "health": {"status": "Healthy"},
        "history": [entry],
        "operationState": {
            "operation": {**automated, "retry": {"limit": 5}, "sync": sync},
            "phase": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "startedAt": now,
            "finishedAt": now,
            "syncResult": {"revision": commit, "source": source},
        },
        "reconciledAt": now,
        "sourceType": type_of(source),
        "summary": {},
    }
    return application
