"""Performer: the code behind one kind of action."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from probes.model import Failure, FailureKind
from remedies.world import World

Tell = Callable[[str], None]
"""Is told what goes on, one line at a time."""


class Standing(StrEnum):
    """How the world stands to an action."""

    FRESH = "fresh"
    """As it was seen when the plan was made: the action can be performed."""
    DONE = "done"
    """As the action would leave it."""
    STALE = "stale"
    """Neither: somebody else has changed something."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A standing, with what differs where it is stale, and what is waited for where it waits.

    `stuck`: by all that can be seen it will not come to be without somebody's help; it is given up
    where that is seen at `patience` looks running.
    """

    standing: Standing
    text: str = ""
    stuck: bool = False
    patience: int = 2


_OF_THE_WAY = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.TIMEOUT,
        FailureKind.DNS,
        FailureKind.TLS,
        FailureKind.RESET,
        FailureKind.HUNG,
    }
)
_PUT_OFF = (408, 429)


def may_pass(failure: Failure) -> bool:
    """Whether the same question may be answered in a moment: nobody has said no.

    A server that puts off (429), or a proxy with nothing behind it (502 to 504), is one of those.
    """
    if failure.status is None:
        return failure.kind in _OF_THE_WAY
    return failure.status in _PUT_OFF or failure.status >= 500 or failure.kind in _OF_THE_WAY


class StepError(Exception):
    """The step failed; the message is a sentence. `certain`: it is known that nothing was done."""

    def __init__(self, sentence: str, *, certain: bool = False) -> None:
        super().__init__(sentence)
        self.certain = certain


A = TypeVar("A", contravariant=True)


class Performer(Protocol[A]):
    """Performs one kind of action. Each method may raise ProbeError where it cannot ask."""

    async def look(self, world: World, action: A) -> Seen:
        """How the world stands to it now. Reads only."""

    async def rehearse(self, world: World, action: A) -> str:
        """The server's own dry run where there is one: why it would fail, or empty.

        Raises ProbeError where it could not be rehearsed, which says nothing of the change.
        """

    async def perform(self, world: World, action: A, tell: Tell) -> str:
        """Do it once; a few words on what was done. Raises StepError and ProbeError.

        It is called with the permit held and within the step's time limit.
        """
