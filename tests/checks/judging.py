"""What tests ask of a judged world."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from probes.diagnosis import diagnose
from probes.model import (
    CauseId,
    CheckId,
    CheckResult,
    EnvironmentSeen,
    EnvReference,
    Failure,
    FailureKind,
    Snapshot,
)
from tests.checks import worlds as w

Causes = set[str]

DENIED = w.failure(FailureKind.FORBIDDEN, "may not get secrets in wealist-prod")


def causes(snapshot: Snapshot) -> Causes:
    """Every cause that is named."""
    return {cause.id.value for cause in diagnose(snapshot).causes}


def follows(snapshot: Snapshot) -> dict[str, str | None]:
    """Every cause, and what it follows from."""
    return {
        cause.id.value: cause.consequence_of.value if cause.consequence_of else None
        for cause in diagnose(snapshot).causes
    }


def roots(snapshot: Snapshot) -> list[str]:
    """The causes that follow from nothing else, in the order to mend them."""
    return [cause.id.value for cause in diagnose(snapshot).roots]


def explanation(snapshot: Snapshot, cause: str) -> str:
    """Explanation and advice of one cause."""
    found = next(one for one in diagnose(snapshot).causes if one.id is CauseId(cause))
    return f"{found.explanation} {found.advice}"


def result(snapshot: Snapshot, check: CheckId) -> CheckResult:
    """One check's verdict."""
    return next(one for one in diagnose(snapshot).results if one.id is check)


def settings(**changes: str | None) -> dict[str, str]:
    """The healthy settings with some changed, or taken away by None."""
    merged = {**w.SETTINGS, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def hiding(
    kind: str, name: str, failure: Failure = DENIED, **changes: str | None
) -> EnvironmentSeen:
    """An environment of which one ConfigMap or Secret could not be read."""
    hidden = w.environment(settings(**changes))
    variables = {
        key: variable
        for key, variable in hidden.variables.items()
        if (variable.origin.kind, variable.origin.name) != (kind, name)
    }
    references = tuple(
        replace(one, state=failure) if (one.kind, one.name) == (kind, name) else one
        for one in hidden.references
    )
    return replace(hidden, variables=variables, references=references)


def changed(kind: str, name: str, minutes: float, **changes: str | None) -> EnvironmentSeen:
    """An environment of which one source was changed so long after the container's start."""
    plain = w.environment(settings(**changes))
    when = w.NOW + timedelta(minutes=minutes)
    references = tuple(
        EnvReference(one.kind, one.name, one.optional, one.state, when)
        if (one.kind, one.name) == (kind, name)
        else one
        for one in plain.references
    )
    return replace(plain, references=references)
