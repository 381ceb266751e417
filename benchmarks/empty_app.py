"""The widgets of the overview, its layout and nothing else: no settings, no judging, no data."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.screen import Screen

from widgets.argocd_panel import ArgoCDPanel
from widgets.causes_panel import CausesPanel
from widgets.checklist import Checklist
from widgets.data_path import DataPath
from widgets.database_panel import DatabasePanel
from widgets.key_bar import Key, KeyBar
from widgets.logbook import Logbook
from widgets.logs_panel import LogsPanel
from widgets.prometheus_panel import PrometheusPanel
from widgets.sentence import Sentence
from widgets.title_bar import TitleBar

_WORDS = ("Panel", "Copy", "Sweep", "Wait", "Logs", "Targets", "Report", "Help", "Quit")


class OverviewScreen(Screen[None]):
    """Has the real one's name: the style sheet goes by it."""

    def compose(self) -> ComposeResult:
        """As the real one does."""
        yield TitleBar()
        yield Sentence()
        yield DataPath()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Checklist()
                yield CausesPanel(0, id="causes")
            with Grid(id="panels"):
                yield CausesPanel(0, id="causes-alone")
                yield PrometheusPanel(1, id="prometheus")
                yield ArgoCDPanel(2, id="argocd")
                yield DatabasePanel(3, {}, id="database")
                yield LogsPanel(4, lambda _: (), Logbook(), id="logs")
        keys = KeyBar()
        keys.set_reactive(KeyBar.keys, tuple(Key(one[0], one[0], one) for one in _WORDS))
        yield keys


class EmptyApp(App[None]):
    """The overview without anything in it."""

    CSS_PATH = "../tui/dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "Quit")]

    def get_default_screen(self) -> Screen[None]:
        """The overview."""
        return OverviewScreen(classes="-full")


if __name__ == "__main__":
    EmptyApp().run()
