"""Log text: one line as pieces: time, level, pod, message, then its fields. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from probes.model import TRACES, Level, LogLine, Status
from widgets.cells import steady
from widgets.log_filter import compiled
from widgets.logbook import Kept
from widgets.pieces import MUTED, STRONG, Blank, Fact, Line, Piece, Row, Words, padded, plain
from widgets.status import style_of

LEVELS: dict[Level, Piece] = {
    Level.FATAL: ("✗ fatal", style_of(Status.FAIL)),
    Level.ERROR: ("✗ error", style_of(Status.FAIL)),
    Level.WARN: ("! warn ", style_of(Status.WARN)),
    Level.INFO: ("  info ", MUTED),
    Level.DEBUG: ("  debug", MUTED),
    Level.PLAIN: ("       ", ""),
}
_NO_TIME = " " * len("12:34:56")
_SHORT_POD = 5

_ACCESS = ("http.method", "http.target", "http.status_code", "http.duration")
"""Fields of an access line that speak for themselves: told first, and without their names."""

_FIRST = ("error", *_ACCESS)
_UNTOLD = ("caller", "trace_id", "span_id", "trace_sampled", "http.request_id", "http.route",
           "http.user_agent", "http.client_ip", "http.response_content_length")  # fmt: skip
"""Fields that only the whole line tells."""

_NOT_LAST = frozenset((*_FIRST, *_UNTOLD, *TRACES))

_ROUTINE = ("/health", "/metrics", "/api/health")
"""What the kubelet and Prometheus ask for, some twenty times a minute."""
_HIT = "reverse"
_MARK = "◆"


def short_pod(pod: str) -> str:
    """The end of a pod's name: what tells the pods of one workload apart."""
    return pod[-_SHORT_POD:]


def log_text(
    kept: Kept, *, dim: bool = False, marked: bool = False, pod: bool = True, search: str = ""
) -> Content:
    """One line to be cut or wrapped; what `search` finds in it stands out."""
    pieces = tuple(_pieces(kept, marked, pod))
    quiet = dim or is_routine(kept.line)
    line = tuple((text, MUTED) for text, _ in pieces) if quiet else pieces
    content = Content.assemble(*((steady(text), style) for text, style in line))
    if search:
        for hit in compiled(search).finditer(content.plain):
            content = content.stylize(_HIT, *hit.span())
    return content


def _pieces(kept: Kept, marked: bool, pod: bool) -> Iterator[Piece]:
    line = kept.line
    yield (_MARK if marked else " ", "$text-accent")
    yield (f"{line.time:%H:%M:%S}" if line.time else _NO_TIME, MUTED)
    yield (" ", "")
    yield LEVELS[line.level]
    if pod:
        yield (f" {padded(short_pod(line.pod), _SHORT_POD)}", MUTED)
    yield (f" {line.message}", "")
    for name in _told(line):
        yield (f"  {'' if name in _ACCESS else f'{name}='}{line.fields[name]}", MUTED)


def _told(line: LogLine) -> list[str]:
    """The fields that stand behind the message, those that matter most first."""
    there = [name for name, value in line.fields.items() if value]
    others = (name for name in there if name not in _NOT_LAST)
    return [*(name for name in _FIRST if name in there), *others]


def is_routine(line: LogLine) -> bool:
    """Whether it is the access line of a probe or a scrape that went well."""
    return line.level is Level.INFO and line.fields.get("http.target", "").startswith(_ROUTINE)


def whole_line(kept: Kept) -> tuple[Row, ...]:
    """Everything that one line holds, a field a row, its stack trace with its line breaks."""
    line = kept.line
    level = LEVELS[line.level]
    head: Line = ((level[0].strip() or "plain text", level[1]), (f"  {line.message}", STRONG))
    rows: list[Row] = [Words(head, 2), Blank(), Fact("time", plain(_time(line)))]
    rows.append(Fact("pod", plain(line.pod + ("  (before its restart)" if kept.previous else ""))))
    rows += [Fact(name, plain(value)) for name, value in line.fields.items() if name not in TRACES]
    for name in TRACES:
        if name in line.fields:
            rows += [Blank(), Words(plain(name, MUTED)), *_trace(line.fields[name])]
    return (*rows, Blank(), Words(plain("as it was written", MUTED)), Words(plain(line.raw)))


def _trace(text: str) -> Iterator[Row]:
    """A Go stack trace: a function a line, its place indented below it."""
    for part in text.split("\n"):
        yield Words(plain(f"  {part}" if part.startswith("/") else part), 4)


def _time(line: LogLine) -> str:
    return f"{line.time:%Y-%m-%d %H:%M:%S.%f} UTC" if line.time else "not told"
