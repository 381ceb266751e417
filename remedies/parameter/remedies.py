"""The remedies that set a helm parameter, and the value that each of them gives it."""

from __future__ import annotations

from probes.diagnosis import diagnose
from probes.model import CauseId, CheckId, Snapshot
from remedies.model import RemedyId
from remedies.parameter import settings
from remedies.parameter.setparameter import SetParameter
from remedies.world import World

_IN_THE_WAY = (
    CauseId.DB_CONSTRAINT_MISMATCH,
    CauseId.DB_DUPLICATE_ROWS,
    CauseId.DB_PERMISSION_DENIED,
)


class SetPrometheusUrl(SetParameter):
    """set-prometheus-url: the address under whose path Prometheus was seen to answer."""

    id = RemedyId.SET_PROMETHEUS_URL
    causes = frozenset(
        {
            CauseId.PROMETHEUS_URL_MISSING_PREFIX,
            CauseId.PROMETHEUS_URL_WRONG_PREFIX,
            CauseId.PROMETHEUS_URL_UNSET,
            CauseId.PROMETHEUS_URL_MALFORMED,
        }
    )
    name = "PROMETHEUS_URL"
    checks = (CheckId.PROMETHEUS_URL, CheckId.PORTAL_METRICS)
    is_address = True

    async def wanted(self, world: World, snapshot: Snapshot) -> str:
        """Where Prometheus answered."""
        return settings.prometheus_url(snapshot)


class SetPrometheusNamespace(SetParameter):
    """set-prometheus-namespace: the namespace that the metrics of the requests have."""

    id = RemedyId.SET_PROMETHEUS_NAMESPACE
    causes = frozenset({CauseId.PROMETHEUS_NAMESPACE_MISMATCH})
    name = "PROMETHEUS_NAMESPACE"
    checks = (CheckId.PORTAL_METRICS,)

    async def wanted(self, world: World, snapshot: Snapshot) -> str:
        """The services' own."""
        return settings.prometheus_namespace(snapshot)


class SetLokiUrl(SetParameter):
    """set-loki-url: Loki's address without a path."""

    id = RemedyId.SET_LOKI_URL
    causes = frozenset({CauseId.LOKI_URL_PREFIXED, CauseId.LOKI_URL_UNSET})
    name = "LOKI_URL"
    checks = (CheckId.LOKI_URL,)
    is_address = True

    async def wanted(self, world: World, snapshot: Snapshot) -> str:
        """The address of now, or of the Service."""
        return await settings.loki_url(world, snapshot)


class EnableAutoMigrate(SetParameter):
    """enable-auto-migrate: DB_AUTO_MIGRATE is `true`, the only word that counts."""

    id = RemedyId.ENABLE_AUTO_MIGRATE
    causes = frozenset({CauseId.DB_MIGRATION_DISABLED})
    name = "DB_AUTO_MIGRATE"
    checks = (CheckId.DB_MIGRATION,)

    async def wanted(self, world: World, snapshot: Snapshot) -> str:
        """As a string: helm would take the bare word for a boolean."""
        return "true"

    def beware(self, snapshot: Snapshot) -> tuple[str, ...]:
        """The start migrates, and what will stop it."""
        found = [one for one in diagnose(snapshot).causes if one.id in _IN_THE_WAY]
        return (
            "the next start migrates ops-service's database: it makes the tables that are missing",
            *(f"it will stop all the same: {one.title}. {one.advice}" for one in found),
        )
