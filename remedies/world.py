"""World: what planning and performing have in hand, and the secrets of one run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from pydantic import SecretStr

from probes.model import FailureKind, ProbeError, Snapshot
from probes.profile import Profile
from probes.rawjson import mapping, text
from probes.reach import Reach
from probes.reach.apipath import CORE
from probes.reach.cluster import Cluster
from probes.tokensource import TokenSource
from remedies.model import Site

_NOT_FOR_US = (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND)

Sweep = Callable[[], Awaitable[Snapshot]]


@dataclass(frozen=True, slots=True)
class World:
    """The open way to one target. `sweep` looks at everything again.

    `vault` holds, by name, secrets that one step makes and a later one stores: in memory only,
    gone with the run.
    """

    reach: Reach
    profile: Profile
    sweep: Sweep
    argocd_token: TokenSource | None = field(default=None, repr=False)
    """Whose token mints another at Argo CD, where the person gave one."""

    vault: dict[str, SecretStr] = field(default_factory=dict, repr=False)

    async def site(self) -> Site:
        """The target as plans are bound to it. Raises ProbeError where it cannot be reached."""
        cluster = self.reach.cluster
        address = await cluster.server()
        uid = await _uid(cluster)
        return Site(self.profile.name, cluster.namespace, address, uid)


async def _uid(cluster: Cluster) -> str:
    """The namespace's uid; empty where we may not look, which the role `view` may."""
    try:
        found = await cluster.get(f"/{CORE}/namespaces/{quote(cluster.namespace, safe='')}")
    except ProbeError as error:
        if error.failure.kind in _NOT_FOR_US:
            return ""
        raise
    return text(mapping(found, "metadata"), "uid")
