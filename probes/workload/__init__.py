"""The workload source: `observe()` sees controller, pods, environment and startup lines."""

from probes.workload.probe import observe

__all__ = ["observe"]
