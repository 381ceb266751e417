"""Remote keys: what the provider behind the secret stores holds, in memory or on loopback.

The server is one that answers as AWS Secrets Manager does, asked over plain HTTP: its reference,
GetSecretValue, `X-Amz-Target: secretsmanager.GetSecretValue`.
"""

from __future__ import annotations

import httpx

_TIMEOUT_S = 5.0


class RemoteError(Exception):
    """A value was not given; the message is in the provider's words."""


class RemoteKeys:
    """Values by key; a value with properties is a JSON object as text."""

    def __init__(self, endpoint: str = "", region: str = "") -> None:
        self._values: dict[str, str] = {}
        self._endpoint = endpoint
        signer = f"Credential=sandbox/20260101/{region}/secretsmanager/aws4_request"
        self._headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.GetSecretValue",
            "Authorization": f"AWS4-HMAC-SHA256 {signer}, SignedHeaders=host, Signature=0",
        }

    def put(self, key: str, value: str) -> None:
        """Sets a value in memory; such keys come before those of the server."""
        self._values[key] = value

    async def get(self, key: str) -> str:
        """The value. Raises RemoteError."""
        if key in self._values:
            return self._values[key]
        if not self._endpoint:
            raise RemoteError("Secret does not exist")
        return await self._ask(key)

    async def _ask(self, key: str) -> str:
        # No proxy of the environment stands between two servers on loopback.
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            try:
                wanted = {"SecretId": key, "VersionStage": "AWSCURRENT"}
                answer = await client.post(self._endpoint, json=wanted, headers=self._headers)
                told = answer.json()
            except (httpx.HTTPError, ValueError) as error:
                raise RemoteError(f"operation error Secrets Manager: {error}") from error
        if answer.status_code == 200:
            return str(told.get("SecretString", ""))
        kind = str(told.get("__type", "")).rpartition("#")[2]
        if kind == "ResourceNotFoundException":
            raise RemoteError("Secret does not exist")
        words = told.get("message") or told.get("Message") or ""
        raise RemoteError(f"operation error Secrets Manager: {kind}: {words}")
