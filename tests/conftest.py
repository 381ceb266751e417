"""What every test shares: tests that need a real server say so, and CI does not let them skip."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import warm
from tests.terminal.sshd import sshd_binary

# A busy machine is no fault of what is tested: no test of ours asserts how long anything takes.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def _postgres_binaries() -> bool:
    installed = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed or shutil.which("initdb") is not None


_NEEDS: Mapping[str, tuple[bool, str]] = {
    "needs_prometheus": (
        shutil.which("prometheus") is not None,
        "no prometheus binary; install it with: sudo apt-get install prometheus",
    ),
    "needs_postgres": (
        _postgres_binaries(),
        "no PostgreSQL binaries; install them with: sudo apt-get install postgresql",
    ),
    "needs_kubectl": (
        shutil.which("kubectl") is not None,
        "no kubectl on PATH; see https://kubernetes.io/docs/tasks/tools/",
    ),
    "needs_tmux": (
        shutil.which("tmux") is not None,
        "no tmux; install it with: sudo apt-get install tmux",
    ),
    "needs_sshd": (
        all((sshd_binary(), shutil.which("ssh"), shutil.which("ssh-keygen"))),
        "no OpenSSH; install it with: sudo apt-get install openssh-server openssh-client",
    ),
}

_REQUIRED_IN_CI = ("needs_prometheus", "needs_postgres", "needs_tmux", "needs_sshd")


_YOUNG_OBJECTS = 20_000
"""How many new objects start a garbage collection: Python's 700 took a third of the time of tests
that draw the dashboard."""


def pytest_collection_finish() -> None:
    """What has been imported and collected stays: it need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, with the reason; under CI such a skip is a failure."""
    for marker, (present, reason) in _NEEDS.items():
        if present or item.get_closest_marker(marker) is None:
            continue
        if os.environ.get("CI") == "true" and marker in _REQUIRED_IN_CI:
            pytest.fail(f"CI must not skip this: {reason}", pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def warm_loader() -> Iterator[None]:
    """Kubeconfigs are loaded by a program that has its library already."""
    with warm.loader() as program, warm.program(program):
        yield
