"""The logbook: given what sweeps and tails have read, these lines are kept, in this order."""

from __future__ import annotations

from probes.model import Failure, FailureKind, LogsSeen
from tests.checks.worlds import world
from tests.widgets.loglines import ONE, TWO, book_of, line, log
from widgets.log_starts import starts_among
from widgets.logbook import Logbook


def told(book: Logbook) -> list[str]:
    return [kept.line.message for kept in book]


def test_what_a_sweep_has_read_stands_in_the_order_of_time() -> None:
    book = Logbook()
    ended = log(line(0, "boom", pod=TWO), previous=True)
    book.begin(LogsSeen((log(line(1, "a"), line(3, "c")), log(line(2, "b", pod=TWO)), ended)))
    assert told(book) == ["boom", "a", "b", "c"]
    assert [kept.previous for kept in book] == [True, False, False, False]
    assert book.pods == (ONE, TWO)


def test_after_a_lost_way_only_what_is_newer_is_taken() -> None:
    book = Logbook()
    book.begin(LogsSeen((log(line(1, "a"), line(2, "b")),)))
    book.extend([line(3, "c")])
    read = log(line(2, "b"), line(3, "c"), line(4, "d"))
    book.begin(LogsSeen((read, log(line(1, "x", pod=TWO)))))
    assert told(book) == ["a", "b", "c", "x", "d"]


def test_the_oldest_give_way_and_numbers_stay() -> None:
    book = book_of(*(line(number, str(number)) for number in range(25)), cap=10)
    assert (len(book), book.first, book.end) == (10, 15, 25)
    assert book.at(14) is None
    found = book.at(15)
    assert found is not None
    assert found.line.message == "15"
    assert [kept.number for kept in book.since(23)] == [23, 24]
    assert [kept.number for kept in book.since(3)] == list(range(15, 25))


def test_another_target_begins_with_nothing_and_no_old_number_means_another_line() -> None:
    book = book_of(line(1), line(2))
    book.marks.add(1)
    book.gaps = {ONE: Failure(FailureKind.FORBIDDEN, "no")}
    book.clear()
    assert (len(book), book.pods, book.marks, dict(book.gaps)) == (0, (), set(), {})
    book.extend([line(3)])
    assert book.at(1) is None
    assert book.first == 2


def test_a_container_begins_with_the_first_line_of_its_log() -> None:
    book = Logbook()
    rotated = log(line(5, "midway", pod=TWO), head_is_start=False)
    book.begin(LogsSeen((log(line(0, "starting"), line(1, "ready")), rotated)))
    book.extend([line(9, "another pod", pod="ops-service-3")])
    starts = starts_among(book, None)
    assert [kept.line.message for kept in starts] == ["starting", "another pod"]


def test_a_container_that_restarts_while_it_is_followed_begins_anew() -> None:
    """The cluster says since when it runs: `worlds.NOW`."""
    book = book_of(line(-60, "starting"), line(-1, "panic"), line(0.5, "starting again"))
    snapshot = world()
    starts = starts_among(book, snapshot)
    assert [kept.line.message for kept in starts] == ["starting", "starting again"]
    late = book_of(line(-60, "starting"), line(61, "rotated since"))
    assert [kept.line.message for kept in starts_among(late, snapshot)] == ["starting"]
