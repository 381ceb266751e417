"""Observing the Argo CD API with ops-service's address and token, all questions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from probes.argocd.api import Api
from probes.argocd.holders import token_holders
from probes.budget import Budget
from probes.model import (
    Answer,
    ApplicationRow,
    ArgoCDSeen,
    Failure,
    FailureKind,
    Reply,
    TokenSeen,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.reach import Reach
from probes.text import safe_text
from probes.token import fits_header, token_seen

_FIELDS = ",".join(
    f"items.{name}"
    for name in (
        "metadata.name",
        "metadata.namespace",
        "spec",
        "status.sync.status",
        "status.health",
    )
)
"""What the list is to hold. The server knows these very names and no deeper ones.

Source: Argo CD `server/application/forwarder_overwrite.go`.
"""

_MOST_APPLICATIONS = 5_000
_LIST_LIMIT_BYTES = 30_000_000
"""A server that ignores `fields` sends each Application whole, some 10 kB apiece."""


async def observe(
    reach: Reach, profile: Profile, config: OpsConfig, workload: WorkloadSeen, *, timeout_s: float
) -> ArgoCDSeen:
    """One look at Argo CD, within `timeout_s` seconds. Raises nothing: each answer stands alone.

    Without a token only the version is asked, and the namespace's Secrets are searched for one.
    """
    url = (config.argocd_url.value or "").removesuffix("/")
    token = config.argocd_token
    api = Api(reach, url, token, config.argocd_insecure, Budget(timeout_s))
    claims = token_seen(token) if token else None
    seen = ArgoCDSeen(
        url=safe_text(url),
        url_source=config.argocd_url.source,
        insecure=config.argocd_insecure,
        token=claims,
    )
    if token is None or claims is None:
        return await _without_token(seen, api, workload, reach)
    if not fits_header(token):
        return await _with_unsendable_token(seen, api)
    return await _with_token(seen, api, claims)


async def _without_token(
    seen: ArgoCDSeen, api: Api, workload: WorkloadSeen, reach: Reach
) -> ArgoCDSeen:
    (answer, version), holders = await asyncio.gather(
        api.get("/api/version"), token_holders(reach.cluster, workload, api.budget.left())
    )
    return replace(seen, version_answer=answer, version=_version(version), holders=holders)


async def _with_unsendable_token(seen: ArgoCDSeen, api: Api) -> ArgoCDSeen:
    """No client can send such a token; ops-service's own fails before it asks."""
    answer, version = await api.without_token().get("/api/version")
    refused = Failure(
        FailureKind.MALFORMED,
        "ARGOCD_TOKEN holds a blank or a line break, which no header can carry",
        asked=f"GET {seen.url}/api/v1/applications",
    )
    return replace(seen, version_answer=answer, version=_version(version), list_answer=refused)


async def _with_token(seen: ArgoCDSeen, api: Api, claims: TokenSeen) -> ArgoCDSeen:
    scope = f"{claims.project}/*" if claims.project else "*/*"
    version, userinfo, can_i, listed = await asyncio.gather(
        api.get("/api/version"),
        api.get("/api/v1/session/userinfo"),
        api.get(f"/api/v1/account/can-i/applications/get/{scope}"),
        api.get("/api/v1/applications", {"fields": _FIELDS}, limit_bytes=_LIST_LIMIT_BYTES),
    )
    told, rows = userinfo[1], _rows(*listed)
    return replace(
        seen,
        version_answer=version[0],
        version=_version(version[1]),
        userinfo=userinfo[0],
        logged_in=_logged_in(*userinfo),
        username=_text(told.get("username")),
        can_i=can_i[0],
        may_list={"yes": True, "no": False}.get(_text(can_i[1].get("value"))),
        list_answer=_brief(listed[0], rows),
        applications=rows,
    )


def _version(document: Mapping[str, Any]) -> str:
    return _text(document.get("Version"))


def _logged_in(answer: Answer, document: Mapping[str, Any]) -> bool | None:
    """The server answers 200 to a bad token too and leaves the field out: only true is true."""
    if not isinstance(answer, Reply) or answer.status != 200 or not answer.is_json:
        return None
    return document.get("loggedIn") is True


def _rows(answer: Answer, document: Mapping[str, Any]) -> tuple[ApplicationRow, ...] | None:
    """The list; empty where `items` is null, None where it was not answered."""
    if not isinstance(answer, Reply) or answer.status != 200 or not answer.is_json:
        return None
    items = document.get("items")
    found: Sequence[Any] = items if isinstance(items, list) else ()
    return tuple(_row(one) for one in found[:_MOST_APPLICATIONS] if isinstance(one, dict))


def _brief(answer: Answer, rows: tuple[ApplicationRow, ...] | None) -> Answer:
    """The list without its text: a chart's values stand in it, and they are nobody's evidence."""
    if rows is None or not isinstance(answer, Reply):
        return answer
    return replace(answer, excerpt=f"applications: {len(rows)}")


def _row(item: Mapping[str, Any]) -> ApplicationRow:
    return ApplicationRow(
        name=_at(item, "metadata", "name"),
        namespace=_at(item, "metadata", "namespace"),
        project=_at(item, "spec", "project"),
        sync=_at(item, "status", "sync", "status"),
        health=_at(item, "status", "health", "status"),
    )


def _at(item: object, *path: str) -> str:
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return _text(item)


def _text(value: object) -> str:
    return safe_text(value, 200) if isinstance(value, str) else ""
