"""Access: who a bearer token is, and what the RBAC rules let that user do."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_PUBLIC_PATHS = ("/api", "/apis", "/healthz", "/livez", "/openapi", "/readyz", "/version")
_AUDITED = 5_000
_SELF_REVIEWS = frozenset(
    {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
)


@dataclass(frozen=True)
class Attributes:
    """What a request asks to do; `namespace` is empty at the cluster scope."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""

    @property
    def full_resource(self) -> str:
        """`pods`, or `pods/log`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True)
class Rule:
    """One RBAC rule and where it is bound; `*` stands for all, the cluster scope included."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]
    namespaces: tuple[str, ...] = ("*",)
    names: tuple[str, ...] = ()

    def covers(self, asked: Attributes) -> bool:
        """Whether this rule allows it."""
        wildcard = f"*/{asked.subresource}" if asked.subresource else "*"
        return (
            _within(asked.verb, self.verbs)
            and _within(asked.group, self.groups)
            and (_within(asked.full_resource, self.resources) or wildcard in self.resources)
            and self.bound_in(asked.namespace)
            and (not self.names or asked.name in self.names)
        )

    def bound_in(self, namespace: str) -> bool:
        """Whether the rule is in force in a namespace ("" is the cluster scope)."""
        return _within(namespace, self.namespaces)

    def as_resource_rule(self) -> dict[str, Any]:
        """As SelfSubjectRulesReview shows it."""
        rule: dict[str, Any] = {
            "verbs": list(self.verbs),
            "apiGroups": list(self.groups),
            "resources": list(self.resources),
        }
        return rule | ({"resourceNames": list(self.names)} if self.names else {})


def _within(value: str, allowed: tuple[str, ...]) -> bool:
    return "*" in allowed or value in allowed


Bound = Callable[[str], Iterable[Rule]]
"""The rules that objects of the cluster give a user."""


class Access:
    """Users by bearer token, and their rules. Whoever is not here gets 401."""

    def __init__(self, bound: Bound = lambda _: ()) -> None:
        self._tokens: dict[str, str] = {}
        self._rules: dict[str, list[Rule]] = {}
        self._bound = bound
        self.audit: deque[tuple[str, Attributes, bool]] = deque(maxlen=_AUDITED)
        """User, question and answer of the last requests, as an audit log has them."""

    def add_user(self, user: str, token: str | None = None) -> str:
        """Gives a user a bearer token (a random one by default) and returns it."""
        given = token or secrets.token_urlsafe(32)
        self._tokens[given] = user
        self._rules.setdefault(user, [])
        return given

    def revoke(self, user: str) -> None:
        """Forgets a user's tokens: the next request gets 401."""
        self._tokens = {token: name for token, name in self._tokens.items() if name != user}

    def allow_all(self, user: str) -> None:
        """Makes the user an administrator, as group `system:masters` does."""
        self.allow(user, ["*"], ["*"], ["*"], ["*"])

    def allow(
        self,
        user: str,
        verbs: Iterable[str],
        groups: Iterable[str],
        resources: Iterable[str],
        namespaces: Iterable[str],
        names: Iterable[str] = (),
    ) -> None:
        """Adds a rule, as a Role and a RoleBinding per namespace would (`*`: a cluster role)."""
        rule = Rule(tuple(verbs), tuple(groups), tuple(resources), tuple(namespaces), tuple(names))
        self._rules.setdefault(user, []).append(rule)

    def user_of(self, authorization: str) -> str | None:
        """The user behind an `Authorization` header, or None."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        given = token.strip().encode()
        for known, user in self._tokens.items():
            if hmac.compare_digest(known.encode(), given):
                return user
        return None

    def permits(self, user: str, asked: Attributes) -> bool:
        """Whether the user may; asking what one may is always allowed."""
        if asked.resource in _SELF_REVIEWS and asked.verb == "create":
            return True
        allowed = any(rule.covers(asked) for rule in self._all(user))
        self.audit.append((user, asked, allowed))
        return allowed

    def _all(self, user: str) -> Iterator[Rule]:
        yield from self._rules.get(user, ())
        yield from self._bound(user)

    def permits_path(self, user: str, path: str) -> bool:
        """Whether the user may read a path that is no resource (discovery: everybody)."""
        public = any(path == known or path.startswith(f"{known}/") for known in _PUBLIC_PATHS)
        return public or any("*" in rule.resources for rule in self._rules.get(user, []))

    def rules(self, user: str, namespace: str) -> list[Rule]:
        """The rules in force for the user in a namespace."""
        return [rule for rule in self._all(user) if rule.bound_in(namespace)]
