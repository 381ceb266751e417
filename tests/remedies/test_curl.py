"""in-cluster-curl: a pod that asks, answers and is gone, whatever comes of it."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from probes.reach import Reach, open_reach
from remedies.history import open_ends, records
from remedies.model import OutcomeKind, Refusal, RefusedError, StepState
from sandbox.faults import fault
from sandbox.kubernetes.store import Change, Obj
from sandbox.network import Address
from sandbox.scenario import Policy
from tests.checks import worlds
from tests.remedies.argoworld import LOADING_S, Fault, quick
from tests.remedies.killing import killed_at
from tests.remedies.podbench import NAMESPACE, POLICIES, Bench, PodWorld
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PODS = f"/namespaces/{NAMESPACE}/pods"
ANSWERS = (
    "as-the-container-has-it: 404 Not Found: 404 page not found; "
    'under-the-prefix-that-serves: 200 OK: {"status":"success","query":"up"}'
)
LABELS = {
    "app.kubernetes.io/name": "opsportal-curl",
    "app.kubernetes.io/managed-by": "opsportal-tui",
    "opsportal-tui/plan": "20260106-020000-ab12",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Bench, Reach, Address]]:
    bench = Bench(tmp_path_factory.mktemp("pods"))
    async with bench.open() as (reach, prometheus):
        yield bench, reach, prometheus


@pytest_asyncio.fixture(loop_scope="module")
async def there(
    servers: tuple[Bench, Reach, Address], tmp_path: Path, impatient: None
) -> AsyncIterator[PodWorld]:
    bench, reach, prometheus = servers
    async with bench.world(reach, prometheus, tmp_path) as world:
        yield world


async def refused(there: PodWorld, **options: Any) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await there.plan(**options)
    return error.value


# the plan


async def test_the_pod_passes_productions_policies_and_the_restricted_standard(
    there: PodWorld,
) -> None:
    plan = await there.plan()
    (step,) = plan.steps
    body: Obj = step.action.body  # type: ignore[union-attr]  # a RunCurl
    assert there.cluster.admission.refusal(body) is None
    assert "-service-" not in body["metadata"]["name"]
    labels = body["metadata"]["labels"]
    assert labels["stage"] == "prod"
    assert labels["app.kubernetes.io/managed-by"] == "opsportal-tui"
    assert labels["opsportal-tui/plan"] == plan.id
    assert labels["sidecar.istio.io/inject"] == "false"
    spec = body["spec"]
    assert spec["activeDeadlineSeconds"] == 60
    assert spec["restartPolicy"] == "Never"
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    for container in spec["containers"]:
        assert container["image"] == "curlimages/curl:8.10.1"
        assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert f"+    image: {spec['containers'][0]['image']}" in step.diff
    assert there.pods() == []


async def test_it_asks_at_both_addresses_and_only_at_one_where_they_are_the_same(
    there: PodWorld,
) -> None:
    plan = await there.plan()
    right = f"{worlds.ORIGIN}{worlds.PREFIX}/api/v1/query"
    assert f"Ask `up` of {worlds.ORIGIN}/api/v1/query and {right}" in plan.sentence
    same = await there.plan(worlds.world())
    assert f"Ask `up` of {right}, from a pod" in same.sentence


@pytest.mark.parametrize(
    "image", ["curlimages/curl", "curlimages/curl:latest", "registry:5000/curl", "a b:1", "x:"]
)
async def test_an_image_that_is_not_pinned_is_refused(there: PodWorld, image: str) -> None:
    assert "is not pinned" in str(await refused(there, image=image))


@pytest.mark.parametrize(
    "image", ["registry:5000/tools/curl:8", f"curl@sha256:{'a' * 64}", "curl:8.10.1"]
)
async def test_a_pinned_image_of_ones_own_will_do(there: PodWorld, image: str) -> None:
    assert image in (await there.plan(image=image)).steps[0].diff


async def test_a_sidecar_is_for_who_asks_for_it(there: PodWorld) -> None:
    body = (await there.plan(sidecar="yes")).steps[0].diff
    assert body.count("sidecar.istio.io/inject: 'true'") == 2
    assert "holdApplicationUntilProxyStarts: true" in body


async def test_a_word_that_is_neither_yes_nor_no_is_refused(there: PodWorld) -> None:
    assert str(await refused(there, sidecar="true")) == "`sidecar=true` is neither yes nor no"


async def test_an_address_with_a_password_is_not_put_into_a_manifest(there: PodWorld) -> None:
    url = "http://ann:s3cret-word@prometheus:9090"
    settings = dict(worlds.SETTINGS) | {"PROMETHEUS_URL": url}
    told = worlds.startup(prometheus_url=url)
    seen = worlds.workload(environment=worlds.environment(settings), startup=told)
    error = await refused(there, snapshot=worlds.world(workload=seen))
    assert error.refusal is Refusal.GUARD
    assert "s3cret-word" not in str(error)


async def test_without_an_address_there_is_nothing_to_ask(there: PodWorld) -> None:
    settings = {k: v for k, v in worlds.SETTINGS.items() if k != "PROMETHEUS_URL"}
    told = worlds.startup(prometheus_url=None, prometheus_configured=False)
    seen = worlds.workload(environment=worlds.environment(settings), startup=told)
    nowhere = worlds.prometheus(url=None, origin=None, candidates=())
    error = await refused(there, snapshot=worlds.world(workload=seen, prometheus=nowhere))
    assert error.refusal is Refusal.NOT_APPLICABLE


# what is done


async def test_both_answers_are_told_and_the_pod_is_gone(there: PodWorld) -> None:
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.VERIFIED
    assert outcome.steps[0].text == outcome.sentence == ANSWERS
    assert ANSWERS.split("; ")[0] in [one.text for one in there.told]
    assert there.pods() == []


async def test_a_query_reaches_prometheus_as_it_was_given(there: PodWorld) -> None:
    query = 'sum(up{job=~"a$|$(HOME)"}) > 0 & 1'
    outcome = await there.apply(await there.plan(query=query))
    assert f'"query":{json_text(query)}' in outcome.steps[0].text


def json_text(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'


async def test_what_curl_complains_about_is_an_answer_too(there: PodWorld) -> None:
    there.cluster.network.withdraw("prometheus", NAMESPACE, 9090)
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.VERIFIED
    assert "curl: (7) Failed to connect to prometheus.wealist-prod" in outcome.steps[0].text


async def test_a_hostile_answer_is_only_text(there: PodWorld) -> None:
    async with fault("html") as address:
        assert address
        there.listen_at(address)
        outcome = await there.apply(await there.plan())
    assert outcome.steps[0].text.isprintable()
    assert "200 OK: <!doctype html>" in outcome.steps[0].text


@pytest.mark.needs_kubectl
@pytest.mark.slow
async def test_the_shell_commands_do_the_same(there: PodWorld) -> None:
    kubectl = shutil.which("kubectl")
    assert kubectl
    done = await asyncio.to_thread(
        subprocess.run,
        ["/bin/sh", "-c", (await there.plan()).steps[0].shell],
        env={"PATH": f"{Path(kubectl).parent}:/usr/bin:/bin", "HOME": str(there.journal.path)},
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert "404 page not found" in done.stdout, done.stderr
    assert '{"status":"success","query":"up"}' in done.stdout
    assert there.pods() == []


# what refuses


async def test_read_only_makes_no_pod(there: PodWorld) -> None:
    with pytest.raises(RefusedError) as error:
        await there.apply(await there.plan(), lambda: "read-only")
    assert error.value.refusal is Refusal.READ_ONLY
    assert there.api.writes == []


async def test_a_policy_speaks_before_anything_is_made(there: PodWorld) -> None:
    policy = Policy(name="no-curl", pods="*curl*", message="여기서는 안 됩니다")
    there.cluster.admission.policies = (*POLICIES, policy)
    with pytest.raises(RefusedError, match="여기서는 안 됩니다") as error:
        await there.apply(await there.plan())
    assert error.value.refusal is Refusal.GUARD
    assert there.api.writes == []


async def test_who_may_not_make_pods_is_told_verb_and_resource(there: PodWorld) -> None:
    there.cluster.access.allow("limited", ["get", "list"], [""], ["pods"], [NAMESPACE])
    profile = there.profile.model_copy(update={"context": "limited"})
    async with open_reach(profile) as reach:
        await reach.cluster.ready(LOADING_S)
        with pytest.raises(RefusedError) as error:
            await there.apply(await there.plan(), reach=reach)
    assert error.value.refusal is Refusal.DENIED
    for told in ("create pods", "delete pods", "get pods/log"):
        assert f"{told} in namespace wealist-prod" in str(error.value)
    assert "get pods in" not in str(error.value)


# deleted in every outcome


async def test_a_pod_whose_making_nobody_confirmed_is_deleted(there: PodWorld) -> None:
    there.api.faults.append(Fault("POST", PODS, "lose"))
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.left_behind == "nothing was changed"
    assert there.pods() == []


async def test_a_pod_that_hangs_is_deleted_at_the_steps_limit(there: PodWorld) -> None:
    async with fault("hanging") as address:
        assert address
        there.listen_at(address)
        outcome = await there.apply(quick(await there.plan(), run=0.4))
    assert "no end within 0.4 s" in outcome.steps[0].text
    assert there.pods() == []


async def test_a_pod_is_deleted_where_the_person_interrupts(there: PodWorld) -> None:
    async with fault("hanging") as address:
        assert address
        there.listen_at(address)
        applying = asyncio.create_task(there.apply(await there.plan()))
        await until(lambda: any(one.text == "it runs" for one in there.told))
        applying.cancel()
        with pytest.raises(asyncio.CancelledError):
            await applying
    assert there.pods() == []
    (left,) = open_ends(records(there.journal.entries()))
    assert left.under_way == "run"


async def test_a_log_that_cannot_be_read_leaves_no_pod(there: PodWorld) -> None:
    there.api.faults.append(Fault("GET", "/log", "refuse"))
    outcome = await there.apply(await there.plan())
    assert outcome.kind is OutcomeKind.FAILED
    assert there.pods() == []


async def test_an_image_that_cannot_be_pulled_is_told_and_the_pod_deleted(there: PodWorld) -> None:
    message = 'Back-off pulling image "curlimages/curl:8.10.1"'
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
    status = {"phase": "Pending", "containerStatuses": []}

    def stuck(seen: Change) -> None:
        if seen.type == "ADDED" and seen.obj["kind"] == "Pod":
            names = [one["name"] for one in seen.obj["spec"]["containers"]]
            entries = [{"name": name, "state": waiting} for name in names]
            there.cluster.store.update(
                {**seen.obj, "status": {**status, "containerStatuses": entries}},
                subresource="status",
            )

    await there.cluster.kubelet.close()
    there.cluster.store.subscribe(stuck)
    outcome = await there.apply(await there.plan())
    assert f"cannot start: ImagePullBackOff: {message}" in outcome.steps[0].text
    assert there.pods() == []


async def test_a_pod_that_cannot_be_deleted_is_told_and_offered_the_next_time(
    there: PodWorld,
) -> None:
    deleting = Fault("DELETE", PODS, "refuse")
    there.api.faults.append(deleting)
    outcome = await there.apply(await there.plan())
    (pod,) = there.pods()
    name = pod["metadata"]["name"]
    assert (outcome.kind, outcome.steps[0].state) == (OutcomeKind.FAILED, StepState.FAILED)
    assert f"pods/{name} is still there: delete it" in outcome.steps[0].text
    there.api.faults.remove(deleting)
    plan = await there.plan()
    assert [one.id for one in plan.steps] == [f"delete-{name}", "run"]
    assert f"kubectl delete pod {name} -n wealist-prod" in plan.steps[0].shell
    assert (await there.apply(plan)).kind is OutcomeKind.VERIFIED
    assert there.pods() == []


def leftover(name: str, phase: str, created: str) -> Obj:
    container = {"name": "x", "image": "busybox:1"}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": LABELS}
    return {
        "kind": "Pod",
        "metadata": {**metadata, "creationTimestamp": created},
        "spec": {"containers": [container], "restartPolicy": "Never"},
        "status": {"phase": phase},
    }


async def test_what_is_left_is_told_from_what_a_colleague_runs_just_now(there: PodWorld) -> None:
    await there.cluster.kubelet.close()
    now = there.cluster.store.now()
    for pod in (
        leftover("ended", "Failed", now),
        leftover("never-began", "Pending", "2026-01-06T00:00:00Z"),
        leftover("a-colleagues", "Running", now),
    ):
        there.cluster.store.create(pod)
    plan = await there.plan()
    steps = [one.id for one in plan.steps]
    assert steps == ["delete-ended", "delete-never-began", "run"]
    assert "which 20260106-020000-ab12 left behind" in plan.steps[0].title


@pytest.mark.slow
async def test_killed_in_the_middle_the_next_run_says_so_and_clears_up(there: PodWorld) -> None:
    plan = await there.plan()
    made = Fault("POST", PODS, "hang-after")
    there.api.faults.append(made)
    await killed_at(there, plan, "run", made)
    there.api.faults.clear()
    (left,) = open_ends(records(there.journal.entries()))
    assert (left.under_way, left.id) == ("run", plan.id)
    await until(lambda: [one["status"]["phase"] for one in there.pods()] == ["Succeeded"])
    again = await there.plan()
    assert re.fullmatch(f"Delete pod .*, which {plan.id} left behind", again.steps[0].title)
    assert (await there.apply(again)).kind is OutcomeKind.VERIFIED
    assert there.pods() == []
