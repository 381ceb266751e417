"""The checklist: pure judgements of a snapshot, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from probes.checks import (
    argocd,
    argocd_token,
    config,
    database,
    logs,
    loki,
    migration,
    portal,
    prometheus,
    prometheus_url,
    workload,
)
from probes.checks.base import Check
from probes.model import CheckId, CheckResult, Snapshot, Source

__all__ = ["CHECKLIST", "Check", "judge_all", "sources_of"]

CHECKLIST: tuple[Check, ...] = (
    portal.METRICS,
    prometheus.ROUTE_PREFIX,
    prometheus_url.URL,
    argocd_token.TOKEN,
    migration.MIGRATION,
    logs.ERRORS,
    prometheus.READY,
    argocd.SERVER,
    argocd.APPLICATION,
    database.CONNECTION,
    migration.CONSTRAINTS,
    workload.ROLLOUT,
    config.CONFIG,
    loki.URL,
)


def judge_all(snapshot: Snapshot) -> tuple[CheckResult, ...]:
    """The verdicts of all checks, in the checklist's order."""
    return tuple(check.judge(snapshot) for check in CHECKLIST)


def sources_of(only: Iterable[CheckId]) -> frozenset[Source]:
    """What a sweep has to ask so that these checks can be judged."""
    wanted = frozenset(only)
    checks = (check for check in CHECKLIST if check.id in wanted)
    return frozenset(source for check in checks for source in check.sources)
