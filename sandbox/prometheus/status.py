"""Status: what the stand-in tells about itself: flags, build, targets, its own metrics."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from sandbox.prometheus.settings import PRODUCTION_VERSION, Web

# Defaults of `prometheus --help`; `--web.*` and paths as production sets them.
_FLAGS = {
    "alertmanager.notification-queue-capacity": "10000",
    "enable-feature": "exemplar-storage",
    "log.format": "logfmt",
    "log.level": "info",
    "query.lookback-delta": "5m",
    "query.max-concurrency": "20",
    "query.max-samples": "50000000",
    "query.timeout": "2m",
    "storage.remote.flush-deadline": "1m",
    "storage.tsdb.max-block-duration": "16h48m",
    "storage.tsdb.min-block-duration": "2h",
    "storage.tsdb.path": "/prometheus",
    "storage.tsdb.retention": "0s",
    "storage.tsdb.retention.size": "0B",
    "storage.tsdb.retention.time": "1w",
    "web.config.file": "",
    "web.console.libraries": "/usr/share/prometheus/console_libraries",
    "web.console.templates": "/usr/share/prometheus/consoles",
    "web.cors.origin": ".*",
    "web.enable-admin-api": "false",
    "web.enable-lifecycle": "true",
    "web.enable-remote-write-receiver": "true",
    "web.listen-address": "0.0.0.0:9090",
    "web.max-connections": "512",
    "web.page-title": "Prometheus Time Series Collection and Processing Server",
    "web.read-timeout": "5m",
    "web.user-assets": "",
    "config.file": "/etc/prometheus/prometheus.yml",
}
SELF = {"instance": "localhost:9090", "job": "prometheus"}
"""Labels of the server's own scrape target."""


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class Status:
    """The answers of one running stand-in."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._started = datetime.now(UTC)

    def flags(self) -> dict[str, str]:
        """`status/flags`: the effective values."""
        web = {
            "web.external-url": self._web.external_url,
            "web.route-prefix": self._web.prefix or "/",
        }
        return dict(sorted((_FLAGS | web).items()))

    def runtimeinfo(self) -> dict[str, Any]:
        """`status/runtimeinfo`."""
        return {
            "startTime": _rfc3339(self._started),
            "CWD": "/prometheus",
            "reloadConfigSuccess": True,
            "lastConfigTime": _rfc3339(self._started.replace(microsecond=0)),
            "corruptionCount": 0,
            "goroutineCount": 42,
            "GOMAXPROCS": os.cpu_count() or 1,
            "GOGC": "",
            "GODEBUG": "",
            "storageRetention": "1w",
        }

    def buildinfo(self) -> dict[str, str]:
        """`status/buildinfo`."""
        return {
            "version": PRODUCTION_VERSION,
            "revision": "sandbox",
            "branch": "HEAD",
            "buildUser": "sandbox",
            "buildDate": "",
            "goVersion": "",
        }

    def config(self) -> dict[str, str]:
        """`status/config`: the one scrape job."""
        return {
            "yaml": "global:\n  scrape_interval: 15s\nscrape_configs:\n- job_name: prometheus\n"
            f"  metrics_path: {self._web.prefix}/metrics\n"
            "  static_configs:\n  - targets:\n    - localhost:9090\n"
        }

    def targets(self) -> dict[str, Any]:
        """`targets`: the server scrapes itself and is up."""
        path = f"{self._web.prefix}/metrics"
        target = {
            "discoveredLabels": {
                "__address__": "localhost:9090",
                "__metrics_path__": path,
                "__scheme__": "http",
                "__scrape_interval__": "5s",
                "__scrape_timeout__": "5s",
                **SELF,
            },
            "labels": SELF,
            "scrapePool": "prometheus",
            "scrapeUrl": f"http://localhost:9090{path}",
            "globalUrl": f"{self._web.external_url}/metrics",
            "lastError": "",
            "lastScrape": _rfc3339(datetime.now(UTC)),
            "lastScrapeDuration": 0.004,
            "health": "up",
            "scrapeInterval": "5s",
            "scrapeTimeout": "5s",
        }
        return {"activeTargets": [target], "droppedTargets": []}

    def metrics(self, series: int) -> str:
        """`metrics`: a few of its own, in the text format."""
        build = f'prometheus_build_info{{branch="HEAD",version="{PRODUCTION_VERSION}"}} 1'
        return (
            "# HELP prometheus_build_info A metric with a constant '1' value.\n"
            f"# TYPE prometheus_build_info gauge\n{build}\n"
            "# HELP prometheus_ready Whether Prometheus startup was fully completed.\n"
            "# TYPE prometheus_ready gauge\nprometheus_ready 1\n"
            "# HELP prometheus_tsdb_head_series Total number of series in the head block.\n"
            f"# TYPE prometheus_tsdb_head_series gauge\nprometheus_tsdb_head_series {series}\n"
        )
