"""Log text: one line as pieces: time, level, pod, message, then its fields. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter

from textual.content import Content

from probes.model import TRACES, Level, LogLine, Status, is_routine
from widgets.cells import steady
from widgets.expression import expression
from widgets.kept import Kept
from widgets.log_filter import found
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
_NO_TIME = " " * len("12:34:56 ")

_ACCESS = ("http.method", "http.target", "http.query", "http.status_code", "http.duration")
_FIRST = ("error",)
_UNTOLD = ("caller", "trace_id", "span_id", "trace_sampled", "http.request_id", "http.route",
           "http.user_agent", "http.client_ip", "http.response_content_length")  # fmt: skip
"""Fields that only the whole line tells."""

_NOT_LAST = frozenset((*_ACCESS, *_FIRST, *_UNTOLD, *TRACES))

_MILLISECOND = 0.001
_HIT = "reverse"
_MARK = "◆"


@dataclass(frozen=True, slots=True)
class Columns:
    """What of a line there is room for.

    `pod`: cells for the end of the pod's name, which tells the pods of one workload apart.
    `access_first`: an access line tells what was asked before its message, which is one of three
    and says less. `today`: lines of another day than this tell their date.
    """

    pod: int = 5
    access_first: bool = False
    today: date | None = None


ALL = Columns()
_NARROW = 60
_LEAST_POD, _MOST_POD = 2, 5


def columns_for(width: int, pods: Collection[str], today: date | None) -> Columns:
    """What there is room for in so many cells, where lines of these pods are shown."""
    narrow = width < _NARROW
    cells = 0 if len(pods) < 2 else _telling_apart(pods) if narrow else _MOST_POD
    return Columns(cells, narrow, today)


def _telling_apart(pods: Collection[str]) -> int:
    """So many cells of the names' ends tell the pods apart."""
    several = range(_LEAST_POD, _MOST_POD)
    return next(
        (one for one in several if len({pod[-one:] for pod in pods}) == len(pods)), _MOST_POD
    )


def log_text(
    kept: Kept, *, dim: bool = False, marked: bool = False, columns: Columns = ALL, search: str = ""
) -> Content:
    """One line to be cut or wrapped; what `search` finds in it stands out."""
    pieces: Iterable[Piece] = _pieces(kept, marked, columns)
    if kept.rule:
        pieces = ((text, f"bold {style_of(Status.WARN)}") for text, _ in pieces)
    elif dim or is_routine(kept.line):
        pieces = ((text, MUTED) for text, _ in pieces)
    content = Content.assemble(*((steady(text), style) for text, style in _joined(pieces)))
    if search:
        for span in expression(search).spans(content.plain):
            content = content.stylize(_HIT, *span)
    return content


def plain_text(kept: Kept, columns: Columns = ALL) -> str:
    """The line as it is drawn, without its styles: for what measures and searches many."""
    return "".join(steady(text) for text, _ in _pieces(kept, False, columns))


def is_hit(kept: Kept, search: str) -> bool:
    """Whether a search finds the line: in what is drawn of it, or in the whole line."""
    return found(search, kept.line) or expression(search).occurs(plain_text(kept))


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one style as one piece: each piece is drawn, and sent, by itself."""
    for style, same in groupby(pieces, key=itemgetter(1)):
        yield "".join(text for text, _ in same), style


def _pieces(kept: Kept, marked: bool, columns: Columns) -> Iterator[Piece]:
    line = kept.line
    yield (_MARK, "$text-accent") if marked else (" ", MUTED)
    yield (_time(line, columns.today), MUTED)
    yield LEVELS[line.level]
    if columns.pod:
        yield (f" {padded(line.pod[-columns.pod :], columns.pod)}", MUTED)
    parts: list[Piece] = [(line.message, "")]
    asked: list[Piece] = [(text, MUTED) for text in _access(line.fields) if text]
    parts = asked + parts if columns.access_first else parts + asked
    parts += [(f"{name}={line.fields[name]}", MUTED) for name in _told(line)]
    for place, (text, style) in enumerate(parts):
        yield (f"{'  ' if place else ' '}{text}", style)


def _time(line: LogLine, today: date | None) -> str:
    """UTC, with the date where that is another one."""
    if line.time is None:
        return _NO_TIME
    is_old = today is not None and line.time.date() != today
    return f"{line.time:%m-%d %H:%M:%S} " if is_old else f"{line.time:%H:%M:%S} "


def _access(fields: Mapping[str, str]) -> Iterator[str]:
    """What an access line tells of its request: the values speak for themselves."""
    if "http.target" in fields:
        target, query = fields["http.target"], fields.get("http.query")
        yield fields.get("http.method", "")
        yield f"{target}?{query}" if query and "?" not in target else target
        yield fields.get("http.status_code", "")
        yield _took(fields.get("http.duration", ""))


def _took(seconds: str) -> str:
    """Seconds as the service writes them (`5.744e-05`), in the unit that people read."""
    try:
        took = float(seconds)
    except ValueError:
        return seconds
    if took >= 1:
        return f"{took:.1f} s"
    return f"{took * 1_000:.0f} ms" if took >= _MILLISECOND else "<1 ms"


def _told(line: LogLine) -> list[str]:
    """The fields that stand behind the message, those that matter most first."""
    there = [name for name, value in line.fields.items() if value]
    others = (name for name in there if name not in _NOT_LAST)
    return [*(name for name in _FIRST if name in there), *others]


def whole_line(kept: Kept) -> tuple[Row, ...]:
    """Everything that one line holds, a field a row, its stack trace with its line breaks."""
    line = kept.line
    level = LEVELS[line.level]
    head: Line = ((level[0].strip() or "plain text", level[1]), (f"  {line.message}", STRONG))
    rows: list[Row] = [Words(head, 2), Blank(), Fact("time", plain(_whole_time(line)))]
    rows.append(Fact("pod", plain(line.pod + ("  (before its restart)" if kept.previous else ""))))
    rows += [Fact(name, plain(value)) for name, value in line.fields.items() if name not in TRACES]
    for name in TRACES:
        if name in line.fields:
            rows += [Blank(), Words(plain(name, MUTED)), *_trace(line.fields[name])]
    how = f"as it was written: {part_of(line)}" if line.written else "as it was written"
    return (*rows, Blank(), Words(plain(how, MUTED)), Words(plain(line.raw)))


def part_of(line: LogLine) -> str:
    """How much of an overlong line there is."""
    return f"the first {len(line.raw):,} of {line.written:,} characters"


def _trace(text: str) -> Iterator[Row]:
    """A Go stack trace: a function a line, its place indented below it."""
    for part in text.split("\n"):
        yield Words(plain(f"  {part}" if part.startswith("/") else part), 4)


def _whole_time(line: LogLine) -> str:
    return f"{line.time:%Y-%m-%d %H:%M:%S.%f} UTC" if line.time else "not told"
