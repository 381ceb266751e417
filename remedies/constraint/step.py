"""The step of rename-constraint for one table, with everything that a person is told of it."""

from __future__ import annotations

from dataclasses import replace

from probes.model import DsnSeen
from remedies.constraint.sql import LOCK_S, STATEMENT_S, Rename
from remedies.database import address_of
from remedies.model import Permission, Risk, Step
from remedies.planning import unified
from remedies.shell import psql

_LIMIT_S = LOCK_S + 2 * STATEMENT_S
_RISK_WORDS = (
    f"no pod restarts; new writes to the table wait meanwhile, at most {LOCK_S:g} s for the lock, "
    "then for as long as an index on it takes to build (milliseconds for a table of users)"
)


def rename_step(rename: Rename, dsn: DsnSeen) -> Step:
    """The step: what is run, how to run it by hand, and the way back."""
    address, able = address_of(dsn), replace(dsn, user=rename.able)
    limits = (
        f"set local lock_timeout = {LOCK_S * 1000:.0f}",
        f"set local statement_timeout = {STATEMENT_S * 1000:.0f}",
    )
    return Step(
        id=f"rename-{rename.wanted.name}",
        title=_title(rename),
        action=rename.action(address),
        shell=psql(able, *limits, *rename.statements),
        limit_s=_LIMIT_S,
        diff=_diff(rename),
        risk=Risk.NONE,
        risk_words=_RISK_WORDS,
        guard=f"constraint {rename.name} (oid {rename.constraint}), its index and the owner "
        f"{rename.row['owner']} are as they were seen, in one transaction with the change",
        permissions=(
            Permission("postgresql", "own", "table", name=rename.table),
            # A new name in a schema takes the same right as a new index.
            Permission("postgresql", "create", "schema", name="public"),
        ),
        undo=rename.undo(address),
        undo_words=psql(able, *limits, *rename.backwards),
        look=psql(dsn, rename.action(address).query),
    )


def _title(rename: Rename) -> str:
    wanted = rename.wanted
    told = f"rename {rename.name} to {wanted.dropped_constraint}"
    if rename.makes_index:
        return f"Create unique index {wanted.unique_index}, then {told}, in one transaction"
    return told[:1].upper() + told[1:]


def _diff(rename: Rename) -> str:
    """The table's unique things before and after."""
    column, index = rename.wanted.unique, rename.wanted.unique_index
    there = "index" in rename.row
    before = [f"unique constraint {rename.name} ({column})"]
    after = [f"unique constraint {rename.wanted.dropped_constraint} ({column})"]
    before += [f"unique index {index} ({column})"] if there else []
    after += [f"unique index {index} ({column})"] if there or rename.makes_index else []
    return unified("\n".join(before), "\n".join(after), rename.wanted.name)
