"""Reading the catalog: connection, privileges, and the tables with indexes and constraints.

`pg_index` and `pg_constraint` are read rather than `information_schema`, which hides constraints
from a role that does not own the table; and nothing here takes a lock on the table, as
`pg_get_indexdef` would, so that a migration under way does not hide the catalog.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from probes.database.dial import Connection
from probes.model import ColumnSeen, ConnectionSeen, ConstraintSeen, IndexSeen, TableSeen
from probes.text import safe_text

# GORM's migrator works in CURRENT_SCHEMA(): the first of the role's search_path that is there.
_SERVER = """
select split_part(current_setting('server_version'), ' ', 1) as version,
       current_user::text as role,
       current_database()::text as database,
       coalesce((select s.version from pg_stat_ssl s where s.pid = pg_backend_pid()), '') as tls,
       coalesce(has_schema_privilege(
                  to_regnamespace(quote_ident(coalesce(current_schema(), 'public')))::oid,
                  'CREATE'), false) as may_create
"""

_TABLES = """
select c.relname::text as name,
       pg_get_userbyid(c.relowner)::text as owner,
       pg_has_role(c.relowner, 'USAGE') as owned,
       (select coalesce(json_agg(json_build_object(
                 'name', a.attname,
                 'type', format_type(a.atttypid, a.atttypmod),
                 'not_null', a.attnotnull) order by a.attnum), '[]')
          from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
       (select coalesce(json_agg(json_build_object(
                 'name', i.relname,
                 'columns', (select json_agg(coalesce(a.attname, '(expression)') order by u.place)
                               from unnest(x.indkey::int2[]) with ordinality u(attnum, place)
                               left join pg_attribute a
                                 on a.attrelid = c.oid and a.attnum = u.attnum
                              where u.place <= x.indnkeyatts),
                 'unique', x.indisunique,
                 'primary', x.indisprimary,
                 'valid', x.indisvalid,
                 'partial', x.indpred is not null) order by i.relname), '[]')
          from pg_index x join pg_class i on i.oid = x.indexrelid
         where x.indrelid = c.oid)::text as indexes,
       (select coalesce(json_agg(json_build_object(
                 'name', o.conname,
                 'type', o.contype,
                 'columns', (select coalesce(json_agg(a.attname order by u.place), '[]')
                               from unnest(o.conkey) with ordinality u(attnum, place)
                               join pg_attribute a
                                 on a.attrelid = o.conrelid and a.attnum = u.attnum)
               ) order by o.conname), '[]')
          from pg_constraint o
         where o.conrelid = c.oid)::text as constraints
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = coalesce(current_schema(), 'public')
   and c.relkind in ('r', 'p') and c.relname = any($1::text[])
"""


async def connection_seen(connection: Connection) -> ConnectionSeen:
    """Who we are there, and how. Raises what the library raises."""
    row = await connection.fetchrow(_SERVER) or {}
    return ConnectionSeen(
        server_version=_text(row.get("version")),
        user=_text(row.get("role")),
        database=_text(row.get("database")),
        tls=_text(row.get("tls")),
        may_create=bool(row.get("may_create")),
    )


async def tables_seen(connection: Connection, names: Iterable[str]) -> tuple[TableSeen, ...]:
    """Those of the named tables that the migration would find, in the order of the names."""
    wanted = list(names)
    rows = await connection.fetch(_TABLES, wanted)
    tables = [_table(row) for row in rows]
    return tuple(sorted(tables, key=lambda table: wanted.index(table.name)))


def _table(row: Mapping[str, Any]) -> TableSeen:
    return TableSeen(
        name=_text(row["name"]),
        owner=_text(row["owner"]),
        owned=bool(row["owned"]),
        columns=tuple(
            ColumnSeen(_text(one["name"]), _text(one["type"]), bool(one["not_null"]))
            for one in json.loads(row["columns"])
        ),
        indexes=tuple(_index(one) for one in json.loads(row["indexes"])),
        constraints=tuple(
            ConstraintSeen(_text(one["name"]), _text(one["type"]), _texts(one["columns"]))
            for one in json.loads(row["constraints"])
        ),
    )


def _index(one: Mapping[str, Any]) -> IndexSeen:
    return IndexSeen(
        name=_text(one["name"]),
        columns=_texts(one["columns"]),
        unique=bool(one["unique"]),
        primary=bool(one["primary"]),
        valid=bool(one["valid"]),
        partial=bool(one["partial"]),
    )


def _text(value: object) -> str:
    return safe_text(str(value or ""), 200)


def _texts(values: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(_text(value) for value in values or ())
