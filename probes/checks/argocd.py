"""Judging Argo CD: the server, and the Application behind ops-service."""

from __future__ import annotations

from probes.checks.base import (
    OUT_OF_REACH,
    Check,
    Verdict,
    named,
    of_answer,
    of_failure,
    unreadable,
    unseen,
)
from probes.model import (
    ApplicationSeen,
    ArgoCDSeen,
    CauseId,
    CheckId,
    Evidence,
    Failure,
    FailureKind,
    Snapshot,
    Source,
    Status,
)


def _server(seen: ArgoCDSeen, snapshot: Snapshot) -> Verdict:
    answer = seen.version_answer
    evidence = (
        Evidence("ARGOCD_SERVER_URL", seen.url, seen.url_source),
        *of_answer("/api/version", answer),
    )
    values = {"url": seen.url}
    if answer is None:
        return Verdict(Status.UNKNOWN, "unseen", {"failure": "the server was not asked"}, evidence)
    if isinstance(answer, Failure):
        return _server_failed(answer, values | {"failure": answer.sentence}, evidence, snapshot)
    if answer.status == 200 and seen.version:
        return Verdict(Status.PASS, "good", values | {"version": seen.version}, evidence)
    values |= {"status": str(answer.status), "content_type": answer.content_type or "no type"}
    if answer.status >= 500:
        values["failure"] = f"it answers {answer.status}"
        cause = named(CauseId.ARGOCD_SERVER_UNREACHABLE, **values)
        return Verdict(Status.FAIL, "broken", values, evidence, cause)
    cause = named(CauseId.ARGOCD_SERVER_NOT_API, **values)
    return Verdict(Status.FAIL, "not-api", values, evidence, cause)


def _server_failed(
    failure: Failure, values: dict[str, str], evidence: tuple[Evidence, ...], snapshot: Snapshot
) -> Verdict:
    if unreadable(snapshot) or not (
        failure.kind in OUT_OF_REACH or failure.kind is FailureKind.HUNG
    ):
        return unseen(failure)
    if failure.kind is FailureKind.TLS:
        cause = named(CauseId.ARGOCD_TLS_UNTRUSTED, **values)
        return Verdict(Status.FAIL, "tls", values, evidence, cause)
    cause = named(CauseId.ARGOCD_SERVER_UNREACHABLE, **values)
    return Verdict(Status.FAIL, "unreachable", values, evidence, cause)


def _application(seen: ApplicationSeen, snapshot: Snapshot) -> Verdict:
    values = {"name": seen.name, "sync": seen.sync, "health": seen.health, "owner": _owner(seen)}
    evidence = _application_evidence(seen)
    if seen.health in ("Degraded", "Missing"):
        values["message"] = seen.health_message or "no message"
        cause = named(CauseId.ARGOCD_APP_DEGRADED, **values)
        return Verdict(Status.FAIL, "degraded", values, evidence, cause)
    if seen.sync == "OutOfSync":
        return _out_of_sync(seen, values, evidence)
    if seen.health not in ("Healthy", ""):
        return Verdict(Status.WARN, "progressing", values, evidence)
    return Verdict(Status.PASS, "good", values, evidence)


def _owner(seen: ApplicationSeen) -> str:
    if not seen.owner:
        return ""
    heals = {True: ", which heals live edits", False: ", which does not heal", None: ""}
    return f"; owned by {seen.owner}{heals[seen.owner_self_heals]}"


def _out_of_sync(
    seen: ApplicationSeen, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    if seen.operation_phase in ("Failed", "Error"):
        values |= {"phase": seen.operation_phase, "message": seen.operation_message}
        values["what"] = f"the last sync ended {seen.operation_phase}: {seen.operation_message}"
        cause = named(CauseId.ARGOCD_APP_OUT_OF_SYNC, **values)
        return Verdict(Status.FAIL, "sync-failed", values, evidence, cause)
    values["what"] = ", ".join(seen.out_of_sync[:5]) or "its resources are not listed"
    cause = named(CauseId.ARGOCD_APP_OUT_OF_SYNC, **values)
    return Verdict(Status.WARN, "out-of-sync", values, evidence, cause)


def _application_evidence(seen: ApplicationSeen) -> tuple[Evidence, ...]:
    where = f"{seen.repo_url} {seen.path} @ {seen.target_revision}".strip()
    automation = ", ".join(
        word
        for word, on in (
            ("automated", seen.automated),
            ("self-heal", seen.self_heal),
            ("prune", seen.prune),
        )
        if on
    )
    rows = [
        Evidence("Application", f"{seen.sync}, {seen.health}", seen.source),
        Evidence("source", where, seen.source),
        Evidence("sync policy", automation or "manual", seen.source),
    ]
    if seen.owner:
        rows.append(Evidence("owner", _owner(seen).removeprefix("; owned by "), seen.source))
    if seen.operation_phase:
        told = f"{seen.operation_phase} {seen.operation_message}".strip()
        rows.append(Evidence("last operation", told, seen.source))
    rows.extend(Evidence(one.type, one.message, seen.source) for one in seen.conditions)
    return tuple(rows)


def _no_application(failure: Failure, snapshot: Snapshot) -> Verdict:
    """An Application that is nowhere is a warning: not everybody deploys with Argo CD."""
    if failure.kind is not FailureKind.NOT_FOUND:
        return unseen(failure)
    evidence = (of_failure("Application", failure),)
    return Verdict(Status.WARN, "not-found", {"failure": failure.sentence}, evidence)


SERVER = Check(CheckId.ARGOCD_SERVER, (Source.ARGOCD, Source.WORKLOAD), _server)
APPLICATION = Check(
    CheckId.ARGOCD_APPLICATION, (Source.APPLICATION,), _application, _no_application
)
