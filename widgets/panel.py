"""Panel: one room of the dashboard, a bordered and scrollable sheet with a status in its title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.reactive import var

from probes.model import (
    CheckResult,
    Diagnosis,
    Failure,
    Observation,
    Snapshot,
    Status,
    worst,
)
from widgets.pieces import MUTED, Fact, Line, Row, Words
from widgets.sheet import Sheet
from widgets.status import STATUS_CLASSES, status_class, status_piece, told

_UNASKED = (Words(told(Status.UNKNOWN, "not asked: the workload could not be seen"), indent=2),)


class Panel(VerticalScroll, can_focus=True):
    """The base of the panels: a subclass says what stands in it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "down,j",
            "scroll_down",
            "Scroll down",
            show=False,
            id="panel.down",
            tooltip="Scroll down",
        ),
        Binding("up,k", "scroll_up", "Scroll up", show=False, id="panel.up", tooltip="Scroll up"),
        Binding("home,g", "scroll_home", "Top", show=False, id="panel.top", tooltip="Top"),
        Binding("end,G", "scroll_end", "End", show=False, id="panel.end", tooltip="End"),
        Binding("enter", "open", "Look into", id="panel.open", tooltip="Look into it"),
    ]

    DEFAULT_CSS = """
    Panel {
        border: round $panel;
        border-title-color: $foreground;
        border-title-style: bold;
        padding: 0 1;
        background: $background;
        scrollbar-size-vertical: 1;
        &.-fail { border: round $error-muted; }
        &.-warn { border: round $warning-muted; }
        &:focus { border: heavy $border; }
    }
    """

    class Opened(Message):
        """More is wanted of what the panel is about; `room` names it."""

        def __init__(self, room: str) -> None:
            super().__init__()
            self.room = room

    TITLE: ClassVar[str] = ""
    ROOM: ClassVar[str] = ""
    """The source: the first part of the ids of the checks whose verdicts are this panel's."""

    key: var[str] = var("")
    """How the key is shown that leads here."""

    sheet = query_one(Sheet)

    def __init__(self, number: int, *, id: str | None = None) -> None:
        """`number` is the key that leads here, unless a person has another one for it."""
        super().__init__(id=id)
        self.set_reactive(Panel.key, str(number))
        self._status = Status.PENDING
        self._shown: tuple[Snapshot, Diagnosis] | None = None

    def compose(self) -> ComposeResult:
        """One sheet."""
        yield Sheet()

    def on_mount(self) -> None:
        """Shows its name even before anything was seen."""
        self._show(Status.PENDING, (Words(told(Status.PENDING, "not answered yet")),))

    def show(self, snapshot: Snapshot, diagnosis: Diagnosis) -> None:
        """Draws what is seen now; what is equal to what stands there is not drawn again."""
        self._shown = (snapshot, diagnosis)
        self.draw_again()

    def draw_again(self) -> None:
        """Draws what was shown last as it is told at this moment, in this size."""
        if self._shown is None:
            return
        snapshot, diagnosis = self._shown
        told = _UNASKED if self._is_unasked(snapshot) else self.rows_of(snapshot, diagnosis)
        self._show(self.status_of(diagnosis), tuple(told))

    def action_open(self) -> None:
        """Look into what the panel is about."""
        self.post_message(self.Opened(self.ROOM))

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """What stands in the panel."""
        raise NotImplementedError

    def status_of(self, diagnosis: Diagnosis) -> Status:
        """The worst of the panel's checks."""
        return worst(result.status for result in diagnosis.results if self._is_ours(result))

    def _is_unasked(self, snapshot: Snapshot) -> bool:
        """Whether the panel's source was not asked, which the sentence on top explains once."""
        hidden = snapshot.workload is not None and isinstance(snapshot.workload.seen, Failure)
        return hidden and bool(self.ROOM)

    def _is_ours(self, result: CheckResult) -> bool:
        return result.id.partition(".")[0] == self.ROOM

    def _show(self, status: Status, rows: tuple[Row, ...]) -> None:
        self.sheet.rows = rows
        if not self.has_class(status_class(status)):
            self.remove_class(*STATUS_CLASSES)
            self.add_class(status_class(status))
            self._status = status
            self.watch_key()

    def watch_key(self) -> None:
        """Names the panel with its key and status."""
        title = f"{self.key} {self.TITLE}  "
        self.border_title = Content.assemble(title, status_piece(self._status))


def not_seen(observation: Observation[Any] | None) -> tuple[Row, ...]:
    """What a panel says where its source has not answered, or could not be seen; else nothing."""
    if observation is None:
        return (Words(told(Status.PENDING, "not answered yet")),)
    if isinstance(observation.seen, Failure):
        return of_failure(observation.seen)
    return ()


def of_failure(failure: Failure) -> tuple[Row, ...]:
    """A look that failed: the sentence, then what was asked and how."""
    rows: list[Row] = [Words(told(Status.UNKNOWN, failure.sentence), indent=2)]
    if failure.asked:
        rows.append(Fact("asked", ((failure.asked, ""),)))
    if failure.route:
        rows.append(Fact("route", ((failure.route, MUTED),)))
    return tuple(rows)


def answered(failure_or_status: Failure | int, content_type: str = "") -> Line:
    """An HTTP answer or its failure, as a status with its words."""
    if isinstance(failure_or_status, Failure):
        return told(Status.FAIL, failure_or_status.kind)
    status = Status.PASS if failure_or_status == 200 else Status.FAIL
    return told(status, f"{failure_or_status} {content_type.partition(';')[0]}".rstrip())
