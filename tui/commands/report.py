"""`opsportal-tui report`: the incident report of one sweep, with what earlier runs saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from tui import incident, paths
from tui.files import write_new, write_private
from tui.incident import Seen
from tui.memory import Memory
from tui.target import Request, Target, TargetError, open_target

WRITTEN, USAGE = 0, 2
_STDOUT = Path("-")


@dataclass(frozen=True, slots=True)
class Options:
    """What `report` was asked for. `output` None is standard output."""

    output: Path | None = None
    force: bool = False

    @classmethod
    def of(cls, output: Path | None, *, force: bool) -> Options:
        """As the command line has it: `-` is standard output, too."""
        return cls(None if output == _STDOUT else output, force)


async def report(request: Request, options: Options) -> int:
    """Sweep once and write the report; the exit code says whether it was written."""
    try:
        _refuse_to_overwrite(options)
        async with open_target(request, _progress) as target:
            text = await _told(request, target)
        _put(text, options)
    except TargetError as error:
        click.echo(f"opsportal-tui: {error}", err=True)
        return USAGE
    except OSError as error:
        click.echo(f"opsportal-tui: {options.output}: {_why(error)}", err=True)
        return USAGE
    return WRITTEN


def _progress(line: str) -> None:
    click.echo(f"opsportal-tui: {line} …", err=True)


def _refuse_to_overwrite(options: Options) -> None:
    """Before the sweep, not after it. Raises FileExistsError."""
    if options.output and options.output.exists() and not options.force:
        raise FileExistsError


def _why(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return "is there already; --force overwrites it"
    return f"cannot be written: {error.strerror}"


async def _told(request: Request, target: Target) -> str:
    from probes.diagnosis import diagnose

    snapshot = await target.sweeper.run()
    cluster = target.reach.cluster
    seen = Seen(snapshot, diagnose(snapshot), cluster.context, cluster.address)
    memory = Memory(paths.profiles_folder())
    return incident.report(request, seen, memory, "the command `opsportal-tui report`")


def _put(text: str, options: Options) -> None:
    if options.output is None:
        click.echo(text)
        return
    (write_private if options.force else write_new)(options.output, f"{text}\n")
    click.echo(f"opsportal-tui: written to {options.output}", err=True)
