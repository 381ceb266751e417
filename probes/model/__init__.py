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
)
from probes.model.failure import Failure, FailureKind, ProbeError
from probes.model.history import NO_HISTORY, Change, History, Look
from probes.model.ids import CauseId, CheckId
from probes.model.logs import Level, LogLine, LogsSeen, PodLog
from probes.model.observation import Answer, Observation, Reply
from probes.model.portal import OverviewNumbers, PortalSeen
from probes.model.prometheus import PrefixCandidate, PrometheusSeen, QuerySeen, TrafficSeen
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
    "Reply",
    "SecretHolder",
    "Snapshot",
    "Source",
    "StartupSeen",
    "Status",
    "TableSeen",
    "TokenSeen",
    "TrafficSeen",
    "WorkloadSeen",
    "worst",
]
