"""The token in AWS Secrets Manager, against moto's server: stored beside others, and brought."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest
import pytest_asyncio

from probes.model import FailureKind, ProbeError
from probes.reach import Reach
from probes.reach.guard import WriteRefusedError
from probes.reach.permit import permitted
from remedies import aws
from remedies.aws import SecretsManager
from remedies.history import open_ends, records
from remedies.model import (
    OutcomeKind,
    PutAwsSecret,
    Refusal,
    RefusedError,
    RemedyId,
    RestoreAwsSecret,
    StepState,
)
from remedies.performing import Standing, performer_of
from sandbox.inventory import secrets
from sandbox.kubernetes.store import Obj
from sandbox.remotekeys import RemoteKeys
from tests.remedies.argoworld import (
    KEY,
    NAMESPACE,
    SECRET,
    SHARED,
    ArgoWorld,
    Bench,
    Fault,
    quick,
    step_of,
)
from tests.remedies.awsline import line_to
from tests.remedies.killing import killed_at
from tests.remedies.moto import REGION, aws_variables
from tests.remedies.test_rbac_each import as_granted
from tests.remedies.test_token import undo
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

NAME = "wealist/prod/ops-service"


@pytest_asyncio.fixture(loop_scope="session")
async def there(
    bench: tuple[Bench, Reach],
    tmp_path: Path,
    endpoint: str,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[ArgoWorld]:
    """A world whose External Secrets read from there, as boto3 here does."""
    for name, value in aws_variables(endpoint).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    _forget_everything(endpoint)
    made, reach = bench
    async with made.world(reach, tmp_path, RemoteKeys(endpoint, REGION)) as world:
        yield world
    _forget_everything(endpoint)  # others find it as they found it before


def _forget_everything(endpoint: str) -> None:
    """moto's own: https://docs.getmoto.org/en/latest/docs/server_mode.html#reset."""
    httpx.post(f"{endpoint}/moto-api/reset", trust_env=False).raise_for_status()


def amazon() -> Any:
    return boto3.client("secretsmanager", region_name=REGION)


def value() -> dict[str, str]:
    """The current version's: moto tells the newest one where none is named."""
    told = amazon().get_secret_value(SecretId=NAME, VersionStage="AWSCURRENT")
    found: dict[str, str] = json.loads(told["SecretString"])
    return found


def described() -> dict[str, Any]:
    found: dict[str, Any] = amazon().describe_secret(SecretId=NAME)
    return found


def put(**properties: str) -> None:
    amazon().create_secret(Name=NAME, SecretString=json.dumps(properties))


async def test_it_is_stored_beside_others_and_an_external_secret_is_made(there: ArgoWorld) -> None:
    put(other="kept", argocd_token="old")
    plan = await there.plan(store="aws")
    assert [one.id for one in plan.steps] == [
        "mint",
        "try",
        "store-aws",
        "create-externalsecret",
        "await-externalsecret",
        "restart",
        "await-rollout",
    ]
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    token = (there.secret() or {})[KEY]
    assert value() == {"other": "kept", "argocd_token": token}
    external = there.store.get("ExternalSecret", NAMESPACE, SECRET)
    assert external["spec"]["target"]["creationPolicy"] == "Owner"
    assert token not in there.everything_told() + repr(plan)
    restore = step_of(undo(there), "undo-store-aws")
    assert isinstance(restore.action, RestoreAwsSecret)
    assert restore.title == f"Make version {restore.action.version} of {NAME} the current one again"
    assert restore.guard == f"{NAME} is at version {restore.action.new_version}"
    assert [one.verb for one in restore.permissions] == [
        "secretsmanager:DescribeSecret",
        "secretsmanager:UpdateSecretVersionStage",
    ]
    await there.apply(undo(there))
    assert value() == {"other": "kept", "argocd_token": "old"}
    assert there.store.find("ExternalSecret", NAMESPACE, SECRET) is None
    assert there.token_ids() == set()


async def test_the_printed_rights_of_three_remedies_are_enough(there: ArgoWorld) -> None:
    there.store.delete("ExternalSecret", NAMESPACE, SHARED)
    rights = (
        RemedyId.DELIVER_ARGOCD_TOKEN,
        RemedyId.CREATE_EXTERNALSECRET,
        RemedyId.FORCE_SYNC_EXTERNALSECRET,
    )
    async with as_granted(there.access, there.profile, *rights) as reach:
        world = there.world(reach)
        for step in ("create-externalsecret", "force-sync"):
            plan = await there.plan(world=world, store="aws")
            assert step in [one.id for one in plan.steps]
            outcome = await there.apply(plan, world)
            assert outcome.kind is OutcomeKind.VERIFIED, outcome


async def test_a_secret_that_is_not_there_is_made_and_can_be_had_back(there: ArgoWorld) -> None:
    outcome = await there.apply(await there.plan(store="aws"))
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert value() == {"argocd_token": (there.secret() or {})[KEY]}
    delete = step_of(undo(there), "undo-store-aws")
    assert delete.title == f"Delete {NAME} in AWS Secrets Manager"
    assert delete.permissions[-1].verb == "secretsmanager:DeleteSecret"
    await there.apply(undo(there))
    assert "DeletedDate" in described()
    with pytest.raises(RefusedError, match="restore-secret --secret-id wealist/prod/ops-service"):
        await there.plan(store="aws")


async def test_an_external_secret_that_brings_it_is_refreshed(there: ArgoWorld) -> None:
    """Key and property are its own, whatever the profile says."""
    amazon().create_secret(Name="elsewhere", SecretString='{"token": "old", "other": "kept"}')
    secrets.external(there.store, there.remote, SECRET, {KEY: "old"})

    def reference(one: Obj) -> None:
        one["spec"]["data"][0]["remoteRef"] |= {"key": "elsewhere", "property": "token"}

    there.store.change("ExternalSecret", NAMESPACE, SECRET, reference)
    plan = await there.plan(store="aws")
    assert "property token of elsewhere" in plan.sentence
    assert step_of(plan, "force-sync").follows
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    stored = json.loads(amazon().get_secret_value(SecretId="elsewhere")["SecretString"])
    assert stored == {"token": (there.secret() or {})[KEY], "other": "kept"}
    ids = [one.id for one in undo(there).steps]
    assert ids.index("undo-store-aws") < ids.index("undo-force-sync") < ids.index("undo-restart")


async def test_an_object_that_is_brought_whole_gets_the_token_as_a_property(
    there: ArgoWorld,
) -> None:
    amazon().create_secret(Name="elsewhere", SecretString='{"OTHER": "kept"}')
    secrets.external(there.store, there.remote, SECRET, {"OTHER": "kept"})
    whole = {"data": [], "dataFrom": [{"extract": {"key": "elsewhere"}}]}
    there.store.change("ExternalSecret", NAMESPACE, SECRET, lambda one: one["spec"].update(whole))
    plan = await there.plan(store="aws")
    assert f"property {KEY} of elsewhere" in plan.sentence
    assert "force-sync" in [one.id for one in plan.steps]
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    token = (there.secret() or {})[KEY]
    stored = json.loads(amazon().get_secret_value(SecretId="elsewhere")["SecretString"])
    assert stored == {"OTHER": "kept", KEY: token}


@pytest.mark.parametrize(
    "entry",
    [
        {"extract": {"key": "elsewhere", "property": "inner"}},
        {"extract": {"key": "elsewhere"}, "rewrite": [{"regexp": {"source": "a", "target": "b"}}]},
    ],
)
async def test_what_is_not_clearly_an_object_of_keys_is_not_written_to(
    there: ArgoWorld, entry: dict[str, Any]
) -> None:
    secrets.external(there.store, there.remote, SECRET, {"OTHER": "kept"})
    spec = {"data": [], "dataFrom": [entry]}
    there.store.change("ExternalSecret", NAMESPACE, SECRET, lambda one: one["spec"].update(spec))
    with pytest.raises(RefusedError, match="belong to others"):
        await there.plan(store="aws")


async def test_where_a_later_step_fails_what_it_brought_is_brought_back(there: ArgoWorld) -> None:
    """The Secret would keep a token that is revoked, until the next refresh by itself."""
    amazon().create_secret(Name="elsewhere", SecretString='{"token": "old"}')
    secrets.external(there.store, there.remote, SECRET, {KEY: "old"})

    def reference(one: Obj) -> None:
        one["spec"]["data"][0]["remoteRef"] |= {"key": "elsewhere", "property": "token"}
        one["spec"]["refreshInterval"] = "1000000h"

    there.store.change("ExternalSecret", NAMESPACE, SECRET, reference)
    plan = quick(await there.plan(store="aws"), await_rollout=0.5)
    there.hold_rollouts()
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert [one.step for one in outcome.steps if one.state is StepState.REVERTED] == [
        "store-aws",
        "mint",
        "force-sync",
    ]
    await until(lambda: there.secret() == {KEY: "old"})
    assert "what has started since step restart runs with" in outcome.left_behind


async def test_one_that_is_never_read_again_is_refused_before_anything_is_minted(
    there: ArgoWorld,
) -> None:
    secrets.external(there.store, there.remote, SECRET, {KEY: "old"})
    there.store.change(
        "ExternalSecret", NAMESPACE, SECRET, lambda one: one["spec"].update(refreshInterval="0")
    )
    with pytest.raises(RefusedError, match="refreshInterval is 0"):
        await there.plan(store="aws")


async def test_a_version_of_somebody_else_makes_it_stale(there: ArgoWorld) -> None:
    put(other="kept")
    plan = await there.plan(store="aws")
    amazon().put_secret_value(SecretId=NAME, SecretString='{"other": "changed"}')
    with pytest.raises(RefusedError, match="has another version than was seen") as stale:
        await there.apply(plan)
    assert stale.value.refusal is Refusal.STALE
    assert value() == {"other": "changed"}
    assert there.argocd_server.writes == []


async def test_a_value_that_takes_no_property_is_refused_by_the_rehearsal(there: ArgoWorld) -> None:
    amazon().create_secret(Name=NAME, SecretString="no JSON")
    plan = await there.plan(store="aws")
    with pytest.raises(RefusedError, match="is no JSON object"):
        await there.apply(plan)
    assert there.argocd_server.writes == []


async def test_where_a_later_step_fails_the_version_before_is_back(there: ArgoWorld) -> None:
    put(argocd_token="old")
    there.kubernetes.faults.append(
        Fault("POST", f"/namespaces/{NAMESPACE}/externalsecrets", "refuse")
    )
    outcome = await there.apply(await there.plan(store="aws"))
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.left_behind == "nothing was changed"
    assert value() == {"argocd_token": "old"}
    assert there.token_ids() == set()


async def test_the_same_write_again_is_none(there: ArgoWorld) -> None:
    plan = await there.plan(store="aws")
    await there.apply(plan)
    action = step_of(plan, "store-aws").action
    assert isinstance(action, PutAwsSecret)
    seen = await performer_of(action).look(there.world(), action)
    assert seen.standing is Standing.DONE
    stale = replace(action, new_version="another")
    assert (await performer_of(stale).look(there.world(), stale)).standing is Standing.STALE


async def test_without_the_permit_nothing_is_written(there: ArgoWorld) -> None:
    put(other="kept")
    before = described()["VersionIdsToStages"]
    manager = SecretsManager()
    with pytest.raises(WriteRefusedError, match="secretsmanager:PutSecretValue"):
        await manager.put(NAME, "{}", "0" * 32)
    with pytest.raises(WriteRefusedError, match="secretsmanager:DeleteSecret"):
        await manager.delete(NAME)
    assert described()["VersionIdsToStages"] == before


async def test_a_write_under_way_is_waited_for_by_whoever_gives_up(
    there: ArgoWorld, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be stopped: told as failed, it would store the revoked token all the same."""
    put(other="kept")
    async with line_to(endpoint) as (line, address):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        line.held = "PutSecretValue"
        with permitted():
            writing = asyncio.create_task(SecretsManager().put(NAME, '{"x": "y"}', str(uuid4())))
        await line.arrived.wait()
        writing.cancel()
        asyncio.get_running_loop().call_later(0.3, line.go.set)
        with pytest.raises(asyncio.CancelledError):
            await writing
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert value() == {"x": "y"}
    assert line.sent.count("PutSecretValue") == 1


async def test_a_write_that_waits_for_credentials_is_not_sent_after_its_time(
    there: ArgoWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    login, asked, go = tmp_path / "login.sh", tmp_path / "asked", tmp_path / "go"
    told = {"Version": 1, "AccessKeyId": "testing", "SecretAccessKey": "testing"}
    wait = f"touch {asked}; while [ ! -e {go} ]; do sleep 0.05; done"
    login.write_text(f"{wait}; echo '{json.dumps(told)}'")
    config = tmp_path / "config"
    config.write_text(f"[default]\ncredential_process = /bin/sh {login}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with permitted():
        writing = asyncio.create_task(SecretsManager().create(NAME, "x", str(uuid4())))
    await until(asked.exists)
    writing.cancel()
    go.touch()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await SecretsManager().find(NAME) is None


async def test_what_aws_refuses_for_a_while_is_not_tried_again(
    there: ArgoWorld, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what became of a write that was answered with a server's error."""
    plan = await there.plan(store="aws")
    async with line_to(endpoint) as (line, address):
        line.refused = "CreateSecret"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        outcome = await there.apply(plan)
        assert line.sent.count("CreateSecret") == 1
    assert outcome.kind is OutcomeKind.FAILED
    assert "AWS refuses secretsmanager:CreateSecret" in outcome.sentence
    assert there.token_ids() == set()


@pytest.mark.parametrize("operation", ["PutSecretValue", "GetSecretValue"])
async def test_what_aws_denies_is_named_and_the_token_is_revoked(
    there: ArgoWorld, endpoint: str, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    """AWS tells it only by refusing: who may read the value is asked before, who may write not."""
    put(other="kept")
    plan = await there.plan(store="aws")
    assert f"secretsmanager:{operation} {NAME}" in [
        str(one) for one in step_of(plan, "store-aws").permissions
    ]
    async with line_to(endpoint) as (line, address):
        line.refused, line.why = operation, "AccessDeniedException"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        if operation == "GetSecretValue":
            with pytest.raises(RefusedError, match="AWS does not permit secretsmanager:GetSecret"):
                await there.apply(plan)
            assert there.argocd_server.writes == []
        else:
            outcome = await there.apply(plan)
            assert "AWS does not permit secretsmanager:PutSecretValue: not" in outcome.sentence
            assert outcome.left_behind == "nothing was changed"
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert value() == {"other": "kept"}
    assert there.token_ids() == set()


async def test_where_aws_does_not_even_tell_of_the_secret_nothing_is_planned(
    there: ArgoWorld, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with line_to(endpoint) as (line, address):
        line.refused, line.why = "DescribeSecret", "AccessDeniedException"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        with pytest.raises(ProbeError, match="does not permit secretsmanager:DescribeSecret") as no:
            await there.plan(store="aws")
    assert no.value.failure.kind is FailureKind.FORBIDDEN


async def test_its_step_has_time_for_every_call_to_end_by_itself() -> None:
    calls = 3  # describe, get, put
    assert calls * (aws.CONNECT_S + aws.READ_S) < aws.STEP_S


async def test_what_is_missing_here_is_said(
    there: ArgoWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ProbeError, match="AWS could not be asked"):
        await there.plan(store="aws")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(ProbeError, match="AWS_PROFILE") as without:
        await there.plan(store="aws")
    assert without.value.failure.kind is FailureKind.UNAVAILABLE
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(ProbeError, match="set AWS_REGION"):
        await there.plan(store="aws")
    monkeypatch.setattr(aws, "find_spec", lambda _: None)
    with pytest.raises(RefusedError, match=r"opsportal-tui\[aws\]"):
        await there.plan(store="aws")


@dataclass(frozen=True)
class _Reached:
    """What a killing waits for."""

    reached: asyncio.Event


@pytest.mark.parametrize("goes_on", [True, False])
async def test_killed_while_it_is_stored_the_way_back_is_whole(
    there: ArgoWorld, endpoint: str, monkeypatch: pytest.MonkeyPatch, goes_on: bool
) -> None:
    """The write that was on its way may arrive all the same."""
    put(argocd_token="old", other="kept")
    plan = await there.plan(store="aws")
    async with line_to(endpoint) as (line, address):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        line.held = "PutSecretValue"
        await killed_at(there, plan, "store-aws", _Reached(line.arrived))
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        if goes_on:
            line.go.set()
            await until(lambda: value()["argocd_token"] != "old")
    await _taken_back(there, "store-aws")


async def test_killed_while_it_is_brought_the_way_back_is_whole(there: ArgoWorld) -> None:
    put(argocd_token="old", other="kept")
    plan = await there.plan(store="aws")
    holding = Fault("POST", f"/namespaces/{NAMESPACE}/externalsecrets", "hang-after")
    there.kubernetes.faults.append(holding)
    await killed_at(there, plan, "create-externalsecret", holding)
    there.kubernetes.faults.clear()
    await _taken_back(there, "create-externalsecret")
    assert there.store.find("ExternalSecret", NAMESPACE, SECRET) is None


async def _taken_back(there: ArgoWorld, step: str) -> None:
    (left,) = open_ends(records(there.journal.entries()))
    assert left.under_way == step
    assert "eyJ" not in there.journal.path.read_text()
    outcome = await there.apply(undo(there))
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert value() == {"argocd_token": "old", "other": "kept"}
    assert there.token_ids() == set()
