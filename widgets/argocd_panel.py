"""The Argo CD panel: server, token, ops-service's Application, and what else is listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from probes.model import (
    ApplicationRow,
    ApplicationSeen,
    ArgoCDSeen,
    Diagnosis,
    Failure,
    Observation,
    Snapshot,
    Status,
    TokenSeen,
)
from widgets.panel import Panel, answered, not_seen
from widgets.pieces import MUTED, Blank, Fact, Line, Row, Words, plain
from widgets.status import style_of, told

_SYNCED = {"Synced": Status.PASS, "OutOfSync": Status.WARN}
_HEALTH = {
    "Healthy": Status.PASS,
    "Progressing": Status.WARN,
    "Suspended": Status.WARN,
    "Degraded": Status.FAIL,
    "Missing": Status.FAIL,
}


class ArgoCDPanel(Panel):
    """What was seen of Argo CD."""

    HELP = "The server and the token that ops-service uses, and its Application."
    TITLE = "Argo CD"
    ROOM = "argocd"

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The facts, or why there are none."""
        observation = snapshot.argocd
        if observation is None or isinstance(observation.seen, Failure):
            server = not_seen(observation)
        else:
            server = tuple(_server(observation.seen, observation.started_at))
        rows = (*server, *_application(snapshot.application))
        listed = observation.seen if observation else None
        if isinstance(listed, ArgoCDSeen) and listed.applications:
            rows = (*rows, Blank(), *_listed(listed.applications))
        return rows


def _server(seen: ArgoCDSeen, now: datetime) -> Iterator[Row]:
    yield Fact("server", plain(seen.url))
    if isinstance(seen.version_answer, Failure):
        yield Fact("answers", answered(seen.version_answer))
    elif seen.version_answer is not None:
        yield Fact("answers", told(_ok(bool(seen.version)), seen.version or "no version"))
    yield Fact("token", _token(seen.token, now))
    if seen.logged_in is not None:
        text = f"accepted as {seen.username}" if seen.logged_in else "not accepted"
        yield Fact("login", told(_ok(seen.logged_in), text))
    if seen.applications is not None:
        count = len(seen.applications)
        yield Fact("lists", told(_ok(count > 0), f"{count} applications"))
    elif isinstance(seen.list_answer, Failure):
        yield Fact("lists", answered(seen.list_answer))
    elif seen.list_answer is not None:
        yield Fact("lists", answered(seen.list_answer.status))


def _token(token: TokenSeen | None, now: datetime) -> Line:
    if token is None:
        return told(Status.FAIL, "none")
    if not token.well_formed:
        return told(Status.FAIL, "not a token")
    if token.expires_at is None:
        return told(Status.PASS, f"{token.subject}, never expires")
    left = token.expires_at - now
    if left <= timedelta(0):
        return told(Status.FAIL, f"{token.subject}, expired {_span(-left)} ago")
    status = Status.WARN if left < timedelta(days=7) else Status.PASS
    return told(status, f"{token.subject}, expires in {_span(left)}")


def _span(time: timedelta) -> str:
    """A span in its largest unit: `3 days`."""
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count = int(time.total_seconds() // seconds)
        if count:
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def _application(observation: Observation[ApplicationSeen] | None) -> Iterator[Row]:
    if observation is None:
        return
    seen = observation.seen
    if isinstance(seen, Failure):
        yield Fact("app", told(Status.UNKNOWN, seen.sentence))
        return
    yield Fact("app", plain(seen.name))
    yield Fact("", _state(seen.sync, seen.health))
    if seen.owner:
        heals = {True: ", heals live edits", False: ", leaves live edits", None: ""}
        yield Fact("owner", plain(f"{seen.owner}{heals[seen.owner_self_heals]}", MUTED))


def _listed(rows: Sequence[ApplicationRow]) -> Iterator[Row]:
    width = max(len(row.name) for row in rows)
    for row in sorted(rows, key=lambda one: one.name):
        yield Words(((f"{row.name:<{width}}  ", ""), *_state(row.sync, row.health)), indent=2)


def _state(sync: str, health: str) -> Line:
    synced = _SYNCED.get(sync, Status.UNKNOWN)
    healthy = _HEALTH.get(health, Status.UNKNOWN)
    return (
        (f"{synced.symbol} {sync}", style_of(synced)),
        ("  ", ""),
        (f"{healthy.symbol} {health}", style_of(healthy)),
    )


def _ok(good: bool) -> Status:
    return Status.PASS if good else Status.FAIL
