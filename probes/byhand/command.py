"""Command: one thing to type, and what the commands of one target have in common."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from probes.model import ControllerSeen, EnvironmentSeen, Snapshot, WorkloadSeen, seen_in
from probes.opsservice import OpsConfig, ops_config
from probes.text import safe_text

_LONGEST = 20_000
_SPECIAL = frozenset('"$`\\!')
"""What a shell reads within double quotes; the last one only where a person types."""

_WORKLOAD_LABEL = "app.kubernetes.io/name"


@dataclass(frozen=True, slots=True)
class Command:
    """What it shows, and what to type."""

    what: str
    shell: str


@dataclass(frozen=True, slots=True)
class By:
    """The snapshot, and how its target is reached by hand.

    `context` and `kubeconfig` are what kubectl is to be given; empty for its own choice.
    """

    snapshot: Snapshot
    context: str = ""
    kubeconfig: str = ""

    @property
    def workload(self) -> WorkloadSeen | None:
        """What was seen of the workload."""
        seen = seen_in(self.snapshot.workload)
        return seen if isinstance(seen, WorkloadSeen) else None

    @property
    def environment(self) -> EnvironmentSeen:
        """The container's environment, as far as it could be read."""
        seen = self.workload.environment if self.workload else None
        if isinstance(seen, EnvironmentSeen):
            return seen
        return EnvironmentSeen(pod="", container="", variables={})

    @property
    def config(self) -> OpsConfig:
        """ops-service's settings, the running container's own word first."""
        return ops_config(self.environment, self.workload.startup if self.workload else None)

    @property
    def container(self) -> str:
        """The name of the container."""
        return self.environment.container or self.snapshot.workload_name

    @property
    def target(self) -> str:
        """The controller as kubectl takes it: `deployment/ops-service`."""
        controller = self.workload.controller if self.workload else None
        kind = controller.kind.lower() if isinstance(controller, ControllerSeen) else "deployment"
        return f"{kind}/{self.snapshot.workload_name}"

    @property
    def selector(self) -> str:
        """The label that the pods have."""
        return f"{_WORKLOAD_LABEL}={self.snapshot.workload_name}"

    def kubectl(self, *words: str, namespace: str | None = None) -> str:
        """A kubectl command on the right cluster and namespace, quoted for a shell."""
        where = self.snapshot.namespace if namespace is None else namespace
        told = (
            ("--kubeconfig", self.kubeconfig),
            ("--context", self.context),
            ("-n", where),
        )
        flags = (one for flag, value in told if value for one in (flag, value))
        return shell("kubectl", *flags, *words)


def shell(*words: str) -> str:
    """One command, quoted. Words are made safe before: afterwards it could undo the quoting."""
    return " ".join(_quoted(safe_text(word, _LONGEST)) for word in words)


def _quoted(word: str) -> str:
    """In double quotes where that reads better: SQL has single ones in it."""
    if "'" in word and not set(word) & _SPECIAL:
        return f'"{word}"'
    return shlex.quote(word)


Telling = Callable[[By], Iterable[Command]]
"""Tells the commands of one check."""


def setting(by: By, name: str) -> Command:
    """Where a setting of the container comes from, and what it is there."""
    variable = by.environment.variables.get(name)
    if variable is None or variable.origin.kind != "ConfigMap":
        return Command(
            f"{name} as the pods get it",
            by.kubectl("set", "env", by.target, "--list", "--resolve")
            + f" | grep {shlex.quote(name)}",
        )
    path = f"jsonpath={{.data.{variable.origin.key}}}"
    return Command(
        f"{name} in its ConfigMap", by.kubectl("get", "configmap", variable.origin.name, "-o", path)
    )


def started_with(by: By, message: str) -> Command:
    """The startup line that tells what the running container really has."""
    pod = by.environment.pod or by.target
    read = by.kubectl("logs", pod, "-c", by.container)
    return Command("what the running container says", f"{read} | grep -m3 {shlex.quote(message)}")
