"""By hand: the shell commands by which a person would verify a check, with the real names. Pure.

No command holds a secret: where one is needed it is read at run time into a variable, or asked
for at a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.byhand import argocd, database, prometheus, workload
from probes.byhand.command import By, Command, Telling
from probes.model import CheckId, Snapshot

__all__ = ["Command", "commands"]

_TELLING: Mapping[CheckId, Telling] = {
    CheckId.PORTAL_METRICS: workload.portal,
    CheckId.PROMETHEUS_ROUTE_PREFIX: prometheus.prefix,
    CheckId.PROMETHEUS_URL: prometheus.url,
    CheckId.ARGOCD_TOKEN: argocd.token,
    CheckId.DB_MIGRATION: database.migration,
    CheckId.LOGS_ERRORS: workload.logs,
    CheckId.PROMETHEUS_READY: prometheus.ready,
    CheckId.ARGOCD_SERVER: argocd.server,
    CheckId.ARGOCD_APPLICATION: argocd.application,
    CheckId.DB_CONNECTION: database.connection,
    CheckId.DB_CONSTRAINTS: database.constraints,
    CheckId.WORKLOAD_ROLLOUT: workload.rollout,
    CheckId.WORKLOAD_CONFIG: workload.config,
    CheckId.LOKI_URL: workload.loki,
}


def commands(
    check: CheckId, snapshot: Snapshot, context: str = "", kubeconfig: str = ""
) -> tuple[Command, ...]:
    """What to type for that check.

    `context` and `kubeconfig` (a path) are what kubectl is to be given; empty for its own choice.
    """
    return tuple(_TELLING[check](By(snapshot, context, kubeconfig)))
