"""`check --format markdown`: for a ticket or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from probes.model import CheckResult, Status
from tui.output import Report

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render(report: Report) -> str:
    """A document with the sentence, the path, the checks, the causes and their evidence."""
    return "\n".join(_lines(report))


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, also within a table."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines(report: Report) -> Iterator[str]:
    diagnosis = report.diagnosis
    yield f"# {escaped(diagnosis.sentence)}"
    yield ""
    yield (
        f"Profile {escaped(report.profile)}, namespace {escaped(report.namespace)}, "
        f"{report.started_at:%Y-%m-%d %H:%M:%S} UTC, {report.duration_s:.1f} s."
    )
    yield ""
    yield "| from | to | status | what crosses |"
    yield "|---|---|---|---|"
    for edge in diagnosis.path:
        cells = (edge.source, edge.target, _status(edge.status), escaped(edge.label))
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "| status | check | verdict |"
    yield "|---|---|---|"
    for one in diagnosis.results:
        yield f"| {_status(one.status)} | {one.id} | {escaped(one.summary)} |"
    if diagnosis.causes:
        yield from _causes(report)
    for one in diagnosis.results:
        if one.status is not Status.PASS and one.evidence:
            yield from _evidence(one)


def _status(status: Status) -> str:
    return f"{status.symbol} {status.value}"


def _causes(report: Report) -> Iterator[str]:
    yield ""
    yield "## Causes"
    yield ""
    for number, cause in enumerate(report.diagnosis.causes, 1):
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
