"""The database panel: the connection, the tables against those wanted, the next migration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from probes.model import (
    CheckId,
    ConnectionSeen,
    DatabaseSeen,
    Diagnosis,
    DsnSeen,
    Failure,
    Snapshot,
    Status,
    TableWanted,
)
from widgets.panel import Panel, not_seen, of_failure
from widgets.pieces import MUTED, Blank, Fitted, Row, Words, plain
from widgets.schema import names_rows, steps, table_rows
from widgets.status import told

_SWITCH = "DB_AUTO_MIGRATE"


class DatabasePanel(Panel):
    """What was seen of ops-service's database. `tables` are those the migration makes, by name."""

    HELP = (
        "The connection with ops-service's own address, the tables of its schema with what they "
        "lack, what the next migration would do, and the names of the indexes it expects."
    )
    TITLE = "Database"
    ROOM = "db"

    def __init__(
        self, number: int, tables: Mapping[str, TableWanted], *, id: str | None = None
    ) -> None:
        super().__init__(number, id=id)
        self._wanted = tuple(tables.values())

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The facts, or why there are none."""
        observation = snapshot.database
        if observation is None or isinstance(observation.seen, Failure):
            return not_seen(observation)
        return tuple(self._facts(observation.seen, diagnosis))

    def _facts(self, seen: DatabaseSeen, diagnosis: Diagnosis) -> Iterator[Row]:
        yield from _address(seen.dsn)
        if isinstance(seen.connection, Failure):
            yield from of_failure(seen.connection)
            return
        yield _connection(seen.connection)
        if isinstance(seen.tables, Failure):
            yield from of_failure(seen.tables)
            return
        yield from table_rows(self._wanted, seen)
        yield Blank()
        yield from _next_migration(diagnosis, steps(self._wanted, seen))
        yield Blank()
        yield from names_rows(self._wanted, seen)


def _address(dsn: DsnSeen) -> Iterator[Row]:
    yield Words(plain(f"{dsn.user}@{dsn.host}:{dsn.port}/{dsn.database}"), indent=2)
    if dsn.quirk:
        yield Words(told(Status.WARN, dsn.quirk), indent=2)


def _connection(seen: ConnectionSeen) -> Row:
    text = f"PostgreSQL {seen.server_version}, {seen.tls or 'no TLS'}"
    return Words(told(Status.PASS, text), indent=2)


def _next_migration(diagnosis: Diagnosis, would: Sequence[str]) -> Iterator[Row]:
    """Whether the next start of ops-service migrates, whether that passes, and what it would do."""
    results = {one.id: one for one in diagnosis.results}
    migration = results[CheckId.DB_MIGRATION]
    switch = next((one.value for one in migration.evidence if one.label == _SWITCH), "not known")
    setting = (f"{_SWITCH} is {switch}", "")
    yield Fitted(((("next migration  ", MUTED), setting), (setting,)))
    verdict = results[CheckId.DB_CONSTRAINTS]
    yield Words(told(verdict.status, verdict.summary), indent=2)
    for step in would:
        yield Words((("→ ", MUTED), (step, "")), indent=4)
