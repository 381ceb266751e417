"""What the tests of the program share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _warm(warm_loader: None) -> None:
    """Credentials are loaded often here."""
