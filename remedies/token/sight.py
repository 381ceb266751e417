"""What a role's token will not list: a role sees its own project, and a portal may show several.

Source: Argo CD, `docs/user-guide/projects.md`, and `docs/operator-manual/rbac.md`, whose
`policy.default` holds for a role's token, too.
"""

from __future__ import annotations

from collections import Counter

from probes.model import ProbeError
from probes.rawjson import mapping, objects, text
from probes.reach.apipath import CORE, namespaced
from remedies.argocd import ask
from remedies.model import Bearer
from remedies.token.bearer import Where
from remedies.world import World

_LIST = "/api/v1/applications?fields=items.metadata.name,items.spec"
_READS_ALL = ("role:readonly", "role:admin")
_POLICY = "argocd-rbac-cm"


async def unseen(world: World, where: Where, bearer: Bearer) -> tuple[str, ...]:
    """What the token will not list, in words; nothing where that cannot be told."""
    if not bearer.project:
        return ()
    elsewhere = await _elsewhere(world, where, bearer.project)
    if not elsewhere or await _default(world, where) in _READS_ALL:
        return ()
    names = ", ".join(f"{name} ({count})" for name, count in sorted(elsewhere.items()))
    return (
        f"a token of that role lists the Applications of project {bearer.project}, and not those "
        f"of {names}: for all of them it takes one of an account that has `apiKey` (`--set "
        "account=NAME`), or a `policy.default` of role:readonly",
    )


async def _elsewhere(world: World, where: Where, project: str) -> Counter[str]:
    """How many Applications other projects have, as far as the person may see them."""
    try:
        found = objects(await ask(world, where.server, _LIST), "items")
    except ProbeError:
        return Counter()
    projects = Counter(text(mapping(one, "spec"), "project") for one in found)
    del projects[project]
    return projects


async def _default(world: World, where: Where) -> str:
    """The role that everybody has; empty where it cannot be read."""
    path = namespaced(CORE, where.namespace, "configmaps", _POLICY)
    try:
        config = await world.reach.cluster.get(path)
    except ProbeError:
        return ""
    return text(mapping(config, "data"), "policy.default")
