"""From a plan to its outcome without a dashboard: show, ask, apply, and say how it went."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import click

from probes.model import ProbeError
from remedies.model import Outcome, OutcomeKind, Plan, Preflight, Progress, RefusedError, StepState
from remedies.watching import told_of
from tui.acting import Session, by_profile, session_on
from tui.output import plan as output
from tui.output import wants_colour
from tui.target import Request, TargetError, open_target

APPLIED, FAILING, USAGE, REFUSED, FAILED = range(5)

EXIT_CODES = {
    OutcomeKind.VERIFIED: APPLIED,
    OutcomeKind.WAITING: FAILING,
    OutcomeKind.FAILING: FAILING,
    OutcomeKind.REFUSED: REFUSED,
    OutcomeKind.FAILED: FAILED,
}

_ANSWER_S = 600.0
_ADD_YES = "nothing was changed: without a terminal to ask on, add `--yes` to apply the plan"
_DECLINED = "nothing was changed: the answer was not `yes`"

Making = Callable[[Session], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Options:
    """How far to go: `plan_only` changes nothing, `yes` does not ask. `format`: text or json."""

    plan_only: bool = False
    yes: bool = False
    format: str = "text"


async def act(request: Request, options: Options, make: Making) -> int:
    """Open the target, plan, and apply what was planned; the exit code."""
    try:
        async with open_target(request, lambda line: _say(f"{line} …")) as target:
            return await _Run(session_on(target, by_profile(target)), options).run(make)
    except TargetError as error:
        _say(str(error))
        return USAGE


def _say(line: str) -> None:
    click.echo(f"opsportal-tui: {line}", err=True)


@dataclass
class _Run:
    """One plan on its way. `plan` and `found` are what is known of it so far."""

    session: Session
    options: Options
    plan: Plan | None = None
    found: Preflight | None = None

    async def run(self, make: Making) -> int:
        try:
            plan = self.plan = await make(self.session)
            self.found = await self.session.preflight(plan)
        except RefusedError as error:
            return self._refused(str(error))
        except ProbeError as error:
            return self._refused(error.failure.sentence)
        self._show_plan(plan, self.found)
        if self.options.plan_only:
            return self._ended(None, APPLIED if self.found.clear else REFUSED)
        if self.found.clear and not self.session.executor.why_not():
            declined = await self._declined()
            if declined:
                return self._refused(declined)
        return await self._applied(plan)

    async def _declined(self) -> str:
        """Why it is not to be applied after all; empty where a person wants it."""
        if self.options.yes:
            attended = self.plan.attended if self.plan else ""
            return f"nothing was changed: {attended}" if attended else ""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return _ADD_YES
        said = await _answer("Apply this plan? Only `yes` does: ")
        return "" if said == "yes" else _DECLINED

    async def _applied(self, plan: Plan) -> int:
        try:
            outcome = await self.session.apply(plan, self._progress)
            seen = await self.session.watched(plan, outcome, self._progress)
            outcome = told_of(outcome, seen) if seen else outcome
        except RefusedError as error:
            return self._refused(str(error))
        except asyncio.CancelledError:
            _say("interrupted; `opsportal-tui journal` says what was under way")
            raise
        return self._ended(outcome, EXIT_CODES[outcome.kind])

    def _progress(self, progress: Progress) -> None:
        """Said, unless the terminal is gone: that stops no step, and nothing that is taken back."""
        state = "" if progress.state is StepState.RUNNING else f"{progress.state.value}: "
        told = f"{progress.step}: {state}{progress.text}" if progress.step else progress.text
        with suppress(OSError):
            _say(told)

    def _refused(self, sentence: str) -> int:
        _say(sentence)
        return self._ended(Outcome(OutcomeKind.REFUSED, sentence), REFUSED)

    def _show_plan(self, plan: Plan, found: Preflight) -> None:
        """For a person who reads the result, or is asked about it."""
        is_text = self.options.format == "text"
        if not is_text and (self.options.yes or self.options.plan_only):
            return
        colour = wants_colour() if is_text else False
        click.echo(output.as_text(plan, found, colour=colour), err=not is_text, color=colour)

    def _ended(self, outcome: Outcome | None, code: int) -> int:
        """The result on standard output."""
        if self.options.format == "json":
            click.echo(output.as_json(self.plan, self.found, outcome))
        elif outcome and outcome.kind is not OutcomeKind.REFUSED:
            click.echo(f"\n{output.outcome_text(outcome)}")
        sys.stdout.flush()
        return code


async def _answer(question: str) -> str:
    """What a person types; nothing that was typed before the question stood there."""
    source = sys.stdin.fileno()
    loop = asyncio.get_running_loop()
    line: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        loop.remove_reader(source)
        line.set_result(os.read(source, 4096))

    termios.tcflush(source, termios.TCIFLUSH)
    click.echo(question, err=True, nl=False)
    loop.add_reader(source, read)
    try:
        async with asyncio.timeout(_ANSWER_S):
            return (await line).decode(errors="replace").strip()
    except TimeoutError:
        return ""
    finally:
        loop.remove_reader(source)
