"""Clock: the time as the cluster's objects carry it, set back while an old world is built."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """A callable that tells the time; `back` sets it back by that much."""

    def __init__(self) -> None:
        self.back = timedelta()

    def __call__(self) -> datetime:
        """The cluster's time, in UTC."""
        return datetime.now(UTC) - self.back


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, as objects carry it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """The time behind an object's timestamp."""
    return datetime.fromisoformat(text)
