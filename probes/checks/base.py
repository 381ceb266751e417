"""The frame of a check: which observation it reads, and what to say when there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from probes import catalogue
from probes.model import (
    Answer,
    CauseId,
    CheckId,
    CheckResult,
    EnvironmentSeen,
    Evidence,
    Failure,
    FailureKind,
    NamedCause,
    Observation,
    PortalSeen,
    Reply,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
    seen_in,
)
from probes.opsservice import OpsConfig, Setting, ops_config
from probes.text import safe_text

NETWORK = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.DNS,
        FailureKind.TIMEOUT,
        FailureKind.RESET,
        FailureKind.HUNG,
    }
)
"""Failures of the way there: from another place the same address may answer."""

OUT_OF_REACH = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.DNS,
        FailureKind.TIMEOUT,
        FailureKind.RESET,
        FailureKind.TLS,
        FailureKind.NOT_FOUND,
    }
)
"""Failures that are the other side's; those of our own permissions are no cause."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says: `key` picks the sentence of the catalogue that `values` fill."""

    status: Status
    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[NamedCause, ...] = ()


Judge = Callable[[Any, Snapshot], Verdict]
"""Takes what was seen of the check's first source, and the whole snapshot beside it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the checklist. The first of `sources` is the one it cannot do without."""

    id: CheckId
    sources: tuple[Source, ...]
    weigh: Judge
    weigh_failure: Callable[[Failure, Snapshot], Verdict] | None = None
    """For the few checks that a failed look tells something; by default it is unknown."""

    def judge(self, snapshot: Snapshot) -> CheckResult:
        """The verdict on that snapshot; pending or unknown where the source was not seen."""
        observation: Observation[Any] | None = getattr(snapshot, self.sources[0].value)
        if observation is None or self._waits(snapshot):
            verdict = Verdict(Status.PENDING, "pending")
        elif isinstance(observation.seen, Failure):
            verdict = (self.weigh_failure or _unseen)(observation.seen, snapshot)
        else:
            verdict = self.weigh(observation.seen, snapshot)
        return CheckResult(
            self.id,
            verdict.status,
            catalogue.verdict(self.id, verdict.key, _all_masked(verdict.values)),
            tuple(_masked_row(row) for row in verdict.evidence),
            tuple(replace(one, values=_all_masked(one.values)) for one in verdict.causes),
            observation.duration_s if observation else 0.0,
        )

    def _waits(self, snapshot: Snapshot) -> bool:
        """Whether a sweep under way may still bring one of the other sources."""
        return not snapshot.finished and any(
            getattr(snapshot, source.value) is None for source in self.sources
        )


_LONGEST = 2_000
_USERINFO = re.compile(r"://[^\s/@]*(?::[^\s@]*)?@")


def masked(text: str) -> str:
    """The text fit to show: no user and password of an address, nothing that a terminal obeys.

    A setting is kept as the container has it, since it is used as it stands; here it is shown.
    """
    return safe_text(_USERINFO.sub("://***@", text), _LONGEST)


def _all_masked(values: Mapping[str, str]) -> dict[str, str]:
    return {name: masked(value) for name, value in values.items()}


def _masked_row(row: Evidence) -> Evidence:
    return Evidence(masked(row.label), masked(row.value), masked(row.source))


def unseen(failure: Failure) -> Verdict:
    """The honest verdict where a look failed: unknown, with what was denied or broken."""
    return Verdict(
        Status.UNKNOWN, "unseen", {"failure": failure.sentence}, (of_failure("not seen", failure),)
    )


def _unseen(failure: Failure, _: Snapshot) -> Verdict:
    return unseen(failure)


def of_failure(label: str, failure: Failure) -> Evidence:
    """A failed look as evidence."""
    return Evidence(label, f"{failure.kind}: {failure.sentence}", source_of(failure))


def of_answer(label: str, answer: Answer | None) -> tuple[Evidence, ...]:
    """An HTTP answer or its failure as evidence; nothing where nothing was asked."""
    if answer is None:
        return ()
    if isinstance(answer, Failure):
        return (of_failure(label, answer),)
    shown = f"{answer.status} {answer.content_type}".strip()
    if answer.location:
        shown += f", Location: {answer.location}"
    elif answer.excerpt:
        shown += f": {answer.excerpt}"
    return (Evidence(label, shown, source_of(answer)),)


def source_of(answer: Answer) -> str:
    """Of whom it was asked and by which route."""
    asked = answer.request if isinstance(answer, Reply) else answer.asked
    return f"{asked} ({answer.route})" if answer.route else asked or "not asked"


def named(cause: CauseId, about: Iterable[str] = (), **values: str) -> tuple[NamedCause, ...]:
    """One cause with its values and what it is about, as the tuple a verdict wants."""
    return (NamedCause(cause, values, frozenset(about)),)


def environment_in(snapshot: Snapshot) -> EnvironmentSeen | None:
    """The container's environment, or None where it could not be read at all."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.environment, Failure):
        return None
    return workload.environment


def config_in(snapshot: Snapshot) -> OpsConfig | None:
    """ops-service's settings as its container has them, or None where they are not known."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    environment = environment_in(snapshot)
    return ops_config(environment, workload.startup) if workload and environment else None


def is_known(setting: Setting, environment: EnvironmentSeen) -> bool:
    """Whether a setting is what it seems: nothing hidden from us could have set it."""
    return environment.complete or not setting.is_default


def place_of(name: str, snapshot: Snapshot) -> str:
    """Where a person changes a setting: a helm parameter, unless something else beats it."""
    environment = environment_in(snapshot)
    variable = environment.variables.get(name) if environment else None
    if variable and variable.origin.kind == "literal":
        return catalogue.phrase("set.literal", name=name)
    if variable and variable.origin.kind == "Secret":
        return catalogue.phrase("set.secret", name=name, source=variable.origin)
    return catalogue.phrase("set.parameter", name=name)


def portal_numbers(snapshot: Snapshot) -> bool:
    """Whether the portal's own API shows numbers: then ops-service does reach Prometheus."""
    portal: PortalSeen | None = seen_in(snapshot.portal)
    return bool(portal and portal.by_api and portal.overview and not portal.overview.all_zero)


def unreadable(snapshot: Snapshot) -> Failure | None:
    """Why part of the container's environment is hidden from us, or None where all is read."""
    workload = seen_in(snapshot.workload)
    if workload is None:
        return None
    environment: EnvironmentSeen | Failure = workload.environment
    if isinstance(environment, Failure):
        return environment
    return next(iter(environment.failures()), None)
