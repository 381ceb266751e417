"""The service's own metrics, in Prometheus' text format (`internal/metrics/metrics.go`)."""

from __future__ import annotations

import time
from collections import Counter, defaultdict

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_STATIC = """\
# HELP go_goroutines Number of goroutines that currently exist.
# TYPE go_goroutines gauge
go_goroutines 27
# HELP go_info Information about the Go environment.
# TYPE go_info gauge
go_info{version="go1.24.11"} 1
# HELP ops_active_users Number of active portal users
# TYPE ops_active_users gauge
ops_active_users 0
# HELP ops_audit_logs_total Total number of audit log entries created
# TYPE ops_audit_logs_total counter
ops_audit_logs_total 0
"""


class Metrics:
    """Counts requests. Active users and audit logs are never updated: always 0."""

    def __init__(self) -> None:
        self._started = time.time()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._buckets: defaultdict[tuple[str, str], list[int]] = defaultdict(
            lambda: [0] * len(_BUCKETS)
        )
        self._seconds: defaultdict[tuple[str, str], float] = defaultdict(float)

    def observe(self, method: str, path: str, status: int, seconds: float) -> None:
        """Counts one request; `path` is the route's pattern, or the path of an unknown one."""
        self._requests[method, path, str(status)] += 1
        self._seconds[method, path] += seconds
        buckets = self._buckets[method, path]
        for position, limit in enumerate(_BUCKETS):
            buckets[position] += seconds <= limit

    def text(self) -> str:
        """The whole exposition."""
        return "".join((_STATIC, *self._counters(), *self._histograms(), self._process()))

    def _counters(self) -> list[str]:
        lines = [
            "# HELP ops_http_requests_total Total number of HTTP requests\n",
            "# TYPE ops_http_requests_total counter\n",
        ]
        for (method, path, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",path="{_escape(path)}",status="{status}"'
            lines.append(f"ops_http_requests_total{{{labels}}} {count}\n")
        return lines if len(lines) > 2 else []

    def _histograms(self) -> list[str]:
        name = "ops_http_request_duration_seconds"
        lines = [
            f"# HELP {name} HTTP request duration in seconds\n",
            f"# TYPE {name} histogram\n",
        ]
        for (method, path), buckets in sorted(self._buckets.items()):
            labels = f'method="{method}",path="{_escape(path)}"'
            total = sum(count for key, count in self._requests.items() if key[:2] == (method, path))
            for limit, count in zip((*_BUCKETS, "+Inf"), (*buckets, total), strict=True):
                lines.append(f'{name}_bucket{{{labels},le="{limit}"}} {count}\n')
            lines.append(f"{name}_sum{{{labels}}} {self._seconds[method, path]}\n")
            lines.append(f"{name}_count{{{labels}}} {total}\n")
        return lines if len(lines) > 2 else []

    def _process(self) -> str:
        name = "process_start_time_seconds"
        help_text = "Start time of the process since unix epoch in seconds."
        return f"# HELP {name} {help_text}\n# TYPE {name} gauge\n{name} {self._started:.2f}\n"


def _escape(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
