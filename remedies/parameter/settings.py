"""What a setting of ops-service should be, worked out from what was seen, never from a guess."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from probes.checks.base import config_in
from probes.checks.zeros import traffic_of
from probes.model import PrometheusSeen, Snapshot, seen_in
from probes.model.prometheus import base_url
from probes.rawjson import mapping, objects
from probes.secrecy import passwords_in
from probes.text import safe_text
from remedies.model import ObjectRef, Refusal, RefusedError
from remedies.performing.objects import read
from remedies.world import World

_LOKI = "loki"
_LOKI_PORTS = ("http", "http-metrics")
_SAY_IT = "say it with `value=…`"


def said(options: Mapping[str, str], *, address: bool) -> str:
    """The value that a person gave, or empty. Raises RefusedError where it is no address."""
    value = options.get("value", "")
    if value and address:
        _require_address(value)
    return value


def prometheus_url(snapshot: Snapshot) -> str:
    """The address at which Prometheus was seen to answer a query. Raises RefusedError."""
    seen: PrometheusSeen | None = seen_in(snapshot.prometheus)
    if seen is None or seen.origin is None or seen.serving is None:
        told = (
            "Prometheus was not seen to answer a query anywhere, so that nothing proves what "
            f"PROMETHEUS_URL should be: mend that first, or {_SAY_IT}"
        )
        raise RefusedError(Refusal.GUARD, told)
    return base_url(seen.origin, seen.serving.prefix)


def prometheus_namespace(snapshot: Snapshot) -> str:
    """The namespace that the metrics of the requests have. Raises RefusedError."""
    traffic = traffic_of(snapshot)
    if traffic is None:
        told = f"which namespaces the metrics have could not be asked; mend that, or {_SAY_IT}"
        raise RefusedError(Refusal.GUARD, told)
    found = sorted(filter(None, traffic.series_by_namespace.by))
    if snapshot.namespace in found:
        return snapshot.namespace
    if len(found) == 1:
        return found[0]
    listed = ", ".join(map(safe_text, found)) or "none"
    told = f"no metrics are of {snapshot.namespace}; there are those of {listed}: {_SAY_IT}"
    raise RefusedError(Refusal.GUARD, told)


async def loki_url(world: World, snapshot: Snapshot) -> str:
    """The address of now without its path; where there is none, that of the Service `loki`.

    Raises RefusedError, ProbeError.
    """
    config = config_in(snapshot)
    if config is None:
        told = "the container's settings could not be read; `check` says why"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    now = config.loki_url.value
    if now is None:
        return await _loki_service(world, snapshot.namespace)
    refuse_password("LOKI_URL", now)
    _require_address(now)
    parts = urlsplit(now)
    return f"{parts.scheme}://{parts.netloc}"


async def _loki_service(world: World, namespace: str) -> str:
    service = await read(world, ObjectRef("api/v1", "services", namespace, _LOKI))
    ports = objects(mapping(service, "spec"), "ports")
    named = [one.get("port") for one in ports if one.get("name") in _LOKI_PORTS or len(ports) == 1]
    if not named:
        told = f"there is no Service {_LOKI} in namespace {namespace} to take the address of"
        raise RefusedError(Refusal.GUARD, f"{told}: {_SAY_IT}")
    return f"http://{_LOKI}.{namespace}.svc.cluster.local:{named[0]}"


def refuse_password(name: str, value: str) -> None:
    """Raises RefusedError where the address has a password in it, which no plan may hold."""
    if any(passwords_in(value)):
        told = f"{name} has a password in it, which is kept in no plan: set it by hand"
        raise RefusedError(Refusal.GUARD, told)


def _require_address(value: str) -> None:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or safe_text(value) != value:
        told = f"`{safe_text(value)}` is no address: it takes http://HOST:PORT/PATH"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    refuse_password("the value", value)
