"""The workload source: `observe()` sees controller, pods, environment and startup lines.

`pod_detail()` looks at one pod on demand.
"""

from probes.workload.detail import pod_detail
from probes.workload.probe import observe

__all__ = ["observe", "pod_detail"]
