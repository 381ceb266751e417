"""The keys of the logs screen; of those that the footer shows the most needed stand first."""

from __future__ import annotations

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("escape", "back", "Back", id="logs.back", tooltip="Back to the overview"),
    Binding("slash", "ask('search')", "Search", id="logs.search", tooltip="Search lines"),
    Binding("n", "hit(1)", "Next hit", show=False, id="logs.next", tooltip="Next hit"),
    Binding("N", "hit(-1)", "Hit before", show=False, id="logs.before", tooltip="Hit before"),
    Binding("i", "ask('include')", "Only", id="logs.include", tooltip="Show only lines with …"),
    Binding("x", "ask('exclude')", "Without", id="logs.exclude", tooltip="Hide lines with …"),
    Binding("v", "level", "Level", id="logs.level", tooltip="All, info, warnings, errors"),
    Binding("o", "pod", "Pod", id="logs.pod", tooltip="One pod after another, or all"),
    Binding(
        "c", "context", "Context", show=False, id="logs.context", tooltip="Lines around a hit"
    ),
    Binding("z", "quiet", "Quiet", id="logs.quiet", tooltip="Hide probes and scrapes, or not"),
    Binding("space", "hold", "Hold", id="logs.hold", tooltip="Stand still, or go on"),
    Binding("m", "mark", "Mark", show=False, id="logs.mark", tooltip="Set or unset a bookmark"),
    Binding(
        "apostrophe", "marked", "To mark", show=False, id="logs.marked", tooltip="Next bookmark"
    ),
    Binding("s", "start", "Startup", show=False, id="logs.start", tooltip="Startup lines"),
    Binding(
        "b", "previous", "Before restart", show=False, id="logs.previous",
        tooltip="Show lines of containers before their restart, or hide them",
    ),
    Binding("w", "wrap", "Wrap", show=False, id="logs.wrap", tooltip="Wrap lines, or not"),
    Binding("y", "copy", "Copy", show=False, id="logs.copy", tooltip="Copy the line"),
    Binding("S", "save", "Save", show=False, id="logs.save", tooltip="Save what is shown"),
]  # fmt: skip
