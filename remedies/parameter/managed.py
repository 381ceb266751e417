"""ops-service as an Application of Argo CD manages it: where a setting is, who may revert it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from probes.application.marks import named_by
from probes.checks.base import place_of
from probes.checks.settings import PARAMETER
from probes.model import ApplicationSeen, EnvironmentSeen, Failure, FailureKind, Snapshot, seen_in
from probes.rawjson import Obj, mapping, name_of, objects, text
from remedies.application.syncing import application_ref
from remedies.model import ObjectRef, Refusal, RefusedError
from remedies.parameter.helm import Parameters, parameters_of
from remedies.parameter.settings import refuse_password
from remedies.performing.objects import read
from remedies.restart.steps import restart_words, workload_in
from remedies.shell import kubectl
from remedies.world import World


@dataclass(frozen=True, slots=True)
class Managed:
    """The live Application and the ConfigMap that it makes for the pods.

    `now` is the setting's value as a new container reads it, `in_map` the ConfigMap's own; `owner`
    says in words who else manages the Application, empty where nobody is known to.
    """

    application: Obj
    ref: ObjectRef
    workload: ObjectRef
    config_map: ObjectRef
    now: str | None
    in_map: str | None
    seen: ApplicationSeen
    parameters: Parameters

    @property
    def owner(self) -> str:
        """Who manages the Application itself: `Application wealist-apps-prod`."""
        return self.seen.owner.replace("/", " ", 1)

    @property
    def heals(self) -> bool:
        """Whether the owner is known to take live edits back."""
        return bool(self.seen.owner) and self.seen.owner_self_heals is True


async def managed(
    world: World, snapshot: Snapshot, name: str, value: str, source: str = ""
) -> Managed:
    """Where a setting is to be changed; `source` says in which source of several.

    Raises RefusedError where no Application manages it, or its parameter has no effect; ProbeError.
    """
    workload = workload_in(snapshot)
    environment = _environment(snapshot)
    now = environment.get(name)
    refuse_password(name, now or "")
    seen = _application(world, snapshot, name, value)
    ref = application_ref(seen.namespace, seen.name)
    application = await read(world, ref)
    if application is None:
        raise RefusedError(Refusal.STALE, f"Application {seen.name} is gone: look again")
    parameters = parameters_of(application, f"{PARAMETER}{name}", workload.name, source)
    config_map = _config_map(environment, application, workload.namespace)
    _refuse_beaten(environment, snapshot, name, config_map)
    data = mapping(await read(world, config_map) or {}, "data")
    in_map = data.get(name)
    told = in_map if isinstance(in_map, str) else None
    return Managed(application, ref, workload, config_map, now, told, seen, parameters)


def _environment(snapshot: Snapshot) -> EnvironmentSeen:
    workload = seen_in(snapshot.workload)
    environment: EnvironmentSeen | Failure | None = workload.environment if workload else None
    if isinstance(environment, Failure):
        raise RefusedError(Refusal.NOT_APPLICABLE, environment.sentence)
    if environment is None:
        told = "the container's settings could not be read; `check` says why"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return environment


def _application(world: World, snapshot: Snapshot, name: str, value: str) -> ApplicationSeen:
    """The Application. Raises RefusedError with the commands for the ConfigMap where none is."""
    observation = snapshot.application
    seen = observation.seen if observation else None
    if isinstance(seen, ApplicationSeen):
        return seen
    commands = _without_application(world, snapshot, name, value)
    if isinstance(seen, Failure) and seen.kind is not FailureKind.NOT_FOUND:
        told = "the Application could not be seen, and may take back what is done by hand: "
        told += seen.sentence
    else:
        told = _unmanaged(snapshot)
    raise RefusedError(Refusal.NOT_APPLICABLE, f"{told}. By hand: {commands}")


def _unmanaged(snapshot: Snapshot) -> str:
    """That there is none, or which one it is by the marks on the workload, in another cluster."""
    workload = seen_in(snapshot.workload)
    marked = named_by(workload) if workload else None
    if marked is None:
        return f"no Application of Argo CD manages {snapshot.workload_name}"
    return (
        f"{snapshot.workload_name} {marked.belongs}, which is not in this cluster: it takes back "
        "what is done by hand, so that it has to be changed in Git"
    )


def _without_application(world: World, snapshot: Snapshot, name: str, value: str) -> str:
    """What a person would paste: a change of the ConfigMap, and a restart."""
    workload, environment = workload_in(snapshot), _environment(snapshot)
    maps = [one.name for one in environment.references if one.kind == "ConfigMap"]
    kind = "rollout" if workload.resource == "rollouts" else "deployment"
    target, home = f"{kind}/{workload.name}", workload.namespace
    if not maps:
        return f"`{kubectl(world.profile, home, 'set', 'env', target, f'{name}={value}')}`"
    patch = json.dumps({"data": {name: value}})
    words = ("patch", f"configmap/{maps[-1]}", "--type", "merge", "-p", patch)
    restart = restart_words(world.profile, workload)
    return f"`{kubectl(world.profile, home, *words)}`, then `{restart}`"


def _config_map(environment: EnvironmentSeen, application: Obj, namespace: str) -> ObjectRef:
    """The ConfigMap of the pods that the Application makes; of several the last, which wins."""
    names = [one.name for one in environment.references if one.kind == "ConfigMap"]
    made = [
        text(one, "name")
        for one in objects(mapping(application, "status"), "resources")
        if one.get("kind") == "ConfigMap" and one.get("namespace", namespace) == namespace
    ]
    ours = [one for one in names if one in made]
    if not ours:
        name = name_of(application)
        told = f"Application {name} makes no ConfigMap that the pods read: change it in Git"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return ObjectRef("api/v1", "configmaps", namespace, ours[-1])


def _refuse_beaten(
    environment: EnvironmentSeen, snapshot: Snapshot, name: str, config_map: ObjectRef
) -> None:
    """Raises RefusedError where something that wins over the ConfigMap sets it."""
    variable = environment.variables.get(name)
    if variable is None:
        return
    kind, source = variable.origin.kind, variable.origin.name
    maps = [one.name for one in environment.references if one.kind == "ConfigMap"]
    later = maps[maps.index(config_map.name) + 1 :]
    if kind == "ConfigMap" and source not in later:
        return
    where = str(variable.origin) if kind == "ConfigMap" else place_of(name, snapshot)
    told = f"{name} comes from {where}, which wins over the helm parameter: change it there"
    raise RefusedError(Refusal.NOT_APPLICABLE, told)
