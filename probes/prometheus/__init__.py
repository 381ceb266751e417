"""The Prometheus source: `observe()` finds the prefix, asks as ops-service does, looks behind."""

from probes.prometheus.probe import observe

__all__ = ["observe"]
