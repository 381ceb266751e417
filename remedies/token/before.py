"""The token that a delivery replaces: Argo CD takes it on until it ends, or somebody revokes it."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import SecretStr

from probes.text import safe_text
from probes.token import claims_of, expires_at
from remedies.model import Bearer
from remedies.token.shell import Tokens


def stays_good(token: SecretStr | None, shell: Tokens) -> tuple[str, ...]:
    """That it stays good, and what revokes it once no pod uses it; nothing where it has ended.

    It is not revoked here: until the last old pod is gone it is in use.
    """
    claims = (claims_of(token.get_secret_value()) if token else None) or {}
    id, bearer = safe_text(str(claims.get("jti") or "")), _bearer(str(claims.get("sub") or ""))
    ends = expires_at(token) if token else None
    if not id or bearer is None or (ends and ends <= datetime.now(UTC)):
        return ()
    told = f"good until {ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if ends else "good without end"
    revoke = shell.revoke(bearer, id)
    return (f"the token that is replaced stays {told}, unless somebody revokes it: `{revoke}`",)


def _bearer(subject: str) -> Bearer | None:
    """Source of the subjects: Argo CD `util/session/sessionmanager.go`."""
    match safe_text(subject).split(":"):
        case ["proj", project, role]:
            return Bearer(project=project, role=role)
        case [account, "apiKey"]:
            return Bearer(account=account)
    return None
