"""What was seen of ops-service's database: the connection and the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probes.model.failure import Failure


@dataclass(frozen=True, slots=True)
class DsnSeen:
    """The database address that ops-service really uses, without the password.

    `quirk` tells where ops-service's unquoted `k=v` DSN means something else than it says.
    """

    host: str
    port: int
    user: str
    database: str
    sslmode: str
    has_password: bool
    quirk: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionSeen:
    """A connection that stands. `tls` is the protocol version, or empty for plain text."""

    server_version: str
    user: str
    database: str
    tls: str
    may_create: bool
    """Whether the role may create tables in the schema that its migration works in."""


@dataclass(frozen=True, slots=True)
class ColumnSeen:
    """One column: `type` as `format_type` prints it."""

    name: str
    type: str
    not_null: bool


@dataclass(frozen=True, slots=True)
class IndexSeen:
    """One index from `pg_index`; `partial` where it has a predicate."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    primary: bool = False
    valid: bool = True
    partial: bool = False


@dataclass(frozen=True, slots=True)
class ConstraintSeen:
    """One constraint from `pg_constraint`: `type` is `u`, `p`, `f`, `c`, …"""

    name: str
    type: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSeen:
    """One table that the migration would find. `owned`: the connected role may alter it.

    `duplicates` counts values that occur more than once in the column that is to be unique,
    soft-deleted rows included; a `Failure` where counting was denied; None where not counted.
    """

    name: str
    owner: str
    owned: bool
    columns: tuple[ColumnSeen, ...] = ()
    indexes: tuple[IndexSeen, ...] = ()
    constraints: tuple[ConstraintSeen, ...] = ()
    duplicates: int | Failure | None = None

    def index(self, name: str) -> IndexSeen | None:
        """The index of that name, or None."""
        return next((one for one in self.indexes if one.name == name), None)

    def constraint(self, name: str) -> ConstraintSeen | None:
        """The constraint of that name, or None."""
        return next((one for one in self.constraints if one.name == name), None)


@dataclass(frozen=True, slots=True)
class TableWanted:
    """One table as the migration leaves it; `unique` is the column whose index is unique, if any.

    The names are GORM's: index `idx_<table>_<column>`, and a unique constraint, where it meets
    one, `uni_<table>_<column>`, which it drops.
    """

    name: str
    columns: Mapping[str, ColumnSeen]
    indexes: tuple[str, ...]
    unique: str | None = None

    @property
    def unique_index(self) -> str:
        """The name of the unique index; empty where there is to be none."""
        return f"idx_{self.name}_{self.unique}" if self.unique else ""

    @property
    def dropped_constraint(self) -> str:
        """The name of the unique constraint that the migration drops where it meets one."""
        return f"uni_{self.name}_{self.unique}" if self.unique else ""

    def absent_columns(self, table: TableSeen) -> tuple[str, ...]:
        """The columns that the table lacks."""
        there = {column.name for column in table.columns}
        return tuple(column for column in self.columns if column not in there)

    def absent_indexes(self, table: TableSeen) -> tuple[str, ...]:
        """The indexes that the table lacks, by name."""
        return tuple(index for index in self.indexes if table.index(index) is None)

    def foreign_constraint(self, table: TableSeen) -> ConstraintSeen | None:
        """The unique constraint on just that column that the migration does not know by name.

        Where `dropped_constraint` is there, the migration finds what it drops, and passes.
        """
        if not self.unique or table.constraint(self.dropped_constraint):
            return None
        column = (self.unique,)
        found = (one for one in table.constraints if one.type == "u" and one.columns == column)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """One look at the database. `tables` holds those of the three that exist."""

    dsn: DsnSeen
    route: str
    connection: ConnectionSeen | Failure
    tables: tuple[TableSeen, ...] | Failure = ()

    def table(self, name: str) -> TableSeen | None:
        """The table of that name, or None where it does not exist or could not be read."""
        if isinstance(self.tables, Failure):
            return None
        return next((one for one in self.tables if one.name == name), None)
