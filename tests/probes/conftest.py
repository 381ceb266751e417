"""Tests that reach a cluster load its credentials with a program that is warm already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import warm


@pytest.fixture(scope="session", autouse=True)
def warm_loader() -> Iterator[Path]:
    with warm.loader() as program, warm.program(program):
        yield program
