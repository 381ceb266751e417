"""GET requests to one Argo CD server, as its answers and the objects in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from probes.budget import Budget
from probes.model import Answer, ProbeError
from probes.reach import Reach


class Api:
    """GET requests to one Argo CD server; JSON where it is due, and the answer beside it."""

    def __init__(
        self, reach: Reach, url: str, token: SecretStr | None, insecure: bool, budget: Budget
    ) -> None:
        self._reach = reach
        self._url = url
        self._token = token
        self._insecure = insecure
        self.budget = budget

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        limit_bytes: int = 1_000_000,
    ) -> tuple[Answer, Mapping[str, Any]]:
        """The answer, and the object of a 200 that is JSON (else an empty one)."""
        try:
            body = await self._reach.get(
                f"{self._url}{path}",
                params=params,
                token=self._token,
                insecure=self._insecure,
                timeout_s=self.budget.left(),
                limit_bytes=limit_bytes,
            )
            if body.reply.status != 200 or not body.reply.is_json:
                return body.reply, {}
            document = body.json()
        except ProbeError as error:
            return error.failure, {}
        return body.reply, document if isinstance(document, dict) else {}

    def without_token(self) -> Api:
        """The same server, asked as anybody."""
        return Api(self._reach, self._url, None, self._insecure, self.budget)
