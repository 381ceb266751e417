"""Judging the migration: are the tables there, will it run, and what stands in its way?"""

from __future__ import annotations

from probes import catalogue
from probes.checks.base import (
    Check,
    Verdict,
    config_in,
    environment_in,
    is_known,
    named,
    of_failure,
    place_of,
    unreadable,
)
from probes.checks.database import address_is_known
from probes.checks.schema import Obstacle, absent_tables, lacking, obstacles, renamed
from probes.model import (
    CauseId,
    CheckId,
    DatabaseSeen,
    Evidence,
    Failure,
    NamedCause,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
    seen_in,
)
from probes.opsservice import OpsConfig

_SWITCH = "DB_AUTO_MIGRATE"

_OBSTACLE_CAUSES = {
    "mismatch": CauseId.DB_CONSTRAINT_MISMATCH,
    "duplicates": CauseId.DB_DUPLICATE_ROWS,
    "denied": CauseId.DB_PERMISSION_DENIED,
}


def _migration(seen: DatabaseSeen, snapshot: Snapshot) -> Verdict:
    failed = _no_catalog(seen, snapshot)
    if failed:
        return failed
    config, environment = config_in(snapshot), environment_in(snapshot)
    evidence = (*_setting_evidence(config, snapshot), *_table_evidence(seen))
    values = {"missing": "; ".join(lacking(seen))}
    if config is None or environment is None or not is_known(config.auto_migrate, environment):
        return _setting_unknown(values, snapshot, evidence)
    values["value"] = _shown(config)
    values["setting"] = place_of(_SWITCH, snapshot)
    if not values["missing"]:
        key, status = _COMPLETE[config.migrates]
        return Verdict(status, key, values, evidence)
    return _incomplete(seen, config.migrates, values | _last_start(snapshot), evidence)


_COMPLETE = {
    True: ("complete", Status.PASS),
    False: ("complete-disabled", Status.WARN),
}


def _setting_unknown(
    values: dict[str, str], snapshot: Snapshot, evidence: tuple[Evidence, ...]
) -> Verdict:
    """Without the switch a complete schema is good, and an incomplete one could have any cause."""
    if not values["missing"]:
        return Verdict(Status.PASS, "complete-unknown", values, evidence)
    hidden = unreadable(snapshot)
    values["failure"] = hidden.sentence if hidden else catalogue.phrase("db.switch-unknown")
    return Verdict(Status.UNKNOWN, "switch-unknown", values, evidence)


def _last_start(snapshot: Snapshot) -> dict[str, str]:
    """What the running container's own migration ended with, where it failed."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    error = workload.startup.migration_error if workload and workload.startup else ""
    return {"said": catalogue.phrase("db.last-start", error=error.rstrip(".")) if error else ""}


def _no_catalog(seen: DatabaseSeen, snapshot: Snapshot) -> Verdict | None:
    """The verdict where there is no catalog, or that of a database that is only guessed."""
    failure: Failure | None = None
    if isinstance(seen.connection, Failure):
        failure = seen.connection
    elif isinstance(seen.tables, Failure):
        failure = seen.tables
    elif not address_is_known(snapshot):
        failure = unreadable(snapshot)
    if failure is None:
        return None
    evidence = (of_failure("catalog", failure),)
    return Verdict(Status.UNKNOWN, "unseen-tables", {"failure": failure.sentence}, evidence)


def _shown(config: OpsConfig) -> str:
    return f"`{config.auto_migrate.value}`"


def _setting_evidence(config: OpsConfig | None, snapshot: Snapshot) -> tuple[Evidence, ...]:
    if config is None:
        return ()
    rows = [Evidence(_SWITCH, _shown(config), config.auto_migrate.source)]
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
    seen: DatabaseSeen, migrates: bool, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    found = _blocking(seen)
    causes, absent = _causes(found, seen), absent_tables(seen)
    if not migrates:
        off = named(CauseId.DB_MIGRATION_DISABLED, absent, **values)
        key = "disabled-blocked" if found else "disabled"
        return Verdict(Status.FAIL, key, values, evidence, (*off, *causes))
    if found:
        return Verdict(Status.FAIL, "blocked", values, evidence, causes)
    cause = named(CauseId.DB_SCHEMA_INCOMPLETE, absent, **values)
    key = "renamed" if renamed(seen) else "incomplete"
    return Verdict(Status.FAIL, key, values, evidence, cause)


def _blocking(seen: DatabaseSeen) -> list[Obstacle]:
    return [one for one in obstacles(seen) if one.kind in _OBSTACLE_CAUSES]


def _causes(found: list[Obstacle], seen: DatabaseSeen) -> tuple[NamedCause, ...]:
    """One cause for each kind of obstacle; it tells of all of that kind, of both tables."""
    causes = []
    for kind in dict.fromkeys(one.kind for one in found):
        alike = [one for one in found if one.kind == kind]
        values = {
            **alike[0].values,
            "found": "; ".join(dict.fromkeys(_told(one) for one in alike)),
            "mending": "; ".join(_mending(one) for one in alike),
        }
        absent = frozenset(absent_tables(seen))
        causes.append(NamedCause(_OBSTACLE_CAUSES[kind], values, absent))
    return tuple(causes)


_TOLD = {"mismatch": "db.mismatch", "duplicates": "db.duplicated", "denied": "db.denied"}


def _told(obstacle: Obstacle) -> str:
    return catalogue.phrase(_TOLD[obstacle.kind], **obstacle.values)


def _mending(obstacle: Obstacle) -> str:
    return catalogue.phrase("db.rename", **obstacle.values) if obstacle.kind == "mismatch" else ""


def _constraints(seen: DatabaseSeen, snapshot: Snapshot) -> Verdict:
    failed = _no_catalog(seen, snapshot)
    if failed:
        return failed
    evidence = _table_evidence(seen)
    found = obstacles(seen)
    blocking = _blocking(seen)
    if blocking:
        causes = _causes(blocking, seen)
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


MIGRATION = Check(CheckId.DB_MIGRATION, (Source.DATABASE, Source.WORKLOAD), _migration)
CONSTRAINTS = Check(CheckId.DB_CONSTRAINTS, (Source.DATABASE, Source.WORKLOAD), _constraints)
