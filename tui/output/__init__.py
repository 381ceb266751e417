"""What `check` prints: one module per format, each from a `Report` to text."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import cast

from probes.model import Diagnosis, Snapshot

FORMATS = ("text", "json", "markdown", "junit")


@dataclass(frozen=True, slots=True)
class Report:
    """One finished sweep with its diagnosis. `started_at` is UTC, `duration_s` seconds."""

    profile: str
    namespace: str
    started_at: datetime
    duration_s: float
    diagnosis: Diagnosis

    @classmethod
    def of(cls, snapshot: Snapshot, diagnosis: Diagnosis) -> Report:
        """The report on a finished snapshot."""
        ended = snapshot.finished_at or snapshot.started_at
        duration = (ended - snapshot.started_at).total_seconds()
        return cls(snapshot.profile, snapshot.namespace, snapshot.started_at, duration, diagnosis)


def renderer(name: str) -> Callable[..., str]:
    """The `render(report)` of that format; `text` takes the keyword `colour` as well."""
    # Imported when asked for: a JSON run does not pay for the XML library.
    return cast(Callable[..., str], import_module(f"tui.output.{name}").render)


def wants_colour() -> bool:
    """Whether standard output is a terminal, and nobody said no (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
