"""The API server's errors as typed failures: who may not do what, and what is not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probes.model import Failure, FailureKind, Reply
from probes.reach.apipath import Asked
from probes.reach.exchange import Body, Redact, not_json
from probes.text import safe_text

_MESSAGE = 400
_WITHOUT_STATUS = (401, 403, 429, 500, 502, 503, 504)
"""What a proxy in front of the API server answers, too, in words of its own."""


def status_of(content: bytes) -> Mapping[str, Any] | None:
    """The `Status` object (meta/v1) in a body, or None where it is none."""
    if content.lstrip()[:1] != b"{":
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("kind") == "Status" else None


@dataclass(frozen=True, slots=True)
class ApiServer:
    """The server as sentences name it: its address, and the context that leads there.

    `redact` takes secrets out of its own words: they may quote what was sent.
    """

    address: str
    context: str
    redact: Redact = str

    def failure(self, asked: Asked, body: Body) -> Failure:
        """The typed failure of an answer that is not a success."""
        status = body.reply.status
        found = status_of(body.content) or {}
        message = safe_text(self.redact(str(found.get("message") or "")), _MESSAGE)
        kind, sentence = self._told(asked, body.reply, message)
        if not found and status not in _WITHOUT_STATUS:
            kind, sentence = self._foreign(body)
        return Failure(
            kind,
            sentence,
            asked=str(asked),
            route=body.reply.route,
            status=status,
            code=safe_text(str(found.get("reason") or ""), 80),
            excerpt=body.reply.excerpt,
        )

    def _told(self, asked: Asked, reply: Reply, message: str) -> tuple[FailureKind, str]:
        match reply.status:
            case 401:
                return FailureKind.UNAUTHORIZED, (
                    f"the API server {self.address} does not accept the credentials of context "
                    f"{self.context}: log in again"
                )
            case 403:
                return FailureKind.FORBIDDEN, _denied(asked, message)
            case 404:
                return FailureKind.NOT_FOUND, _absent(asked, message)
            case 429:
                told = f"the API server {self.address} is busy and puts us off (429)"
                return FailureKind.MALFORMED, told
        why = f": {message}" if message else ""
        return FailureKind.MALFORMED, (
            f"the API server {self.address} answers {reply.status} to {asked}{why}"
        )

    def _foreign(self, body: Body) -> tuple[FailureKind, str]:
        """An answer that no API server gives: a login page, a proxy, a redirect."""
        status = body.reply.status
        if 300 <= status < 400:
            what = f"redirects to {body.reply.location or 'somewhere'}"
        else:
            what = not_json(body.reply, body.content).sentence.removeprefix("it ")
        return FailureKind.MALFORMED, (
            f"what answers at {self.address} is no Kubernetes API server, it {what}: "
            f"look at the server of context {self.context}"
        )

    def not_json(self, asked: Asked, body: Body) -> Failure:
        """The failure of a success whose body is not the object it should be."""
        kind, sentence = self._foreign(body)
        return Failure(
            kind,
            sentence,
            asked=str(asked),
            route=body.reply.route,
            status=body.reply.status,
            excerpt=body.reply.excerpt,
        )


def _denied(asked: Asked, message: str) -> str:
    resource = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    name = f" {asked.name}" if asked.name else ""
    where = f" in namespace {asked.namespace}" if asked.namespace else ""
    return f"may not {asked.verb} {resource}{name}{where}: {message or 'forbidden'}"


def _absent(asked: Asked, message: str) -> str:
    if "could not find the requested resource" in message:
        group = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
        return f"the cluster does not know {group}"
    return f"{asked.object} is not there: {message}" if message else f"{asked.object} is not there"
