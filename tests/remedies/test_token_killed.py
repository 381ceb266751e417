"""Killed at any step, the next start says which one, and the way back is whole."""

from __future__ import annotations

import pytest

from remedies.history import how_to_find_out, open_ends, records
from remedies.model import OutcomeKind
from tests.remedies.argoworld import NAMESPACE, ROLE, ArgoWorld, Fault
from tests.remedies.killing import killed_at
from tests.remedies.test_token import STEPS, undo

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

_TOKENS = f"/projects/{NAMESPACE}/roles/{ROLE}/token"


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("mint", ("POST", _TOKENS, "hang-after")),
        ("try", ("GET", "/session/userinfo", "hang")),
        ("store", ("POST", f"/namespaces/{NAMESPACE}/secrets", "hang-after")),
        ("restart", ("PATCH", "/deployments/ops-service", "hang")),
        ("await-rollout", None),
    ],
)
async def test_the_step_is_named_and_the_way_back_is_whole(
    there: ArgoWorld, step: str, fault: tuple[str, str, str] | None
) -> None:
    plan = await there.plan()
    met = Fault(*fault) if fault else None
    for server in (there.argocd_server, there.kubernetes):
        server.faults += [met] if met else []
    if fault is None:
        there.hold_rollouts()
    await killed_at(there, plan, step, met)
    (left,) = open_ends(records(there.journal.entries()))
    assert (left.under_way, [one.step for one in left.steps]) == (step, STEPS[: STEPS.index(step)])
    assert "eyJ" not in there.journal.path.read_text()
    for server in (there.argocd_server, there.kubernetes):
        server.faults.clear()
    there.hold_rollouts(held=False)
    if step == "mint":
        listing = f"argocd proj role list-tokens {NAMESPACE} {ROLE} --server "
        assert any(one.startswith(listing) for one in how_to_find_out(left))
        assert len(there.token_ids()) == 1  # nobody has seen it, and its id is in the plan
    outcome = await there.apply(undo(there))
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert there.token_ids() == set()
    assert there.secret() is None
