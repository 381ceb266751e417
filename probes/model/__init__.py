"""The vocabulary: what is seen, judged, named and drawn. Pure values, no I/O."""

from probes.model.argocd import (
    ApplicationRow,
    ApplicationSeen,
    ArgoCDSeen,
    SecretHolder,
    TokenSeen,
)
from probes.model.database import (
    ColumnSeen,
    ConnectionSeen,
    ConstraintSeen,
    DatabaseSeen,
    DsnSeen,
    IndexSeen,
    TableSeen,
    TableWanted,
)
from probes.model.failure import Failure, FailureKind, ProbeError
from probes.model.history import NO_HISTORY, Change, History, Look
from probes.model.ids import CauseId, CheckId
from probes.model.logs import Level, LogLine, LogsSeen, PodLog
from probes.model.observation import Answer, Observation, Reply
from probes.model.portal import OverviewNumbers, PortalSeen
from probes.model.prometheus import (
    JobSeen,
    PrefixCandidate,
    PrometheusSeen,
    QuerySeen,
    RatesSeen,
    ScrapesSeen,
    ServiceRates,
    TrafficSeen,
)
from probes.model.snapshot import Snapshot, Source
from probes.model.status import Status, worst
from probes.model.verdict import Cause, CheckResult, Diagnosis, Evidence, NamedCause, PathEdge
from probes.model.workload import (
    ConditionSeen,
    ContainerSeen,
    ControllerSeen,
    EnvironmentSeen,
    EnvOrigin,
    EnvReference,
    EnvVar,
    EventSeen,
    PodSeen,
    StartupSeen,
    WorkloadSeen,
)

__all__ = [
    "NO_HISTORY",
    "Answer",
    "ApplicationRow",
    "ApplicationSeen",
    "ArgoCDSeen",
    "Cause",
    "CauseId",
    "Change",
    "CheckId",
    "CheckResult",
    "ColumnSeen",
    "ConditionSeen",
    "ConnectionSeen",
    "ConstraintSeen",
    "ContainerSeen",
    "ControllerSeen",
    "DatabaseSeen",
    "Diagnosis",
    "DsnSeen",
    "EnvOrigin",
    "EnvReference",
    "EnvVar",
    "EnvironmentSeen",
    "EventSeen",
    "Evidence",
    "Failure",
    "FailureKind",
    "History",
    "IndexSeen",
    "JobSeen",
    "Level",
    "LogLine",
    "LogsSeen",
    "Look",
    "NamedCause",
    "Observation",
    "OverviewNumbers",
    "PathEdge",
    "PodLog",
    "PodSeen",
    "PortalSeen",
    "PrefixCandidate",
    "ProbeError",
    "PrometheusSeen",
    "QuerySeen",
    "RatesSeen",
    "Reply",
    "ScrapesSeen",
    "SecretHolder",
    "ServiceRates",
    "Snapshot",
    "Source",
    "StartupSeen",
    "Status",
    "TableSeen",
    "TableWanted",
    "TokenSeen",
    "TrafficSeen",
    "WorkloadSeen",
    "worst",
]
