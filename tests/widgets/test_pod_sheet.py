"""The pod sheet: every container, the settings that differ, events, the environment by origin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.model import (
    ContainerDetail,
    ContainerSeen,
    EventSeen,
    Evidence,
    FailureKind,
    PodDetail,
    SettingShown,
    ValueShown,
    VariableShown,
)
from tests.checks import worlds
from tests.checks.worlds import NOW
from tests.widgets.sheets import WIDTHS, lines, text
from widgets.pod_sheet import pod_rows

CRASHING = ContainerSeen(
    "ops-service",
    image="registry.example.com/prod/ops-service:135-bd070f7",
    state="waiting",
    reason="CrashLoopBackOff",
    message="back-off 5m0s",
    restarts=7,
    last_reason="OOMKilled",
    last_exit_code=137,
    last_finished_at=NOW,
)
DETAIL = PodDetail(
    pod=worlds.pod(ready=False, owner="ReplicaSet/ops-service-1"),
    node="ip-10-0-1-10.ap-northeast-2.compute.internal",
    containers=(
        ContainerDetail(ContainerSeen("wait", state="terminated", reason="Completed"), init=True),
        ContainerDetail(CRASHING, limits={"memory": "256Mi"}),
    ),
    container="ops-service",
    variables=(
        VariableShown(ValueShown("A_NAME_THAT_IS_LONGER_THAN_THE_COLUMN", "x"), "ConfigMap a"),
        VariableShown(ValueShown("PORT", "8005"), "ConfigMap a", ("ConfigMap b", "Secret c")),
        VariableShown(ValueShown("DB_PASSWORD", "32 characters, print 1a2b3c4d", True), "Secret c"),
        VariableShown(ValueShown("POD_IP", "10.0.0.1"), "field status.podIP"),
    ),
)


@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_readable_at_every_width(width: int) -> None:
    assert lines(pod_rows(DETAIL), width)


def test_a_container_tells_why_it_is_down_and_how_it_ended_last() -> None:
    told = text(pod_rows(DETAIL))
    assert "container ops-service state ✗ fail waiting, CrashLoopBackOff: back-off 5m0s" in told
    ended = "restarts ! warn 7, the last one: OOMKilled, exit code 137, 2026-01-06 03:00:00 UTC"
    assert ended in told
    assert "requests none limits memory 256Mi" in told
    assert "init container wait state ✓ pass terminated, Completed" in told


def test_a_running_container_that_is_not_ready_says_so() -> None:
    running = replace(CRASHING, state="running", reason="", message="", started_at=NOW)
    told = text(pod_rows(replace(DETAIL, containers=(ContainerDetail(running),))))
    assert "state ✗ fail running since 2026-01-06 03:00:00 UTC, not ready" in told


def test_the_environment_stands_under_its_origin_with_what_it_beats() -> None:
    told = lines(pod_rows(DETAIL))
    start = told.index("environment of ops-service, by where it comes from")
    assert [line.strip() for line in told[start + 1 :]] == [
        "ConfigMap a",
        "A_NAME_THAT_IS_LONGER_THAN_THE_COLUMN  x",
        "PORT                            8005  beats ConfigMap b, Secret c",
        "Secret c",
        "DB_PASSWORD  32 characters, print 1a2b3c4d",
        "field status.podIP",
        "POD_IP  10.0.0.1",
    ]


def test_what_could_not_be_read_stands_where_it_is_missed() -> None:
    denied = replace(
        worlds.failure(FailureKind.FORBIDDEN, "may not get secrets c"),
        asked="get secrets c in wealist-prod",
    )
    told = text(pod_rows(replace(DETAIL, unreadable=(denied,), events=denied)))
    assert told.count("? unknown may not get secrets c asked get secrets c in wealist-prod") == 2
    whole = text(pod_rows(replace(DETAIL, variables=denied)))
    assert "by where it comes from ? unknown may not get secrets c" in whole


def test_what_differs_comes_first_with_each_places_value() -> None:
    same = SettingShown(
        "LOKI_URL",
        (
            Evidence("", "http://loki:3100", "startup log of pod ops-service-1"),
            Evidence("", "http://loki:3100", "ConfigMap ops-service-config"),
        ),
    )
    other = SettingShown(
        "PROMETHEUS_URL",
        (
            Evidence("", "http://old", "startup log of pod ops-service-1"),
            Evidence("", "http://new", "ConfigMap ops-service-config"),
        ),
        ("ConfigMap ops-service-config has a newer value",),
    )
    told = text(pod_rows(DETAIL, (same, other)))
    assert (
        "! differs PROMETHEUS_URL ConfigMap ops-service-config has a newer value "
        "startup log http://old ConfigMap ops-service-config http://new "
        "✓ agrees LOKI_URL http://loki:3100 startup log, ConfigMap ops-service-config"
    ) in told


def test_events_tell_when_how_often_and_what() -> None:
    events = (
        EventSeen("Warning", "BackOff", "restarting 배포 실패 [/]", "Pod/x", 12, NOW),
        EventSeen("Normal", "Pulled", "image is there", "Pod/x"),
    )
    told = text(pod_rows(replace(DETAIL, events=events)))
    assert "2026-01-06 03:00:00 UTC ! warn BackOff ×12 restarting 배포 실패 [/]" in told
    assert "- ✓ pass Pulled image is there" in told
    assert "events, the newest first none" in text(pod_rows(DETAIL))
