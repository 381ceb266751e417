"""What the workload probe would have seen, for the probes that depend on it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from probes.model import (
    ControllerSeen,
    EnvironmentSeen,
    EnvOrigin,
    EnvReference,
    EnvVar,
    Failure,
    StartupSeen,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig, ops_config

NAMESPACE = "wealist-prod"


def environment(
    values: Mapping[str, str], references: tuple[EnvReference, ...] = ()
) -> EnvironmentSeen:
    """An environment whose variables all come from one ConfigMap."""
    variables = {
        name: EnvVar(name, SecretStr(value), EnvOrigin("ConfigMap", "ops-service-config", name))
        for name, value in values.items()
    }
    return EnvironmentSeen("ops-service-1", "ops-service", variables, references)


def workload(
    values: Mapping[str, str] | None = None,
    references: tuple[EnvReference, ...] = (),
    *,
    failure: Failure | None = None,
    startup: StartupSeen | None = None,
) -> WorkloadSeen:
    """A workload with that environment, or with the failure to read it."""
    return WorkloadSeen(
        namespace=NAMESPACE,
        name="ops-service",
        controller=ControllerSeen("Deployment", "ops-service", 1, 1, 1, 1, observed=True),
        pods=(),
        environment=failure or environment(values or {}, references),
        startup=startup,
    )


def config(values: Mapping[str, str]) -> OpsConfig:
    """ops-service's settings with that environment."""
    return ops_config(environment(values))
