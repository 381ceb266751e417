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
from widgets import ages
from widgets.ages import short_duration
from widgets.options import Options
from widgets.pieces import MUTED, Line, Piece, cut
from widgets.status import WIDTH, status_piece
from widgets.titles import entitle

_ID = max(len(check) for check in CheckId)
_DURATION = len("0.12s")
_WITH_AGE = WIDTH + 1 + 1 + _ID + 1 + ages.WIDTH
"""From this width on the age of the verdict stands behind the id."""

_WITH_TIMES = _WITH_AGE + 1 + _DURATION
"""From this width on the duration of the look stands behind that."""

_WITH_SUMMARY = _WITH_TIMES + 24
"""From this width on the summary stands behind them."""

_CHANGED = "•"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A verdict as a row: `age` says how long it stands so (`5m`), `changed` that it is new."""

    result: CheckResult
    age: str = ""
    changed: bool = False


class Checklist(Options):
    """One row for each check; Enter opens it."""

    HELP = (
        "Every check with its verdict, how long it stands so, and how long the look took. "
        f"{_CHANGED} marks what the last sweep changed."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "down,j",
            "cursor_down",
            "Next check",
            show=False,
            id="checklist.down",
            tooltip="Next check",
        ),
        Binding(
            "up,k",
            "cursor_up",
            "Check before",
            show=False,
            id="checklist.up",
            tooltip="Check before",
        ),
        Binding(
            "home,g",
            "first",
            "First check",
            show=False,
            id="checklist.first",
            tooltip="First check",
        ),
        Binding(
            "end,G", "last", "Last check", show=False, id="checklist.last", tooltip="Last check"
        ),
        Binding(
            "enter",
            "select",
            "Evidence",
            id="checklist.open",
            tooltip="Open the evidence of the highlighted check",
        ),
    ]

    DEFAULT_CSS = """
    Checklist { height: auto; }
    """

    rows: var[tuple[CheckRow, ...]] = var(())

    @dataclass
    class Opened(Message):
        """A check was chosen."""

        check: CheckId

    def on_resize(self) -> None:
        """Rows are cut to the width."""
        self._draw(self.rows)

    def watch_rows(self, rows: tuple[CheckRow, ...]) -> None:
        """Redraws the rows that changed."""
        self._draw(rows)
        entitle(self, subtitle=summed_up(rows))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tells which check was chosen."""
        event.stop()
        if event.option_id:  # its rows may be others by now
            self.post_message(self.Opened(CheckId(event.option_id)))

    @property
    def at(self) -> CheckId | None:
        """The check that the cursor stands on."""
        place = self.highlighted
        return None if place is None else CheckId(str(self.get_option_at_index(place).id))

    def _draw(self, rows: Sequence[CheckRow]) -> None:
        width = self.scrollable_content_region.width
        lines = [drawn(row, width) for row in rows]
        checks = [row.result.id for row in rows]
        if checks != [option.id for option in self.options]:
            here, place = self.at, self.highlighted or 0
            self.set_options(
                Option(line, id=check) for line, check in zip(lines, checks, strict=True)
            )
            self._go_to(here, place)
            return
        for place, line in enumerate(lines):
            standing = self.get_option_at_index(place).prompt
            if not (isinstance(standing, Content) and standing.is_same(line)):
                self.replace_option_prompt_at_index(place, line)

    def _go_to(self, check: CheckId | None, place: int) -> None:
        """To that check; where it is gone to the one that stands there now, if there is any."""
        checks = [option.id for option in self.options]
        near = min(place, len(checks) - 1) if checks else None
        self.highlighted = checks.index(check) if check in checks else near
        self.call_after_refresh(self.scroll_to_highlight)


def drawn(row: CheckRow, width: int) -> Content:
    """One check on one line: verdict, mark and id; times and summary where there is room."""
    result = row.result
    mark: Piece = (_CHANGED, "bold $text-warning") if row.changed else (" ", "")
    line: Line = (status_piece(result.status, WIDTH + 1), mark, (result.id, ""))
    if width >= _WITH_AGE:
        times = _times(row, with_duration=width >= _WITH_TIMES)
        line = (*line, (" " * (_ID - len(result.id)) + times, MUTED))
    if width >= _WITH_SUMMARY:
        line = (*line, (f"  {result.summary}", ""))
    return cut(line, width)


def _times(row: CheckRow, *, with_duration: bool) -> str:
    """Age and duration in their columns; blank while there is no verdict."""
    age = f" {row.age:>{ages.WIDTH}}"
    if not with_duration:
        return age
    pending = row.result.status is Status.PENDING
    took = "" if pending else short_duration(row.result.duration_s)
    return f"{age} {took:>{_DURATION}}"


def summed_up(rows: Sequence[CheckRow]) -> str:
    """How many stand how, worst first."""
    counted = Counter(row.result.status for row in rows)
    order = (Status.FAIL, Status.WARN, Status.UNKNOWN, Status.PENDING, Status.PASS)
    told = [f"{status.symbol} {counted[status]} {status}" for status in order if counted[status]]
    return "  ".join(told)
