"""Standing: the state of the looking, by name, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from widgets.pieces import MUTED, Line


class Phase(StrEnum):
    """The states that the dashboard names."""

    CONNECTING = "connecting"
    SWEEPING = "sweeping"
    """The first sweep is under way."""

    LIVE = "live"
    PAUSED = "paused"
    STALE = "stale"
    DISCONNECTED = "disconnected"


_SYMBOLS = {
    Phase.CONNECTING: ("…", MUTED),
    Phase.SWEEPING: ("…", MUTED),
    Phase.LIVE: ("✓", "$text-success"),
    Phase.PAUSED: ("‖", "$text-warning"),
    Phase.STALE: ("!", "bold $text-warning"),
    Phase.DISCONNECTED: ("✗", "bold $text-error"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the looking. `swept_at` is the end of the last finished sweep."""

    swept_at: datetime | None = None
    heard: bool = False
    """Whether anything has answered yet."""

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
        if self.swept_at is None:
            return Phase.SWEEPING if self.heard else Phase.CONNECTING
        return Phase.STALE if now - self.swept_at > self.patience else Phase.LIVE

    def told(self, now: datetime) -> Line:
        """The state as it stands on screen. It changes once a minute at most, sweeps aside."""
        phase = self.phase(now)
        symbol, style = _SYMBOLS[phase]
        named = (f"{symbol} {phase}", style)
        if self.swept_at is None:
            return (named,)
        if phase is Phase.LIVE:
            return (named, (f"  {self.swept_at:%H:%M:%S} UTC", ""))
        return (named, (f"  {_age(now - self.swept_at)}", ""))


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes >= 120:
        return f"{minutes // 60} h old"
    return f"{minutes} min old" if minutes else "<1 min old"
