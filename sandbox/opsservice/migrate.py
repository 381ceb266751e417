"""The migration: what GORM's AutoMigrate does to each model, as plain SQL.

Models in order; the first error ends it, so that the tables after it are missing. Each statement
commits by itself: what was altered before the error stays. Sources: gorm v1.31
`migrator/migrator.go` and gorm.io/driver/postgres v1.6 `migrator.go`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.opsservice.database import Database, Row
from sandbox.opsservice.models import MODELS, Column, Model

_ALIASES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "numeric": "decimal",
    "timestamptz": "timestamp with time zone",
    "bool": "boolean",
}

_HAS_TABLE = """
SELECT count(*) AS count FROM information_schema.tables
WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1 AND table_type = 'BASE TABLE'"""

_COLUMNS = """
SELECT column_name, udt_name, is_nullable = 'YES' AS nullable,
       character_maximum_length AS length, column_default AS default
FROM information_schema.columns
WHERE table_schema = CURRENT_SCHEMA() AND table_name = $1"""

# A column is unique where a UNIQUE constraint spans just this column. A bare unique index is no
# constraint, and the view shows a table's constraints to its owner only.
_UNIQUE_COLUMNS = """
SELECT min(ccu.column_name) AS name
FROM information_schema.table_constraints AS tc
JOIN information_schema.constraint_column_usage AS ccu
USING (constraint_schema, constraint_catalog, table_name, constraint_name)
WHERE tc.constraint_type = 'UNIQUE'
  AND tc.constraint_schema = CURRENT_SCHEMA() AND table_name = $1
GROUP BY constraint_name HAVING count(*) = 1"""

_HAS_INDEX = """
SELECT count(*) AS count FROM pg_indexes
WHERE schemaname = CURRENT_SCHEMA() AND tablename = $1 AND indexname = $2"""


@dataclass(frozen=True)
class SeenColumn:
    """A column as the database has it. `length` as the driver tells it, None for no length."""

    udt: str
    nullable: bool
    length: int | None
    default: str | None
    unique: bool

    def is_type(self, wanted: str) -> bool:
        """Whether the definition `wanted` begins with this type or another name of it."""
        alias = _ALIASES.get(self.udt)
        return wanted.startswith(self.udt) or (alias is not None and wanted.startswith(alias))


async def migrate(database: Database) -> None:
    """Migrates every model. Raises DatabaseError with the driver's text at the first error."""
    for model in MODELS:
        if await _count(database, _HAS_TABLE, model.table):
            await _update(database, model)
        else:
            await _create(database, model)


async def _create(database: Database, model: Model) -> None:
    columns = ",".join(f'"{one.name}" {one.definition()}' for one in model.columns)
    await database.execute(f'CREATE TABLE "{model.table}" ({columns},PRIMARY KEY ("id"))')
    for index in model.indexes:
        await _create_index(database, model, index.name)


async def _update(database: Database, model: Model) -> None:
    seen = await _seen_columns(database, model.table)
    for column in model.columns:
        if column.name not in seen:
            definition = column.definition()
            await database.execute(f'ALTER TABLE "{model.table}" ADD "{column.name}" {definition}')
        elif not column.primary:
            await _update_column(database, model.table, column, seen[column.name])
    for index in model.indexes:
        if not await _count(database, _HAS_INDEX, model.table, index.name):
            await _create_index(database, model, index.name)


async def _update_column(database: Database, table: str, column: Column, seen: SeenColumn) -> None:
    """Alters what differs, then drops the constraint that GORM believes to be its own."""
    if _differs(column, seen):
        for change in _changes(column, seen):
            await database.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column.name}" {change}')
    if seen.unique:
        await database.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "uni_{table}_{column.name}"')


def _differs(column: Column, seen: SeenColumn) -> bool:
    """GORM's test whether a column must be altered at all."""
    wanted = column.definition().lower()
    digits = re.findall(r"\d+", wanted)
    wrong_length = len(digits) == 1 and seen.length is not None and digits[0] != str(seen.length)
    return (
        not seen.is_type(wanted)
        or wrong_length
        or (seen.nullable and column.not_null)
        or (seen.default is not None) != bool(column.default)
        or (bool(column.default) and seen.default != column.default.strip("'"))
    )


def _changes(column: Column, seen: SeenColumn) -> list[str]:
    """The alterations, in GORM's order: type, nullability, default."""
    changes: list[str] = []
    if seen.udt != column.type and _ALIASES.get(seen.udt) != column.type:
        if column.type == "boolean" and seen.default:
            changes.append("DROP DEFAULT")
        changes.append(f'TYPE {column.type} USING "{column.name}"::{column.type}')
    if seen.nullable == column.not_null:
        changes.append("SET NOT NULL" if column.not_null else "DROP NOT NULL")
    if column.default and seen.default != column.default.strip("'"):
        changes.append(f"SET DEFAULT {column.default}")
    return changes


async def _seen_columns(database: Database, table: str) -> Mapping[str, SeenColumn]:
    unique = {row["name"] for row in await database.fetch(_UNIQUE_COLUMNS, table)}
    rows = await database.fetch(_COLUMNS, table)
    return {row["column_name"]: _seen(row, unique) for row in rows}


def _seen(row: Row, unique: set[str]) -> SeenColumn:
    length = row["length"]
    if length is None and row["udt_name"] == "varchar":
        length = -5  # what the driver makes of a varchar without a length
    default = row["default"]
    if default is not None:
        default = default.partition("::")[0].strip("'")
    return SeenColumn(
        row["udt_name"], row["nullable"], length, default, row["column_name"] in unique
    )


async def _create_index(database: Database, model: Model, name: str) -> None:
    index = next(one for one in model.indexes if one.name == name)
    unique = "UNIQUE " if index.unique else ""
    await database.execute(
        f'CREATE {unique}INDEX IF NOT EXISTS "{name}" ON "{model.table}" ("{index.column}")'
    )


async def _count(database: Database, sql: str, *args: object) -> int:
    row = await database.row(sql, *args)
    return int(row["count"]) if row else 0
