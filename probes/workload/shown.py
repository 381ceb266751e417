"""What of a variable may be shown: never a secret, and yet enough to tell two of them apart."""

from __future__ import annotations

from probes.model import EnvironmentSeen, EnvOrigin, EnvVar, VariableShown
from probes.secrecy import fingerprint, hides, secrets_of
from probes.text import Redactor, safe_text

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


def _told(origin: EnvOrigin) -> str:
    return safe_text(str(origin))
