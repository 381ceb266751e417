"""Users: who may do what with the cluster, one kubeconfig context each."""

from __future__ import annotations

from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE
from sandbox.kubernetes.access import Access

ADMIN = "sandbox"
READ_ONLY = "readonly"
NOBODY = "nobody"

_CORE = (
    "configmaps",
    "endpoints",
    "events",
    "persistentvolumeclaims",
    "pods",
    "pods/log",
    "pods/status",
    "resourcequotas",
    "serviceaccounts",
    "services",
)


def admit(access: Access) -> dict[str, str]:
    """Adds an administrator, one who may read all but Secrets, and one who may do nothing.

    The second has what AmazonEKSViewPolicy grants in a namespace. Returns each one's token.
    """
    tokens = {name: access.add_user(name) for name in (ADMIN, READ_ONLY, NOBODY)}
    access.allow_all(ADMIN)
    verbs, homes = ("get", "list", "watch"), (NAMESPACE, ARGOCD_NAMESPACE)
    access.allow(READ_ONLY, verbs, [""], _CORE, homes)
    access.allow(READ_ONLY, verbs, ["apps"], ["deployments", "replicasets"], homes)
    access.allow(READ_ONLY, verbs, ["argoproj.io", "external-secrets.io"], ["*"], homes)
    return tokens
