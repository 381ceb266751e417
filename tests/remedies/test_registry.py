"""What is said of the remedies in several places is the same."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from probes.catalogue import REMEDIES_OF
from probes.model import CauseId
from remedies.model import Action, RemedyId, Waiting
from remedies.options import OPTIONS
from remedies.performing import performer_of
from remedies.performing.waiting import WaitingPerformer
from remedies.rbac import NEEDS
from remedies.registry import REMEDIES, for_cause
from remedies.words import WORDS


@pytest.mark.parametrize("cause", list(CauseId))
def test_what_the_diagnosis_tells_of_a_cause_is_what_the_registry_has(cause: CauseId) -> None:
    assert REMEDIES_OF.get(cause, ()) == tuple(one.id.value for one in for_cause(cause))


@pytest.mark.parametrize("kind", get_args(Action))
def test_an_action_waits_where_its_performer_only_looks(kind: type) -> None:
    performer = performer_of(object.__new__(kind))
    assert issubclass(kind, Waiting) is isinstance(performer, WaitingPerformer)


def test_every_remedy_has_its_words_and_options() -> None:
    assert set(REMEDIES) == set(RemedyId) == set(WORDS) == set(OPTIONS) == set(NEEDS)
    for words in WORDS.values():
        assert words.description.endswith(".")
        assert words.risk.endswith(".")
        assert not words.title.endswith(".")


@pytest.mark.parametrize("remedy", list(RemedyId))
def test_the_documents_tell_each_remedy_with_its_causes_and_options(remedy: RemedyId) -> None:
    text = (Path(__file__).parents[2] / "docs" / "remedies.md").read_text()
    section = text.partition(f"## `{remedy}`\n")[2].partition("\n## ")[0]
    assert section
    for cause in REMEDIES[remedy].causes:
        assert f"`{cause}`" in section
    for option in OPTIONS[remedy]:
        assert f"`{option}`" in section
