"""What names the Application of a workload: the profile, and the marks that a sync leaves. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from probes.application.owner import INSTANCES, TRACKING
from probes.model import ControllerSeen, WorkloadSeen
from probes.profile import Profile

_RELEASE = "meta.helm.sh/release-name"
"""Helm's own mark on what it has installed itself; the charts' instance label is its release."""

_OF_ARGO = "argocd.argoproj.io/"


@dataclass(frozen=True, slots=True)
class Guess:
    """A name the Application may have, and what says so.

    `sure`: it is no guess, and another one will not do. `proves`: only Argo CD sets such a mark.
    """

    name: str
    namespace: str
    why: str
    sure: bool = False
    proves: bool = False

    @property
    def belongs(self) -> str:
        """The predicate of a sentence on the workload."""
        sure = "is managed" if self.proves else "seems to be managed"
        return f"{sure} by Application {self.name} ({self.why})"


def guesses(profile: Profile, workload: WorkloadSeen, namespace: str) -> Iterator[Guess]:
    """Names in the order of how much speaks for them."""
    if profile.application:
        yield Guess(profile.application, namespace, "named by the profile", sure=True)
        return
    yield from _marked(workload, namespace)
    yield Guess(workload.name, namespace, "named like the workload")


def named_by(workload: WorkloadSeen, namespace: str = "") -> Guess | None:
    """The Application that a mark names, whether it can be found or not."""
    marked = tuple(_marked(workload, namespace))
    controller = workload.controller
    own = _RELEASE in controller.annotations if isinstance(controller, ControllerSeen) else False
    return next((one for one in marked if one.proves or not own), None)


def _marked(workload: WorkloadSeen, namespace: str) -> Iterator[Guess]:
    for source, labels, notes in _marks(workload):
        tracked = notes.get(TRACKING, "").partition(":")[0]
        if tracked:
            # In an apps-in-any-namespace set-up the id begins with `<namespace>_<name>`.
            home, _, name = tracked.rpartition("_")
            why = f"tracked by the {source}'s tracking-id"
            yield Guess(name, home or namespace, why, proves=True)
        for label in INSTANCES:
            if labels.get(label):
                why, proves = f"label {label} of the {source}", label.startswith(_OF_ARGO)
                yield Guess(labels[label], namespace, why, proves=proves)


def _marks(
    workload: WorkloadSeen,
) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    controller = workload.controller
    if isinstance(controller, ControllerSeen):
        yield controller.kind, controller.labels, controller.annotations
    for pod in workload.pods[:1]:
        yield "pod", pod.labels, pod.annotations
