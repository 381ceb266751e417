"""What a failed connection to Prometheus tells, and what it does not."""

from __future__ import annotations

from probes.checks.base import (
    NETWORK,
    OUT_OF_REACH,
    Verdict,
    named,
    portal_numbers,
    unseen,
)
from probes.model import CauseId, Evidence, Failure, FailureKind, NamedCause, Snapshot, Status


def no_answer(
    failure: Failure,
    url: str,
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
    also: tuple[NamedCause, ...] = (),
) -> Verdict:
    """The verdict where `url` did not answer; `also` are causes that stand beside that one."""
    values = {"url": url, "failure": failure.sentence}
    if failure.kind in NETWORK and portal_numbers(snapshot):
        return Verdict(Status.UNKNOWN, "not-from-here", values, evidence)
    if failure.kind is FailureKind.HUNG:
        cause = named(CauseId.PROMETHEUS_HANGING, **values)
        return Verdict(Status.FAIL, "hanging", values, evidence, (*cause, *also))
    if failure.kind in (*OUT_OF_REACH, FailureKind.MALFORMED):
        cause = named(CauseId.PROMETHEUS_UNREACHABLE, **values)
        return Verdict(Status.FAIL, "unreachable", values, evidence, (*cause, *also))
    return unseen(failure)
