"""Which lines are shown: given a book, a filter, and lines to come, these rows stand there."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.model import Level, LogsSeen, PodLog, Run
from tests.widgets.loglines import ONE, TWO, book_of, kept, line, log, probe
from widgets.kept import Kept
from widgets.log_filter import LogFilter, mistake
from widgets.log_layout import LogLayout
from widgets.log_rows import LogRows
from widgets.log_text import ALL, Columns


def numbers(rows: LogRows) -> list[int]:
    return [one.number for one in rows]


def rows_of(count: int, cap: int = 1_000, chosen: LogFilter | None = None) -> LogRows:
    rows = LogRows(
        book_of(*(line(number, str(number)) for number in range(count)), cap=cap), chosen
    )
    rows.catch_up()
    return rows


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        (LogFilter(), "idwefp"),
        (LogFilter(least=Level.INFO), "iwef"),
        (LogFilter(least=Level.WARN), "wef"),
        (LogFilter(least=Level.ERROR), "ef"),
    ],
)
def test_levels(chosen: LogFilter, shown: str) -> None:
    lines = {level.value[0]: kept(line(0, level=level)) for level in Level}
    assert {name for name, one in lines.items() if chosen.shows(one)} == set(shown)


def test_expressions_ignore_case_until_one_writes_a_capital() -> None:
    shouting, quiet = kept(line(0, "FAILED to connect")), kept(line(0, "failed to connect"))
    assert LogFilter(include="failed").shows(shouting)
    assert not LogFilter(include="Failed|FAILED").shows(quiet)
    assert not LogFilter(exclude="failed").shows(quiet)


def test_an_expression_finds_what_is_written_and_what_it_reads_as() -> None:
    raw = r'{"msg":"no \"route\"","trace_id":"4bf92f"}'
    one = Kept(0, line(0, 'no "route"', fields={"trace_id": "4bf92f"}))
    one = Kept(0, type(one.line)(ONE, None, Level.INFO, one.line.message, raw, one.line.fields))
    for expression in ('no "route"', "trace_id.*4bf92f", r"no \\\"route", "^no", "^trace_id=4"):
        assert LogFilter(include=expression).shows(one), expression
    assert not LogFilter(include="nowhere").shows(one)


def test_a_wrong_expression_is_told_apart() -> None:
    assert mistake("fail(ed").startswith("not a regular expression: missing )")
    assert not mistake("fail(ed)?")


def test_probes_are_left_out_but_none_that_fails() -> None:
    quiet = LogFilter(quiet=True)
    assert not quiet.shows(kept(probe(0)))
    assert quiet.shows(
        kept(line(0, "Server error", Level.ERROR, fields={"http.target": "/health"}))
    )
    assert quiet.shows(kept(line(0, fields={"http.target": "/api/monitoring/metrics"})))


def test_the_filter_is_told_in_words() -> None:
    chosen = LogFilter(Level.WARN, TWO, "a", "b", previous=True, quiet=True)
    assert chosen.words == (
        "warn and worse · pod ops-service-2 · with /a/ · without /b/ · with ended containers · "
        "without probes and scrapes"
    )


def test_rows_keep_up_with_what_comes_and_goes() -> None:
    rows = rows_of(8, cap=10, chosen=LogFilter(include="[02468]$"))
    assert numbers(rows) == [0, 2, 4, 6]
    rows.book.extend(line(number, str(number)) for number in range(8, 13))
    rows.catch_up()
    assert numbers(rows) == [4, 6, 8, 10, 12]


def test_neighbours_come_also_when_they_come_later() -> None:
    rows = rows_of(6)
    rows.choose(LogFilter(include="^[05]$"), 2)
    assert numbers(rows) == [0, 1, 2, 3, 4, 5]
    rows.choose(LogFilter(include="^5$"), 2)
    assert numbers(rows) == [3, 4, 5]
    rows.book.extend([line(6, "6"), line(7, "7"), line(8, "8")])
    rows.catch_up()
    assert numbers(rows) == [3, 4, 5, 6, 7]


def test_held_rows_stand_still_until_they_are_let_go() -> None:
    rows = rows_of(3)
    rows.hold(True)
    rows.book.extend([line(3, "3"), line(4, "4")])
    rows.catch_up()
    assert (numbers(rows), rows.waiting) == ([0, 1, 2], 2)
    rows.choose(LogFilter(include="[24]"), 0)
    assert (numbers(rows), rows.waiting) == ([2], 1)
    rows.hold(False)
    rows.catch_up()
    assert (numbers(rows), rows.waiting) == ([2, 4], 0)


def test_rows_of_another_target_do_not_stand_still() -> None:
    rows = rows_of(3)
    rows.hold(True)
    rows.book.clear()
    rows.book.extend([line(3, "3"), line(4, "4")])
    rows.catch_up()
    assert (numbers(rows), rows.held, rows.waiting) == ([3, 4], False, 0)


def test_neighbours_are_those_among_what_one_looks_at() -> None:
    """Of the chosen pod, without ended containers and without probes."""
    lines = (
        line(0, "near"), line(1, "other", pod=TWO), probe(2), line(3, "hit"),
        line(4, "other", pod=TWO), line(5, "near"), line(6, "far"),
    )  # fmt: skip
    rows = LogRows(book_of(*lines))
    rows.choose(LogFilter(pod=ONE, quiet=True, include="hit"), 1)
    assert numbers(rows) == [0, 3, 5]


def test_the_place_of_a_line_that_is_hidden_is_that_of_the_next() -> None:
    rows = rows_of(10, chosen=LogFilter(include="[258]"))
    assert [rows.place_of(number) for number in (0, 2, 3, 8, 9)] == [0, 0, 1, 2, 2]


def test_wrapped_rows_take_as_many_lines_as_they_need() -> None:
    rows = LogRows(book_of(line(0, "x" * 30), line(1, "y"), line(2, "한" * 30)))
    rows.catch_up()
    layout = LogLayout()
    layout.measure(rows, 40, Columns(pod=0), wraps=True)
    assert layout.sharpen(rows, 1, 10)
    assert not layout.sharpen(rows, 1, 10)
    heads = [len("  03:00:00   info ") + cells for cells in (30, 1, 60)]
    assert heads == [48, 19, 78]
    assert layout.height == 2 + 1 + 2
    assert [layout.row_at(top) for top in range(5)] == [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]
    assert [layout.top_of(place) for place in range(3)] == [0, 2, 3]
    layout.measure(rows, 40, Columns(pod=0), wraps=False)
    assert (layout.height, layout.row_at(1), layout.top_of(2)) == (3, (1, 0), 2)


@given(
    st.lists(
        st.tuples(st.sampled_from(["log", "read", "hold", "go on"]), st.booleans()), max_size=30
    )
)
def test_whatever_happens_the_rows_are_the_lines_that_pass(steps: list[tuple[str, bool]]) -> None:
    rows = LogRows(book_of(cap=20), LogFilter(include="[02468]$"))
    restarts = 0
    for second, (step, other) in enumerate(steps):
        pod = TWO if other else ONE
        if step == "log":
            rows.book.extend(line(second + place / 10, f"{place}", pod=pod) for place in range(6))
        elif step == "read":
            restarts += 1
            run = Run(restarts, line(second).time)
            last = PodLog(
                pod, "ops-service", (), (line(second - 0.5, "8", pod=pod),), True, True, run
            )
            rows.book.fill_in(LogsSeen((log(line(second, "2", pod=pod), run=run), last)))
        else:
            rows.hold(step == "hold")
        rows.catch_up()
        passing = [one.number for one in rows.book if rows.filter.shows(one)]
        assert numbers(rows) == passing[: len(rows)]
        assert rows.waiting == len(passing) - len(rows)
        assert rows.held or not rows.waiting


def test_memory_stays_what_it_is_once_the_book_is_full() -> None:
    rows, layout = LogRows(book_of(cap=500), LogFilter(include="told")), LogLayout()

    def log_much() -> int:
        for batch in range(20):
            rows.book.extend(line(batch, f"told {batch} {number}") for number in range(100))
            rows.catch_up()
            layout.measure(rows, 80, ALL, wraps=True)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        full = log_much()
        assert log_much() < 1.05 * full
    finally:
        tracemalloc.stop()
    assert len(rows) == len(rows.book) == 500
