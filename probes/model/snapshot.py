"""Snapshot: the newest observation of each source, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from probes.model.argocd import ApplicationSeen, ArgoCDSeen
from probes.model.database import DatabaseSeen
from probes.model.logs import LogsSeen
from probes.model.observation import Observation
from probes.model.portal import PortalSeen
from probes.model.prometheus import PrometheusSeen
from probes.model.workload import WorkloadSeen


class Source(StrEnum):
    """What a sweep asks; each value is the name of the `Snapshot` field it fills."""

    WORKLOAD = "workload"
    APPLICATION = "application"
    PROMETHEUS = "prometheus"
    ARGOCD = "argocd"
    DATABASE = "database"
    LOGS = "logs"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One sweep's view of the world. None: not answered yet. Times are UTC."""

    profile: str
    namespace: str
    workload_name: str
    started_at: datetime
    finished_at: datetime | None = None
    workload: Observation[WorkloadSeen] | None = None
    application: Observation[ApplicationSeen] | None = None
    prometheus: Observation[PrometheusSeen] | None = None
    argocd: Observation[ArgoCDSeen] | None = None
    database: Observation[DatabaseSeen] | None = None
    logs: Observation[LogsSeen] | None = None
    portal: Observation[PortalSeen] | None = None

    @property
    def finished(self) -> bool:
        """Whether every source has answered or failed."""
        return self.finished_at is not None
