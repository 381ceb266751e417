"""Who holds a lock that we did not get, as far as PostgreSQL shows it to our role."""

from __future__ import annotations

from collections.abc import Mapping

from probes.text import safe_text
from remedies.database import Reading, Row

_QUERY = """
select l.pid, l.granted, l.mode, a.usename::text as role, a.application_name as program, a.state,
       a.query, extract(epoch from now() - a.xact_start)::int as seconds
  from pg_locks l left join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'relation' and l.pid <> pg_backend_pid() and l.mode = any($2::text[])
   and l.database = (select oid from pg_database where datname = current_database())
   and l.relation in (select to_regclass($1)::oid union all
                      select indexrelid from pg_index where indrelid = to_regclass($1)::oid)
 order by l.granted desc, a.xact_start
 limit 20
"""

_WRITES = (
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
_CONFLICTING: Mapping[str, tuple[str, ...]] = {
    "share": _WRITES,
    "access exclusive": (*_WRITES, "AccessShareLock", "RowShareLock", "ShareLock"),
}
"""PostgreSQL manual, Table 13.2, Conflicting Lock Modes."""

_MOST = 3
_SHOWN = 120


async def blockers(database: Reading, table: str, mode: str) -> str:
    """Who is in the way now, in words. Raises ProbeError."""
    found = await database.rows(_QUERY, table, list(_CONFLICTING[mode]))
    by_pid: dict[int, Row] = {}
    for row in found:
        by_pid.setdefault(int(row["pid"]), row)
    told = [_told(row, database) for row in by_pid.values()]
    return "; ".join(told[:_MOST]) or "whoever held it has let go meanwhile, so try again"


def _told(row: Row, database: Reading) -> str:
    who = [str(row[name]) for name in ("role", "program") if row.get(name)]
    by = f" ({safe_text(', '.join(who), 80)})" if who else ""
    since = f" in a transaction of {row['seconds']} s" if row.get("seconds") is not None else ""
    does = "holds it" if row["granted"] else "waits for it, too"
    query = safe_text(database.redact(str(row.get("query") or "")), _SHOWN)
    state = str(row.get("state") or "")
    last = f", {state}: {query}" if state and query else ""
    return f"pid {row['pid']}{by} {does}{since}{last}"
