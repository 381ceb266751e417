"""Drill-down of one pod: its containers, environment and events, and which settings differ."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from probes.model import CheckId, Failure, PodDetail
from tui.feed import Reading, Way
from tui.screens.looking import LookingScreen, WayNow
from widgets.evidence import seen_rows
from widgets.pieces import STRONG, Blank, Row, Words
from widgets.pod_sheet import pod_rows


class PodDetailScreen(LookingScreen[PodDetail]):
    """One pod whole."""

    def __init__(self, way: WayNow, namespace: str, name: str) -> None:
        super().__init__(way)
        self._namespace = namespace
        self._name_of_pod = name

    @property
    def heading(self) -> str:
        """The pod's name."""
        return f"pod {self._name_of_pod}"

    def ask(self, way: Way) -> Awaitable[PodDetail | Failure]:
        """The pod from the cluster."""
        return way.pod(self._namespace, self._name_of_pod)

    def told(self, seen: PodDetail, reading: Reading) -> Sequence[Row]:
        """The pod, then what container, ConfigMap and Application say of each setting."""
        results = reading.diagnosis.results
        settings = next((one for one in results if one.id is CheckId.WORKLOAD_CONFIG), None)
        rows = tuple(pod_rows(seen))
        if settings is None or not settings.evidence:
            return rows
        title = "the running container, its ConfigMap and the Application"
        return (*rows, Blank(), Words(((title, STRONG),)), *seen_rows(settings))
