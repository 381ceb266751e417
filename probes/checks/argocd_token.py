"""Judging the Argo CD token: is there one, is it accepted, and may it see anything?"""

from __future__ import annotations

from datetime import datetime, timedelta

from probes.checks.base import Check, Verdict, named, of_answer, of_failure, seen_in, unreadable
from probes.model import (
    ArgoCDSeen,
    CauseId,
    CheckId,
    Evidence,
    Failure,
    SecretHolder,
    Snapshot,
    Source,
    StartupSeen,
    Status,
    TokenSeen,
    WorkloadSeen,
)

_EXPIRES_SOON = timedelta(hours=24)

_REASONS = (
    ("no session information", "the server does not see a token in what was sent"),
    ("does not have token with id", "the account no longer has this token: it was deleted"),
    ("is disabled", "the account is disabled"),
    ("capability", "the account lost its apiKey capability"),
    ("password has changed", "the account's password changed after the token was issued"),
    ("revoked", "the token was revoked"),
    ("signature", "the server did not sign it: its signing key changed, or it is another server's"),
    ("malformed", "the server cannot parse it"),
)
"""What the texts of a 401 mean. Source: Argo CD `util/session/sessionmanager.go`."""


def _token(seen: ArgoCDSeen, snapshot: Snapshot) -> Verdict:
    started = _startup(snapshot)
    if seen.token is None:
        return _no_token(seen, started, snapshot)
    evidence = _token_evidence(seen, seen.token)
    if started and started.argocd_configured is False:
        cause = named(CauseId.ARGOCD_TOKEN_MISSING, wired=_wired(snapshot))
        return Verdict(Status.FAIL, "started-without", {}, evidence, cause)
    values = {"subject": seen.token.subject or "unknown", "wired": _wired(snapshot)}
    if not seen.token.well_formed:
        cause = named(
            CauseId.ARGOCD_TOKEN_REJECTED, reason="ARGOCD_TOKEN is not a JWT", wired=values["wired"]
        )
        return Verdict(Status.FAIL, "malformed", values, evidence, cause)
    if _is_over(seen.token, snapshot.started_at):
        return _expired(seen.token.expires_at, values, evidence)
    return _tried(seen, seen.token, snapshot, values, evidence)


def _startup(snapshot: Snapshot) -> StartupSeen | None:
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    return workload.startup if workload else None


def _wired(snapshot: Snapshot) -> str:
    """The Secrets the pod refers to, for the advice where to put the token."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.environment, Failure):
        return "see its envFrom"
    names = [one.name for one in workload.environment.references if one.kind == "Secret"]
    return ", ".join(dict.fromkeys(reversed(names))) or "none so far"


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
    return next((one for one in seen.holders if not one.referenced), None)


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


def _is_over(token: TokenSeen, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now


def _expired(
    when: datetime | None, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    values["when"] = f"on {when:%Y-%m-%d %H:%M} UTC" if when else "already"
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
        sentence = answer.sentence if answer else "the server was not asked"
        return Verdict(Status.UNKNOWN, "unasked", {"failure": sentence}, evidence)
    if answer.status == 401:
        return _unauthorized(token, answer.excerpt, values, evidence)
    if answer.status == 200 and seen.logged_in is False:
        return _unauthorized(token, "the server does not know its bearer", values, evidence)
    if answer.status == 403:
        return _not_permitted(values, evidence)
    if seen.applications is None:
        told = f"the list answers {answer.status} {answer.content_type}".strip()
        return Verdict(Status.UNKNOWN, "unasked", {"failure": told}, evidence)
    return _listed(seen, token, snapshot.started_at, values, evidence)


def _unauthorized(
    token: TokenSeen, text: str, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    told = text.casefold()
    if "expired" in told:
        return _expired(token.expires_at, values, evidence)
    meaning = next((words for part, words in _REASONS if part in told), None)
    values["reason"] = meaning or text or "401 without a reason"
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
        values["left"] = f"{left.total_seconds() / 3600:.0f} h"
        return Verdict(Status.WARN, "expiring", values, evidence)
    return Verdict(Status.PASS, "good", values | {"count": str(count)}, evidence)


TOKEN = Check(CheckId.ARGOCD_TOKEN, (Source.ARGOCD, Source.WORKLOAD), _token)
