"""What of a variable may be shown: never a secret, and yet enough to tell two of them apart."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from probes.model import EnvironmentSeen, EnvOrigin, EnvVar, VariableShown
from probes.text import Redactor, safe_text
from probes.workload.environment import hides, secrets_of

_KEY = secrets.token_bytes(32)
"""Of this run alone: a fingerprint of another run says nothing."""

_LONGEST = 500


def shown(environment: EnvironmentSeen) -> tuple[VariableShown, ...]:
    """The variables by origin, as they may be shown."""
    redact = Redactor(secrets_of(environment))
    found = [_shown(one, redact) for one in environment.variables.values()]
    return tuple(sorted(found, key=lambda one: (one.origin, one.name)))


def _shown(variable: EnvVar, redact: Redactor) -> VariableShown:
    value = variable.value.get_secret_value()
    hidden = hides(variable)
    text = fingerprint(value) if hidden else safe_text(redact(value), _LONGEST)
    overrides = tuple(_told(one) for one in variable.overrides)
    return VariableShown(variable.name, _told(variable.origin), text, hidden, overrides)


def fingerprint(value: str) -> str:
    """`32 characters, print 1a2b3c4d`; `empty` where there is nothing."""
    if not value:
        return "empty"
    digest = hmac.new(_KEY, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return f"{len(value)} characters, print {digest[:8]}"


def _told(origin: EnvOrigin) -> str:
    return safe_text(str(origin))
