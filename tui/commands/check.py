"""`opsportal-tui check`: one verdict for a person or a script, or one after another."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass

import click

from probes.model import CheckId, Diagnosis, Status
from tui.output import Report, renderer, wants_colour
from tui.target import Request, Target, TargetError, open_target

PASSED, FAILED, USAGE, UNKNOWN = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Options:
    """What `check` was asked for. `only` None means all checks."""

    format: str = "text"
    only: frozenset[CheckId] | None = None
    strict: bool = False
    watch: bool = False


def parse_only(text: str | None) -> frozenset[CheckId] | None:
    """The checks that `--only` names. Raises click.BadParameter naming the nearest id."""
    if text is None:
        return None
    known = [check.value for check in CheckId]
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    for one in wanted:
        if one not in known:
            near = difflib.get_close_matches(one, known, n=1, cutoff=0.3)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise click.BadParameter(f"there is no check {one}: {hint}", param_hint="--only")
    if not wanted:
        raise click.BadParameter("names no check", param_hint="--only")
    return frozenset(CheckId(one) for one in wanted)


async def check(request: Request, options: Options) -> int:
    """Sweep, judge and print; the exit code is that of the last verdict."""
    try:
        async with open_target(request, _progress) as target:
            return await _checked(target, options)
    except TargetError as error:
        click.echo(f"opsportal-tui: {error}", err=True)
        return USAGE


def _progress(line: str) -> None:
    click.echo(f"opsportal-tui: {line} …", err=True)


async def _checked(target: Target, options: Options) -> int:
    from probes.checks import sources_of
    from probes.diagnosis import diagnose

    sources = sources_of(options.only or CheckId)
    while True:
        snapshot = await target.sweeper.run(sources=sources)
        diagnosis = diagnose(snapshot, options.only)
        _print(Report.of(snapshot, diagnosis), options)
        if not options.watch:
            return exit_code(diagnosis, strict=options.strict)
        await asyncio.sleep(target.profile.interval_s)


def _print(report: Report, options: Options) -> None:
    render = renderer(options.format)
    if options.format == "text":
        click.echo(render(report, colour=wants_colour()), color=wants_colour())
        return
    click.echo(render(report))
    sys.stdout.flush()


def exit_code(diagnosis: Diagnosis, *, strict: bool) -> int:
    """1 something failed (strict: or warned), 3 something is unknown, 0 neither."""
    statuses = frozenset(_statuses(diagnosis))
    if Status.FAIL in statuses or (strict and Status.WARN in statuses):
        return FAILED
    return UNKNOWN if statuses & {Status.UNKNOWN, Status.PENDING} else PASSED


def _statuses(diagnosis: Diagnosis) -> Iterable[Status]:
    return (result.status for result in diagnosis.results)
