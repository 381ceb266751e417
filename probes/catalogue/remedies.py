"""Which remedies mend which cause, by their ids: what is judged knows of acting no more than that.

The registry of `remedies` says the same; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.model.ids import CauseId

_TOKEN = ("deliver-argocd-token",)
_RESTART = ("restart-workload",)

REMEDIES_OF: Mapping[CauseId, tuple[str, ...]] = {
    CauseId.ARGOCD_EXTERNALSECRET_FAILED: ("force-sync-externalsecret",),
    CauseId.ARGOCD_TOKEN_NOT_WIRED: _TOKEN,
    CauseId.ARGOCD_TOKEN_MISSING: _TOKEN,
    CauseId.ARGOCD_TOKEN_EXPIRED: _TOKEN,
    CauseId.ARGOCD_TOKEN_REJECTED: _TOKEN,
    CauseId.ARGOCD_TOKEN_NO_PERMISSION: _TOKEN,
    CauseId.DB_CONSTRAINT_MISMATCH: ("rename-constraint",),
    CauseId.DB_SCHEMA_INCOMPLETE: _RESTART,
    CauseId.WORKLOAD_STALE_CONFIG: _RESTART,
}
"""The ids of the remedies of a cause, the one to try first at the head."""
