"""Runtime: what really runs behind a container of the sandbox's cluster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sandbox.kubernetes.logs import LogBuffer
from sandbox.kubernetes.store import Obj
from sandbox.network import Address

Clock = Callable[[], datetime]


class Exited(Exception):
    """The process of a container has ended. `reason` is `Error`, `Completed` or `OOMKilled`."""

    def __init__(self, code: int, reason: str = "Error") -> None:
        super().__init__(f"{reason} ({code})")
        self.code = code
        self.reason = reason


class Runtime(Protocol):
    """One run of one container."""

    @property
    def ports(self) -> Mapping[int, Address]:
        """Container port to the loopback address that answers; empty until it listens."""

    async def start(self) -> None:
        """Returns once it listens. Raises Exited when the process ends."""

    async def stop(self) -> None:
        """Ends it; called once, also when start() was cancelled."""


class Launcher(Protocol):
    """Makes the runtime of a container."""

    def __call__(
        self, pod: Obj, container: Obj, env: Mapping[str, str], log: LogBuffer, now: Clock
    ) -> Runtime:
        """`env` is the container's whole environment; what it prints goes to `log`.

        `now` tells the time in the pod's own life: an old pod's containers started long ago.
        """


@dataclass(frozen=True)
class Elsewhere:
    """A container whose work is done by a server that the world runs; or by nobody."""

    ports: Mapping[int, Address] = field(default_factory=dict)

    async def start(self) -> None:
        """It runs already."""

    async def stop(self) -> None:
        """It ends with the world."""
