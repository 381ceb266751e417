"""Which remedies mend which cause, by their ids: what is judged knows of acting no more than that.

The registry of `remedies` says the same; a test keeps them equal.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.model.ids import CauseId

_URL = ("set-prometheus-url",)
_LOKI = ("set-loki-url",)

REMEDIES_OF: Mapping[CauseId, tuple[str, ...]] = {
    CauseId.PROMETHEUS_URL_UNSET: _URL,
    CauseId.PROMETHEUS_URL_MALFORMED: _URL,
    CauseId.PROMETHEUS_URL_MISSING_PREFIX: _URL,
    CauseId.PROMETHEUS_URL_WRONG_PREFIX: _URL,
    CauseId.PROMETHEUS_NAMESPACE_MISMATCH: ("set-prometheus-namespace",),
    CauseId.LOKI_URL_UNSET: _LOKI,
    CauseId.LOKI_URL_PREFIXED: _LOKI,
    CauseId.DB_MIGRATION_DISABLED: ("enable-auto-migrate",),
    CauseId.ARGOCD_APP_OUT_OF_SYNC: ("sync-application", "refresh-application"),
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
