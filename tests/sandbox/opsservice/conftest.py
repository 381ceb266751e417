"""One PostgreSQL for all these tests, empty for each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.postgres import Postgres
from tests.sandbox.opsservice.worlds import Database, emptied, postgres_in_a_thread


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        with postgres_in_a_thread(Path(parent) / "sandbox") as postgres:
            yield postgres


@pytest.fixture
async def database(server: Postgres) -> Database:
    return await emptied(server)
