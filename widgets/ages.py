"""Ages in a few cells. They change once a minute at most: over SSH every change is bytes."""

from __future__ import annotations

from datetime import datetime, timedelta

WIDTH = 3
"""Cells that the longest of them takes."""

_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60))


def short_age(age: timedelta) -> str:
    """`<1m`, `5m`, `2h`, `3d`; past 99 days `99d`."""
    seconds = int(age.total_seconds())
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{min(seconds // size, 99)}{unit}"
    return "<1m"


def short_duration(seconds: float) -> str:
    """`0.12s`, `12.3s`, `300s`: five cells at most."""
    if seconds < 10:
        return f"{seconds:.2f}s"
    return f"{seconds:.1f}s" if seconds < 100 else f"{seconds:.0f}s"


def moment(when: datetime | None) -> str:
    """`2026-01-06 03:00:00 UTC`; `-` where it is not known."""
    return f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else "-"
