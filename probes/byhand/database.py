"""By hand: the database, with ops-service's own address; psql asks for the password."""

from __future__ import annotations

from collections.abc import Iterator

from probes.byhand.command import By, Command, setting, shell, started_with
from probes.byhand.reaching import psql_in_cluster
from probes.model import DatabaseSeen, Failure, seen_in

_CONSTRAINTS = (
    "select conrelid::regclass, conname, contype from pg_constraint "
    "where conrelid in (to_regclass('portal_users'), to_regclass('app_configs'))"
)
_INDEXES = (
    "select tablename, indexname, indexdef from pg_indexes where schemaname = current_schema()"
)
_DUPLICATES = {
    "portal_users": "select email, count(*) from portal_users group by 1 having count(*) > 1",
    "app_configs": "select key, count(*) from app_configs group by 1 having count(*) > 1",
}


def _argv(by: By, sql: str) -> tuple[str, ...]:
    dsn = by.config.dsn
    parts = {
        "host": dsn.host,
        "port": str(dsn.port),
        "user": dsn.user,
        "dbname": dsn.database,
        "sslmode": dsn.sslmode,
    }
    address = " ".join(f"{name}={_quoted(value)}" for name, value in parts.items())
    return ("psql", address, "-c", sql)


def _psql(by: By, sql: str) -> str:
    return shell(*_argv(by, sql))


def _quoted(value: str) -> str:
    """As libpq reads a value (connection strings, PostgreSQL manual 34.1.1.1)."""
    if value and not set(value) & set(" '\\"):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def connection(by: By) -> Iterator[Command]:
    """Does the address answer?"""
    who = "select version(), current_user"
    yield Command("connect as ops-service does", _psql(by, who))
    inside = psql_in_cluster(by, _argv(by, who))
    yield Command("the same from a pod, where only the cluster may connect", inside)


def migration(by: By) -> Iterator[Command]:
    """Was the schema made?"""
    yield setting(by, "DB_AUTO_MIGRATE")
    yield started_with(by, "migration")
    yield Command("the tables that are there", _psql(by, "\\dt"))


def constraints(by: By) -> Iterator[Command]:
    """Would the next migration pass?"""
    yield Command("the constraints", _psql(by, _CONSTRAINTS))
    yield Command("the indexes", _psql(by, _INDEXES))
    for table, asked in _DUPLICATES.items():
        if _may_be_there(by, table):
            yield Command(f"rows of {table} that would be in its way", _psql(by, asked))


def _may_be_there(by: By, table: str) -> bool:
    """Not where the database was read and has no such table."""
    seen = seen_in(by.snapshot.database)
    if not isinstance(seen, DatabaseSeen) or isinstance(seen.tables, Failure):
        return True
    return isinstance(seen.connection, Failure) or seen.table(table) is not None
