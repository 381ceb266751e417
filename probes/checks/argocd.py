"""Judging Argo CD: the server, and the Application behind ops-service."""

from __future__ import annotations

from probes import catalogue
from probes.checks.base import (
    NETWORK,
    OUT_OF_REACH,
    Check,
    Verdict,
    config_in,
    environment_in,
    is_known,
    named,
    of_answer,
    of_failure,
    place_of,
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
    PortalSeen,
    Reply,
    Snapshot,
    Source,
    Status,
    seen_in,
)


def _server(seen: ArgoCDSeen, snapshot: Snapshot) -> Verdict:
    answer = seen.version_answer
    evidence = (
        Evidence("ARGOCD_SERVER_URL", seen.url, seen.url_source),
        *of_answer("/api/version", answer),
    )
    values = {"url": seen.url, "setting": place_of("ARGOCD_SERVER_URL", snapshot)}
    if answer is None:
        values["failure"] = catalogue.phrase("argocd.not-asked")
        return Verdict(Status.UNKNOWN, "unseen", values, evidence)
    if isinstance(answer, Failure):
        values["failure"] = answer.sentence
        return _server_failed(seen, answer, values, evidence, snapshot)
    if answer.status == 200 and seen.version:
        return Verdict(Status.PASS, "good", values | {"version": seen.version}, evidence)
    return _no_version(answer, values, evidence, _is_guess(snapshot))


def _no_version(
    answer: Reply, values: dict[str, str], evidence: tuple[Evidence, ...], is_guess: bool
) -> Verdict:
    values |= {
        "status": str(answer.status),
        "content_type": answer.content_type or catalogue.phrase("no-type"),
        "location": answer.location,
    }
    if is_guess:
        values["failure"] = catalogue.phrase("argocd.answers", **values)
        return Verdict(Status.UNKNOWN, "unseen", values, evidence)
    if 300 <= answer.status < 400:
        # ops-service's client follows redirects, ours does not: what lies behind was not seen.
        return Verdict(Status.UNKNOWN, "redirected", values, evidence)
    if answer.status >= 500:
        values["failure"] = catalogue.phrase("argocd.answers", **values)
        cause = named(CauseId.ARGOCD_SERVER_UNREACHABLE, **values)
        return Verdict(Status.FAIL, "broken", values, evidence, cause)
    cause = named(CauseId.ARGOCD_SERVER_NOT_API, **values)
    return Verdict(Status.FAIL, "not-api", values, evidence, cause)


def _is_guess(snapshot: Snapshot) -> bool:
    """Whether the address is only the image's default, while the real one may be hidden."""
    environment, config = environment_in(snapshot), config_in(snapshot)
    if environment is None or config is None:
        return seen_in(snapshot.workload) is not None
    return not is_known(config.argocd_url, environment)


def _server_failed(
    seen: ArgoCDSeen,
    failure: Failure,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
    snapshot: Snapshot,
) -> Verdict:
    if _is_guess(snapshot) or failure.kind not in (*OUT_OF_REACH, *NETWORK, FailureKind.MALFORMED):
        return unseen(failure)
    portal: PortalSeen | None = seen_in(snapshot.portal)
    if portal and portal.by_api and portal.applications:
        return Verdict(Status.UNKNOWN, "not-from-here", values, evidence)
    if failure.kind is FailureKind.TLS and not seen.insecure and not _no_tls_at_all(failure):
        cause = named(CauseId.ARGOCD_TLS_UNTRUSTED, **values)
        return Verdict(Status.FAIL, "tls", values, evidence, cause)
    cause = named(CauseId.ARGOCD_SERVER_UNREACHABLE, **values)
    return Verdict(Status.FAIL, "unreachable", values, evidence, cause)


def _no_tls_at_all(failure: Failure) -> bool:
    """TLS fails for want of trust, unless it did not come as far as the certificate."""
    return "does not speak TLS" in failure.sentence or "handshake" in failure.sentence


def _application(seen: ApplicationSeen, snapshot: Snapshot) -> Verdict:
    values = {
        "name": seen.name,
        "sync": seen.sync or "Unknown",
        "health": seen.health or "Unknown",
        "owner": _owner(seen),
    }
    evidence = _application_evidence(seen)
    behind = _out_of_sync(seen, values, evidence)
    if seen.health in ("Degraded", "Missing"):
        values["message"] = seen.health_message or catalogue.phrase("no-message")
        causes = named(CauseId.ARGOCD_APP_DEGRADED, **values)
        causes += behind.causes if behind else ()
        return Verdict(Status.FAIL, "degraded", values, evidence, causes)
    if behind:
        return behind
    if values["sync"] == "Unknown":
        return Verdict(Status.WARN, "not-compared", values | _problem(seen), evidence)
    if values["health"] != "Healthy":
        return Verdict(Status.WARN, "progressing", values, evidence)
    return Verdict(Status.PASS, "good", values, evidence)


def _problem(seen: ApplicationSeen) -> dict[str, str]:
    """What Argo CD says where it could not compare the Application with its source."""
    found = next((one.message for one in seen.conditions if one.type.endswith("Error")), "")
    return {"message": found or catalogue.phrase("no-message")}


def _owner(seen: ApplicationSeen) -> str:
    if not seen.owner:
        return ""
    keys = {True: "argocd.owner-heals", False: "argocd.owner-lenient", None: "argocd.owned"}
    return catalogue.phrase(keys[seen.owner_self_heals], owner=seen.owner)


def _out_of_sync(
    seen: ApplicationSeen, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict | None:
    """The verdict on an Application that lags behind its source; None where it does not."""
    if seen.sync != "OutOfSync":
        return None
    if seen.operation_phase == "Running":
        return Verdict(Status.WARN, "syncing", values, evidence)
    if seen.operation_phase in ("Failed", "Error"):
        message = seen.operation_message or catalogue.phrase("no-message")
        told = {"phase": seen.operation_phase, "message": message}
        what = catalogue.phrase("argocd.sync-ended", **told)
        cause = named(CauseId.ARGOCD_APP_OUT_OF_SYNC, **values, what=what)
        return Verdict(Status.FAIL, "sync-failed", values | told, evidence, cause)
    told = {"what": ", ".join(seen.out_of_sync[:5]) or catalogue.phrase("argocd.not-listed")}
    cause = named(CauseId.ARGOCD_APP_OUT_OF_SYNC, **values, **told)
    return Verdict(Status.WARN, "out-of-sync", values | told, evidence, cause)


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
        heals = {True: "reverts live edits", False: "does not revert live edits", None: "not read"}
        told = f"{seen.owner}, {heals[seen.owner_self_heals]}"
        rows.append(Evidence("owner", told, seen.source))
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


SERVER = Check(CheckId.ARGOCD_SERVER, (Source.ARGOCD, Source.WORKLOAD, Source.PORTAL), _server)
APPLICATION = Check(
    CheckId.ARGOCD_APPLICATION, (Source.APPLICATION,), _application, _no_application
)
