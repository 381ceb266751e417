"""In tmux: a person opens the dashboard, looks around, quits, and has a clean terminal back."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterator

import pytest

from sandbox.launch import Running, launch
from tests.terminal.places import PROGRAM, Place
from tests.terminal.tmux import TmuxSession

pytestmark = [pytest.mark.slow, pytest.mark.needs_tmux]

TERMINALS = ("screen-256color", "xterm")


@pytest.fixture(scope="module")
def incident() -> Iterator[Running]:
    """The incident, served once for all of these tests."""
    with asyncio.Runner() as runner:
        served = launch("incident-v11")
        yield runner.run(served.__aenter__())
        runner.run(served.__aexit__(None, None, None))


@pytest.fixture
def at_incident(place: Place, incident: Running) -> Place:
    """A place whose kubeconfig leads to the incident."""
    return place.with_environ(
        KUBECONFIG=str(incident.kubeconfig),
        OPSPORTAL_NAMESPACE=incident.namespace,
        OPSPORTAL_PORTAL_URL=incident.addresses["portal"],
        OPSPORTAL_TOKEN=incident.portal_token,
    )


def opened(place: Place, *, terminal: str = TERMINALS[0]) -> TmuxSession:
    """A shell in tmux in which the dashboard was started; its pid stands in the file `pid`."""
    session = TmuxSession(place.folder, place.environ, terminal=terminal)
    session.run(f"sh -c 'echo $$ > {place.folder}/pid; exec {PROGRAM}'; echo ended with $?")
    return session


def send(place: Place, number: signal.Signals) -> None:
    os.kill(int((place.folder / "pid").read_text()), number)


def asked(session: TmuxSession, key: str, question: str, answer: str) -> None:
    """Presses a key that asks, and answers."""
    session.press(key)
    session.until(question)
    session.type(answer)
    session.press("Enter")
    session.until_gone(question + " (")


def lines_of(screen: str) -> int:
    """How many lines the logs screen knows, shown or not: the N of `3 of N lines`."""
    found = re.search(r" of ([\d,]+) lines", screen)
    return int(found[1].replace(",", "")) if found else 0


def assert_clean(session: TmuxSession, code: int) -> None:
    """The shell has its terminal back as it was."""
    screen = session.until(f"\nended with {code}\n")
    assert "Traceback" not in screen
    assert session.told("alternate_on") == "0"
    assert session.told("mouse_any_flag") == "0"
    assert session.told("cursor_flag") == "1"
    session.run("echo typed-$((40 + 2))")  # what is typed is seen, and lines are lines
    session.until("echo typed-$((40 + 2))\ntyped-42\n")


@pytest.mark.parametrize("terminal", TERMINALS)
def test_the_incident_is_told_and_looked_into_and_copied(at_incident: Place, terminal: str) -> None:
    with opened(at_incident, terminal=terminal) as session:
        session.until("4 causes", "live", "PROMETHEUS_URL lacks the route prefix", "argocd.token")
        session.press("j", "j", "Enter")
        session.until(
            "PROMETHEUS_URL include the prefix, and answer a query?", "404 page not found"
        )
        session.resize(80, 24)
        session.until("PROMETHEUS_URL include the prefix", "esc Back", "? All keys")
        session.resize(120, 36)
        session.press("Escape")
        session.until("4 causes", "Prometheus", "Argo CD", "Database", "Logs")
        session.press("y")
        session.until("Copied", "copied.txt")
        copied = session.copied() or ""
        assert copied.startswith("4 causes. First: PROMETHEUS_URL lacks the route prefix.")
        assert "db.migration" in copied
        kept = at_incident.folder / ".local" / "state" / "opsportal-tui" / "copied.txt"
        assert kept.read_text() == copied
        session.press("q")
        assert_clean(session, 0)


@pytest.mark.parametrize("terminal", TERMINALS)
def test_the_logs_are_searched_filtered_and_resized_while_one_types(
    at_incident: Place, terminal: str
) -> None:
    with opened(at_incident, terminal=terminal) as session:
        session.until("4 causes", "live")
        session.press("L")
        seen = session.until("Request completed", "following")
        assert "auto-migration disabled" not in seen
        session.press("/")
        session.until("Search (")  # the field; "Search" alone stands in the footer before
        session.type("auto-migration")
        session.resize(80, 24)
        session.until("Search (", "auto-migration")
        session.type(" disabled")
        session.resize(120, 36)
        session.press("Enter")
        session.until("Database auto-migration disabled", "standing still")
        asked(session, "i", "Show only lines with", "ArgoCD (client|config)")
        session.press("G")
        before = lines_of(session.until("with /ArgoCD (client|config)/", "following"))
        later = session.until_true(lambda screen: lines_of(screen) > before, "more lines")
        assert "ArgoCD client not configured" in later
        assert "Request completed" not in later
        session.press("y")
        session.until("Copied")
        assert "ArgoCD client not configured" in (session.copied() or "")
        session.press("Escape")
        session.until("4 causes", "Checks")


@pytest.mark.parametrize(
    ("terminal", "number"), zip(TERMINALS, (signal.SIGTERM, signal.SIGHUP), strict=True)
)
def test_resized_it_shows_what_there_is_room_for_and_a_signal_ends_it_behind_a_dialog(
    at_incident: Place, terminal: str, number: signal.Signals
) -> None:
    with opened(at_incident, terminal=terminal) as session:
        session.until("4 causes", "live", "1 Prometheus", "3 Database")
        session.resize(80, 24)
        narrow = session.until("4 causes", "0 Causes", "portal.metrics", "Evidence")
        assert "3 Database" not in narrow
        session.press("3")
        session.until("3 Database", "portal_users")
        session.resize(50, 12)
        session.until("needs 60x16 cells")
        session.resize(120, 36)
        session.until("4 causes", "1 Prometheus", "3 Database", "portal.metrics")
        session.press("f")
        session.until("Plan", "No, change nothing")
        session.resize(80, 24)
        session.until("Plan", "No, change nothing", "esc Back")
        send(at_incident, number)
        assert_clean(session, 128 + number)


def test_the_terminal_is_taken_whole_meanwhile(place: Place) -> None:
    with opened(place) as session:
        session.until("loki.url")
        assert session.told("alternate_on") == "1"
        assert session.told("mouse_any_flag") == "1"
        assert session.told("cursor_flag") == "0"


@pytest.mark.parametrize(
    ("number", "terminal", "key", "shown"),
    [
        (signal.SIGTERM, TERMINALS[0], "", "loki.url"),
        (signal.SIGTERM, TERMINALS[1], "L", "0 of 0 lines"),
        (signal.SIGHUP, TERMINALS[0], "?", "Everywhere"),
        (signal.SIGHUP, TERMINALS[1], "/", "Show only checks with"),
    ],
)
def test_a_signal_leaves_the_terminal_clean(
    place: Place, number: signal.Signals, terminal: str, key: str, shown: str
) -> None:
    with opened(place, terminal=terminal) as session:
        session.until("loki.url")
        if key:
            session.press(key)
        session.until(shown)
        send(place, number)
        assert_clean(session, 128 + number)


def test_stopped_and_continued_it_goes_on_as_before(place: Place) -> None:
    with opened(place) as session:
        session.until("loki.url")
        send(place, signal.SIGCONT)  # nothing was stopped: nothing is to be taken up again
        send(place, signal.SIGTSTP)
        session.until_gone("loki.url")
        assert session.told("mouse_any_flag") == "0"
        session.run("fg; echo ended with $?")
        session.until("loki.url")
        session.press("q")
        assert_clean(session, 0)


def test_a_closed_pane_ends_it(place: Place) -> None:
    with opened(place) as session:
        session.until("loki.url")
    assert not place.left_after(5)
