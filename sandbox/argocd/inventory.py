"""Inventory: the projects and Applications of production, as plain data.

Source: the upstream project's `k8s/argocd/apps/prod` and `k8s/argocd/config`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.argocd import chart
from sandbox.argocd.git import Ref
from sandbox.argocd.source import CHARTS

TARGET = "wealist-prod"
PROJECT = "wealist-prod"
ROOT = "wealist-apps-prod"
OPS_SERVICE = "ops-service-prod"
ROLE = "ops-portal"
"""The project role whose token the portal uses."""

REPOSITORY = "https://git.example.com/wealist/wealist.git"
BRANCH = "k8s-deploy-prod"
ROOT_PATH = "k8s/argocd/apps/prod"


@dataclass(frozen=True)
class Child:
    """An Application that the root declares, and what its source declares in turn."""

    name: str
    path: str
    wave: int
    refs: tuple[Ref, ...] = ()
    namespace: str = TARGET
    project: str = PROJECT
    repository: str = REPOSITORY
    branch: str = BRANCH

    @property
    def is_chart(self) -> bool:
        """Whether Helm renders it."""
        return self.path.startswith(CHARTS)


def _workload(*names: str) -> tuple[Ref, ...]:
    return tuple((kind, TARGET, name) for name in names for kind in ("Service", "Deployment"))


def _service(name: str, *refs: Ref) -> Child:
    return Child(f"{name}-prod", f"{CHARTS}/{name}", 5, refs)


CHILDREN: tuple[Child, ...] = (
    Child(
        "argocd-config",
        "k8s/argocd/config",
        -10,
        (
            ("ConfigMap", "argocd", "argocd-cm"),
            ("ConfigMap", "argocd", "argocd-rbac-cm"),
            ("AppProject", "argocd", PROJECT),
        ),
        namespace="argocd",
    ),
    Child(
        "external-secrets-config-prod",
        "k8s/argocd/base/external-secrets",
        1,
        (("ExternalSecret", TARGET, "wealist-shared-secret"),),
    ),
    Child(
        "wealist-infrastructure-prod",
        f"{CHARTS}/wealist-infrastructure",
        2,
        (("ConfigMap", TARGET, "wealist-shared-config"),),
    ),
    _service("auth-service", *_workload("auth-service")),
    _service("board-service"),
    _service("chat-service"),
    _service("noti-service"),
    _service("storage-service"),
    _service("user-service"),
    Child(OPS_SERVICE, chart.PATH, 5),
    _service("ops-portal", *_workload("ops-portal")),
    Child("wealist-istio-config-prod", f"{CHARTS}/istio-config", 10),
    Child(
        "wealist-monitoring-prod",
        f"{CHARTS}/wealist-monitoring",
        12,
        _workload("prometheus", "kube-state-metrics"),
    ),
    Child(
        "kyverno-policies",
        "prod",
        20,
        project="default",
        repository="https://git.example.com/wealist/wealist-policies.git",
        branch="main",
    ),
)


def declares() -> dict[str, list[Ref]]:
    """What each Application's source declares, the root's children included."""
    declared = {child.name: list(child.refs) for child in CHILDREN if child.path != chart.PATH}
    children: list[Ref] = [("Application", "argocd", child.name) for child in CHILDREN]
    return {ROOT: children, **declared}
