"""By hand: the database, with ops-service's own address; psql asks for the password."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from probes.byhand.command import By, Command, setting, started_with

_CONSTRAINTS = (
    "select conrelid::regclass, conname, contype from pg_constraint "
    "where conrelid in ('portal_users'::regclass, 'app_configs'::regclass)"
)
_INDEXES = "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'"
_DUPLICATES = "select email, count(*) from portal_users group by email having count(*) > 1"


def _psql(by: By, sql: str) -> str:
    dsn = by.config.dsn
    parts = {
        "host": dsn.host,
        "port": str(dsn.port),
        "user": dsn.user,
        "dbname": dsn.database,
        "sslmode": dsn.sslmode,
    }
    address = " ".join(f"{name}={_quoted(value)}" for name, value in parts.items())
    return shlex.join(("psql", address, "-c", sql))


def _quoted(value: str) -> str:
    """As libpq reads a value (connection strings, PostgreSQL manual 34.1.1.1)."""
    plain = value.replace("\\", "\\\\").replace("'", "\\'")
    return plain if plain.isalnum() or not any(one in plain for one in " '\\") else f"'{plain}'"


def connection(by: By) -> Iterator[Command]:
    """Does the address answer?"""
    yield Command("connect as ops-service does", _psql(by, "select version(), current_user"))


def migration(by: By) -> Iterator[Command]:
    """Was the schema made?"""
    yield setting(by, "DB_AUTO_MIGRATE")
    yield started_with(by, "migration")
    yield Command("the tables that are there", _psql(by, "\\dt public.*"))


def constraints(by: By) -> Iterator[Command]:
    """Would the next migration pass?"""
    yield Command("the constraints", _psql(by, _CONSTRAINTS))
    yield Command("the indexes", _psql(by, _INDEXES))
    yield Command("rows that would be in its way", _psql(by, _DUPLICATES))
