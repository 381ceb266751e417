"""Layout: what a terminal of a given size has room for."""

from __future__ import annotations

from enum import StrEnum

from textual.geometry import Size

LEAST = Size(60, 16)
"""Below this nothing useful can be drawn."""


class Room(StrEnum):
    """How much is shown; each is also the class name of the screen."""

    COMPACT = "-compact"
    """The checklist and one panel."""

    FULL = "-full"
    """The checklist with the causes, and four panels."""

    LARGE = "-large"
    """The same with summaries and explanations."""


def fits(size: Size) -> bool:
    """Whether anything useful can be drawn at that size."""
    return size.width >= LEAST.width and size.height >= LEAST.height


def room_for(size: Size) -> Room:
    """What a screen of that size has room for."""
    if size.width < 110 or size.height < 32:
        return Room.COMPACT
    if size.width < 170 or size.height < 45:
        return Room.FULL
    return Room.LARGE
