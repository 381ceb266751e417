"""The Argo CD panel: server, token and its rights, ops-service's Application, and all listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from probes.model import (
    ApplicationRow,
    ApplicationSeen,
    ArgoCDSeen,
    Diagnosis,
    Failure,
    Observation,
    Snapshot,
    Status,
)
from widgets.application_sheet import HEALTH, SYNCED
from widgets.panel import Panel, answered, not_seen
from widgets.pieces import MUTED, Fact, Line, Row, Words, plain
from widgets.status import style_of, told

_WORST_FIRST = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PASS)
_SOON = timedelta(days=7)
_HEALS = {True: "heals live edits", False: "leaves live edits", None: ""}


class ArgoCDPanel(Panel):
    """What was seen of Argo CD."""

    HELP = (
        "The server and the token that ops-service uses, ops-service's Application with its "
        "owner, and all applications by their state, the worst first."
    )
    TITLE = "Argo CD"
    ROOM = "argocd"

    _now: datetime | None = None

    def grow_older(self, now: datetime) -> None:
        """Counts down to the token's end also while nothing is swept."""
        self._now = now
        self.draw_again()

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The facts, or why there are none."""
        observation = snapshot.argocd
        if observation is None or isinstance(observation.seen, Failure):
            return (*not_seen(observation), *_application(snapshot.application))
        seen = observation.seen
        return (
            *_server(seen),
            *_token(seen, self._now or observation.started_at),
            *_application(snapshot.application),
            *_listed(seen.applications or ()),
        )


def _server(seen: ArgoCDSeen) -> Iterator[Row]:
    yield Words(plain(seen.url), indent=2)
    if isinstance(seen.version_answer, Failure):
        yield Fact("server", answered(seen.version_answer))
    elif seen.version_answer is not None:
        status = Status.PASS if seen.version else Status.FAIL
        yield Fact("server", told(status, seen.version or "no version"))


def _token(seen: ArgoCDSeen, now: datetime) -> Iterator[Row]:
    """Whose it is, how long it lasts, and what it may."""
    token = seen.token
    if token is None:
        yield Fact("token", told(Status.FAIL, "none"))
        for holder in seen.holders if isinstance(seen.holders, tuple) else ():
            yield Fact("", plain(f"Secret {holder.secret} holds one"))
        return
    if not token.well_formed:
        yield Fact("token", told(Status.FAIL, "not a token"))
    else:
        yield Fact("token", _subject(token.subject, seen.logged_in))
        yield Fact("", _expiry(token.expires_at, now))
    if rights := _rights(seen):
        yield Fact("rights", rights)


def _subject(subject: str, logged_in: bool | None) -> Line:
    accepted = {True: Status.PASS, False: Status.FAIL, None: Status.UNKNOWN}[logged_in]
    refused = ", not accepted" if logged_in is False else ""
    return told(accepted, f"{subject}{refused}")


def _expiry(expires_at: datetime | None, now: datetime) -> Line:
    if expires_at is None:
        return plain("never expires")
    left = expires_at - now
    if left <= timedelta(0):
        return told(Status.FAIL, f"expired {_span(-left)} ago")
    return (
        told(Status.WARN, f"{_span(left)} left") if left < _SOON else plain(f"{_span(left)} left")
    )


def _span(time: timedelta) -> str:
    """A span in its two largest units, minutes the smallest: it changes once a minute at most."""
    minutes = int(time.total_seconds()) // 60
    counts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    told = [f"{count} {unit}" for count, unit in counts if count]
    return " ".join(told[:2]) or "less than a minute"


def _rights(seen: ArgoCDSeen) -> Line:
    """Whether the token may list applications, and what the list is."""
    count = None if seen.applications is None else len(seen.applications)
    if seen.may_list is False:
        return told(Status.FAIL, "may list none")
    if count:
        return told(Status.PASS, f"lists {count} app{'s' if count > 1 else ''}")
    if count == 0:
        return told(Status.FAIL, "may list, sees none" if seen.may_list else "lists none")
    if isinstance(seen.list_answer, Failure):
        return answered(seen.list_answer)
    return () if seen.list_answer is None else answered(seen.list_answer.status)


def _application(observation: Observation[ApplicationSeen] | None) -> Iterator[Row]:
    """ops-service's own, who owns it, and what of it is not as in Git."""
    if observation is None:
        return
    seen = observation.seen
    if isinstance(seen, Failure):
        yield Fact("app", told(Status.UNKNOWN, seen.sentence))
        return
    yield Fact("app", plain(seen.name))
    yield from _two_states(seen.sync, seen.health)
    if seen.health_message:
        yield Fact("", plain(seen.health_message, MUTED))
    if seen.out_of_sync:
        yield Fact("differs", plain(", ".join(seen.out_of_sync)))
    if seen.owner:
        yield Fact("owner", plain(seen.owner))
        if heals := _HEALS[seen.owner_self_heals]:
            yield Fact("", plain(heals))


def _two_states(sync: str, health: str) -> Iterator[Row]:
    """On one line where both are well: other words are longer, and must not be torn apart."""
    synced, gap, healthy = _state(sync, health)
    if _statuses(sync, health) == (Status.PASS, Status.PASS):
        yield Fact("", (synced, gap, healthy))
        return
    yield Fact("", (synced,))
    yield Fact("", (healthy,))


def _listed(rows: Sequence[ApplicationRow]) -> Iterator[Row]:
    """All applications under their state, the worst state first: what is well stands together."""
    ordered = sorted(rows, key=lambda row: (_rank(row), row.sync, row.health, row.name))
    for (sync, health), group in groupby(ordered, key=lambda row: (row.sync, row.health)):
        names = [row.name for row in group]
        yield Words((*_state(sync, health), (f"  {len(names)}", MUTED)))
        yield Words((("  ", ""), (", ".join(names), "")), indent=2)


def _rank(row: ApplicationRow) -> tuple[int, int]:
    """The worse of its two states first, then the other."""
    ranks = sorted(_WORST_FIRST.index(status) for status in _statuses(row.sync, row.health))
    return (ranks[0], ranks[1])


def _statuses(sync: str, health: str) -> tuple[Status, Status]:
    return SYNCED.get(sync, Status.UNKNOWN), HEALTH.get(health, Status.UNKNOWN)


def _state(sync: str, health: str) -> Line:
    synced, healthy = _statuses(sync, health)
    return (
        (f"{synced.symbol} {sync or Status.UNKNOWN}", style_of(synced)),
        ("  ", ""),
        (f"{healthy.symbol} {health or Status.UNKNOWN}", style_of(healthy)),
    )
