"""What the tests in real terminals share: a place that is empty again afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.terminal.places import Place, open_place


@pytest.fixture
def place() -> Iterator[Place]:
    with open_place() as opened:
        yield opened
