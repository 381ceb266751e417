"""`check --format markdown`: for a ticket or a chat; and what every Markdown of ours is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from probes.model import CheckResult, Diagnosis, PathEdge, Status
from tui.output import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_MARKER = re.compile(r"^(?:([-+=])(?=[-+=\s]|$)|(\d{1,9})([.)])(?=\s|$))")
"""What makes a list or a headline of a line that begins with it (CommonMark 4.3, 5.2)."""


def render(report: Report) -> str:
    """A document with the sentence, the path, the checks, the causes and their evidence."""
    return "\n".join(_lines(report))


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, also at the start of a line and within a table."""
    special = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _MARKER.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", special)


def verbatim(text: str) -> str:
    """Text as code on one line, whatever stands in it; not for a table."""
    line = " ".join(text.split()) or " "
    fence = "`" * (_longest_run(line) + 1)
    return f"{fence} {line} {fence}" if "`" in (line[0], line[-1]) else f"{fence}{line}{fence}"


def block(lines: Iterable[str]) -> Iterator[str]:
    """Lines as a block of code that nothing in them can end."""
    told = list(lines)
    fence = "`" * max(3, _longest_run("\n".join(told)) + 1)
    yield f"{fence}text"
    yield from told
    yield fence


def status_word(status: Status) -> str:
    """Symbol and word: they stand without colour, too."""
    return f"{status.symbol} {status.value}"


def path_table(path: Iterable[PathEdge]) -> Iterator[str]:
    """The data path, an edge in a row."""
    yield "| from | to | status | what crosses |"
    yield "|---|---|---|---|"
    for edge in path:
        cells = (edge.source, edge.target, status_word(edge.status), escaped(edge.label))
        yield f"| {' | '.join(cells)} |"


def checks_table(results: Iterable[CheckResult]) -> Iterator[str]:
    """The checklist, a verdict in a row."""
    yield "| status | check | verdict |"
    yield "|---|---|---|"
    for one in results:
        yield f"| {status_word(one.status)} | {one.id} | {escaped(one.summary)} |"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _lines(report: Report) -> Iterator[str]:
    diagnosis = report.diagnosis
    yield f"# {escaped(diagnosis.sentence)}"
    yield ""
    yield (
        f"Profile {escaped(report.profile)}, namespace {escaped(report.namespace)}, "
        f"{report.started_at:%Y-%m-%d %H:%M:%S} UTC, {report.duration_s:.1f} s."
    )
    yield ""
    yield from path_table(diagnosis.path)
    yield ""
    yield from checks_table(diagnosis.results)
    if diagnosis.causes:
        yield from _causes(diagnosis)
    for one in diagnosis.results:
        if one.status is not Status.PASS and one.evidence:
            yield from _evidence(one)


def _causes(diagnosis: Diagnosis) -> Iterator[str]:
    yield ""
    yield "## Causes"
    yield ""
    for number, cause in enumerate(diagnosis.causes, 1):
        follows = f", follows from {cause.consequence_of}" if cause.consequence_of else ""
        yield f"{number}. **{escaped(cause.title)}** ({cause.id}{follows})"
        yield f"   {escaped(cause.explanation)}"
        yield f"   {escaped(cause.advice)}"


def _evidence(one: CheckResult) -> Iterator[str]:
    yield ""
    yield f"## Evidence of {one.id}"
    yield ""
    for row in one.evidence:
        yield f"- {escaped(row.label)}: {escaped(row.value)} ({escaped(row.source)})"
