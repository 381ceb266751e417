"""Given no token that works, when one is delivered, then it arrives, and is nowhere else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter

from probes.model import CauseId, EnvReference, FailureKind, Snapshot
from probes.profile import Profile
from probes.reach import open_reach
from probes.reach.permit import permitted
from probes.token import claims_of, token_seen
from probes.tokensource import TokenSource
from remedies.history import records
from remedies.model import (
    Action,
    ArgoServer,
    Bearer,
    MintToken,
    OutcomeKind,
    Plan,
    Refusal,
    RefusedError,
    StepState,
)
from remedies.performing import performer_of
from remedies.performing.secrets import MANAGED_BY
from remedies.planning import new_id
from remedies.registry import for_cause
from remedies.token.shell import Tokens
from remedies.undo import chosen, undo_plan
from sandbox.inventory import secrets
from sandbox.kubernetes.store import Obj
from tests.checks import worlds
from tests.remedies.argoworld import (
    KEY,
    NAMESPACE,
    ROLE,
    SECRET,
    SHARED,
    ArgoWorld,
    Fault,
    quick,
    step_of,
)
from tests.remedies.rollouts import Rollout, as_rollout

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUR_CAUSES = (
    CauseId.ARGOCD_TOKEN_MISSING,
    CauseId.ARGOCD_TOKEN_NOT_WIRED,
    CauseId.ARGOCD_TOKEN_EXPIRED,
    CauseId.ARGOCD_TOKEN_REJECTED,
    CauseId.ARGOCD_TOKEN_NO_PERMISSION,
)
STEPS = ["mint", "try", "store", "restart", "await-rollout"]


def expired(there: ArgoWorld) -> dict[str, Any]:
    """Someone has put a token into the Secret by hand, and it has ended."""
    value = there.argocd.expired_token()
    secrets.by_hand(there.store, SECRET, {KEY: value, "OTHER": "kept"})
    settings = dict(worlds.SETTINGS) | {KEY: value}
    refused = worlds.reply(401, excerpt='{"message": "invalid session: Token is expired"}')
    argocd = worlds.argocd(
        url=there.url,
        token=token_seen(SecretStr(value)),
        logged_in=False,
        list_answer=refused,
        applications=None,
    )
    workload = worlds.workload(environment=worlds.environment(settings))
    return {"snapshot": worlds.world(workload=workload, argocd=argocd)}


# the plan


@pytest.mark.parametrize("cause", OUR_CAUSES)
async def test_each_cause_around_the_token_is_mended_by_it(cause: CauseId) -> None:
    assert for_cause(cause)[0].id == "deliver-argocd-token"


async def test_a_plan_names_role_place_and_end_and_changes_nothing(there: ArgoWorld) -> None:
    plan = await there.plan()
    assert [one.id for one in plan.steps] == STEPS
    assert f"role {ROLE} of project wealist-prod, good for 7 days" in plan.sentence
    assert f"key {KEY} of Secret {SECRET}, a new one" in plan.sentence
    assert any("24h, 7d, 30d, 90d, unlimited" in one for one in plan.warnings)
    assert plan.causes == (CauseId.ARGOCD_TOKEN_MISSING,)
    assert there.argocd_server.writes == there.kubernetes.writes == []
    for step in plan.steps:
        assert step.title
        assert step.shell
        assert step.risk_words or step.id == "await-rollout"
        assert step.undo or step.undo_words or step.id == "try"


async def test_the_shell_never_has_a_token_and_never_puts_one_on_a_command_line(
    there: ArgoWorld,
) -> None:
    made, patched = await there.plan(), await there.plan(**expired(there))
    id = step_of(made, "mint").action.id  # type: ignore[union-attr]  # a MintToken
    assert step_of(made, "mint").shell == (
        f"ARGOCD_TOKEN=$(argocd proj role create-token wealist-prod {ROLE} --token-only "
        f"--id {id} --expires-in 168h --server {there.url[7:]} --plaintext)"
    )
    for plan in (made, patched):
        for step in plan.steps:
            for command in step.shell.split("|"):
                words = command.strip()
                # A variable is expanded by printf, which is no process, or in an environment.
                assert "$ARGOCD_TOKEN" not in words or words.startswith(
                    ("printf", "ARGOCD_AUTH_TOKEN=")
                ), words


@pytest.mark.parametrize(
    ("server", "flags"),
    [
        (ArgoServer("https://argocd.example.com"), "--server argocd.example.com"),
        (
            ArgoServer("https://me:secret@argocd.example.com:8443/argo", insecure=True),
            "--server argocd.example.com:8443 --insecure --grpc-web-root-path /argo",
        ),
        (
            ArgoServer("http://argocd-server.cd.svc.cluster.local"),
            "--port-forward-namespace cd --kube-context prod --plaintext",
        ),
    ],
)
async def test_its_commands_lead_to_that_argo_cd_whatever_one_is_logged_in_to(
    server: ArgoServer, flags: str
) -> None:
    shell = Tokens(Profile(context="prod"), server)
    assert shell.known(Bearer(account="portal")) == f"argocd account get --account portal {flags}"


async def test_a_plan_is_data_and_comes_back_from_the_journal_as_it_was(there: ArgoWorld) -> None:
    plan = await there.plan()
    reader: TypeAdapter[Action] = TypeAdapter(Action)
    for step in plan.steps:
        for action in (step.action, step.undo or step.action):
            assert reader.validate_json(reader.dump_json(action)) == action


@pytest.mark.parametrize(
    ("lifetime", "seconds"), [("24h", 86_400), ("30d", 2_592_000), ("unlimited", 0)]
)
async def test_the_lifetime_is_what_was_said(there: ArgoWorld, lifetime: str, seconds: int) -> None:
    outcome = await there.apply(await there.plan(lifetime=lifetime))
    assert outcome.kind is OutcomeKind.VERIFIED
    seen = token_seen(SecretStr((there.secret() or {})[KEY]))
    assert seen.issued_at
    life = (seen.expires_at - seen.issued_at).total_seconds() if seen.expires_at else 0
    assert life == seconds


@pytest.mark.parametrize("lifetime", ["0h", "-1d", "forever", "7", "1.5d"])
async def test_what_is_no_lifetime_is_refused(there: ArgoWorld, lifetime: str) -> None:
    with pytest.raises(RefusedError, match="it takes 24h, 7d"):
        await there.plan(lifetime=lifetime)


async def test_without_a_token_of_ones_own_it_says_what_to_set(there: ArgoWorld) -> None:
    there.own = ""
    with pytest.raises(RefusedError, match="ARGOCD_AUTH_TOKEN") as refused:
        await there.plan()
    assert "`argocd_token_command` in the profile" in str(refused.value)
    assert refused.value.refusal is Refusal.GUARD


async def test_ones_own_token_may_come_from_a_command(there: ArgoWorld, tmp_path: Path) -> None:
    path = tmp_path / "own"
    path.write_text(there.own)
    profile = there.profile.model_copy(update={"argocd_token_command": ("cat", str(path))})
    world = there.world(argocd_token=TokenSource.argocd(profile))
    assert [one.id for one in (await there.plan(world=world)).steps] == STEPS


async def test_a_token_of_ones_own_that_has_ended_says_so(there: ArgoWorld) -> None:
    there.own = there.argocd.session(lifetime_s=-60)
    with pytest.raises(RefusedError, match="does not accept your own token; log in again"):
        await there.plan()


async def test_a_token_that_works_is_left_alone_unless_asked(there: ArgoWorld) -> None:
    with pytest.raises(RefusedError, match="renew=yes") as refused:
        await there.plan(snapshot=there.healthy())
    assert refused.value.refusal is Refusal.NOTHING_TO_DO
    assert (await there.plan(snapshot=there.healthy(), renew="yes")).steps
    with pytest.raises(RefusedError, match="`renew=true` is neither yes nor no"):
        await there.plan(snapshot=there.healthy(), renew="true")


async def test_what_could_not_be_seen_is_not_called_good(there: ArgoWorld) -> None:
    hidden = worlds.failure(FailureKind.FORBIDDEN, "may not get secrets")
    references = (EnvReference("Secret", SHARED, False, hidden),)
    environment = replace(worlds.environment({}), references=references)
    workload = worlds.workload(environment=environment, startup=None)
    argocd = worlds.argocd(url=there.url, token=None, applications=None, logged_in=None)
    with pytest.raises(RefusedError, match="could not be seen") as refused:
        await there.plan(snapshot=worlds.world(workload=workload, argocd=argocd))
    assert refused.value.refusal is Refusal.NOT_APPLICABLE


async def test_a_good_token_that_waits_for_a_restart_is_not_minted_anew(there: ArgoWorld) -> None:
    started = worlds.workload(startup=worlds.startup(argocd_configured=False))
    waiting = worlds.world(workload=started, argocd=worlds.argocd(url=there.url))
    plan = await there.plan(snapshot=waiting)
    assert [one.id for one in plan.steps] == ["restart", "await-rollout"]


async def test_what_could_not_be_looked_at_is_said_with_its_reason(there: ArgoWorld) -> None:
    hidden = worlds.failure(FailureKind.TIMEOUT, "no answer within 5 s")
    with pytest.raises(RefusedError, match="Argo CD could not be seen: no answer within 5 s"):
        await there.plan(snapshot=worlds.world(argocd=hidden))


async def test_where_argo_cd_does_not_answer_that_comes_first(there: ArgoWorld) -> None:
    html = there.missing(version="", version_answer=worlds.reply(200, "text/html"))
    with pytest.raises(RefusedError, match="does not answer as Argo CD"):
        await there.plan(snapshot=html)


# whose token


def policy(
    role: str, action: str = "get", effect: str = "allow", resource: str = "applications"
) -> str:
    return f"p, proj:{NAMESPACE}:{role}, {resource}, {action}, {NAMESPACE}/*, {effect}"


async def test_the_role_with_the_least_rights_is_taken(there: ArgoWorld) -> None:

    def add(project: Obj) -> None:
        project["spec"]["roles"] += [
            {"name": "admin", "policies": [policy("admin", "*")]},
            {
                "name": "a-deployer",
                "policies": [policy("a-deployer"), policy("a-deployer", "sync")],
            },
            {"name": "a-stranger", "policies": [policy("other")]},
            {
                "name": "a-denied",
                "policies": [policy("a-denied"), policy("a-denied", "*", "deny")],
            },
        ]

    there.store.change("AppProject", "argocd", NAMESPACE, add)
    assert f"role {ROLE} of" in (await there.plan()).sentence
    assert "role admin of" in (await there.plan(role="admin")).sentence


async def test_without_a_fitting_role_it_says_what_must_be_made(there: ArgoWorld) -> None:
    there.change_role(policies=[policy(ROLE).replace("applications", "logs")])
    with pytest.raises(RefusedError) as refused:
        await there.plan()
    told = str(refused.value)
    assert f"`argocd proj role create wealist-prod {ROLE} --server " in told
    assert "--action get --permission allow --object '*' --server " in told


async def test_what_a_role_of_one_project_will_not_list_is_said(there: ArgoWorld) -> None:
    assert "lists the Applications" not in " ".join((await there.plan()).warnings)
    there.store.change(
        "ConfigMap", "argocd", "argocd-rbac-cm", lambda one: one["data"].pop("policy.default")
    )
    told = " ".join((await there.plan()).warnings)
    assert "of project wealist-prod, and not those of default (2)" in told
    assert "`--set account=NAME`" in told
    there.argocd.mint("portal")
    by_account = await there.plan(account="portal")
    assert "lists the Applications" not in " ".join(by_account.warnings)


async def test_an_account_without_the_capability_gets_none(there: ArgoWorld) -> None:
    with pytest.raises(RefusedError, match="no capability `apiKey`"):
        await there.plan(account="admin")


async def test_an_account_whose_tokens_are_wiped_is_refused_with_the_reason(
    there: ArgoWorld,
) -> None:
    there.argocd.mint("portal")  # adds the account with its capability
    found = there.store.get("Secret", "argocd", "argocd-secret")["data"]
    kept = {"server.secretkey": base64.b64decode(found["server.secretkey"]).decode()}
    home = {"namespace": "argocd", "target": "argocd-secret"}
    secrets.external(there.store, there.remote, "argocd-oauth-secret", kept, **home)
    with pytest.raises(RefusedError, match="argocd-oauth-secret owns Secret argocd-secret"):
        await there.plan(account="portal")
    assert "argocd-oauth-secret owns Secret argocd-secret" in (await there.plan()).sentence


async def test_an_account_that_can_have_one_gets_it_and_loses_it_again(there: ArgoWorld) -> None:
    there.argocd.mint("portal")
    outcome = await there.apply(await there.plan(account="portal"))
    assert outcome.kind is OutcomeKind.VERIFIED
    assert token_seen(SecretStr((there.secret() or {})[KEY])).account == "portal"
    undone = await there.apply(undo(there))
    assert undone.kind is OutcomeKind.VERIFIED
    stored = there.store.get("Secret", "argocd", "argocd-secret")["data"]["accounts.portal.tokens"]
    assert len(json.loads(base64.b64decode(stored))) == 1


# where it is stored


async def test_a_secret_of_external_secrets_is_passed_over_with_the_reason(
    there: ArgoWorld,
) -> None:
    secrets.external(there.store, there.remote, SECRET, {"SOMETHING": "else"})
    there.store.delete("ExternalSecret", NAMESPACE, SHARED)
    secrets.by_hand(there.store, SHARED, {"DB_PASSWORD": "x"})
    plan = await there.plan()
    assert f"Secret {SHARED}" in plan.sentence
    (why,) = [one for one in plan.warnings if SECRET in one]
    assert "wipes every key that is not its own" in why


async def test_where_a_wiped_secret_wins_over_all_others_it_is_refused(there: ArgoWorld) -> None:
    secrets.external(there.store, there.remote, SECRET, {KEY: "old"})
    with pytest.raises(RefusedError, match='token_store = "aws"') as refused:
        await there.plan()
    assert f"its {KEY} wins over any other Secret's" in str(refused.value)


async def test_a_variable_of_the_chart_itself_is_not_for_us_to_beat(there: ArgoWorld) -> None:

    def literal(deployment: Obj) -> None:
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        container["env"] = [{"name": KEY, "value": "x.y.z"}]

    there.store.change("Deployment", NAMESPACE, "ops-service", literal)
    with pytest.raises(RefusedError, match="wins over every Secret"):
        await there.plan()


async def test_a_named_key_of_a_named_secret_is_where_it_goes(there: ArgoWorld) -> None:

    def by_key(deployment: Obj) -> None:
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        ref = {"name": "tokens", "key": "argo", "optional": True}
        container["env"] = [{"name": KEY, "valueFrom": {"secretKeyRef": ref}}]

    there.store.change("Deployment", NAMESPACE, "ops-service", by_key)
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.VERIFIED
    assert set(there.secret("tokens") or {}) == {"argo"}


# applying it


async def test_it_arrives_and_is_told_nowhere(there: ArgoWorld) -> None:
    plan = await there.plan()
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    value = (there.secret() or {})[KEY]
    assert token_seen(SecretStr(value)).subject == f"proj:{NAMESPACE}:{ROLE}"
    assert there.restarted()
    labels = there.store.get("Secret", NAMESPACE, SECRET)["metadata"]["labels"]
    assert labels == MANAGED_BY
    told = there.everything_told() + repr(plan) + repr(outcome)
    for secret in (value, value.split(".")[2], base64.b64encode(value.encode()).decode()):
        assert secret not in told
    assert there.own not in told
    there.after.clear()
    with pytest.raises(RefusedError, match="not what is wrong"):
        await there.plan(snapshot=there.healthy())


async def test_the_same_plan_again_does_nothing(there: ArgoWorld) -> None:
    plan = await there.plan()
    world = there.world()
    await there.apply(plan, world)
    before = list(there.argocd_server.writes), list(there.kubernetes.writes)
    again = await there.apply(plan, world)
    assert {one.state for one in again.steps} == {StepState.ALREADY}
    assert (there.argocd_server.writes, there.kubernetes.writes) == before


async def test_an_expired_token_is_replaced_and_other_keys_stay(there: ArgoWorld) -> None:
    seen = expired(there)
    old = (there.secret() or {})[KEY]
    plan = await there.plan(**seen)
    assert plan.causes == (CauseId.ARGOCD_TOKEN_EXPIRED,)
    assert "-ARGOCD_TOKEN: sha256:" in step_of(plan, "store").diff
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED
    new = there.secret() or {}
    assert new["OTHER"] == "kept"
    assert new[KEY] != old
    assert old not in there.everything_told()


async def test_undone_the_token_is_revoked_and_gone(there: ArgoWorld) -> None:
    await there.apply(await there.plan())
    assert there.token_ids()
    first = there.deployment()["metadata"]["generation"]
    way_back = undo(there)
    ids = [one.id for one in way_back.steps]
    assert ids == ["undo-store", "undo-mint", "undo-restart", "undo-await-rollout"]
    outcome = await there.apply(way_back)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert there.token_ids() == set()
    assert there.secret() is None
    assert there.deployment()["metadata"]["generation"] > first


async def test_undone_in_a_secret_of_others_only_the_key_goes(there: ArgoWorld) -> None:
    await there.apply(await there.plan(**expired(there)))
    await there.apply(undo(there))
    assert there.secret() == {"OTHER": "kept"}


async def test_plan_and_undo_say_that_the_token_before_does_not_come_back(
    there: ArgoWorld,
) -> None:
    said = "the token that stood there before is kept nowhere, so that an undo leaves none"
    assert not [one for one in (await there.plan()).warnings if said in one]
    secrets.by_hand(there.store, SECRET, {KEY: there.argocd.mint("portal")})
    plan = await there.plan(snapshot=there.healthy(), renew="yes")
    assert [one for one in plan.warnings if said in one]
    await there.apply(plan)
    way_back = undo(there)
    assert [one for one in way_back.warnings if said in one]
    await there.apply(way_back)
    assert there.secret() == {}


async def test_taken_back_from_an_argo_rollout_its_pod_has_the_token_no_more(
    there: ArgoWorld,
) -> None:
    """Its controller restarts only what is older than `restartAt`: an earlier one does nothing."""
    with Rollout.instead_of_the_deployment(there.store, there.secret) as rollout:
        plan = await there.plan(snapshot=as_rollout(there.missing()))
        assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
        assert KEY in rollout.seen
        outcome = await there.apply(undo(there))
        assert outcome.kind is OutcomeKind.VERIFIED, outcome
        assert rollout.seen is None
    assert there.token_ids() == set()


async def test_a_rollout_that_takes_its_template_from_a_deployment_is_restarted_itself(
    there: ArgoWorld,
) -> None:
    lent = there.deployment()
    with Rollout.instead_of_the_deployment(there.store, there.secret) as rollout:
        reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "ops-service"}

        def refers(obj: Obj) -> None:
            del obj["spec"]["template"]
            obj["spec"]["workloadRef"] = reference

        there.store.create({**lent, "metadata": {"name": "ops-service", "namespace": NAMESPACE}})
        there.store.change("Rollout", NAMESPACE, "ops-service", refers)
        plan = await there.plan(snapshot=as_rollout(there.missing()))
        outcome = await there.apply(plan)
        assert outcome.kind is OutcomeKind.VERIFIED, outcome
        assert KEY in rollout.seen
        assert not there.restarted()


async def test_the_way_back_tells_what_it_does_and_not_what_was_done(there: ArgoWorld) -> None:
    plan = await there.plan()
    token = plan.steps[0].action
    assert isinstance(token, MintToken)
    await there.apply(plan)
    take, revoke, restart, wait = undo(there).steps
    assert take.title == (
        f"Take the token out of key {KEY} of Secret {SECRET}, and delete the Secret where it "
        "holds nothing else"
    )
    assert take.guard == f"it is the token {token.id} that stands there"
    assert f"-{KEY}: new token, id {token.id}" in take.diff
    assert [str(one).partition(" in ")[0] for one in take.permissions] == [
        f"get secrets {SECRET}",
        f"delete secrets {SECRET}",
    ]
    assert revoke.title == f"Revoke token {token.id} of role {ROLE} of project {NAMESPACE}"
    assert revoke.guard == f"Argo CD knows the token {token.id}"
    assert revoke.risk_words == "whoever still uses that token is refused from then on"
    assert revoke.undo_words == "`opsportal-tui fix deliver-argocd-token`"
    assert restart.title == "Restart Deployment ops-service once more"
    assert wait.title == plan.steps[-1].title


async def test_taken_back_it_fails_again_as_before_and_that_is_what_is_told(
    there: ArgoWorld,
) -> None:
    await there.apply(await there.plan())
    there.after = [there.missing()]
    outcome = await there.apply(undo(there))
    assert (outcome.kind, outcome.sentence) == (
        OutcomeKind.VERIFIED,
        "taken back; argocd.token fails again, as before: ops-service has no Argo CD token",
    )


async def test_taken_back_to_something_else_is_told_as_what_it_is(there: ArgoWorld) -> None:
    await there.apply(await there.plan())
    there.after = [
        worlds.world(
            argocd=worlds.argocd(url=there.url),
            workload=worlds.workload(startup=worlds.startup(prometheus_url="http://elsewhere")),
        )
    ]
    outcome = await there.apply(undo(there))
    assert outcome.sentence.startswith("taken back; ")
    assert "as before" not in outcome.sentence


async def test_who_may_create_a_secret_and_not_delete_it_is_told_before_the_undo_begins(
    there: ArgoWorld,
) -> None:
    await there.apply(await there.plan())
    there.access.allow("limited", ("get", "list"), ["*"], ["*"], ("*",))
    there.access.allow("limited", ("create", "patch"), ["*"], ["secrets", "deployments"], ("*",))
    async with open_reach(there.profile.model_copy(update={"context": "limited"})) as reach:
        with pytest.raises(RefusedError, match=f"delete secrets {SECRET}") as no:
            await there.apply(undo(there), there.world(reach))
    assert no.value.refusal is Refusal.DENIED
    assert KEY in (there.secret() or {})


async def test_a_replaced_token_that_stays_good_is_told_with_what_revokes_it(
    there: ArgoWorld,
) -> None:
    def running(value: str) -> Snapshot:
        settings = dict(worlds.SETTINGS) | {KEY: value}
        workload = worlds.workload(environment=worlds.environment(settings))
        return worlds.world(workload=workload, argocd=worlds.argocd(url=there.url))

    said = "the token that is replaced stays good"
    mine = there.argocd.mint("portal")
    plan = await there.plan(snapshot=running(mine), renew="yes")
    (told,) = [one for one in plan.warnings if said in one]
    id = (claims_of(mine) or {})["jti"]
    assert f"`argocd account delete-token --account portal {id} --server " in told
    assert mine not in told
    ended = there.argocd.expired_token()
    plan = await there.plan(snapshot=running(ended), renew="yes")
    assert not [one for one in plan.warnings if said in one]


def undo(there: ArgoWorld) -> Plan:
    """What takes the newest plan back, as another process finds it in the journal."""
    found = chosen(records(there.journal.entries()))
    return undo_plan(found, new_id(), datetime.now(UTC))


# what refuses it


async def test_read_only_nothing_is_sent(there: ArgoWorld) -> None:
    plan = await there.plan()
    with pytest.raises(RefusedError, match="read-only"):
        await there.apply(plan, why_not=lambda: "this is read-only")
    assert there.argocd_server.writes == there.kubernetes.writes == []


async def test_who_may_not_mint_is_told_the_verb_at_argo_cd(there: ArgoWorld) -> None:
    there.own = there.argocd.mint("reader")  # the default policy lets it read
    plan = await there.plan()
    with pytest.raises(RefusedError, match="update projects wealist-prod at Argo CD") as no:
        await there.apply(plan)
    assert no.value.refusal is Refusal.DENIED
    assert there.argocd_server.writes == []


async def test_who_may_not_write_the_secret_is_told_before_anything_is_minted(
    there: ArgoWorld,
) -> None:
    there.access.allow("limited", ("get", "list"), ["*"], ["*"], ("*",))
    there.access.allow("limited", ("patch",), ["apps"], ["deployments"], ("*",))
    profile = there.profile.model_copy(update={"context": "limited"})
    async with open_reach(profile) as reach:
        world = there.world(reach)
        plan = await there.plan(world=world)
        with pytest.raises(RefusedError, match=f"create secrets in namespace {NAMESPACE}") as no:
            await there.apply(plan, world)
    assert no.value.refusal is Refusal.DENIED
    assert there.argocd_server.writes == []


@pytest.mark.parametrize("is_there", [False, True])
async def test_an_admission_policy_on_secrets_is_met_by_the_dry_run_before_anything_is_minted(
    there: ArgoWorld, is_there: bool
) -> None:
    plan = await there.plan(**(expired(there) if is_there else {}))
    method = "PATCH" if is_there else "POST"
    there.kubernetes.faults.append(Fault(method, _SECRETS, "policy"))
    with pytest.raises(RefusedError, match="denied the request: policy no-tokens") as no:
        await there.apply(plan)
    assert no.value.refusal is Refusal.GUARD
    assert there.argocd_server.writes == there.kubernetes.writes == []


async def test_minting_needs_the_right_on_the_project_and_says_at_which_argo_cd(
    there: ArgoWorld,
) -> None:
    plan = await there.plan()
    assert [str(one) for one in step_of(plan, "mint").permissions] == [
        f"update projects wealist-prod at Argo CD {there.url}"
    ]


@pytest.mark.parametrize("case", ["made", "changed", "replaced"])
async def test_a_secret_that_has_changed_since_makes_the_plan_stale(
    there: ArgoWorld, case: str
) -> None:
    seen = {} if case == "made" else expired(there)
    plan = await there.plan(**seen)
    if case == "made":
        secrets.by_hand(there.store, SECRET, {"X": "1"})
    elif case == "replaced":
        there.store.delete("Secret", NAMESPACE, SECRET)
        secrets.by_hand(there.store, SECRET, {KEY: "old"})
    else:
        data = {KEY: base64.b64encode(b"another").decode()}
        there.store.change("Secret", NAMESPACE, SECRET, lambda one: one["data"].update(data))
    with pytest.raises(RefusedError, match="the world has changed") as stale:
        await there.apply(plan)
    assert stale.value.refusal is Refusal.STALE
    assert there.argocd_server.writes == []


# what fails on the way


_PROJECT = f"/projects/{NAMESPACE}/roles/{ROLE}/token"
_SECRETS = f"/namespaces/{NAMESPACE}/secrets"
_DEPLOYMENTS = f"/namespaces/{NAMESPACE}/deployments/ops-service"


@pytest.mark.parametrize(
    ("step", "method", "path"),
    [
        ("mint", "POST", _PROJECT),
        ("try", "GET", "/session/userinfo"),
        ("store", "POST", _SECRETS),
        ("restart", "PATCH", _DEPLOYMENTS),
    ],
)
async def test_a_step_that_fails_leaves_no_token_behind(
    there: ArgoWorld, step: str, method: str, path: str
) -> None:
    plan = quick(await there.plan(), **{"try": 0.5})
    fault = Fault(method, path, "refuse")
    there.argocd_server.faults.append(fault)
    there.kubernetes.faults.append(fault)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.sentence.startswith(f"step {step} failed: ")
    assert there.token_ids() == set()
    assert there.secret() is None
    assert outcome.left_behind == "nothing was changed"


async def test_a_rollout_that_is_stuck_has_the_token_revoked_and_says_what_stays(
    there: ArgoWorld,
) -> None:
    plan = quick(await there.plan(), await_rollout=0.3)
    there.hold_rollouts()
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert there.token_ids() == set()
    assert there.secret() is None
    assert "done and kept: Restart Deployment ops-service" in outcome.left_behind


async def test_what_stood_there_before_is_put_back_where_a_later_step_fails(
    there: ArgoWorld,
) -> None:
    plan = await there.plan(**expired(there))
    before = there.secret()
    there.kubernetes.faults.append(Fault("PATCH", _DEPLOYMENTS, "refuse"))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert there.secret() == before
    assert there.token_ids() == {one for one in there.token_ids() if "opsportal" not in one}


async def test_a_token_whose_answer_is_lost_is_revoked_though_nobody_has_seen_it(
    there: ArgoWorld,
) -> None:
    there.argocd_server.faults.append(Fault("POST", _PROJECT, "lose"))
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.FAILED
    states = {one.step: one for one in outcome.steps}
    assert "the new token did not reach us" in states["try"].text
    assert states["mint"].state is StepState.REVERTED
    assert there.token_ids() == set()
    assert [one for one in there.argocd_server.writes if one.startswith("POST")] == [
        f"POST /api/v1{_PROJECT}"
    ]


async def test_a_token_of_which_nobody_knows_whether_it_was_made_is_looked_for_and_revoked(
    there: ArgoWorld,
) -> None:
    plan = await there.plan()
    lost = Fault("POST", _PROJECT, "lose")
    blind = Fault("GET", f"/projects/{NAMESPACE}", "refuse", times=1, after=lost)
    there.argocd_server.faults += [lost, blind]
    outcome = await there.apply(plan)
    assert [one.state for one in outcome.steps] == [StepState.UNKNOWN, StepState.REVERTED]
    assert "could not be read back" in outcome.sentence
    assert there.token_ids() == set()


async def test_a_server_that_quotes_what_it_refuses_gives_no_token_away(there: ArgoWorld) -> None:
    world = there.world()
    there.kubernetes.faults.append(Fault("POST", _SECRETS, "quote"))
    seen: list[str] = []

    class Vault(dict[str, SecretStr]):
        def __setitem__(self, id: str, token: SecretStr) -> None:
            seen.append(token.get_secret_value())
            super().__setitem__(id, token)

    outcome = await there.apply(await there.plan(), replace(world, vault=Vault()))
    assert outcome.kind is OutcomeKind.FAILED
    (token,) = seen
    told = there.everything_told() + repr(outcome)
    encoded = base64.b64encode(token.encode()).decode()
    assert "•••" in told
    for secret in (token[:60], encoded[:60]):
        assert secret not in told


async def test_a_secret_that_was_written_though_the_answer_is_lost_counts(there: ArgoWorld) -> None:
    there.kubernetes.faults.append(Fault("POST", _SECRETS, "lose"))
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.VERIFIED
    (stored,) = [one for one in outcome.steps if one.step == "store"]
    assert stored.text.startswith("done, although")


async def test_a_token_that_lists_nothing_is_never_stored(there: ArgoWorld) -> None:
    plan = quick(await there.plan(), **{"try": 0.5})
    there.change_role(policies=[])
    there.store.change(
        "ConfigMap", "argocd", "argocd-rbac-cm", lambda one: one["data"].pop("policy.default")
    )
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert "lists no application for it" in outcome.sentence
    assert there.secret() is None
    assert there.token_ids() == set()


async def test_a_token_that_goes_before_we_revoke_it_is_gone(there: ArgoWorld) -> None:
    plan = await there.plan()
    revoke = step_of(plan, "mint").undo
    assert revoke is not None
    with permitted():
        told = await performer_of(revoke).perform(there.world(), revoke, lambda _: None)
    assert told == "the token is gone already"
    assert there.argocd_server.writes == []


# a Secret that Argo CD declares


def declared(there: ArgoWorld, name: str = SECRET, **how: Any) -> None:
    """A Secret of Helm values, as an Application applies it: without a token in it."""
    tracked = {"argocd.argoproj.io/tracking-id": f"ops-service:/Secret:{NAMESPACE}/{name}"}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE, "annotations": tracked},
        "data": {KEY: "", "OTHER": "a2VwdA=="},
    }
    body["metadata"].update(how)  # type: ignore[attr-defined]  # a dict
    there.store.create(body, manager="argocd-controller")


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"annotations": {}, "labels": {"app.kubernetes.io/instance": "ops-service"}},
        {"annotations": {}, "labels": {"argocd.argoproj.io/instance": "ops-service"}},
    ],
)
async def test_a_key_that_argo_cd_declares_is_not_for_us_to_fill(
    there: ArgoWorld, how: dict[str, Any]
) -> None:
    declared(there, **how)
    with pytest.raises(RefusedError, match="Application ops-service declares it in Git") as refused:
        await there.plan()
    told = str(refused.value)
    assert f"its {KEY} wins over any other Secret's" in told  # the empty one does, too
    assert f"take {KEY} out of what Application ops-service declares" in told
    with pytest.raises(RefusedError, match="belong to others"):
        await there.plan(store="aws")


async def test_a_key_that_argo_cd_does_not_declare_stays_and_is_renewed(there: ArgoWorld) -> None:
    """We have delivered into its Secret before, and it has left that alone."""
    declared(there)
    there.store.change("Secret", NAMESPACE, SECRET, lambda one: one["data"].pop(KEY))
    assert (await there.apply(await there.plan())).kind is OutcomeKind.VERIFIED
    again = await there.plan(snapshot=there.healthy(), renew="yes")
    assert f"Secret {SECRET}" in step_of(again, "store").title


async def test_what_was_applied_last_tells_what_is_declared(there: ArgoWorld) -> None:
    declared(there)
    applied = {"kind": "Secret", "data": {"OTHER": "a2VwdA=="}}
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(applied)}
    there.store.change(
        "Secret", NAMESPACE, SECRET, lambda one: one["metadata"]["annotations"].update(annotations)
    )
    assert f"Secret {SECRET}" in (await there.plan()).sentence


async def test_a_release_of_helm_alone_is_no_application(there: ArgoWorld) -> None:
    secrets.by_hand(there.store, SECRET, {KEY: "old"})
    labels = {"app.kubernetes.io/instance": "ops-service"}
    there.store.change(
        "Secret", NAMESPACE, SECRET, lambda one: one["metadata"].update(labels=labels)
    )
    assert f"Secret {SECRET}" in (await there.plan()).sentence
