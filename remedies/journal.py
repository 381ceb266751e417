"""The journal: append-only JSON lines of every plan, step, outcome and refusal.

An intent is on the disk before its step begins, so that after a crash the next start can say
which step was under way. One file per machine and user, mode 0600; no entry holds a secret,
because no action does.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from remedies.model import Outcome, Plan, StepOutcome

SCHEMA = 1
SETTLED = "looked after"
"""The state of a plan whose end a person has found out by hand."""


class Event(StrEnum):
    """What an entry tells."""

    PLANNED = "planned"
    """A person confirmed this plan; it begins."""
    INTENT = "intent"
    STEP = "step"
    FINISHED = "finished"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `id` is the plan's; `who` user and, over SSH, where from; `undoes` another's id."""

    at: datetime
    event: Event
    id: str
    who: str
    profile: str
    remedy: str
    step: str = ""
    state: str = ""
    text: str = ""
    undoes: str = ""
    plan: Plan | None = None


_ENTRY = TypeAdapter(Entry)


def who() -> str:
    """`user`, or `user from 10.0.0.7` over SSH (sshd sets SSH_CONNECTION, sshd(8))."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid {os.getuid()}"
    origin = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return f"{user} from {origin}" if origin else user


class Journal:
    """One journal file. Raises OSError where it cannot be read or written (`trouble` tells it)."""

    def __init__(self, path: Path, clock: Callable[[], datetime] | None = None) -> None:
        self.path = path
        self._clock = clock or (lambda: datetime.now(UTC))

    def planned(self, plan: Plan) -> None:
        """The plan begins."""
        told = {"text": plan.sentence, "undoes": plan.undoes}
        self._append(plan, Event.PLANNED, plan=plan, **told)

    def intent(self, plan: Plan, step: str) -> None:
        """The step begins; on the disk when this returns."""
        self._append(plan, Event.INTENT, step=step)

    def step(self, plan: Plan, outcome: StepOutcome) -> None:
        """The step has ended."""
        text = outcome.text
        self._append(plan, Event.STEP, step=outcome.step, state=outcome.state.value, text=text)

    def finished(self, plan: Plan, outcome: Outcome) -> None:
        """The plan has ended."""
        self._append(plan, Event.FINISHED, state=outcome.kind.value, text=outcome.sentence)

    def settled(self, plan: Plan) -> None:
        """A person has looked after a plan that never came to its end."""
        self._append(plan, Event.FINISHED, state=SETTLED, text="looked after by hand")

    def refused(self, plan: Plan, refusal: str, sentence: str) -> None:
        """Nothing was done, and why."""
        self._append(plan, Event.REFUSED, state=refusal, text=sentence)

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first; a line that a crash cut short is passed over."""
        try:
            # As bytes: a cut may go through a character, and a text has more kinds of line breaks.
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return
        yield from filter(None, map(_entry, lines))

    def trouble(self, error: OSError, done: str) -> str:
        """A sentence on why it cannot be `done` (read, written), and what to do."""
        return (
            f"the journal {self.path} cannot be {done}: {error.strerror or error}. It has to be a "
            "file of this user's, with room on its disk; XDG_STATE_HOME names another folder for it"
        )

    def _append(self, of: Plan, event: Event, **told: Any) -> None:
        entry = Entry(self._clock(), event, of.id, who(), of.profile, of.remedy.value, **told)
        document = {"schema": SCHEMA} | _ENTRY.dump_python(entry, mode="json")
        line = f"{json.dumps(document, ensure_ascii=False)}\n".encode()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            os.fchmod(handle, 0o600)  # it may have come from a backup
            _write(handle, line if _ends_a_line(handle) else b"\n" + line)
            os.fsync(handle)
        finally:
            os.close(handle)


def _entry(line: bytes) -> Entry | None:
    """The entry of a line; None where it is none of ours, or not whole."""
    try:
        document = json.loads(line)
        if isinstance(document, dict) and document.pop("schema", None) == SCHEMA:
            return _ENTRY.validate_python(document)
    except ValueError:
        return None
    return None


def _write(handle: int, content: bytes) -> None:
    """All of it: a disk that fills up in the middle is an error, too."""
    while content:
        content = content[os.write(handle, content) :]


def _ends_a_line(handle: int) -> bool:
    """Whether the file is empty or ends a line: a crash may have cut the last one short."""
    size = os.fstat(handle).st_size
    return size == 0 or os.pread(handle, 1, size - 1) == b"\n"
