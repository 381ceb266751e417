"""Evidence: one check whole, its question, its verdict, what was seen, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from probes.model import Cause, CauseId, CheckResult, Look, Status
from widgets.ages import short_duration
from widgets.cause_rows import Keys as MendKeys
from widgets.cause_rows import remedies_row
from widgets.pieces import MUTED, STRONG, Blank, Fact, Row, Words
from widgets.status import WIDTH, status_piece

_INDENT = 3
_SWEEPS = 6
"""Changes of the status that are told, the newest first."""


@dataclass(frozen=True, slots=True)
class Keys:
    """How the keys are shown that do something about a check."""

    mend: MendKeys
    mends: CauseId | None
    """The cause that they mend."""

    copy: str
    copy_first: str
    copy_last: str


def evidence_rows(
    result: CheckResult,
    question: str,
    explanation: str,
    causes: tuple[Cause, ...],
    keys: Keys,
    looks: Sequence[Look] = (),
    commands: Sequence[tuple[str, str]] = (),
) -> tuple[Row, ...]:
    """The rows of one check; `causes` are those that it names, as the diagnosis tells them.

    `looks` are its verdicts in the last sweeps, oldest first; `commands` what it shows and what to
    type to see it by hand.
    """
    return (
        Words(((question, STRONG),)),
        Words((status_piece(result.status, WIDTH + 1), (result.summary, "")), WIDTH + 1),
        Blank(),
        *seen_rows(result),
        *_named(causes, keys),
        Words((("Why it matters", MUTED),)),
        Words(((explanation, ""),)),
        *_history(looks),
        *_by_hand(commands, keys),
    )


def _by_hand(commands: Sequence[tuple[str, str]], keys: Keys) -> Iterator[Row]:
    if commands:
        told = f"{keys.copy} copies all, {keys.copy_first} to {keys.copy_last} one of them"
        yield Blank()
        yield Words((("By hand  ", STRONG), (told, MUTED)))
    for number, (what, shell) in enumerate(commands, 1):
        yield Words(((f"{number}. {what}", MUTED),), _INDENT)
        yield Words((("   ", ""), (shell, "")), _INDENT)


def _history(looks: Sequence[Look]) -> Iterator[Row]:
    """The last sweeps, equal ones together, the newest first."""
    runs = [tuple(run) for _, run in groupby(looks, key=lambda one: (one.status, one.summary))]
    if runs:
        yield Blank()
        yield Words((("The last sweeps", STRONG),))
    for run in reversed(runs[-_SWEEPS:]):
        first, last = run[0], run[-1]
        span = f"{first.at:%H:%M:%S}"
        if len(run) > 1:
            span += f" to {last.at:%H:%M:%S}, {len(run)} sweeps"
        times = [one.duration_s for one in run]
        took = short_duration(min(times))
        if max(times) > min(times):
            took += f" to {short_duration(max(times))}"
        yield Words(
            (
                status_piece(last.status, WIDTH + 1),
                (f"{span}, {took}  ", MUTED),
                (last.summary, ""),
            ),
            WIDTH + 1,
        )


def seen_rows(result: CheckResult) -> Iterator[Row]:
    """What a check saw, each with its source."""
    if result.status is Status.PENDING:
        return
    if not result.evidence:
        yield Words((("There is no evidence to show.", MUTED),))
        yield Blank()
    for one in result.evidence:
        yield Fact(one.label, ((one.value, ""),))
        yield Fact("", ((one.source, MUTED),))
        yield Blank()


def _named(causes: tuple[Cause, ...], keys: Keys) -> Iterator[Row]:
    for cause in causes:
        yield Words((("Cause: ", MUTED), (cause.title, STRONG), (f"  {cause.id}", MUTED)), _INDENT)
        yield Words(((cause.explanation, ""),))
        if cause.consequence_of:
            yield Words(((f"It follows from {cause.consequence_of}.", MUTED),))
        yield Words((("→ ", MUTED), (cause.advice, "")), 2)
        if cause.remedies and cause.id is keys.mends:
            yield remedies_row(cause, keys.mend, 2)
        elif cause.remedies:
            yield Words((("  mended by ", MUTED), (", ".join(cause.remedies), "")), 2)
        yield Blank()
