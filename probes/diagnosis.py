"""Diagnosis: from verdicts to causes, what follows from what, and the data path. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from probes import catalogue
from probes.checks import judge_all
from probes.datapath import data_path
from probes.model import (
    Cause,
    CauseId,
    CheckId,
    CheckResult,
    Diagnosis,
    Failure,
    FailureKind,
    NamedCause,
    Snapshot,
    Status,
    worst,
)

_DATABASE_GONE = (
    CauseId.DB_UNREACHABLE,
    CauseId.DB_TLS_MISMATCH,
    CauseId.DB_AUTH_FAILED,
    CauseId.DB_DATABASE_MISSING,
)
_NO_NEW_PODS = (CauseId.WORKLOAD_ROLLOUT_BLOCKED, CauseId.WORKLOAD_CRASH_LOOPING)
_NO_PODS = (CauseId.WORKLOAD_NOT_FOUND, CauseId.WORKLOAD_SCALED_TO_ZERO, *_NO_NEW_PODS)
_NO_TABLE = (
    CauseId.DB_MIGRATION_DISABLED,
    CauseId.DB_PERMISSION_DENIED,
    CauseId.DB_SCHEMA_INCOMPLETE,
)
"""Causes of absent tables: they are about these."""

_FOLLOWS_FROM: Mapping[CauseId, tuple[CauseId, ...]] = {
    CauseId.WORKLOAD_CRASH_LOOPING: _DATABASE_GONE,
    CauseId.WORKLOAD_STALE_CONFIG: _NO_NEW_PODS,
    CauseId.PROMETHEUS_UNREACHABLE: (CauseId.PROMETHEUS_OOM_KILLED,),
    CauseId.PROMETHEUS_HANGING: (CauseId.PROMETHEUS_OOM_KILLED,),
    CauseId.PROMETHEUS_NOT_READY: (CauseId.PROMETHEUS_OOM_KILLED,),
    CauseId.PROMETHEUS_NO_DESTINATION_SERIES: (CauseId.PROMETHEUS_TARGETS_DOWN,),
    CauseId.ARGOCD_TOKEN_MISSING: (CauseId.ARGOCD_EXTERNALSECRET_FAILED,),
    CauseId.ARGOCD_APP_DEGRADED: (*_DATABASE_GONE, *_NO_PODS),
    CauseId.DB_SCHEMA_INCOMPLETE: _NO_PODS,
    CauseId.PORTAL_UNREACHABLE: (*_DATABASE_GONE, *_NO_PODS),
    CauseId.PORTAL_NOT_A_PORTAL_USER: _DATABASE_GONE,
    CauseId.LOGS_ERRORS_PRESENT: (*_DATABASE_GONE, *_NO_NEW_PODS),
}
"""What a cause follows from where that is present too; the first one present is told."""

_SETTING_OF: Mapping[CauseId, str] = {
    CauseId.PROMETHEUS_URL_UNSET: "PROMETHEUS_URL",
    CauseId.PROMETHEUS_URL_MALFORMED: "PROMETHEUS_URL",
    CauseId.PROMETHEUS_URL_MISSING_PREFIX: "PROMETHEUS_URL",
    CauseId.PROMETHEUS_URL_WRONG_PREFIX: "PROMETHEUS_URL",
    CauseId.PROMETHEUS_NAMESPACE_MISMATCH: "PROMETHEUS_NAMESPACE",
    CauseId.ARGOCD_TOKEN_MISSING: "ARGOCD_TOKEN",
    CauseId.DB_MIGRATION_DISABLED: "DB_AUTO_MIGRATE",
    CauseId.WORKLOAD_KUBE_CLIENT_MISSING: "K8S_IN_CLUSTER",
    CauseId.LOKI_URL_UNSET: "LOKI_URL",
    CauseId.LOKI_URL_PREFIXED: "LOKI_URL",
}
"""The setting that a cause is about: it follows from a container that runs an older one."""

_BLIND: Mapping[FailureKind, str] = {
    FailureKind.FORBIDDEN: "blind-denied",
    FailureKind.REFUSED: "blind-unreachable",
    FailureKind.TIMEOUT: "blind-unreachable",
    FailureKind.DNS: "blind-unreachable",
    FailureKind.TLS: "blind-unreachable",
    FailureKind.RESET: "blind-unreachable",
    FailureKind.HUNG: "blind-unreachable",
}
"""The sentence by why the workload could not be seen; other failures say what to do themselves."""

_ORDER = {cause: place for place, cause in enumerate(CauseId)}


def diagnose(snapshot: Snapshot, only: frozenset[CheckId] | None = None) -> Diagnosis:
    """Judge the snapshot, name the causes in the order to mend them, and draw the path.

    With `only`, the verdict and the causes are those of these checks alone.
    """
    judged = judge_all(snapshot)
    results = tuple(one for one in judged if only is None or one.id in only)
    causes = _causes(results)
    return Diagnosis(
        status=worst(result.status for result in results),
        sentence=_sentence(results, causes, snapshot),
        results=results,
        causes=causes,
        path=data_path(snapshot, judged),
    )


def _causes(results: Iterable[CheckResult]) -> tuple[Cause, ...]:
    named: dict[CauseId, NamedCause] = {}
    checks: dict[CauseId, list[CheckId]] = {}
    failing: set[CauseId] = set()
    for result in results:
        for cause in result.causes:
            named.setdefault(cause.id, cause)
            checks.setdefault(cause.id, []).append(result.id)
            if result.status is Status.FAIL:
                failing.add(cause.id)
    told = [_told(cause, tuple(checks[cause.id]), named) for cause in named.values()]
    failing |= _roots_behind(failing, {one.id: one.consequence_of for one in told})
    return tuple(
        sorted(
            told,
            key=lambda one: (one.consequence_of is not None, one.id not in failing, _ORDER[one.id]),
        )
    )


def _roots_behind(
    failing: Iterable[CauseId], follows: Mapping[CauseId, CauseId | None]
) -> set[CauseId]:
    """What the failing causes follow from, and so on: it weighs as much as they do."""
    found: set[CauseId] = set()
    for cause in failing:
        root = follows[cause]
        while root is not None and root not in found:
            found.add(root)
            root = follows[root]
    return found


def _told(
    cause: NamedCause, checks: tuple[CheckId, ...], present: Mapping[CauseId, NamedCause]
) -> Cause:
    return Cause(
        id=cause.id,
        title=catalogue.title(cause.id),
        explanation=catalogue.explanation(cause.id, cause.values),
        checks=checks,
        advice=catalogue.advice(cause.id, cause.values),
        remedies=catalogue.REMEDIES_OF.get(cause.id, ()),
        consequence_of=_root_of(cause, present),
    )


def _root_of(cause: NamedCause, present: Mapping[CauseId, NamedCause]) -> CauseId | None:
    """The present cause that this one follows from directly, or None."""
    stale = present.get(CauseId.WORKLOAD_STALE_CONFIG)
    if stale and _SETTING_OF.get(cause.id) in stale.about:
        return CauseId.WORKLOAD_STALE_CONFIG
    if cause.only_after:
        return cause.only_after if cause.only_after in present else None
    roots = _FOLLOWS_FROM.get(cause.id, ())
    found = next((root for root in roots if root in present), None)
    if found is None and cause.id is CauseId.PORTAL_NOT_A_PORTAL_USER:
        return _no_users_table(present)
    return found


def _no_users_table(present: Mapping[CauseId, NamedCause]) -> CauseId | None:
    """Why there is no portal_users, where that is so: nobody is a portal user then."""
    causes = (present[one] for one in _NO_TABLE if one in present)
    return next((one.id for one in causes if "portal_users" in one.about), None)


def _sentence(
    results: tuple[CheckResult, ...], causes: tuple[Cause, ...], snapshot: Snapshot
) -> str:
    total = len(results)
    pending = sum(result.status is Status.PENDING for result in results)
    roots = [cause for cause in causes if cause.consequence_of is None]
    if roots and not _unexplained(results, causes):
        return _of_causes(roots, results)
    if pending:
        values = {"done": str(total - pending), "total": str(total)}
        return catalogue.sentence("pending", values)
    return _without_cause(results, snapshot)


def _unexplained(results: tuple[CheckResult, ...], causes: tuple[Cause, ...]) -> bool:
    """Whether something fails, and all that is named is only worth a warning."""
    failed = [result for result in results if result.status is Status.FAIL]
    warned = {result.id for result in results if result.status is Status.WARN}
    return bool(failed) and all(warned.issuperset(cause.checks) for cause in causes)


def _of_causes(roots: list[Cause], results: tuple[CheckResult, ...]) -> str:
    faults = [cause for cause in roots if cause.id is not CauseId.PROMETHEUS_NO_TRAFFIC]
    if not faults:
        return _healthy_zero(results)
    values = {"count": str(len(faults)), "title": faults[0].title, "advice": faults[0].advice}
    return catalogue.sentence("one" if len(faults) == 1 else "many", values)


def _healthy_zero(results: tuple[CheckResult, ...]) -> str:
    blind = sum(result.status is Status.UNKNOWN for result in results)
    values = {"count": str(blind), "total": str(len(results))}
    return catalogue.sentence("zero-partly" if blind else "healthy-zero", values)


def _without_cause(results: tuple[CheckResult, ...], snapshot: Snapshot) -> str:
    total = str(len(results))
    for status, key in (
        (Status.FAIL, "failed-unnamed"),
        (Status.UNKNOWN, "unknown"),
        (Status.WARN, "warned"),
    ):
        found = [result for result in results if result.status is status]
        if found:
            first = found[0]
            if status is Status.UNKNOWN and len(found) == len(results):
                key, first = _blind(snapshot), min(found, key=_depth)
            values = {"count": str(len(found)), "total": total, "summary": first.summary}
            return catalogue.sentence(key, values)
    return catalogue.sentence("healthy", {"total": total})


def _blind(snapshot: Snapshot) -> str:
    """What to do where nothing at all could be seen."""
    hidden = snapshot.workload.seen if snapshot.workload else None
    return _BLIND.get(hidden.kind, "blind") if isinstance(hidden, Failure) else "blind"


def _depth(result: CheckResult) -> bool:
    """The workload comes first: what hides it hides everything that is found through it."""
    return result.id is not CheckId.WORKLOAD_ROLLOUT
