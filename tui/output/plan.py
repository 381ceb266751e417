"""What `fix` and `undo` print: a plan, what stands in its way, and how it went."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from remedies.model import Outcome, Plan, Preflight, Step
from tui.facts import step_facts
from tui.output.facts import told_lines
from tui.output.text import wrapped

SCHEMA = 1
_WIDTH = 80
_CLEAR = Preflight()


def as_text(plan: Plan, found: Preflight = _CLEAR, *, colour: bool = False) -> str:
    """The plan for a person: who will take it back first, then step by step, commands included."""
    return "\n".join(_Page(plan, found, colour).lines())


def as_json(
    plan: Plan | None, found: Preflight | None = None, outcome: Outcome | None = None
) -> str:
    """One object: the plan, what stands in its way, and its outcome; null where there is none."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "plan": None if plan is None else _plan(plan),
            "preflight": None if found is None else _preflight(found),
            "outcome": None if outcome is None else _outcome(outcome),
        },
        ensure_ascii=False,
    )


def outcome_text(outcome: Outcome) -> str:
    """How it went, and what is left in force where it did not go well."""
    lines = [f"{outcome.kind.value}: {outcome.sentence}"]
    if outcome.left_behind:
        lines.append(f"left behind: {outcome.left_behind}")
    return "\n".join(lines)


def obstacles(found: Preflight) -> list[str]:
    """What stands in the way, one sentence each."""
    return [
        *(f"not permitted: {one}" for one in found.denied),
        *(f"the world has changed: {one}" for one in found.stale),
        *(f"the dry run was refused: {one}" for one in found.refused),
    ]


class _Page:
    def __init__(self, plan: Plan, found: Preflight, colour: bool) -> None:
        self._plan = plan
        self._found = found
        self._colour = colour

    def lines(self) -> Iterator[str]:
        plan = self._plan
        yield from self._painted(wrapped(plan.sentence, _WIDTH), bold=True)
        for warning in plan.warnings:
            yield from self._painted(_hung(f"! {warning}", 2), fg="yellow")
        for note in self._found.notes:
            yield from self._painted(_hung(f"! {note}", 2), fg="yellow")
        for obstacle in obstacles(self._found):
            yield from self._painted(_hung(f"✗ {obstacle}", 2), fg="red")
        for number, step in enumerate(plan.steps, 1):
            yield ""
            yield from self._step(number, step)
        if plan.durable:
            yield ""
            yield "The durable fix, for Git:"
            yield from self._diff(plan.durable)
        if plan.attended:
            yield ""
            yield from wrapped(f"Unattended it is refused: {plan.attended}", _WIDTH)
        yield ""
        yield f"plan {plan.id}, profile {plan.profile}, namespace {plan.namespace}"

    def _step(self, number: int, step: Step) -> Iterator[str]:
        done = " (is so already)" if step.id in self._found.done else ""
        yield from self._painted(_hung(f"{number}. {step.title}{done}", 3), bold=True)
        yield from self._diff(step.diff)
        yield from told_lines(step_facts(step, self._found))

    def _diff(self, diff: str) -> Iterator[str]:
        for line in diff.splitlines():
            yield from self._painted([f"   {line}"], fg={"+": "green", "-": "red"}.get(line[:1]))

    def _painted(
        self, lines: list[str], *, fg: str | None = None, bold: bool = False
    ) -> Iterator[str]:
        for line in lines:
            yield click.style(line, fg=fg, bold=bold) if self._colour else line


def _hung(text: str, indent: int) -> list[str]:
    first, *rest = wrapped(text, _WIDTH - indent)
    return [first, *(" " * indent + line for line in rest)]


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "id": plan.id,
        "remedy": plan.remedy,
        "profile": plan.profile,
        "namespace": plan.namespace,
        "made_at": plan.made_at.isoformat(timespec="seconds"),
        "sentence": plan.sentence,
        "warnings": list(plan.warnings),
        "steps": [_step(one) for one in plan.steps],
        "checks": list(plan.checks),
        "causes": list(plan.causes),
        "durable": plan.durable,
        "attended": plan.attended,
        "waits_for": plan.waits_for,
        "undoes": plan.undoes or None,
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "id": step.id,
        "title": step.title,
        "shell": step.shell,
        "diff": step.diff,
        "risk": step.risk,
        "risk_words": step.risk_words,
        "guard": step.guard,
        "permissions": [str(one) for one in step.permissions],
        "limit_s": step.limit_s,
        "can_be_undone": step.undo is not None,
        "undo": step.undo_words,
    }


def _preflight(found: Preflight) -> dict[str, object]:
    return {
        "clear": found.clear,
        "denied": [str(one) for one in found.denied],
        "stale": list(found.stale),
        "refused": list(found.refused),
        "notes": list(found.notes),
        "done": list(found.done),
    }


def _outcome(outcome: Outcome) -> dict[str, object]:
    return {
        "kind": outcome.kind,
        "sentence": outcome.sentence,
        "steps": [
            {"step": one.step, "state": one.state, "text": one.text} for one in outcome.steps
        ],
        "left_behind": outcome.left_behind,
    }
