"""Observing ops-service's Argo CD Application as the cluster stores it, and who else manages it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from probes.application.owner import INSTANCES, TRACKING, Owner, owner_of, reverts
from probes.application.reading import application_seen
from probes.model import (
    ApplicationSeen,
    ControllerSeen,
    Failure,
    FailureKind,
    ProbeError,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.rawjson import Obj, mapping, objects
from probes.reach.apipath import ARGOPROJ, namespaced
from probes.reach.cluster import Cluster

_LISTED = "500"


async def observe(
    cluster: Cluster, profile: Profile, workload: WorkloadSeen, config: OpsConfig
) -> ApplicationSeen:
    """The Application that manages the workload. Raises ProbeError, also where there is none."""
    namespace = profile.argocd_namespace or config.argocd_namespace
    look = Look(cluster, namespace)
    obj, how = await look.find(profile, workload)
    owner = owner_of(obj)
    self_heals = await look.self_heals(owner) if owner else None
    source = f"{how}, namespace {namespace}"
    return application_seen(obj, str(owner or ""), self_heals, source, workload.name)


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


class Look:
    """Reads Applications of one cluster, by default of one namespace.

    `timeout_s` is the limit of each request, in seconds; the cluster's own where it is None.
    """

    def __init__(self, cluster: Cluster, namespace: str, timeout_s: float | None = None) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._timeout_s = timeout_s

    async def find(self, profile: Profile, workload: WorkloadSeen) -> tuple[Obj, str]:
        """The Application and how it was found. Raises ProbeError."""
        tried: set[tuple[str, str]] = set()
        for guess in guesses(profile, workload, self._namespace):
            if (guess.namespace, guess.name) in tried:
                continue
            tried.add((guess.namespace, guess.name))
            try:
                obj = await self.get("applications", guess.name, guess.namespace)
            except ProbeError as error:
                if error.failure.kind is not FailureKind.NOT_FOUND or guess.sure:
                    raise
                continue
            if guess.sure or _may_manage(obj, workload):
                return obj, guess.why
        return await self._by_resources(workload)

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
            obj = await self.get(resource, owner.name, owner.namespace or self._namespace)
        except ProbeError:
            return None
        return reverts(owner, obj)

    async def get(self, resource: str, name: str, namespace: str) -> Obj:
        """One object. Raises ProbeError."""
        path = namespaced(ARGOPROJ, namespace, resource, name)
        return await self._cluster.get(path, timeout_s=self._timeout_s)


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
