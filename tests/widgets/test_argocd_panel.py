"""The Argo CD panel: the token with its time, the owner, and what is not well first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from probes.model import ApplicationRow, Failure, FailureKind, SecretHolder, Snapshot, Status
from tests.checks import worlds as w
from tests.tui.dashboards import healthy, incident, unseen
from tests.widgets.panels import WIDTHS, lines, rows, styles_of, text
from widgets.argocd_panel import ArgoCDPanel
from widgets.status import style_of

PANEL = ArgoCDPanel(2)


def with_token(left: timedelta | None, **changes: object) -> Snapshot:
    expires_at = None if left is None else w.NOW + left
    return w.world(argocd=w.argocd(token=w.token(expires_at=expires_at), **changes))


def app(name: str, sync: str, health: str) -> ApplicationRow:
    return ApplicationRow(name, "argocd", "wealist-prod", sync, health)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("world", [incident, healthy, unseen], ids=lambda world: world.__name__)
def test_it_is_readable_at_every_width(world: Callable[[], Snapshot], width: int) -> None:
    assert lines(PANEL, world(), width)


def test_server_token_and_rights() -> None:
    assert lines(PANEL, healthy())[:5] == [
        "http://argocd-server.argocd.svc.cluster.local",
        "server  ✓ pass  v2.10.1",
        "token   ✓ pass  portal:apiKey",
        "        30 d left",
        "rights  ✓ pass  lists 5 apps",
    ]


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (None, "never expires"),
        (timedelta(days=29, hours=23, minutes=59), "29 d 23 h left"),
        (timedelta(days=2, minutes=5), "! warn 2 d 5 min left"),
        (timedelta(hours=3, minutes=12, seconds=59), "! warn 3 h 12 min left"),
        (timedelta(minutes=1), "! warn 1 min left"),
        (timedelta(seconds=59), "! warn less than a minute left"),
        (timedelta(0), "✗ fail expired less than a minute ago"),
        (timedelta(hours=-5), "✗ fail expired 5 h ago"),
    ],
)
def test_the_countdown(left: timedelta | None, said: str) -> None:
    assert f"portal:apiKey {said} " in text(PANEL, with_token(left))


def test_its_words_change_once_a_minute_at_most() -> None:
    told = with_token(timedelta(hours=1, seconds=30))
    assert told.argocd is not None
    seen = [
        rows(PANEL, replace(told, argocd=replace(told.argocd, started_at=w.NOW + passed)))
        for passed in (timedelta(seconds=15 * sweep) for sweep in range(41))
    ]
    changes = [before != after for before, after in pairwise(seen)]
    assert sum(changes) == 10, "ten minutes"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"logged_in": False}, "token ✗ fail portal:apiKey, not accepted"),
        ({"logged_in": None}, "token ? unknown portal:apiKey"),
        ({"may_list": False, "applications": ()}, "rights ✗ fail may list none"),
        ({"may_list": True, "applications": ()}, "rights ✗ fail may list, sees none"),
        ({"may_list": None, "applications": ()}, "rights ✗ fail lists none"),
        (
            {"may_list": None, "applications": None, "list_answer": w.reply(401)},
            "rights ✗ fail 401",
        ),
    ],
)
def test_what_the_token_may(changes: dict[str, object], said: str) -> None:
    assert said in text(PANEL, with_token(None, **changes))


def test_no_token_and_where_one_lies() -> None:
    holders = (SecretHolder("ops-service-argocd-token", "token", referenced=False),)
    changes: dict[str, object] = {"logged_in": None, "list_answer": None, "applications": None}
    world = w.world(argocd=w.argocd(token=None, holders=holders, may_list=None, **changes))
    said = "token ✗ fail none Secret ops-service-argocd-token holds one app"
    assert said in text(PANEL, world)
    assert "token ✗ fail none app" in text(PANEL, incident())


def test_what_is_not_well_stands_first_and_what_is_well_together() -> None:
    listed = (
        app("auth", "Synced", "Healthy"),
        app("board", "OutOfSync", "Healthy"),
        app("chat", "OutOfSync", "Degraded"),
        app("noti", "Synced", "Degraded"),
        app("storage", "Synced", "Healthy"),
        app("user", "", "Odd"),
    )
    told = lines(PANEL, w.world(argocd=w.argocd(applications=listed)))
    assert told[-10:] == [
        "! OutOfSync  ✗ Degraded  1",
        "  chat",
        "✓ Synced  ✗ Degraded  1",
        "  noti",
        "! OutOfSync  ✓ Healthy  1",
        "  board",
        "? unknown  ? Odd  1",
        "  user",
        "✓ Synced  ✓ Healthy  2",
        "  auth, storage",
    ]


@pytest.mark.parametrize(
    ("heals", "said"),
    [(True, " heals live edits"), (False, " leaves live edits"), (None, "")],
)
def test_the_owner_and_whether_it_heals(heals: bool | None, said: str) -> None:
    owned = w.world(application=w.application(owner_self_heals=heals))
    assert f"owner Application/wealist-apps-prod{said} ✓" in text(PANEL, owned)


def test_what_differs_from_git_and_why_it_is_not_healthy() -> None:
    application = w.application(
        sync="OutOfSync",
        health="Degraded",
        health_message="deadline exceeded",
        out_of_sync=("ConfigMap/ops-service-config", "Deployment/ops-service"),
    )
    told = text(PANEL, w.world(application=application))
    assert "app ops-service-prod ! OutOfSync ✗ Degraded deadline exceeded" in told
    assert "differs ConfigMap/ops-service-config, Deployment/ops-service" in told
    degraded = styles_of(PANEL, w.world(application=application), "✗ Degraded")
    assert degraded == [style_of(Status.FAIL)]


def test_the_application_is_told_where_the_server_is_not_seen() -> None:
    failure = Failure(FailureKind.REFUSED, "argocd-server refuses the connection")
    told = text(PANEL, w.world(argocd=failure))
    assert "? unknown argocd-server refuses the connection" in told
    assert "app ops-service-prod ✓ Synced ✓ Healthy" in told
