"""The causes: what is wrong, by what to mend first, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probes.model import Cause, Diagnosis, Snapshot, Status
from widgets.panel import Panel
from widgets.pieces import MUTED, STRONG, Blank, Row, Words, height
from widgets.status import told

_INDENT = 3


class CausesPanel(Panel):
    """The named causes: roots are numbered, what follows from them stands below.

    They are told as fully as there is room for: with explanation and advice, with the advice
    alone, or by their titles.
    """

    HELP = "The causes by what to mend first, with what to do about each."
    TITLE = "Causes"

    _diagnosis: Diagnosis | None = None

    def show(self, snapshot: Snapshot, diagnosis: Diagnosis) -> None:
        """Draws the causes of now."""
        self._diagnosis = diagnosis
        super().show(snapshot, diagnosis)

    def on_resize(self) -> None:
        """Tells more or less, as there is room."""
        if self._diagnosis is not None:
            self.sheet.rows = self._fitting(self._diagnosis)

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The causes, or that there are none."""
        return self._fitting(diagnosis)

    def status_of(self, diagnosis: Diagnosis) -> Status:
        """That of the whole."""
        return diagnosis.status

    def _fitting(self, diagnosis: Diagnosis) -> tuple[Row, ...]:
        if not diagnosis.causes:
            yet = " yet" if diagnosis.status is Status.PENDING else ""
            return (Words(told(diagnosis.status, f"no cause is named{yet}")),)
        size = self.content_size
        rows: tuple[Row, ...] = ()
        for detail in (2, 1, 0):
            rows = tuple(row for one in _numbered(diagnosis) for row in _cause(*one, detail))
            if height(rows, size.width) <= size.height:
                break
        return rows


def _numbered(diagnosis: Diagnosis) -> Iterator[tuple[str, Cause]]:
    number = 0
    for cause in diagnosis.causes:
        if cause.consequence_of is None:
            number += 1
            yield f"{number}. ", cause
        else:
            yield " → ", cause


def _cause(number: str, cause: Cause, detail: int) -> Iterator[Row]:
    """A cause by its title; with detail 1 also what to do, with 2 also why it is so."""
    yield Words(((number, MUTED), (cause.title, STRONG)), _INDENT)
    if detail and cause.consequence_of:
        yield Words(((f"   follows from {cause.consequence_of}", MUTED),), _INDENT)
    elif detail:
        if detail > 1:
            yield Words((("   ", ""), (cause.explanation, "")), _INDENT)
        yield Words((("   → ", MUTED), (cause.advice, "")), _INDENT + 2)
    if detail > 1:
        yield Blank()
