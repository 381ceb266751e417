"""The executor on a real API server: what is refused, what is sent, and what is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from probes.reach import open_reach
from probes.reach.guard import WriteRefusedError
from remedies.executor import Executor
from remedies.history import how_to_find_out, open_ends, records
from remedies.journal import Event, Journal
from remedies.model import (
    AwaitRollout,
    CreateObject,
    DeleteObject,
    Field,
    ObjectRef,
    Outcome,
    OutcomeKind,
    PatchObject,
    Permission,
    Plan,
    Refusal,
    RefusedError,
    Step,
    StepState,
)
from tests.remedies.argoworld import LOADING_S, NAMESPACE, ArgoWorld, Fault
from tests.remedies.killing import killed_at
from tests.remedies.plans import KEY, NAMES, furnish, plan, ref, step, values
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
OLD, NEW = ["old"] * 3, ["new"] * 3


@pytest.fixture
def maps(there: ArgoWorld) -> ArgoWorld:
    """The world with the plan's ConfigMaps in it."""
    furnish(there.store)
    return there


def states(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.step, one.state.value) for one in outcome.steps]


def events(maps: ArgoWorld) -> list[tuple[str, str, str]]:
    return [(one.event.value, one.step, one.state) for one in maps.journal.entries()]


def sent(maps: ArgoWorld) -> list[str]:
    """The names of the ConfigMaps that the server was told to patch."""
    return [one.rpartition("/")[2] for one in maps.kubernetes.writes if one.startswith("PATCH")]


def change(maps: ArgoWorld, name: str, value: str) -> None:
    """Somebody else's hand."""
    maps.store.change("ConfigMap", NAMESPACE, name, lambda obj: obj["data"].update(URL=value))


async def refused(maps: ArgoWorld, made: Plan, why_not: str = "") -> RefusedError:
    """Nothing is sent, and the journal has the refusal alone."""
    with pytest.raises(RefusedError) as error:
        await maps.apply(made, why_not=lambda: why_not)
    assert sent(maps) == []
    assert [one.event for one in maps.journal.entries()] == [Event.REFUSED]
    (entry,) = maps.journal.entries()
    assert (entry.state, entry.text) == (error.value.refusal.value, str(error.value))
    return error.value


# refused before anything is begun


async def test_read_only_refuses_and_says_how_to_arm_it(maps: ArgoWorld) -> None:
    error = await refused(maps, plan(), "read-only: add --allow-actions")
    assert (error.refusal, str(error)) == (Refusal.READ_ONLY, "read-only: add --allow-actions")


async def test_a_plan_of_another_cluster_is_refused(maps: ArgoWorld) -> None:
    error = await refused(maps, plan(profile="default", cluster="https://elsewhere:6443"))
    assert error.refusal is Refusal.GUARD
    told = "for profile default (namespace wealist-prod, cluster https://elsewhere:6443), and this "
    assert f"{told}is profile default (" in str(error)


async def test_a_denied_step_is_told_by_verb_and_resource_though_others_are_allowed(
    maps: ArgoWorld,
) -> None:
    maps.access.allow("limited", ["get"], [""], ["configmaps"], [NAMESPACE])
    maps.access.allow("limited", ["patch"], [""], ["configmaps"], [NAMESPACE], ["one"])
    steps = [replace(one, permissions=(named(one),)) for one in plan().steps]
    profile = maps.profile.model_copy(update={"context": "limited"})
    async with open_reach(profile) as reach:
        await reach.cluster.ready(LOADING_S)
        with pytest.raises(RefusedError) as error:
            await maps.apply(plan(steps), maps.world(reach))
    assert error.value.refusal is Refusal.DENIED
    assert str(error.value) == (
        "not permitted: patch configmaps two in namespace wealist-prod, "
        "patch configmaps three in namespace wealist-prod"
    )
    assert sent(maps) == []


def named(one: Step) -> Permission:
    return replace(one.permissions[0], name=one.id)


@pytest.mark.parametrize("name", NAMES)
async def test_a_plan_that_any_part_of_the_world_has_left_is_refused_whole(
    maps: ArgoWorld, name: str
) -> None:
    change(maps, name, "somebody else's")
    error = await refused(maps, plan())
    assert error.refusal is Refusal.STALE
    assert f"{KEY} is \"somebody else's\", it was 'old'" in str(error)


async def test_an_object_that_is_gone_is_a_world_that_has_changed(maps: ArgoWorld) -> None:
    maps.store.delete("ConfigMap", NAMESPACE, "two")
    error = await refused(maps, plan())
    assert error.refusal is Refusal.STALE
    assert "configmaps/two is not there any more" in str(error)


async def test_what_the_servers_dry_run_refuses_is_not_begun(maps: ArgoWorld) -> None:
    data = {"kind": "Secret", "metadata": {"name": "key", "namespace": NAMESPACE}, "data": {}}
    maps.store.create(data)
    wrong = PatchObject(
        ObjectRef("api/v1", "secrets", NAMESPACE, "key"), (), (Field("/data/A", "not base64"),)
    )
    error = await refused(maps, plan([step("one"), step("two", action=wrong)]))
    assert error.refusal is Refusal.GUARD
    assert "illegal base64 data" in str(error)
    assert values(maps.store) == OLD


@pytest.mark.parametrize(
    ("kind", "words", "told"),
    [
        (
            "bad",
            'admission webhook "mutate.x" does not support dry run',
            "does not support dry run",
        ),
        ("busy", "", "is busy and puts us off (429)"),
        ("down", "no endpoints available", "answers 503 to patch configmaps two"),
        ("cut", "", ""),
        ("hang", "", ""),
    ],
)
async def test_what_cannot_be_rehearsed_is_told_and_stops_nobody(
    maps: ArgoWorld, kind: str, words: str, told: str
) -> None:
    path = f"{PATH}/two"
    maps.kubernetes.faults.append(Fault("PATCH", path, kind, words=words, rehearsal=True))
    executor = Executor(maps.world(), maps.journal, lambda: "")
    found = await executor.preflight(plan())
    assert found.clear
    (note,) = found.notes
    assert note.startswith("step two could not be rehearsed: ")
    assert told in note
    assert (await maps.apply(plan())).kind is OutcomeKind.VERIFIED


async def test_who_may_not_take_it_back_is_refused_before_it_is_done(maps: ArgoWorld) -> None:
    maps.access.allow("limited", ["get", "create"], [""], ["configmaps"], [NAMESPACE])
    made = CreateObject(ref("four"), {"kind": "ConfigMap"}, (Field(KEY, "new"),))
    gone = DeleteObject(ref("four"), holding=made.wanted)
    may = Permission("kubernetes", "create", "configmaps", namespace=NAMESPACE)
    create = step("four", action=made, undo=gone, permissions=(may,), revert_on_failure=True)
    profile = maps.profile.model_copy(update={"context": "limited"})
    async with open_reach(profile) as reach:
        await reach.cluster.ready(LOADING_S)
        executor = Executor(maps.world(reach), maps.journal, lambda: "")
        found = await executor.preflight(plan([create]))
        kept = await executor.preflight(plan([replace(create, revert_on_failure=False)]))
    assert not found.clear
    assert [str(one) for one in found.denied] == [
        f"delete configmaps four in namespace {NAMESPACE}"
    ]
    assert kept.denied == ()


async def test_where_nobody_can_look_nothing_is_begun(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("GET", f"{PATH}/two", "refuse"))
    error = await refused(maps, plan())
    assert error.refusal is Refusal.GUARD


async def test_where_the_journal_cannot_be_written_nothing_is_done(
    maps: ArgoWorld, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    executor = Executor(maps.world(), Journal(in_the_way / "journal.jsonl"), lambda: "")
    with pytest.raises(RefusedError, match=r"nothing was changed: the journal .*journal\.jsonl"):
        await executor.apply(plan())
    assert sent(maps) == []


# applied


async def test_every_step_is_journaled_before_and_after_and_told(maps: ArgoWorld) -> None:
    outcome = await maps.apply(plan())
    assert outcome.kind is OutcomeKind.VERIFIED
    assert values(maps.store) == NEW
    assert events(maps) == [
        ("planned", "", ""),
        *(one for name in NAMES for one in (("intent", name, ""), ("step", name, "done"))),
        ("finished", "", "applied and verified"),
    ]
    told = [(one.step, one.state) for one in maps.told]
    assert told[:2] == [("one", StepState.RUNNING), ("one", StepState.DONE)]
    assert maps.told[-1].text == "looking again"


async def test_what_is_so_already_is_not_sent_again(maps: ArgoWorld) -> None:
    change(maps, "two", "new")
    outcome = await maps.apply(plan())
    assert states(outcome) == [("one", "done"), ("two", "already so"), ("three", "done")]
    assert sent(maps) == ["one", "three"]
    assert states(await maps.apply(plan())) == [(name, "already so") for name in NAMES]
    assert sent(maps) == ["one", "three"]


async def test_the_permit_ends_with_the_step(maps: ArgoWorld) -> None:
    await maps.apply(plan())
    with pytest.raises(WriteRefusedError):
        await maps.reach.cluster.send("PATCH", ref("one").path, [])


# failures in the middle


@pytest.mark.parametrize("name", NAMES)
async def test_a_step_that_fails_ends_it_and_what_stays_is_told(maps: ArgoWorld, name: str) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/{name}", "refuse"))
    outcome = await maps.apply(plan())
    before = NAMES[: NAMES.index(name)]
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.sentence.startswith(f"step {name} failed: ")
    assert states(outcome) == [*((one, "done") for one in before), (name, "failed")]
    kept = "; ".join(f"done and kept: Set {one}" for one in before)
    assert outcome.left_behind == (kept or "nothing was changed")
    assert values(maps.store) == ["new"] * len(before) + ["old"] * (3 - len(before))
    assert events(maps)[-1] == ("finished", "", "a step failed")


async def test_what_must_not_stay_is_taken_back_the_last_first(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/three", "refuse"))
    steps = [step(name, revert_on_failure=True) for name in NAMES]
    outcome = await maps.apply(plan(steps))
    assert states(outcome)[3:] == [("two", "reverted"), ("one", "reverted")]
    assert outcome.left_behind == "nothing was changed"
    assert values(maps.store) == OLD
    assert ("intent", "undo two", "") in events(maps)


async def test_what_cannot_be_taken_back_is_told_as_kept(maps: ArgoWorld) -> None:
    maps.kubernetes.faults.append(Fault("PATCH", f"{PATH}/two", "refuse"))
    somebody = PatchObject(ref("one"), (Field(KEY, "other"),), (Field(KEY, "old"),))
    first = step("one", revert_on_failure=True, undo=somebody)
    outcome = await maps.apply(plan([first, step("two")]))
    assert states(outcome) == [("one", "done"), ("two", "failed"), ("undo one", "failed")]
    assert outcome.left_behind == "done and kept: Set one"
    (record,) = records(maps.journal.entries())
    assert [one.id for one in record.kept] == ["one"], "and an undo can be tried again"


async def test_a_change_by_somebody_else_between_two_steps_is_met_with_a_stop(
    maps: ArgoWorld,
) -> None:
    executor = Executor(maps.world(), maps.journal, lambda: "")

    def meddle(progress: object) -> None:
        if getattr(progress, "state", None) is StepState.DONE:
            change(maps, "two", "somebody else's")

    outcome = await executor.apply(plan(), meddle)
    assert states(outcome) == [("one", "done"), ("two", "failed")]
    assert sent(maps) == ["one"]


async def test_the_server_itself_refuses_what_changed_since_the_last_look(maps: ArgoWorld) -> None:
    patching = Fault("PATCH", f"{PATH}/one", "hang")
    maps.kubernetes.faults.append(patching)
    applying = asyncio.create_task(maps.apply(plan([step("one", limit_s=0.5)])))
    await patching.reached.wait()
    change(maps, "one", "somebody else's")
    outcome = await applying
    assert states(outcome) == [("one", "failed")]
    assert values(maps.store)[0] == "somebody else's"


# a connection that breaks off


@pytest.mark.parametrize(
    ("faults", "state", "told"),
    [
        ([("PATCH", "lose")], "done", "done, although"),
        ([("PATCH", "refuse")], "failed", "it broke"),
        ([("PATCH", "hang-after")], "done", "done, although no end within 0.5 s"),
        ([("PATCH", "hang")], "unknown", "no end within 0.5 s; it was sent, is not done yet"),
    ],
)
async def test_after_a_broken_connection_the_world_decides_and_nothing_is_sent_twice(
    maps: ArgoWorld, faults: Sequence[tuple[str, str]], state: str, told: str
) -> None:
    for method, kind in faults:
        maps.kubernetes.faults.append(Fault(method, f"{PATH}/one", kind))
    outcome = await maps.apply(plan([step("one", limit_s=0.5), step("two")]))
    assert states(outcome)[0] == ("one", state)
    assert told in outcome.steps[0].text
    assert sent(maps).count("one") == 1
    assert values(maps.store)[:2] == (["new", "new"] if state == "done" else ["old", "old"])


async def test_where_the_world_cannot_be_asked_either_nobody_knows(maps: ArgoWorld) -> None:
    losing = Fault("PATCH", f"{PATH}/one", "lose")
    maps.kubernetes.faults.append(losing)

    maps.kubernetes.faults.append(Fault("GET", f"{PATH}/one", "refuse", after=losing))
    outcome = await maps.apply(plan())
    assert states(outcome) == [("one", "unknown")]
    assert "and it could not be read back" in outcome.steps[0].text
    assert outcome.left_behind == (
        "unknown: whether step one was done; "
        f"`kubectl -n {NAMESPACE} get configmaps/one -o yaml` tells"
    )


# interrupted


async def test_who_cancels_it_gets_it_journaled_as_interrupted(maps: ArgoWorld) -> None:
    patching = Fault("PATCH", f"{PATH}/two", "hang")
    maps.kubernetes.faults.append(patching)
    applying = asyncio.create_task(maps.apply(plan()))
    await patching.reached.wait()
    applying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await applying
    assert events(maps)[-1] == ("step", "two", "interrupted")
    (left,) = open_ends(records(maps.journal.entries()))
    assert (left.under_way, [one.step for one in left.steps]) == ("two", ["one", "two"])


async def test_a_wait_is_told_as_it_changes_and_ends_at_its_limit(maps: ArgoWorld) -> None:
    maps.hold_rollouts()
    maps.store.change(
        "Deployment", NAMESPACE, "ops-service", lambda obj: obj["spec"].update(replicas=2)
    )
    waiting = AwaitRollout(ObjectRef("apis/apps/v1", "deployments", NAMESPACE, "ops-service"))
    outcome = await maps.apply(plan([step("wait", action=waiting, undo=None, limit_s=0.3)]))
    assert states(outcome) == [("wait", "failed")]
    assert outcome.steps[0].text.startswith("no end within 0.3 s: ")
    assert sent(maps) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"), [("one", "hang"), ("two", "hang-after"), ("three", "hang")]
)
async def test_killed_at_any_step_the_next_start_names_it_and_can_go_on(
    maps: ArgoWorld, name: str, kind: str
) -> None:
    made, patching = plan(), Fault("PATCH", f"{PATH}/{name}", kind)
    maps.kubernetes.faults.append(patching)
    await killed_at(maps, made, name, patching)
    maps.kubernetes.faults.clear()
    before = NAMES[: NAMES.index(name)]
    (end,) = open_ends(records(maps.journal.entries()))
    assert (end.under_way, tuple(one.step for one in end.steps)) == (name, before)
    assert f"kubectl -n {NAMESPACE} get configmaps/{name} -o yaml" in how_to_find_out(end)[0]
    await until(lambda: values(maps.store)[: len(before)] == ["new"] * len(before))
    outcome = await maps.apply(replace(made, id="again"))
    was_done = kind == "hang-after"
    expected = ["already so"] * (len(before) + was_done)
    assert [state for _, state in states(outcome)][: len(expected)] == expected
    assert values(maps.store) == NEW
