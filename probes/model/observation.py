"""Observation: what one look at one source gave, when, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from probes.model.failure import Failure

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, as far as a judgement needs it.

    `request` is method and URL (never a header); `route` how it went (`direct`,
    `service proxy`, `port-forward to pod x`); `excerpt` the safe first characters of the body;
    `location` the redirect target as the server meant it (a proxy's own path removed).
    """

    request: str
    route: str
    status: int
    content_type: str = ""
    excerpt: str = ""
    location: str = ""

    @property
    def is_json(self) -> bool:
        """Whether the server says that the body is JSON."""
        return "json" in self.content_type

    @property
    def is_html(self) -> bool:
        """Whether the body is a page for people."""
        return "html" in self.content_type


Answer = Reply | Failure
"""What came back: an answer of any status, or the failure that kept it away."""


@dataclass(frozen=True, slots=True)
class Observation(Generic[Seen]):
    """The outcome of one `observe()`. `started_at` is UTC; `duration_s` seconds."""

    seen: Seen | Failure
    started_at: datetime
    duration_s: float


def seen_in(observation: Observation[Seen] | None) -> Seen | None:
    """What was seen, or None where nothing has answered yet or it failed."""
    if observation is None or isinstance(observation.seen, Failure):
        return None
    return observation.seen
