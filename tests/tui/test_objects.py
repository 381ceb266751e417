"""What one can look into, from a snapshot; and why something is not there to look into."""

from __future__ import annotations

from dataclasses import replace

from probes.model import ApplicationRow, ContainerSeen, FailureKind, Snapshot
from tests.checks import worlds
from tests.tui.dashboards import healthy, incident
from tui.objects import objects_of


def told(snapshot: Snapshot, kind: str) -> list[str]:
    rows = [row for row in objects_of(snapshot) if row.kind == kind]
    return [f"{row.status} {row.namespace}/{row.name} {row.words}" for row in rows]


def test_pods_tell_what_is_wrong_with_them() -> None:
    restarted = ContainerSeen("ops-service", restarts=3)
    pods = (
        worlds.pod(),
        worlds.pod(name="b", ready=False, containers=(restarted,)),
        worlds.pod(name="c", deleting=True, containers=(replace(restarted, restarts=1),)),
    )
    assert told(worlds.world(workload=worlds.workload(pods=pods)), "pod") == [
        "pass wealist-prod/ops-service-1 Running, ready",
        "fail wealist-prod/b Running, not ready, restarted 3 times",
        "warn wealist-prod/c Running, ready, restarted once, on its way out",
    ]
    none = worlds.world(workload=worlds.workload(pods=()))
    assert told(none, "pod") == ["warn / ops-service has no pods"]


def test_applications_are_those_listed_the_own_and_its_owner() -> None:
    assert told(healthy(), "Application")[3:] == [
        "pass argocd/ops-service-prod Synced, Healthy",
        "unknown argocd/wealist-apps-prod owns ops-service-prod",
        "pass argocd/wealist-monitoring-prod Synced, Healthy",
    ]
    twins = (
        ApplicationRow("shop", "argocd", "p", "OutOfSync", "Degraded"),
        ApplicationRow("shop", "team-a", "p", "Synced", "Progressing"),
    )
    found = told(worlds.world(argocd=worlds.argocd(applications=twins)), "Application")
    assert "fail argocd/shop OutOfSync, Degraded" in found
    assert "warn team-a/shop Synced, Progressing" in found


def test_why_applications_are_not_listed() -> None:
    last = told(incident(), "Application")[-1]
    assert last == "unknown / the others are not listed: ops-service has no token for Argo CD"
    refused = worlds.argocd(applications=None, list_answer=worlds.reply(401))
    last = told(worlds.world(argocd=refused), "Application")[-1]
    assert last == "unknown / the others are not listed: Argo CD answers 401"
    failure = worlds.failure(FailureKind.DNS, "argo does not resolve")
    broken = worlds.argocd(applications=None, list_answer=failure)
    last = told(worlds.world(argocd=broken), "Application")[-1]
    assert last == "unknown / the others are not listed: argo does not resolve"


def test_tables_stand_in_the_order_of_the_migration() -> None:
    assert [line.split("/")[1].split()[0] for line in told(healthy(), "table")] == [
        "portal_users",
        "audit_logs",
        "app_configs",
    ]
    assert told(incident(), "table")[1:] == [
        "fail /audit_logs missing",
        "fail /app_configs missing",
    ]
    failure = worlds.failure(FailureKind.REFUSED, "db:5432 refuses the connection")
    for database in (failure, worlds.database(connection=failure), worlds.database(tables=failure)):
        found = told(worlds.world(database=database), "table")
        assert found == ["unknown / db:5432 refuses the connection"]


def test_what_has_not_answered_yet_is_pending() -> None:
    begun = replace(healthy(), workload=None, application=None, argocd=None, database=None)
    assert [row.words for row in objects_of(begun)] == ["not answered yet"] * 3
