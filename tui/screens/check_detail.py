"""Drill-down of one check: its verdict with evidence and causes, and how to see it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from probes import byhand, catalogue
from probes.byhand import Command
from probes.model import Cause, CheckId
from tui.clipboard import copy
from tui.feed import Reading
from tui.offered import key_shown
from tui.screens.base import cause_of
from tui.screens.sheet import SheetScreen
from widgets.evidence import Keys, evidence_rows
from widgets.pieces import Row


class CheckDetailScreen(SheetScreen):
    """One check whole; it follows the sweeps."""

    HELP = (
        "One check whole: its question, what came back, what to do about it, and the commands by "
        "which you would see it yourself."
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Before", id="check.previous", tooltip="Check before"),
        Binding("right,l", "step(1)", "Next", id="check.next", tooltip="Next check"),
        Binding("y", "copy", "Copy", id="check.copy", tooltip="Copy all the commands"),
        *(
            Binding(
                str(number),
                f"copy_one({number})",
                f"Copy command {number}",
                show=False,
                id=f"check.copy-{number}",
                tooltip=f"Copy command {number}",
            )
            for number in range(1, 10)
        ),
    ]

    def __init__(self, check: CheckId) -> None:
        super().__init__()
        self._check = check

    @property
    def heading(self) -> str:
        """The check's id."""
        return self._check.value

    @property
    def cause(self) -> Cause | None:
        """The first root cause that the check names, else the first of all."""
        return cause_of(self._check, self.reading) or super().cause

    def rows_of(self, reading: Reading) -> Sequence[Row]:
        """The newest verdict whole."""
        diagnosis = reading.diagnosis
        result = next(one for one in diagnosis.results if one.id is self._check)
        named = {cause.id for cause in result.causes}
        words = catalogue.CHECKS[self._check]
        return evidence_rows(
            result,
            words.question,
            words.explanation,
            tuple(cause for cause in diagnosis.causes if cause.id in named),
            self._keys(),
            reading.history.looks.get(self._check, ()),
            tuple((one.what, one.shell) for one in self._commands()),
        )

    def _keys(self) -> Keys:
        mend = key_shown(self, "fix.first"), key_shown(self, "fix.choose")
        copy = (key_shown(self, f"check.copy{one}") for one in ("", "-1", "-9"))
        return Keys(mend, self.cause.id if self.cause else None, *copy)

    def _commands(self) -> tuple[Command, ...]:
        """What to type to see it by hand."""
        if self.reading is None or self.reading.snapshot.workload is None:
            return ()
        reading = self.reading
        return byhand.commands(self._check, reading.snapshot, reading.context, reading.kubeconfig)

    def why_not(self, action: str) -> str:
        """There are no commands before the workload was seen."""
        if action in ("copy", "copy_one") and not self._commands():
            return "Nothing to copy yet: the workload has not answered."
        return ""

    async def action_copy(self) -> None:
        """Copy all the commands, each with what it shows as a comment."""
        text = "\n".join(f"# {one.what}\n{one.shell}" for one in self._commands())
        await copy(self.app, text, f"The commands for {self._check}")

    async def action_copy_one(self, number: int) -> None:
        """Copy one of the commands."""
        told = self._commands()
        if number <= len(told):
            await copy(self.app, told[number - 1].shell, f"Command {number}")
        else:
            self.notify(f"There are {len(told)} commands.", severity="warning", markup=False)

    def action_step(self, step: int) -> None:
        """Another check, in the checklist's order."""
        checks = list(CheckId)
        self._check = checks[(checks.index(self._check) + step) % len(checks)]
        self.page.scroll_home(animate=False)
        if self.reading is not None:
            self.show(self.reading)
