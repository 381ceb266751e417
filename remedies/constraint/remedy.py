"""rename-constraint: give a hand-made unique constraint the name that the migration drops.

The migration (gorm v1.31, `migrator.go`) takes a unique column whose model says `uniqueIndex` for
a leftover of its own, and drops `uni_<table>_<column>`; where that is not there it fails (42704).
So the rename is a step and no end state. The index that stays is made first, so that uniqueness
never lapses: the migration finds it, and leaves it alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.checks.base import environment_in
from probes.checks.schema import WANTED, obstacles, renamed
from probes.model import (
    CauseId,
    CheckId,
    DatabaseSeen,
    Failure,
    Snapshot,
    TableWanted,
    seen_in,
)
from probes.text import safe_text
from remedies.constraint.duplicates import listed, to_see_them
from remedies.constraint.sql import ABLE, FIND, UNIQUE, Rename, query, row_of
from remedies.constraint.step import rename_step
from remedies.database import Reading, reading
from remedies.model import Plan, Refusal, RefusedError, RemedyId
from remedies.planning import Ask, plan_for
from remedies.restart.steps import restart_steps_for
from remedies.shell import psql
from remedies.world import World

_SWITCH = "DB_AUTO_MIGRATE"
_WHY = "so that the migration runs"
_ORDERS = ("safer", "rename-only")


class RenameConstraint:
    """The remedy. Option: `order`, `safer` (the index first) or `rename-only`."""

    id = RemedyId.RENAME_CONSTRAINT
    causes = frozenset({CauseId.DB_CONSTRAINT_MISMATCH})

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError (no mismatch, duplicate rows, …), ProbeError."""
        index_first = _order(ask.options) == "safer"
        seen = _database(snapshot)
        tables = _mismatched(seen)
        async with reading(world) as database:
            await _refuse_other_schema(database)
            await _refuse_duplicates(database, seen)
            renames = [await _rename(database, one, index_first) for one in tables]
            steps = tuple(rename_step(one, database.dsn) for one in renames)
            unable = _unable(renames, database.dsn.user)
        migrates = _migrates(snapshot)
        restart = await restart_steps_for(world, snapshot, _WHY) if migrates else ()
        ends = (CauseId.DB_SCHEMA_INCOMPLETE,) if migrates else ()
        return plan_for(
            self.id,
            snapshot,
            _sentence(renames, restarts=bool(restart)),
            (*steps, *restart),
            checks=(CheckId.DB_CONSTRAINTS, *((CheckId.DB_MIGRATION,) if migrates else ())),
            causes=(CauseId.DB_CONSTRAINT_MISMATCH, *ends),
            warnings=(*unable, *_end_state(renames), *_what_follows(snapshot, seen, migrates)),
        )


def _order(said: Mapping[str, str]) -> str:
    order = said.get("order", _ORDERS[0])
    if order not in _ORDERS:
        told = f"`order={order}` is none of {', '.join(_ORDERS)}"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return order


def _database(snapshot: Snapshot) -> DatabaseSeen:
    """The database with its catalog. Raises RefusedError where it could not be seen."""
    seen: DatabaseSeen | None = seen_in(snapshot.database)
    if seen is None:
        told = "the database could not be seen; `check` says why"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    for part in (seen.connection, seen.tables):
        if isinstance(part, Failure):
            raise RefusedError(Refusal.NOT_APPLICABLE, part.sentence)
    return seen


def _mismatched(seen: DatabaseSeen) -> tuple[TableWanted, ...]:
    """The tables whose constraint has another name. Raises RefusedError where there is none."""
    found = tuple(WANTED[one.table] for one in obstacles(seen) if one.kind == "mismatch")
    if found:
        return found
    waiting = renamed(seen)
    told = "no unique constraint has a name that the migration does not know"
    if waiting:
        told += f"; {waiting[1]} waits for the next start, which drops it (restart-workload)"
    raise RefusedError(Refusal.NOTHING_TO_DO, told)


async def _refuse_other_schema(database: Reading) -> None:
    """Raises RefusedError where the migration works elsewhere, and so what was seen is there."""
    schema = (await database.row("select current_schema()::text as name")).get("name", "public")
    if schema != "public":
        raise RefusedError(
            Refusal.GUARD,
            f"by the search_path of {safe_text(database.dsn.user)} its migration works in schema "
            f"{safe_text(str(schema))}, and this changes tables of public only: rename it by hand",
        )


async def _refuse_duplicates(database: Reading, seen: DatabaseSeen) -> None:
    """Raises RefusedError where rows are, or may be, doubled: the migration would stop there."""
    told = await listed(database, seen)
    if told:
        names = [one for one in WANTED.values() if _is_doubled(seen, one)]
        commands = "; ".join(psql(database.dsn, to_see_them(one)) for one in names)
        raise RefusedError(
            Refusal.GUARD,
            f"{'; '.join(told)}: the migration cannot build its unique index over them, and which "
            f"rows go is for a person to decide. To see them: {commands}",
        )
    uncounted = next((one for one in obstacles(seen) if one.kind == "uncounted"), None)
    if uncounted:
        told_of = f"{uncounted.table}.{uncounted.values['column']}"
        why = uncounted.values["failure"]
        sentence = f"whether {told_of} has duplicates could not be found out: {why}"
        raise RefusedError(Refusal.GUARD, sentence)


def _is_doubled(seen: DatabaseSeen, wanted: TableWanted) -> bool:
    table = seen.table(wanted.name)
    return bool(table and isinstance(table.duplicates, int) and table.duplicates)


async def _rename(database: Reading, wanted: TableWanted, index_first: bool) -> Rename:
    """The constraint with its row of the catalog. Raises RefusedError where it takes more."""
    found = await database.rows(FIND, f"public.{wanted.name}", wanted.unique)
    if not found:
        told = f"the constraint on {wanted.name}({wanted.unique}) is gone: look again"
        raise RefusedError(Refusal.STALE, told)
    if len(found) > 1:
        names = ", ".join(str(row["name"]) for row in found)
        raise RefusedError(
            Refusal.GUARD,
            f"{wanted.name}({wanted.unique}) has several unique constraints ({names}), and only "
            "one of them can get the name: drop all but one by hand",
        )
    constraint, name = str(found[0]["id"]), str(found[0]["name"])
    row = row_of(await database.row(query(wanted, constraint)))
    _refuse_row(wanted, name, row)
    able = (await database.row(ABLE, f"public.{wanted.name}")).get("name") or row["owner"]
    return Rename(wanted, constraint, name, row, str(able), index_first)


def _refuse_row(wanted: TableWanted, name: str, row: Mapping[str, str]) -> None:
    index = row.get("index", UNIQUE)
    if index != UNIQUE:
        raise RefusedError(
            Refusal.GUARD,
            f"index {wanted.unique_index} is there and is none that keeps duplicates of "
            f"{wanted.unique} out; the migration would keep it as it is and drop the constraint. "
            "Drop that index by hand first",
        )
    if "foreign keys" in row:
        raise RefusedError(
            Refusal.GUARD,
            f"{row['foreign keys']} refers to {name}, so that the migration cannot drop it "
            "(2BP01) whatever its name: drop that foreign key by hand first",
        )


def _sentence(renames: list[Rename], *, restarts: bool) -> str:
    names = " and ".join(f"{one.name} to {one.wanted.dropped_constraint}" for one in renames)
    then = ", and restart, so that the migration goes through" if restarts else ""
    return f"Rename {names}{then}"


def _unable(renames: list[Rename], user: str) -> tuple[str, ...]:
    """As whom it is done by hand, where ops-service's own role is just the one who may not."""
    others = dict.fromkeys(one.able for one in renames if one.able != user)
    told = f"{safe_text(user)} may not do this; by hand it is done as"
    return tuple(f"{told} {safe_text(one)}, whom the commands name" for one in others)


def _end_state(renames: list[Rename]) -> tuple[str, ...]:
    """What becomes of it: the migration's own doing, told before anybody is surprised by it."""
    told = []
    for one in renames:
        name, index = one.wanted.dropped_constraint, one.wanted.unique_index
        keeps = f"keeps {index}, so that uniqueness never lapses"
        if not (one.makes_index or "index" in one.row):
            keeps = f"then builds {index}: between the two nothing keeps duplicates out"
        told.append(f"the rename is no end state: the migration drops {name} again, and {keeps}")
    return tuple(told)


def _migrates(snapshot: Snapshot) -> bool | None:
    """Whether the next start migrates: only the exact word `true` does. None: not known."""
    environment = environment_in(snapshot)
    value = environment.get(_SWITCH) if environment else None
    if environment is None or (value is None and not environment.complete):
        return None
    return (value or "true") == "true"


def _what_follows(snapshot: Snapshot, seen: DatabaseSeen, migrates: bool | None) -> tuple[str, ...]:
    """What has to come after it, where this plan alone does not lead to all three tables."""
    if migrates is None:
        return (f"whether {_SWITCH} is `true` is not known, so that no restart is made here",)
    if not migrates:
        environment = environment_in(snapshot)
        value = environment.get(_SWITCH) if environment else ""
        return (
            f"{_SWITCH} is `{value}`, so that no start migrates: enable-auto-migrate must follow, "
            "and the restart that it brings makes the missing tables; none is made here",
        )
    denied = [one.values["reason"] for one in obstacles(seen) if one.kind == "denied"]
    return tuple(f"the migration will stop all the same: ops-service {one}" for one in denied)
