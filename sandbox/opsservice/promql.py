"""The PromQL that the service sends, per endpoint (`internal/client/prometheus_client.go`)."""

from __future__ import annotations

SLO_SERVICES = (
    "auth-service",
    "user-service",
    "board-service",
    "chat-service",
    "noti-service",
    "storage-service",
)
SERVICES = (*SLO_SERVICES, "ops-service")

CLUSTER = {
    "nodeCount": "count(kube_node_info)",
    "podCount": "count(kube_pod_info)",
    "cpuUsage": '100 - (avg(rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100)',
    "memoryUsage": "(1 - (sum(node_memory_MemAvailable_bytes)"
    " / sum(node_memory_MemTotal_bytes))) * 100",
    "totalCpuCores": "sum(machine_cpu_cores)",
    "totalMemoryGb": "sum(node_memory_MemTotal_bytes) / 1024 / 1024 / 1024",
    "healthyPods": 'count(kube_pod_status_phase{phase="Running"})',
    "unhealthyPods": 'count(kube_pod_status_phase{phase=~"Failed|Unknown|Pending"})',
}

_REQUESTS = "istio_requests_total"
_BUCKETS = "istio_request_duration_milliseconds_bucket"


def overview(namespace: str) -> dict[str, str]:
    """The four queries of metrics/overview, by field."""
    where = f'reporter="destination", destination_service_namespace="{namespace}"'
    by = "by (le, destination_service_name)"
    bad = f'sum(rate({_REQUESTS}{{{where}, response_code=~"5.."}}[5m]))'
    rate = f"rate({_REQUESTS}{{{where}}}[5m])"
    return {
        "totalRequests": f"sum(increase({_REQUESTS}{{{where}}}[1h]))",
        "avgResponseTime": "avg(histogram_quantile(0.50,"
        f" sum(rate({_BUCKETS}{{{where}}}[5m])) {by}))",
        "errorPercentage": f"{bad} / sum({rate}) * 100",
        "activeServices": f"count(count by (destination_service_name) ({rate} > 0))",
    }


def service(name: str) -> dict[str, str]:
    """The six queries of one element of metrics/services, by field."""
    where = f'destination_service_name="{name}", reporter="destination"'
    total = f"sum(rate({_REQUESTS}{{{where}}}[5m]))"
    return {
        "requestRate": total,
        "errorRate": f"{_share(name, '5..')} / {total} * 100",
        "avgLatency": quantile(name, "0.50"),
        "p95Latency": quantile(name, "0.95"),
        "p99Latency": quantile(name, "0.99"),
        "successRate": f"{_share(name, '[23]..')} / {total} * 100",
    }


def quantile(name: str, rank: str) -> str:
    """A latency quantile of one service over 5 minutes."""
    where = f'destination_service_name="{name}", reporter="destination"'
    return f"histogram_quantile({rank}, sum(rate({_BUCKETS}{{{where}}}[5m])) by (le))"


def errors_total(namespace: str) -> str:
    """All 4xx and 5xx of the last hour."""
    return f"sum(increase({_REQUESTS}{{{_in(namespace, '[45]..')}}}[1h]))"


def error_share(namespace: str) -> str:
    """The share of 5xx, in percent."""
    return f"{error_rate(namespace)} / sum(rate({_REQUESTS}{{{_in(namespace)}}}[5m])) * 100"


def error_rate(namespace: str) -> str:
    """5xx per second."""
    return f"sum(rate({_REQUESTS}{{{_in(namespace, '5..')}}}[5m]))"


def worst_service(namespace: str) -> str:
    """The service with the most 5xx of the last hour."""
    return f"topk(1, {errors_by_service(namespace, '5..')})"


def errors_by_service(namespace: str, codes: str = "") -> str:
    """Requests of the last hour by service; `codes` filters by response code."""
    increase = f"increase({_REQUESTS}{{{_in(namespace, codes)}}}[1h])"
    return f"sum by (destination_service_name) ({increase})"


def recent_errors(namespace: str, limit: int) -> str:
    """The most frequent 5xx of the last hour by service, path and code."""
    increase = f"increase({_REQUESTS}{{{_in(namespace, '5..')}}}[1h])"
    labels = "destination_service_name, request_path, response_code"
    return f"topk({limit}, sum by ({labels}) ({increase}))"


def availability(name: str) -> str:
    """The share of requests of one service without a 5xx over a day, in percent."""
    bad, total = _slo(name, "24h")
    return f"100 * (1 - {bad} / {total})"


def burn(name: str, window: str) -> str:
    """The share of 5xx of one service over `window`."""
    bad, total = _slo(name, window)
    return f"{bad} / {total}"


def _share(name: str, codes: str) -> str:
    where = f'destination_service_name="{name}", response_code=~"{codes}", reporter="destination"'
    return f"sum(rate({_REQUESTS}{{{where}}}[5m]))"


def _in(namespace: str, codes: str = "") -> str:
    where = f'reporter="destination",destination_service_namespace="{namespace}"'
    return f'{where},response_code=~"{codes}"' if codes else where


def _slo(name: str, window: str) -> tuple[str, str]:
    where = f'destination_service_name="{name}",reporter="destination"'
    bad = f'sum(rate({_REQUESTS}{{{where},response_code=~"5.."}}[{window}]))'
    return bad, f"sum(rate({_REQUESTS}{{{where}}}[{window}]))"
