"""Where a person's own Argo CD token may go: not just where ops-service's environment points.

Whoever edits that environment would collect the token of whoever is on call. So it goes to the
address that the profile names, to a Service of Argo CD's own namespace, or to the one address that
Argo CD gives as its own, over verified TLS. The environment's ARGOCD_NAMESPACE proves nothing.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from probes.model import ProbeError
from probes.rawjson import mapping, text
from probes.reach.apipath import CORE, namespaced
from probes.servicename import named
from remedies.model import ArgoServer, Refusal, RefusedError
from remedies.world import World

_CONFIG = "argocd-cm"
"""The ConfigMap of Argo CD's settings; its `url` is Argo CD's address for people."""

_DEFAULT_HOME = "argocd"
_CLUSTER_DOMAINS = ("svc", "svc.cluster.local")
"""What a Service's full name ends with; anything else may be a name of the internet's."""


async def proven(world: World, told: ArgoServer) -> ArgoServer:
    """The Argo CD that may see the person's own token: the profile's, else the one told, if proven.

    A Service is named in full: its short name may be a host of the internet's, seen from here.
    Raises RefusedError that names the address and says what allows it.
    """
    url = world.profile.argocd_url or told.url
    service = _its_service(world, url)
    if service:
        return ArgoServer(service, told.insecure)
    if world.profile.argocd_url:
        return ArgoServer(url.rstrip("/"))
    why = await _unproven(world, told)
    if why:
        raise RefusedError(
            Refusal.GUARD,
            f"your own Argo CD token does not go to {told.url}, where ops-service's "
            f"ARGOCD_SERVER_URL points: {why}. Set `argocd_url` in the profile to the address of "
            "your Argo CD, or `argocd_namespace` to where it runs",
        )
    return told


def warnings(world: World, mints: ArgoServer, takes: ArgoServer) -> tuple[str, ...]:
    """What to know of the server that mints, and of the one that ops-service takes the token to."""
    found = []
    if mints.insecure:
        found.append(f"your own token goes to {mints.url} unverified: ARGOCD_INSECURE is true")
    if mints.url.startswith("http://") and not _its_service(world, mints.url):
        found.append(f"your own token goes to {mints.url}, unencrypted: the profile says so")
    if mints.url not in (takes.url, _its_service(world, takes.url)):
        found.append(
            f"the token is minted at {mints.url}, and ops-service takes the new one to {takes.url}"
        )
    return tuple(found)


def _its_service(world: World, url: str) -> str:
    """The URL with the Service's full name, where it is one of Argo CD's own namespace; else empty.

    Who can make one there looks after Argo CD itself.
    """
    try:
        parts = urlsplit(url.rstrip("/"))
        host, port = (parts.hostname or "").rstrip("."), f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    service = named(host, world.reach.cluster.namespace)
    if service is None or service.namespace != _home(world):
        return ""
    if not service.certain:
        host = f"{service.name}.{service.namespace}.{_CLUSTER_DOMAINS[0]}"
    elif host.partition(".")[2].partition(".")[2] not in _CLUSTER_DOMAINS:
        return ""
    return parts._replace(netloc=f"{host}{port}").geturl()


async def _unproven(world: World, told: ArgoServer) -> str:
    """Why nothing proves the address to be Argo CD's, or that it is safe; empty where it does."""
    home = _home(world)
    try:
        config = await world.reach.cluster.get(namespaced(CORE, home, "configmaps", _CONFIG))
    except ProbeError as error:
        return (
            f"it is no Service of namespace {home}, and what Argo CD gives as its own address "
            f"could not be read: {error.failure.sentence}"
        )
    own = text(mapping(config, "data"), "url")
    if own.rstrip("/") != told.url.rstrip("/"):
        return (
            f"it is no Service of namespace {home}, and not the `url` of ConfigMap {_CONFIG} there"
        )
    if not told.url.startswith("https://"):
        return "it would go there unencrypted"
    return "it would go there unverified, since ARGOCD_INSECURE is true" if told.insecure else ""


def _home(world: World) -> str:
    return world.profile.argocd_namespace or _DEFAULT_HOME
