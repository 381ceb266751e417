"""in-cluster-curl: the incident's own test, from a pod beside the portal's.

It asks Prometheus by the very address that the running container has, and, where it is known, by
the one that serves. Nothing is changed: the pod is deleted at the end, and what an earlier run had
to leave behind is deleted first.
"""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import yaml

from probes.checks.base import config_in
from probes.model import CauseId, PrometheusSeen, Snapshot, WorkloadSeen, seen_in
from probes.model.prometheus import base_url
from probes.rawjson import Obj, mapping, moment, objects, text
from probes.reach.apipath import CORE, namespaced
from remedies.curl.pod import ACTIVE_S, MANAGED_BY, NAME, PLAN, CurlPod
from remedies.model import (
    DeleteObject,
    ObjectRef,
    Permission,
    Plan,
    Refusal,
    RefusedError,
    RemedyId,
    RunCurl,
    Step,
)
from remedies.planning import Ask, new_id, plan_for, unified
from remedies.shell import kubectl
from remedies.world import World

IMAGE = "curlimages/curl:8.10.1"
QUERY = "up"

_LIMIT_BYTES = 16_000
_LIMIT_S = ACTIVE_S + 15.0
_LEFT_AFTER = timedelta(seconds=10 * ACTIVE_S)
_PINNED = re.compile(r"[\w.\-/:]+?(:(?!latest$)[\w.\-]+|@sha256:[0-9a-f]{64})")
_AS_IT_IS = "as-the-container-has-it"
_SERVING = "under-the-prefix-that-serves"


class InClusterCurl:
    """The remedy. Options: `image`, `query`, `sidecar=yes`. A second run asks again."""

    id = RemedyId.IN_CLUSTER_CURL
    causes: frozenset[CauseId] = frozenset()

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError where there is nothing to ask, ProbeError."""
        pod = _pod(snapshot, ask)
        left = await _left_behind(world, snapshot.namespace)
        asked = " and ".join(pod.urls.values())
        return plan_for(
            self.id,
            snapshot,
            f"Ask `{pod.query}` of {asked}, from a pod in namespace {snapshot.namespace}",
            (*(_delete_step(world, one) for one in left), _run_step(world, pod)),
            id=pod.plan,
        )


def _pod(snapshot: Snapshot, ask: Ask) -> CurlPod:
    said = ask.options
    image = said.get("image", IMAGE)
    if not _PINNED.fullmatch(image):
        told = f"`image={image}` is not pinned: name a tag other than latest, or a digest"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    return CurlPod(
        plan=new_id(),
        namespace=snapshot.namespace,
        urls=_urls(snapshot),
        query=said.get("query", QUERY),
        image=image,
        stage=_stage(snapshot),
        sidecar=ask.insists("sidecar"),
    )


def _urls(snapshot: Snapshot) -> dict[str, str]:
    """What is asked, by the name of the container that asks. Raises RefusedError."""
    config = config_in(snapshot)
    seen: PrometheusSeen | None = seen_in(snapshot.prometheus)
    has = config.prometheus_url.value if config else None
    serves = base_url(seen.origin, seen.serving.prefix) if seen and seen.serving else None
    bases = {_AS_IT_IS: has, _SERVING: None if serves == has else serves}
    found = {name: f"{base}/api/v1/query" for name, base in bases.items() if base}
    if not found:
        told = "PROMETHEUS_URL is not set, and no prefix that serves is known: nothing to ask"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    if any("@" in urlsplit(one).netloc for one in found.values()):
        told = (
            "the address holds a user and a password, which everybody who may see pods would see "
            "in this one's manifest"
        )
        raise RefusedError(Refusal.GUARD, told)
    return found


def _stage(snapshot: Snapshot) -> str:
    """The label `stage` as the pods beside it have it; empty where they have none."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    pods = workload.pods if workload else ()
    return next((one.labels["stage"] for one in pods if "stage" in one.labels), "")


async def _left_behind(world: World, namespace: str) -> tuple[Obj, ...]:
    """Pods of earlier runs that have ended, or never began. Raises ProbeError."""
    labels = ",".join(f"{name}={value}" for name, value in {**NAME, **MANAGED_BY}.items())
    found = await world.reach.cluster.get(
        namespaced(CORE, namespace, "pods"), {"labelSelector": labels}
    )
    return tuple(one for one in objects(found, "items") if _is_left(one))


def _is_left(pod: Obj) -> bool:
    """Not one that a colleague runs just now."""
    if text(mapping(pod, "status"), "phase") in ("Succeeded", "Failed"):
        return True
    created = moment(mapping(pod, "metadata").get("creationTimestamp"))
    return created is not None and datetime.now(UTC) - created > _LEFT_AFTER


def _delete_step(world: World, pod: Obj) -> Step:
    metadata = mapping(pod, "metadata")
    namespace, name = text(metadata, "namespace"), text(metadata, "name")
    plan = mapping(metadata, "labels").get(PLAN, "an unknown plan")
    return Step(
        id=f"delete-{name}",
        title=f"Delete pod {name}, which {plan} left behind",
        action=DeleteObject(ObjectRef(CORE, "pods", namespace, name), text(metadata, "uid")),
        shell=kubectl(world.profile, namespace, "delete", "pod", name),
        limit_s=15.0,
        guard="it is that very pod, by its uid",
        permissions=(Permission("kubernetes", "delete", "pods", namespace=namespace),),
        undo_words="its work was over",
    )


def _run_step(world: World, pod: CurlPod) -> Step:
    ref, body = pod.ref, pod.body()
    asked = (("create", ""), ("get", ""), ("get", "log"), ("delete", ""))
    permissions = tuple(
        Permission("kubernetes", verb, "pods", namespace=ref.namespace, subresource=part)
        for verb, part in asked
    )
    labels = ",".join(f"{name}={value}" for name, value in NAME.items())
    return Step(
        id="run",
        title=f"Run curl in pod {ref.name}, read its answers, and delete it",
        action=RunCurl(ref, body, pod.wanted, tuple(pod.urls), _LIMIT_BYTES),
        shell=_shell(world, pod),
        limit_s=_LIMIT_S,
        diff=unified("", yaml.safe_dump(body, sort_keys=False, allow_unicode=True), ref.name),
        risk_words=f"nothing is interrupted; one small pod more, for {ACTIVE_S} s at most",
        guard="no pod of that name is there",
        permissions=permissions,
        undo_words="nothing stays: the pod is deleted in every outcome",
        look=kubectl(world.profile, ref.namespace, "get", "pods", "-l", labels),
    )


def _shell(world: World, pod: CurlPod) -> str:
    """The same by hand: made, waited for, read and deleted."""
    body = json.dumps(pod.body(), ensure_ascii=False, separators=(",", ":"))
    name, profile = pod.ref.name, world.profile

    def by_kubectl(*words: str) -> str:
        return kubectl(profile, pod.namespace, *words)

    ended = "--for=jsonpath={.status.phase}=Succeeded"
    return (
        f"printf '%s' {shlex.quote(body)} | {by_kubectl('create', '-f', '-')}; "
        f"{by_kubectl('wait', f'pod/{name}', ended, f'--timeout={ACTIVE_S}s')}; "
        f"{by_kubectl('logs', name, '--all-containers', '--prefix')}; "
        f"{by_kubectl('delete', 'pod', name)}"
    )
