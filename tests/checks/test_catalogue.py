"""The catalogue has words for every id, and its templates are whole."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest

from probes.catalogue import CAUSES, CHECKS
from probes.checks import CHECKLIST
from probes.model import CauseId, CheckId


def test_every_check_and_cause_has_words() -> None:
    assert set(CHECKS) == set(CheckId)
    assert set(CAUSES) == set(CauseId)
    assert [check.id for check in CHECKLIST] == list(CheckId)


@pytest.mark.parametrize("check", list(CheckId))
def test_questions_end_as_questions(check: CheckId) -> None:
    assert CHECKS[check].question.endswith("?")
    assert CHECKS[check].explanation.endswith(".")


@pytest.mark.parametrize("cause", list(CauseId))
def test_cause_templates_can_be_parsed(cause: CauseId) -> None:
    words = CAUSES[cause]
    for template in (words.explanation, words.advice):
        fields = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
        assert all(name.isidentifier() for name in fields)


def test_the_documented_causes_are_those_of_the_catalogue() -> None:
    text = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text()
    for cause in CauseId:
        assert f"| `{cause.value}` | {CAUSES[cause].title} |" in text


def test_the_readme_lists_every_check() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text()
    assert all(f"| `{check.value}` |" in text for check in CheckId)
