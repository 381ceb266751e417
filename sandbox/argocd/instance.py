"""ArgoCD: one instance, with its API, its controller, its Git, and tokens for every occasion."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from typing import Literal

from starlette.applications import Starlette

from sandbox.argocd import accounts, inventory, projects, rbac
from sandbox.argocd.accounts import NAMESPACE
from sandbox.argocd.api import argocd_app
from sandbox.argocd.call import Server
from sandbox.argocd.controller import Controller, Delays
from sandbox.argocd.git import Git
from sandbox.argocd.tokens import Sessions
from sandbox.kubernetes.store import Obj, Store

VERSION = "v2.10.0+2175939"
PORTAL = f"proj:{inventory.PROJECT}:{inventory.ROLE}"
"""The subject that ops-service's token has: a project role, as no account may have one."""

_ACCOUNT = "ops-portal"
_DAY_S = 86_400.0

TokenState = Literal[
    "valid", "missing", "expired", "revoked", "unknown-id", "disabled", "no-permission", "garbage"
]


class ArgoCD:
    """Serve `app`, run `run()`; both work on the same objects. Delays are in seconds."""

    def __init__(
        self,
        store: Store,
        *,
        self_heal_delay: float = 5.0,
        root_delay: float = 10.0,
        sync_delay: float = 0.3,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._sessions = Sessions(store, clock)
        self.git = Git()
        """What the sources declare: a mapping from an Application's name to its manifests."""
        delays = Delays(self_heal_delay, root_delay, sync_delay)
        self._controller = Controller(store, self.git, delays)
        self.app: Starlette = argocd_app(Server(store, self._sessions, self._controller, VERSION))

    async def run(self) -> None:
        """Takes the cluster as it is for what Git declares, then keeps it so until cancelled."""
        await self._controller.run()

    def commit(self, kind: str, name: str, mutate: Callable[[Obj], None]) -> None:
        """Changes one manifest in Git, and has it synced. Raises KeyError for no such manifest.

        ConfigMap `wealist-shared-config`, Application `ops-service-prod` and the like: what a
        person would change durably. To what ops-service's chart renders, the way leads through
        its Application's parameters.
        """
        self._controller.adopt()
        self.git.commit(kind, name, mutate)

    # tokens

    def token(self, state: TokenState) -> str | None:
        """A token in that state; None for `missing`."""
        makers: dict[TokenState, Callable[[], str | None]] = {
            "valid": lambda: self.mint(PORTAL),
            "missing": lambda: None,
            "expired": self.expired_token,
            "revoked": self.revoked_token,
            "unknown-id": self.unknown_token,
            "disabled": self.disabled_token,
            "no-permission": self.unpermitted_token,
            "garbage": self.malformed_token,
        }
        return makers[state]()

    def session(self, *, lifetime_s: float) -> str:
        """What the administrator has after `argocd login`; nothing of it is stored."""
        subject = f"{accounts.ADMIN}:login"
        return self._sessions.issue(subject, lifetime_s, str(uuid.uuid4())).token

    def mint(self, subject: str, *, lifetime_s: float | None = None, token_id: str = "") -> str:
        """A token that is accepted: of an account, or of a role (`proj:<project>:<role>`).

        It is stored where Argo CD stores it. An account that is not there is added with the
        capability `apiKey`. None never expires. Raises GrpcError NotFound for no such project.
        """
        parts = subject.split(":")
        is_role = parts[0] == "proj" and len(parts) == 3
        claimed = subject if is_role else f"{subject}:apiKey"
        issued = self._sessions.issue(claimed, lifetime_s, token_id or str(uuid.uuid4()))
        if is_role:
            projects.get(self._store, parts[1])
            projects.add_token(self._store, parts[1], parts[2], issued.stored)
            return issued.token
        self._allow_api_key(subject)
        kept = accounts.get(self._store, subject).tokens
        accounts.save_tokens(self._store, subject, (*kept, issued.stored))
        return issued.token

    def expired_token(self, subject: str = PORTAL) -> str:
        """A token that ended a day ago."""
        return self.mint(subject, lifetime_s=-_DAY_S)

    def revoked_token(self, account: str = _ACCOUNT) -> str:
        """A token that was logged out."""
        token_id = str(uuid.uuid4())
        token = self.mint(account, token_id=token_id)
        self._sessions.revoked.add(token_id)
        return token

    def unknown_token(self, account: str = _ACCOUNT) -> str:
        """A well-signed token whose id is no longer stored: it was deleted, or wiped."""
        before = self._tokens_of(account)
        token = self.mint(account)
        accounts.save_tokens(self._store, account, before)
        return token

    def disabled_token(self, account: str = _ACCOUNT) -> str:
        """A token of an account that was disabled afterwards."""
        token = self.mint(account)
        self._configure(f"accounts.{account}.enabled", "false")
        return token

    def incapable_token(self, account: str = _ACCOUNT) -> str:
        """A token of an account that lost the capability `apiKey` afterwards."""
        token = self.mint(account)
        self._configure(f"accounts.{account}", "login")
        return token

    def foreign_token(self, subject: str = PORTAL) -> str:
        """A token signed with another server's key."""
        header, claims, _ = self.mint(subject).split(".")
        return f"{header}.{claims}.{secrets.token_urlsafe(32)}"

    def unpermitted_token(self, account: str = _ACCOUNT) -> str:
        """A token of an account without a policy, where no default policy helps."""

        def no_default(config: Obj) -> None:
            config["data"]["policy.default"] = ""

        self._store.change("ConfigMap", NAMESPACE, rbac.CONFIG, no_default, manager="kubectl")
        return self.mint(account)

    def malformed_token(self) -> str:
        """What is no token at all."""
        return "not-a-token"

    def _tokens_of(self, account: str) -> tuple[accounts.StoredToken, ...]:
        found = accounts.all_accounts(self._store).get(account)
        return found.tokens if found else ()

    def _allow_api_key(self, account: str) -> None:
        found = accounts.all_accounts(self._store).get(account)
        if found is None:
            self._configure(f"accounts.{account}", "apiKey")

    def _configure(self, key: str, value: str) -> None:
        accounts.configure(self._store, lambda data: data.update({key: value}))
