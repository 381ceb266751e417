"""Service names: which Service of the cluster a host name means. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A Service by its name. `certain`: the host name can mean nothing else."""

    name: str
    namespace: str
    certain: bool

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def named(host: str, namespace: str) -> Service | None:
    """The Service that a host name may mean, as a pod in `namespace` resolves it, or None.

    The forms are `x`, `x.ns`, `x.ns.svc` and `x.ns.svc.<cluster domain>`; the first two may be
    ordinary host names, too.
    """
    parts = host.rstrip(".").casefold().split(".")
    if is_address(host) or parts[-1] == "localhost" or not all(parts):
        return None
    if len(parts) > 2:
        return Service(parts[0], parts[1], certain=True) if parts[2] == "svc" else None
    return Service(parts[0], parts[1] if len(parts) == 2 else namespace, certain=False)


def is_address(host: str) -> bool:
    """Whether it is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
