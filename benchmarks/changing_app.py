"""The dashboard on a world in which one value changes every second."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from probes.model import PrometheusSeen, Snapshot
from tests.tui.dashboards import REQUEST, FrozenFeed, FrozenWay, incident, read
from tui.app import OpsPortalApp, utc_now
from tui.feed import Note, Publish


class ChangingFeed(FrozenFeed):
    """Gives the incident, with another version of Prometheus in each sweep."""

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[FrozenWay]:
        """Nothing needs to be opened."""
        yield ChangingWay(self)


class ChangingWay(FrozenWay):
    """The way to what changes."""

    async def sweep(self, publish: Publish) -> None:
        """One look, at the time it is."""
        self._feed.sweeps += 1
        publish(read(changed(incident(), self._feed.sweeps)))


def changed(snapshot: Snapshot, number: int) -> Snapshot:
    """The same world a moment later."""
    observed = snapshot.prometheus
    if observed is None or not isinstance(observed.seen, PrometheusSeen):
        raise TypeError(f"the incident has no Prometheus: {observed}")
    seen = replace(observed.seen, version=f"2.42.{10 + number}")
    now = utc_now()
    return replace(
        snapshot, started_at=now, finished_at=now, prometheus=replace(observed, seen=seen)
    )


if __name__ == "__main__":
    every_second = REQUEST.profile.model_copy(update={"interval_s": 1.0})
    feed = ChangingFeed([])
    OpsPortalApp(lambda _: feed, replace(REQUEST, profile=every_second)).run()
