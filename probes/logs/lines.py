"""The lines of a log that was read in pieces, cut off at a size or a number of lines."""

from __future__ import annotations

from collections.abc import Sequence


def lines_of(text: str) -> list[str]:
    """The lines of a log: only a line feed ends one, whatever else Unicode takes for it."""
    return text.removesuffix("\n").split("\n") if text else []


def whole_lines(text: str, limit_bytes: int) -> list[str]:
    """The lines of a text that was cut off at that size: without the last, which is a piece."""
    lines = lines_of(text)
    cut_off = len(text.encode("utf-8", "replace")) >= limit_bytes and not text.endswith("\n")
    return lines[:-1] if cut_off else lines


def after(head: Sequence[str], tail: Sequence[str]) -> list[str]:
    """What of the tail the head does not have yet.

    Both are pieces of one log, and the kubelet's timestamps tell equal lines apart: where they
    overlap, the last line of the head is in the tail.
    """
    if not head:
        return list(tail)
    last = head[-1]
    found = next((at for at in range(len(tail) - 1, -1, -1) if tail[at] == last), None)
    return list(tail) if found is None else list(tail[found + 1 :])
