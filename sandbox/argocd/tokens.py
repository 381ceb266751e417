"""Tokens: HS256 JWTs, signed with `server.secretkey` and checked against what is stored.

Source: Argo CD 2.10 `util/session/sessionmanager.go` (Create, Parse, VerifyToken) and
golang-jwt v4, whose texts end up in the answer.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from sandbox.argocd import accounts, errors, projects
from sandbox.argocd.accounts import StoredToken
from sandbox.kubernetes.store import Store

ISSUER = "argocd"
_ALGORITHMS = ["HS256", "HS384", "HS512"]
Claims = Mapping[str, Any]


class _Refused(Exception):
    """Why a token is not accepted, in the server's words."""


@dataclass(frozen=True)
class Issued:
    """A new token and what is stored of it."""

    token: str
    stored: StoredToken

    def __repr__(self) -> str:
        return f"Issued(token=…, stored={self.stored!r})"


class Sessions:
    """Issues and verifies tokens."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self.revoked: set[str] = set()
        """Ids of tokens that were logged out."""

    def issue(self, subject: str, lifetime_s: float | None, token_id: str) -> Issued:
        """Signs a token; None never expires, a lifetime below 0 has ended already."""
        now = int(self._clock())
        issued_at = now if lifetime_s is None or lifetime_s > 0 else now + int(lifetime_s) - 60
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": subject,
            "nbf": issued_at,
            "iat": issued_at,
            "jti": token_id,
        }
        if lifetime_s is not None:
            claims["exp"] = int(now + lifetime_s)
        token = jwt.encode(claims, accounts.signing_key(self._store), algorithm="HS256")
        return Issued(token, StoredToken(token_id, issued_at, claims.get("exp", 0)))

    def verify(self, token: str) -> Claims:
        """The claims, `sub` without its capability. Raises GrpcError Unauthenticated."""
        try:
            return self._parse(token)
        except (_Refused, errors.GrpcError) as error:
            raise errors.unauthenticated(f"invalid session: {error}") from None

    def _parse(self, token: str) -> Claims:
        header, claims = (_segment(part) for part in token.split(".")[:2])
        if claims.get("iss") != ISSUER:
            # Anybody else's token is the single sign-on provider's, which knows none of ours.
            raise _Refused("failed to verify the token")
        self._check_signature(token, str(header.get("alg", "")))
        self._check_times(claims)
        subject = str(claims.get("sub", ""))
        parts = subject.split(":")
        if parts[0] == "proj" and len(parts) == 3:
            self._check_project(parts[1], parts[2], claims)
            return claims
        name, capability = parts[0], "login" if parts[1:] == ["login"] else "apiKey"
        self._check_account(name, capability, claims)
        return {**claims, "sub": name}

    def _check_signature(self, token: str, algorithm: str) -> None:
        if not algorithm.startswith("HS"):
            raise _Refused(f"unexpected signing method: {algorithm}")
        try:
            jwt.PyJWS(algorithms=_ALGORITHMS).decode(
                token, accounts.signing_key(self._store), algorithms=_ALGORITHMS
            )
        except jwt.InvalidTokenError:
            raise _Refused("signature is invalid") from None

    def _check_times(self, claims: Claims) -> None:
        """The last complaint is the one that is told, as golang-jwt's MapClaims does it."""
        now, complaint = self._clock(), ""
        if "exp" in claims and now > float(claims["exp"]):
            complaint = "Token is expired"
        if now < float(claims.get("iat", 0)):
            complaint = "Token used before issued"
        if now < float(claims.get("nbf", 0)):
            complaint = "Token is not valid yet"
        if complaint:
            raise _Refused(complaint)

    def _check_project(self, name: str, role: str, claims: Claims) -> None:
        project = self._store.find("AppProject", accounts.NAMESPACE, name)
        if project is None:
            raise _Refused(f'appproject.argoproj.io "{name}" not found')
        issued_at, token_id = int(claims.get("iat", -1)), str(claims.get("jti", ""))
        if projects.find_token(project, role, issued_at, token_id) is None:
            told = f"JWT token for role '{role}' issued at '{issued_at}' does not exist"
            raise _Refused(f"{told} in project '{name}'")

    def _check_account(self, name: str, capability: str, claims: Claims) -> None:
        account = accounts.get(self._store, name)
        token_id = str(claims.get("jti", ""))
        if not account.enabled:
            raise _Refused(f"account {name} is disabled")
        if capability not in account.capabilities:
            raise _Refused(f"account {name} does not have '{capability}' capability")
        if not token_id:
            told = "token does not have a unique identifier (jti claim) and cannot be validated"
            raise _Refused(told)
        if token_id in self.revoked:
            raise _Refused("token is revoked, please re-login")
        if capability == "apiKey" and not account.has_token(token_id):
            raise _Refused(f"account {name} does not have token with id {token_id}")
        changed = account.password_changed
        if changed is not None and float(claims.get("iat", 0)) < changed:
            raise _Refused("account password has changed since token issued")


def _segment(part: str) -> dict[str, Any]:
    """One part of a JWT; what Go says of one that is none."""
    try:
        text = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _Refused(f"illegal base64 data at input byte {_first_illegal(part)}") from None
    try:
        decoded = json.loads(text)
    except ValueError:
        shown = text[:1].decode(errors="replace")
        raise _Refused(f"invalid character '{shown}' looking for beginning of value") from None
    if not isinstance(decoded, dict):
        raise _Refused("json: cannot unmarshal into Go value of type jwt.MapClaims")
    return decoded


def _first_illegal(part: str) -> int:
    legal = (char.isascii() and (char.isalnum() or char in "-_") for char in part)
    return next((index for index, good in enumerate(legal) if not good), len(part))
