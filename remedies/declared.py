"""Whether Argo CD declares a key of a Secret: what is written there by hand it puts back. Pure.

A Secret of Helm values is an example, whose `ARGOCD_TOKEN: ""` comes back with every self-heal. A
key that Git does not declare stays (Argo CD, `docs/user-guide/diff-strategies.md`).
"""

from __future__ import annotations

import json

from probes.application.owner import INSTANCES, TRACKING
from probes.rawjson import Obj, mapping, name_of, objects, text
from remedies.writers import writer_of

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ITS_MANAGER = "argocd"
"""What its field managers begin with: `argocd-controller`."""


def declaring(secret: Obj | None, key: str) -> str:
    """The Application that declares the key; empty for none."""
    if secret is None or key not in mapping(secret, "data"):
        return ""
    application = _tracked_by(secret)
    return application if application and _declares(secret, key) else ""


def _tracked_by(secret: Obj) -> str:
    """By its tracking-id, or a label; the common label counts where Argo CD has written something.

    External Secrets copies both from its own object, whose kind the id still tells.
    """
    metadata = mapping(secret, "metadata")
    name, _, tracked = text(mapping(metadata, "annotations"), TRACKING).partition(":")
    if tracked == f"/Secret:{text(metadata, 'namespace')}/{name_of(secret)}":
        return name.rpartition("_")[2]
    labels = mapping(metadata, "labels")
    own, common = (text(labels, label) for label in INSTANCES)
    managers = (text(one, "manager") for one in objects(metadata, "managedFields"))
    return own or (common if any(one.startswith(_ITS_MANAGER) for one in managers) else "")


def _declares(secret: Obj, key: str) -> bool:
    """As its last apply says; where it applies on the server's side, as the key's manager does."""
    applied = text(mapping(mapping(secret, "metadata"), "annotations"), _APPLIED)
    if applied:
        return any(key in part for part in _declared(applied))
    writer = writer_of(secret, f"/data/{key.replace('~', '~0').replace('/', '~1')}")
    return writer is None or writer.manager.startswith(_ITS_MANAGER)


def _declared(applied: str) -> tuple[Obj, Obj]:
    try:
        found = json.loads(applied)
    except ValueError:
        found = {}
    declared = found if isinstance(found, dict) else {}
    return mapping(declared, "data"), mapping(declared, "stringData")
