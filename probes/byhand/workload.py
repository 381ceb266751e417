"""By hand: the workload, its settings, its logs, and what the portal shows."""

from __future__ import annotations

from collections.abc import Iterator

from probes.byhand.command import By, Command, setting, started_with
from probes.byhand.reaching import curl

_SETTINGS = ("PROMETHEUS_URL", "PROMETHEUS_NAMESPACE", "LOKI_URL", "DB_AUTO_MIGRATE")
_BAD = '\'"level":"(warn|error|fatal|panic)"\''
_BEARER = '-H "Authorization: Bearer $OPSPORTAL_TOKEN"'
"""In double quotes: the shell puts the value in when it runs."""

_ZAP_START = "Starting Ops Service"


def portal(by: By) -> Iterator[Command]:
    """What does the portal's API answer?"""
    port = by.config.server_port
    forward = by.kubectl("port-forward", by.target, f"{port}:{port}")
    yield Command("make it reachable, in another terminal", forward)
    base = f"http://localhost:{port}"
    yield Command("health, without a token", curl(f"{base}/health/ready"))
    path = f"{base}{by.config.base_path}/monitoring"
    for what, asked in (
        ("its numbers, with your own token", "metrics/overview"),
        ("its applications", "applications"),
    ):
        yield Command(what, f"{curl(f'{path}/{asked}')} {_BEARER}")


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
