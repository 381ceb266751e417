"""The logbook: given what sweeps and tails have read, these lines are kept, in this order."""

from __future__ import annotations

from probes.model import Failure, FailureKind, LogLine, LogsSeen, PodLog, Run
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
    assert told(book) == ["a", "x", "b", "c", "d"]


def test_the_oldest_give_way_and_numbers_stay() -> None:
    book = book_of(*(line(number, str(number)) for number in range(25)), cap=10)
    assert (len(book), book.first, book.end) == (10, 15, 25)
    assert book.at(14) is None
    found = book.at(15)
    assert found is not None
    assert found.line.message == "15"
    assert [kept.number for kept in book.since(23)] == [23, 24]
    assert [kept.number for kept in book.since(3)] == list(range(15, 25))


def test_only_pods_whose_lines_are_kept_are_there_to_choose() -> None:
    book = book_of(line(0, pod=TWO), *(line(number) for number in range(1, 10)), cap=10)
    before = book.pods
    book.extend([line(11)])
    assert (before, book.pods) == ((ONE, TWO), (ONE,))


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
    book.extend([line(9, "midway too", pod="ops-service-3")])
    starts = starts_among(book, None)
    assert [kept.line.message for kept in starts] == ["starting"]


def test_a_container_that_restarts_while_it_is_followed_begins_anew() -> None:
    """The cluster says since when it runs: `worlds.NOW`."""
    book = Logbook()
    book.begin(LogsSeen((log(line(-60, "starting")),)))
    book.extend([line(-1, "panic"), line(0.5, "starting again")])
    snapshot = world()
    starts = starts_among(book, snapshot)
    assert [kept.line.message for kept in starts] == ["starting", "starting again"]
    late = book_of(line(-60, "midway"), line(61, "rotated since"))
    assert starts_among(late, snapshot) == []


def running(*lines: LogLine, restarts: int = 0, before: str = "") -> PodLog:
    """The log of a container that began with these lines."""
    return log(*lines, run=Run(restarts, lines[0].time, before))


def ended(*lines: LogLine, restarts: int = 1) -> PodLog:
    return PodLog(
        lines[0].pod, "ops-service", (), lines, previous=True, run=Run(restarts, lines[-1].time)
    )


def test_what_could_not_be_read_at_first_is_filled_in_later() -> None:
    no = Failure(FailureKind.TIMEOUT, "no answer")
    book = Logbook()
    book.begin(LogsSeen((PodLog(ONE, "ops-service", no, no),)))
    book.extend([line(500, "midway"), line(501, "newest")])
    assert not starts_among(book, None)
    read = running(line(0, "starting"), line(1, "ready"), line(500, "midway"), restarts=1)
    assert book.fill_in(LogsSeen((read, ended(line(-5, "panic")))))
    rule = "── container restarted ──"
    assert told(book) == ["panic", rule, "starting", "ready", "midway", "newest"]
    assert [kept.previous for kept in book][:2] == [True, False]
    assert [kept.line.message for kept in starts_among(book, None)] == ["starting"]
    assert not book.fill_in(LogsSeen((read, ended(line(-5, "panic")))))


def test_of_a_pod_that_comes_later_the_start_is_known_and_no_line_comes_twice() -> None:
    book = book_of(line(1, "one"))
    book.marks.add(book.first)
    assert book.fill_in(LogsSeen((running(line(2, "starting", pod=TWO), line(3, "b", pod=TWO)),)))
    book.extend([line(3, "b", pod=TWO), line(4, "c", pod=TWO)])
    assert told(book) == ["one", "starting", "b", "c"]
    assert [kept.line.message for kept in starts_among(book, None)] == ["starting"]
    assert [book.at(number) for number in book.marks] == [next(iter(book))]


def test_a_restart_while_lines_come_is_told_with_the_last_words() -> None:
    """The stream broke off before the panic came."""
    book = Logbook()
    book.begin(LogsSeen((running(line(0, "starting")),)))
    book.extend([line(5, "serving"), line(9, "starting again"), line(11, "serving again")])
    again = running(line(9, "starting again"), restarts=1, before="exit 2, Error")
    last = ended(line(0, "starting"), line(5, "serving"), line(7, "panic: boom"))
    assert book.fill_in(LogsSeen((again, last)))
    assert told(book) == [
        "starting", "serving", "panic: boom", "── container restarted, exit 2, Error ──",
        "starting again", "serving again",
    ]  # fmt: skip
    assert [kept.previous for kept in book] == [True] * 3 + [False] * 3
    assert book.restarts == 1
    book.extend([line(7, "panic: boom"), line(8, "late"), line(12, "on")])
    assert [(kept.line.message, kept.previous) for kept in book][-2:] == [
        ("late", True), ("on", False),
    ]  # fmt: skip


def test_a_restart_is_told_once_also_where_its_first_line_is_read_later() -> None:
    no = Failure(FailureKind.TIMEOUT, "no answer")
    run = Run(1, line(8).time, "exit 2")
    book = Logbook()
    book.begin(LogsSeen((running(line(0, "starting")),)))
    last = PodLog(ONE, "ops-service", (), (line(7, "panic"),), previous=True, run=run)
    for head in (no, (line(9, "again"),)):
        book.fill_in(LogsSeen((PodLog(ONE, "ops-service", head, (), run=run), last)))
    rule = "── container restarted, exit 2 ──"
    assert told(book) == ["starting", "panic", rule, "again"]


def test_how_a_run_ended_is_known_from_when_its_container_waited() -> None:
    book = Logbook()
    book.begin(LogsSeen((running(line(0, "starting")),)))
    book.fill_in(LogsSeen((log(line(0, "starting"), run=Run(0, ended="exit 1, Error")),)))
    book.fill_in(LogsSeen((log(line(9, "again"), run=Run(1, ended="exit 2, Error")),)))
    assert told(book) == ["starting", "── container restarted, exit 1, Error ──", "again"]


def test_while_a_container_waits_its_log_is_not_taken_twice() -> None:
    """Without a running container the API server gives the last one's log for both."""
    lines = (line(0, "starting"), line(1, "panic"))
    book = Logbook()
    book.begin(LogsSeen((log(*lines, run=Run(2)), ended(*lines, restarts=2))))
    assert told(book) == ["starting", "panic"]
