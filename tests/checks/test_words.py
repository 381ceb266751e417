"""Whatever the world looks like: it is judged, in whole sentences, and no secret gets out."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from probes.diagnosis import diagnose
from probes.model import (
    Answer,
    CheckId,
    ConditionSeen,
    ConnectionSeen,
    ContainerSeen,
    Diagnosis,
    FailureKind,
    PrefixCandidate,
    SecretHolder,
    Snapshot,
)
from tests.checks import worlds as w
from tests.checks.judging import DENIED, changed, hiding, result, settings

STOPPED = w.failure(FailureKind.REFUSED, "The server said no.")
FAILURES = [w.failure(kind, "The server said no.") for kind in FailureKind]
GIVEN: list[Answer] = [
    *FAILURES,
    w.reply(200),
    w.reply(200, "text/html"),
    w.reply(401, excerpt="invalid session: token is expired."),
    w.reply(403, excerpt="permission denied."),
    w.reply(404, "text/plain"),
    w.reply(500),
    w.reply(503, ""),
    replace(w.reply(307), location="https://x/"),
]
ANSWERS: list[Answer | None] = [*GIVEN, None]

answers = st.sampled_from(ANSWERS)
failures = st.sampled_from(FAILURES)
flags = st.sampled_from([True, False, None])


@st.composite
def prometheus(draw: st.DrawFn) -> object:
    prefixes = draw(st.lists(st.sampled_from(["", w.PREFIX, "/other"]), unique=True, max_size=3))
    candidates = tuple(
        PrefixCandidate(one, draw(st.sampled_from([("no prefix",), ("argument x",)])), a, b)
        for one in prefixes
        for a in [draw(st.sampled_from(GIVEN))]
        for b in [draw(st.sampled_from(GIVEN))]
    )
    return w.prometheus(
        url=draw(st.sampled_from([None, w.ORIGIN, w.ORIGIN + w.PREFIX + "/", "http://u:pw9@h/x"])),
        origin=draw(st.sampled_from([None, w.ORIGIN])),
        malformed=draw(st.sampled_from(["", "it has no host."])),
        root=draw(answers),
        url_query=draw(answers),
        ready=draw(answers),
        candidates=candidates,
        traffic=draw(st.sampled_from([None, w.traffic(), w.traffic(0), w.traffic(None, by={})])),
        pods=draw(st.sampled_from([(), DENIED])),
    )


@st.composite
def workload(draw: st.DrawFn) -> object:
    environments = [
        STOPPED,
        w.environment(),
        w.environment({}),
        w.environment(settings(LOKI_URL="http://u:pw9@loki/x", PROMETHEUS_URL="http://[")),
        hiding("ConfigMap", "ops-service-config"),
        hiding("Secret", "wealist-shared-secret"),
        changed("Secret", "wealist-shared-secret", 5),
    ]
    starts = [
        None,
        w.startup(),
        w.startup(prometheus_configured=False, argocd_configured=False, kube_client=False),
        w.startup(migration="failed", migration_error="ERROR: 42704.", loki_url="http://u:pw9@l"),
    ]
    crash = ContainerSeen("istio-proxy", reason="CrashLoopBackOff", restarts=4, last_exit_code=1)
    stuck = ContainerSeen("ops-service", reason="ImagePullBackOff", message="no image.")
    controllers = [
        STOPPED,
        w.controller(),
        w.controller(desired=0),
        w.controller(ready=0),
        w.controller(updated=0, paused=True),
        w.controller(conditions=(ConditionSeen("ReplicaFailure", "True", "", "denied."),)),
    ]
    pods = [
        (),
        (w.pod(),),
        (w.pod(ready=False, containers=(crash,)),),
        (w.pod(ready=False, containers=(stuck,)),),
        (w.pod(ready=False, phase="Pending", reason="Unschedulable", message=""),),
    ]
    return w.workload(
        controller=draw(st.sampled_from(controllers)),
        pods=draw(st.sampled_from(pods)),
        environment=draw(st.sampled_from(environments)),
        startup=draw(st.sampled_from(starts)),
        denied=draw(st.sampled_from([(), (DENIED,)])),
    )


@st.composite
def argocd(draw: st.DrawFn) -> object:
    return w.argocd(
        url=draw(st.sampled_from(["https://argocd", "https://u:pw9@argocd"])),
        insecure=draw(st.booleans()),
        token=draw(st.sampled_from([None, w.token(), w.token(expires_at=w.NOW, subject="")])),
        version_answer=draw(answers),
        version=draw(st.sampled_from(["", "v2"])),
        userinfo=draw(answers),
        logged_in=draw(flags),
        may_list=draw(flags),
        list_answer=draw(answers),
        applications=draw(st.sampled_from([None, (), w.argocd().applications])),
        holders=draw(st.sampled_from([None, DENIED, (), (SecretHolder("s", "k", False),)])),
    )


@st.composite
def database(draw: st.DrawFn) -> object:
    counted = draw(st.sampled_from([STOPPED, 0, 1, 2, None]))
    bare = replace(
        w.table("app_configs"), indexes=(), owned=draw(st.booleans()), duplicates=counted
    )
    all_of_them = w.database().tables
    there = ConnectionSeen("17", "ann", "ops_db", "", draw(st.booleans()))
    failed = replace(draw(failures), code=draw(st.sampled_from(["", "3D000", "42501", "28P01"])))
    return w.database(
        connection=draw(st.sampled_from([there, failed])),
        tables=draw(st.sampled_from([STOPPED, (), (w.hand_made_users(), bare), all_of_them])),
    )


@st.composite
def portal(draw: st.DrawFn) -> object:
    return w.portal(
        by_api=draw(st.booleans()),
        health=draw(answers),
        config_active=draw(answers),
        overview_answer=draw(answers),
        overview=draw(st.sampled_from([None, w.ZERO, w.portal().overview])),
        applications_answer=draw(answers),
        applications=draw(st.sampled_from([None, 0, 1])),
        recent_errors=draw(answers),
        queries=draw(st.sampled_from([(), (w.query(None),), w.portal().queries])),
        token_failure=draw(st.sampled_from([None, STOPPED])),
    )


@st.composite
def application(draw: st.DrawFn) -> object:
    return w.application(
        sync=draw(st.sampled_from(["", "Synced", "OutOfSync", "Unknown"])),
        health=draw(st.sampled_from(["", "Healthy", "Degraded", "Progressing"])),
        operation_phase=draw(st.sampled_from(["", "Running", "Failed"])),
        parameters={"config.PROMETHEUS_URL": draw(st.sampled_from(["", "http://u:pw9@p"]))},
        owner_self_heals=draw(flags),
    )


def snapshots() -> st.SearchStrategy[Snapshot]:
    parts = {
        "workload": workload(),
        "application": application(),
        "prometheus": prometheus(),
        "argocd": argocd(),
        "database": database(),
        "portal": portal(),
    }
    return st.builds(
        w.world, **{name: st.one_of(part, part, failures) for name, part in parts.items()}
    )


_UNFINISHED = re.compile(r"\{\w+\}|\.\.| \.|;\.|None|  ")
"""A field that was not filled, two stops, a hole where a value should be."""


def words(diagnosis: Diagnosis) -> list[str]:
    told = [diagnosis.sentence, *(edge.label for edge in diagnosis.path)]
    for cause in diagnosis.causes:
        told += [cause.explanation, cause.advice]
    return told + [one.summary for one in diagnosis.results]


@trials(derandomize=True, deadline=None)
@given(snapshots())
def test_every_world_is_told_in_whole_sentences_without_a_secret(snapshot: Snapshot) -> None:
    diagnosis = diagnose(snapshot)
    for text in words(diagnosis):
        assert text.strip() == text != ""
        assert not _UNFINISHED.search(text)
    for cause in diagnosis.causes:
        assert cause.explanation.endswith(".")
        assert cause.advice.endswith(".")
    assert "pw9" not in repr(diagnosis)


@trials(derandomize=True, deadline=None)
@given(snapshots())
def test_consequences_lead_to_a_root_and_roots_stand_first(snapshot: Snapshot) -> None:
    causes = {one.id: one for one in diagnose(snapshot).causes}
    for cause in causes.values():
        seen = {cause.id}
        while cause.consequence_of is not None:
            cause = causes[cause.consequence_of]
            assert cause.id not in seen
            seen.add(cause.id)
    order = [one.consequence_of is not None for one in causes.values()]
    assert order == sorted(order)


PARTS: list[tuple[str, Any]] = [
    ("workload", w.workload()),
    ("application", w.application()),
    ("prometheus", w.prometheus()),
    ("argocd", w.argocd()),
    ("database", w.database()),
    ("portal", w.portal()),
]


def _may_fail(annotation: str) -> bool:
    one_of = annotation.split(" | ")
    return "Failure" in one_of or "Answer" in one_of


def failing_parts() -> list[Any]:
    """Each field of each source that may hold a Failure, with one in it."""
    return [
        pytest.param(name, replace(seen, **{field.name: one}), id=f"{name}.{field.name}-{one.kind}")
        for name, seen in PARTS
        for field in fields(seen)
        if _may_fail(str(field.type))
        for one in FAILURES
    ]


OURS = (FailureKind.FORBIDDEN, FailureKind.UNAVAILABLE)


@pytest.mark.parametrize(("source", "seen"), failing_parts())
def test_a_failure_in_any_field_is_judged(source: str, seen: object) -> None:
    diagnosis = diagnose(w.world(**{source: seen}))
    assert all(one.summary for one in diagnosis.results)
    if any(f"kind=<FailureKind.{kind.name}" in repr(seen) for kind in OURS):
        assert diagnosis.causes == ()


def test_a_long_message_from_outside_does_not_fill_the_summary() -> None:
    policy = "admission webhook denied the request: " + "a reason " * 60
    seen = w.controller(conditions=(ConditionSeen("ReplicaFailure", "True", "x", policy),))
    snapshot = w.world(workload=w.workload(controller=seen))
    assert len(result(snapshot, CheckId.WORKLOAD_ROLLOUT).summary) < 230
    assert policy.strip() in diagnose(snapshot).causes[0].explanation


def test_passwords_in_addresses_are_not_shown_anywhere() -> None:
    url = "http://ann:s3cr3t@prometheus:9090"
    environment = w.environment(
        settings(PROMETHEUS_URL=url, LOKI_URL=url, DATABASE_URL="postgres://u:s3cr3t@db/x")
    )
    seen = w.workload(environment=environment, startup=w.startup(prometheus_url=url))
    wanted = w.application(parameters={"config.PROMETHEUS_URL": url})
    snapshot = w.world(workload=seen, application=wanted, argocd=w.argocd(url=url))
    assert "s3cr3t" not in repr(diagnose(snapshot))


def test_a_setting_with_a_terminal_sequence_in_it_is_shown_without() -> None:
    hostile = "http://x:9\x1b]52;c;aGk=\x07/y\u202e"
    names = ("PROMETHEUS_URL", "PROMETHEUS_NAMESPACE", "LOKI_URL", "DB_AUTO_MIGRATE")
    environment = w.environment({**w.SETTINGS, **dict.fromkeys(names, hostile)})
    application = w.application(parameters={"config.PROMETHEUS_URL": hostile})
    diagnosis = diagnose(
        w.world(workload=w.workload(environment=environment, startup=None), application=application)
    )
    shown = [diagnosis.sentence, *(one.summary for one in diagnosis.results)]
    shown += [text for one in diagnosis.causes for text in (one.explanation, one.advice)]
    for one in diagnosis.results:
        shown += [text for row in one.evidence for text in (row.label, row.value, row.source)]
    assert any("http://x:9/y" in text for text in shown)
    assert all(text.isprintable() for text in shown)
