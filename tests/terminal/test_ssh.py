"""Over SSH: the dashboard is used on another machine, and a cut line leaves nothing behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.terminal.places import PROGRAM, Place, open_place
from tests.terminal.sshd import SshServer, open_sshd
from tests.terminal.tmux import TmuxSession

pytestmark = [pytest.mark.slow, pytest.mark.needs_sshd, pytest.mark.needs_tmux]

GONE_S = 5.0


@dataclass(frozen=True)
class Bastion:
    """The far side: its server, and the place that all sessions have in their environment."""

    server: SshServer
    place: Place

    def session(self, near: Place, command: str, *, terminal: str = "") -> TmuxSession:
        """A terminal here in which the command runs over there; ssh's pid stands in `pid`."""
        session = TmuxSession(near.folder, near.environ)
        script = near.folder / "connect"
        term = f"TERM={terminal} " if terminal else ""
        line = self.server.client(command)
        script.write_text(f"echo $$ > {near.folder}/pid\n{term}exec {line}\n")
        session.run(f"sh {script}; echo ended with $?")
        return session


@pytest.fixture(scope="module")
def bastion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bastion]:
    keys = tmp_path_factory.mktemp("sshd")
    with open_place() as place:
        told = {name: place.environ[name] for name in ("TMPDIR", "XDG_CONFIG_HOME", "KUBECONFIG")}
        with open_sshd(keys, told) as server:
            yield Bastion(server, place)


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def assert_sandbox_runs(place: Place) -> None:
    running = "\n".join(place.processes().values())
    for name in ("opsportal-tui", "-m sandbox", "postgres", "prometheus"):
        assert name in running


def assert_nothing_left(place: Place) -> None:
    """No process, and no file of the sandbox either."""
    assert not place.left_after(GONE_S)
    assert not list(place.folder.iterdir())


def looked_around(session: TmuxSession) -> None:
    """The incident as a person on call meets it."""
    session.until(
        "4 causes",
        "PROMETHEUS_URL lacks the route",
        "ops-service has no Argo CD token",
        "A unique constraint has a name",
        "The migration is switched off",
    )
    session.press("j", "j", "Enter")
    session.until("PROMETHEUS_URL include the prefix", "404 page not found")
    session.press("Escape")
    session.until("4 causes", "Checks")


@pytest.mark.needs_prometheus
def test_a_killed_client_leaves_nothing_behind(bastion: Bastion, place: Place) -> None:
    with bastion.session(place, f"{PROGRAM} --sandbox") as session:
        looked_around(session)
        assert_sandbox_runs(bastion.place)
        kill(int((place.folder / "pid").read_text()))
        session.until("ended with 137")
        assert_nothing_left(bastion.place)


@pytest.mark.needs_prometheus
def test_a_killed_session_leaves_nothing_behind(bastion: Bastion, place: Place) -> None:
    with bastion.session(place, f"{PROGRAM} --sandbox") as session:
        session.until("4 causes")
        assert_sandbox_runs(bastion.place)
        kill(*bastion.server.connections())
        session.until("ended with 255")
        assert_nothing_left(bastion.place)


@pytest.mark.parametrize("terminal", ["dumb", "linux", "vt100", "no-such-terminal"])
def test_any_kind_of_terminal_will_do(bastion: Bastion, place: Place, terminal: str) -> None:
    with bastion.session(place, str(PROGRAM), terminal=terminal) as session:
        session.until("loki.url", "unknown")
        session.press("q")
        screen = session.until("ended with 0")
        assert "Traceback" not in screen
        assert not bastion.place.left_after(GONE_S)
