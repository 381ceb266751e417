"""The keys by which one moves among log lines."""

from __future__ import annotations

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("down,j", "move(1)", "Next line", show=False, id="logs.down", tooltip="Next line"),
    Binding("up,k", "move(-1)", "Line before", show=False, id="logs.up", tooltip="Line before"),
    Binding("pagedown,ctrl+f", "page(1)", "Page", show=False, id="logs.page", tooltip="A page"),
    Binding(
        "pageup,ctrl+b", "page(-1)", "Page up", show=False, id="logs.page-up", tooltip="Page up"
    ),
    Binding("home,g", "go(0)", "First", show=False, id="logs.first", tooltip="First line"),
    Binding("end,G,f", "follow", "Follow", id="logs.follow", tooltip="Last line, and follow"),
    Binding("left,h", "side(-1)", "Left", show=False, id="logs.left", tooltip="To the left"),
    Binding("right,l", "side(1)", "Right", show=False, id="logs.right", tooltip="To the right"),
    Binding("enter", "open", "Whole line", id="logs.open", tooltip="Show the whole line"),
]
