"""A scenario file deviates from the healthy world, or says in one sentence what is wrong."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.scenario import FOLDER, Keys, load, names, parse

_MINIMAL = 'title = "T"\nsummary = "S"\n'


def test_every_file_of_the_folder_is_a_scenario() -> None:
    assert len(names()) >= 7
    for name in names():
        scenario = load(name)
        assert scenario.name == name
        assert scenario.title
        for snippet in scenario.database.snippets:
            assert (FOLDER / "sql" / f"{snippet}.sql").is_file()


def test_the_incident_names_its_four_causes() -> None:
    assert load("incident-v11").causes == (
        "prometheus.url-missing-prefix",
        "argocd.token-missing",
        "db.constraint-mismatch",
        "db.migration-disabled",
    )


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(SandboxError, match=r"did you mean incident-v11\?"):
        load("incident-v1")


def test_a_name_like_nothing_is_answered_with_all_of_them() -> None:
    with pytest.raises(SandboxError, match="healthy-no-traffic"):
        load("zzzz")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "is no TOML"),
        (_MINIMAL + 'colour = "red"', "colour: Extra inputs are not permitted"),
        (_MINIMAL + '[argocd]\ntoken = "stolen"', "argocd.token"),
        (_MINIMAL + '[pods]\nage = "long"', "pods.age"),
        ('title = "T"', "summary: Field required"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text: str, said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        parse("mine", text)


def test_ages_are_numbers_with_a_unit() -> None:
    assert parse("mine", _MINIMAL + '[pods]\nage = "90m"').pods.age == timedelta(minutes=90)


def test_keys_are_laid_over_the_healthy_ones() -> None:
    keys = Keys(set={"a": "2", "c": "3"}, unset=("b",))
    assert keys.over({"a": "1", "b": "1", "d": "4"}) == {"a": "2", "c": "3", "d": "4"}


def test_a_scenario_can_be_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(_MINIMAL)
    assert load(str(path)).name == "mine"
    with pytest.raises(SandboxError, match="cannot read scenario"):
        load(str(tmp_path / "gone.toml"))
