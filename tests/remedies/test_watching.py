"""A live edit is watched over: when it was taken back, by whom, and what of that is proven."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from probes.reach import Reach
from remedies.application.syncing import application_ref
from remedies.model import Field, LiveEdit, Outcome, OutcomeKind
from remedies.watching import Fate, Watched, taken_back, told_of, watch
from remedies.writers import writer_of
from sandbox.kubernetes.store import Obj
from tests.remedies.argoworld import Bench, Fault
from tests.remedies.gitopsworld import (
    APP,
    ARGOCD,
    BAD_URL,
    ROOT,
    URL,
    GitOps,
    Kind,
    gitops,
    set_parameter,
)
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

POINTER = "/spec/source/helm/parameters/0/value"
EDIT = LiveEdit(
    application_ref(ARGOCD, APP),
    (Field(POINTER, URL),),
    f"Application {ROOT}",
    application_ref(ARGOCD, ROOT),
)
CONTROLLER = "argocd-controller"


@pytest_asyncio.fixture(loop_scope="session")
async def there(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[GitOps]:
    kind = Kind(parameters={"config.PROMETHEUS_URL": BAD_URL}, root_delay_s=0.5)
    async with gitops(*bench, tmp_path, kind) as made:
        yield made


async def live_edit(there: GitOps) -> LiveEdit:
    """The edit is made and in force."""
    plan = await there.plan(live="yes")
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert plan.watch
    return plan.watch


async def test_the_root_takes_it_back_and_is_proven_to_have_done_it(there: GitOps) -> None:
    told: list[str] = []
    watched = await watch(there.world(), await live_edit(there), told.append)
    assert told == [f"watching for 30 s whether Application {ROOT} takes it back"]
    assert (watched.fate, watched.by, watched.proven) == (
        Fate.REVERTED,
        f"Application {ROOT}",
        True,
    )
    assert watched.at
    assert f"taken back at {watched.at:%H:%M:%S} UTC by Application {ROOT}" in watched.sentence
    assert f"it was '{URL}'. Proven: written by `{CONTROLLER}` at" in watched.sentence
    assert "(automated) put it back (operationState)" in watched.sentence
    assert there.kubernetes.writes == [f"PATCH {EDIT.application.path}"]
    await until(lambda: there.config()["PROMETHEUS_URL"] == BAD_URL)


async def test_a_person_who_takes_it_back_is_not_taken_for_the_root(there: GitOps) -> None:
    edit = await live_edit(there)
    there.change(set_parameter("config.PROMETHEUS_URL", "http://other"), manager="kubectl-edit")
    watched = await watch(there.world(), edit)
    assert (watched.by, watched.proven) == ("kubectl-edit", True)
    assert f"Application {ROOT} was not seen to do it" in watched.sentence


async def test_what_stays_is_told_to_be_there_still(there: GitOps) -> None:
    plan = await there.plan(live="yes", watch="0.2")
    there.change(lambda one: one["spec"]["syncPolicy"].pop("automated"), name=ROOT)
    await there.apply(plan)
    assert plan.watch
    watched = await watch(there.world(), plan.watch)
    assert watched.fate is Fate.KEPT
    assert watched.sentence == (
        f"nobody has taken it back within 0.2 s; Application {ROOT} may still take it back"
    )


async def test_what_cannot_be_read_is_not_seen(there: GitOps) -> None:
    edit = replace(await live_edit(there), limit_s=0.2)
    there.kubernetes.faults.append(Fault("GET", f"/applications/{APP}", "refuse"))
    watched = await watch(there.world(), edit)
    assert watched.fate is Fate.UNSEEN
    assert "it broke" in watched.sentence


# what the objects prove


def application(*managers: tuple[str, str]) -> Obj:
    """With the parameter set back, and who wrote what when."""
    parameters = [{"name": "config.PROMETHEUS_URL", "value": BAD_URL}]
    fields: Obj = {"f:spec": {"f:source": {"f:helm": {"f:parameters": {}}}}}
    other: Obj = {"f:status": {}}
    entries = [
        {"manager": name, "time": at, "fieldsV1": other if name == "status" else fields}
        for name, at in managers
    ]
    return {
        "metadata": {"managedFields": entries},
        "spec": {"source": {"helm": {"parameters": parameters}}},
    }


def root(**changes: Any) -> Obj:
    """The owner, whose newest sync put the Application back at 03:00:10."""
    resource = {"kind": "Application", "name": APP, "status": "Synced", "message": "configured"}
    state = {
        "startedAt": "2026-01-06T03:00:10Z",
        "finishedAt": "2026-01-06T03:00:11Z",
        "operation": {"initiatedBy": {"automated": True}},
        "syncResult": {"resources": [resource | changes.pop("resource", {})]},
    }
    return {"status": {"operationState": state | changes}}


AT = "2026-01-06T03:00:10Z"


@pytest.mark.parametrize(
    ("managers", "owner", "by", "proven", "told"),
    [
        ([(CONTROLLER, AT)], root(), f"Application {ROOT}", True, "(automated) put it back"),
        ([(CONTROLLER, AT)], None, f"Application {ROOT}", False, "inferred: it acted for"),
        (
            [(CONTROLLER, AT)],
            root(startedAt="2026-01-06T03:05:00Z", finishedAt=None),
            f"Application {ROOT}",
            False,
            "inferred: it acted for",
        ),
        (
            [(CONTROLLER, AT)],
            root(resource={"message": "unchanged"}),
            f"Application {ROOT}",
            False,
            "inferred",
        ),
        ([], root(), f"Application {ROOT}", False, "The API server does not tell who wrote it"),
        ([("kubectl-edit", AT)], None, "kubectl-edit", True, "was not seen to do it"),
        (
            [("opsportal-tui", "2026-01-06T03:00:00Z"), (CONTROLLER, AT), ("status", AT)],
            root(),
            f"Application {ROOT}",
            True,
            f"Proven: written by `{CONTROLLER}` at 03:00:10 UTC (managedFields)",
        ),
    ],
)
async def test_proof_and_inference_are_told_apart(
    managers: list[tuple[str, str]], owner: Obj | None, by: str, proven: bool, told: str
) -> None:
    watched = taken_back(EDIT, application(*managers), owner)
    assert (watched.by, watched.proven) == (by, proven)
    assert told in watched.sentence


async def test_without_an_owner_and_without_a_writer_it_was_somebody() -> None:
    watched = taken_back(replace(EDIT, owner="", owner_ref=None), application(), None)
    assert (watched.by, watched.proven) == ("somebody", False)


async def test_the_manager_of_a_list_is_found_by_what_is_in_it() -> None:
    found = writer_of(application((CONTROLLER, AT)), POINTER)
    assert str(found) == f"`{CONTROLLER}` at 03:00:10 UTC"
    assert writer_of(application((CONTROLLER, AT)), "/spec/project") is None


async def test_what_was_taken_back_is_no_success() -> None:
    done = Outcome(OutcomeKind.VERIFIED, "it answers")
    reverted = told_of(done, Watched(Fate.REVERTED, "taken back at 03:00:10 UTC by x: y"))
    assert reverted.kind is OutcomeKind.FAILING
    assert reverted.sentence == "it was applied, and then taken back at 03:00:10 UTC by x: y"
    kept = told_of(done, Watched(Fate.KEPT, "nobody has taken it back"))
    assert (kept.kind, kept.sentence) == (done.kind, "it answers; nobody has taken it back")
