"""Preparation: the database as it is before ops-service starts, and the portal's first user."""

from __future__ import annotations

import contextlib

import asyncpg

from sandbox.errors import SandboxError
from sandbox.postgres import DATABASE, Postgres
from sandbox.scenario import FOLDER, DatabasePart

PORTAL_USER = "admin@wealist.co.kr"
"""The administrator whom first-portal-user.sql adds, and whose token is handed out."""

_MIGRATED = ("portal-users-gorm", "migrated")
_FIRST_USER = "first-portal-user"


async def prepare(postgres: Postgres, part: DatabasePart) -> None:
    """Brings the fresh database into the scenario's state.

    Raises SandboxError with the server's words for a statement that fails.
    """
    try:
        await _prepare(postgres, part)
    except asyncpg.PostgresError as error:
        raise SandboxError(f"the scenario's SQL fails: {error}") from error


async def _prepare(postgres: Postgres, part: DatabasePart) -> None:
    for name in (*(_MIGRATED if part.migrated else ()), *part.snippets):
        await _run(postgres, name)
    await add_portal_user(postgres)
    for statement in part.sql:
        await postgres.execute(statement, database=DATABASE)
    for statement in part.admin_sql:
        await postgres.execute(statement, database="postgres")


async def add_portal_user(postgres: Postgres) -> None:
    """Adds the administrator, if there is a table for them and they are not in it."""
    # A scenario may have dropped the database.
    with contextlib.suppress(asyncpg.InvalidCatalogNameError):
        await _run(postgres, _FIRST_USER)


async def _run(postgres: Postgres, snippet: str) -> None:
    text = (FOLDER / "sql" / f"{snippet}.sql").read_text(encoding="utf-8")
    await postgres.execute(text, database=DATABASE)
