"""Site: the one target that a plan was made for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """A target as a plan is bound to it: it is applied, and taken back, there and nowhere else.

    `cluster` is the API server's address as the kubeconfig has it. `uid` is the namespace's, which
    tells apart two clusters behind one address (an SSH tunnel each), and knows one cluster at two;
    empty where it may not be read, or the plan is from before it was.
    """

    profile: str
    namespace: str
    cluster: str
    uid: str = ""

    def __str__(self) -> str:
        """As a sentence names it."""
        return f"profile {self.profile} (namespace {self.namespace}, cluster {self.cluster})"

    def is_same(self, other: Site) -> bool:
        """Whether it is that very target; the address decides where no uid does."""
        if (self.profile, self.namespace) != (other.profile, other.namespace):
            return False
        if self.uid and other.uid:
            return self.uid == other.uid
        return self.cluster == other.cluster

    def unlike(self, here: Site) -> str:
        """What it is and how `here` is another, for a sentence that begins before it."""
        if str(self) != str(here):
            return f"{self}, and this is {here}"
        return (
            f"{self}, and this is another cluster at the same address, or the namespace was made "
            f"anew since: its uid is {here.uid}, and it was {self.uid}"
        )
