"""The plan: pending while it is made, then whole, and whether to apply it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from probes.model import Status
from remedies.model import Plan, Preflight
from tui.clipboard import copy
from tui.planrows import commands, plan_rows
from tui.screens.dialog import Dialog
from widgets.choice import Choice
from widgets.pieces import Row, Words
from widgets.status import told


class Decision(Enum):
    """What a person wants done with a plan; None stands for nothing."""

    APPLY = auto()
    ARM = auto()


class PlanScreen(Dialog[Decision | None]):
    """Shows a plan and asks; the answer that has the focus changes nothing.

    Where something stands in its way there is nothing to choose, only commands to copy.
    """

    TITLE = "Plan"
    HELP = "What would be done, step by step. Nothing is changed before you say yes."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy commands", id="plan.copy", tooltip="Copy the commands"),
        Binding(
            "d", "copy_diff", "Copy diff", id="plan.copy-diff", tooltip="Copy the change for Git"
        ),
    ]

    @dataclass
    class Made(Message):
        """The plan is there, with what stands in its way."""

        plan: Plan
        found: Preflight
        armed: bool

    @dataclass
    class Refused(Message):
        """There is no plan, and why."""

        sentence: str

    def __init__(self, doing: str) -> None:
        """`doing` is told while there is no plan yet."""
        super().__init__()
        self._doing = doing
        self._made: PlanScreen.Made | None = None

    def rows(self) -> Iterable[Row]:
        """What is under way."""
        return (Words(told(Status.PENDING, self._doing)),)

    def on_plan_screen_refused(self, event: Refused) -> None:
        """Says why there is no plan."""
        self.tell((Words(told(Status.WARN, event.sentence)),))

    async def on_plan_screen_made(self, event: Made) -> None:
        """Shows it, and asks."""
        self._made = event
        self.tell(plan_rows(event.plan, event.found))
        yes = "Yes, apply it" if event.armed else "Arm first: this is read-only"
        answers = ("No, change nothing", yes) if event.found.clear else ("Close",)
        choice = Choice(*answers)
        await self.query_one("#box", Vertical).mount(choice)
        choice.focus()
        self.refresh_bindings()

    def on_choice_taken(self, event: Choice.Taken) -> None:
        """Ends with the answer."""
        armed = self._made is not None and self._made.armed
        self.dismiss((Decision.APPLY if armed else Decision.ARM) if event.place else None)

    def why_not(self, action: str) -> str:
        """There is not always something to copy."""
        if action in ("copy", "copy_diff") and self._made is None:
            return "There is no plan to copy from."
        if action == "copy_diff" and self._made and not self._made.plan.durable:
            return "This plan has no change for Git."
        return ""

    async def action_copy(self) -> None:
        """Copy what a person would paste instead."""
        if self._made:
            await copy(self.app, commands(self._made.plan), "The commands")

    async def action_copy_diff(self) -> None:
        """Copy the durable fix."""
        if self._made:
            await copy(self.app, f"{self._made.plan.durable}\n", "The change for Git")
