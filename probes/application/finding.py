"""Observing ops-service's Argo CD Application as the cluster stores it, and who else manages it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from probes.application.marks import guesses, named_by
from probes.application.owner import Owner, owner_of, reverts
from probes.application.reading import application_seen, cluster_of
from probes.model import ApplicationSeen, Failure, FailureKind, ProbeError, WorkloadSeen
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.rawjson import Obj, mapping, name_of, objects
from probes.reach.apipath import ARGOPROJ, namespaced
from probes.reach.cluster import Cluster

_LISTED = "500"
_PAGES = 10
"""Of a list, each of that many Applications: an Argo CD has a few hundred."""

_HERE = (
    "in-cluster",
    "https://kubernetes.default.svc",
    "https://kubernetes.default.svc.cluster.local",
)
"""The cluster that Argo CD runs in, by name and by address."""


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
        try:
            return await self._named(profile, workload) or await self._by_resources(workload)
        except ProbeError as error:
            marked = None if profile.application else named_by(workload, self._namespace)
            if marked is None or error.failure.kind is not FailureKind.NOT_FOUND:
                raise
            sentence = (
                f"{workload.name} {marked.belongs}, which is not in namespace {marked.namespace} "
                f"of this cluster; {error.failure.sentence}"
            )
            raise ProbeError(replace(error.failure, sentence=sentence)) from error

    async def _named(self, profile: Profile, workload: WorkloadSeen) -> tuple[Obj, str] | None:
        """The first guess that holds; a mark of Argo CD's own holds wherever the way leads."""
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
            if guess.sure or (
                _may_manage(obj, workload) and (guess.proves or await self._goes_here(obj))
            ):
                return obj, guess.why
        return None

    async def _by_resources(self, workload: WorkloadSeen) -> tuple[Obj, str]:
        """The one whose resources hold the workload, from a bounded list of the namespace."""
        seen, astray = 0, ""
        async for obj in self._listed():
            seen += 1
            if any(_is(one, workload) for one in objects(mapping(obj, "status"), "resources")):
                if await self._goes_here(obj):
                    return obj, "its resources hold the workload"
                astray = astray or f"; its namesake {name_of(obj)} goes to {cluster_of(obj)}"
        most = int(_LISTED) * _PAGES
        among = f" among the first {most}" if seen >= most else ""
        sentence = (
            f"no Application in namespace {self._namespace} manages {workload.name} of namespace "
            f"{workload.namespace}{among}{astray}: set `application` and `argocd_namespace` of "
            "the profile"
        )
        asked = f"list applications in {self._namespace}"
        raise ProbeError(Failure(FailureKind.NOT_FOUND, sentence, asked=asked))

    async def _listed(self) -> AsyncIterator[Obj]:
        """The Applications of the namespace, page by page."""
        path, params = namespaced(ARGOPROJ, self._namespace, "applications"), {"limit": _LISTED}
        for _ in range(_PAGES):
            page = await self._cluster.get(path, params, timeout_s=self._timeout_s)
            for obj in objects(page, "items"):
                yield obj
            more = mapping(page, "metadata").get("continue")
            if not isinstance(more, str) or not more:
                return
            params = {"limit": _LISTED, "continue": more}

    async def _goes_here(self, obj: Obj) -> bool:
        """Whether it goes to this cluster, as far as its destination tells."""
        cluster = cluster_of(obj).rstrip("/")
        return cluster in ("", *_HERE) or cluster == (await self._cluster.server()).rstrip("/")

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
