"""Drill-down of one pod: its containers, environment and events, and which settings differ."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from datetime import datetime

from probes.checks.comparison import compared
from probes.model import Observation, PodDetail, Status
from tui.feed import Reading, Way
from tui.screens.looking import LookingScreen, WayNow, later
from widgets.pieces import Blank, Row, Words
from widgets.pod_sheet import pod_rows
from widgets.status import told

_GONE = "the newest sweep sees no such pod any more"


class PodDetailScreen(LookingScreen[PodDetail]):
    """One pod whole; its state and its settings follow the sweeps."""

    HELP = (
        "One pod: its containers, its environment by where each variable comes from, its events, "
        "and what differs between container, ConfigMap and Application. Secrets are never shown."
    )

    def __init__(self, way: WayNow, namespace: str, name: str) -> None:
        super().__init__(way)
        self._namespace = namespace
        self._pod = name

    @property
    def heading(self) -> str:
        """The pod's name."""
        return f"pod {self._pod}"

    def ask(self, way: Way) -> Awaitable[Observation[PodDetail]]:
        """The pod from the cluster."""
        return way.pod(self._namespace, self._pod)

    def told(self, seen: PodDetail, at: datetime, reading: Reading) -> Iterator[Row]:
        """The pod, with what container, ConfigMap and Application say of each setting."""
        workload = later(reading.snapshot.workload, at)
        if workload:
            pod = next((one for one in workload.pods if one.name == self._pod), None)
            seen = seen.updated(pod) if pod else seen
            if pod is None:
                yield Words(told(Status.WARN, _GONE))
                yield Blank()
        yield from pod_rows(seen, compared(reading.snapshot, self._pod))
