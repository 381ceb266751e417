"""What is remembered between runs: how a target stood, and which verdicts changed when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from probes.model import CheckId, Diagnosis, Snapshot, Status
from probes.model.history import MOST_CHANGES
from probes.profile import Profile
from tests.tui.dashboards import NOW, healthy, incident, read
from tui.memory import LONGEST, REFRESH, Memory, Place, Remembered, after

PROD = Place.of(Profile(name="prod", context="prod", namespace="wealist-prod"), "")


def diagnosis(world: Snapshot) -> Diagnosis:
    return read(world).diagnosis


WELL, ILL = diagnosis(healthy()), diagnosis(incident())


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def recalled(memory: Memory, place: Place = PROD) -> Remembered:
    found = memory.recall(place)
    assert found is not None
    return found


def test_another_run_knows_how_it_stood(tmp_path: Path) -> None:
    Memory(tmp_path / "profiles").keep(PROD, ILL, NOW)
    found = recalled(Memory(tmp_path / "profiles"))
    assert (found.status, found.sentence, found.at) == (Status.FAIL, ILL.sentence, NOW)
    assert found.checks[CheckId.DB_MIGRATION] is Status.FAIL
    assert found.changes == ()
    path = the_file(tmp_path / "profiles")
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["schema"] == 1


def test_what_changed_between_two_runs_is_told_with_the_time_it_was_seen(tmp_path: Path) -> None:
    Memory(tmp_path).keep(PROD, WELL, NOW)
    later = NOW + timedelta(hours=2)
    Memory(tmp_path).keep(PROD, ILL, later)
    found = recalled(Memory(tmp_path))
    changed = {one.check: one for one in found.changes}
    assert set(changed) == {
        one.id for one, well in zip(ILL.results, WELL.results, strict=True)
        if one.status is not well.status
    }  # fmt: skip
    change = changed[CheckId.PROMETHEUS_URL]
    assert (change.before, change.after, change.at) == (Status.PASS, Status.FAIL, later)
    assert "lacks the prefix" in change.summary
    assert found.since == NOW


def test_nothing_is_written_that_is_no_news(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(PROD, WELL, NOW)
    the_file(tmp_path).unlink()
    memory.keep(PROD, WELL, NOW + REFRESH / 2)
    assert list(tmp_path.iterdir()) == []
    memory.keep(PROD, ILL, NOW + REFRESH / 2)
    assert recalled(memory).status is Status.FAIL


def test_its_age_is_about_right(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(PROD, WELL, NOW)
    memory.keep(PROD, WELL, NOW + REFRESH)
    assert recalled(memory).at == NOW + REFRESH


def test_two_dashboards_on_one_target_tell_each_change_once(tmp_path: Path) -> None:
    one, other = Memory(tmp_path), Memory(tmp_path)
    one.keep(PROD, WELL, NOW)
    other.keep(PROD, WELL, NOW)
    one.keep(PROD, ILL, NOW + timedelta(seconds=5))
    other.keep(PROD, ILL, NOW + timedelta(seconds=9))
    changes = recalled(one).changes
    assert len({change.check for change in changes}) == len(changes)
    assert {change.at for change in changes} == {NOW + timedelta(seconds=5)}


def test_the_oldest_changes_go_first() -> None:
    known = None
    for turn in range(MOST_CHANGES):
        known = after(known, ILL if turn % 2 else WELL, NOW + timedelta(minutes=turn))
    assert known is not None
    assert len(known.changes) == MOST_CHANGES
    assert known.changes[-1].at == NOW + timedelta(minutes=MOST_CHANGES - 1)
    late = after(known, WELL, NOW + LONGEST + timedelta(days=1))
    assert {one.at for one in late.changes} == {NOW + LONGEST + timedelta(days=1)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "null",
        "{}",
        '{"schema": 2}',
        '{"schema": 1}',
        '{"schema": 1, "since": 3, "at": 4}',
        "[" * 100_000,
        "\x00",
    ],
)
def test_a_broken_or_foreign_file_counts_as_none_and_is_replaced(tmp_path: Path, text: str) -> None:
    memory = Memory(tmp_path)
    PROD.file(tmp_path).write_text(text)
    assert memory.recall(PROD) is None
    memory.keep(PROD, ILL, NOW)
    assert recalled(memory).status is Status.FAIL


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("status", "splendid"),
        ("at", "yesterday"),
        ("at", "2026-01-06T03:00:00"),
        ("sentence", 3),
        ("checks", []),
        ("checks", {"db.migration": "splendid"}),
        ("changes", {"a": 1}),
        ("changes", [{"check": "db.migration"}]),
    ],
)
def test_a_file_with_one_part_wrong_counts_as_none(
    tmp_path: Path, part: str, value: object
) -> None:
    memory = Memory(tmp_path)
    memory.keep(PROD, ILL, NOW)
    path = the_file(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {part: value}))
    assert memory.recall(PROD) is None


def test_a_check_of_a_newer_version_is_left_out(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(PROD, ILL, NOW)
    path = the_file(tmp_path)
    found = json.loads(path.read_text())
    found["checks"]["db.brand-new"] = "pass"
    path.write_text(json.dumps(found))
    assert recalled(memory).checks.keys() == set(CheckId)


def test_text_in_a_file_that_somebody_changed_is_made_safe(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(PROD, replace(ILL, sentence="\x1b]52;c;aGk=\x07 boo\x1b[2J"), NOW)
    assert recalled(memory).sentence == "boo"


def test_a_file_of_unlikely_size_is_not_read(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(PROD, ILL, NOW)
    path = the_file(tmp_path)
    path.write_text(path.read_text() + " " * 3_000_000)
    assert memory.recall(PROD) is None


def test_targets_are_not_mixed_up(tmp_path: Path) -> None:
    base = Profile(name="prod")
    memory = Memory(tmp_path)
    memory.keep(Place.of(base, "staging"), ILL, NOW)
    others = (
        Place.of(base, "prod"),
        Place.of(base.model_copy(update={"namespace": "dev"}), "staging"),
        Place.of(base.model_copy(update={"workload": "ops"}), "staging"),
        Place.of(base.model_copy(update={"kubeconfig": Path("/k")}), "staging"),
        Place.of(base.model_copy(update={"name": "dev"}), "staging"),
    )
    assert [memory.recall(other) for other in others] == [None] * len(others)
    assert memory.recall(Place.of(base, "staging"))


def test_a_name_makes_no_path(tmp_path: Path) -> None:
    place = Place.of(Profile(name="../../etc/passwd \n" + "x" * 300), "")
    Memory(tmp_path).keep(place, ILL, NOW)
    assert the_file(tmp_path).parent == tmp_path
    assert recalled(Memory(tmp_path), place).status is Status.FAIL
