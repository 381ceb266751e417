"""Judging the Argo CD token: is there one, is it accepted, and may it see anything?"""

from __future__ import annotations

from datetime import datetime, timedelta

from probes import catalogue
from probes.checks.base import Check, Verdict, named, of_answer, of_failure, unreadable
from probes.model import (
    ArgoCDSeen,
    CauseId,
    CheckId,
    Evidence,
    Failure,
    FailureKind,
    Reply,
    SecretHolder,
    Snapshot,
    Source,
    StartupSeen,
    Status,
    TokenSeen,
    WorkloadSeen,
    seen_in,
)

_VARIABLE = "ARGOCD_TOKEN"
_EXPIRES_SOON = timedelta(hours=24)

_REASONS = (
    ("no session information", "argocd.no-session"),
    ("does not have token with id", "argocd.token-deleted"),
    ("is disabled", "argocd.account-disabled"),
    ("capability", "argocd.no-capability"),
    ("password has changed", "argocd.password-changed"),
    ("revoked", "argocd.revoked"),
    ("signature", "argocd.signature"),
    ("not valid yet", "argocd.not-yet-valid"),
    ("malformed", "argocd.malformed"),
    ("number of segments", "argocd.malformed"),
    ("illegal base64", "argocd.malformed"),
    ("invalid character", "argocd.malformed"),
)
"""What the texts of a 401 mean. Source: Argo CD `util/session/sessionmanager.go`."""


def _token(seen: ArgoCDSeen, snapshot: Snapshot) -> Verdict:
    started = _startup(snapshot)
    if seen.token is None:
        return _no_token(seen, started, snapshot)
    judged = _judged(seen, seen.token, snapshot)
    if started and started.argocd_configured is False:
        # A token that waits in the Secret and is no good would not help after a restart either.
        causes = named(CauseId.ARGOCD_TOKEN_MISSING, wired=_wired(snapshot)) + judged.causes
        return Verdict(Status.FAIL, "started-without", {}, judged.evidence, causes)
    return judged


def _judged(seen: ArgoCDSeen, token: TokenSeen, snapshot: Snapshot) -> Verdict:
    """The verdict on the token that the environment holds."""
    evidence = _token_evidence(seen, token)
    values = {"subject": token.subject or "unknown", "wired": _wired(snapshot)}
    if not token.well_formed:
        return _malformed(seen, values, evidence)
    if _refused_in_words(seen) or _is_accepted(seen):
        return _tried(seen, token, snapshot, values, evidence)
    if token.expires_at is not None and token.expires_at <= snapshot.started_at:
        return _expired(token.expires_at, values, evidence)
    return _tried(seen, token, snapshot, values, evidence)


def _refused_in_words(seen: ArgoCDSeen) -> bool:
    """Whether the server says why it refuses: it knows better than the token's own claims."""
    answer = seen.list_answer
    told = answer.excerpt.casefold() if isinstance(answer, Reply) and answer.status == 401 else ""
    return any(part in told for part, _ in _REASONS)


def _is_accepted(seen: ArgoCDSeen) -> bool:
    """Whether the server takes it, whatever our own clock says of its end."""
    answer = seen.list_answer
    return isinstance(answer, Reply) and answer.status == 200 and seen.logged_in is True


def _malformed(seen: ArgoCDSeen, values: dict[str, str], evidence: tuple[Evidence, ...]) -> Verdict:
    reason = catalogue.phrase("argocd.not-jwt")
    if isinstance(seen.list_answer, Failure) and seen.list_answer.kind is FailureKind.MALFORMED:
        reason = seen.list_answer.sentence
    values["reason"] = reason
    cause = named(CauseId.ARGOCD_TOKEN_REJECTED, **values)
    return Verdict(Status.FAIL, "malformed", values, evidence, cause)


def _startup(snapshot: Snapshot) -> StartupSeen | None:
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    return workload.startup if workload else None


def _wired(snapshot: Snapshot) -> str:
    """The Secrets the pod refers to, for the advice where to put the token."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.environment, Failure):
        return catalogue.phrase("argocd.wired-unknown")
    names = [one.name for one in workload.environment.references if one.kind == "Secret"]
    return ", ".join(dict.fromkeys(reversed(names))) or catalogue.phrase("argocd.wired-none")


def _no_token(seen: ArgoCDSeen, started: StartupSeen | None, snapshot: Snapshot) -> Verdict:
    evidence = _missing_evidence(seen, started)
    logged = started.argocd_configured if started else None
    hidden = unreadable(snapshot)
    if hidden and logged is not False:
        return Verdict(
            Status.UNKNOWN, "unreadable", {"failure": hidden.sentence}, (*evidence, _hid(hidden))
        )
    if logged:
        return Verdict(Status.WARN, "gone", {}, evidence)
    wired = _wired(snapshot)
    holder = _unwired_holder(seen)
    if holder:
        values = {"secret": holder.secret, "key": holder.key, "wired": wired}
        cause = named(CauseId.ARGOCD_TOKEN_NOT_WIRED, **values)
        return Verdict(Status.FAIL, "not-wired", values, evidence, cause)
    cause = named(CauseId.ARGOCD_TOKEN_MISSING, wired=wired)
    return Verdict(Status.FAIL, "missing", {}, evidence, cause)


def _hid(failure: Failure) -> Evidence:
    return of_failure("not readable", failure)


def _unwired_holder(seen: ArgoCDSeen) -> SecretHolder | None:
    if seen.holders is None or isinstance(seen.holders, Failure):
        return None
    unused = sorted(
        (one for one in seen.holders if not one.referenced),
        key=lambda one: (one.key != _VARIABLE, one.secret),
    )
    return next(iter(unused), None)


def _missing_evidence(seen: ArgoCDSeen, started: StartupSeen | None) -> tuple[Evidence, ...]:
    rows = [Evidence("ARGOCD_TOKEN", "unset", "environment of the running container")]
    if started and started.argocd_configured is False:
        line = "ArgoCD configuration incomplete, ArgoCD features disabled"
        rows.append(Evidence("startup log", line, f"log of pod {started.pod}"))
    if isinstance(seen.holders, Failure):
        rows.append(of_failure("Secrets with a token", seen.holders))
    elif seen.holders is not None:
        found = ", ".join(f"{one.secret} ({one.key})" for one in seen.holders) or "none"
        rows.append(Evidence("Secrets with a token", found, "list secrets"))
    return tuple(rows)


def _token_evidence(seen: ArgoCDSeen, token: TokenSeen) -> tuple[Evidence, ...]:
    until = f"{token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "never"
    told = f"{token.kind} {token.subject or '(no subject)'}, expires {until}, {token.fingerprint}"
    return (
        Evidence("ARGOCD_TOKEN", told, "claims, decoded locally"),
        *of_answer("userinfo", seen.userinfo),
        *of_answer("can-i applications get", seen.can_i),
        *of_answer("applications", seen.list_answer),
    )


def _expired(
    when: datetime | None, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    key = "argocd.expired-on" if when else "argocd.expired-already"
    values["when"] = catalogue.phrase(key, when=when)
    cause = named(CauseId.ARGOCD_TOKEN_EXPIRED, **values)
    return Verdict(Status.FAIL, "expired", values, evidence, cause)


def _tried(
    seen: ArgoCDSeen,
    token: TokenSeen,
    snapshot: Snapshot,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    answer = seen.list_answer
    if answer is None or isinstance(answer, Failure):
        sentence = answer.sentence if answer else catalogue.phrase("argocd.not-asked")
        return Verdict(Status.UNKNOWN, "unasked", {"failure": sentence}, evidence)
    if answer.status == 401:
        return _unauthorized(token, answer.excerpt, values, evidence)
    if answer.status == 403:
        return _not_permitted(values, evidence)
    if seen.applications is None:
        return _no_list(seen, answer, evidence)
    if seen.logged_in is False:
        return _anonymous(seen, values, evidence)
    return _listed(seen, token, snapshot.started_at, values, evidence)


def _no_list(seen: ArgoCDSeen, answer: Reply, evidence: tuple[Evidence, ...]) -> Verdict:
    """The list is no list: the server's fault, which its own check names where it knows it."""
    told = catalogue.phrase(
        "argocd.list-answers", status=answer.status, content_type=answer.content_type
    )
    broken = answer.status >= 500 and bool(seen.version)
    key, status = ("list-failed", Status.FAIL) if broken else ("unasked", Status.UNKNOWN)
    return Verdict(status, key, {"failure": told.strip()}, evidence)


def _anonymous(seen: ArgoCDSeen, values: dict[str, str], evidence: tuple[Evidence, ...]) -> Verdict:
    """A 200 for a bad token is a server that lets anybody look; what it shows is what counts."""
    if seen.applications:
        values["applications"] = catalogue.counted("application", len(seen.applications))
        return Verdict(Status.WARN, "anonymous", values, evidence)
    values["reason"] = catalogue.phrase("argocd.not-logged-in")
    cause = named(CauseId.ARGOCD_TOKEN_REJECTED, **values)
    return Verdict(Status.FAIL, "rejected", values, evidence, cause)


def _unauthorized(
    token: TokenSeen, text: str, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    told = text.casefold()
    if "expired" in told:
        return _expired(token.expires_at, values, evidence)
    key = next((key for part, key in _REASONS if part in told), None)
    values["reason"] = catalogue.phrase(key) if key else text
    values["reason"] = values["reason"] or catalogue.phrase("argocd.no-reason")
    cause = named(CauseId.ARGOCD_TOKEN_REJECTED, **values)
    return Verdict(Status.FAIL, "rejected", values, evidence, cause)


def _not_permitted(values: dict[str, str], evidence: tuple[Evidence, ...]) -> Verdict:
    cause = named(CauseId.ARGOCD_TOKEN_NO_PERMISSION, **values)
    return Verdict(Status.FAIL, "no-permission", values, evidence, cause)


def _listed(
    seen: ArgoCDSeen,
    token: TokenSeen,
    now: datetime,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    count = len(seen.applications or ())
    if count == 0 and seen.may_list is False:
        return _not_permitted(values, evidence)
    if count == 0 and seen.may_list:
        cause = named(CauseId.ARGOCD_NO_APPLICATIONS)
        return Verdict(Status.FAIL, "no-applications", values, evidence, cause)
    if count == 0:
        return Verdict(Status.WARN, "empty", values, evidence)
    left = token.expires_at - now if token.expires_at else None
    if left is not None and left < _EXPIRES_SOON:
        values["left"] = catalogue.phrase("argocd.hours", hours=left.total_seconds() / 3600)
        return Verdict(Status.WARN, "expiring", values, evidence)
    return Verdict(
        Status.PASS,
        "good",
        values | {"applications": catalogue.counted("application", count)},
        evidence,
    )


TOKEN = Check(CheckId.ARGOCD_TOKEN, (Source.ARGOCD, Source.WORKLOAD), _token)
