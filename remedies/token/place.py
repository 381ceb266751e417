"""Where a new token can stand: the Secrets that the pods take ARGOCD_TOKEN from, as they are now.

Read from the workload's own template, since new pods are made of that. Of several `envFrom` the
last one with the key wins (Kubernetes, `pkg/kubelet/kubelet_pods.go`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from probes.rawjson import Obj, mapping, objects, text
from probes.reach.apipath import CORE
from remedies.declared import declaring
from remedies.externalsecret.reading import Externals, externals_in, source_of, wipes
from remedies.model import ObjectRef, Refusal, RefusedError
from remedies.performing.objects import read
from remedies.performing.secrets import fingerprint
from remedies.world import World

VARIABLE = "ARGOCD_TOKEN"


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a Secret; `found` is the Secret (None: not there), `external` what writes it.

    `owner` is its controller as `Kind name`, empty for none.
    """

    ref: ObjectRef
    key: str
    found: Obj | None
    external: Obj | None
    owner: str

    @property
    def uid(self) -> str:
        """The Secret's uid; empty where it is not there."""
        return text(mapping(self.found, "metadata"), "uid")

    @property
    def before(self) -> str:
        """The fingerprint of what stands under the key; empty for nothing."""
        return fingerprint(self.found, self.key)

    @property
    def is_set(self) -> bool:
        """Whether the key is there, also with nothing under it: then no other place counts."""
        return self.key in mapping(self.found, "data")

    @property
    def declared(self) -> str:
        """The Application that declares the key; empty for none."""
        return declaring(self.found, self.key)

    @property
    def blocked(self) -> str:
        """Why a value written here by hand does not stay; empty where it does."""
        if self.external and wipes(self.external):
            name = text(mapping(self.external, "metadata"), "name")
            return f"ExternalSecret {name} wipes every key that is not its own"
        if self.external and source_of(self.external, self.key):
            name = text(mapping(self.external, "metadata"), "name")
            return f"ExternalSecret {name} puts back its own {self.key}"
        if self.declared:
            return f"Application {self.declared} declares it in Git, and puts that back"
        if self.owner:
            return f"{self.owner} owns it, and puts back what it wrote"
        if (self.found or {}).get("immutable") is True:
            return "it is immutable"
        return ""


@dataclass(frozen=True, slots=True)
class Places:
    """The places, the one that wins first; and the namespace's ExternalSecrets."""

    places: tuple[Place, ...]
    externals: Externals


async def places_in(world: World, workload: Obj, namespace: str) -> Places:
    """The places of the workload's container. Raises ProbeError, RefusedError where none is."""
    container = _container(workload, world.profile.container)
    keys = tuple(_keys(container))
    if not keys:
        raise RefusedError(
            Refusal.NOT_APPLICABLE,
            "the pods take their environment from no Secret, so that there is none to put a token "
            "into; add an `envFrom` with a Secret in the chart first",
        )
    refs = [ObjectRef(CORE, "secrets", namespace, name) for name, _ in keys]
    externals, *secrets = await asyncio.gather(
        externals_in(world, namespace), *(read(world, ref) for ref in refs)
    )
    return Places(tuple(_places(refs, keys, secrets, externals)), externals)


def by_hand(places: Sequence[Place]) -> tuple[Place, tuple[str, ...]]:
    """The first place where a value stays, and why the ones before it were passed over.

    Raises RefusedError where there is none, or where another one wins over it.
    """
    passed: list[str] = []
    for place in places:
        why = place.blocked
        if not why:
            return place, tuple(passed)
        passed.append(f"not in Secret {place.ref.name}: {why}")
        if place.is_set:
            passed.append(f"and its {place.key} wins over any other Secret's")
            break
    raise RefusedError(
        Refusal.GUARD,
        f"there is no Secret to keep a token in by hand: {'; '.join(passed)}. {_instead(places)}",
    )


def _instead(places: Sequence[Place]) -> str:
    """The way that lasts."""
    found = next((one for one in places if one.declared), None)
    if found:
        told = f"take {found.key} out of what Application {found.declared} declares"
        return f"The way that lasts is in Git: {told}; then a token can be delivered"
    return (
        "Store it where the ExternalSecret reads it: "
        '`token_store = "aws"` in the profile, or `--set store=aws`'
    )


def _places(
    refs: Sequence[ObjectRef],
    keys: Sequence[tuple[str, str]],
    secrets: Sequence[Obj | None],
    externals: Externals,
) -> Iterator[Place]:
    for ref, (name, key), found in zip(refs, keys, secrets, strict=True):
        yield Place(ref, key, found, externals.writing(name), _owner(found))


def _owner(found: Obj | None) -> str:
    """The controller behind the Secret; one like a SealedSecret writes its own keys back."""
    for one in objects(mapping(found, "metadata"), "ownerReferences"):
        if one.get("controller") is True:
            return f"{text(one, 'kind')} {text(one, 'name')}"
    return ""


def _container(workload: Obj, name: str) -> Obj:
    template = mapping(mapping(mapping(workload, "spec"), "template"), "spec")
    containers = objects(template, "containers")
    found = next((one for one in containers if one.get("name") == name), None)
    if found is None:
        raise RefusedError(Refusal.NOT_APPLICABLE, f"the workload has no container {name}")
    return found


def _keys(container: Obj) -> Iterator[tuple[str, str]]:
    """Name and key of each Secret that can set the variable, the one that wins first."""
    for entry in objects(container, "env"):
        if entry.get("name") != VARIABLE:
            continue
        ref = mapping(mapping(entry, "valueFrom"), "secretKeyRef")
        if not ref:
            told = f"the workload sets {VARIABLE} itself in `env`, which wins over every Secret"
            raise RefusedError(Refusal.NOT_APPLICABLE, f"{told}; change it there, in the chart")
        yield text(ref, "name"), text(ref, "key")
        return
    for entry in reversed(objects(container, "envFrom")):
        name, prefix = text(mapping(entry, "secretRef"), "name"), text(entry, "prefix")
        if name and VARIABLE.startswith(prefix):
            yield name, VARIABLE.removeprefix(prefix)
