"""What one can look into, from a snapshot: pods, Applications, tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from probes.catalogue import counted
from probes.checks.schema import WANTED
from probes.model import (
    ApplicationSeen,
    ArgoCDSeen,
    CheckId,
    DatabaseSeen,
    Failure,
    Observation,
    PodSeen,
    Snapshot,
    Status,
    TableSeen,
    TableWanted,
    WorkloadSeen,
    seen_in,
    worst,
)
from widgets.application_sheet import HEALTH, SYNCED
from widgets.objects import ObjectRow

POD, APPLICATION, TABLE = "pod", "Application", "table"
_TELLS = {
    POD: CheckId.WORKLOAD_ROLLOUT,
    APPLICATION: CheckId.ARGOCD_APPLICATION,
    TABLE: CheckId.DB_CONNECTION,
}
"""Where it is told why nothing of the kind can be looked into."""


def objects_of(snapshot: Snapshot) -> tuple[ObjectRow, ...]:
    """All of them: pods, then Applications, then tables; of each kind one row at least."""
    return (*_pods(snapshot), *_applications(snapshot), *_tables(snapshot))


def _pods(snapshot: Snapshot) -> Iterator[ObjectRow]:
    seen = seen_in(snapshot.workload)
    if not isinstance(seen, WorkloadSeen):
        yield _none(POD, snapshot.workload)
        return
    if not seen.pods:
        yield _nothing(POD, Status.WARN, f"{seen.name} has no pods")
    yield from map(_pod, seen.pods)


def _pod(pod: PodSeen) -> ObjectRow:
    restarts = sum(one.restarts for one in pod.containers)
    words = [pod.phase, "ready" if pod.ready else "not ready"]
    words += [f"restarted {restarts} times" if restarts > 1 else "restarted once"] * bool(restarts)
    words += ["on its way out"] * pod.deleting
    status = Status.WARN if pod.deleting else Status.PASS if pod.ready else Status.FAIL
    return ObjectRow(POD, pod.namespace, pod.name, status, ", ".join(words))


def _applications(snapshot: Snapshot) -> Iterable[ObjectRow]:
    own = seen_in(snapshot.application)
    found: dict[tuple[str, str], ObjectRow] = {}
    if isinstance(own, ApplicationSeen):
        kind, _, name = own.owner.partition("/")
        if kind == APPLICATION:
            row = ObjectRow(APPLICATION, own.namespace, name, Status.UNKNOWN, f"owns {own.name}")
            found[own.namespace, name] = row
        row = _application(own.name, own.namespace, own.sync, own.health)
        found[own.namespace, own.name] = row
    for one in _listed(snapshot):
        row = _application(one.name, one.namespace, one.sync, one.health)
        found[one.namespace, one.name] = row
    if not found:
        return [_none(APPLICATION, snapshot.application)]
    return (*sorted(found.values(), key=lambda one: (one.name, one.namespace)), *_rest(snapshot))


def _rest(snapshot: Snapshot) -> Iterator[ObjectRow]:
    """Why the other Applications are not listed, where they are not."""
    seen = seen_in(snapshot.argocd)
    if not isinstance(seen, ArgoCDSeen):
        yield _none(APPLICATION, snapshot.argocd)
    elif seen.applications is None:
        answer = seen.list_answer
        why = "ops-service has no token for Argo CD"
        if isinstance(answer, Failure):
            why = answer.sentence
        elif answer is not None:
            why = f"Argo CD answers {answer.status}"
        words = f"the others are not listed: {why}"
        yield _nothing(APPLICATION, Status.UNKNOWN, words, CheckId.ARGOCD_TOKEN)


def _listed(snapshot: Snapshot) -> Iterable[Any]:
    seen = seen_in(snapshot.argocd)
    return (seen.applications or ()) if isinstance(seen, ArgoCDSeen) else ()


def _application(name: str, namespace: str, sync: str, health: str) -> ObjectRow:
    both = (SYNCED.get(sync, Status.UNKNOWN), HEALTH.get(health, Status.UNKNOWN))
    return ObjectRow(APPLICATION, namespace, name, worst(both), f"{sync}, {health}")


def _tables(snapshot: Snapshot) -> Iterator[ObjectRow]:
    seen = seen_in(snapshot.database)
    if not isinstance(seen, DatabaseSeen):
        yield _none(TABLE, snapshot.database)
    elif isinstance(seen.connection, Failure):
        yield _hidden(TABLE, seen.connection)
    elif isinstance(seen.tables, Failure):
        yield _hidden(TABLE, seen.tables)
    else:
        yield from (_table(wanted, seen.table(wanted.name)) for wanted in WANTED.values())


def _table(wanted: TableWanted, table: TableSeen | None) -> ObjectRow:
    if table is None:
        return ObjectRow(TABLE, "", wanted.name, Status.FAIL, "missing")
    lacks = len(wanted.absent_columns(table)) + len(wanted.absent_indexes(table))
    foreign = wanted.foreign_constraint(table)
    words = f"{counted('column', len(table.columns))}, {counted('index', len(table.indexes))}"
    words += f", {lacks} missing" if lacks else ""
    words += f", constraint {foreign.name}" if foreign else ""
    return ObjectRow(
        TABLE, "", wanted.name, Status.FAIL if lacks or foreign else Status.PASS, words
    )


def _none(kind: str, observation: Observation[Any] | None) -> ObjectRow:
    if observation is not None and isinstance(observation.seen, Failure):
        return _hidden(kind, observation.seen)
    return _nothing(kind, Status.PENDING, "not answered yet")


def _hidden(kind: str, failure: Failure) -> ObjectRow:
    return _nothing(kind, Status.UNKNOWN, failure.sentence)


def _nothing(kind: str, status: Status, words: str, check: CheckId | None = None) -> ObjectRow:
    return ObjectRow(kind, "", "", status, words, check or _TELLS[kind])
