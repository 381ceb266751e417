"""The public names of the remedies (docs/contracts.md). Never renamed, only added to."""

from __future__ import annotations

from enum import StrEnum


class RemedyId(StrEnum):
    """Every remedy, as `fix` takes it."""

    SET_PROMETHEUS_URL = "set-prometheus-url"
    SET_PROMETHEUS_NAMESPACE = "set-prometheus-namespace"
    SET_LOKI_URL = "set-loki-url"
    ENABLE_AUTO_MIGRATE = "enable-auto-migrate"
    DELIVER_ARGOCD_TOKEN = "deliver-argocd-token"
    RENAME_CONSTRAINT = "rename-constraint"
    RESTART_WORKLOAD = "restart-workload"
    SYNC_APPLICATION = "sync-application"
    REFRESH_APPLICATION = "refresh-application"
    FORCE_SYNC_EXTERNALSECRET = "force-sync-externalsecret"
    CREATE_EXTERNALSECRET = "create-externalsecret"
    IN_CLUSTER_CURL = "in-cluster-curl"
