"""The registry: every remedy there is, in the order in which they are offered for a cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from probes.model import CauseId
from remedies.application.remedies import RefreshApplication, SyncApplication
from remedies.constraint.remedy import RenameConstraint
from remedies.curl.remedy import InClusterCurl
from remedies.externalsecret.remedies import CreateExternalSecret, ForceSync
from remedies.model import RemedyId
from remedies.parameter.remedies import (
    EnableAutoMigrate,
    SetLokiUrl,
    SetPrometheusNamespace,
    SetPrometheusUrl,
)
from remedies.planning import Remedy
from remedies.restart.remedy import RestartWorkload
from remedies.token.remedy import DeliverToken


def _by_id(remedies: Iterable[Remedy]) -> Mapping[RemedyId, Remedy]:
    return {one.id: one for one in remedies}


REMEDIES: Mapping[RemedyId, Remedy] = _by_id(
    (
        SetPrometheusUrl(),
        SetPrometheusNamespace(),
        SetLokiUrl(),
        EnableAutoMigrate(),
        DeliverToken(),
        ForceSync(),
        CreateExternalSecret(),
        RenameConstraint(),
        RestartWorkload(),
        SyncApplication(),
        RefreshApplication(),
        InClusterCurl(),
    )
)


def for_cause(cause: CauseId) -> tuple[Remedy, ...]:
    """The remedies that mend that cause, the one to try first at the head."""
    return tuple(one for one in REMEDIES.values() if cause in one.causes)
