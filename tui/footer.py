"""The footer: the keys of the present screen, brought to the bar that draws them."""

from __future__ import annotations

from textual.screen import Screen

from tui.offered import Offered, offered
from widgets.key_bar import Key, KeyBar

_LAST = ("view.quit", "view.help")


class Footer(KeyBar):
    """Shows what the keys do now. Textual's own footer cuts off what has no room."""

    def __init__(self, *first: str, most: int = 1) -> None:
        """`first` are the ids of the most needed ones; the others follow as they come."""
        super().__init__(most)
        self._first = first

    def on_mount(self) -> None:
        """Follows the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._take()

    def _follow(self, screen: Screen[object]) -> None:
        # A terminal that loses the focus takes it from our widgets; nothing is drawn for that.
        if screen is self.screen and self.app.app_focus:
            self.call_after_refresh(self._take)

    def _take(self) -> None:
        if self.is_attached:
            found = [one for one in offered(self.screen) if one.in_footer]
            self.keys = tuple(map(_key, sorted(found, key=self._rank)))

    def _rank(self, one: Offered) -> int:
        if one.id in _LAST:
            return len(self._first) + 1 + _LAST.index(one.id)
        return self._first.index(one.id) if one.id in self._first else len(self._first)


def _key(one: Offered) -> Key:
    return Key(one.keys[0], one.shown[0], one.label, one.enabled, one.id in _LAST)
