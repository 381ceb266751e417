"""What the portal shows: its own API where a token allows, else worked out."""

from __future__ import annotations

from dataclasses import dataclass

from probes.model.failure import Failure
from probes.model.observation import Answer
from probes.model.prometheus import QuerySeen


@dataclass(frozen=True, slots=True)
class OverviewNumbers:
    """The numbers of `GET /api/monitoring/metrics/overview`; the portal shows NaN as 0."""

    total_requests: float
    avg_response_ms: float
    error_percentage: float
    active_services: float

    @property
    def all_zero(self) -> bool:
        """The symptom: every tile reads 0."""
        return not (self.total_requests or self.avg_response_ms or self.active_services)


@dataclass(frozen=True, slots=True)
class PortalSeen:
    """One look at the portal's side of ops-service.

    `by_api` says whether `overview` came from the portal's own API with a user's token; without
    one it is worked out from `queries`, the very queries ops-service sends to the address that
    its container has. `applications` is None where it could not be asked (no token).
    """

    by_api: bool
    health: Answer | None
    config_active: Answer | None
    overview_answer: Answer | None = None
    overview: OverviewNumbers | None = None
    applications_answer: Answer | None = None
    applications: int | None = None
    recent_errors: Answer | None = None
    queries: tuple[QuerySeen, ...] = ()
    token_failure: Failure | None = None
    """Why a configured token command gave no token."""
