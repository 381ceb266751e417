"""Actions on Argo CD tokens. The token itself is in none: it waits in `World.vault` by its id.

The id is ours, chosen when the plan is made, and becomes the token's `jti`: so the plan knows how
to tell the token apart, and how to revoke it, before it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ArgoServer:
    """An Argo CD as ops-service, or the profile, reaches it; `url` without a slash at its end."""

    url: str
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token it is: a role's of a project, or an account's."""

    project: str = ""
    role: str = ""
    account: str = ""

    def __str__(self) -> str:
        """As a sentence names it."""
        if self.account:
            return f"account {self.account}"
        return f"role {self.role} of project {self.project}"


@dataclass(frozen=True, slots=True)
class MintToken:
    """Have Argo CD issue a token; `lifetime_s` seconds, 0 for one that never ends."""

    server: ArgoServer
    bearer: Bearer
    id: str
    lifetime_s: int
    kind: Literal["mint-token"] = "mint-token"


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Have Argo CD forget the token, so that nobody can use it any more."""

    server: ArgoServer
    bearer: Bearer
    id: str
    kind: Literal["revoke-token"] = "revoke-token"


@dataclass(frozen=True, slots=True)
class TryToken:
    """Wait until Argo CD accepts the token and lists applications for it."""

    server: ArgoServer
    id: str
    kind: Literal["try-token"] = "try-token"
