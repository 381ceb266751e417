"""auth-service: mints portal users' access tokens and says whether one is good.

RS256 with a `kid` in the header, claims `sub iss iat exp type email`; 30 minutes by default
(`JwtTokenProvider.java`, `application.yml` of the auth-service).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ISSUER = "wealist-auth-service"
LIFETIME_S = 1800

_KEY_BITS = 2048


class AuthService:
    """One auth-service with a key of its own. `app` is its HTTP side."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
        self._kid = str(uuid.uuid4())
        self.app = Starlette(
            routes=[
                Route("/api/auth/validate", self._validate, methods=["POST"]),
                Route("/.well-known/jwks.json", self._jwks),
                Route("/actuator/health", self._health),
            ]
        )

    def token(self, email: str, *, lifetime_s: float = LIFETIME_S) -> str:
        """An access token of that person; a negative lifetime gives an expired one."""
        now = int(time.time())
        claims = {
            "sub": str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{email}")),
            "iss": ISSUER,
            "iat": now,
            "exp": int(now + lifetime_s),
            "type": "access",
            "email": email,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid})

    async def _validate(self, request: Request) -> JSONResponse:
        try:
            body = json.loads(await request.body())
            claims = self._claims(str(body["token"]))
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"userId": None, "valid": False}, status_code=400)
        except jwt.PyJWTError as error:
            return JSONResponse({"valid": False, "message": str(error)}, status_code=401)
        return JSONResponse({"userId": claims["sub"], "valid": True})

    async def _jwks(self, _request: Request) -> JSONResponse:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self._kid}
        return JSONResponse({"keys": [{**key, "n": public["n"], "e": public["e"]}]})

    async def _health(self, _request: Request) -> JSONResponse:
        return JSONResponse({"status": "UP"})

    def _claims(self, token: str) -> Mapping[str, Any]:
        """The token's claims. Raises jwt.PyJWTError where it is not one of ours or too old."""
        claims: Mapping[str, Any] = jwt.decode(
            token, self._key.public_key(), algorithms=["RS256"], issuer=ISSUER
        )
        return claims
