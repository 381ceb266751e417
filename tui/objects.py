"""What one can look into, from a snapshot: pods, Applications, tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.checks.schema import WANTED
from probes.model import (
    ApplicationSeen,
    ArgoCDSeen,
    DatabaseSeen,
    Failure,
    Snapshot,
    Status,
    WorkloadSeen,
)
from widgets.application_sheet import HEALTH, SYNCED
from widgets.objects import ObjectRow

POD, APPLICATION, TABLE = "pod", "Application", "table"


def objects_of(snapshot: Snapshot) -> tuple[ObjectRow, ...]:
    """All of them: pods, then Applications, then tables."""
    return (*_pods(snapshot), *_applications(snapshot), *_tables(snapshot))


def _pods(snapshot: Snapshot) -> Iterator[ObjectRow]:
    seen = snapshot.workload.seen if snapshot.workload else None
    for pod in seen.pods if isinstance(seen, WorkloadSeen) else ():
        restarts = sum(one.restarts for one in pod.containers)
        words = f"{pod.phase}, {'ready' if pod.ready else 'not ready'}"
        words += f", {restarts} restarts" if restarts else ""
        status = Status.PASS if pod.ready else Status.FAIL
        yield ObjectRow(POD, pod.namespace, pod.name, status, words)


def _applications(snapshot: Snapshot) -> Iterator[ObjectRow]:
    own = snapshot.application.seen if snapshot.application else None
    listed = snapshot.argocd.seen if snapshot.argocd else None
    found: dict[str, ObjectRow] = {}
    if isinstance(own, ApplicationSeen):
        found[own.name] = _application(own.name, own.namespace, own.sync, own.health)
        kind, _, name = own.owner.partition("/")
        if kind == APPLICATION:
            words = "manages the other Applications"
            found[name] = ObjectRow(APPLICATION, own.namespace, name, Status.UNKNOWN, words)
    for one in (listed.applications or ()) if isinstance(listed, ArgoCDSeen) else ():
        found[one.name] = _application(one.name, one.namespace, one.sync, one.health)
    yield from sorted(found.values(), key=lambda one: one.name)


def _application(name: str, namespace: str, sync: str, health: str) -> ObjectRow:
    both = (SYNCED.get(sync, Status.UNKNOWN), HEALTH.get(health, Status.UNKNOWN))
    worst = next((one for one in both if one is not Status.PASS), Status.PASS)
    return ObjectRow(APPLICATION, namespace, name, worst, f"{sync}, {health}")


def _tables(snapshot: Snapshot) -> Iterator[ObjectRow]:
    seen = snapshot.database.seen if snapshot.database else None
    if not isinstance(seen, DatabaseSeen) or isinstance(seen.tables, Failure):
        return
    for wanted in WANTED.values():
        table = seen.table(wanted.name)
        if table is None:
            yield ObjectRow(TABLE, "", wanted.name, Status.FAIL, "missing")
            continue
        lacks = len(wanted.absent_columns(table)) + len(wanted.absent_indexes(table))
        foreign = wanted.foreign_constraint(table)
        words = f"{len(table.columns)} columns, {len(table.indexes)} indexes"
        words += f", {lacks} missing" if lacks else ""
        words += f", constraint {foreign.name}" if foreign else ""
        status = Status.FAIL if lacks or foreign else Status.PASS
        yield ObjectRow(TABLE, "", wanted.name, status, words)
