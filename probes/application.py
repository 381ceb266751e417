"""Observing ops-service's Argo CD Application as the cluster stores it, and who else manages it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probes.model import (
    ApplicationDetail,
    ApplicationSeen,
    ConditionSeen,
    ControllerSeen,
    Failure,
    FailureKind,
    ProbeError,
    ResourceSeen,
    RevisionSeen,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.pods import mapping, moment, objects, text
from probes.profile import Profile
from probes.reach.apipath import ARGOPROJ, namespaced
from probes.reach.cluster import Cluster
from probes.text import safe_text

Obj = Mapping[str, Any]

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCES = ("argocd.argoproj.io/instance", "app.kubernetes.io/instance")
_LISTED = "500"


async def observe(
    cluster: Cluster, profile: Profile, workload: WorkloadSeen, config: OpsConfig
) -> ApplicationSeen:
    """The Application that manages the workload. Raises ProbeError, also where there is none."""
    namespace = profile.argocd_namespace or config.argocd_namespace
    look = _Look(cluster, namespace)
    obj, how = await look.find(profile, workload)
    owner = owner_of(obj)
    self_heals = await look.self_heals(owner) if owner else None
    return application_seen(obj, str(owner or ""), self_heals, f"{how}, namespace {namespace}")


async def detail(cluster: Cluster, name: str, namespace: str) -> ApplicationDetail:
    """One Application whole, as the cluster stores it. Raises ProbeError."""
    look = _Look(cluster, namespace)
    obj = await look.get(name)
    owner = owner_of(obj)
    heals = await look.self_heals(owner) if owner else None
    seen = application_seen(obj, str(owner or ""), heals, f"Application, namespace {namespace}")
    return application_detail(obj, seen)


@dataclass(frozen=True, slots=True)
class Guess:
    """A name the Application may have, and what says so. `sure`: it is no guess."""

    name: str
    namespace: str
    why: str
    sure: bool = False


def guesses(profile: Profile, workload: WorkloadSeen, namespace: str) -> Iterator[Guess]:
    """Names in the order of how much speaks for them."""
    if profile.application:
        yield Guess(profile.application, namespace, "named by the profile", sure=True)
        return
    for source, labels, notes in _marks(workload):
        tracked = notes.get(TRACKING, "").partition(":")[0]
        if tracked:
            # In an apps-in-any-namespace set-up the id begins with `<namespace>_<name>`.
            home, _, name = tracked.rpartition("_")
            yield Guess(name, home or namespace, f"tracked by the {source}'s tracking-id")
        for label in INSTANCES:
            if labels.get(label):
                yield Guess(labels[label], namespace, f"label {label} of the {source}")
    yield Guess(workload.name, namespace, "named like the workload")


def _marks(
    workload: WorkloadSeen,
) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    controller = workload.controller
    if isinstance(controller, ControllerSeen):
        yield controller.kind, controller.labels, controller.annotations
    for pod in workload.pods[:1]:
        yield "pod", pod.labels, pod.annotations


@dataclass(frozen=True, slots=True)
class Owner:
    """Who else manages an Application: `kind` is `Application` or `ApplicationSet`."""

    kind: str
    name: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class _Look:
    """Reads Applications of one cluster, by default of one namespace."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace

    async def find(self, profile: Profile, workload: WorkloadSeen) -> tuple[Obj, str]:
        """The Application and how it was found. Raises ProbeError."""
        tried: set[tuple[str, str]] = set()
        for guess in guesses(profile, workload, self._namespace):
            if (guess.namespace, guess.name) in tried:
                continue
            tried.add((guess.namespace, guess.name))
            try:
                obj = await self._get("applications", guess.name, guess.namespace)
            except ProbeError as error:
                if error.failure.kind is not FailureKind.NOT_FOUND or guess.sure:
                    raise
                continue
            if guess.sure or _may_manage(obj, workload):
                return obj, guess.why
        return await self._by_resources(workload)

    async def get(self, name: str) -> Obj:
        """The Application of that name. Raises ProbeError."""
        return await self._get("applications", name, self._namespace)

    async def _by_resources(self, workload: WorkloadSeen) -> tuple[Obj, str]:
        """The one whose resources hold the workload, from one list of the namespace."""
        path = namespaced(ARGOPROJ, self._namespace, "applications")
        found = await self._cluster.get(path, {"limit": _LISTED})
        for obj in objects(found, "items"):
            if any(_is(one, workload) for one in objects(mapping(obj, "status"), "resources")):
                return obj, "its resources hold the workload"
        sentence = (
            f"no Application in namespace {self._namespace} manages {workload.name} of namespace "
            f"{workload.namespace}: set `application` and `argocd_namespace` of the profile"
        )
        asked = f"list applications in {self._namespace}"
        raise ProbeError(Failure(FailureKind.NOT_FOUND, sentence, asked=asked))

    async def self_heals(self, owner: Owner) -> bool | None:
        """Whether the owner reverts live edits; None where it cannot be read."""
        resource = "applicationsets" if owner.kind == "ApplicationSet" else "applications"
        try:
            obj = await self._get(resource, owner.name, owner.namespace or self._namespace)
        except ProbeError:
            return None
        if owner.kind == "ApplicationSet":
            return _set_reverts(obj)
        return mapping(_sync_policy(obj), "automated").get("selfHeal") is True

    async def _get(self, resource: str, name: str, namespace: str) -> Obj:
        return await self._cluster.get(namespaced(ARGOPROJ, namespace, resource, name))


def _set_reverts(obj: Obj) -> bool:
    """An ApplicationSet puts back what its template says, unless its policy is to create only.

    Source: Argo CD, docs/operator-manual/applicationset/Controlling-Resource-Modification.md.
    """
    policy = mapping(mapping(obj, "spec"), "syncPolicy").get("applicationsSync")
    return policy not in ("create-only", "create-delete")


def _may_manage(obj: Obj, workload: WorkloadSeen) -> bool:
    """Whether its resources hold the workload; one that was never synced has none yet."""
    resources = objects(mapping(obj, "status"), "resources")
    return not resources or any(_is(one, workload) for one in resources)


def _is(resource: Obj, workload: WorkloadSeen) -> bool:
    return (
        resource.get("name") == workload.name
        and resource.get("namespace") == workload.namespace
        and resource.get("kind") in ("Deployment", "Rollout")
    )


def owner_of(obj: Obj) -> Owner | None:
    """Who manages the Application itself, or None.

    In order: an ownerReference of kind ApplicationSet, the tracking-id annotation, the instance
    label; the latter two name the Application itself where a chart or its own sync set them.
    """
    metadata = mapping(obj, "metadata")
    itself, namespace = text(metadata, "name"), text(metadata, "namespace")
    for one in objects(metadata, "ownerReferences"):
        if one.get("kind") == "ApplicationSet":
            return Owner("ApplicationSet", text(one, "name"), namespace)
    tracked = text(mapping(metadata, "annotations"), TRACKING).partition(":")[0]
    home, _, name = tracked.rpartition("_")
    if name and name != itself:
        return Owner("Application", name, home or namespace)
    labels = mapping(metadata, "labels")
    named = (text(labels, label) for label in INSTANCES)
    found = next((one for one in named if one and one != itself), "")
    return Owner("Application", found, namespace) if found else None


def application_seen(
    obj: Obj, owner: str, owner_self_heals: bool | None, source: str
) -> ApplicationSeen:
    """One Application's raw JSON, read."""
    metadata, spec, status = (mapping(obj, part) for part in ("metadata", "spec", "status"))
    sync, health = mapping(status, "sync"), mapping(status, "health")
    operation = mapping(status, "operationState")
    origin, parameters = _source(spec)
    policy = _sync_policy(obj)
    automated = mapping(policy, "automated")
    revisions = sync.get("revisions")
    several = ", ".join(map(str, revisions)) if isinstance(revisions, list) else ""
    return ApplicationSeen(
        name=text(metadata, "name"),
        namespace=text(metadata, "namespace"),
        project=text(spec, "project"),
        sync=text(sync, "status") or "Unknown",
        health=text(health, "status") or "Unknown",
        health_message=text(health, "message"),
        parameters=parameters,
        repo_url=_without_user(text(origin, "repoURL")),
        target_revision=text(origin, "targetRevision"),
        path=text(origin, "path") or text(origin, "chart"),
        revision=text(sync, "revision") or safe_text(several),
        automated=policy.get("automated") is not None and automated.get("enabled") is not False,
        self_heal=automated.get("selfHeal") is True,
        prune=automated.get("prune") is True,
        operation_phase=text(operation, "phase"),
        operation_message=text(operation, "message"),
        finished_at=moment(operation.get("finishedAt")),
        conditions=_conditions(status),
        out_of_sync=_out_of_sync(status),
        owner=owner,
        owner_self_heals=owner_self_heals,
        source=source,
    )


def _source(spec: Obj) -> tuple[Obj, dict[str, str]]:
    """The source with the helm parameters, and these; of several sources the first that has any."""
    several = objects(spec, "sources") or (mapping(spec, "source"),)
    for one in several:
        parameters = _parameters(one)
        if parameters:
            return one, parameters
    return several[0], {}


def _parameters(source: Obj) -> dict[str, str]:
    """`helm.parameters`, a list of names and values; the last of a name wins, as in helm."""
    found = objects(mapping(source, "helm"), "parameters")
    return {text(one, "name"): safe_text(str(one.get("value", "")), 2_000) for one in found}


def _sync_policy(obj: Obj) -> Obj:
    """`spec.syncPolicy`; its `automated: {}` switches auto-sync on, so that presence counts."""
    return mapping(mapping(obj, "spec"), "syncPolicy")


def _conditions(status: Obj) -> tuple[ConditionSeen, ...]:
    """An Application's conditions have a type and a message only: being there is their status."""
    found = objects(status, "conditions")
    return tuple(
        ConditionSeen(text(one, "type"), "True", "", text(one, "message")) for one in found
    )


def _out_of_sync(status: Obj) -> tuple[str, ...]:
    return tuple(
        f"{text(one, 'kind')}/{text(one, 'name')}"
        for one in objects(status, "resources")
        if one.get("status") == "OutOfSync"
    )


def _without_user(url: str) -> str:
    """A repository's address without the password that some people put into it."""
    scheme, found, rest = url.partition("://")
    if not found:
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def application_detail(obj: Obj, seen: ApplicationSeen) -> ApplicationDetail:
    """One Application's raw JSON, read to the end."""
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    goes_to = mapping(spec, "destination")
    server = text(goes_to, "name") or text(goes_to, "server")
    return ApplicationDetail(
        seen=seen,
        destination=f"namespace {text(goes_to, 'namespace') or '-'} of {server or '-'}",
        resources=tuple(_resource(one) for one in objects(status, "resources")),
        history=tuple(_revision(one) for one in reversed(objects(status, "history"))),
        images=_images(status),
    )


def _images(status: Obj) -> tuple[str, ...]:
    found = mapping(status, "summary").get("images")
    return tuple(safe_text(str(one)) for one in found) if isinstance(found, list) else ()


def _resource(one: Obj) -> ResourceSeen:
    health = mapping(one, "health")
    return ResourceSeen(
        kind=text(one, "kind"),
        namespace=text(one, "namespace"),
        name=text(one, "name"),
        sync=text(one, "status"),
        health=text(health, "status"),
        message=text(health, "message"),
    )


def _revision(one: Obj) -> RevisionSeen:
    by = mapping(one, "initiatedBy")
    several = one.get("revisions")
    revision = text(one, "revision")
    if not revision and isinstance(several, list):
        revision = safe_text(", ".join(map(str, several)))
    return RevisionSeen(
        id=safe_text(str(one.get("id", ""))),
        revision=revision,
        deployed_at=moment(one.get("deployedAt")),
        by="automated" if by.get("automated") is True else text(by, "username"),
    )
