"""The service proxy route: the API server asks the Service for us, without our Authorization.

It rewrites `Location` to go through itself, and answers with a `Status` object of its own where
it cannot get through (Kubernetes, `staging/src/k8s.io/apimachinery/pkg/util/proxy/transport.go`).
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.apipath import CORE, namespaced
from probes.reach.apistatus import status_of
from probes.reach.cluster import Cluster
from probes.reach.exchange import Body
from probes.reach.request import Request
from probes.servicename import Service
from probes.text import safe_text

_KINDS = {
    401: FailureKind.UNAUTHORIZED,
    403: FailureKind.FORBIDDEN,
    404: FailureKind.NOT_FOUND,
}
_MESSAGE = 300


async def by_proxy(cluster: Cluster, service: Service, wanted: Request, timeout_s: float) -> Body:
    """The answer as the Service gave it. Raises ProbeError where the proxy did not get through."""
    prefix = _prefix(service, wanted)
    route = f"service proxy {service}:{wanted.port}"
    path = prefix + wanted.url.raw_path.decode("ascii")
    try:
        body = await cluster.raw(path, (wanted.shown, route), timeout_s, wanted.limit_bytes)
    except ProbeError as error:
        raise ProbeError(_by_whom(error.failure, route, timeout_s)) from error
    own = _own_answer(body, wanted, route)
    if own:
        raise ProbeError(own)
    location = _without(prefix, body.reply.location)
    return Body(replace(body.reply, location=location), body.content)


def _prefix(service: Service, wanted: Request) -> str:
    scheme = "https:" if wanted.url.scheme == "https" else ""
    path = namespaced(CORE, service.namespace, "services")
    return f"{path}/{scheme}{service.name}:{wanted.port}/proxy"


def _by_whom(failure: Failure, route: str, timeout_s: float) -> Failure:
    """A silence is the Service's, or a firewall's behind the API server: say that of neither."""
    if failure.kind is FailureKind.HUNG:
        sentence = f"nothing came back by the {route} within {timeout_s:.1f} s"
        return replace(failure, sentence=sentence, route=route)
    return replace(failure, route=route)


def _own_answer(body: Body, wanted: Request, route: str) -> Failure | None:
    """The failure where the API server answered instead of the Service, or None."""
    found = status_of(body.content) if body.reply.status >= 400 else None
    if found is None or found.get("apiVersion") != "v1":
        return None
    message = safe_text(str(found.get("message") or ""), _MESSAGE)
    kind = _KINDS.get(body.reply.status, FailureKind.REFUSED)
    if "reset by peer" in message or message.endswith("EOF"):
        kind = FailureKind.RESET
    return Failure(
        kind,
        f"the API server answers {body.reply.status}: {message}",
        asked=wanted.shown,
        route=route,
        code=safe_text(str(found.get("reason") or ""), 80),
    )


def _without(prefix: str, location: str) -> str:
    """The redirect target as the Service meant it."""
    parts = urlsplit(location)
    _before, found, after = parts.path.partition(prefix)
    if not found:
        return location
    return parts._replace(scheme="", netloc="", path=after or "/").geturl()
