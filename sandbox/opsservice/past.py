"""A believable past for a container: what it would have logged between its start and now.

Nothing is made up: each kind of request is put through the running service once, and the lines it
really logs in its present state are repeated at the times at which the real one would have come.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.opsservice import accesslog
from sandbox.opsservice.http import Request
from sandbox.opsservice.service import OpsService
from sandbox.opsservice.zaplog import Entry

MAX_LINES = 1500

_SAMPLE_S = 1.5
_PORTAL = "/api/monitoring"
_BROWSER = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/143.0.0.0 Safari/537.36"
)


@dataclass(frozen=True)
class Habit:
    """A request that comes again and again: who asks for what, how often (seconds), from when."""

    path: str
    every_s: float
    agent: str
    address: str
    delay_s: float = 0.0
    authorized: bool = False


_KUBELET = ("kube-probe/1.34", "10.0.11.24")
_SCRAPER = ("Prometheus/2.55.1", "10.0.12.7")
_VISITOR = (_BROWSER, "10.0.10.180")
_HABITS: tuple[Habit, ...] = (
    Habit("/health/ready", 5, *_KUBELET, delay_s=15),
    Habit("/health/live", 10, *_KUBELET, delay_s=60),
    Habit("/metrics", 15, *_SCRAPER, delay_s=20),
)
_POLLED = ("/metrics/overview", "/metrics/services", "/metrics/cluster", "/applications")


async def backdate(
    service: OpsService,
    *,
    start: datetime,
    until: datetime,
    token: str | None = None,
    max_lines: int = MAX_LINES,
) -> None:
    """Fills the log of a service that was started with its clock at `start`, up to `until`.

    Kubelet probes and scrapes always, the portal's polls every 30 s where a `token` of a portal
    user is given. Of a long past the newest lines are kept: `max_lines`, about 40 minutes' worth.
    """
    habits = _HABITS
    if token:
        polls = (Habit(_PORTAL + path, 30, *_VISITOR, 41.0, authorized=True) for path in _POLLED)
        habits += tuple(polls)
    samples = [(habit, await _sample(service, habit, token or "")) for habit in habits]
    busy = [(habit, entries) for habit, entries in samples if entries]
    # A line's place in its second is arbitrary, and the same in every run.
    chance = random.Random(service.pod)  # noqa: S311  # no secret: jitter
    first = max(start, until - _span(busy, max_lines))
    repeated = [
        entry
        for habit, entries in busy
        for moment in _moments(habit, start, first, until, chance)
        for entry in _repeat(entries, moment, chance)
    ]
    repeated.sort(key=lambda entry: entry.at)
    for entry in repeated[-max_lines:]:
        service.log.emit(entry)


async def _sample(service: OpsService, habit: Habit, token: str) -> list[Entry]:
    """What the service logs for one such request; nothing where it takes too long."""
    headers: Mapping[str, str] = {"user-agent": habit.agent}
    if habit.authorized:
        headers = {**headers, "authorization": f"Bearer {token}"}
    request = Request("GET", habit.path, "", headers, habit.address, str(uuid.uuid4()))
    with service.log.capture() as entries:
        try:
            async with asyncio.timeout(_SAMPLE_S):
                await service.app.respond(request)
        except TimeoutError:
            return []
    return entries


def _span(busy: list[tuple[Habit, list[Entry]]], max_lines: int) -> timedelta:
    """How far back `max_lines` lines reach."""
    per_second = sum(len(entries) / habit.every_s for habit, entries in busy)
    return timedelta(seconds=max_lines / per_second) if per_second else timedelta()


def _moments(
    habit: Habit, start: datetime, first: datetime, until: datetime, chance: random.Random
) -> Iterator[datetime]:
    """When such requests came between `first` and `until`, in step with the container's start."""
    every = timedelta(seconds=habit.every_s)
    moment = start + timedelta(seconds=habit.delay_s)
    if moment < first:
        moment += every * -(-(first - moment) // every)
    while moment < until:
        at = moment + timedelta(seconds=chance.uniform(0, 0.4))
        if at < until:
            yield at
        moment += every


def _repeat(entries: list[Entry], moment: datetime, chance: random.Random) -> Iterator[Entry]:
    """The sampled lines at another time, with ids and a duration of their own."""
    origin = entries[0].at
    ids = {
        accesslog.TRACE_ID: secrets.token_hex(16),
        accesslog.SPAN_ID: secrets.token_hex(8),
        accesslog.REQUEST_ID: str(uuid.uuid4()),
    }
    for entry in entries:
        fields = {key: ids.get(key, value) for key, value in entry.fields.items()}
        duration = fields.get(accesslog.DURATION)
        if isinstance(duration, float):
            fields[accesslog.DURATION] = round(duration * chance.uniform(0.7, 1.4), 9)
        yield replace(entry, at=moment + (entry.at - origin), fields=fields)
