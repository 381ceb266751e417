"""Plans, their progress and their outcome as rows to draw. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from probes.model import Status
from remedies.model import (
    Outcome,
    OutcomeKind,
    Plan,
    Preflight,
    Progress,
    Step,
    StepState,
)
from tui.facts import Told, step_facts
from tui.output.plan import obstacles
from widgets.pieces import MUTED, STRONG, Blank, Fact, Row, Words
from widgets.status import status_piece

_WARNING = "bold $text-warning"
_ERROR = "bold $text-error"
_DIFF = {"+": "$text-success", "-": "$text-error", "@": MUTED}

_STATES: Mapping[StepState, tuple[str, str]] = {
    StepState.RUNNING: ("…", "$text-accent"),
    StepState.DONE: ("✓", "$text-success"),
    StepState.ALREADY: ("✓", "$text-success"),
    StepState.FAILED: ("✗", _ERROR),
    StepState.UNKNOWN: ("?", _WARNING),
    StepState.REVERTED: ("↶", _WARNING),
    StepState.INTERRUPTED: ("!", _WARNING),
}

_VERDICTS = {
    OutcomeKind.VERIFIED: Status.PASS,
    OutcomeKind.WAITING: Status.WARN,
    OutcomeKind.FAILING: Status.FAIL,
    OutcomeKind.FAILED: Status.FAIL,
    OutcomeKind.REFUSED: Status.WARN,
}


def plan_rows(plan: Plan, found: Preflight) -> Iterator[Row]:
    """The sentence, who will take it back, what stands in the way, and each step whole."""
    yield Words(((plan.sentence, STRONG),))
    for warning in (*plan.warnings, *found.notes):
        yield Words((("! ", _WARNING), (warning, _WARNING)), 2)
    for obstacle in obstacles(found):
        yield Words((("✗ ", _ERROR), (obstacle, _ERROR)), 2)
    for number, step in enumerate(plan.steps, 1):
        yield Blank()
        yield from _step(number, step, found)
    if plan.durable:
        yield Blank()
        yield Words((("The durable fix, for Git", STRONG),))
        yield from _diff(plan.durable)


def _step(number: int, step: Step, found: Preflight) -> Iterator[Row]:
    done = (("  is so already", MUTED),) if step.id in found.done else ()
    yield Words(((f"{number}. ", MUTED), (step.title, STRONG), *done), 3)
    yield from _diff(step.diff)
    yield from told_rows(step_facts(step, found), "   ")


def told_rows(facts: Iterable[Told], indent: str = "") -> Iterator[Row]:
    """Facts as rows; commands stand line by line."""
    for one in facts:
        style = _ERROR if one.alarming else MUTED if one.is_command else ""
        for line in one.value.splitlines() if one.is_command else (one.value,):
            yield Fact(f"{indent}{one.label}", ((line, style),))


def _diff(diff: str) -> Iterator[Row]:
    for line in diff.splitlines():
        yield Words(((f"   {line}", _DIFF.get(line[:1], "")),), 5)


def commands(plan: Plan) -> str:
    """What a person would paste in a shell instead, step by step."""
    told = (f"# {n}. {one.title}\n{one.shell}" for n, one in enumerate(plan.steps, 1) if one.shell)
    return "\n".join(told) + "\n"


def progress_rows(plan: Plan, told: Mapping[str, Progress], whole: str) -> Iterator[Row]:
    """Each step and how far it has come; `whole` is what goes on besides."""
    yield Words(((plan.sentence, STRONG),))
    yield Blank()
    for number, step in enumerate(plan.steps, 1):
        yield from _progress(number, step, told.get(step.id))
    if whole:
        yield Blank()
        yield Words((("… ", "$text-accent"), (whole, "")), 2)


def _progress(number: int, step: Step, progress: Progress | None) -> Iterator[Row]:
    if progress is None:
        yield Words(((f"  {number}. {step.title}", MUTED),), 5)
        return
    symbol, style = _STATES[progress.state]
    word = (f"  {progress.state.value}", style)
    yield Words(((f"{symbol} ", style), (f"{number}. {step.title}", ""), word), 5)
    if progress.text and progress.text != step.title:
        yield Words(((f"     {progress.text}", MUTED),), 5)


def outcome_rows(outcome: Outcome) -> Iterator[Row]:
    """The verdict, and what is left in force where it did not go well."""
    yield Blank()
    symbol, style = status_piece(_VERDICTS[outcome.kind])
    yield Words(((f"{symbol}  ", style), (outcome.kind.value, STRONG)))
    yield Words(((outcome.sentence, ""),))
    if outcome.left_behind:
        yield Words((("! ", _WARNING), (f"left behind: {outcome.left_behind}", "")), 2)
