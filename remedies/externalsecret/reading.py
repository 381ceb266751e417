"""ExternalSecrets as the cluster has them: what each writes, and whether it can be refreshed.

Source: External Secrets Operator v1.2, `externalsecret_controller.go` (shouldRefresh) and
`apis/externalsecrets/v1/externalsecret_types.go`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.rawjson import Obj, mapping, name_of, objects, text
from probes.reach.apipath import namespaced
from remedies.model import ObjectRef
from remedies.performing.external import ready_condition
from remedies.world import World

GROUP = "external-secrets.io"
_NOTHING = re.compile(r"(?:0(?:\.0*)?(?:h|m|s|ms|us|ns)?)+")


@dataclass(frozen=True, slots=True)
class Externals:
    """The ExternalSecrets of a namespace; `version` is the API's, empty where it is not served."""

    version: str
    items: tuple[Obj, ...] = ()

    def writing(self, secret: str) -> Obj | None:
        """The one whose target that Secret is; one that owns it rather than one that merges."""
        found = [one for one in self.items if target_of(one) == secret]
        writing = [one for one in found if _policy(one) != "None"]
        return min(writing, key=lambda one: not wipes(one), default=None)


async def externals_in(world: World, namespace: str) -> Externals:
    """The ExternalSecrets of a namespace; none where the operator is not there. Raises ProbeError.

    `external-secrets.io/v1` is taken where it is served: v1beta1 may be listed and not served.
    """
    cluster = world.reach.cluster
    groups = objects(await cluster.get("/apis"), "groups")
    group = next((one for one in groups if one.get("name") == GROUP), None)
    if group is None:
        return Externals("")
    served = [text(one, "version") for one in objects(group, "versions")]
    preferred = text(mapping(group, "preferredVersion"), "version")
    version = f"apis/{GROUP}/{'v1' if 'v1' in served else preferred}"
    found = await cluster.get(namespaced(version, namespace, "externalsecrets"))
    return Externals(version, objects(found, "items"))


def reference_to(version: str, external: Obj) -> ObjectRef:
    """The object's reference."""
    metadata = mapping(external, "metadata")
    home, name = text(metadata, "namespace"), text(metadata, "name")
    return ObjectRef(version, "externalsecrets", home, name)


def target_of(external: Obj) -> str:
    """The Secret it writes: of its own name where it does not say."""
    own = name_of(external)
    return text(mapping(mapping(external, "spec"), "target"), "name") or own


def wipes(external: Obj) -> bool:
    """Whether every key of its Secret that is not its own goes."""
    return _policy(external) in ("Owner", "Orphan")


def _policy(external: Obj) -> str:
    target = mapping(mapping(external, "spec"), "target")
    return text(target, "creationPolicy") or "Owner"


def source_of(external: Obj, key: str) -> tuple[str, str] | None:
    """Remote key and property (empty: the whole value) behind a key of the Secret, or None.

    A remote object that is brought whole (`dataFrom.extract`) makes a key of each property.
    """
    spec = mapping(external, "spec")
    for one in objects(spec, "data"):
        if one.get("secretKey") == key:
            ref = mapping(one, "remoteRef")
            return text(ref, "key"), text(ref, "property")
    remote = _whole(objects(spec, "dataFrom"))
    return (remote, key) if remote else None


def _whole(entries: tuple[Obj, ...]) -> str:
    """The one remote object that is brought whole; empty where it is not clear which, or how."""
    if len(entries) != 1 or "rewrite" in entries[0] or "sourceRef" in entries[0]:
        return ""
    extract = mapping(entries[0], "extract")
    return "" if text(extract, "property") else text(extract, "key")


def is_ready(external: Obj) -> bool:
    """Whether it was synced last time."""
    return ready_condition(external).get("status") == "True"


def cannot_refresh(external: Obj) -> str:
    """Why asking for a refresh has no effect; empty where it has one.

    One that was never synced is tried again whatever its policy is.
    """
    spec, status = mapping(external, "spec"), mapping(external, "status")
    if not text(status, "refreshTime"):
        return ""
    if spec.get("refreshPolicy") == "CreatedOnce":
        return "its refreshPolicy is CreatedOnce: it is read once and never again"
    interval = str(spec.get("refreshInterval", "1h"))
    if spec.get("refreshPolicy") != "OnChange" and _NOTHING.fullmatch(interval):
        return f"its refreshInterval is {interval}: once synced, it is never read again"
    return ""
