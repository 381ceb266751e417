"""The logs panel: what is said at warn level and above, and below it the lines as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from probes.model import (
    NOISE,
    Diagnosis,
    Failure,
    Level,
    LogGroup,
    LogsSeen,
    Snapshot,
    Status,
)
from widgets.log_filter import LogFilter
from widgets.log_gaps import gap_rows
from widgets.log_state import waiting
from widgets.log_text import LEVELS
from widgets.log_view import LogView
from widgets.logbook import Logbook
from widgets.panel import Panel, not_seen
from widgets.pieces import MUTED, Fitted, Line, Row, Words
from widgets.status import style_of, told
from widgets.titles import entitle

_SHARE = 4
"""The summary takes about one line in so many; the lines themselves take the rest."""

_LEAST_GROUPS = 2


class LogsPanel(Panel):
    """The worst of the logs, and their live tail."""

    HELP = (
        "Warnings and errors of all pods, equal ones once; below them the lines as they come, "
        "without the requests of the kubelet and of Prometheus."
    )
    TITLE = "Logs"
    ROOM = "logs"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "hold", "Stand still", id="panel.hold", tooltip="Stand still, or go on")
    ]

    DEFAULT_CSS = """
    LogsPanel LogView {
        height: 1fr;
        min-height: 4;
        border-top: solid $panel;
    }
    """

    tail = query_one(LogView)

    def __init__(
        self,
        number: int,
        groups: Callable[[LogsSeen], Sequence[LogGroup]],
        book: Logbook,
        *,
        id: str | None = None,
    ) -> None:
        """`groups` gives what is said at warn level and above; noise is counted, and no more."""
        super().__init__(number, id=id)
        self._groups = groups
        self._book = book

    def compose(self) -> ComposeResult:
        """The summary, and the tail."""
        yield from super().compose()
        tail = LogView(self._book, LogFilter(quiet=True))
        tail.can_focus = False
        yield tail

    def on_resize(self) -> None:
        """Tells more or fewer of the worst, as there is room."""
        self.draw_again()

    def catch_up(self) -> None:
        """Draw what has come to the logbook."""
        self.tail.catch_up()

    def on_log_view_changed(self) -> None:
        """Tells how many lines wait while the tail stands still."""
        rows = self.tail.rows
        entitle(self, subtitle=f"standing still · {waiting(rows)}" if rows.held else "")

    def action_hold(self) -> None:
        """Let the tail stand still, or go on."""
        self.tail.hold(not self.tail.rows.held)

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The summary, or why there is none."""
        observation = snapshot.logs
        if observation is None or isinstance(observation.seen, Failure):
            return not_seen(observation)
        return (*gap_rows(observation, self._book.gaps), *self._rows(observation.seen))

    def _rows(self, seen: LogsSeen) -> Iterator[Row]:
        groups = self._groups(seen)
        loud = [one for one in groups if one.means != NOISE]
        yield Fitted((_counts(loud, _lines(groups) - _lines(loud)),))
        worst = sorted(loud, key=lambda one: -one.newest.level.rank)
        most = max(_LEAST_GROUPS, self.content_size.height // _SHARE)
        most += len(worst) == most + 1  # to say that there is one more takes a line, too
        for group in worst[:most]:
            yield Fitted((_group(group),))
        if len(worst) > most:
            yield Words(((f"and {len(worst) - most} more in the logs", MUTED),))


def _lines(groups: Iterable[LogGroup]) -> int:
    return sum(one.count for one in groups)


def _counts(loud: Sequence[LogGroup], noise: int) -> Line:
    """`2 errors · 5 warnings · 1 known noise`."""
    errors = _lines(one for one in loud if one.newest.level is not Level.WARN)
    warnings = _lines(loud) - errors
    quiet = told(Status.PASS, "no warnings, no errors") if not loud else ()
    parts: list[Line] = [quiet] if quiet else []
    if errors:
        parts.append(((_count(errors, "error"), style_of(Status.FAIL)),))
    if warnings:
        parts.append(((_count(warnings, "warning"), style_of(Status.WARN)),))
    if noise:
        parts.append(((f"{noise:,} known noise", MUTED),))
    line: Line = ()
    for part in parts:
        line = (*line, *(((" · ", MUTED),) if line else ()), *part)
    return line


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _group(group: LogGroup) -> Line:
    line = group.newest
    error = line.fields.get("error")
    return (
        LEVELS[line.level],
        (f" ×{group.count:<3} ", MUTED),
        (line.message, ""),
        *(((f"  {error}", MUTED),) if error else ()),
    )
