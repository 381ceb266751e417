"""By hand: Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from probes.byhand.command import By, Command, setting, started_with
from probes.byhand.reaching import curl_in_cluster, proxied
from probes.model import PrometheusSeen, seen_in
from probes.model.prometheus import base_url

_DEFAULT = "http://prometheus:9090"


def _seen(by: By) -> PrometheusSeen | None:
    seen = seen_in(by.snapshot.prometheus)
    return seen if isinstance(seen, PrometheusSeen) else None


def _origin(by: By) -> str:
    seen = _seen(by)
    return (seen.origin if seen else None) or _DEFAULT


def _base(by: By) -> str:
    """The address with the prefix that serves, as far as it is known."""
    seen = _seen(by)
    prefix = seen.serving.prefix if seen and seen.serving else ""
    return base_url(_origin(by), prefix)


def _pods(by: By) -> str:
    seen = _seen(by)
    pods = seen.pods if seen and isinstance(seen.pods, tuple) else ()
    return pods[0].labels.get("app", "prometheus") if pods else "prometheus"


def prefix(by: By) -> Iterator[Command]:
    """Is there a prefix, and which?"""
    arguments = "jsonpath={.items[*].spec.containers[*].args}"
    selector = f"app={_pods(by)}"
    yield Command(
        "the arguments of its pods", by.kubectl("get", "pods", "-l", selector, "-o", arguments)
    )
    yield Command("where its root redirects to", curl_in_cluster(by, f"{_origin(by)}/", "-i"))


def url(by: By) -> Iterator[Command]:
    """Does the container's URL answer?"""
    yield setting(by, "PROMETHEUS_URL")
    yield started_with(by, "Prometheus client initialized")
    seen = _seen(by)  # its URL has no password in it, the setting may have
    if seen and seen.url:
        answer = curl_in_cluster(by, f"{seen.url}/api/v1/query?query=up", "-i")
        yield Command("a query as ops-service sends it", answer)
    real = f"{_base(by)}/api/v1/query?query=up"
    yield Command("the same under the real prefix", curl_in_cluster(by, real, "-i"))
    yield from _by_proxy(by, real)


def _by_proxy(by: By, url: str) -> Iterator[Command]:
    """The short way, where the API server can reach the Service at all."""
    shell = proxied(by, url)
    if shell:
        yield Command("the same through the API server, without a pod", shell)


def ready(by: By) -> Iterator[Command]:
    """Is it up?"""
    yield Command("its pods", by.kubectl("get", "pods", "-l", f"app={_pods(by)}", "-o", "wide"))
    yield Command("its readiness", curl_in_cluster(by, f"{_base(by)}/-/ready", "-i"))
    yield from _by_proxy(by, f"{_base(by)}/-/ready")
