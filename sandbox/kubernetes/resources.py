"""The resources that the API server's stand-in serves."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kubernetes import errors

_ALL_VERBS = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
)


@dataclass(frozen=True)
class Resource:
    """One resource: its names in URLs and objects, its scope and its subresources."""

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: bool = False
    scale: bool = False
    verbs: tuple[str, ...] = _ALL_VERBS

    @property
    def api_version(self) -> str:
        """`v1`, or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`pods`, or `applications.argoproj.io`, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        """The lower-case kind, as kubectl takes it."""
        return self.kind.lower()

    @property
    def builtin(self) -> bool:
        """Whether it is Kubernetes' own (strategic merge patch) rather than a custom resource."""
        return "." not in self.group or self.group.endswith(".k8s.io")


_ARGO = "argoproj.io"
_ESO = "external-secrets.io"

RESOURCES: tuple[Resource, ...] = (
    Resource("Namespace", "namespaces", namespaced=False, short=("ns",), status=True),
    Resource("Node", "nodes", namespaced=False, short=("no",), status=True),
    Resource("Pod", "pods", short=("po",), categories=("all",), status=True),
    Resource("ConfigMap", "configmaps", short=("cm",)),
    Resource("Secret", "secrets"),
    Resource("Service", "services", short=("svc",), categories=("all",), status=True),
    Resource("Endpoints", "endpoints", short=("ep",)),
    Resource("Event", "events", short=("ev",)),
    Resource("ServiceAccount", "serviceaccounts", short=("sa",)),
    Resource("ResourceQuota", "resourcequotas", short=("quota",), status=True),
    Resource("LimitRange", "limitranges", short=("limits",)),
    Resource("PodDisruptionBudget", "poddisruptionbudgets", "policy", short=("pdb",), status=True),
    Resource("PersistentVolumeClaim", "persistentvolumeclaims", short=("pvc",), status=True),
    Resource(
        "Deployment",
        "deployments",
        "apps",
        short=("deploy",),
        categories=("all",),
        status=True,
        scale=True,
    ),
    Resource(
        "ReplicaSet",
        "replicasets",
        "apps",
        short=("rs",),
        categories=("all",),
        status=True,
        scale=True,
    ),
    Resource(
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "autoscaling",
        "v2",
        short=("hpa",),
        categories=("all",),
        status=True,
    ),
    Resource("EndpointSlice", "endpointslices", "discovery.k8s.io"),
    Resource("Lease", "leases", "coordination.k8s.io"),
    Resource("Role", "roles", "rbac.authorization.k8s.io"),
    Resource("RoleBinding", "rolebindings", "rbac.authorization.k8s.io"),
    Resource("ClusterRole", "clusterroles", "rbac.authorization.k8s.io", namespaced=False),
    Resource(
        "ClusterRoleBinding",
        "clusterrolebindings",
        "rbac.authorization.k8s.io",
        namespaced=False,
    ),
    Resource("Application", "applications", _ARGO, "v1alpha1", short=("app", "apps")),
    Resource("AppProject", "appprojects", _ARGO, "v1alpha1", short=("appproj", "appprojs")),
    Resource("Rollout", "rollouts", _ARGO, "v1alpha1", short=("ro",), status=True, scale=True),
    Resource("ExternalSecret", "externalsecrets", _ESO, short=("es",), status=True),
    Resource("SecretStore", "secretstores", _ESO, short=("ss",), status=True),
    Resource(
        "ClusterSecretStore",
        "clustersecretstores",
        _ESO,
        namespaced=False,
        short=("css",),
        status=True,
    ),
)

_BY_KIND = {resource.kind: resource for resource in RESOURCES}
_BY_PATH = {(r.group, r.version, r.plural): r for r in RESOURCES}


def by_kind(kind: str) -> Resource:
    """The resource of a kind. Raises ApiError 404 when it is not served."""
    resource = _BY_KIND.get(kind)
    if resource is None:
        raise errors.no_such_resource()
    return resource


def by_path(group: str, version: str, plural: str) -> Resource | None:
    """The resource of a URL, or None when it is not served."""
    return _BY_PATH.get((group, version, plural))


def groups() -> dict[str, tuple[str, ...]]:
    """The named API groups and their versions, in the order they are listed."""
    found: dict[str, tuple[str, ...]] = {}
    for resource in RESOURCES:
        if resource.group and resource.version not in found.get(resource.group, ()):
            found[resource.group] = (*found.get(resource.group, ()), resource.version)
    return found
