"""Profiles: another target is chosen here, without starting the program again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input

from probes.model import Status
from probes.text import safe_text
from tui.choices import Choice, Kind, Offer
from tui.feed import Reading
from tui.footer import Footer
from tui.screens.base import ReadingScreen
from tui.target import Request
from widgets.ages import short_age
from widgets.pieces import MUTED, STRONG, Fact, Row, Words, plain
from widgets.sheet import Sheet
from widgets.status import told
from widgets.targets import Heading, TargetRow, Targets
from widgets.title_bar import TitleBar

_HEADINGS = {
    Kind.PROFILE: "Profiles of the configuration file",
    Kind.CONTEXT: "Contexts of the kubeconfig that no profile names",
    Kind.SANDBOX: "Scenarios of the sandbox",
}
_NEVER = "not looked at yet from here"


class ProfilesScreen(ReadingScreen):
    """Every target there is, each with its last known status."""

    HELP = "What else can be looked at, each with the status it had when it was looked at last."
    OPENED_BY = "profiles"

    CSS = """
    ProfilesScreen {
        #filter { border: round $border; height: 3; display: none; }
        &.-filtering #filter { display: block; }
        #about { height: auto; max-height: 45%; padding: 0 2; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="profiles.filter", tooltip="Filter the list"),
        Binding("escape", "back", "Back", id="profiles.back", tooltip="Back, or end the filter"),
    ]

    offer: var[Offer | None] = var(None)
    """What there is, once that is known."""

    targets = query_one(Targets)
    field = query_one("#filter", Input)

    @dataclass
    class Chosen(Message):
        """A target was chosen."""

        choice: Choice

    def __init__(self, request: Request, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._request = request
        self._clock = clock

    def compose(self) -> ComposeResult:
        """The list, the field of its filter, and the highlighted target whole."""
        yield TitleBar()
        yield Targets()
        field = Input(placeholder="Filter: part of a name", id="filter")
        field.cursor_blink = False  # each blink would be bytes
        yield field
        yield Sheet(id="about")
        yield Footer("profiles.open", "profiles.filter", "profiles.back", "view.sweep")

    def on_mount(self) -> None:
        """Starts on the list."""
        self.targets.focus()
        self._draw()

    def watch_offer(self, before: Offer | None, offer: Offer | None) -> None:
        """Shows what there is, at first with the present target highlighted."""
        if not self.is_mounted or offer is None:
            return
        self._draw()
        if before is None:
            now = (_id(one) for one in offer.choices if one.is_now(self._request))
            self.targets.go_to(next(now, ""))

    def show(self, reading: Reading) -> None:
        """The present target stands as the newest reading has it."""
        self._draw()

    def grow_older(self) -> None:
        """Tells the ages anew."""
        if self.is_mounted:
            self._draw()

    def _draw(self) -> None:
        self.targets.rows = tuple(self._rows())
        self._draw_about()

    def _rows(self) -> Iterator[Heading | TargetRow]:
        if self.offer is None:
            yield Heading("Looking for profiles and contexts …")
            return
        wanted = self.field.value.casefold()
        for kind, heading in _HEADINGS.items():
            all_of_kind = [one for one in self.offer.choices if one.kind is kind]
            fitting = [one for one in all_of_kind if wanted in _searched(one)]
            is_troubled = kind in self.offer.troubles
            if fitting or is_troubled:
                yield Heading(heading, "cannot be listed, see below" if is_troubled else "")
                yield from map(self._row, fitting)
        if wanted and not any(wanted in _searched(one) for one in self.offer.choices):
            yield Heading("Nothing fits the filter")

    def _row(self, choice: Choice) -> TargetRow:
        status, sentence, age = self._standing(choice)
        return TargetRow(_id(choice), safe_text(choice.name), status, sentence, age)

    def _standing(self, choice: Choice) -> tuple[Status | None, str, str]:
        """Status, sentence and age: of the present target as it is seen, else as remembered."""
        if choice.is_now(self._request) and self.reading is not None:
            diagnosis = self.reading.diagnosis
            return diagnosis.status, diagnosis.sentence, "now"
        if choice.trouble:
            return Status.UNKNOWN, safe_text(choice.trouble), ""
        if choice.known is None:
            return None, choice.told or _NEVER, ""
        age = short_age(self._clock() - choice.known.at)
        return choice.known.status, choice.known.sentence, f"{age} ago"

    def _draw_about(self) -> None:
        choice = self._choice(self.targets.at)
        about = tuple(self._about(choice)) if choice else ()
        self.query_one("#about", Sheet).rows = (*self._troubles(), *about)

    def _troubles(self) -> Iterator[Row]:
        """What could not be listed, in whole sentences."""
        troubles = self.offer.troubles.values() if self.offer else ()
        for one in dict.fromkeys(troubles):
            yield Words(told(Status.UNKNOWN, safe_text(one)), 2)

    def _about(self, choice: Choice) -> Iterator[Row]:
        yield Words(((f"{choice.kind} ", MUTED), (safe_text(choice.name), STRONG)))
        yield Words(plain(self._standing(choice)[1]))
        if choice.profile:
            profile = choice.profile
            yield _fact(
                "context", profile.context or f"{choice.context or 'none'}, the current one"
            )
            yield _fact("namespace", profile.namespace or "the context's")
            yield _fact("workload", profile.workload)
            if profile.kubeconfig:
                yield _fact("kubeconfig", str(profile.kubeconfig))
        if choice.known:
            yield _fact("last looked at", f"{choice.known.at:%Y-%m-%d %H:%M} UTC")

    def _choice(self, wanted: str) -> Choice | None:
        choices = self.offer.choices if self.offer else ()
        return next((one for one in choices if _id(one) == wanted), None)

    # The keys

    def on_targets_moved(self) -> None:
        """Tells about the highlighted target."""
        self._draw_about()

    def on_targets_chosen(self, event: Targets.Chosen) -> None:
        """Hands the choice on."""
        choice = self._choice(event.id)
        if choice:
            self.post_message(self.Chosen(choice))

    def action_filter(self) -> None:
        """Type a part of a name."""
        self.add_class("-filtering")
        self.field.focus()

    def on_input_changed(self) -> None:
        """Shows what fits."""
        self._draw()

    def on_input_submitted(self) -> None:
        """Back to the list, with what fits."""
        self.targets.focus()

    def action_back(self) -> None:
        """End the filter, else go back."""
        if not self.has_class("-filtering"):
            self.dismiss()
            return
        self.field.value = ""
        self.remove_class("-filtering")
        self.targets.focus()


def _fact(label: str, value: str) -> Fact:
    return Fact(label, plain(safe_text(value)))


def _id(choice: Choice) -> str:
    return f"{choice.kind} {choice.name}"


def _searched(choice: Choice) -> str:
    profile = choice.profile
    places = (profile.context, profile.namespace) if profile else ()
    return " ".join((choice.name, *filter(None, places), choice.told)).casefold()
