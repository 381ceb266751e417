"""Checklist: every check with its verdict, in the contract's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from probes.model import CheckId, CheckResult, Status
from widgets.pieces import MUTED, Line, cut
from widgets.status import WIDTH, status_piece

_ID = max(len(check) for check in CheckId)
_WITH_SUMMARY = WIDTH + _ID + 24
"""From this width on the summary stands behind the id."""


class Checklist(OptionList):
    """One row for each check; Enter opens it."""

    HELP = "Every check with its verdict. Enter opens the evidence of the highlighted one."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next check", show=False, id="checklist.down"),
        Binding("up,k", "cursor_up", "Check before", show=False, id="checklist.up"),
        Binding("home,g", "first", "First check", show=False, id="checklist.first"),
        Binding("end,G", "last", "Last check", show=False, id="checklist.last"),
        Binding(
            "enter",
            "select",
            "Evidence",
            id="checklist.open",
            tooltip="Open the evidence of the highlighted check",
        ),
    ]

    DEFAULT_CSS = """
    Checklist {
        height: auto;
        border: round $panel;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $foreground-muted;
        padding: 0 1;
        background: $background;
        scrollbar-size-vertical: 1;
        & > .option-list--option-highlighted {
            color: $foreground;
            background: $foreground 12%;
            text-style: none;
        }
        &:focus {
            border: round $primary;
            background-tint: $foreground 0%;
            & > .option-list--option-highlighted {
                color: $foreground;
                background: $primary 35%;
                text-style: bold;
            }
        }
        &:ansi > .option-list--option-highlighted,
        &:ansi:focus > .option-list--option-highlighted {
            background: ansi_bright_black;
        }
    }
    """

    results: var[tuple[CheckResult, ...]] = var(())

    @dataclass
    class Opened(Message):
        """A check was chosen."""

        check: CheckId

    @dataclass
    class Moved(Message):
        """Another check is highlighted."""

        check: CheckId

    def on_mount(self) -> None:
        """Takes its title."""
        self.border_title = "Checks"

    def on_resize(self) -> None:
        """Rows are cut to the width."""
        self._draw(self.results)

    def watch_results(
        self, before: tuple[CheckResult, ...], results: tuple[CheckResult, ...]
    ) -> None:
        """Redraws the rows that changed."""
        self._draw(results)
        if summed_up(results) != summed_up(before):
            self.border_subtitle = summed_up(results)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tells which check was chosen."""
        event.stop()
        self.post_message(self.Opened(self.results[event.option_index].id))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells which check is looked at."""
        event.stop()
        self.post_message(self.Moved(self.results[event.option_index].id))

    def _draw(self, results: Sequence[CheckResult]) -> None:
        width = self.scrollable_content_region.width
        rows = [row(result, width) for result in results]
        if len(rows) != self.option_count:
            self.set_options(
                Option(line, id=result.id) for line, result in zip(rows, results, strict=True)
            )
            self.highlighted = 0 if results else None
            return
        for place, line in enumerate(rows):
            drawn = self.get_option_at_index(place).prompt
            if not (isinstance(drawn, Content) and drawn.is_same(line)):
                self.replace_option_prompt_at_index(place, line)


def row(result: CheckResult, width: int) -> Content:
    """One check on one line: verdict and id, and the summary where there is room for it."""
    line: Line = (status_piece(result.status, WIDTH + 1), (result.id, ""))
    if width >= _WITH_SUMMARY:
        line = (*line, (" " * (_ID + 2 - len(result.id)), ""), (result.summary, MUTED))
    return cut(line, width)


def summed_up(results: Sequence[CheckResult]) -> str:
    """How many stand how, worst first."""
    counted = Counter(result.status for result in results)
    order = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PENDING, Status.PASS)
    told = [f"{status.symbol} {counted[status]} {status}" for status in order if counted[status]]
    return "  ".join(told)
