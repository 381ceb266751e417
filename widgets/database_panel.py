"""The database panel: the connection, and the tables with their constraints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probes.model import (
    CheckId,
    ConnectionSeen,
    ConstraintSeen,
    DatabaseSeen,
    Diagnosis,
    Failure,
    Snapshot,
    Status,
    TableSeen,
)
from widgets.panel import Panel, not_seen, of_failure
from widgets.pieces import MUTED, Blank, Fact, Line, Row, Words, plain
from widgets.status import told


class DatabasePanel(Panel):
    """What was seen of ops-service's database. `tables` are the names that must be there."""

    HELP = "The connection with ops-service's own address, and the tables of its schema."
    TITLE = "Database"
    ROOM = "db"

    def __init__(self, number: int, tables: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(number, id=id)
        self._tables = tuple(tables)

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The facts, or why there are none."""
        observation = snapshot.database
        if observation is None or isinstance(observation.seen, Failure):
            return not_seen(observation)
        return tuple(self._facts(observation.seen, diagnosis))

    def _facts(self, seen: DatabaseSeen, diagnosis: Diagnosis) -> Iterator[Row]:
        dsn = seen.dsn
        yield Fact("server", plain(f"{dsn.host}:{dsn.port}"))
        yield Fact("database", plain(f"{dsn.database} as {dsn.user}"))
        if isinstance(seen.connection, Failure):
            yield from of_failure(seen.connection)
            return
        yield Fact("connected", _connection(seen.connection))
        yield Blank()
        if isinstance(seen.tables, Failure):
            yield from of_failure(seen.tables)
            return
        width = max((len(name) for name in self._tables), default=0)
        for name in self._tables:
            yield Words(((f"{name:<{width}}  ", ""), *_table(seen.table(name))), width + 2)
        yield from _next_migration(diagnosis)


def _connection(seen: ConnectionSeen) -> Line:
    return told(Status.PASS, f"PostgreSQL {seen.server_version}, {seen.tls or 'no TLS'}")


def _table(table: TableSeen | None) -> Line:
    if table is None:
        return told(Status.FAIL, "missing")
    unique = [one for one in table.constraints if one.type == "u"]
    if unique:
        return told(Status.WARN, _named(unique))
    return told(Status.PASS, f"{len(table.columns)} columns")


def _named(constraints: Sequence[ConstraintSeen]) -> str:
    return "constraint " + ", ".join(one.name for one in constraints)


def _next_migration(diagnosis: Diagnosis) -> Iterator[Row]:
    """What the next start of ops-service would do to the schema."""
    for result in diagnosis.results:
        if result.id is CheckId.DB_CONSTRAINTS and result.status is not Status.PENDING:
            yield Blank()
            yield Words((("would the next migration pass?", MUTED),))
            yield Words(told(result.status, result.summary), indent=2)
