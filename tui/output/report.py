"""The incident report in Markdown: what is wrong, why, how that is known, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from probes.checks.log_groups import loud
from probes.model import (
    TRACES,
    Cause,
    Change,
    CheckId,
    CheckResult,
    Diagnosis,
    LogLine,
    LogsSeen,
    Snapshot,
    Status,
)
from probes.text import safe_text
from remedies.history import Record
from tui.output import Report
from tui.output.markdown import (
    block,
    checks_table,
    escaped,
    path_table,
    status_word,
    verbatim,
)

MOST_LINES = 40
"""Log lines in the excerpt; the newest."""

_LONGEST = 500
"""Characters of a line of it."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Changes of verdicts, oldest first, and in one sentence who saw them and since when."""

    seen: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Actions:
    """What this program's journal has of the target, or in one sentence why that is not known."""

    done: tuple[Record, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """All that the report tells.

    `target` names what was looked at (`profile prod`), `made` who wrote the report (`the key w`).
    The snapshot is a finished one.
    """

    target: str
    snapshot: Snapshot
    diagnosis: Diagnosis
    timeline: Timeline
    actions: Actions
    made: str
    version: str


def render(incident: Incident) -> str:
    """The whole document, without a line's end at its end."""
    return "\n".join(_lines(incident)).rstrip()


def _lines(incident: Incident) -> Iterator[str]:
    diagnosis = incident.diagnosis
    yield from _head(incident)
    yield from _section("Causes", _causes(diagnosis))
    yield from _section("Data path", path_table(diagnosis.path))
    yield from _section("Checklist", checks_table(diagnosis.results))
    others = _unexplained(diagnosis)
    if others:
        yield from _section("Evidence of the other checks that did not pass", _evidence(others))
    yield from _section("Timeline", _timeline(incident.timeline))
    yield from _section("Actions taken", _actions(incident.actions))
    yield from _section("Errors and warnings in the logs", _logs(incident.snapshot))
    yield from _section("How this was made", _made(incident))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield from lines
    yield ""


def _head(incident: Incident) -> Iterator[str]:
    report = Report.of(incident.snapshot, incident.diagnosis)
    namespace = f", namespace {escaped(report.namespace)}" if report.namespace else ""
    yield f"# Incident report: {escaped(incident.target)}{namespace}"
    yield ""
    yield f"As it stood at {_at(report.started_at)} UTC."
    yield ""
    diagnosis = incident.diagnosis
    yield f"**{status_word(diagnosis.status)}** {escaped(diagnosis.sentence)}"
    yield ""


def _causes(diagnosis: Diagnosis) -> Iterator[str]:
    """Each with its evidence; a check that several rest on is told once."""
    if not diagnosis.causes:
        yield "None is named."
    told: dict[CheckId, int] = {}
    results = {one.id: one for one in diagnosis.results}
    for number, cause in enumerate(diagnosis.causes, 1):
        if number > 1:
            yield ""
        yield f"### {number}. {escaped(cause.title)}"
        yield ""
        yield f"`{cause.id}`{_following(cause)}"
        yield ""
        yield escaped(cause.explanation)
        yield ""
        yield f"**What to do:** {escaped(cause.advice)}"
        for check in cause.checks:
            yield ""
            if check in told:
                yield f"Evidence: `{check}`, see {told[check]}."
            else:
                yield from _evidence_of(results[check])
                told[check] = number


def _following(cause: Cause) -> str:
    """Whether it is a consequence, and of what."""
    if cause.consequence_of is None:
        return ""
    return f" - a consequence of `{cause.consequence_of}`: mend that first"


def _unexplained(diagnosis: Diagnosis) -> tuple[CheckResult, ...]:
    explained = {check for cause in diagnosis.causes for check in cause.checks}
    return tuple(
        one
        for one in diagnosis.results
        if one.status is not Status.PASS and one.evidence and one.id not in explained
    )


def _evidence(results: Iterable[CheckResult]) -> Iterator[str]:
    for number, one in enumerate(results):
        if number:
            yield ""
        yield from _evidence_of(one)


def _evidence_of(result: CheckResult) -> Iterator[str]:
    yield f"`{result.id}` {status_word(result.status)}: {escaped(result.summary)}"
    yield ""
    for row in result.evidence:
        yield f"- {escaped(row.label)}: {verbatim(row.value)} ({escaped(row.source)})"
    if not result.evidence:
        yield "- There is no evidence to show."


def _timeline(timeline: Timeline) -> Iterator[str]:
    yield timeline.seen
    yield ""
    if not timeline.changes:
        yield "No verdict changed in that time."
        return
    yield "| time (UTC) | check | before | after | verdict |"
    yield "|---|---|---|---|---|"
    for one in timeline.changes:
        stood = f"{status_word(one.before)} | {status_word(one.after)}"
        yield f"| {_at(one.at)} | {one.check} | {stood} | {escaped(one.summary)} |"


def _actions(actions: Actions) -> Iterator[str]:
    if not actions.done:
        nothing = "None by this program: its journal, this user's on this machine, has none."
        yield actions.trouble or nothing
        return
    yield "By this program, as its journal (this user's, on this machine) has it."
    yield ""
    yield "| time (UTC) | remedy | outcome | what | by | id |"
    yield "|---|---|---|---|---|---|"
    for one in actions.done:
        outcome = one.ended or "nobody knows how it ended"
        undone = f", undone by {one.undone_by}" if one.undone_by else ""
        what = "; ".join(dict.fromkeys(filter(None, (one.sentence, one.told))))
        cells = map(escaped, (one.remedy, f"{outcome}{undone}", what, one.who, one.id))
        yield f"| {_at(one.at)} | {' | '.join(cells)} |"


def _logs(snapshot: Snapshot) -> Iterator[str]:
    seen = snapshot.logs.seen if snapshot.logs else None
    if not isinstance(seen, LogsSeen):
        why = f": {escaped(seen.sentence)}" if seen else ""
        yield f"The logs could not be read{why}."
        return
    yield from _newest(loud(seen), "There are none, known noise left out.", snapshot)
    ended = loud(seen, ended=True)
    if ended:
        yield ""
        yield "Of containers before their last restart:"
        yield ""
        yield from _newest(ended, "", snapshot)


def _newest(lines: Sequence[LogLine], nothing: str, snapshot: Snapshot) -> Iterator[str]:
    if not lines:
        yield nothing
        return
    timed = sorted(
        lines, key=lambda line: (line.time is not None, line.time or snapshot.started_at)
    )
    excerpt = timed[-MOST_LINES:]
    yield f"The newest {len(excerpt)} of {len(lines)}, known noise left out; times are UTC."
    yield ""
    yield from block(_excerpt(excerpt))


def _excerpt(lines: Iterable[LogLine]) -> Iterator[str]:
    """Equal neighbours stand once."""
    for told, equal in groupby(lines, key=_without_time):
        first, *others = equal
        time = _at(first.time) if first.time else "no time"
        count = f"  ×{1 + len(others)}" if others else ""
        yield f"{time} {safe_text(told, _LONGEST)}{count}"


def _without_time(line: LogLine) -> str:
    fields = (f"{key}={value}" for key, value in line.fields.items() if key not in TRACES)
    return "  ".join((f"{line.level} {line.pod}", line.message, *fields))


def _made(incident: Incident) -> Iterator[str]:
    report = Report.of(incident.snapshot, incident.diagnosis)
    yield (
        f"By opsportal-tui {incident.version}, by {incident.made}, from one sweep of "
        f"{len(incident.diagnosis.results)} checks that took {report.duration_s:.1f} s."
    )
    yield ""
    yield "- A verdict is a rule applied to what was seen; `unknown` means that it could not look."
    yield "- To make it nothing was written to any cluster, database or server."
    yield "- Secrets are not in it: they are taken out before anything is shown."


def _at(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}"
