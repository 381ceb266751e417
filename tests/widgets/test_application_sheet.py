"""The Application sheet: how it stands, who owns it, and every resource, the worst first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.model import (
    ApplicationDetail,
    ConditionSeen,
    FailureKind,
    ResourceSeen,
    RevisionSeen,
    SourceSeen,
    ValueShown,
)
from tests.checks import worlds
from tests.checks.worlds import NOW
from tests.widgets.sheets import WIDTHS, lines, text
from widgets.application_sheet import application_rows

DETAIL = ApplicationDetail(
    seen=worlds.application(automated=True, self_heal=True, prune=True),
    destination="namespace wealist-prod of https://kubernetes.default.svc",
    sources=(SourceSeen("https://git.example.com/wealist.git", "charts/ops", "main", "a" * 40),),
    resources=(
        ResourceSeen("ConfigMap", "wealist-prod", "a", "Synced", ""),
        ResourceSeen("Deployment", "wealist-prod", "b", "Synced", "Healthy"),
        ResourceSeen("Service", "wealist-prod", "c", "OutOfSync", "Healthy", prunes=True),
        ResourceSeen("Rollout", "wealist-prod", "d", "Synced", "Degraded", "no pods"),
        ResourceSeen("Widget", "", "e", "Unknown", "Sulking"),
    ),
    history=(
        RevisionSeen("12", "b" * 40, NOW, "automated", "https://git charts/ops"),
        RevisionSeen("9", "c" * 40, None, "kim", "https://git charts/ops"),
    ),
    asked="get applications x in argocd",
    route="Kubernetes API",
)


@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_readable_at_every_width(width: int) -> None:
    assert lines(application_rows(DETAIL), width)


def test_resources_stand_the_worst_first_with_what_they_say() -> None:
    told = text(application_rows(DETAIL))
    places = [
        told.index(one)
        for one in (
            "✓ Synced ✗ Degraded Rollout/d in wealist-prod no pods",
            "? Unknown ? Sulking Widget/e",
            "! OutOfSync ✓ Healthy Service/c in wealist-prod to be pruned",
            "✓ Synced ConfigMap/a in wealist-prod",
            "✓ Synced ✓ Healthy Deployment/b in wealist-prod",
        )
    ]
    assert places == sorted(places)


def test_policy_and_owner_say_what_becomes_of_a_live_edit() -> None:
    told = text(application_rows(replace(DETAIL, sync_options=("CreateNamespace=true",))))
    policy = "policy synced automatically, heals live edits, prunes (CreateNamespace=true)"
    assert policy in told
    assert "owner Application/wealist-apps-prod, reverts live edits of it" in told
    alone = text(application_rows(replace(DETAIL, seen=worlds.application(owner=""))))
    assert "policy synced by hand owner nobody: a live edit of it lasts" in alone


def test_an_operation_under_way_tells_since_when_and_by_whom() -> None:
    running = replace(
        DETAIL,
        seen=worlds.application(operation_phase="Running", operation_message="waiting for hooks"),
        operation_started_at=NOW,
        operation_by="kim",
    )
    told = "operation ! warn Running since 2026-01-06 03:00:00 UTC, by kim waiting for hooks"
    assert told in text(application_rows(running))


def test_conditions_and_history_are_told() -> None:
    condition = ConditionSeen("ComparisonError", "True", "", "[/] manifest generation error")
    told = text(application_rows(replace(DETAIL, seen=worlds.application(conditions=(condition,)))))
    assert "conditions ! warn ComparisonError [/] manifest generation error" in told
    assert "12 2026-01-06 03:00:00 UTC bbbbbbbbbbbb by automated 9 - cccccccccccc by kim" in told
    assert "nothing yet" in text(application_rows(replace(DETAIL, history=(), resources=())))


def test_several_sources_are_numbered_each_with_its_parameters() -> None:
    sources = (
        SourceSeen("https://git/values", "", "main", "abc"),
        SourceSeen("https://charts", "shop", "1.2.3", "", ("$values/shop.yaml",),
                   (ValueShown("config.KEY", "8 characters, print 1a2b3c4d", secret=True),)),
    )  # fmt: skip
    told = text(application_rows(replace(DETAIL, sources=sources)))
    assert "source 1 https://git/values revision main, synced abc" in told
    assert "source 2 https://charts shop revision 1.2.3 values $values/shop.yaml" in told
    assert "helm parameters config.KEY 8 characters, print 1a2b3c4d" in told


def test_how_it_was_seen_where_the_cluster_denied_it() -> None:
    denied = worlds.failure(FailureKind.FORBIDDEN, "may not get applications x")
    seen = replace(DETAIL, denied=denied, asked="GET http://argo/x", route="Argo CD's API")
    told = text(application_rows(seen))
    cluster = "cluster ? unknown may not get applications x"
    assert f"{cluster} asked GET http://argo/x route Argo CD's API" in told
