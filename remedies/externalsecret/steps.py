"""Steps with ExternalSecrets, shared by remedies: force a refresh, create one, wait for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import yaml

from probes.model import ProbeError
from probes.profile import Profile
from probes.rawjson import Obj, mapping, name_of, objects, text
from remedies.annotating import ANNOTATIONS, annotating
from remedies.declared import declaring
from remedies.externalsecret.reading import Externals, wipes
from remedies.model import (
    AwaitExternalSecret,
    CreateObject,
    DeleteObject,
    Field,
    ObjectRef,
    PatchObject,
    Permission,
    Refusal,
    RefusedError,
    Step,
)
from remedies.performing.objects import at
from remedies.performing.secrets import MANAGED_BY
from remedies.planning import unified
from remedies.shell import kubectl
from remedies.world import World

_FORCE = "force-sync"
_BACK = "-back"
_PLAN = "opsportal-tui/plan"
_PLAN_FIELD = f"{ANNOTATIONS}/opsportal-tui~1plan"
_LIMIT_S = 60.0
_QUIET = "nothing is interrupted: running pods keep the values they started with"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An ExternalSecret that is to be: its name and its Secret's, and what it brings from where.

    `part` is the property of the remote value, empty for the whole; `plan` marks it as ours.
    `secret` is the Secret that is there already. `store` is Kind/name; by default the one that the
    namespace's other ExternalSecrets use.
    """

    namespace: str
    name: str
    key: str
    remote: str
    part: str
    plan: str
    secret: Obj | None = None
    store: str = ""

    @property
    def source(self) -> str:
        """Where the value comes from, for a sentence."""
        return f"property {self.part} of {self.remote}" if self.part else self.remote


@dataclass(frozen=True, slots=True)
class Token:
    """A token that must have arrived under a key of a Secret before waiting is over."""

    secret: ObjectRef
    key: str
    id: str


def force_steps(
    profile: Profile, ref: ObjectRef, external: Obj, token: Token | None = None
) -> tuple[Step, Step]:
    """Ask for a refresh by a new value of an annotation, and wait until refreshTime advances.

    Where it brings a token, an undo asks for one more, to bring what is there without it.
    Source: External Secrets' FAQ, "Can I manually trigger a secret refresh?".
    """
    epoch = str(int(datetime.now(UTC).timestamp()))
    name = f"externalsecret/{ref.name}"
    words = ("annotate", name, f"{_FORCE}={epoch}", "--overwrite")
    again = kubectl(profile, ref.namespace, *words[:2], f"{_FORCE}={epoch}{_BACK}", words[3])
    force = Step(
        id="force-sync",
        title=f"Ask External Secrets to refresh {ref.name}",
        action=annotating(ref, external, _FORCE, epoch),
        shell=kubectl(profile, ref.namespace, *words),
        limit_s=15.0,
        diff=unified(_forced_before(external), f"{_FORCE}: {epoch}", "metadata/annotations"),
        risk_words=_QUIET,
        guard="nobody has asked for a refresh since it was seen",
        permissions=(Permission.on(ref, "patch"),),
        undo=_again(ref, external, epoch) if token else None,
        undo_words=again if token else "it only asks for a refresh: there is nothing to take back",
        follows=token is not None,
    )
    return force, _wait(profile, ref, mapping(external, "status"), token)


async def create_steps(
    world: World, found: Externals, wanted: Wanted, token: Token | None = None
) -> tuple[Step, Step]:
    """Create it, and wait until it is synced. Raises RefusedError, ProbeError.

    A Secret that is there keeps its other keys (`Merge`); one that is not becomes the operator's.
    """
    _refuse_others_key(found, wanted)
    ref = ObjectRef(found.version, "externalsecrets", wanted.namespace, wanted.name)
    body = _body(ref, wanted, await _store(world, found, wanted.store))
    return _create(world.profile, ref, wanted, body), _wait(world.profile, ref, {}, token)


def _refuse_others_key(found: Externals, wanted: Wanted) -> None:
    """Raises RefusedError where somebody else would write the key, too."""
    if wanted.secret is None:
        return
    writing = found.writing(wanted.name)
    if writing is not None and wipes(writing):
        name = name_of(writing)
        told = f"Secret {wanted.name} belongs to ExternalSecret {name}: add the key there, in Git"
        raise RefusedError(Refusal.GUARD, told)
    application = declaring(wanted.secret, wanted.key)
    if application:
        raise RefusedError(
            Refusal.GUARD,
            f"Application {application} declares {wanted.key} of Secret {wanted.name} in Git, and "
            "would fight over it: take the key out there first",
        )


def _create(profile: Profile, ref: ObjectRef, wanted: Wanted, body: dict[str, Any]) -> Step:
    mark = Field(_PLAN_FIELD, wanted.plan)
    manifest = yaml.safe_dump(body, sort_keys=False)
    shell = f"{kubectl(profile, ref.namespace, 'create', '-f', '-')} <<'EOF'\n{manifest}EOF"
    kept = "is deleted with it" if wanted.secret is None else "stays, with what it holds"
    return Step(
        id="create-externalsecret",
        title=f"Create ExternalSecret {wanted.name} for {wanted.source}",
        action=CreateObject(ref, body, (mark,)),
        shell=shell,
        limit_s=15.0,
        diff=unified("", manifest, f"{wanted.name}.yaml"),
        risk_words=f"{_QUIET}; taken back, Secret {wanted.name} {kept}",
        guard="no ExternalSecret of that name is there",
        permissions=(Permission.on(ref, "create"),),
        undo=DeleteObject(ref, holding=(mark,)),
        undo_words=kubectl(profile, ref.namespace, "delete", f"externalsecret/{wanted.name}"),
        revert_on_failure=True,
    )


def _again(ref: ObjectRef, external: Obj, epoch: str) -> PatchObject:
    uid, pointer = Field("/metadata/uid", at(external, "/metadata/uid")), f"{ANNOTATIONS}/{_FORCE}"
    return PatchObject(ref, (uid, Field(pointer, epoch)), (Field(pointer, f"{epoch}{_BACK}"),))


def _forced_before(external: Obj) -> str:
    annotations = mapping(mapping(external, "metadata"), "annotations")
    return f"{_FORCE}: {text(annotations, _FORCE)}" if _FORCE in annotations else ""


def _wait(profile: Profile, ref: ObjectRef, status: Obj, token: Token | None) -> Step:
    name, limit = f"externalsecret/{ref.name}", f"--timeout={_LIMIT_S:g}s"
    since, synced = text(status, "refreshTime"), text(status, "syncedResourceVersion")
    action = AwaitExternalSecret(ref, since, synced)
    if token:
        action = replace(action, secret=token.secret, key=token.key, id=token.id)
    return Step(
        id="await-externalsecret",
        title=f"Wait until ExternalSecret {ref.name} is refreshed",
        action=action,
        shell=kubectl(profile, ref.namespace, "wait", name, "--for=condition=Ready", limit),
        limit_s=_LIMIT_S,
        permissions=(Permission.on(ref, "get"),),
    )


def _body(ref: ObjectRef, wanted: Wanted, store: Obj) -> dict[str, Any]:
    """The strategies are named, since Argo CD would show their defaults as drift."""
    remote = {"key": wanted.remote} | ({"property": wanted.part} if wanted.part else {})
    strategies = {
        "conversionStrategy": "Default",
        "decodingStrategy": "None",
        "metadataPolicy": "None",
    }
    return {
        "apiVersion": ref.version.removeprefix("apis/"),
        "kind": "ExternalSecret",
        "metadata": {
            "name": ref.name,
            "namespace": ref.namespace,
            "labels": dict(MANAGED_BY),
            "annotations": {_PLAN: wanted.plan},
        },
        "spec": {
            "refreshInterval": "1h",
            "secretStoreRef": dict(store),
            "target": {
                "name": ref.name,
                "creationPolicy": "Owner" if wanted.secret is None else "Merge",
                "deletionPolicy": "Retain",
            },
            "data": [{"secretKey": wanted.key, "remoteRef": remote | strategies}],
        },
    }


async def _store(world: World, found: Externals, said: str) -> Obj:
    """The store that was said, else the one that others here use, else the only one there is."""
    if said:
        kind, _, name = said.rpartition("/")
        return {"kind": kind or "ClusterSecretStore", "name": name}
    refs = (mapping(mapping(one, "spec"), "secretStoreRef") for one in found.items)
    used = Counter((text(one, "kind"), text(one, "name")) for one in refs)
    if used:
        (kind, name), _ = used.most_common(1)[0]
        return {"kind": kind or "SecretStore", "name": name}
    try:
        listed = await world.reach.cluster.get(f"/{found.version}/clustersecretstores")
    except ProbeError as error:
        names, there = [], error.failure.sentence
    else:
        names = [name_of(one) for one in objects(listed, "items")]
        there = f"there are {', '.join(names)}" if names else "there is no ClusterSecretStore"
    if len(names) == 1:
        return {"kind": "ClusterSecretStore", "name": names[0]}
    told = f"which secret store it should use cannot be told: name it with `secret-store=`; {there}"
    raise RefusedError(Refusal.NOT_APPLICABLE, told)
