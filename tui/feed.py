"""Feed: where readings come from. The dashboard knows only this; tests give it frozen ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from probes.model import (
    NO_HISTORY,
    ApplicationDetail,
    Diagnosis,
    Failure,
    History,
    LogLine,
    Observation,
    PodDetail,
    Snapshot,
)

if TYPE_CHECKING:
    from tui.acting import Session, WhyNot


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the world, what to make of it, and how it stood before."""

    snapshot: Snapshot
    diagnosis: Diagnosis
    history: History = NO_HISTORY
    context: str = ""
    """The kubeconfig's context by which it was seen; empty where none could be used."""

    cluster: str = ""
    """The API server's address; empty where there is none."""

    kubeconfig: str = ""
    """The path of the kubeconfig; empty where it is the one that kubectl takes, too."""

    lost: Diagnosis | None = None
    """What the newest sweep made of it that could see nothing: all else was seen before that."""

    @property
    def now(self) -> Diagnosis:
        """What is to be said of now."""
        return self.lost or self.diagnosis

    @property
    def told(self) -> Diagnosis:
        """All of it for a text that somebody takes away: what was seen, under what is so now."""
        return replace(self.diagnosis, sentence=self.now.sentence)


Publish = Callable[[Reading], None]
Note = Callable[[str], None]
"""Is told what is going on while the way is opened, one line at a time."""


class FeedError(Exception):
    """There is nothing to look at; the text is the sentence to show."""


class Way(Protocol):
    """The open way to one target."""

    async def sweep(self, publish: Publish) -> None:
        """One sweep: publishes readings as answers arrive, the finished one last."""

    async def session(self, why_not: WhyNot) -> Session:
        """The hands on the target; `why_not` says why nothing may be written now, or is empty."""
        ...

    def follow(self) -> AsyncIterator[tuple[LogLine, ...]]:
        """New log lines of all pods as they come, a batch at a time, from the first sweep on."""

    def unfollowed(self) -> Mapping[str, Failure]:
        """The pods whose new lines cannot be read now, and why."""
        ...

    async def pod(self, namespace: str, name: str) -> Observation[PodDetail]:
        """One pod whole, or why it cannot be seen."""
        ...

    async def application(self, namespace: str, name: str) -> Observation[ApplicationDetail]:
        """One Application whole, or why it cannot be seen."""
        ...


class Feed(Protocol):
    """A source of readings that is opened once and swept many times."""

    def open(self, note: Note) -> AbstractAsyncContextManager[Way]:
        """The way to the target, for the time of the block. Raises FeedError."""
        ...
