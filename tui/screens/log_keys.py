"""The keys of the logs screen, the most needed first: so the footer shows them."""

from __future__ import annotations

from textual.binding import Binding

KEYS = (
    Binding("escape", "back", "Back", id="logs.back", tooltip="Back to the overview"),
    Binding("slash", "ask('search')", "Search", id="logs.search", tooltip="Search lines"),
    Binding("v", "level", "Level", id="logs.level", tooltip="All, info, warnings, errors"),
    Binding("i", "ask('include')", "Only", id="logs.include", tooltip="Show only lines with …"),
    Binding("x", "ask('exclude')", "Without", id="logs.exclude", tooltip="Hide lines with …"),
    Binding("o", "pod(1)", "Pod", id="logs.pod", tooltip="One pod after another, or all"),
    Binding("space", "hold", "Hold", id="logs.hold", tooltip="Stand still, or go on"),
    Binding("z", "quiet", "Quiet", id="logs.quiet", tooltip="Hide probes and scrapes, or not"),
    Binding("n", "hit(1)", "Next hit", id="logs.next", tooltip="Next hit"),
    Binding("N", "hit(-1)", "Hit before", id="logs.before", tooltip="Hit before"),
    Binding("c", "context", "Context", id="logs.context", tooltip="Lines around a hit"),
    Binding("m", "mark", "Mark", id="logs.mark", tooltip="Set or unset a bookmark"),
    Binding("apostrophe", "marked", "To mark", id="logs.marked", tooltip="Next bookmark"),
    Binding("s", "start", "Startup", id="logs.start", tooltip="Startup lines"),
    Binding(
        "b", "previous", "Before restart", id="logs.previous",
        tooltip="Show lines of containers before their restart, or hide them",
    ),
    Binding("O", "pod(-1)", "Pod before", id="logs.pod-before", tooltip="The pod before"),
    Binding("w", "wrap", "Wrap", id="logs.wrap", tooltip="Wrap lines, or not"),
    Binding("y", "copy", "Copy", id="logs.copy", tooltip="Copy the line"),
    Binding("S", "save", "Save", id="logs.save", tooltip="Save what is shown"),
)  # fmt: skip

IDS = tuple(one.id or "" for one in KEYS)
