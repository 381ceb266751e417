"""`opsportal-tui fix`: one remedy, planned and applied, or planned only."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

import click

from probes.model import CauseId
from remedies.model import RemedyId
from remedies.options import OPTIONS, strange
from remedies.registry import REMEDIES, for_cause
from remedies.words import WORDS
from tui.commands.applying import Options, act
from tui.output.text import wrapped
from tui.target import Request


def parse_wanted(text: str) -> RemedyId:
    """The remedy of that id, or the first one for the cause of that id.

    Raises click.BadParameter that says what there is.
    """
    if not text:
        raise click.BadParameter("name a remedy or a cause: `fix --list`", param_hint="REMEDY")
    if text in REMEDIES:
        return RemedyId(text)
    if text in [cause.value for cause in CauseId]:
        return _for(CauseId(text))
    known = [*(one.value for one in REMEDIES), *(one.value for one in CauseId)]
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(REMEDIES)}"
    raise click.BadParameter(f"there is no remedy or cause {text}: {hint}", param_hint="REMEDY")


def _for(cause: CauseId) -> RemedyId:
    found = for_cause(cause)
    if not found:
        raise click.BadParameter(
            f"nothing of ours mends {cause}; `opsportal-tui check` says what to do about it",
            param_hint="REMEDY",
        )
    return found[0].id


def parse_said(pairs: Iterable[str], remedy: RemedyId) -> Mapping[str, str]:
    """What `--set KEY=VALUE` said. Raises click.BadParameter where the remedy takes no such."""
    said: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise click.BadParameter(f"`{pair}` is not KEY=VALUE", param_hint="--set")
        said[key] = value
    if told := strange(remedy, said):
        raise click.BadParameter(told, param_hint="--set")
    return said


def show_all() -> None:
    """Print every remedy with what it does, the causes it mends, and what it takes."""
    click.echo("\n\n".join("\n".join(_told(remedy)) for remedy in REMEDIES))


def _told(remedy: RemedyId) -> Iterator[str]:
    words = WORDS[remedy]
    yield f"{remedy}: {words.title}"
    yield from _indented(words.description)
    yield from _indented(words.risk)
    mends = sorted(REMEDIES[remedy].causes)
    if mends:
        yield from _indented(f"mends {', '.join(mends)}")
    for key, meaning in OPTIONS[remedy].items():
        yield from _indented(f"--set {key}=  {meaning}")


def _indented(text: str) -> Iterator[str]:
    first, *rest = wrapped(text, 76)
    yield f"  {first}"
    yield from (f"    {line}" for line in rest)


async def fix(request: Request, remedy: RemedyId, said: Mapping[str, str], options: Options) -> int:
    """Plan the remedy and, where a person wants it, apply it; the exit code."""
    return await act(request, options, lambda session: session.plan(remedy, said))
