"""The registry: every remedy there is, in the order in which they are offered for a cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from probes.model import CauseId
from remedies.applications import RefreshApplication, SyncApplication
from remedies.constraint import RenameConstraint
from remedies.curl import InClusterCurl
from remedies.externalsecrets import CreateExternalSecret, ForceSync
from remedies.model import RemedyId
from remedies.parameters import (
    EnableAutoMigrate,
    SetLokiUrl,
    SetPrometheusNamespace,
    SetPrometheusUrl,
)
from remedies.planning import Remedy
from remedies.restart import RestartWorkload
from remedies.token import DeliverToken


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
