"""Local accounts: capabilities in ConfigMap argocd-cm, tokens in Secret argocd-secret.

Source: Argo CD `util/settings/accounts.go`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.argocd import errors
from sandbox.kubernetes.store import Obj, Store

NAMESPACE = "argocd"
CONFIG = "argocd-cm"
SECRET = "argocd-secret"
ADMIN = "admin"

_MANAGER = "argocd-server"
_CAPABILITIES = ("login", "apiKey")


@dataclass(frozen=True)
class StoredToken:
    """What is kept of a token: never the token itself. Times are epoch seconds, 0 is never."""

    id: str
    issued_at: int
    expires_at: int = 0

    def json(self) -> dict[str, object]:
        """As Argo CD stores it: `exp` left out where there is none."""
        stored: dict[str, object] = {"id": self.id, "iat": self.issued_at}
        return stored | ({"exp": self.expires_at} if self.expires_at else {})

    @classmethod
    def parse(cls, stored: Mapping[str, object]) -> StoredToken:
        """From what Argo CD stores."""
        return cls(
            str(stored.get("id", "")),
            int(str(stored.get("iat", 0))),
            int(str(stored.get("exp", 0))),
        )


@dataclass(frozen=True)
class Account:
    """A local account."""

    name: str
    enabled: bool = True
    capabilities: tuple[str, ...] = ()
    tokens: tuple[StoredToken, ...] = ()
    password_changed: float | None = None

    def has_token(self, token_id: str) -> bool:
        """Whether that token was issued and not deleted."""
        return any(token.id == token_id for token in self.tokens)


def all_accounts(store: Store) -> dict[str, Account]:
    """Every account by name; `admin` is always there."""
    config = (store.find("ConfigMap", NAMESPACE, CONFIG) or {}).get("data") or {}
    secret = _decoded(store.find("Secret", NAMESPACE, SECRET))
    found = {ADMIN: Account(ADMIN, config.get("admin.enabled") != "false", ("login",))}
    for key, value in config.items():
        prefix, _, rest = key.partition(".")
        name, _, suffix = rest.partition(".")
        if prefix != "accounts" or not name or suffix not in ("", "enabled"):
            continue
        account = found.get(name, Account(name))
        if suffix:
            found[name] = replace(account, enabled=value == "true")
        else:
            named = (part.strip() for part in value.split(","))
            known = tuple(part for part in named if part in _CAPABILITIES)
            found[name] = replace(account, capabilities=account.capabilities + known)
    return {name: _with_secrets(account, secret) for name, account in found.items()}


def get(store: Store, name: str) -> Account:
    """One account. Raises GrpcError NotFound."""
    account = all_accounts(store).get(name)
    if account is None:
        raise errors.not_found(f"account '{name}' does not exist")
    return account


def save_tokens(store: Store, name: str, tokens: tuple[StoredToken, ...]) -> None:
    """Writes an account's tokens back; an empty list takes the key away."""
    text = json.dumps([token.json() for token in tokens], separators=(",", ":"))

    def write(secret: Obj) -> None:
        data = secret.setdefault("data", {})
        if tokens:
            data[_key(name, "tokens")] = base64.b64encode(text.encode()).decode()
        else:
            data.pop(_key(name, "tokens"), None)

    store.change("Secret", NAMESPACE, SECRET, write, manager=_MANAGER)


def configure(store: Store, change: Callable[[dict[str, str]], None]) -> None:
    """Changes the keys of argocd-cm."""

    def write(config: Obj) -> None:
        change(config.setdefault("data", {}))

    store.change("ConfigMap", NAMESPACE, CONFIG, write, manager=_MANAGER)


def signing_key(store: Store) -> bytes:
    """The key that signs and checks every token."""
    key = _decoded(store.find("Secret", NAMESPACE, SECRET)).get("server.secretkey", "")
    if not key:
        raise errors.unknown("server.secretkey is missing")
    return key.encode()


def _key(name: str, suffix: str) -> str:
    return f"{ADMIN}.{suffix}" if name == ADMIN else f"accounts.{name}.{suffix}"


def _with_secrets(account: Account, secret: Mapping[str, str]) -> Account:
    changed = secret.get(_key(account.name, "passwordMtime"))
    return replace(
        account,
        tokens=_tokens(secret.get(_key(account.name, "tokens"), "")),
        password_changed=datetime.fromisoformat(changed).timestamp() if changed else None,
    )


def _tokens(text: str) -> tuple[StoredToken, ...]:
    """Argo CD logs what it cannot read, and goes on without."""
    try:
        stored = json.loads(text or "[]")
    except ValueError:
        return ()
    return tuple(StoredToken.parse(one) for one in stored if isinstance(one, dict))


def _decoded(secret: Obj | None) -> dict[str, str]:
    data = (secret or {}).get("data") or {}
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
