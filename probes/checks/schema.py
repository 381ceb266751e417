"""The schema that ops-service's migration ends with, and what a database lacks of it.

Source: the result of a fresh GORM AutoMigrate of the service's three models (gorm v1.31.1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from probes import catalogue
from probes.model import ColumnSeen, DatabaseSeen, Failure, TableSeen, TableWanted

_TIME = "timestamp with time zone"


def _columns(**types: str) -> dict[str, ColumnSeen]:
    """By name; `!` behind a type stands for NOT NULL."""
    return {
        name: ColumnSeen(name, told.removesuffix("!"), told.endswith("!"))
        for name, told in types.items()
    }


_TABLES = (
    TableWanted(
        name="portal_users",
        columns=_columns(
            id="uuid!",
            created_at=_TIME,
            updated_at=_TIME,
            deleted_at=_TIME,
            email="text!",
            name="text!",
            picture="text",
            role="character varying(20)!",
            is_active="boolean",
            last_login_at=_TIME,
            invited_by="uuid",
        ),
        indexes=("idx_portal_users_deleted_at", "idx_portal_users_email"),
        unique="email",
    ),
    TableWanted(
        name="audit_logs",
        columns=_columns(
            id="uuid!",
            user_id="uuid!",
            user_email="text!",
            action="character varying(20)!",
            resource_type="character varying(50)!",
            resource_id="text!",
            details="text",
            ip_address="character varying(45)",
            user_agent="text",
            created_at=_TIME,
        ),
        indexes=("idx_audit_logs_user_id", "idx_audit_logs_created_at"),
    ),
    TableWanted(
        name="app_configs",
        columns=_columns(
            id="uuid!",
            created_at=_TIME,
            updated_at=_TIME,
            deleted_at=_TIME,
            key="text!",
            value="text!",
            description="text",
            is_active="boolean",
            updated_by="uuid",
        ),
        indexes=("idx_app_configs_deleted_at", "idx_app_configs_key"),
        unique="key",
    ),
)

WANTED: Mapping[str, TableWanted] = {table.name: table for table in _TABLES}
"""In the order in which the migration makes them; it stops at the first error."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What would make the next migration fail, and at which table.

    `kind` is `mismatch`, `duplicates`, `denied` or `uncounted`; `values` tell about it.
    """

    kind: str
    table: str
    values: Mapping[str, str]


def absent_tables(database: DatabaseSeen) -> tuple[str, ...]:
    """The tables that are not there, in the order in which the migration would make them."""
    return tuple(name for name in WANTED if database.table(name) is None)


def lacking(database: DatabaseSeen) -> tuple[str, ...]:
    """What is missing of the wanted schema, a phrase each; tables first."""
    absent = absent_tables(database)
    phrases = [catalogue.phrase("db.missing", listed=_listed("table", absent))] if absent else []
    for name, wanted in WANTED.items():
        table = database.table(name)
        if table is None:
            continue
        parts = (("column", wanted.absent_columns(table)), ("index", wanted.absent_indexes(table)))
        phrases.extend(
            catalogue.phrase("db.lacks", table=name, listed=_listed(noun, names))
            for noun, names in parts
            if names
        )
    return tuple(phrases)


def _listed(noun: str, names: Sequence[str]) -> str:
    return f"{catalogue.noun(noun, len(names))} {', '.join(names)}"


def renamed(database: DatabaseSeen) -> tuple[str, str] | None:
    """Table and constraint that wait, rightly named, for the next migration to drop them."""
    for name, wanted in WANTED.items():
        table = database.table(name)
        waiting = wanted.dropped_constraint
        if table and waiting and table.constraint(waiting):
            return name, waiting
    return None


def obstacles(database: DatabaseSeen) -> tuple[Obstacle, ...]:
    """Everything that would make the next migration fail, in the order it would meet it."""
    found: list[Obstacle] = []
    for name, wanted in WANTED.items():
        table = database.table(name)
        found.extend(
            _absent_table(database, name) if table is None else _of_table(table, wanted, database)
        )
    user = "" if isinstance(database.connection, Failure) else database.connection.user
    return tuple(
        Obstacle(one.kind, one.table, {"user": user, "table": one.table, **one.values})
        for one in found
    )


def _absent_table(database: DatabaseSeen, name: str) -> Iterator[Obstacle]:
    if not _may_create(database):
        reason = catalogue.phrase("db.may-not-create", table=name)
        yield Obstacle("denied", name, {"reason": reason})


def _may_create(database: DatabaseSeen) -> bool:
    return isinstance(database.connection, Failure) or database.connection.may_create


def _of_table(table: TableSeen, wanted: TableWanted, database: DatabaseSeen) -> Iterator[Obstacle]:
    yield from _may_not_alter(table, wanted, database)
    if not wanted.unique:
        return
    constraint = wanted.foreign_constraint(table)
    if constraint:
        values = {
            "constraint": constraint.name,
            "expected": wanted.dropped_constraint,
            "index": wanted.unique_index,
        }
        yield Obstacle("mismatch", table.name, values)
    if table.index(wanted.unique_index) is None:
        yield from _duplicates(table, wanted.unique)


def _may_not_alter(
    table: TableSeen, wanted: TableWanted, database: DatabaseSeen
) -> Iterator[Obstacle]:
    """Altering a table takes its owner, an index also CREATE on the schema; only a table that
    lacks something is altered."""
    indexes = wanted.absent_indexes(table)
    if not table.owned and (indexes or wanted.absent_columns(table)):
        reason = catalogue.phrase("db.does-not-own", table=table.name, owner=table.owner)
        yield Obstacle("denied", table.name, {"reason": reason})
    elif indexes and not _may_create(database):
        reason = catalogue.phrase("db.may-not-create", table=indexes[0])
        yield Obstacle("denied", table.name, {"reason": reason})


def _duplicates(table: TableSeen, column: str) -> Iterator[Obstacle]:
    if isinstance(table.duplicates, Failure):
        values = {"column": column, "failure": table.duplicates.sentence}
        yield Obstacle("uncounted", table.name, values)
    elif table.duplicates:
        values = {"column": column, "count": catalogue.counted("value", table.duplicates)}
        yield Obstacle("duplicates", table.name, values)
