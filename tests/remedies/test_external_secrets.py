"""ExternalSecrets refreshed and created on purpose: with an effect, or with the reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from probes.model import CauseId
from probes.reach import open_reach
from remedies.model import OutcomeKind, Refusal, RefusedError, RemedyId
from remedies.registry import for_cause
from sandbox.inventory import secrets
from sandbox.kubernetes import discovery
from sandbox.kubernetes.resources import groups
from sandbox.kubernetes.store import Obj
from tests.remedies.argoworld import (
    KEY,
    NAMESPACE,
    SECRET,
    SHARED,
    ArgoWorld,
    quick,
    step_of,
)
from tests.remedies.test_token import undo
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORCE, CREATE = RemedyId.FORCE_SYNC_EXTERNALSECRET, RemedyId.CREATE_EXTERNALSECRET


def external(there: ArgoWorld, name: str = SHARED) -> Obj:
    return there.store.get("ExternalSecret", NAMESPACE, name)


def change(there: ArgoWorld, **spec: Any) -> None:
    there.store.change("ExternalSecret", NAMESPACE, SHARED, lambda one: one["spec"].update(spec))


def annotate(there: ArgoWorld, annotations: dict[str, str]) -> None:
    there.store.change(
        "ExternalSecret",
        NAMESPACE,
        SHARED,
        lambda one: one["metadata"].update({"annotations": annotations}),
    )


def long_ago(there: ArgoWorld) -> None:
    """The last refresh was long ago, and the next one is not due for long."""

    def age(one: Obj) -> None:
        one["status"]["refreshTime"] = "2026-01-06T03:00:00Z"

    change(there, refreshInterval="1000000h")
    there.store.change("ExternalSecret", NAMESPACE, SHARED, age)


async def fails_from_now_on(there: ArgoWorld) -> None:
    there.remote.put("wealist/prod/db_password", "")
    data = [{"secretKey": "A", "remoteRef": {"key": "wealist/prod/gone"}}]
    change(there, data=data)
    await until(lambda: ready(there)["status"] == "False", 5.0)


def ready(there: ArgoWorld, name: str = SHARED) -> Obj:
    (one,) = external(there, name)["status"]["conditions"]
    return dict(one)


async def test_the_cause_is_mended_by_a_refresh() -> None:
    assert [one.id for one in for_cause(CauseId.ARGOCD_EXTERNALSECRET_FAILED)] == [FORCE]


async def test_a_refresh_brings_the_new_value_and_is_seen_by_its_time(there: ArgoWorld) -> None:
    long_ago(there)
    there.remote.put("wealist/prod/db_password", "a new one")
    plan = await there.plan(FORCE, name=SHARED)
    assert [one.id for one in plan.steps] == ["force-sync", "await-externalsecret"]
    assert f"annotate externalsecret/{SHARED} force-sync=" in plan.steps[0].shell
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert (there.secret(SHARED) or {})["DB_PASSWORD"] == "a new one"
    assert external(there)["status"]["refreshTime"] > "2026-01-06T03:00:00Z"


async def test_the_annotation_of_before_is_replaced_and_others_stay(there: ArgoWorld) -> None:
    annotations = {"force-sync": "1", "team": "ops"}
    annotate(there, annotations)
    plan = await there.plan(FORCE, name=SHARED)
    assert "-force-sync: 1" in plan.steps[0].diff
    await there.apply(plan)
    found = external(there)["metadata"]["annotations"]
    assert found["team"] == "ops"
    assert found["force-sync"] != "1"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"refreshPolicy": "CreatedOnce"}, "refreshPolicy is CreatedOnce"),
        ({"refreshInterval": "0"}, "refreshInterval is 0"),
        ({"refreshInterval": "0h0m0s"}, "refreshInterval is 0h0m0s"),
    ],
)
async def test_where_a_refresh_has_no_effect_it_says_why(
    there: ArgoWorld, spec: dict[str, str], why: str
) -> None:
    change(there, **spec)
    with pytest.raises(RefusedError, match=why) as refused:
        await there.plan(FORCE, name=SHARED)
    assert refused.value.refusal is Refusal.NOT_APPLICABLE


async def test_with_on_change_the_interval_does_not_matter(there: ArgoWorld) -> None:
    change(there, refreshPolicy="OnChange", refreshInterval="0")
    assert (await there.plan(FORCE, name=SHARED)).steps


async def test_the_one_that_fails_is_found_and_its_reason_told(there: ArgoWorld) -> None:
    await fails_from_now_on(there)
    plan = await there.plan(FORCE)
    assert f"refresh {SHARED} now: could not get secret data from provider" in plan.sentence
    assert "Secret does not exist" in plan.sentence  # which the event alone tells
    outcome = await there.apply(quick(plan, await_externalsecret=7.0))
    assert outcome.kind is OutcomeKind.FAILED
    assert (
        "could not get secret data from provider: error processing spec.data[0]" in outcome.sentence
    )
    assert "Ask External Secrets to refresh" in outcome.left_behind


async def test_a_failure_of_a_moment_before_does_not_end_the_waiting(there: ArgoWorld) -> None:
    """The operator has tried again by itself while we made ready: what comes next is good."""
    await fails_from_now_on(there)
    plan = await there.plan(FORCE)
    await until(lambda: failures(there) > 1, 5.0)
    there.remote.put("wealist/prod/gone", "there now")
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome


def failures(there: ArgoWorld) -> int:
    events = there.store.list("Event", NAMESPACE)
    return sum(one["count"] for one in events if one["type"] == "Warning")


async def test_at_its_limit_it_tells_what_the_operator_said_last(there: ArgoWorld) -> None:
    await fails_from_now_on(there)
    plan = quick(await there.plan(FORCE), await_externalsecret=0.3)
    outcome = await there.apply(plan)
    assert outcome.sentence.endswith("err: Secret does not exist)")


async def test_where_all_is_synced_there_is_nothing_to_do(there: ArgoWorld) -> None:
    with pytest.raises(RefusedError, match=f"there are {SHARED}") as refused:
        await there.plan(FORCE)
    assert refused.value.refusal is Refusal.NOTHING_TO_DO
    with pytest.raises(RefusedError, match=f"there is no ExternalSecret other: there are {SHARED}"):
        await there.plan(FORCE, name="other")


async def test_somebody_elses_refresh_meanwhile_makes_it_stale(there: ArgoWorld) -> None:
    plan = await there.plan(FORCE, name=SHARED)
    annotations = {"force-sync": "7"}
    annotate(there, annotations)
    with pytest.raises(RefusedError, match="the world has changed"):
        await there.apply(plan)


@pytest.mark.parametrize(
    ("remedy", "verb", "options"),
    [(FORCE, f"patch externalsecrets.external-secrets.io {SHARED}", {"name": SHARED}),
     (CREATE, "create externalsecrets.external-secrets.io", {})],
)  # fmt: skip
async def test_who_may_only_read_is_told_the_verb_before_anything_is_done(
    there: ArgoWorld, remedy: RemedyId, verb: str, options: dict[str, Any]
) -> None:
    there.access.allow("limited", ("get", "list"), ["*"], ["*"], ("*",))
    async with open_reach(there.profile.model_copy(update={"context": "limited"})) as reach:
        world = there.world(reach)
        plan = await there.plan(remedy, world=world, **options)
        with pytest.raises(RefusedError, match=f"{verb} in namespace {NAMESPACE}") as no:
            await there.apply(plan, world)
    assert no.value.refusal is Refusal.DENIED
    assert there.kubernetes.writes == []


# creating one


async def test_one_is_created_with_its_strategies_and_synced(there: ArgoWorld) -> None:
    there.remote.put("wealist/prod/ops-service", '{"argocd_token": "x.y.z"}')
    plan = await there.plan(CREATE)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    made = external(there, SECRET)
    assert made["apiVersion"] == "external-secrets.io/v1"
    assert made["spec"]["secretStoreRef"]["name"] == "aws-secrets-manager"
    assert made["spec"]["target"]["creationPolicy"] == "Owner"
    (entry,) = made["spec"]["data"]
    assert entry["remoteRef"] == {
        "key": "wealist/prod/ops-service",
        "property": "argocd_token",
        "conversionStrategy": "Default",
        "decodingStrategy": "None",
        "metadataPolicy": "None",
    }
    assert there.secret() == {KEY: "x.y.z"}
    with pytest.raises(RefusedError, match="brings property argocd_token"):
        await there.plan(CREATE)
    (delete,) = undo(there).steps
    assert delete.title == f"Delete externalsecrets.external-secrets.io/{SECRET}"
    assert delete.risk_words.startswith(f"Secret {SECRET} is deleted with it: ")
    assert "-kind: ExternalSecret" in delete.diff
    assert [one.verb for one in delete.permissions] == ["delete"]
    outcome = await there.apply(undo(there))
    assert outcome.sentence.startswith("taken back; ")
    assert there.store.find("ExternalSecret", NAMESPACE, SECRET) is None
    assert there.secret() is None


async def test_who_may_create_one_and_not_delete_it_is_told_before_the_undo_begins(
    there: ArgoWorld,
) -> None:
    there.remote.put("wealist/prod/ops-service", '{"argocd_token": "x.y.z"}')
    await there.apply(await there.plan(CREATE))
    there.access.allow("limited", ("get", "list", "create"), ["*"], ["*"], ("*",))
    async with open_reach(there.profile.model_copy(update={"context": "limited"})) as reach:
        with pytest.raises(RefusedError, match="delete externalsecrets") as no:
            await there.apply(undo(there), there.world(reach))
    assert no.value.refusal is Refusal.DENIED
    assert there.store.find("ExternalSecret", NAMESPACE, SECRET)


async def test_in_a_secret_that_is_there_other_keys_stay(there: ArgoWorld) -> None:
    secrets.by_hand(there.store, SECRET, {"OTHER": "kept"})
    there.remote.put("wealist/prod/x", "whole value")
    plan = await there.plan(CREATE, remote="wealist/prod/x", property="", key="X")
    await there.apply(plan)
    assert there.secret() == {"OTHER": "kept", "X": "whole value"}
    assert external(there, SECRET)["spec"]["target"]["creationPolicy"] == "Merge"


async def test_what_the_provider_does_not_have_is_told_and_the_object_goes(
    there: ArgoWorld,
) -> None:
    plan = quick(await there.plan(CREATE), await_externalsecret=7.0)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert "Secret does not exist" in outcome.sentence
    assert there.store.find("ExternalSecret", NAMESPACE, SECRET) is None


async def test_a_secret_of_another_external_secret_is_not_taken_over(there: ArgoWorld) -> None:
    def elsewhere(one: Obj) -> None:
        one["spec"]["target"]["name"] = SECRET

    there.store.change("ExternalSecret", NAMESPACE, SHARED, elsewhere)
    await until(lambda: there.secret() is not None, 5.0)
    with pytest.raises(RefusedError, match=f"belongs to ExternalSecret {SHARED}"):
        await there.plan(CREATE)


async def test_a_key_that_argo_cd_declares_is_not_fought_over(there: ArgoWorld) -> None:
    labels = {"argocd.argoproj.io/instance": "ops-service"}
    metadata = {"name": SECRET, "namespace": NAMESPACE, "labels": labels}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {KEY: ""}}
    there.store.create(body, manager="argocd-controller")
    with pytest.raises(RefusedError, match=f"Application ops-service declares {KEY} of Secret"):
        await there.plan(CREATE)
    assert (await there.plan(CREATE, key="OTHER")).steps


async def test_one_of_that_name_is_never_overwritten(there: ArgoWorld) -> None:
    secrets.external(there.store, there.remote, SECRET, {"SOMETHING": "else"})
    with pytest.raises(RefusedError, match="already, and it does not bring"):
        await there.plan(CREATE)


async def test_the_store_is_the_one_others_use_or_the_one_that_is_named(there: ArgoWorld) -> None:
    plan = await there.plan(CREATE, secret_store="SecretStore/ours")
    assert "kind: SecretStore" in step_of(plan, "create-externalsecret").diff
    there.store.delete("ExternalSecret", NAMESPACE, SHARED)
    plan = await there.plan(CREATE)
    assert "name: aws-secrets-manager" in step_of(plan, "create-externalsecret").diff
    there.store.delete("ClusterSecretStore", None, "aws-secrets-manager")
    with pytest.raises(RefusedError, match="`secret-store=`"):
        await there.plan(CREATE)


@pytest.mark.parametrize("remedy", [FORCE, CREATE])
async def test_without_the_operator_it_says_so(
    there: ArgoWorld, monkeypatch: pytest.MonkeyPatch, remedy: RemedyId
) -> None:
    served = {
        group: versions for group, versions in groups().items() if group != "external-secrets.io"
    }
    monkeypatch.setattr(discovery, "groups", lambda: served)
    with pytest.raises(RefusedError, match="External Secrets is not installed"):
        await there.plan(remedy)
    assert [one.id for one in (await there.plan()).steps]  # by hand it still goes
    with pytest.raises(RefusedError, match="nothing would bring the token from AWS"):
        await there.plan(store="aws")
