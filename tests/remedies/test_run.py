"""A plan that goes wrong in the middle: what is said of it is what the world has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from remedies.executor import Executor, run
from remedies.history import open_ends, records
from remedies.journal import Event, Journal
from remedies.model import (
    AwaitRollout,
    Outcome,
    OutcomeKind,
    Plan,
    Progress,
    RefusedError,
    Step,
    StepState,
)
from remedies.performing import objects
from tests.remedies.argoworld import NAMESPACE, ArgoWorld, Fault, quick
from tests.remedies.plans import NAMES, furnish, plan, step, values
from tests.remedies.test_executor import NEW, OLD, PATH, events, sent, states
from tests.remedies.test_token import undo
from tests.remedies.test_waiting import DEPLOYMENT

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def maps(there: ArgoWorld) -> ArgoWorld:
    """The world with the plan's ConfigMaps in it."""
    furnish(there.store)
    return there


def must_go() -> list[Step]:
    """Each is taken back where a later one fails."""
    return [step(name, revert_on_failure=True, limit_s=1.0) for name in NAMES]


# an answer that does not come


def late(maps: ArgoWorld, name: str) -> None:
    """The patch is done after the first look that follows it."""
    path = f"{PATH}/{name}"
    patching = Fault("PATCH", path, "late", times=1)
    patching.until = Fault("GET", path, "see", times=1, after=patching)
    maps.kubernetes.faults += [patching, patching.until]


async def test_what_is_done_after_its_answer_was_given_up_is_done(maps: ArgoWorld) -> None:
    late(maps, "one")
    outcome = await maps.apply(plan([step("one", limit_s=0.5), step("two")]))
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert states(outcome) == [("one", "done"), ("two", "done")]
    assert "done, although no end within 0.5 s" in outcome.steps[0].text
    assert sent(maps) == ["one", "two"]


async def test_what_was_sent_and_is_not_there_is_unknown_and_how_to_find_out_is_told(
    maps: ArgoWorld,
) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/two", "hang"))
    outcome = await maps.apply(plan([step("one"), step("two", limit_s=0.5)]))
    assert outcome.sentence.startswith("nobody knows whether step two was done: ")
    assert outcome.left_behind == (
        "done and kept: Set one; unknown: whether step two was done; "
        f"`kubectl -n {NAMESPACE} get configmaps/two -o yaml` tells"
    )


async def test_what_may_still_come_is_not_said_to_be_taken_back(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/two", "hang"))
    outcome = await maps.apply(plan(must_go()))
    assert states(outcome)[1:] == [
        ("two", "unknown"),
        ("undo two", "unknown"),
        ("one", "reverted"),
    ]
    assert outcome.left_behind.startswith("unknown: whether step two was done")


async def test_what_was_never_sent_was_not_done(maps: ArgoWorld) -> None:
    looks = Fault("GET", f"{PATH}/one", "see", times=1)
    maps.kubernetes.faults += [looks, Fault("GET", f"{PATH}/one", "hang", after=looks)]
    outcome = await maps.apply(plan([step("one", limit_s=0.3)]))
    assert states(outcome) == [("one", "failed")]
    assert outcome.left_behind == "nothing was changed"


# a defect of ours


@pytest.mark.parametrize(("sends", "state"), [(True, "done"), (False, "failed")])
async def test_after_a_defect_in_a_step_the_world_decides(
    maps: ArgoWorld, monkeypatch: pytest.MonkeyPatch, sends: bool, state: str
) -> None:
    perform = objects.PatchPerformer.perform

    async def broken(self: Any, world: Any, action: Any, tell: Any) -> str:
        if sends or action.ref.name != "two":
            await perform(self, world, action, tell)
        if action.ref.name == "two":
            raise ValueError("a secret that nobody should read")
        return "patched"

    monkeypatch.setattr(objects.PatchPerformer, "perform", broken)
    outcome = await maps.apply(plan(must_go()))
    assert states(outcome)[:2] == [("one", "done"), ("two", state)]
    assert "a defect of this program (ValueError at test_run.py:" in outcome.steps[1].text
    assert "secret" not in maps.everything_told()
    assert values(maps.store) == (NEW if sends else OLD)


# a journal that fails


class Failing(Journal):
    """Its disk is full from the `nth` entry on."""

    def __init__(self, journal: Journal, nth: int, times: int = 99) -> None:
        super().__init__(journal.path)
        self._left, self._times = nth, times

    def _append(self, *args: Any, **told: Any) -> None:
        self._left -= 1
        if self._left <= 0 and self._times > 0:
            self._times -= 1
            raise OSError(28, "No space left on device")
        super()._append(*args, **told)


async def with_journal(maps: ArgoWorld, journal: Journal, made: Plan) -> Outcome:
    return await Executor(maps.world(), journal, lambda: "").apply(made, maps.told.append)


@pytest.mark.parametrize("nth", [1, 2])
async def test_where_nothing_can_be_journaled_nothing_is_begun(maps: ArgoWorld, nth: int) -> None:
    with pytest.raises(RefusedError, match=r"nothing was changed: the journal .* No space left"):
        await with_journal(maps, Failing(maps.journal, nth), plan(must_go()))
    assert sent(maps) == []


@pytest.mark.parametrize("nth", [3, 4, 5, 6])
async def test_a_journal_that_fails_in_the_middle_takes_back_what_must_not_stay(
    maps: ArgoWorld, nth: int
) -> None:
    outcome = await with_journal(maps, Failing(maps.journal, nth), plan(must_go()))
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.sentence.startswith("the journal cannot be written, so that nothing goes on: ")
    assert values(maps.store) == OLD
    assert outcome.left_behind == "nothing was changed"
    begun = (nth - 1) // 2
    reverted = [(name, "reverted") for name in reversed(NAMES[:begun])]
    assert states(outcome) == [*((name, "done") for name in NAMES[:begun]), *reverted]


@pytest.mark.parametrize("nth", [3, 4, 5, 6])
async def test_where_it_fails_in_the_middle_what_stays_is_told(maps: ArgoWorld, nth: int) -> None:
    outcome = await with_journal(maps, Failing(maps.journal, nth), plan())
    done = (nth - 1) // 2
    assert values(maps.store) == ["new"] * done + ["old"] * (3 - done)
    assert outcome.left_behind == "; ".join(f"done and kept: Set {one}" for one in NAMES[:done])


@pytest.mark.parametrize("nth", [7, 8])
async def test_a_plan_that_was_done_is_done_though_its_end_is_not_journaled(
    maps: ArgoWorld, nth: int
) -> None:
    outcome = await with_journal(maps, Failing(maps.journal, nth), plan(must_go()))
    assert outcome.kind is OutcomeKind.VERIFIED
    assert "the journal lacks some of it: [Errno 28] No space left on device" in outcome.sentence
    assert values(maps.store) == NEW


async def test_a_journal_that_hangs_holds_nothing_up_for_long(
    maps: ArgoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remedies.offloop.LIMIT_S", 0.2)
    hold = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Hanging(Journal):
        def _append(self, *args: Any, **told: Any) -> None:
            asyncio.run_coroutine_threadsafe(hold.wait(), loop).result(30)

    try:
        with pytest.raises(RefusedError, match=r"cannot be written: no end within 0\.2 s"):
            await with_journal(maps, Hanging(maps.journal.path), plan())
    finally:
        hold.set()
    assert sent(maps) == []


# broken off


async def broken_off(maps: ArgoWorld, made: Plan, when: Callable[[], Any]) -> None:
    applying = asyncio.create_task(maps.apply(made))
    await when()
    applying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await applying


async def test_whoever_breaks_it_off_gets_what_must_not_stay_taken_back_and_told(
    maps: ArgoWorld,
) -> None:
    patching = Fault("PATCH", f"{PATH}/three", "hang")
    maps.kubernetes.faults.append(patching)
    steps = [*must_go()[:2], step("three", limit_s=20.0)]
    await broken_off(maps, plan(steps), patching.reached.wait)
    assert values(maps.store) == OLD
    told = [(one.step, one.state.value) for one in maps.told if one.state is not StepState.RUNNING]
    assert told[2:] == [("three", "interrupted"), ("two", "reverted"), ("one", "reverted")]
    assert [one for one in events(maps) if one[1] == "undo two"] == [("intent", "undo two", "")]
    (left,) = open_ends(records(maps.journal.entries()))
    assert left.under_way == "three"


async def test_the_step_under_way_is_taken_back_though_it_is_done_after_that(
    maps: ArgoWorld,
) -> None:
    late(maps, "two")
    steps = [step(name, revert_on_failure=True, limit_s=20.0) for name in NAMES]
    (patching, _) = maps.kubernetes.faults
    await broken_off(maps, plan(steps), patching.reached.wait)
    assert values(maps.store) == OLD
    assert events(maps)[-1] == ("step", "one", "reverted")
    (left,) = open_ends(records(maps.journal.entries()))
    assert (left.under_way, left.kept) == ("", ())


async def test_broken_off_while_it_is_taken_back_that_goes_on(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/three", "refuse", times=1))
    undoing = Fault("PATCH", f"{PATH}/two", "hang", times=1)
    undoing.after = Fault("PATCH", f"{PATH}/two", "see", times=1)
    maps.kubernetes.faults += [undoing, undoing.after]
    steps = [step(name, revert_on_failure=True, limit_s=20.0) for name in NAMES]
    await broken_off(maps, plan(steps), undoing.reached.wait)
    assert values(maps.store) == OLD


async def test_breaking_off_waits_no_longer_than_its_limit(
    maps: ArgoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "TAKING_BACK_S", 2.0)
    patching = Fault("PATCH", f"{PATH}/two", "hang")
    maps.kubernetes.faults.append(patching)
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/one", "hang", after=patching))
    steps = [step(name, revert_on_failure=True, limit_s=30.0) for name in NAMES]
    await broken_off(maps, plan(steps), patching.reached.wait)
    assert events(maps)[-1] == ("intent", "undo one", "")


# what is left behind


async def test_what_others_have_changed_since_is_not_said_to_be_kept(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/three", "refuse"))

    def meddle(progress: Progress) -> None:
        if progress.step == "three":
            change = {"URL": "somebody else's"}
            maps.store.change("ConfigMap", NAMESPACE, "one", lambda obj: obj["data"].update(change))

    outcome = await Executor(maps.world(), maps.journal, lambda: "").apply(plan(), meddle)
    assert outcome.left_behind == "done, and not so any more: Set one; done and kept: Set two"


async def test_what_was_kept_and_cannot_be_seen_is_told_so(maps: ArgoWorld) -> None:
    refusing = Fault("PATCH", f"{PATH}/two", "refuse")
    maps.kubernetes.faults += [refusing, Fault("GET", f"{PATH}/one", "busy", after=refusing)]
    outcome = await maps.apply(plan())
    assert outcome.left_behind.startswith("done, and whether it still is cannot be seen: Set one (")


async def test_a_wait_leaves_nothing_behind(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/one", "refuse"))
    waits = step("wait", action=AwaitRollout(DEPLOYMENT), undo=None)
    outcome = await maps.apply(plan([waits, step("one")]))
    assert outcome.left_behind == "nothing was changed"


async def test_where_the_last_look_breaks_what_was_done_is_told(maps: ArgoWorld) -> None:
    async def sweep() -> Any:
        raise ValueError("no")

    executor = Executor(maps.world(sweep=sweep), maps.journal, lambda: "")
    outcome = await executor.apply(plan())
    assert outcome.kind is OutcomeKind.FAILING
    assert outcome.sentence.startswith("every step was done, and looking again failed: ")
    assert [one.event for one in maps.journal.entries()][-1] is Event.FINISHED


# pods that have read what was taken back


async def test_pods_that_started_with_a_token_that_is_revoked_are_told(there: ArgoWorld) -> None:
    there.hold_rollouts()
    outcome = await there.apply(quick(await there.plan(), await_rollout=0.3))
    assert outcome.kind is OutcomeKind.FAILED
    assert there.token_ids() == set()
    assert outcome.left_behind.startswith("done and kept: Restart Deployment ops-service")
    told = "what has started since step restart runs with what was taken back: `opsportal-tui undo`"
    assert told in outcome.left_behind
    there.hold_rollouts(held=False)
    again = undo(there)
    assert [one.id for one in again.steps] == ["undo-restart", "undo-await-rollout"]
    assert (await there.apply(again)).steps[0].state is StepState.DONE
