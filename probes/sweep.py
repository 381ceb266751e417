"""The sweep: every probe at once, each with its own time limit, one frozen snapshot at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from probes import application, argocd, database, portal, prometheus, workload
from probes.logs import LogReader
from probes.model import (
    EnvironmentSeen,
    Failure,
    FailureKind,
    ProbeError,
    Snapshot,
    Source,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig, ops_config
from probes.outcome import observed
from probes.profile import Profile
from probes.reach import Reach
from probes.tokensource import TokenSource

_WITHOUT_ENVIRONMENT = frozenset({Source.APPLICATION, Source.PROMETHEUS})
"""What can be found in the cluster even where the container's environment cannot be read."""

Publish = Callable[[Snapshot], None]
Seen = TypeVar("Seen")


class Sweeper:
    """Runs sweeps of one target. Between two of them it remembers the portal's token and the logs.

    Of a log that is known only what was written since is asked for.
    """

    def __init__(self, reach: Reach, profile: Profile, tokens: TokenSource | None = None) -> None:
        self._reach = reach
        self._profile = profile
        self._tokens = tokens or TokenSource.portal(profile)
        self._logs = LogReader(reach.cluster, profile)

    async def run(
        self,
        publish: Publish = lambda _: None,
        sources: frozenset[Source] = frozenset(Source),
    ) -> Snapshot:
        """One sweep; `publish` gets a new snapshot as each answer lands, and the whole at the end.

        The workload is always among the sources: everybody else's addresses come from it.
        A probe that fails, hangs or breaks becomes a `Failure` in its own place only.
        """
        sweep = _Sweep(self._reach, self._profile, self._tokens, self._logs, publish)
        return await sweep.run(sources)


class _Sweep:
    """One sweep under way."""

    def __init__(
        self,
        reach: Reach,
        profile: Profile,
        tokens: TokenSource,
        logs: LogReader,
        publish: Publish,
    ) -> None:
        self._reach = reach
        self._profile = profile
        self._tokens = tokens
        self._logs = logs
        self._publish = publish
        self._snapshot = Snapshot(
            profile=profile.name,
            namespace=profile.namespace or "",
            workload_name=profile.workload,
            started_at=datetime.now(UTC),
        )

    async def run(self, sources: frozenset[Source]) -> Snapshot:
        found = await self._observe(
            Source.WORKLOAD,
            workload.observe(self._reach.cluster, self._profile, timeout_s=self._profile.timeout_s),
        )
        async with asyncio.TaskGroup() as group:
            for source in sources - {Source.WORKLOAD}:
                group.create_task(self._observe(source, self._dependent(source, found)))
        self._land(finished_at=datetime.now(UTC))
        return self._snapshot

    def _land(self, **changes: Any) -> None:
        self._snapshot = replace(self._snapshot, **changes)
        self._publish(self._snapshot)

    async def _observe(self, source: Source, probe: Awaitable[Seen]) -> Seen | Failure:
        """Wait for one probe within its limit, and publish what it saw or why it saw nothing."""
        observation = await observed(source, probe, self._profile.timeout_s)
        seen = observation.seen
        changes: dict[str, Any] = {source.value: observation}
        if isinstance(seen, WorkloadSeen):
            changes |= {"namespace": seen.namespace, "workload_name": seen.name}
        self._land(**changes)
        return seen

    async def _dependent(self, source: Source, found: WorkloadSeen | Failure) -> object:
        """The probe of a source that needs the workload. Raises ProbeError where it is not seen."""
        if isinstance(found, Failure):
            raise _not_asked(found)
        reach, profile, limit = self._reach, self._profile, self._profile.timeout_s
        if source is Source.LOGS:
            return await self._logs.observe(found)
        config = _config(source, found)
        match source:
            case Source.APPLICATION:
                return await application.observe(reach.cluster, profile, found, config)
            case Source.PROMETHEUS:
                return await prometheus.observe(reach, profile, config, found, timeout_s=limit)
            case Source.ARGOCD:
                return await argocd.observe(reach, profile, config, found, timeout_s=limit)
            case Source.DATABASE:
                return await database.observe(reach, profile, config, found, timeout_s=limit)
            case _:
                return await portal.observe(
                    reach, profile, config, found, timeout_s=limit, tokens=self._tokens
                )


def _config(source: Source, found: WorkloadSeen) -> OpsConfig:
    """ops-service's settings. Raises ProbeError where its environment is not known and needed."""
    environment = found.environment
    if isinstance(environment, EnvironmentSeen):
        return ops_config(environment, found.startup)
    if source in _WITHOUT_ENVIRONMENT:
        return ops_config(EnvironmentSeen(pod="", container="", variables={}), found.startup)
    raise _not_asked(environment)


def _not_asked(failure: Failure) -> ProbeError:
    sentence = f"not asked: {failure.sentence}"
    return ProbeError(replace(failure, kind=FailureKind.UNAVAILABLE, sentence=sentence))
