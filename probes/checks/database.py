"""Judging the database: the connection, the migration, and what stands in its way."""

from __future__ import annotations

from probes.checks.base import (
    NETWORK,
    OUT_OF_REACH,
    Check,
    Verdict,
    named,
    of_failure,
    seen_in,
    unreadable,
)
from probes.checks.schema import Obstacle, lacking, obstacles, renamed
from probes.model import (
    CauseId,
    CheckId,
    ConnectionSeen,
    DatabaseSeen,
    Evidence,
    Failure,
    FailureKind,
    NamedCause,
    PortalSeen,
    Reply,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig, ops_config

_MISSING_DATABASE = "3D000"
_INSUFFICIENT_PRIVILEGE = "42501"

_OBSTACLE_CAUSES = {
    "mismatch": CauseId.DB_CONSTRAINT_MISMATCH,
    "duplicates": CauseId.DB_DUPLICATE_ROWS,
    "denied": CauseId.DB_PERMISSION_DENIED,
}


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
    if hidden := unreadable(snapshot):
        return Verdict(
            Status.UNKNOWN,
            "unreadable",
            {"failure": hidden.sentence},
            (*evidence, of_failure("not readable", hidden)),
        )
    if failure.kind in NETWORK and _ops_service_is_connected(snapshot):
        return Verdict(Status.UNKNOWN, "not-from-here", values, evidence)
    return _failed_connection(failure, values, evidence)


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
        status = Status.UNKNOWN if key == "unseen" else Status.FAIL
        return Verdict(status, key, values, evidence)
    if cause is CauseId.DB_PERMISSION_DENIED:
        values["reason"] = f"may not connect to {values['database']}"
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
    if failure.kind in OUT_OF_REACH or failure.kind is FailureKind.HUNG:
        return "unreachable", CauseId.DB_UNREACHABLE
    if failure.kind in (FailureKind.FORBIDDEN, FailureKind.UNAVAILABLE):
        return "unseen", None
    return "other", None


def _migration(seen: DatabaseSeen, snapshot: Snapshot) -> Verdict:
    failed = _no_catalog(seen)
    if failed:
        return failed
    config = _config(snapshot)
    evidence = (*_setting_evidence(config, snapshot), *_table_evidence(seen))
    missing = lacking(seen)
    value = _shown(config)
    values = {"missing": "; ".join(missing), "value": value}
    migrates = config is None or config.migrates
    if not missing:
        if migrates:
            return Verdict(Status.PASS, "complete", values, evidence)
        return Verdict(Status.WARN, "complete-disabled", values, evidence)
    blocking = [one for one in obstacles(seen) if one.kind in _OBSTACLE_CAUSES]
    return _incomplete(seen, migrates, blocking, values, evidence)


def _no_catalog(seen: DatabaseSeen) -> Verdict | None:
    failure = seen.connection if isinstance(seen.connection, Failure) else seen.tables
    if not isinstance(failure, Failure):
        return None
    evidence = (of_failure("catalog", failure),)
    return Verdict(Status.UNKNOWN, "unseen-tables", {"failure": failure.sentence}, evidence)


def _config(snapshot: Snapshot) -> OpsConfig | None:
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.environment, Failure):
        return None
    return ops_config(workload.environment, workload.startup)


def _shown(config: OpsConfig | None) -> str:
    return f"`{config.auto_migrate.value}`" if config else "not known"


def _setting_evidence(config: OpsConfig | None, snapshot: Snapshot) -> tuple[Evidence, ...]:
    if config is None:
        return ()
    rows = [Evidence("DB_AUTO_MIGRATE", _shown(config), config.auto_migrate.source)]
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    started = workload.startup if workload else None
    if started and started.migration:
        told = f"{started.migration} {started.migration_error}".strip()
        rows.append(Evidence("migration at start", told, f"log of pod {started.pod}"))
    return tuple(rows)


def _table_evidence(seen: DatabaseSeen) -> tuple[Evidence, ...]:
    if isinstance(seen.tables, Failure):
        return ()
    source = f"PostgreSQL catalog ({seen.route})"
    found = ", ".join(table.name for table in seen.tables) or "none of the three"
    rows = [Evidence("tables", found, source)]
    for table in seen.tables:
        indexes = ", ".join(one.name for one in table.indexes) or "none"
        unique = ", ".join(one.name for one in table.constraints if one.type == "u") or "none"
        told = f"indexes {indexes}; unique constraints {unique}; owner {table.owner}"
        rows.append(Evidence(table.name, told, source))
    return tuple(rows)


def _incomplete(
    seen: DatabaseSeen,
    migrates: bool,
    blocking: list[Obstacle],
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    causes = tuple(_cause(one) for one in blocking)
    if blocking:
        values["reason"] = _reason(blocking[0])
    if not migrates:
        off = named(CauseId.DB_MIGRATION_DISABLED, **values)
        key = "disabled-blocked" if blocking else "disabled"
        return Verdict(Status.FAIL, key, values, evidence, (*off, *causes))
    if blocking:
        return Verdict(Status.FAIL, "blocked", values, evidence, causes)
    cause = named(CauseId.DB_SCHEMA_INCOMPLETE, **values)
    key = "renamed" if renamed(seen) else "incomplete"
    return Verdict(Status.FAIL, key, values, evidence, cause)


def _cause(obstacle: Obstacle) -> NamedCause:
    return NamedCause(_OBSTACLE_CAUSES[obstacle.kind], obstacle.values)


def _reason(obstacle: Obstacle) -> str:
    values = obstacle.values
    if obstacle.kind == "mismatch":
        return f"{values['table']} has {values['constraint']}, it drops {values['expected']}"
    if obstacle.kind == "duplicates":
        return f"{values['table']}.{values['column']} has duplicates"
    return f"{values['user']} {values['reason']}"


def _constraints(seen: DatabaseSeen, snapshot: Snapshot) -> Verdict:
    failed = _no_catalog(seen)
    if failed:
        return failed
    evidence = _table_evidence(seen)
    found = obstacles(seen)
    blocking = [one for one in found if one.kind in _OBSTACLE_CAUSES]
    if blocking:
        causes = tuple(_cause(one) for one in blocking)
        return Verdict(Status.FAIL, blocking[0].kind, blocking[0].values, evidence, causes)
    if found:
        return Verdict(Status.UNKNOWN, "uncounted", found[0].values, evidence)
    waiting = renamed(seen)
    if waiting:
        table, constraint = waiting
        index = constraint.replace("uni_", "idx_", 1)
        values = {"constraint": constraint, "index": index, "table": table}
        return Verdict(Status.WARN, "renamed", values, evidence)
    return Verdict(Status.PASS, "good" if seen.tables else "fresh", {}, evidence)


CONNECTION = Check(
    CheckId.DB_CONNECTION, (Source.DATABASE, Source.WORKLOAD, Source.PORTAL), _connection
)
MIGRATION = Check(CheckId.DB_MIGRATION, (Source.DATABASE, Source.WORKLOAD), _migration)
CONSTRAINTS = Check(CheckId.DB_CONSTRAINTS, (Source.DATABASE,), _constraints)
