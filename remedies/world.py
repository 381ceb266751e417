"""World: what planning and performing have in hand, and the secrets of one run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import SecretStr

from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import Reach
from probes.tokensource import TokenSource

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
