"""What of a container's variables may be shown: never a secret, and yet enough to compare them."""

from __future__ import annotations

from probes.model import EnvironmentSeen, EnvOrigin, EnvVar, ValueShown, VariableShown
from probes.secrecy import hides, secrets_of
from probes.secrecy import shown as value_shown
from probes.text import Redactor, safe_text


def shown(environment: EnvironmentSeen) -> tuple[VariableShown, ...]:
    """The variables by origin, as they may be shown."""
    redact = Redactor(secrets_of(environment))
    found = [_shown(one, redact) for one in environment.variables.values()]
    return tuple(sorted(found, key=lambda one: (one.origin, one.value.name)))


def _shown(variable: EnvVar, redact: Redactor) -> VariableShown:
    overrides = tuple(_told(one) for one in variable.overrides)
    return VariableShown(_value(variable, redact), _told(variable.origin), overrides)


def _value(variable: EnvVar, redact: Redactor) -> ValueShown:
    """Of another one the secrets of all are taken out: `$(DB_PASSWORD)` may stand in it."""
    value, hidden = variable.value.get_secret_value(), hides(variable)
    return value_shown(variable.name, value if hidden else redact(value), hidden=hidden)


def _told(origin: EnvOrigin) -> str:
    return safe_text(str(origin))
