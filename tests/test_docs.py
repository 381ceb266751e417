"""README and docs: what they link to is there, and every picture is shown somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def links(document: Path) -> set[Path]:
    """The files of ours that it links to."""
    found = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    return {(document.parent / one).resolve() for one in found if "://" not in one}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.name)
def test_what_is_linked_to_is_there(document: Path) -> None:
    assert [one for one in links(document) if not one.exists()] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = set().union(*map(links, DOCUMENTS))
    assert {*(ROOT / "screenshots").glob("*.svg")} - shown == set()
