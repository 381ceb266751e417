"""How a line reads: given what was logged, this stands on the screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from probes.logline import parse
from probes.model import Failure, FailureKind, Level, LogsSeen, Observation, PodLog
from tests.checks.worlds import NOW
from tests.widgets.loglines import ONE, TWO, book_of, kept, line, log, probe
from widgets.kept import Kept
from widgets.log_filter import LogFilter, mistake
from widgets.log_gaps import gap_rows
from widgets.log_rows import LogRows
from widgets.log_search import hit_from, hits_among, is_too_slow
from widgets.log_state import state_line
from widgets.log_text import Columns, columns_for, is_hit, log_text, plain_text, whole_line
from widgets.pieces import content, laid_out

ACCESS = {"http.method": "GET", "http.target": "/api/x", "http.status_code": "200"}


def read(one: Kept) -> str:
    return log_text(one).plain


def test_time_level_pod_and_message_stand_in_columns_then_the_fields() -> None:
    one = kept(
        line(1, "no token", Level.WARN, fields={"caller": "x.go:1", "user": "u1", "error": "boom"})
    )
    assert read(one) == " 03:00:01 ! warn  ice-1 no token  error=boom  user=u1"
    assert read(kept(replace(one.line, time=None))).startswith("          ! warn ")


def test_a_line_of_another_day_than_the_newest_tells_its_date() -> None:
    columns = columns_for(100, (ONE,), NOW.date())
    assert plain_text(kept(line(0, "now")), columns).startswith(" 03:00:00 ")
    assert plain_text(kept(line(-86_400, "old")), columns).startswith(" 01-05 03:00:00 ")


def test_the_pod_is_told_wherever_lines_of_several_are_shown() -> None:
    pods = ("ops-service-7d9f-aaxab", "ops-service-7d9f-bbxcb")
    assert columns_for(100, pods, None).pod == 5
    assert columns_for(45, pods, None).pod == 2
    assert columns_for(45, ("a-xab", "b-xab"), None).pod == 5
    assert columns_for(100, pods[:1], None).pod == 0


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ("5.744e-05", "<1 ms"),
        ("0.002056847", "2 ms"),
        ("0.2563", "256 ms"),
        ("12.5", "12.5 s"),
        ("?", "?"),
    ],
)
def test_an_access_line_tells_how_long_it_took(seconds: str, told: str) -> None:
    one = kept(line(0, "Request completed", fields=ACCESS | {"http.duration": seconds}))
    assert read(one).endswith(f"Request completed  GET  /api/x  200  {told}")


@pytest.mark.parametrize(
    "message", ["한국어 로그", "日本語のログ", "emoji 👩\u200d👩\u200d👧 ok", "e\u0301"]
)
def test_wide_characters_take_the_cells_that_they_are_counted_as(message: str) -> None:
    one = kept(line(0, message, pod="파드-한국"))
    assert cell_len(plain_text(one)) == log_text(one).cell_length
    assert plain_text(one) == log_text(one).plain
    assert "\u200d" not in read(one)


def test_where_there_is_little_room_what_was_asked_stands_before_the_message() -> None:
    one = kept(line(0, "Server error", Level.ERROR, fields=ACCESS | {"http.query": "limit=1"}))
    assert read(one).endswith("✗ error ice-1 Server error  GET  /api/x?limit=1  200")
    few = Columns(pod=0, access_first=True)
    assert plain_text(one, few).endswith("✗ error GET  /api/x?limit=1  200  Server error")


def test_markup_is_text() -> None:
    assert "[red]not markup[/red] $text-error" in read(
        kept(line(0, "[red]not markup[/red] $text-error"))
    )


def test_probes_are_dim_throughout() -> None:
    assert {str(span.style) for span in log_text(kept(probe(0))).spans} == {"dim"}


def test_hits_stand_out_also_where_only_the_whole_line_has_them() -> None:
    one = kept(line(0, "found it", fields={"trace_id": "4bf92f"}))
    one = kept(replace(one.line, raw='{"msg":"found it","trace_id":"4bf92f"}'))
    (hit,) = [span for span in log_text(one, search="found").spans if span.style == "reverse"]
    assert read(one)[hit.start : hit.end] == "found"
    assert is_hit(one, "4bf92f")
    assert is_hit(one, "03:00:0[0-9]   info")
    assert not is_hit(one, "nowhere")


async def test_hits_go_round() -> None:
    book = book_of(*(line(number, "even" if number % 2 == 0 else "odd") for number in range(2_500)))
    hits = await hits_among(tuple(book), "even")
    assert hits == [one.number for one in book if one.number % 2 == 0]
    few = [3, 5, 9]
    assert [hit_from(few, here, 0) for here in (0, 5, 10)] == [3, 5, 3]
    assert [hit_from(few, here, 1) for here in (3, 9)] == [5, 3]
    assert [hit_from(few, here, -1) for here in (9, 3)] == [5, 9]


async def test_an_expression_that_backtracks_without_an_end_is_given_up() -> None:
    book = book_of(line(0, "short"), line(1, "a" * 3_000 + "b"))
    assert not await is_too_slow(book, "a+b$")
    assert await is_too_slow(book, "(a+)+$")
    assert "takes too long" in mistake("(a+)+$")
    assert LogFilter(include="(a+)+$", exclude="b").too_slow == {"include": "(a+)+$"}
    assert log_text(kept(line(0, "a")), search="(a+)+$").plain.endswith(" a")


def test_the_whole_line_has_every_field_and_a_readable_trace() -> None:
    logged = (
        '{"level":"error","ts":1767668400.5,"msg":"Failed","caller":"x.go:1","error":"boom",'
        r'"stacktrace":"main.run\n\t/app/main.go:7\nmain.main\n\t/app/main.go:3"}'
    )
    rows = laid_out(whole_line(Kept(0, parse(TWO, logged), previous=True)), 60).plain.splitlines()
    text = "\n".join(row.rstrip() for row in rows)
    assert "✗ error  Failed" in text
    assert "2026-01-06 03:00:00.500000 UTC" in text
    assert "ops-service-2  (before its restart)" in text
    assert "caller  x.go:1" in text
    assert "\nmain.run\n  /app/main.go:7\nmain.main\n  /app/main.go:3\n" in text


def test_what_is_shown_of_what_there_is() -> None:
    rows = LogRows(book_of(*(line(number) for number in range(1_200)), cap=2_000))
    rows.catch_up()
    assert told(rows) == " following · 1,200 of 1,200 lines, UTC"
    rows.hold(True)
    rows.book.extend(line(0) for _ in range(800))
    rows.catch_up()
    assert told(rows) == " standing still at 8 · 800 waiting · 1,200 of 2,000 lines, UTC"
    rows.book.held_back = True
    assert told(rows) == (
        " standing still at 8 · 800 waiting, the pods' streams wait · 1,200 of 2,000 lines, UTC"
    )
    rows.hold(False)
    rows.choose(replace(rows.filter, include="told"), 2)
    assert told(rows, hit="hit 1 of 3") == (
        " following · 2,000 of 2,000 lines, UTC · hit 1 of 3 · 2 around · with /told/"
    )


def told(rows: LogRows, hit: str = "") -> str:
    return content(state_line(rows, 7, hit=hit)).plain


def test_what_cannot_be_read_is_told_once_for_each_reason() -> None:
    no = Failure(FailureKind.FORBIDDEN, "may not get pods/log")
    cut = Failure(FailureKind.RESET, "the connection broke off")
    seen = LogsSeen((PodLog(ONE, "ops-service", no, no), log(line(0, pod=TWO))), ("ops-service-9",))
    rows = laid_out(gap_rows(Observation(seen, NOW, 0.1), {TWO: cut}), 90).plain.splitlines()
    assert rows == [
        "? unknown  ops-service-1: may not get pods/log",
        "? unknown  ops-service-2: the connection broke off",
        "? unknown  ops-service-9: not read, only the newest pods are",
    ]


def test_where_the_logs_could_not_be_looked_at_the_reason_stands() -> None:
    failure = Failure(FailureKind.REFUSED, "https://10.0.0.1:6443 refuses the connection")
    (row,) = gap_rows(Observation(failure, NOW, 0.1), {})
    assert "refuses the connection" in laid_out((row,), 90).plain
    assert gap_rows(None, {}) == ()
