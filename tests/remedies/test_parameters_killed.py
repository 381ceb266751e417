"""Killed while a parameter is set, the next start says at which step, and the way back is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from probes.reach import Reach
from remedies.history import how_to_find_out, open_ends, records
from remedies.model import OutcomeKind
from tests.remedies.argoworld import Bench, Fault
from tests.remedies.gitopsworld import (
    APP,
    BAD_URL,
    CONFIG,
    URL,
    GitOps,
    Kind,
    gitops,
    set_parameter,
)
from tests.remedies.killing import killed_at

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def make(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as stack:

        async def made(*, automated: bool) -> GitOps:
            wanted = Kind(parameters={"config.PROMETHEUS_URL": BAD_URL}, automated=automated)
            return await stack.enter_async_context(gitops(*bench, tmp_path, wanted))

        yield made


@pytest.mark.parametrize(
    ("step", "done", "fault"),
    [
        ("edit", [], ("PATCH", f"/applications/{APP}", "hang-after")),
        ("await-sync", ["edit"], ("GET", f"/configmaps/{CONFIG}", "hang")),
        ("await-rollout", ["edit", "await-sync"], None),
    ],
)
async def test_the_step_is_named_and_undo_puts_back_what_was_there(
    make: Any, step: str, done: list[str], fault: tuple[str, str, str] | None
) -> None:
    there: GitOps = await make(automated=True)
    before = there.parameters()
    plan = await there.plan()
    met = Fault(*fault) if fault else None
    there.kubernetes.faults += [met] if met else []
    there.hold_rollouts(held=fault is None)
    await killed_at(there, plan, step, met)
    (left,) = open_ends(records(there.journal.entries()))
    assert (left.under_way, [one.step for one in left.steps]) == (step, done)
    if step == "edit":
        look = f"kubectl -n argocd get applications.argoproj.io/{APP} -o yaml"
        assert look in how_to_find_out(left)
    there.kubernetes.faults.clear()
    there.hold_rollouts(held=False)
    assert (await there.undo()).kind is OutcomeKind.VERIFIED
    assert there.parameters() == before
    assert there.config()["PROMETHEUS_URL"] == BAD_URL


async def test_a_sync_that_was_asked_for_is_found_by_its_mark_and_not_asked_for_again(
    make: Any,
) -> None:
    there: GitOps = await make(automated=False)
    there.change(set_parameter("config.PROMETHEUS_URL", URL))
    plan = await there.plan()
    met = Fault("PATCH", f"/applications/{APP}", "hang-after")
    there.kubernetes.faults.append(met)
    await killed_at(there, plan, "request-sync", met)
    (left,) = open_ends(records(there.journal.entries()))
    assert left.under_way == "request-sync"
    there.kubernetes.faults.clear()
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert there.states(outcome)[0] == "request-sync already so"
