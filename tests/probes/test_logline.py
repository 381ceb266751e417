"""Given the lines of facts about ops-service's logs, when they are parsed, levels are read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from probes.logline import parse, startup
from probes.model import Level, LogLine, StartupSeen
from probes.text import Redactor

STAMP = "2026-01-06T02:34:05.123456789Z "


def zap(level: str, msg: str, **fields: object) -> str:
    head = {"level": level, "ts": 1767666845.5, "caller": "ops-service/main.go:157", "msg": msg}
    return json.dumps(head | fields)


def test_a_json_line_tells_level_time_message_and_fields() -> None:
    line = parse("p", zap("warn", "Portal user not found", error="42P01", **{"http.x": 0.5}))
    assert (line.level, line.message) == (Level.WARN, "Portal user not found")
    assert line.time == datetime(2026, 1, 6, 2, 34, 5, 500_000, tzinfo=UTC)
    assert line.fields == {"caller": "ops-service/main.go:157", "error": "42P01", "http.x": "0.5"}


def test_the_kubelets_time_comes_first_and_is_taken_off() -> None:
    line = parse("p", STAMP + zap("info", "x"))
    assert line.time == datetime(2026, 1, 6, 2, 34, 5, 123_456, tzinfo=UTC)
    assert line.raw.startswith("{")
    plain = parse("p", f"{STAMP}[GIN-debug] GET /metrics")
    assert (plain.time, plain.message) == (line.time, "[GIN-debug] GET /metrics")


def test_an_info_line_about_errors_is_no_error() -> None:
    target = {"http.target": "/api/monitoring/errors/recent"}
    assert parse("p", zap("info", "Request completed", **target)).level is Level.INFO


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("[GIN-debug] [WARNING] Running in debug mode. Error.", Level.PLAIN),
        (" - using env:\texport GIN_MODE=release", Level.PLAIN),
        ("Database connection attempt 3 failed: dial error", Level.WARN),
        ("Warning: Failed to parse DATABASE_URL: x", Level.WARN),
        ("Failed to load configuration: jwt secret is required", Level.ERROR),
        ("redis: 2026/01/06 02:34:05 pool.go:590: failed to dial after 5 attempts", Level.WARN),
        ("panic: runtime error: invalid memory address", Level.ERROR),
        ("fatal error: all goroutines are asleep", Level.ERROR),
        ("goroutine 1 [running]:", Level.PLAIN),
        ('{"broken": ', Level.PLAIN),
        ('{"neither": "level nor message"}', Level.PLAIN),
        ("[1, 2]", Level.PLAIN),
        ("", Level.PLAIN),
        (zap("dpanic", "x"), Level.ERROR),
        (zap("panic", "x"), Level.FATAL),
        (zap("FATAL", "x"), Level.FATAL),
        (zap("made-up", "x"), Level.PLAIN),
    ],
)
def test_levels(text: str, level: Level) -> None:
    assert parse("p", text).level is level


def test_nothing_of_a_hostile_line_reaches_the_terminal() -> None:
    evil = "\x1b]52;c;cm0=\x07 Gotcha \x1b[31m"
    for text in (evil, zap("error", evil, error=evil), f"{STAMP}{evil}"):
        line = parse("p", text)
        assert "\x1b" not in repr([line.message, line.raw, *line.fields.values()])
        assert "\\x1b" not in repr(line)


@pytest.mark.parametrize("name", ["stacktrace", "stack", "errorVerbose", "error.stack_trace"])
def test_a_stack_trace_keeps_its_lines_and_nothing_else_does(name: str) -> None:
    trace = "main.run\n\t/app/main.go:7\nmain.main\x1b[2J\n\t/app/main.go:3"
    line = parse("p", zap("error", "two\nlines", error="one\ntwo", **{name: trace}))
    assert line.fields[name].split("\n") == [
        "main.run",
        "/app/main.go:7",
        "main.main",
        "/app/main.go:3",
    ]
    assert (line.message, line.fields["error"]) == ("two lines", "one two")


def test_a_stack_trace_is_no_longer_than_what_is_kept_of_one() -> None:
    endless = parse("p", zap("error", "x", stacktrace="main.run\n" * 100_000))
    assert len(endless.fields["stacktrace"]) == 8_000
    assert endless.fields["stacktrace"].endswith("…")


def test_secrets_are_out_of_every_part() -> None:
    hide = Redactor([SecretStr("hunter22")])
    text = zap("error", "login hunter22", error="pw=hunter22", nested={"a": ["hunter22"]})
    assert "hunter22" not in repr(parse("p", text, hide))
    assert "hunter22" not in repr(parse("p", f"x {'y' * 3_995}hunter22", hide))


@given(st.text(st.characters()))
def test_any_text_can_be_parsed(text: str) -> None:
    assert isinstance(parse("p", text), LogLine)


@given(
    st.dictionaries(
        st.sampled_from(["level", "ts", "msg", "x"]),
        st.none() | st.floats() | st.integers() | st.text() | st.lists(st.integers()),
    )
)
def test_any_object_can_be_parsed(found: dict[str, object]) -> None:
    assert isinstance(parse("p", STAMP + json.dumps(found)), LogLine)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"msg":' * 100_000, '{"ts":1e400,"msg":"x"}'])
def test_abysses_are_survived(text: str) -> None:
    assert parse("p", text).pod == "p"


def read(*lines: str) -> StartupSeen | None:
    return startup("p", [parse("p", line) for line in lines])


def test_the_startup_lines_tell_what_the_process_holds() -> None:
    seen = read(
        zap("info", "Starting Ops Service"),
        zap("warn", "Failed to run database migrations", error="SQLSTATE 42704"),
        zap("warn", "ArgoCD configuration incomplete, ArgoCD features disabled"),
        zap("info", "Kubernetes client initialized", inCluster=True),
        zap("info", "Prometheus client initialized", baseURL="http://p:9090", namespace="ns"),
        zap("warn", "Loki URL not configured, logs endpoints will return empty results"),
    )
    assert seen == StartupSeen(
        pod="p",
        prometheus_url="http://p:9090",
        prometheus_namespace="ns",
        loki_url="",
        prometheus_configured=True,
        loki_configured=False,
        argocd_configured=False,
        migration="failed",
        migration_error="SQLSTATE 42704",
        kube_client=True,
    )


def test_the_other_startup_lines() -> None:
    seen = read(
        zap("info", "Database auto-migration disabled (DB_AUTO_MIGRATE=false)"),
        zap("info", "ArgoCD client initialized", serverURL="https://argocd"),
        zap("warn", "Failed to initialize Kubernetes client, ArgoCD RBAC management disabled"),
        zap("warn", "Prometheus URL not configured, metrics endpoints will be disabled"),
        zap("info", "Loki client initialized", baseURL="http://loki:3100", namespace="ns"),
    )
    assert seen is not None
    assert (seen.migration, seen.kube_client) == ("disabled", False)
    assert (seen.argocd_configured, seen.argocd_url) == (True, "https://argocd")
    assert (seen.prometheus_configured, seen.prometheus_url) == (False, "")
    assert (seen.loki_configured, seen.loki_url) == (True, "http://loki:3100")


def test_a_log_without_startup_lines_tells_nothing() -> None:
    assert read(zap("info", "Request completed")) is None


def test_of_an_overlong_line_it_is_told_how_much_there_is() -> None:
    whole = (
        '{"level":"error","ts":1767668400.5,"msg":"Failed \\"it\\"","error":"' + "x" * 9_000 + '"}'
    )
    line = parse("p", whole)
    assert (line.level, len(line.raw), line.written) == (Level.ERROR, 4_000, len(whole))
    assert parse("p", "x" * 4_000).written == 0


@pytest.mark.parametrize(
    ("start", "level", "message"),
    [
        ('{"level":"error","msg":"Failed \\"it\\"","error":"xxx', Level.ERROR, 'Failed "it"'),
        ('{"level":"warn","msg":"' + "y" * 300_000, Level.WARN, "y" * 1_000),
        ('{"level":"warn","error":"xxx', Level.WARN, ""),
        ('{"xxx', Level.PLAIN, '{"xxx'),
        ("panic: xxx", Level.ERROR, "panic: xxx"),
    ],
)
def test_of_a_line_whose_beginning_alone_is_kept_the_level_is_known(
    start: str, level: Level, message: str
) -> None:
    line = parse("p", f"2026-01-06T02:34:00Z {start}", length=1_000_021)
    assert (line.level, line.message, line.written) == (level, message, 1_000_000)
    assert line.time is not None
