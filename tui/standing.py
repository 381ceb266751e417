"""Standing: the state of the looking, by name, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tui.keeping import Sight
from widgets.pieces import MUTED, Line


class Phase(StrEnum):
    """The states that the dashboard names."""

    CONNECTING = "connecting"
    SWEEPING = "sweeping"
    """The first sweep is under way."""

    LIVE = "live"
    PAUSED = "paused"
    STALE = "stale"
    DENIED = "denied"
    UNREACHABLE = "unreachable"
    """Sweeps go on, but can ask nothing."""

    DISCONNECTED = "disconnected"
    """There are no more sweeps until somebody wants one."""


_SYMBOLS = {
    Phase.CONNECTING: ("…", MUTED),
    Phase.SWEEPING: ("…", MUTED),
    Phase.LIVE: ("✓", "$text-success"),
    Phase.PAUSED: ("‖", "$text-warning"),
    Phase.STALE: ("!", "bold $text-warning"),
    Phase.DENIED: ("✗", "bold $text-error"),
    Phase.UNREACHABLE: ("✗", "bold $text-error"),
    Phase.DISCONNECTED: ("✗", "bold $text-error"),
}
_OF_SIGHT = {Sight.DENIED: Phase.DENIED, Sight.UNREACHABLE: Phase.UNREACHABLE}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the looking. `swept_at` is the end of the sweep that is shown."""

    swept_at: datetime | None = None
    heard: bool = False
    """Whether anything has answered yet."""

    sight: Sight = Sight.CLEAR
    """How much the newest sweep could see."""

    paused: bool = False
    disconnected: bool = False
    patience: timedelta = timedelta(seconds=60)
    """How old data may be before they are called stale."""

    def phase(self, now: datetime) -> Phase:
        """The state at that moment."""
        if self.disconnected:
            return Phase.DISCONNECTED
        if self.paused:
            return Phase.PAUSED
        if self.sight in _OF_SIGHT:
            return _OF_SIGHT[self.sight]
        if self.swept_at is None:
            return Phase.SWEEPING if self.heard else Phase.CONNECTING
        return Phase.STALE if self._is_old(now) else Phase.LIVE

    def stale(self, now: datetime) -> bool:
        """Whether what is shown may be true no more, whatever the state is called."""
        if self.swept_at is None:
            return self.disconnected
        return self.disconnected or self.sight is Sight.UNREACHABLE or self._is_old(now)

    def _is_old(self, now: datetime) -> bool:
        return self.swept_at is not None and now - self.swept_at > self.patience

    def told(self, now: datetime) -> Line:
        """The state as it stands on screen. It changes once a minute at most, sweeps aside."""
        phase = self.phase(now)
        symbol, style = _SYMBOLS[phase]
        named = (f"{symbol} {phase}", style)
        if self.swept_at is None:
            return (named,)
        if phase in (Phase.LIVE, Phase.DENIED):
            return (named, (f"  {self.swept_at:%H:%M:%S} UTC", ""))
        return (named, (f"  {_age(now - self.swept_at)}", ""))


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes >= 120:
        return f"{minutes // 60} h old"
    return f"{minutes} min old" if minutes else "<1 min old"
