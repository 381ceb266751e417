"""The queries that ops-service sends for the portal, route by route."""

from __future__ import annotations

from collections.abc import Iterator

_DURATION = "istio_request_duration_milliseconds_bucket"
_SERVICES = ("auth", "user", "board", "chat", "noti", "storage")


def _requests(namespace: str, code: str = "") -> str:
    where = f'reporter="destination", destination_service_namespace="{namespace}"'
    return f"istio_requests_total{{{where}{code}}}"


def _of_service(service: str, code: str = "") -> str:
    where = f'destination_service_name="{service}", reporter="destination"'
    return f"istio_requests_total{{{where}{code}}}"


def _share(part: str, whole: str) -> str:
    return f"sum(rate({part}[5m])) / sum(rate({whole}[5m])) * 100"


_5XX = ', response_code=~"5.."'
_4XX = ', response_code=~"4.."'


def overview(namespace: str) -> Iterator[str]:
    """metrics/overview."""
    every = _requests(namespace)
    durations = every.replace("istio_requests_total", _DURATION)
    by = "by (le, destination_service_name)"
    yield f"sum(increase({every}[1h]))"
    yield f"avg(histogram_quantile(0.50, sum(rate({durations}[5m])) {by}))"
    yield _share(_requests(namespace, _5XX), every)
    yield f"count(count by (destination_service_name) (rate({every}[5m]) > 0))"


def service(name: str) -> Iterator[str]:
    """metrics/services, for one of them."""
    every = _of_service(name)
    durations = every.replace("istio_requests_total", _DURATION)
    yield f"sum(rate({every}[5m]))"
    yield _share(_of_service(name, _5XX), every)
    for quantile in ("0.50", "0.95", "0.99"):
        yield f"histogram_quantile({quantile}, sum(rate({durations}[5m])) by (le))"
    yield _share(_of_service(name, ', response_code=~"[23].."'), every)


def cluster() -> Iterator[str]:
    """metrics/cluster."""
    yield "count(kube_node_info)"
    yield "count(kube_pod_info)"
    yield '100 - (avg(rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100)'
    yield "(1 - (sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes))) * 100"
    yield "sum(machine_cpu_cores)"
    yield "sum(node_memory_MemTotal_bytes) / 1024 / 1024 / 1024"
    yield 'count(kube_pod_status_phase{phase="Running"})'
    yield 'count(kube_pod_status_phase{phase=~"Failed|Unknown|Pending"})'


def errors(namespace: str) -> Iterator[str]:
    """errors/overview, errors/recent and errors/by-service."""
    by = "sum by (destination_service_name)"
    failed = f"(increase({_requests(namespace, _5XX)}[1h]))"
    either = ', response_code=~"[45].."'
    yield f"sum(increase({_requests(namespace, either)}[1h]))"
    yield f"topk(1, {by} {failed})"
    labels = "destination_service_name, request_path, response_code"
    yield f"topk(50, sum by ({labels}) {failed})"
    yield f"{by} {failed}"
    yield f"{by} (increase({_requests(namespace, _4XX)}[1h]))"
    yield f"{by} (increase({_requests(namespace)}[1h]))"


def slo(name: str) -> Iterator[str]:
    """slo/overview and slo/burn-rates, for one service."""
    every, failed = _of_service(name), _of_service(name, _5XX)
    yield f"100 * (1 - sum(rate({failed}[24h])) / sum(rate({every}[24h])))"
    for window in ("1h", "6h", "24h"):
        yield f"sum(rate({failed}[{window}])) / sum(rate({every}[{window}]))"


def trend(namespace: str) -> Iterator[str]:
    """errors/trend: range queries."""
    yield _share(_requests(namespace, _5XX), _requests(namespace))
    yield f"sum(rate({_requests(namespace, _5XX)}[5m]))"


def instant_queries(namespace: str) -> list[str]:
    """Every instant query of the portal's panels."""
    found = [*overview(namespace), *cluster(), *errors(namespace)]
    for name in (*_SERVICES, "ops"):
        found += [*service(f"{name}-service"), *slo(f"{name}-service")]
    return found
