"""The journal: whatever was written to it is read again, and a crash costs one line at most."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import stat
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from remedies.history import open_ends, records
from remedies.journal import Entry, Event, Journal
from remedies.model import (
    DeleteObject,
    Field,
    Outcome,
    OutcomeKind,
    PatchObject,
    Plan,
    RunCurl,
    RunSql,
    StepOutcome,
    StepState,
)
from tests.remedies.plans import NOW, absent, plan, ref, step

DONE = StepOutcome("one", StepState.DONE, "patched")
WELL = Outcome(OutcomeKind.VERIFIED, "it is well")

WRITER = """
import sys
from pathlib import Path
from remedies.journal import Journal
from tests.remedies.plans import plan

journal = Journal(Path(sys.argv[1]))
made = plan(id=sys.argv[2])
for number in range(40):
    journal.intent(made, f"step-{number}" + "x" * 5000)
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    times = (NOW + timedelta(seconds=n) for n in range(1000))
    return Journal(tmp_path / "state" / "journal.jsonl", lambda: next(times))


def told(journal: Journal) -> list[tuple[Event, str]]:
    return [(one.event, one.step) for one in journal.entries()]


def whole(journal: Journal, made: Plan) -> None:
    """A plan from its beginning to its end."""
    journal.planned(made)
    journal.intent(made, "one")
    journal.step(made, DONE)
    journal.finished(made, WELL)


# the file


def test_what_was_written_is_read_in_order(journal: Journal) -> None:
    whole(journal, plan())
    journal.refused(plan(id="other"), "stale", "the world has changed")
    assert told(journal) == [
        (Event.PLANNED, ""),
        (Event.INTENT, "one"),
        (Event.STEP, "one"),
        (Event.FINISHED, ""),
        (Event.REFUSED, ""),
    ]
    assert [one.at for one in journal.entries()] == [NOW + timedelta(seconds=n) for n in range(5)]


def test_it_is_for_this_user_only_whatever_the_mask_and_whatever_it_was(journal: Journal) -> None:
    before = os.umask(0)
    try:
        journal.planned(plan())
    finally:
        os.umask(before)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    journal.path.chmod(0o644)
    journal.intent(plan(), "one")
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("origin", "who"), [("10.0.0.7 51234 10.0.0.1 22", " from 10.0.0.7"), ("", "")]
)
def test_who_did_it_and_over_ssh_from_where(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, origin: str, who: str
) -> None:
    monkeypatch.setenv("LOGNAME", "ann")
    monkeypatch.setenv("SSH_CONNECTION", origin)
    journal.planned(plan())
    assert next(journal.entries()).who == f"ann{who}"


def test_without_a_file_there_is_nothing_and_nothing_is_made(journal: Journal) -> None:
    assert told(journal) == []
    assert not journal.path.parent.exists()


def test_where_it_cannot_be_written_that_is_an_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file, and no folder")
    with pytest.raises(OSError, match="state"):
        Journal(in_the_way / "journal.jsonl").planned(plan())


def test_a_disk_that_fills_up_in_the_middle_of_a_line_is_an_error_and_costs_that_line(
    journal: Journal,
) -> None:
    journal.planned(plan())
    size = journal.path.stat().st_size + 100
    with no_file_larger_than(size), pytest.raises(OSError, match="too large"):
        journal.intent(plan(), "one")
    journal.intent(plan(), "two")
    assert told(journal) == [(Event.PLANNED, ""), (Event.INTENT, "two")]


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The kernel writes as much as fits, then refuses (setrlimit(2), RLIMIT_FSIZE)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("lost", [1, 2, 3, 40])
def test_a_line_that_a_crash_cut_short_costs_that_line_only(journal: Journal, lost: int) -> None:
    whole(journal, plan())
    made = plan(sentence="배포 실패")
    journal.refused(made, "guard", "배포 실패")
    content = journal.path.read_bytes()
    # The last line ends in `…실패", "undoes": ""…`: somewhere in there a character is cut, too.
    cut = content[: content.rindex("패".encode()) + 3 - lost]
    journal.path.write_bytes(cut)
    assert len(told(journal)) == 4
    journal.refused(plan(), "stale", "after the crash")
    entries = list(journal.entries())
    assert len(entries) == 5
    assert entries[-1].text == "after the crash"
    assert journal.path.read_bytes().startswith(cut + b"\n"), "what is there is never written over"


@pytest.mark.parametrize(
    "garbage", ["5", "null", "[]", '"text"', "{}", '{"schema": 1}', "\x00" * 300, '{"schema": 2}']
)
def test_a_line_of_another_kind_is_passed_over(journal: Journal, garbage: str) -> None:
    journal.planned(plan())
    with journal.path.open("a") as file:
        file.write(f"{garbage}\n")
    journal.intent(plan(), "one")
    assert told(journal) == [(Event.PLANNED, ""), (Event.INTENT, "one")]


@pytest.mark.parametrize("breaks", ["\u2028", "\x85", "\x0c", "\r\n", "\x1e"])
def test_a_line_break_of_another_kind_within_a_text_breaks_no_line(
    journal: Journal, breaks: str
) -> None:
    made = plan(sentence=f"before{breaks}after")
    journal.planned(made)
    (entry,) = journal.entries()
    assert entry.text == made.sentence


async def test_several_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    writers = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WRITER, str(path), f"plan-{n}"), stderr=PIPE
        )
        for n in range(3)
    ]
    for one in writers:
        _, said = await asyncio.wait_for(one.communicate(), 30)
        assert one.returncode == 0, said
    found = list(Journal(path).entries())
    assert len(path.read_text().splitlines()) == len(found) == 120
    for n in range(3):
        steps = [one.step.rstrip("x") for one in found if one.id == f"plan-{n}"]
        assert steps == [f"step-{number}" for number in range(40)]


# a plan comes back as it was


@pytest.mark.parametrize(
    "action",
    [
        PatchObject(ref("one"), (absent(),), (Field("/data/NEW", {"a": [1, None, True]}),)),
        DeleteObject(ref("one"), "uid", (Field("/metadata/labels/a~1b", "c"),)),
        RunSql("u@h:1/d", "public.t", "share", "select", (absent(),), (), ("a",), 3.0, 30.0, "so"),
        RunCurl(ref("one"), {"kind": "Pod", "spec": {"x": [1]}}, (absent(),), ("a", "b"), 5),
    ],
)
def test_a_plan_is_read_back_equal(journal: Journal, action: object) -> None:
    made = plan([step("one", action=action), step("two", undo=None, undo_words="no way")])
    made = replace(made, warnings=("first",), durable="--- a", cluster="https://10.0.0.1")
    journal.planned(made)
    (entry,) = journal.entries()
    assert entry.plan == made


# what was never finished


def interrupted(journal: Journal, made: Plan) -> None:
    journal.step(made, StepOutcome("two", StepState.INTERRUPTED, "interrupted"))


@pytest.mark.parametrize(
    ("then", "step_id", "done"),
    [
        ([], "", ()),
        ([lambda j, p: j.intent(p, "one")], "one", ()),
        ([lambda j, p: j.intent(p, "one"), lambda j, p: j.step(p, DONE)], "", ("one",)),
        (
            [
                lambda j, p: j.intent(p, "one"),
                lambda j, p: j.step(p, DONE),
                lambda j, p: j.intent(p, "two"),
            ],
            "two",
            ("one",),
        ),
        ([lambda j, p: j.intent(p, "two"), interrupted], "two", ()),
        ([lambda j, p: j.intent(p, "undo one")], "undo one", ()),
    ],
)
def test_a_plan_without_an_end_says_which_step_was_under_way(
    journal: Journal,
    then: list[Callable[[Journal, Plan], None]],
    step_id: str,
    done: tuple[str, ...],
) -> None:
    whole(journal, plan(id="before"))
    made = plan()
    journal.planned(made)
    for one in then:
        one(journal, made)
    (left,) = open_ends(records(journal.entries()))
    assert (left.plan, left.under_way) == (made, step_id)
    ended = [one for one in left.steps if one.state is not StepState.INTERRUPTED]
    assert tuple(one.step for one in ended) == done


def test_a_plan_that_ended_or_was_refused_or_looked_after_is_not_unfinished(
    journal: Journal,
) -> None:
    whole(journal, plan(id="a"))
    journal.planned(plan(id="b"))
    journal.settled(plan(id="b"))
    journal.refused(plan(id="c"), "stale", "the world has changed")
    assert open_ends(records(journal.entries())) == ()
    assert open_ends(records(journal.entries())) == ()


def test_a_later_plan_of_the_same_remedy_has_looked_anew(journal: Journal) -> None:
    journal.planned(plan(id="a"))
    journal.intent(plan(id="a"), "one")
    (left,) = open_ends(records(journal.entries()))
    assert left.under_way == "one"
    whole(journal, plan(id="b"))
    assert open_ends(records(journal.entries())) == ()


def test_an_entry_says_when_in_utc(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.planned(plan())
    (entry,) = journal.entries()
    assert isinstance(entry, Entry)
    assert datetime.now(UTC) - entry.at < timedelta(seconds=10)
    assert json.loads(journal.path.read_text())["schema"] == 1
