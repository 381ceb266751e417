"""Target secret: the Secret that the External Secrets Operator makes of an ExternalSecret. Pure.

Source: External Secrets Operator v1.2 `pkg/controllers/externalsecret`, Reconcile's mutationFunc
and ApplyTemplate: unless the policy is Merge, what is not its own is cleared. Templates and
rewrites are left out.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

from sandbox.controllers.ownership import reference
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.store import Obj

MANAGED = "reconcile.external-secrets.io/managed"
_CREATED_BY = "reconcile.external-secrets.io/created-by"
_DATA_HASH = "reconcile.external-secrets.io/data-hash"


class OwnedError(Exception):
    """The Secret belongs to another ExternalSecret; the message is its name."""


def target_name(external: Obj) -> str:
    """The Secret's name: the ExternalSecret's own where it does not say."""
    return str((external["spec"].get("target") or {}).get("name") or external["metadata"]["name"])


def policy_of(external: Obj) -> str:
    """The creationPolicy: Owner, Orphan, Merge or None."""
    return str((external["spec"].get("target") or {}).get("creationPolicy") or "Owner")


def manager_of(external: Obj) -> str:
    """The field manager that writes its Secret."""
    return f"externalsecrets.external-secrets.io/{external['metadata']['name']}"


def target_secret(external: Obj, found: Obj | None, values: Mapping[str, str]) -> Obj:
    """The Secret as it should be, made of the one that was found. Raises OwnedError."""
    secret = clone(found) if found else _empty(external)
    metadata = secret["metadata"]
    _own(external, metadata)
    given = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    foreign = _foreign(external, secret) if policy_of(external) == "Merge" else {}
    secret["data"] = foreign | given
    metadata.setdefault("labels", {})[MANAGED] = "true"
    metadata.setdefault("annotations", {})[_DATA_HASH] = _hash(secret["data"])
    return secret


def is_valid(secret: Obj | None) -> bool:
    """Whether the Secret is there and as the operator left it."""
    metadata = (secret or {}).get("metadata") or {}
    managed = (metadata.get("labels") or {}).get(MANAGED) == "true"
    told = (metadata.get("annotations") or {}).get(_DATA_HASH)
    return managed and told == _hash((secret or {}).get("data") or {})


def synced_version(external: Obj) -> str:
    """What `status.syncedResourceVersion` is compared with: generation, labels, annotations."""
    metadata = external["metadata"]
    told = {key: metadata.get(key) or {} for key in ("annotations", "labels")}
    return f"{metadata.get('generation', 1)}-{_hash(told)}"


def _empty(external: Obj) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": target_name(external),
            "namespace": external["metadata"]["namespace"],
        },
        "type": "Opaque",
    }


def _own(external: Obj, metadata: Obj) -> None:
    """Sets, checks or takes away the owner that the policy wants."""
    name = external["metadata"]["name"]
    owners = metadata.get("ownerReferences") or []
    other = next((o for o in owners if o["kind"] == "ExternalSecret" and o["name"] != name), None)
    if other:
        raise OwnedError(other["name"])
    labels = metadata.setdefault("labels", {})
    others = [one for one in owners if one["kind"] != "ExternalSecret"]
    if policy_of(external) == "Owner":
        metadata["ownerReferences"] = [*others, reference(external)]
        labels[_CREATED_BY] = _hash(f"{metadata['namespace']}/{name}")
        return
    labels.pop(_CREATED_BY, None)
    if owners:
        metadata["ownerReferences"] = others


def _foreign(external: Obj, secret: Obj) -> dict[str, str]:
    """The keys that the ExternalSecret did not write."""
    own: set[str] = set()
    for entry in secret["metadata"].get("managedFields") or ():
        if entry["manager"] == manager_of(external):
            own |= {key.removeprefix("f:") for key in entry["fieldsV1"].get("f:data") or {}}
    return {key: value for key, value in (secret.get("data") or {}).items() if key not in own}


def _hash(value: object) -> str:
    return hashlib.sha3_224(json.dumps(value, sort_keys=True).encode()).hexdigest()
