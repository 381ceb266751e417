"""What a token says of itself: its claims, decoded and never verified. Pure, and never raises.

Source of the subjects: Argo CD `util/session/sessionmanager.go` (`<account>:apiKey`,
`<account>:login`, `proj:<project>:<role>`; a single sign-on session has its user's own subject).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from probes.model import TokenSeen
from probes.text import safe_text

_MOST_CHARACTERS = 64_000
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e]+")


def token_seen(token: SecretStr) -> TokenSeen:
    """The claims of an Argo CD token. `well_formed`: a header, claims and a signature."""
    text = token.get_secret_value()
    fingerprint = f"sha256:{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:12]}"
    claims = claims_of(text)
    if claims is None:
        return TokenSeen(well_formed=False, fingerprint=fingerprint)
    subject = _text(claims.get("sub"))
    kind, account, project = _bearer(subject)
    return TokenSeen(
        well_formed=True,
        subject=subject,
        kind=kind,
        account=account,
        project=project,
        issued_at=_time(claims.get("iat")),
        not_before=_time(claims.get("nbf")),
        expires_at=_time(claims.get("exp")),
        fingerprint=fingerprint,
    )


def claims_of(text: str) -> Mapping[str, Any] | None:
    """The claims of a JWT, unverified; None where the text is none."""
    if len(text) > _MOST_CHARACTERS or not _JWT.fullmatch(text):
        return None
    header, claims, _ = text.split(".")
    decoded = _object(claims)
    return decoded if _object(header) is not None else None


def expires_at(token: SecretStr) -> datetime | None:
    """When a JWT ends, or None where it does not say."""
    claims = claims_of(token.get_secret_value())
    return _time(claims.get("exp")) if claims else None


def fits_header(token: SecretStr) -> bool:
    """Whether it can be sent at all: a line break in it makes Go's and our client refuse."""
    return _HEADER_VALUE.fullmatch(token.get_secret_value()) is not None


def _object(part: str) -> Mapping[str, Any] | None:
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _bearer(subject: str) -> tuple[str, str, str]:
    """Kind, account and project of a subject."""
    parts = subject.split(":")
    if len(parts) == 3 and parts[0] == "proj":
        return "project role", "", parts[1]
    if len(parts) == 2 and parts[1] == "apiKey":
        return "account", parts[0], ""
    if len(parts) == 2 and parts[1] == "login":
        return "session", parts[0], ""
    if len(parts) == 1 and subject:
        return "session", subject, ""
    return "unknown", "", ""


def _text(value: object) -> str:
    return safe_text(value, 200) if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
