"""Looking at one Application on demand: in the cluster, or by Argo CD's own API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from probes.application.finding import Look
from probes.application.owner import Owner, owner_of, reverts
from probes.application.reading import application_seen
from probes.application.whole import application_detail
from probes.argocd.api import Api
from probes.budget import Budget
from probes.model import (
    Answer,
    ApplicationDetail,
    Failure,
    FailureKind,
    ProbeError,
    Reply,
)
from probes.opsservice import OpsConfig
from probes.reach import Reach
from probes.token import fits_header

_SHARE = 0.5
"""Of the time limit, for each request of the cluster: time is left for a second one."""

_LIMIT_BYTES = 8_000_000
_KINDS = {
    401: FailureKind.UNAUTHORIZED,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
}


async def detail(
    reach: Reach, config: OpsConfig | None, name: str, namespace: str, *, timeout_s: float
) -> ApplicationDetail:
    """One Application whole, within `timeout_s` seconds. Raises ProbeError.

    Where the cluster does not give it (it may be another one than Argo CD's), ops-service's own
    token is tried; `config` is None where its environment could not be read.
    """
    budget = Budget(timeout_s)
    api = _api(reach, config, budget)
    try:
        return await _from_cluster(reach, name, namespace, budget.share(_SHARE))
    except ProbeError as error:
        if api is None:
            raise
        return await _from_argocd(api, name, namespace, error.failure)


def _api(reach: Reach, config: OpsConfig | None, budget: Budget) -> Api | None:
    token = config.argocd_token if config else None
    if config is None or token is None or not fits_header(token):
        return None
    url = (config.argocd_url.value or "").removesuffix("/")
    return Api(reach, url, token, config.argocd_insecure, budget)


async def _from_cluster(
    reach: Reach, name: str, namespace: str, timeout_s: float
) -> ApplicationDetail:
    look = Look(reach.cluster, namespace, timeout_s)
    obj = await look.get("applications", name, namespace)
    owner = owner_of(obj)
    heals = await look.self_heals(owner) if owner else None
    found = application_detail(obj, application_seen(obj, str(owner or ""), heals, "Kubernetes"))
    asked = f"get applications {name} in {namespace}"
    return replace(found, asked=asked, route="Kubernetes API")


async def _from_argocd(api: Api, name: str, namespace: str, denied: Failure) -> ApplicationDetail:
    answer, obj = await _get(api, name, namespace)
    if not isinstance(answer, Reply) or not obj:
        raise ProbeError(_neither(denied, answer))
    owner = owner_of(obj)
    heals = await _self_heals(api, owner) if owner else None
    found = application_detail(obj, application_seen(obj, str(owner or ""), heals, "Argo CD"))
    route = f"Argo CD's API with ops-service's token, {answer.route}"
    return replace(found, asked=answer.request, route=route, denied=denied)


async def _get(api: Api, name: str, namespace: str) -> tuple[Answer, dict[str, Any]]:
    path = f"/api/v1/applications/{quote(name, safe='')}"
    answer, obj = await api.get(path, {"appNamespace": namespace}, limit_bytes=_LIMIT_BYTES)
    return answer, dict(obj)


async def _self_heals(api: Api, owner: Owner) -> bool | None:
    """Argo CD's API tells ApplicationSets by another address, which few tokens may read."""
    if owner.kind != "Application":
        return None
    _, obj = await _get(api, owner.name, owner.namespace)
    return reverts(owner, obj) if obj else None


def _neither(denied: Failure, answer: Answer) -> Failure:
    """Both ways failed: the first one's kind, and what both said."""
    second = answer if isinstance(answer, Failure) else _refused(answer)
    return replace(
        denied,
        sentence=f"{denied.sentence}; Argo CD's API: {second.sentence}",
        asked="; ".join(filter(None, (denied.asked, second.asked))),
        route="; ".join(dict.fromkeys(filter(None, (denied.route, second.route)))),
    )


def _refused(reply: Reply) -> Failure:
    kind = _KINDS.get(reply.status, FailureKind.MALFORMED)
    sentence = f"it answers {reply.status} {reply.excerpt}".rstrip()
    return Failure(kind, sentence, reply.request, reply.route, reply.status)
