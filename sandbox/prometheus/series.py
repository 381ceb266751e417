"""Series: what Prometheus holds of the sandbox's cluster, for every query the portal asks.

Counters are functions of the clock alone, so that each push continues the one before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from sandbox.prometheus.samples import Series

__all__ = ["Series", "next_samples", "portal_series"]

Value = Callable[[float], float]

HISTORY_S = 58 * 60
"""A remote write accepts at most an hour of history (half a block, tsdb/head.go); `[24h]` and
`[6h]` therefore see these minutes only: their ratios are right, their rates too small."""

STEP_S = 30
_EPOCH = 1_750_000_000
"""When the counters started, in epoch seconds: some day long before now."""

_LE = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, math.inf)
_PHASES = ("Pending", "Running", "Succeeded", "Failed", "Unknown")
_CPU_SHARE = {"idle": 0.72, "user": 0.19, "system": 0.06, "iowait": 0.01, "softirq": 0.02}
_NODES = 3
_CORES = 2
_NODE_BYTES = 8 * 1024**3
_AVAILABLE_SHARE = 0.41


@dataclass(frozen=True)
class _Service:
    """A business service: requests per second by response code, median latency in ms."""

    name: str
    codes: Mapping[str, float]
    median_ms: float
    port: int


def _service(name: str, per_second: float, median_ms: float, port: int) -> _Service:
    # Errors stay within the error budget of 0.1 %: this world is healthy.
    codes = {"200": per_second, "404": per_second * 0.004, "500": per_second * 0.0004 + 0.002}
    return _Service(name, codes, median_ms, port)


_SERVICES = (
    _service("auth-service", 22.0, 14, 8080),
    _service("user-service", 31.0, 11, 8081),
    _service("board-service", 44.0, 23, 8000),
    _service("chat-service", 37.0, 9, 8001),
    _service("noti-service", 26.0, 7, 8002),
    _service("storage-service", 20.0, 48, 8003),
    _service("ops-service", 18.0, 31, 8005),
)


def portal_series(
    now: float, *, traffic: bool = True, mesh: bool = True, namespace: str = "wealist-prod"
) -> list[Series]:
    """Nearly an hour of history up to `now` (epoch seconds).

    `traffic=False`: the request counters exist and stand still, a healthy zero. `mesh=False`:
    there are no istio series at all. `up` of Prometheus' own job is the server's to give.
    """
    times = [now - age for age in range(HISTORY_S, -1, -STEP_S)]
    return _sampled(times, traffic=traffic, mesh=mesh, namespace=namespace)


def next_samples(
    now: float, *, traffic: bool = True, mesh: bool = True, namespace: str = "wealist-prod"
) -> list[Series]:
    """One more sample of every series of `portal_series`, at `now`; due every 15 seconds."""
    return _sampled([now], traffic=traffic, mesh=mesh, namespace=namespace)


def _sampled(times: list[float], *, traffic: bool, mesh: bool, namespace: str) -> list[Series]:
    services = _SERVICES if traffic else tuple(_at_rest(service) for service in _SERVICES)
    found = [*_cluster(namespace), *_up(namespace, mesh=mesh)]
    for service in services if mesh else ():
        found += _requests(service, namespace)
        found += _durations(service, namespace)
    return [Series(labels, tuple((t, value(t)) for t in times)) for labels, value in found]


def _at_rest(service: _Service) -> _Service:
    return replace(service, codes=dict.fromkeys(service.codes, 0.0))


_Curve = tuple[dict[str, str], Value]


def _counter(per_second: float) -> Value:
    return lambda t: math.floor((t - _EPOCH) * per_second)


def _seconds(share: float) -> Value:
    return lambda t: (t - _EPOCH) * share


def _gauge(value: float) -> Value:
    return lambda _t: value


def _mesh_labels(service: _Service, namespace: str, reporter: str, code: str) -> dict[str, str]:
    """The labels that Istio's standard metrics carry (destination_* and source_*)."""
    destination = reporter == "destination"
    workload = service.name if destination else "istio-ingressgateway"
    return {
        "job": "envoy-stats",
        "namespace": namespace if destination else "istio-system",
        "pod": _pod(workload),
        "reporter": reporter,
        "source_workload": "istio-ingressgateway",
        "source_workload_namespace": "istio-system",
        "source_app": "istio-ingressgateway",
        "destination_workload": service.name,
        "destination_workload_namespace": namespace,
        "destination_app": service.name,
        "destination_service": f"{service.name}.{namespace}.svc.cluster.local",
        "destination_service_name": service.name,
        "destination_service_namespace": namespace,
        "request_protocol": "http",
        "response_code": code,
        "response_flags": "-",
        "connection_security_policy": "mutual_tls" if destination else "unknown",
    }


def _requests(service: _Service, namespace: str) -> Iterator[_Curve]:
    for reporter in ("destination", "source"):
        for code, per_second in service.codes.items():
            labels = _mesh_labels(service, namespace, reporter, code)
            yield {"__name__": "istio_requests_total", **labels}, _counter(per_second)


def _durations(service: _Service, namespace: str) -> Iterator[_Curve]:
    name = "istio_request_duration_milliseconds_bucket"
    for reporter in ("destination", "source"):
        for code, per_second in service.codes.items():
            labels = _mesh_labels(service, namespace, reporter, code)
            for bound in _LE:
                le = "+Inf" if math.isinf(bound) else str(bound)
                faster = per_second * _share_within(bound, service.median_ms)
                yield {"__name__": name, **labels, "le": le}, _counter(faster)


def _share_within(bound_ms: float, median_ms: float) -> float:
    """Share of requests that take at most `bound_ms`: log-normal, sigma 0.7."""
    if math.isinf(bound_ms):
        return 1.0
    return 0.5 * (1 + math.erf(math.log(bound_ms / median_ms) / (0.7 * math.sqrt(2))))


def _pod(workload: str) -> str:
    return f"{workload}-6c9f7d8b5d-x2k4q"


def _cluster(namespace: str) -> Iterator[_Curve]:
    state = {"job": "kube-state-metrics", "instance": "kube-state-metrics:8080"}
    for number in range(_NODES):
        yield from _node(f"ip-10-0-{number + 1}-10.ap-northeast-2.compute.internal", state)
    workloads = [service.name for service in _SERVICES]
    for pod in map(_pod, [*workloads, "ops-portal", "prometheus", "kube-state-metrics"]):
        labels = {**state, "namespace": namespace, "pod": pod}
        yield {"__name__": "kube_pod_info", **labels}, _gauge(1)
        for phase in _PHASES:
            labels = {**labels, "__name__": "kube_pod_status_phase", "phase": phase}
            yield labels, _gauge(phase == "Running")


def _node(node: str, state: Mapping[str, str]) -> Iterator[_Curve]:
    yield {"__name__": "kube_node_info", **state, "node": node}, _gauge(1)
    exporter = {"job": "node-exporter", "instance": f"{node}:9100"}
    for core in range(_CORES):
        for mode, share in _CPU_SHARE.items():
            labels = {"__name__": "node_cpu_seconds_total", "cpu": str(core), "mode": mode}
            yield {**labels, **exporter}, _seconds(share)
    total = {"__name__": "node_memory_MemTotal_bytes", **exporter}
    yield total, _gauge(_NODE_BYTES)
    available = {"__name__": "node_memory_MemAvailable_bytes", **exporter}
    yield available, _gauge(_NODE_BYTES * _AVAILABLE_SHARE)
    cores = {"__name__": "machine_cpu_cores", "job": "kubelet-cadvisor", "instance": node}
    yield cores, _gauge(_CORES)


_JOBS = (
    *(f"{service.name}:{service.port}" for service in _SERVICES[:-1]),
    "postgres-exporter:9187",
    "redis-exporter:9121",
    "pushgateway:9091",
    "kube-state-metrics:8080",
    "node-exporter:9100",
    "kubelet-cadvisor:10250",
    "kubernetes-pods:8005",
    "istiod:15014",
    "argo-rollouts:8090",
    "argocd-application-controller:8082",
    "argocd-server:8083",
    "argocd-repo-server:8084",
    "argocd-applicationset-controller:8080",
    "argocd-notifications-controller:9001",
)


def _up(namespace: str, *, mesh: bool) -> Iterator[_Curve]:
    """`up` of each scrape job but Prometheus' own, all well."""
    for target in (*_JOBS, *(("envoy-stats:15090",) if mesh else ())):
        job = target.partition(":")[0]
        yield {"__name__": "up", "job": job, "instance": target, "namespace": namespace}, _gauge(1)
