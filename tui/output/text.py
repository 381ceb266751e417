"""`check --format text`: for a person at a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

import click
from rich.cells import cell_len

from probes.model import Cause, CheckResult, PathEdge, Status
from tui.output import Report

_WIDTH = 80
_STATUS_WIDTH = 11
_ID_WIDTH = 25

_COLOURS = {
    Status.PASS: "green",
    Status.WARN: "yellow",
    Status.FAIL: "red",
    Status.UNKNOWN: "magenta",
    Status.PENDING: "blue",
}
_TOLD = (Status.FAIL, Status.UNKNOWN)


def render(report: Report, *, colour: bool = False) -> str:
    """The sentence, the path, the checks, the causes, and the evidence of what did not pass."""
    return "\n".join(_Page(report, colour).lines())


class _Page:
    def __init__(self, report: Report, colour: bool) -> None:
        self._report = report
        self._colour = colour

    def lines(self) -> Iterator[str]:
        diagnosis = self._report.diagnosis
        yield from self._wrapped(diagnosis.sentence, "", bold=True)
        yield ""
        for edge in diagnosis.path:
            yield self._edge(edge)
        yield ""
        for result in diagnosis.results:
            yield from self._check(result)
        for number, cause in enumerate(diagnosis.causes, 1):
            yield ""
            yield from self._cause(number, cause)
        for result in diagnosis.results:
            if result.status in _TOLD and result.evidence:
                yield ""
                yield from self._evidence(result)
        yield ""
        when = f"{self._report.started_at:%Y-%m-%d %H:%M:%S} UTC"
        where = f"{self._report.profile}, namespace {self._report.namespace or 'unknown'}"
        yield f"{where}, {when}, {self._report.duration_s:.1f} s"

    def _status(self, status: Status) -> str:
        return self._paint(f"{status.symbol} {status.value}".ljust(_STATUS_WIDTH), status)

    def _paint(self, text: str, status: Status, *, bold: bool = False) -> str:
        return click.style(text, fg=_COLOURS[status], bold=bold) if self._colour else text

    def _edge(self, edge: PathEdge) -> str:
        way = f"{edge.source} → {edge.target}".ljust(_ID_WIDTH)
        return f"{self._status(edge.status)}{way}{edge.label}"

    def _check(self, result: CheckResult) -> Iterator[str]:
        indent = " " * (_STATUS_WIDTH + _ID_WIDTH)
        first, *rest = wrapped(result.summary, _WIDTH - len(indent))
        yield f"{self._status(result.status)}{result.id.value.ljust(_ID_WIDTH)}{first}"
        for line in rest:
            yield indent + line

    def _cause(self, number: int, cause: Cause) -> Iterator[str]:
        follows = f" (follows from {cause.consequence_of})" if cause.consequence_of else ""
        yield from self._wrapped(f"{number}. {cause.title}: {cause.id}{follows}", "   ", bold=True)
        yield from self._wrapped(f"   {cause.explanation}", "   ")
        yield from self._wrapped(f"   → {cause.advice}", "     ")

    def _evidence(self, result: CheckResult) -> Iterator[str]:
        yield f"Evidence of {result.id}"
        for row in result.evidence:
            yield from self._wrapped(f"  {row.label}: {row.value}", "    ")
            yield from self._wrapped(f"    ({row.source})", "     ")

    def _wrapped(self, text: str, indent: str, *, bold: bool = False) -> Iterator[str]:
        words = text.lstrip()
        lead = " " * (len(text) - len(words))
        lines = wrapped(words, _WIDTH - max(len(lead), len(indent)))
        for number, line in enumerate(lines):
            whole = (indent if number else lead) + line
            yield click.style(whole, bold=True) if bold and self._colour else whole


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most that many cells, East Asian characters being two cells wide.

    A word that is longer stands whole on a line of its own: it may be an address to copy.
    """
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".lstrip()
        if lines[-1] and cell_len(joined) > width:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines
