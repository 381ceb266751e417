"""The SQL of a rename: the row of the catalog that a plan is bound to, and what changes it.

`ALTER INDEX … RENAME` renames the constraint with its index, and takes a lock that reads and
writes of rows go on under (PostgreSQL manual, ALTER INDEX). `pg_get_indexdef` would wait for the
table's lock, so that an index is told by its parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probes.model import TableWanted
from remedies.database import Row
from remedies.model import Absent, Field, RunSql

LOCK_S = 3.0
STATEMENT_S = 30.0

UNIQUE = "unique"
"""An index that keeps duplicates out of just that column, of every row."""

FIND = """
select o.oid::text as id, o.conname::text as name
  from pg_constraint o
 where o.conrelid = to_regclass($1) and o.contype = 'u'
   and o.conkey = (select array_agg(a.attnum) from pg_attribute a
                    where a.attrelid = o.conrelid and a.attname = $2)
 order by o.oid
"""
"""The unique constraints on just that column of a table."""

ABLE = """
select r.rolname::text as name from pg_class c, pg_roles r
 where c.oid = to_regclass($1) and r.rolcanlogin
   and pg_has_role(r.oid, c.relowner, 'USAGE')
   and has_schema_privilege(r.oid, c.relnamespace, 'CREATE')
 order by r.rolname = current_user desc, r.oid = c.relowner desc, r.rolsuper, r.rolname limit 1
"""
"""Who may change a table and make an index of it: we ourselves, else its owner, else another."""

_ROW = """select o.conrelid::text as "table", pg_get_userbyid(c.relowner)::text as owner,
       o.conname::text as "constraint", o.conindid::text as backing,
       (select case when x.indisunique and x.indisvalid and x.indpred is null
                     and x.indnkeyatts = 1 and x.indkey[0] = o.conkey[1]
                    then 'unique' else 'of another kind' end
          from pg_class i join pg_index x on x.indexrelid = i.oid
         where i.relname = '{index}' and x.indrelid = o.conrelid) as "index",
       (select string_agg(f.conname, ', ') from pg_constraint f
         where f.contype = 'f' and f.confrelid = o.conrelid and f.conindid = o.conindid)
       as "foreign keys"
  from pg_constraint o join pg_class c on c.oid = o.conrelid
 where o.oid = {constraint} and o.conrelid = to_regclass('{table}')"""


@dataclass(frozen=True, slots=True)
class Rename:
    """One constraint as it was seen: `constraint` is its oid, `row` what the query gave.

    `able` is a role that may rename it.
    """

    wanted: TableWanted
    constraint: str
    name: str
    row: Mapping[str, str]
    able: str
    index_first: bool
    """Whether the index that stays is made before the rename, so that uniqueness never lapses."""

    @property
    def table(self) -> str:
        """The table with its schema."""
        return f"public.{self.wanted.name}"

    @property
    def makes_index(self) -> bool:
        """Whether the index is ours to make."""
        return self.index_first and "index" not in self.row

    @property
    def statements(self) -> tuple[str, ...]:
        """What is run, in this order."""
        column, index = self.wanted.unique, self.wanted.unique_index
        make = f"create unique index {index} on {self.table} ({column})"
        rename = _rename(self.name, self.wanted.dropped_constraint)
        return (make, rename) if self.makes_index else (rename,)

    @property
    def backwards(self) -> tuple[str, ...]:
        """What takes it back."""
        rename = _rename(self.wanted.dropped_constraint, self.name)
        drop = f"drop index public.{self.wanted.unique_index}"
        return (rename, drop) if self.makes_index else (rename,)

    def action(self, database: str) -> RunSql:
        """The change."""
        return RunSql(
            database=database,
            table=self.table,
            mode="share",
            query=query(self.wanted, self.constraint),
            expected=self._fields(self.name, made=False),
            wanted=self._fields(self.wanted.dropped_constraint, made=self.makes_index),
            statements=self.statements,
            lock_timeout_s=LOCK_S,
            statement_timeout_s=STATEMENT_S,
            otherwise=f"the constraint on {self.wanted.name}({self.wanted.unique}) is another now",
        )

    def undo(self, database: str) -> RunSql:
        """The way back, only while the renamed constraint is there: a migration drops it."""
        return RunSql(
            database=database,
            table=self.table,
            mode="access exclusive" if self.makes_index else "share",
            query=query(self.wanted, self.constraint),
            expected=self._fields(self.wanted.dropped_constraint, made=self.makes_index),
            wanted=self._fields(self.name, made=False),
            statements=self.backwards,
            lock_timeout_s=LOCK_S,
            statement_timeout_s=STATEMENT_S,
            otherwise=(
                "ops-service's migration has run meanwhile and dropped "
                f"{self.wanted.dropped_constraint}, as it should: there is no way back"
            ),
        )

    def _fields(self, name: str, *, made: bool) -> tuple[Field, ...]:
        row = {**self.row, "constraint": name}
        if made:
            row["index"] = UNIQUE
        names = ("table", "owner", "constraint", "backing", "index", "foreign keys")
        return tuple(Field(f"/{one}", row.get(one, Absent())) for one in names)


def query(wanted: TableWanted, constraint: str) -> str:
    """The query of the row, for the constraint of that oid."""
    return _ROW.format(
        index=wanted.unique_index, constraint=int(constraint), table=f"public.{wanted.name}"
    )


def row_of(row: Row) -> dict[str, str]:
    """The row as texts."""
    return {name: str(value) for name, value in row.items()}


def _rename(old: str, new: str) -> str:
    return f"alter index public.{_quoted(old)} rename to {new}"


def _quoted(name: str) -> str:
    """An identifier that somebody else chose (PostgreSQL manual, 4.1.1)."""
    return '"' + name.replace('"', '""') + '"'
