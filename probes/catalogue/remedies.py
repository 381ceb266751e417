"""Which remedies mend which cause, by their ids: what is judged knows of acting no more than that.

The registry of `remedies` says the same; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.model.ids import CauseId

REMEDIES_OF: Mapping[CauseId, tuple[str, ...]] = {
    CauseId.WORKLOAD_STALE_CONFIG: ("restart-workload",),
    CauseId.ARGOCD_EXTERNALSECRET_FAILED: ("force-sync-externalsecret",),
    CauseId.ARGOCD_TOKEN_NOT_WIRED: ("deliver-argocd-token",),
    CauseId.ARGOCD_TOKEN_MISSING: ("deliver-argocd-token",),
    CauseId.ARGOCD_TOKEN_EXPIRED: ("deliver-argocd-token",),
    CauseId.ARGOCD_TOKEN_REJECTED: ("deliver-argocd-token",),
    CauseId.ARGOCD_TOKEN_NO_PERMISSION: ("deliver-argocd-token",),
    CauseId.DB_CONSTRAINT_MISMATCH: ("rename-constraint",),
    CauseId.DB_SCHEMA_INCOMPLETE: ("restart-workload",),
}
"""The ids of the remedies of a cause, the one to try first at the head."""
