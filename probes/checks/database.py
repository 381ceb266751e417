"""Judging the database: the connection, the migration, and what stands in its way."""

from __future__ import annotations

from dataclasses import replace

from probes import catalogue
from probes.checks.base import (
    NETWORK,
    OUT_OF_REACH,
    Check,
    Verdict,
    environment_in,
    named,
    of_failure,
    unreadable,
)
from probes.model import (
    CauseId,
    CheckId,
    ConnectionSeen,
    DatabaseSeen,
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

_MISSING_DATABASE = "3D000"
_INSUFFICIENT_PRIVILEGE = "42501"

_OF_URL = ("DB_HOST", "DB_USER", "DB_PASSWORD", "DB_NAME")


def _connection(seen: DatabaseSeen, snapshot: Snapshot) -> Verdict:
    values = _dsn_values(seen)
    evidence = _dsn_evidence(seen)
    if isinstance(seen.connection, ConnectionSeen):
        there = seen.connection
        values |= {
            "user": there.user,
            "database": there.database,
            "version": there.server_version,
            "tls": there.tls or "no TLS",
        }
        return Verdict(Status.PASS, "good", values, evidence)
    failure = seen.connection
    values["failure"] = failure.sentence
    evidence += (of_failure("connection", failure),)
    hidden = unreadable(snapshot)
    if hidden and not address_is_known(snapshot):
        values["failure"] = hidden.sentence
        evidence += (of_failure("not readable", hidden),)
        return Verdict(Status.UNKNOWN, "unreadable", values, evidence)
    verdict = _failed_connection(failure, values, evidence)
    if verdict.status is Status.FAIL and _ops_service_is_connected(snapshot):
        return _still_connected(failure, verdict)
    return verdict


def _still_connected(failure: Failure, verdict: Verdict) -> Verdict:
    """A pool keeps its connections: what the server refuses by now hits the next start only.

    A way that is closed, or a certificate, may be a matter of where we stand, and names no cause.
    """
    is_ours = (failure.kind in NETWORK and not failure.code) or "certificate" in failure.sentence
    if is_ours:
        return replace(verdict, status=Status.UNKNOWN, key="not-from-here", causes=())
    return replace(verdict, status=Status.WARN, key="still-connected")


def address_is_known(snapshot: Snapshot) -> bool:
    """Whether every part of the address is set in what could be read: none of it is a guess."""
    environment = environment_in(snapshot)
    if environment is None:
        return False
    by_url = environment.get("DATABASE_URL") is not None
    names = (*(() if by_url else _OF_URL), "DB_SSLMODE")
    return all(environment.get(name) is not None for name in names)


def _dsn_values(seen: DatabaseSeen) -> dict[str, str]:
    return {
        "host": f"{seen.dsn.host}:{seen.dsn.port}",
        "user": seen.dsn.user,
        "database": seen.dsn.database,
        "sslmode": seen.dsn.sslmode,
    }


def _dsn_evidence(seen: DatabaseSeen) -> tuple[Evidence, ...]:
    dsn = seen.dsn
    password = "with a password" if dsn.has_password else "without a password"
    told = f"{dsn.user}@{dsn.host}:{dsn.port}/{dsn.database} sslmode={dsn.sslmode}, {password}"
    rows = [Evidence("address", told, "environment of the running container")]
    if dsn.quirk:
        rows.append(Evidence("address, as the driver reads it", dsn.quirk, "ops-service's DSN"))
    if isinstance(seen.connection, ConnectionSeen):
        there = seen.connection
        told = f"PostgreSQL {there.server_version} as {there.user}, {there.tls or 'no TLS'}"
        rows.append(Evidence("connection", told, f"PostgreSQL ({seen.route})"))
    return tuple(rows)


def _ops_service_is_connected(snapshot: Snapshot) -> bool:
    """Whether ops-service's own readiness route says that its database is there."""
    portal: PortalSeen | None = seen_in(snapshot.portal)
    health = portal.health if portal else None
    return isinstance(health, Reply) and health.status == 200 and health.is_json


def _failed_connection(
    failure: Failure, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    key, cause = _connection_cause(failure)
    if cause is None:
        return Verdict(Status.UNKNOWN, key, values, evidence)
    if cause is CauseId.DB_PERMISSION_DENIED:
        values["reason"] = catalogue.phrase("db.may-not-connect", **values)
    return Verdict(Status.FAIL, key, values, evidence, named(cause, **values))


def _connection_cause(failure: Failure) -> tuple[str, CauseId | None]:
    if failure.code == _MISSING_DATABASE:
        return "database-missing", CauseId.DB_DATABASE_MISSING
    if failure.code == _INSUFFICIENT_PRIVILEGE:
        return "denied", CauseId.DB_PERMISSION_DENIED
    if failure.kind is FailureKind.TLS:
        return "tls-mismatch", CauseId.DB_TLS_MISMATCH
    if failure.kind is FailureKind.UNAUTHORIZED:
        return "auth-failed", CauseId.DB_AUTH_FAILED
    if failure.kind in (*OUT_OF_REACH, FailureKind.HUNG, FailureKind.MALFORMED):
        return "unreachable", CauseId.DB_UNREACHABLE
    return "unseen", None


CONNECTION = Check(
    CheckId.DB_CONNECTION, (Source.DATABASE, Source.WORKLOAD, Source.PORTAL), _connection
)
