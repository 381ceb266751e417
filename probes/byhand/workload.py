"""By hand: the workload, its settings, its logs, and what the portal shows."""

from __future__ import annotations

from collections.abc import Iterator

from probes.byhand.command import By, Command, setting, started_with

_SETTINGS = ("PROMETHEUS_URL", "PROMETHEUS_NAMESPACE", "LOKI_URL", "DB_AUTO_MIGRATE")
_BAD = '\'"level":"(warn|error|fatal|panic)"\''
_ZAP_START = "Starting Ops Service"


def portal(by: By) -> Iterator[Command]:
    """What does the portal's API answer?"""
    port = by.config.server_port
    forward = by.kubectl("port-forward", by.target, f"{port}:{port}")
    yield Command("make it reachable, in another terminal", forward)
    base = f"http://localhost:{port}"
    yield Command("health, without a token", f"curl -sS {base}/health/ready")
    path = f"{base}{by.config.base_path}/monitoring"
    header = '-H "Authorization: Bearer $OPSPORTAL_TOKEN"'
    yield Command("its numbers, with your own token", f"curl -sS {header} {path}/metrics/overview")
    yield Command("its applications", f"curl -sS {header} {path}/applications")


def logs(by: By) -> Iterator[Command]:
    """What is logged, startup lines included?"""
    read = by.kubectl(
        "logs", "-l", by.selector, "-c", by.container, "--tail=-1", "--prefix", "--timestamps"
    )
    yield Command(
        "warnings and errors of all pods, from their start on", f"{read} | grep -E {_BAD}"
    )


def rollout(by: By) -> Iterator[Command]:
    """Are the pods ready and new?"""
    yield Command("the pods", by.kubectl("get", "pods", "-l", by.selector, "-o", "wide"))
    yield Command("the controller", by.kubectl("get", by.target, "-o", "wide"))
    yield Command("why pods are missing", by.kubectl("describe", by.target))
    warnings = ("--field-selector", "type=Warning")
    yield Command("recent warnings", by.kubectl("get", "events", *warnings))


def config(by: By) -> Iterator[Command]:
    """Do container, ConfigMap and Application agree?"""
    for name in _SETTINGS:
        if name in by.environment.variables:
            yield setting(by, name)
    yield started_with(by, "Prometheus client initialized")
    yield started_with(by, _ZAP_START)


def loki(by: By) -> Iterator[Command]:
    """Is LOKI_URL set, and without a prefix?"""
    yield setting(by, "LOKI_URL")
    yield started_with(by, "Loki")
