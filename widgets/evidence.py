"""Evidence: one check whole, its question, its verdict, what was seen, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from probes.model import Cause, CheckResult, Status
from widgets.pieces import MUTED, STRONG, Blank, Fact, Row, Words
from widgets.status import WIDTH, status_piece

_INDENT = 3


def evidence_rows(
    result: CheckResult, question: str, explanation: str, causes: tuple[Cause, ...]
) -> tuple[Row, ...]:
    """The rows of one check; `causes` are those that it names, as the diagnosis tells them."""
    return (
        Words(((question, STRONG),)),
        Words((status_piece(result.status, WIDTH + 1), (result.summary, "")), WIDTH + 1),
        Blank(),
        *_seen(result),
        *_named(causes),
        Words((("Why it matters", MUTED),)),
        Words(((explanation, ""),)),
    )


def _seen(result: CheckResult) -> Iterator[Row]:
    if result.status is Status.PENDING:
        return
    if not result.evidence:
        yield Words((("There is no evidence to show.", MUTED),))
        yield Blank()
    for one in result.evidence:
        yield Fact(one.label, ((one.value, ""),))
        yield Fact("", ((one.source, MUTED),))
        yield Blank()


def _named(causes: tuple[Cause, ...]) -> Iterator[Row]:
    for cause in causes:
        yield Words((("Cause: ", MUTED), (cause.title, STRONG), (f"  {cause.id}", MUTED)), _INDENT)
        yield Words(((cause.explanation, ""),))
        if cause.consequence_of:
            yield Words(((f"It follows from {cause.consequence_of}.", MUTED),))
        yield Words((("→ ", MUTED), (cause.advice, "")), 2)
        yield Blank()
