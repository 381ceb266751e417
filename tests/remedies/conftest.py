"""The bench of the tests around tokens: one for the session, a world on it for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from probes.reach import Reach
from remedies.executor import attempt
from remedies.performing import waiting
from tests.remedies.argoworld import ArgoWorld, Bench
from tests.remedies.moto import moto_server


@pytest.fixture(scope="session", autouse=True)
def _warm(warm_loader: None) -> None:
    """Credentials are loaded often here."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Bench, Reach]]:
    made = Bench(tmp_path_factory.mktemp("bench"))
    async with made.open() as reach:
        yield made, reach


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """The address of what answers as AWS does."""
    with moto_server() as address:
        yield address


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting looks again at once: the server is a test's own, and need not be spared."""
    monkeypatch.setattr(waiting, "CALM_S", 0.05)
    monkeypatch.setattr(attempt, "LATE_PAUSE_S", 0.1)


@pytest_asyncio.fixture(loop_scope="session")
async def there(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[ArgoWorld]:
    """Argo CD, External Secrets and a Deployment, with no token delivered yet."""
    made, reach = bench
    async with made.world(reach, tmp_path) as world:
        yield world
