"""By hand: reaching what only the cluster reaches: a short-lived pod, a proxy, a port-forward."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from probes.byhand.command import By, Command, shell
from probes.servicename import Service, named

_CURL = "curlimages/curl:8.10.1"
_CURL_UID = 100
_PSQL = "postgres:17.7-alpine"
_PSQL_UID = 70
_POD = "opsportal-check"
"""No name with `-service-` in it: an admission policy wants a label of those."""

_FORWARDED = 18_080
"""A port of this machine that is free as a rule."""


def curl_in_cluster(by: By, url: str, *options: str) -> str:
    """A GET from a pod of the namespace that its admission policies let in."""
    argv = ("curl", "-sS", "--max-time", "10", *options, url)
    return _pod(by, _CURL, _CURL_UID, argv, terminal=False)


def psql_in_cluster(by: By, argv: Sequence[str]) -> str:
    """psql from such a pod; it asks for the password on the terminal."""
    return _pod(by, _PSQL, _PSQL_UID, argv, terminal=True)


def _pod(by: By, image: str, uid: int, argv: Sequence[str], *, terminal: bool) -> str:
    """Pinned image, limits, the workload's own stage label, no sidecar, gone when it has ended."""
    container = {
        "name": _POD,
        "image": image,
        "command": list(argv),
        "stdin": True,
        **({"tty": True} if terminal else {}),
        "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}},
        "securityContext": {"runAsNonRoot": True, "runAsUser": uid},
    }
    overrides = {
        "metadata": {"annotations": {"sidecar.istio.io/inject": "false"}},
        "spec": {"activeDeadlineSeconds": 60, "containers": [container]},
    }
    labels = (f"--labels=stage={stage}",) if (stage := _stage(by)) else ()
    how = ("-it",) if terminal else ("-i",)
    told = f"--overrides={json.dumps(overrides, separators=(',', ':'))}"
    quiet = ("--rm", *how, "--quiet", "--restart=Never")
    return by.kubectl("run", _POD, *quiet, f"--image={image}", *labels, told)


def _stage(by: By) -> str:
    """The stage label of the workload's own pods: a policy may want it."""
    pods = by.workload.pods if by.workload else ()
    return next((one.labels["stage"] for one in pods if one.labels.get("stage")), "")


def proxied(by: By, url: str) -> str | None:
    """The same GET through the API server, which needs no pod; None where no Service is meant."""
    parts = urlsplit(url)
    service = service_of(by, parts.hostname or "")
    if service is None or parts.scheme != "http":
        return None
    to = f"/api/v1/namespaces/{service.namespace}/services/{service.name}:{parts.port or 80}/proxy"
    query = f"?{parts.query}" if parts.query else ""
    return by.kubectl("get", "--raw", f"{to}{parts.path}{query}", namespace="")


def service_of(by: By, host: str) -> Service | None:
    """The Service that a host name certainly means."""
    service = named(host, by.snapshot.namespace) if host else None
    return service if service and service.certain else None


@dataclass(frozen=True, slots=True)
class Forwarding:
    """A port-forward to a Service, and the options by which curl goes through it."""

    command: Command
    options: tuple[str, ...]


def forwarding(by: By, url: str) -> Forwarding | None:
    """How to reach a URL that only the cluster knows; None for one that is known outside too.

    curl keeps the URL as it is, so that a certificate is still compared with its name.
    """
    parts = urlsplit(url)
    service = service_of(by, parts.hostname or "")
    if service is None:
        return None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    forward = by.kubectl(
        "port-forward",
        f"service/{service.name}",
        f"{_FORWARDED}:{port}",
        namespace=service.namespace,
    )
    command = Command("make it reachable, in another terminal", forward)
    return Forwarding(command, ("--connect-to", f"::localhost:{_FORWARDED}"))


def curl(url: str, *options: str) -> str:
    """A GET from this machine, bounded in time."""
    return shell("curl", "-sS", "--max-time", "10", *options, url)
