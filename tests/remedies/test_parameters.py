"""Given a wrong setting, when its helm parameter is set, the pods get it, or it is told why not."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import TypeAdapter

from probes.model import FailureKind
from probes.reach import Reach, open_reach
from remedies.model import (
    Action,
    AwaitSync,
    OutcomeKind,
    Plan,
    Refusal,
    RefusedError,
    RemedyId,
    Risk,
)
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.store import Change, Obj
from tests.checks import worlds
from tests.remedies.argoworld import NAMESPACE, Bench, Fault, step_of
from tests.remedies.gitopsworld import (
    APP,
    ARGOCD,
    BAD_URL,
    LOKI,
    ROOT,
    URL,
    GitOps,
    gitops_worlds,
    quick,
    set_parameter,
)
from tests.remedies.rollouts import Rollout
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

Make = Callable[..., AbstractAsyncContextManager[GitOps]]

SET_URL = RemedyId.SET_PROMETHEUS_URL
BAD = {"config.PROMETHEUS_URL": BAD_URL}
EDIT, SYNC, ROLLOUT = "edit", "await-sync", "await-rollout"


@pytest_asyncio.fixture(loop_scope="session")
async def make(
    bench: tuple[Bench, Reach], tmp_path: Path, impatient: None
) -> AsyncIterator[Callable[..., Any]]:
    """Makes the world of a test; by default PROMETHEUS_URL lacks its prefix."""
    async with gitops_worlds(bench, tmp_path, parameters=BAD) as made:
        yield made


def ids(plan: Plan) -> list[str]:
    return [one.id for one in plan.steps]


def others(there: GitOps, name: str = "PROMETHEUS_URL") -> list[Obj]:
    return [one for one in there.parameters() if one["name"] != f"config.{name}"]


# the four


@pytest.mark.parametrize(
    ("remedy", "name", "wrong", "right"),
    [
        (SET_URL, "PROMETHEUS_URL", BAD_URL, URL),
        (RemedyId.SET_PROMETHEUS_NAMESPACE, "PROMETHEUS_NAMESPACE", "wealist-dev", NAMESPACE),
        (RemedyId.SET_LOKI_URL, "LOKI_URL", f"{LOKI}/loki", LOKI),
        (RemedyId.ENABLE_AUTO_MIGRATE, "DB_AUTO_MIGRATE", "TRUE", "true"),
    ],
)
async def test_each_gets_its_value_and_nothing_else_changes(
    make: Any, remedy: RemedyId, name: str, wrong: str, right: str
) -> None:
    there: GitOps = await make(parameters={f"config.{name}": wrong})
    before = others(there, name)
    plan = await there.plan(remedy)
    assert ids(plan) == [EDIT, SYNC, ROLLOUT]
    assert there.kubernetes.writes == []
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert (there.parameter(name) or {})["value"] == right
    assert others(there, name) == before
    assert there.config()[name] == right
    with pytest.raises(RefusedError) as again:
        await there.plan(remedy)
    assert again.value.refusal is Refusal.NOTHING_TO_DO
    assert f"has {name} as it should be, {right}" in str(again.value)


async def test_the_word_true_stays_a_string(make: Any) -> None:
    there: GitOps = await make(parameters={"config.DB_AUTO_MIGRATE": "false"})
    plan = await there.plan(RemedyId.ENABLE_AUTO_MIGRATE)
    await there.apply(plan)
    wanted = {"name": "config.DB_AUTO_MIGRATE", "value": "true", "forceString": True}
    assert there.parameter("DB_AUTO_MIGRATE") == wanted
    assert (await there.undo()).kind is OutcomeKind.VERIFIED
    assert there.parameter("DB_AUTO_MIGRATE") == {**BAD_MIGRATE}


BAD_MIGRATE = {"name": "config.DB_AUTO_MIGRATE", "value": "false"}


async def test_a_parameter_that_was_not_there_is_added_and_taken_away_again(make: Any) -> None:
    there: GitOps = await make(parameters={"config.LOKI_URL": None})
    there.store.create(
        {
            "kind": "Service",
            "metadata": {"name": "loki", "namespace": NAMESPACE},
            "spec": {"ports": [{"name": "http-metrics", "port": 3100}]},
        }
    )
    unset = {key: one for key, one in worlds.SETTINGS.items() if key != "LOKI_URL"}
    told = worlds.startup(loki_configured=False)
    there.changes["workload"] = worlds.workload(environment=worlds.environment(unset), startup=told)
    before = there.parameters()
    plan = await there.plan(RemedyId.SET_LOKI_URL)
    there.changes.clear()
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert there.parameters() == [*before, {"name": "config.LOKI_URL", "value": LOKI}]
    await there.undo()
    assert there.parameters() == before
    assert "LOKI_URL" not in there.config()


def without_list(application: Obj) -> None:
    del application["spec"]["source"]["helm"]["parameters"]


def without_helm(application: Obj) -> None:
    del application["spec"]["source"]["helm"]


@pytest.mark.parametrize("prepare", [without_list, without_helm])
async def test_a_source_without_parameters_gets_a_list(make: Any, prepare: Any) -> None:
    there: GitOps = await make(prepare=prepare, heals=False)
    helm = there.application()["spec"]["source"].get("helm")
    assert (await there.apply(await there.plan())).kind is OutcomeKind.VERIFIED
    assert there.parameters() == [{"name": "config.PROMETHEUS_URL", "value": URL}]
    await there.undo()
    assert there.application()["spec"]["source"].get("helm") == helm


class Meanwhile(Fault):
    """Nothing is wrong with the request; just before the first of them something happens."""

    def __init__(self, path: str, change: Callable[[], None]) -> None:
        super().__init__("PATCH", path, "refuse", times=1)
        self._change = change

    def meets(self, scope: Mapping[str, Any]) -> bool:
        if super().meets(scope):
            self.times = 0
            self._change()
        return False


async def test_a_helm_block_that_came_between_is_not_replaced(make: Any) -> None:
    there: GitOps = await make(prepare=without_helm, heals=False)
    image = {"parameters": [{"name": "image.tag", "value": "9"}]}

    def came() -> None:
        there.change(lambda one: one["spec"]["source"].update(helm=image))

    plan = await there.plan()
    there.kubernetes.faults.append(Meanwhile("/applications/", came))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert there.parameters() == image["parameters"]
    assert "/spec/source/helm is " in outcome.sentence


async def test_a_change_of_something_else_meanwhile_stands_in_nobodys_way(make: Any) -> None:
    there: GitOps = await make(prepare=without_helm, heals=False)
    plan = await there.plan()
    seen = Meanwhile("/applications/", lambda: there.change(lambda one: one["status"].update(x=1)))
    there.kubernetes.faults.append(seen)
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED


async def test_of_several_sources_the_one_with_the_parameters_is_edited(make: Any) -> None:
    def several(application: Obj) -> None:
        source = application["spec"].pop("source")
        values = {"repoURL": source["repoURL"], "ref": "values", "targetRevision": "main"}
        application["spec"]["sources"] = [source, values]

    there: GitOps = await make(prepare=several)
    plan = await there.plan(source="1")
    assert "/spec/sources/0/helm/parameters" in plan.steps[0].shell
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    with pytest.raises(RefusedError, match="`source=2` is none of them"):
        await there.plan(source="2")


async def test_what_inline_values_say_is_told_and_overridden(make: Any) -> None:
    def inline(application: Obj) -> None:
        helm = application["spec"]["source"]["helm"]
        helm["parameters"] = [
            one for one in helm["parameters"] if one["name"] != "config.PROMETHEUS_URL"
        ]
        helm["valuesObject"] = {"config": {"PROMETHEUS_URL": BAD_URL, "PORT": 1}}

    there: GitOps = await make(prepare=inline, heals=False)
    seen = there.application_seen().parameters
    assert seen["config.PROMETHEUS_URL"] == BAD_URL
    assert seen["config.PORT"] == "1"
    plan = await there.plan()
    assert any(f"overrides {BAD_URL}, which `valuesObject`" in one for one in plan.warnings)
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED


async def test_of_two_entries_of_one_name_the_last_one_counts(make: Any) -> None:
    def twice(application: Obj) -> None:
        listed = application["spec"]["source"]["helm"]["parameters"]
        listed.insert(0, {"name": "config.PROMETHEUS_URL", "value": "http://old:1"})

    there: GitOps = await make(prepare=twice)
    await there.apply(await there.plan())
    assert there.config()["PROMETHEUS_URL"] == URL
    assert there.parameters()[0]["value"] == "http://old:1"


# who syncs, and who restarts


def state_of(phase: str) -> Obj:
    by = {"initiatedBy": {"username": "anna"}, "sync": {}}
    return {"operation": by, "phase": phase, "startedAt": "2026-01-06T03:00:00Z"}


async def test_where_nobody_syncs_it_is_asked_for_and_another_operation_is_waited_for(
    make: Any,
) -> None:
    there: GitOps = await make(automated=False)
    plan = await there.plan()
    assert ids(plan) == [EDIT, "request-sync", SYNC, ROLLOUT]
    there.change(lambda one: one["status"].update(operationState=state_of("Running")))
    applying = asyncio.create_task(there.apply(plan))
    await until(lambda: any("waiting: a sync by anna" in one.text for one in there.told))
    window = "Sync operation blocked by sync window"
    there.change(lambda one: one["status"]["operationState"].update(message=window))
    blocked = f"waiting: a sync by anna is under way, since 2026-01-06T03:00:00Z: {window}"
    await until(lambda: any(one.text == blocked for one in there.told))
    there.change(lambda one: one["status"].update(operationState=state_of("Succeeded")))
    outcome = await applying
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    state = there.application()["status"]["operationState"]
    assert state["operation"]["initiatedBy"] == {"username": "opsportal-tui"}
    assert state["operation"]["sync"]["syncOptions"] == ["CreateNamespace=false"]
    assert "prune" not in state["operation"]["sync"]
    assert (await there.undo()).kind is OutcomeKind.VERIFIED
    assert there.config()["PROMETHEUS_URL"] == BAD_URL


@pytest.mark.parametrize("other", [None, "checksum/secret", "checksum/config-secret"])
async def test_a_template_without_a_checksum_of_the_config_is_restarted(
    make: Any, other: str | None
) -> None:
    there: GitOps = await make(checksum=other)
    plan = await there.plan()
    assert ids(plan) == [EDIT, SYNC, "restart", ROLLOUT]
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    notes = there.deployment()["spec"]["template"]["metadata"]["annotations"]
    assert "kubectl.kubernetes.io/restartedAt" in notes


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        (
            {"canary": {"steps": [{"setWeight": 50}, {"pause": {}}]}},
            ": it stops at canary step 2 of 2, and goes on when somebody promotes it: "
            "`kubectl argo rollouts promote ops-service -n ",
        ),
        (
            {"blueGreen": {"autoPromotionEnabled": False}},
            ": it stops before the new pods are asked, and goes on when somebody promotes it",
        ),
        (
            {"canary": {"steps": [{"setWeight": 50}, {"pause": {"duration": "10s"}}]}},
            "; requests go on",
        ),
    ],
)
async def test_where_a_rollout_will_wait_for_somebody_is_told_before(
    make: Any, strategy: dict[str, Any], told: str
) -> None:
    there: GitOps = await make()
    with Rollout.instead_of_the_deployment(there.store, there.config, strategy):
        settings = worlds.environment({**worlds.SETTINGS, **there.config()})
        controller = worlds.controller(kind="Rollout")
        there.changes["workload"] = worlds.workload(environment=settings, controller=controller)
        step = step_of(await there.plan(), EDIT)
    assert step.risk_words.startswith(f"the Rollout brings new pods by its own steps{told}")


async def test_an_argo_rollout_reads_it_and_taken_back_reads_the_old_one_again(make: Any) -> None:
    there: GitOps = await make(checksum=None)
    with Rollout.instead_of_the_deployment(there.store, there.config) as rollout:
        settings = worlds.environment({**worlds.SETTINGS, **there.config()})
        controller = worlds.controller(kind="Rollout")
        there.changes["workload"] = worlds.workload(environment=settings, controller=controller)
        plan = await there.plan()
        there.changes.clear()
        assert ids(plan) == [EDIT, SYNC, "restart", ROLLOUT]
        assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
        assert rollout.seen["PROMETHEUS_URL"] == URL
        outcome = await there.undo()
        assert outcome.kind is OutcomeKind.VERIFIED, outcome
        assert rollout.seen["PROMETHEUS_URL"] == BAD_URL


async def test_where_the_parameter_is_right_and_the_config_map_is_not_only_a_sync_is_asked_for(
    make: Any,
) -> None:
    there: GitOps = await make(automated=False)
    there.change(set_parameter("config.PROMETHEUS_URL", URL))
    plan = await there.plan()
    assert ids(plan) == ["request-sync", SYNC, ROLLOUT]
    assert "Have Argo CD bring PROMETHEUS_URL" in plan.sentence
    assert (plan.attended, plan.watch) == ("", None)
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED


async def test_the_word_true_that_is_there_already_is_only_synced(make: Any) -> None:
    there: GitOps = await make(parameters={"config.DB_AUTO_MIGRATE": "false"}, automated=False)
    there.change(set_parameter("config.DB_AUTO_MIGRATE", "true"))
    plan = await there.plan(RemedyId.ENABLE_AUTO_MIGRATE)
    assert ids(plan) == ["request-sync", SYNC, ROLLOUT]
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert there.parameter("DB_AUTO_MIGRATE") == {**BAD_MIGRATE, "value": "true"}


async def test_where_nothing_was_edited_there_is_nothing_to_take_back(make: Any) -> None:
    there: GitOps = await make(automated=False, checksum=None)
    there.change(set_parameter("config.PROMETHEUS_URL", URL))
    plan = await there.plan()
    assert ids(plan) == ["request-sync", SYNC, "restart", ROLLOUT]
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    with pytest.raises(RefusedError, match="nothing to undo"):
        await there.undo()


async def test_an_inline_value_that_is_right_is_only_synced(make: Any) -> None:
    def inline(application: Obj) -> None:
        values = {"config": {"PROMETHEUS_URL": URL}}
        application["spec"]["source"]["helm"] = {"parameters": [], "valuesObject": values}

    there: GitOps = await make(prepare=inline)
    plan = await there.plan()
    assert ids(plan) == ["request-sync", SYNC, ROLLOUT]
    assert isinstance(wait := step_of(plan, SYNC).action, AwaitSync)
    assert wait.edit == ()
    assert plan.durable == ""


async def test_a_stale_container_alone_wants_a_restart_and_no_edit(make: Any) -> None:
    there: GitOps = await make(parameters={})
    told = worlds.startup(prometheus_url=BAD_URL)
    there.changes = {
        "workload": worlds.workload(startup=told),
        "prometheus": worlds.without_prefix(),
    }
    with pytest.raises(RefusedError, match=r"restart \(restart-workload\)") as refused:
        await there.plan()
    assert refused.value.refusal is Refusal.NOTHING_TO_DO


async def test_a_slash_at_the_end_is_no_fault(make: Any) -> None:
    there: GitOps = await make(parameters={"config.PROMETHEUS_URL": f"{URL}/"})
    with pytest.raises(RefusedError, match="as it should be"):
        await there.plan()


# what is refused


async def test_without_an_application_the_commands_are_told(make: Any) -> None:
    there: GitOps = await make()
    there.changes["application"] = worlds.failure(FailureKind.NOT_FOUND)
    with pytest.raises(RefusedError) as refused:
        await there.plan()
    assert refused.value.refusal is Refusal.NOT_APPLICABLE
    patch = json.dumps({"data": {"PROMETHEUS_URL": URL}})
    assert f"kubectl patch configmap/ops-service-config --type merge -p '{patch}'" in str(
        refused.value
    )
    assert "kubectl rollout restart deployment/ops-service -n wealist-prod" in str(refused.value)


async def test_an_application_in_another_cluster_is_named_before_the_commands(make: Any) -> None:
    there: GitOps = await make()
    tracking = {"argocd.argoproj.io/tracking-id": "hub-app:apps/Deployment:x/ops-service"}
    there.changes["application"] = worlds.failure(FailureKind.NOT_FOUND)
    there.changes["workload"] = worlds.workload(controller=worlds.controller(annotations=tracking))
    with pytest.raises(RefusedError) as refused:
        await there.plan(value=URL)
    told = "ops-service is managed by Application hub-app (tracked by the Deployment's tracking-id)"
    assert str(refused.value).startswith(f"{told}, which is not in this cluster: it takes back")
    assert "has to be changed in Git. By hand: `kubectl patch" in str(refused.value)


async def test_an_application_that_may_not_be_read_is_no_absent_one(make: Any) -> None:
    there: GitOps = await make()
    denied = "may not get applications.argoproj.io in namespace argocd"
    there.changes["application"] = worlds.failure(FailureKind.FORBIDDEN, denied)
    with pytest.raises(RefusedError, match=denied):
        await there.plan()


async def test_what_wins_over_the_parameter_is_named(make: Any) -> None:
    there: GitOps = await make()
    environment = worlds.environment({**worlds.SETTINGS, "PROMETHEUS_URL": BAD_URL})
    beaten = environment.variables["PROMETHEUS_URL"]
    literal = replace(beaten, origin=replace(beaten.origin, kind="literal"))
    told = {**environment.variables, "PROMETHEUS_URL": literal}
    there.changes["workload"] = worlds.workload(environment=replace(environment, variables=told))
    with pytest.raises(RefusedError, match="the literal PROMETHEUS_URL in the pod template's env"):
        await there.plan()


async def test_a_value_that_was_not_seen_to_work_is_not_set_unless_somebody_says_it(
    make: Any,
) -> None:
    there: GitOps = await make()
    down = worlds.candidate(status=503)
    there.changes["prometheus"] = worlds.prometheus(url=BAD_URL, candidates=(down,))
    with pytest.raises(RefusedError, match="was not seen to answer a query") as refused:
        await there.plan()
    assert refused.value.refusal is Refusal.GUARD
    plan = await there.plan(value="http://prometheus:9090/x")
    assert "to http://prometheus:9090/x" in plan.sentence


@pytest.mark.parametrize("value", ["prometheus:9090", "http://", "ftp://x", "http://x\x1b[2J"])
async def test_what_is_no_address_is_refused(make: Any, value: str) -> None:
    there: GitOps = await make()
    with pytest.raises(RefusedError, match="is no address"):
        await there.plan(value=value)


async def test_several_namespaces_are_a_persons_choice(make: Any) -> None:
    there: GitOps = await make(parameters={"config.PROMETHEUS_NAMESPACE": "x"})
    by = {"a": 3.0, "b": 4.0}
    there.changes["prometheus"] = worlds.prometheus(traffic=worlds.traffic(by=by))
    with pytest.raises(RefusedError, match="there are those of a, b: say it with `value=…`"):
        await there.plan(RemedyId.SET_PROMETHEUS_NAMESPACE)


async def test_a_source_that_is_not_helms_takes_no_parameters(make: Any) -> None:
    def plain(application: Obj) -> None:
        place = {"repoURL": "https://git.example.com/x.git", "path": "k8s/plain"}
        application["spec"]["source"] = place

    there: GitOps = await make(prepare=plain)
    with pytest.raises(RefusedError, match="is of type Directory"):
        await there.plan()


async def test_no_plan_holds_a_password(make: Any) -> None:
    hidden = {"config.JWT_SECRET": "s3cr3t-of-jwt", "config.DB_URL": "postgres://a:pw4you@h/d"}
    there: GitOps = await make(parameters={**BAD, **hidden})
    plan = await there.plan()
    text = TypeAdapter(Plan).dump_json(plan).decode()
    assert "s3cr3t-of-jwt" not in text
    assert "pw4you" not in text
    before = others(there)
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert others(there) == before
    await there.undo()
    assert (there.parameter("PROMETHEUS_URL") or {})["value"] == BAD_URL
    with pytest.raises(RefusedError, match="LOKI_URL has a password in it"):
        await (await make(parameters={"config.LOKI_URL": "http://u:pw@loki:1/x"})).plan(
            RemedyId.SET_LOKI_URL
        )


async def test_a_plan_is_data_and_comes_back_from_the_journal_as_it_was(make: Any) -> None:
    there: GitOps = await make(automated=False)
    plan = await there.plan()
    reader: TypeAdapter[Action] = TypeAdapter(Action)
    for step in plan.steps:
        for action in (step.action, step.undo or step.action):
            assert reader.validate_json(reader.dump_json(action)) == action
    assert TypeAdapter(Plan).validate_json(TypeAdapter(Plan).dump_json(plan)) == plan


async def test_the_step_says_what_it_interrupts_and_what_a_person_could_paste(make: Any) -> None:
    there: GitOps = await make()
    edit = step_of(await there.plan(), EDIT)
    assert edit.risk is Risk.RESTART
    assert f"-  value: {BAD_URL}\n+  value: {URL}" in edit.diff
    words = edit.shell.partition(" -p '")
    assert words[0] == ("kubectl patch applications.argoproj.io/ops-service-prod --type json")
    patch = json.loads(words[2].partition("' -n ")[0])
    assert [one["op"] for one in patch] == ["test", "test", "add"]
    assert patch[1]["value"] == there.parameters()


async def test_read_only_is_refused_before_anything(make: Any) -> None:
    there: GitOps = await make()
    with pytest.raises(RefusedError, match="read-only"):
        await there.apply(await there.plan(), lambda: "read-only")
    assert there.kubernetes.writes == []


async def test_who_may_not_patch_it_is_told_verb_and_resource(make: Any) -> None:
    there: GitOps = await make()
    there.access.allow("limited", ["get"], ["*"], ["*"], [NAMESPACE, ARGOCD])
    plan = await there.plan()
    profile = there.profile.model_copy(update={"context": "limited"})
    async with open_reach(profile) as reach:
        with pytest.raises(RefusedError) as refused:
            await there.apply(plan, reach=reach)
    assert refused.value.refusal is Refusal.DENIED
    wanted = f"patch applications.argoproj.io {APP} in namespace {ARGOCD}"
    assert str(refused.value) == f"not permitted: {wanted}"


async def test_another_image_makes_the_plan_stale_and_says_so_in_a_few_words(make: Any) -> None:
    there: GitOps = await make()
    plan = await there.plan()
    there.change(set_parameter("image.tag", "136-aaaaaaa"))
    with pytest.raises(RefusedError) as refused:
        await there.apply(plan)
    assert refused.value.refusal is Refusal.STALE
    assert str(refused.value) == (
        "the world has changed since: /spec/source/helm/parameters/1/value is '136-aaaaaaa', "
        "it was '135-bd070f7'"
    )


# what fails, and what is left behind


async def test_a_refused_edit_leaves_everything_as_it_was(make: Any) -> None:
    there: GitOps = await make()
    plan = await there.plan()
    there.kubernetes.faults.append(Fault("PATCH", f"/applications/{APP}", "refuse"))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.left_behind == "nothing was changed"
    assert (there.parameter("PROMETHEUS_URL") or {})["value"] == BAD_URL


@pytest.mark.parametrize("automated", [True, False])
async def test_a_lost_answer_makes_no_change_twice(make: Any, automated: bool) -> None:
    there: GitOps = await make(automated=automated)
    plan = await there.plan()
    there.kubernetes.faults.append(Fault("PATCH", f"/applications/{APP}", "lose", times=2))
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert len(there.kubernetes.writes) == (1 if automated else 2)
    assert "done, although" in outcome.steps[0].text


@pytest.mark.parametrize("automated", [True, False])
async def test_a_sync_that_fails_is_told_in_argo_cds_own_words(
    make: Any, monkeypatch: pytest.MonkeyPatch, automated: bool
) -> None:
    there: GitOps = await make(automated=automated)
    plan = await there.plan()
    update = there.store.update

    def refuse(obj: Obj, **options: Any) -> Obj:
        if obj["kind"] == "ConfigMap":
            raise ApiError(403, "Forbidden", "exceeded quota: compute")
        return update(obj, **options)

    monkeypatch.setattr(there.store, "update", refuse)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert "step await-sync failed: the sync failed: one or more objects failed" in outcome.sentence
    assert "ConfigMap ops-service-config: exceeded quota: compute" in outcome.sentence
    assert outcome.left_behind.startswith("done and kept: Set config.PROMETHEUS_URL")


async def test_pods_that_do_not_come_up_leave_the_value_in_place_and_say_so(make: Any) -> None:
    there: GitOps = await make()
    there.hold_rollouts()
    outcome = await there.apply(quick(await there.plan(), await_rollout=0.2))
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.sentence.startswith("step await-rollout failed: no end within 0.2 s")
    assert f"done and kept: Set config.PROMETHEUS_URL of Application {APP} to {URL}" in (
        outcome.left_behind
    )


async def test_an_edit_that_the_root_heals_before_it_is_synced_is_no_failure_of_a_step(
    make: Any,
) -> None:
    there: GitOps = await make(root_delay_s=0.05)
    plan = await there.plan(live="yes")
    path, healed = f"/applications/{APP}", Fault("PATCH", APP, "see")
    patched = Fault("PATCH", path, "see", times=1)
    there.kubernetes.faults += [patched, Fault("GET", path, "hold", after=patched, until=healed)]

    def notice(_change: Change) -> None:
        if patched.reached.is_set() and there.parameters() == before:
            healed.reached.set()

    before = there.parameters()
    there.store.subscribe(notice)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILING
    assert not outcome.lasted
    assert outcome.sentence.startswith("it was applied, and then taken back at ")
    assert f" by Application {ROOT}: /spec/source/helm/parameters/" in outcome.sentence
    assert outcome.left_behind == (
        f"done, and not so any more: Set config.PROMETHEUS_URL of Application {APP} to {URL}"
    )
    assert there.parameter("PROMETHEUS_URL") == {"name": "config.PROMETHEUS_URL", "value": BAD_URL}
    assert [one.state for one in there.journal.entries()][-1] == OutcomeKind.FAILING


async def test_an_edit_that_the_root_heals_while_pods_start_is_told_by_whom(make: Any) -> None:
    there: GitOps = await make(root_delay_s=1.0)
    there.hold_rollouts()
    plan = quick(await there.plan(live="yes"), await_rollout=4.0)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILING
    assert f" by Application {ROOT}: " in outcome.sentence
    assert "done and kept" not in outcome.left_behind


async def test_an_edit_that_somebody_takes_back_where_nobody_is_watched_names_who_did_it(
    make: Any,
) -> None:
    there: GitOps = await make()
    plan = await there.plan(watch="0")
    plan_before = there.parameters()

    def reverts(change: Change) -> None:
        edited = change.obj["kind"] == "Application" and change.obj["metadata"]["name"] == APP
        if edited and there.parameters() != plan_before:
            there.change(
                set_parameter("config.PROMETHEUS_URL", BAD_URL), manager="argocd-controller"
            )

    there.store.subscribe(reverts)
    outcome = await there.apply(plan)
    assert outcome.kind is OutcomeKind.FAILED
    assert "was changed again before it was synced by `argocd-controller` at " in outcome.sentence
    assert outcome.left_behind.startswith("done, and not so any more: Set config.PROMETHEUS_URL")


# who reverts it


async def test_who_heals_it_is_said_first_and_nobody_edits_it_unattended(make: Any) -> None:
    there: GitOps = await make()
    plan = await there.plan()
    assert plan.warnings[0].startswith(f"Application {ROOT} reverts this, usually within seconds")
    assert "`--set live=yes`" in plan.attended
    assert "`--set clone=PATH`" in plan.attended
    assert f"(live it is {BAD_URL})" in plan.durable
    assert any("is no diff of the file, which was not read" in one for one in plan.warnings)
    assert (await there.plan(live="yes")).attended == ""
    with pytest.raises(RefusedError, match="`live=on` is neither yes nor no"):
        await there.plan(live="on")
    assert plan.watch
    assert (plan.watch.owner, plan.watch.limit_s) == (f"Application {ROOT}", 30.0)
    assert (await there.plan(watch="0")).watch is None
    with pytest.raises(RefusedError, match="`watch=long` is no number"):
        await there.plan(watch="long")


@pytest.mark.parametrize(
    ("owner", "heals", "told", "durable"),
    [
        (f"Application/{ROOT}", False, "its next sync reverts this", True),
        (f"Application/{ROOT}", None, "whether it reverts this could not be read", True),
        ("ApplicationSet/all", True, "ApplicationSet all reverts this", False),
        ("", None, "", False),
    ],
)
async def test_who_else_declares_it_is_told(
    make: Any, owner: str, heals: bool | None, told: str, durable: bool
) -> None:
    there: GitOps = await make()
    seen = replace(there.application_seen(), owner=owner, owner_self_heals=heals)
    there.changes["application"] = seen
    plan = await there.plan()
    assert (told in " ".join(plan.warnings)) if told else plan.warnings == ()
    assert bool(plan.durable) is durable
    assert bool(plan.attended) is (heals is True)


async def test_what_stands_in_the_way_of_the_migration_is_said_before(make: Any) -> None:
    there: GitOps = await make(parameters={"config.DB_AUTO_MIGRATE": "false"})
    there.changes["database"] = worlds.database(tables=(worlds.hand_made_users(),))
    warnings = (await there.plan(RemedyId.ENABLE_AUTO_MIGRATE)).warnings
    assert any(one.startswith("the next start migrates") for one in warnings)
    assert any("it will stop all the same: A unique constraint" in one for one in warnings)


# the way back


async def test_undo_puts_back_what_was_there_and_waits_for_it(make: Any) -> None:
    there: GitOps = await make()
    before = there.parameters()
    await there.apply(await there.plan())
    outcome = await there.undo()
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert [one.step for one in outcome.steps] == [
        "undo-edit", "undo-await-sync", "undo-await-rollout"
    ]  # fmt: skip
    assert there.parameters() == before
    assert there.config()["PROMETHEUS_URL"] == BAD_URL


async def test_the_way_back_warns_of_what_git_has_and_not_of_being_reverted(make: Any) -> None:
    there: GitOps = await make()
    plan = await there.plan()
    assert "reverts this" in plan.warnings[0]
    await there.apply(plan)
    (told,) = there.way_back().warnings
    assert told.startswith(f"Application {ROOT} declares this Application: where Git has another")


async def test_what_was_reverted_already_needs_no_undo(make: Any) -> None:
    there: GitOps = await make(root_delay_s=0.1)
    await there.apply(await there.plan())
    await until(lambda: there.config()["PROMETHEUS_URL"] == BAD_URL)
    outcome = await there.undo()
    assert set(there.states(outcome)) == {
        "undo-edit already so", "undo-await-sync already so", "undo-await-rollout already so"
    }  # fmt: skip


async def test_an_edit_that_others_have_built_on_is_not_undone(make: Any) -> None:
    there: GitOps = await make()
    await there.apply(await there.plan())
    there.change(set_parameter("image.tag", "136-aaaaaaa"))
    with pytest.raises(RefusedError) as refused:
        await there.undo()
    assert refused.value.refusal is Refusal.STALE


@pytest.mark.slow
@pytest.mark.needs_kubectl
async def test_whoever_pastes_the_commands_gets_the_same(make: Any) -> None:
    there: GitOps = await make(automated=False)
    before = there.parameters()
    plan = await there.plan()
    for step in plan.steps:
        await pasted(step.shell)
    assert (there.parameter("PROMETHEUS_URL") or {})["value"] == URL
    assert there.config()["PROMETHEUS_URL"] == URL
    await pasted(step_of(plan, EDIT).undo_words)
    assert there.parameters() == before


async def pasted(command: str) -> None:
    """A person's shell runs it, beside the servers of this very process."""
    shell = await asyncio.create_subprocess_exec("bash", "-ec", command, stderr=PIPE, stdout=PIPE)
    _, told = await asyncio.wait_for(shell.communicate(), 20)
    assert shell.returncode == 0, told.decode()
