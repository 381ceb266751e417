"""Git: what the Applications' sources declare, and the commits that change it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import partial

from sandbox.argocd import chart
from sandbox.argocd.source import source_of, track
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.store import Obj, Store

Manifests = list[Obj]
Ref = tuple[str, str | None, str]
"""Kind, namespace and name of an object."""

_NAMESPACE = "argocd"
_MANAGER = "argocd-controller"
_SHARED_CONFIG = "wealist-shared-config"
_KEPT_METADATA = ("labels", "annotations", "name", "namespace", "finalizers")
_CONTENT = ("apiVersion", "kind", "spec", "data", "type")
_NOT_DECLARED = frozenset(
    {"deployment.kubernetes.io/revision", "argocd.argoproj.io/refresh", "force-sync"}
)


class Git(MutableMapping[str, Manifests]):
    """The manifests of each Application by its name, as the repository declares them now.

    A mutable mapping: to assign is to commit, and a commit is synced at once. What ops-service's
    chart renders is not in it: it follows from the Application's own parameters.
    """

    def __init__(self) -> None:
        self._manifests: dict[str, Manifests] = {}
        self._commits = 0
        self.adopted = False
        """Whether the cluster as it was found has become the first commit."""
        self.on_commit: Callable[[], None] = lambda: None
        """Told of every commit."""

    def __getitem__(self, application: str) -> Manifests:
        return clone(self._manifests[application])

    def __setitem__(self, application: str, manifests: Manifests) -> None:
        self._manifests[application] = clone(manifests)
        self._count()

    def __delitem__(self, application: str) -> None:
        del self._manifests[application]
        self._count()

    def __iter__(self) -> Iterator[str]:
        return iter(self._manifests)

    def __len__(self) -> int:
        return len(self._manifests)

    @property
    def revision(self) -> str:
        """The newest commit's id."""
        return revision(self._commits)

    def adopt(self, store: Store, declares: Mapping[str, Sequence[Ref]]) -> None:
        """Takes what is live as what was committed, and marks it as applied.

        `declares` names each Application's objects; one that is not there is left out.
        """
        self.adopted = True
        for name, refs in declares.items():
            application = store.find("Application", _NAMESPACE, name)
            if application is None or name in self._manifests:
                continue
            there = [ref for ref in refs if store.find(*ref) is not None]
            for ref in there:
                store.change(*ref, partial(_settle, application), manager=_MANAGER)
            self._manifests[name] = [declared(store.get(*ref)) for ref in there]

    def commit(self, kind: str, name: str, mutate: Callable[[Obj], None]) -> None:
        """Changes one manifest. Raises KeyError when no source declares it."""
        for application, manifests in self._manifests.items():
            for index, manifest in enumerate(manifests):
                if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name):
                    changed = self[application]
                    mutate(changed[index])
                    self[application] = changed
                    return
        raise KeyError(f"no source declares {kind} {name}")

    def _count(self) -> None:
        self._commits += 1
        self.on_commit()

    def shared_config(self) -> Mapping[str, str]:
        """The values that all charts share."""
        for manifests in self._manifests.values():
            for manifest in manifests:
                if (manifest["kind"], manifest["metadata"]["name"]) == (
                    "ConfigMap",
                    _SHARED_CONFIG,
                ):
                    data: dict[str, str] = manifest["data"]
                    return dict(data)
        return {}

    def render(self, application: Obj) -> Manifests:
        """What an Application's source declares at this commit, marked as the Application's."""
        if source_of(application).get("path") == chart.PATH:
            return chart.render(application, self.shared_config())
        manifests = clone(self._manifests.get(application["metadata"]["name"], []))
        for manifest in manifests:
            track(application, manifest)
        return manifests


def revision(number: int) -> str:
    """A commit id that is stable from run to run."""
    return hashlib.sha1(f"commit {number}".encode(), usedforsecurity=False).hexdigest()


def ref_of(obj: Obj) -> Ref:
    """What names an object."""
    metadata = obj["metadata"]
    return (obj["kind"], metadata.get("namespace"), metadata["name"])


def declared(live: Obj) -> Obj:
    """The manifest behind a live object: no status, nothing that a controller writes."""
    manifest = clone({key: live[key] for key in _CONTENT if key in live})
    metadata = live["metadata"]
    manifest["metadata"] = clone({k: metadata[k] for k in _KEPT_METADATA if k in metadata})
    annotations = manifest["metadata"].get("annotations") or {}
    for name in _NOT_DECLARED & annotations.keys():
        del annotations[name]
    if manifest["kind"] == "Deployment":
        manifest["spec"].pop("replicas", None)
    _without_tokens(manifest)
    return manifest


def _settle(application: Obj, live: Obj) -> None:
    """Leaves a live object as its Application's last sync did."""
    track(application, live)
    _without_tokens(live)


def _without_tokens(obj: Obj) -> None:
    """Tokens that a project's roles list are live only; the ones that count are in its status."""
    if obj["kind"] == "AppProject":
        for role in obj["spec"].get("roles") or []:
            role.pop("jwtTokens", None)
