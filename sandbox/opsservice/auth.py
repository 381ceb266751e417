"""Who asks: the shared auth middleware (`packages/wealist-advanced-go-pkg/auth`)."""

from __future__ import annotations

import base64
import binascii
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jwt
from jwt.types import Options

from sandbox.network import Network
from sandbox.opsservice.gohttp import GoClient, GoError, decode
from sandbox.opsservice.http import Request, Response, unauthorized
from sandbox.opsservice.zaplog import Site, ZapLogger

_VALIDATE_S = 5.0
_JWKS_S = 10.0
_KEYS_KEPT_S = 300.0
_ALGORITHMS = ("RS256", "RS384", "RS512")
_KNOWN_ALGORITHMS = {"none", "EdDSA"} | {
    f"{kind}{bits}" for kind in ("HS", "RS", "ES", "PS") for bits in (256, 384, 512)
}
_USER_CLAIMS = ("sub", "userId", "user_id", "uid")
_UNCHECKED: Options = {
    "verify_aud": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
_SMART = Site(
    "auth/validator.go:262",
    "github.com/OrangesCloud/wealist-advanced-go-pkg/auth.(*SmartValidator).ValidateToken",
    "/app/packages/wealist-advanced-go-pkg",
)


class InvalidTokenError(Exception):
    """The token was not accepted; the middleware does not tell why."""


@dataclass(frozen=True)
class Unverified:
    """A token taken apart without a look at its signature."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    def user_id(self) -> str:
        """The UUID of the user. Raises InvalidTokenError where there is none."""
        for name in _USER_CLAIMS:
            value = self.claims.get(name)
            if isinstance(value, str) and value:
                return _uuid(value)
        raise InvalidTokenError("no user id")


class TokenValidator(Protocol):
    """One way to accept tokens. `refusal` is the message of the 401 it ends in."""

    refusal: str

    async def validate(self, token: str) -> str:
        """The user's UUID. Raises InvalidTokenError."""

    async def close(self) -> None:
        """Drops the connections."""


class IstioParser:
    """ISTIO_JWT_MODE: any well-formed token is believed, its signature is not looked at."""

    refusal = "Failed to parse token"

    async def validate(self, token: str) -> str:
        """The UUID that the token claims."""
        return parse_unverified(token).user_id()

    async def close(self) -> None:
        """Has no connections."""


class SmartValidator:
    """Asks auth-service; where that does not help, checks the signature with its JWKS."""

    refusal = "Invalid or expired token"

    def __init__(self, base_url: str, issuer: str, network: Network, log: ZapLogger) -> None:
        self._base_url = base_url
        self._issuer = issuer
        self._log = log
        self._http = GoClient(network, timeout_s=_VALIDATE_S, base_url=base_url)
        self._jwks_http = GoClient(network, timeout_s=_JWKS_S, base_url=base_url)
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")

    async def validate(self, token: str) -> str:
        """The UUID that auth-service, or else the verified token, names."""
        try:
            return await self._ask(token)
        except (GoError, InvalidTokenError) as error:
            fields = {"error": str(error), "auth_service_url": self._base_url}
            message = "Auth service HTTP validation failed, trying JWKS"
            self._log.debug(_SMART, message, fields)
        return await self._verify(token)

    async def close(self) -> None:
        """Drops the connections."""
        await self._http.close()
        await self._jwks_http.close()

    async def _ask(self, token: str) -> str:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        url = f"{self._base_url}/api/auth/validate"
        answer = await self._http.post(url, {"token": token}, headers)
        result = decode(answer.text) if answer.status == 200 else {}
        if result.get("valid") is not True:
            raise InvalidTokenError("token has invalid claims")
        return _uuid(str(result.get("userId", "")))

    async def _verify(self, token: str) -> str:
        unverified = parse_unverified(token)
        kid = unverified.header.get("kid")
        if not isinstance(kid, str):
            raise InvalidTokenError("token missing kid header")
        key = await self._key(kid)
        try:
            claims = jwt.decode(token, key, algorithms=list(_ALGORITHMS), options=_UNCHECKED)
        except jwt.PyJWTError as error:
            raise InvalidTokenError(str(error)) from None
        if self._issuer and claims.get("iss") != self._issuer:
            raise InvalidTokenError("invalid issuer")
        return unverified.user_id()

    async def _key(self, kid: str) -> jwt.PyJWK:
        """The public key of that id: from the cache, or freshly fetched."""
        fresh = time.monotonic() - self._fetched <= _KEYS_KEPT_S
        if not fresh or kid not in self._keys:
            try:
                await self._refresh()
            except (GoError, InvalidTokenError) as error:
                if kid not in self._keys:
                    raise InvalidTokenError(f"failed to get public key: {error}") from None
        if kid not in self._keys:
            raise InvalidTokenError(f"key not found: {kid}")
        return self._keys[kid]

    async def _refresh(self) -> None:
        answer = await self._jwks_http.get(f"{self._base_url}/.well-known/jwks.json")
        if answer.status != 200:
            raise InvalidTokenError(f"JWKS endpoint returned status {answer.status}")
        keys: dict[str, jwt.PyJWK] = {}
        for one in decode(answer.text).get("keys") or []:
            if one.get("kty") != "RSA":
                continue
            try:
                keys[str(one.get("kid", ""))] = jwt.PyJWK(one, algorithm="RS256")
            except jwt.PyJWTError:
                continue  # as in the service: a key that cannot be read is left out
        self._keys, self._fetched = keys, time.monotonic()


class NoValidator:
    """No validator was configured: everybody passes, and nobody is anybody."""

    refusal = ""

    async def validate(self, token: str) -> str:
        """Never asked by the middleware."""
        raise InvalidTokenError("no validator")

    async def close(self) -> None:
        """Has no connections."""


async def authenticate(validator: TokenValidator, request: Request) -> Response | None:
    """Fills in who asks, or answers 401."""
    if isinstance(validator, NoValidator):
        return None
    header = request.headers.get("authorization", "")
    if not header:
        return unauthorized("Authorization header is required")
    scheme, *rest = header.split(" ")
    if len(rest) != 1 or scheme.lower() != "bearer":
        return unauthorized("Invalid authorization header format")
    try:
        request.user_id = await validator.validate(rest[0])
    except (GoError, InvalidTokenError):
        return unauthorized(validator.refusal)
    request.token = rest[0]
    request.claims = parse_unverified(rest[0]).claims
    return None


def parse_unverified(token: str) -> Unverified:
    """Header and claims of a JWT. Raises InvalidTokenError where it is none."""
    parts = token.split(".")
    if len(parts) != 3:
        raise InvalidTokenError("token contains an invalid number of segments")
    header, claims = _segment(parts[0]), _segment(parts[1])
    if header.get("alg") not in _KNOWN_ALGORITHMS:
        raise InvalidTokenError("signing method (alg) is unavailable")
    return Unverified(header, claims)


def _segment(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise InvalidTokenError("token is malformed") from None
    if not isinstance(value, dict):
        raise InvalidTokenError("token is malformed")
    return value


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise InvalidTokenError("invalid UUID") from None
