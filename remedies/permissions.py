"""Whether we may: asked of the system itself, before anybody is asked to confirm anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from remedies.argocd import may
from remedies.database import reading
from remedies.model import Permission
from remedies.world import World

Asking = Callable[[World, Permission], Awaitable[bool]]

_REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


async def denied(world: World, wanted: Iterable[Permission]) -> tuple[Permission, ...]:
    """Those of the permissions that we do not have. Raises ProbeError where nobody can tell."""
    asked = tuple(dict.fromkeys(wanted))
    allowed = await asyncio.gather(*(_ASKING[one.system](world, one) for one in asked))
    return tuple(one for one, may in zip(asked, allowed, strict=True) if not may)


async def _kubernetes(world: World, wanted: Permission) -> bool:
    """A SelfSubjectAccessReview (authorization.k8s.io/v1)."""
    fields = ("verb", "group", "resource", "subresource", "namespace", "name")
    attributes = {name: getattr(wanted, name) for name in fields}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {k: v for k, v in attributes.items() if v}},
    }
    answer = await world.reach.cluster.send("POST", _REVIEW, review)
    status = answer.get("status")
    return isinstance(status, dict) and status.get("allowed") is True


async def _argocd(world: World, wanted: Permission) -> bool:
    """`account can-i`, of the Argo CD that the permission names."""
    if wanted.server is None:
        raise ValueError(f"{wanted} does not say which Argo CD to ask")
    return await may(world, wanted.server, wanted.resource, wanted.verb, wanted.name)


_IN_DATABASE = {
    "own": "select pg_has_role(relowner, 'USAGE') as may from pg_class where oid = to_regclass($1)",
    "create": "select has_schema_privilege($1, 'CREATE') as may",
}
"""By verb; a role that has the owner's role may do what the owner may."""


async def _postgresql(world: World, wanted: Permission) -> bool:
    """A query, as the role that ops-service connects with."""
    async with reading(world) as database:
        return (await database.row(_IN_DATABASE[wanted.verb], wanted.name)).get("may") is True


async def _untold(world: World, wanted: Permission) -> bool:
    """AWS tells it only by refusing: there is no question to ask for oneself."""
    return True


_ASKING: Mapping[str, Asking] = {
    "kubernetes": _kubernetes,
    "argocd": _argocd,
    "postgresql": _postgresql,
    "aws": _untold,
}
