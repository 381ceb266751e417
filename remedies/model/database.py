"""Actions on ops-service's database. Address and password are in none: they are looked up anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from remedies.model.objects import Field


@dataclass(frozen=True, slots=True)
class RunSql:
    """Statements in one transaction, only while the row that `query` gives is as it was seen.

    `database` is where, as `user@host:port/name`. The row's columns are the pointers of
    `expected` and `wanted`; a NULL is absent. `table` is locked in `mode` before the row is read
    again, so that nothing comes between. `otherwise` says what a row means that is neither.
    """

    database: str
    table: str
    mode: Literal["share", "access exclusive"]
    query: str
    expected: tuple[Field, ...]
    wanted: tuple[Field, ...]
    statements: tuple[str, ...]
    lock_timeout_s: float
    """How long each lock is waited for, at most."""

    statement_timeout_s: float
    otherwise: str
    kind: Literal["run-sql"] = "run-sql"
